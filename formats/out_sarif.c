/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SARIF 2.1.0: one run for the whole batch. Findings are results; what could
 * not be read or judged is a notification of the invocation, never a result
 * and never left out.
 *
 *   {"runs":[{"tool":{..,"rules":[..]},"results":[ parts ],
 *             "invocations":[{"toolExecutionNotifications":[ late parts ], ..}]}]} */
#include <stdlib.h>

#include "formats/json.h"
#include "formats/plain.h"
#include "formats/points.h"
#include "formats/tally.h"

static void put_message(struct json *json, const char *key, const char *words)
{
	json_object(json, key);
	json_string(json, "text", words);
	json_end_object(json);
}

static const char *level_of(enum severity severity)
{
	return severity_word(severity);   /* SARIF's words are ours */
}

/* --- the tool --------------------------------------------------------------- */

static void put_help(struct json *json, const struct rule *rule)
{
	char *words = NULL;

	if (asprintf(&words, "%s\n\nFix: %s\n\nNeeds: %s\n\nSource: %s", rule->why, rule->fix,
		     rule->needs, rule->source) < 0)
		words = NULL;
	put_message(json, "help", words ? words : rule->why);
	free(words);
}

static void put_rule(struct json *json, const struct rule *rule)
{
	json_object(json, NULL);
	json_string(json, "id", rule->id);
	json_string(json, "name", rule->name);
	put_message(json, "shortDescription", rule->title);
	put_message(json, "fullDescription", rule->why);
	put_help(json, rule);
	json_object(json, "defaultConfiguration");
	json_string(json, "level", level_of(rule->severity));
	json_end_object(json);
	json_object(json, "properties");
	json_string(json, "needs", rule->needs);
	json_string(json, "source", rule->source);
	json_array(json, "tags");
	json_string(json, NULL, "page-tables");
	if (rule->page_table_evidence)
		json_string(json, NULL, "page-table-evidence");
	json_end_array(json);
	json_end_object(json);
	json_end_object(json);
}

static void sarif_begin(FILE *out, const struct write_options *options)
{
	struct json json = { .out = out };

	(void)options;
	json_object(&json, NULL);
	json_string(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_string(&json, "version", "2.1.0");
	json_array(&json, "runs");
	json_object(&json, NULL);
	json_object(&json, "tool");
	json_object(&json, "driver");
	json_string(&json, "name", "pgtcheck");
	json_string(&json, "version", VERSION);
	json_string(&json, "semanticVersion", VERSION);
	json_array(&json, "rules");
	for (size_t i = 0; i < rule_count; i++)
		put_rule(&json, rule_table[i]);
	json_end_array(&json);
	json_end_object(&json);
	json_end_object(&json);
	fputs_unlocked(",\n\"results\":[\n", out);
}

/* --- results ---------------------------------------------------------------- */

static void put_place(struct json *json, const char *name, struct loc at)
{
	char *uri = plain_uri_text(name);

	json_object(json, "physicalLocation");
	json_object(json, "artifactLocation");
	json_string(json, "uri", uri ? uri : "");
	json_end_object(json);
	free(uri);
	if (at.line) {
		json_object(json, "region");
		json_number(json, "startLine", at.line);
		json_end_object(json);
	} else if (at.length) {
		json_object(json, "region");
		json_number(json, "byteOffset", at.offset);
		json_number(json, "byteLength", at.length);
		json_end_object(json);
	}
	json_end_object(json);
}

static void put_related(struct json *json, const struct input_report *input,
			const struct finding *finding)
{
	json_array(json, "relatedLocations");
	for (uint32_t i = 1; i < finding->note_count; i++) {
		if (!loc_known(finding->notes[i].at))
			continue;
		json_object(json, NULL);
		json_number(json, "id", i);
		put_place(json, report_file(input, finding->notes[i].at), finding->notes[i].at);
		put_message(json, "message", finding->notes[i].says ? finding->notes[i].says :
			    "evidence");
		json_end_object(json);
	}
	json_end_array(json);
}

static void put_properties(struct json *json, const struct boot_report *boot,
			   const struct finding *finding)
{
	const struct finding *cause = shown_cause(finding);

	json_object(json, "properties");
	json_string(json, "certainty", certainty_word(finding->certainty));
	json_number(json, "boot", boot->number);
	json_string(json, "kernel", boot->kernel);
	json_string(json, "platform", boot->platform);
	json_string(json, "xen", boot->xen);
	json_string(json, "why", finding_why(finding));
	json_string(json, "fix", finding_fix(finding));
	json_string(json, "raise", finding->raise);
	if (cause)
		json_hash(json, "cause", cause->fingerprint);
	if (finding->more)
		json_number(json, "more", finding->more);
	json_end_object(json);
}

/* How sure, in SARIF's 0 to 100. */
static unsigned rank_of(enum certainty certainty)
{
	static const unsigned ranks[] = { [PROVED] = 100, [INFERRED] = 70, [SUSPECTED] = 40 };

	return ranks[certainty];
}

static void put_suppression(struct json *json, const struct finding *finding)
{
	if (!finding->suppressed)
		return;
	json_array(json, "suppressions");
	json_object(json, NULL);
	json_string(json, "kind", "external");
	json_string(json, "justification", finding->suppressed);
	json_end_object(json);
	json_end_array(json);
}

/* What the baseline has and the input has no longer. */
static void put_absent(FILE *out, const struct input_report *input, const struct absent *absent)
{
	struct json json = { .out = out };

	json_object(&json, NULL);
	json_string(&json, "ruleId", absent->rule->id);
	json_number(&json, "ruleIndex", rule_index(absent->rule));
	json_string(&json, "level", level_of(absent->severity));
	put_message(&json, "message", absent->message ? absent->message : absent->rule->title);
	json_array(&json, "locations");
	json_object(&json, NULL);
	put_place(&json, input->name, LOC_NONE);
	json_end_object(&json);
	json_end_array(&json);
	json_object(&json, "partialFingerprints");
	json_hash(&json, "pgtcheck/v1", absent->fingerprint);
	json_end_object(&json);
	json_string(&json, "baselineState", "absent");
	json_end_object(&json);
}

static void put_result(FILE *out, const struct input_report *input,
		       const struct boot_report *boot, const struct finding *finding)
{
	struct json json = { .out = out };

	json_object(&json, NULL);
	json_string(&json, "ruleId", finding->rule->id);
	json_number(&json, "ruleIndex", rule_index(finding->rule));
	json_string(&json, "level", level_of(finding->severity));
	json_number(&json, "rank", rank_of(finding->certainty));
	put_message(&json, "message", finding->message);
	json_array(&json, "locations");
	json_object(&json, NULL);
	put_place(&json, report_file(input, finding->notes[0].at), finding->notes[0].at);
	json_end_object(&json);
	json_end_array(&json);
	put_related(&json, input, finding);
	json_object(&json, "partialFingerprints");
	json_hash(&json, "pgtcheck/v1", finding->fingerprint);
	json_end_object(&json);
	json_string(&json, "baselineState", standing_word(finding->standing));
	put_suppression(&json, finding);
	put_properties(&json, boot, finding);
	json_end_object(&json);
}

static void sarif_input(FILE *out, const struct write_options *options,
			const struct input_report *input, struct source *source)
{
	const char *between = "";

	(void)options;
	(void)source;
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (!f->shown && !f->suppressed)
				continue;
			fputs_unlocked(between, out);
			put_result(out, input, boot, f);
			between = ",\n";
		}
	for (const struct absent *absent = input->absent; absent; absent = absent->next) {
		fputs_unlocked(between, out);
		put_absent(out, input, absent);
		between = ",\n";
	}
}

/* --- the invocation --------------------------------------------------------- */

static void put_notification(FILE *out, const struct input_report *input, struct loc at,
			     const char *level, const char *id, const char *words)
{
	struct json json = { .out = out };

	json_object(&json, NULL);
	json_object(&json, "descriptor");
	json_string(&json, "id", id);
	json_end_object(&json);
	json_string(&json, "level", level);
	put_message(&json, "message", words);
	json_array(&json, "locations");
	json_object(&json, NULL);
	put_place(&json, input->name, at);
	json_end_object(&json);
	json_end_array(&json);
	json_end_object(&json);
}

/* Each boot without a verdict, what could not be read, and each remark on
 * damaged lines. */
static void sarif_late(FILE *out, const struct write_options *options,
		       const struct input_report *input)
{
	const char *between = "";

	(void)options;
	if (input->status != ST_OK) {
		put_notification(out, input, LOC_NONE, "error", "not-read",
				 input->trouble ? input->trouble : status_sentence(input->status));
		between = ",\n";
	} else if (!input->boots && why_no_verdict(input)) {
		put_notification(out, input, LOC_NONE, "warning", "no-verdict",
				 why_no_verdict(input));
		between = ",\n";
	}
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		if (!boot->no_verdict)
			continue;
		fputs_unlocked(between, out);
		put_notification(out, input, boot->start, "warning", "no-verdict",
				 boot->no_verdict);
		between = ",\n";
	}
	for (const struct diagnostic *d = input->diagnostics; d; d = d->next) {
		fputs_unlocked(between, out);
		put_notification(out, input, d->at, "note", "input-remark", d->says);
		between = ",\n";
	}
}

static void sarif_end(FILE *out, const struct write_options *options,
		      const struct summary *summary)
{
	struct json json = { .out = out, .comma = true };

	(void)options;
	fputs_unlocked("\n]", out);
	json_bool(&json, "executionSuccessful", summary->verdict != EXIT_TROUBLE);
	json_number(&json, "exitCode", summary->verdict);
	fputs_unlocked("}]}]}\n", out);
}

const struct writer writer_sarif = {
	.name = "sarif",
	.title = "SARIF 2.1.0, for code scanning",
	.begin = sarif_begin,
	.input = sarif_input,
	.between = ",\n",
	.late = sarif_late,
	.middle = "\n],\n\"invocations\":[{\"toolExecutionNotifications\":[\n",
	.end = sarif_end,
};
