/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/records.h"

#include "formats/tally.h"

static struct json begin_record(FILE *out, const char *type)
{
	struct json json = { .out = out };

	json_object(&json, NULL);
	json_string(&json, "type", type);
	json_number(&json, "schema", RECORDS_SCHEMA);
	return json;
}

static void end_record(struct json *json, const char *after)
{
	json_end_object(json);
	fputs_unlocked(after, json->out);
}

static void put_domain(struct json *json, uint16_t domain)
{
	char name[8];

	if (domain == DOMAIN_NONE)
		return;
	snprintf(name, sizeof(name), "d%u", domain);
	json_string(json, "domain", name);
}

/* --- finding ------------------------------------------------------------- */

static void put_evidence(struct json *json, const struct finding *finding)
{
	json_array(json, "evidence_lines");
	for (uint32_t i = 0; i < finding->note_count; i++)
		if (finding->notes[i].at.line)
			json_number(json, NULL, finding->notes[i].at.line);
	json_end_array(json);
	json_array(json, "evidence_says");
	for (uint32_t i = 0; i < finding->note_count; i++)
		if (finding->notes[i].at.line)
			json_string(json, NULL, finding->notes[i].says ? finding->notes[i].says : "");
	json_end_array(json);
}

static void put_finding(FILE *out, const struct input_report *input,
			const struct boot_report *boot, const struct finding *finding,
			const char *after)
{
	struct json json = begin_record(out, "finding");
	const struct finding *cause = shown_cause(finding);

	json_string(&json, "rule", finding->rule->id);
	json_string(&json, "name", finding->rule->name);
	json_string(&json, "severity", severity_word(finding->severity));
	json_string(&json, "certainty", certainty_word(finding->certainty));
	json_string(&json, "file", input->name);
	json_number(&json, "boot", boot->number);
	json_number(&json, "line", finding->notes[0].at.line);
	json_number(&json, "offset", finding->notes[0].at.offset);
	json_string(&json, "message", finding->message);
	json_hash(&json, "fingerprint", finding->fingerprint);
	if (cause)
		json_hash(&json, "cause", cause->fingerprint);
	if (!pfn_range_empty(finding->where)) {
		json_hex(&json, "first_pfn", finding->where.start.n);
		json_hex(&json, "end_pfn", finding->where.end.n);
	}
	put_domain(&json, boot->domain);
	if (finding->more)
		json_number(&json, "more", finding->more);
	json_string(&json, "why", finding->why ? finding->why : finding->rule->why);
	json_string(&json, "fix", finding->fix ? finding->fix : finding->rule->fix);
	json_string(&json, "raise", finding->raise);
	put_evidence(&json, finding);
	end_record(&json, after);
}

/* --- file ---------------------------------------------------------------- */

static void put_rules(struct json *json, const struct input_report *input, const char *key,
		      enum judgement judgement)
{
	json_array(json, key);
	for (size_t i = 0; i < rule_count; i++)
		if (tally_rule(input, i) == judgement)
			json_string(json, NULL, rule_table[i]->id);
	json_end_array(json);
}

static void put_boot(struct json *json, const struct boot_report *boot)
{
	json_object(json, NULL);
	json_number(json, "boot", boot->number);
	json_number(json, "first_line", boot->start.line);
	json_number(json, "last_line", boot->end.line);
	json_string(json, "kernel", boot->kernel);
	json_string(json, "platform", boot->platform);
	json_string(json, "xen", boot->xen);
	put_domain(json, boot->domain);
	json_string(json, "evidence", boot->evidence);
	json_string(json, "missing", boot->missing);
	json_bool(json, "has_start", boot->has_start);
	json_bool(json, "has_end", boot->has_end);
	json_bool(json, "has_evidence", boot->has_evidence);
	json_string(json, "ended", boot->how_it_ended);
	json_string(json, "no_verdict", boot->no_verdict);
	json_number(json, "rules_judged", boot->judged);
	json_number(json, "rules_not_checked", boot->not_checked);
	json_number(json, "rules_not_applicable", boot->not_applicable);
	json_number(json, "oracle_dumps", boot->oracle_dumps);
	json_number(json, "oracle_agreed", boot->oracle_agreed);
	json_end_object(json);
}

static void put_file(FILE *out, const struct input_report *input, const char *after)
{
	struct json json = begin_record(out, "file");
	struct tally tally = tally_input(input);

	json_string(&json, "file", input->name);
	json_string(&json, "format", input->format);
	json_number(&json, "status", input->verdict);
	json_string(&json, "execution", input->verdict == EXIT_TROUBLE ? "error" : "done");
	json_string(&json, "trouble", input->trouble);
	json_number(&json, "bytes", input->bytes);
	json_number(&json, "lines", input->lines);
	json_number(&json, "lines_used", input->lines_used);
	json_number(&json, "boots", input->boot_count);
	json_number(&json, "boots_not_listed", input->clean_boots_more);
	json_number(&json, "errors", tally.by_severity[SEV_ERROR]);
	json_number(&json, "warnings", tally.by_severity[SEV_WARNING]);
	json_number(&json, "notes", tally.by_severity[SEV_NOTE]);
	json_number(&json, "diagnostics", input->diagnostic_count);
	json_number(&json, "rules_judged", tally.judged);
	json_number(&json, "rules_not_checked", tally.not_checked);
	json_number(&json, "rules_not_applicable", tally.not_applicable);
	put_rules(&json, input, "judged", JUDGED);
	put_rules(&json, input, "not_checked", NOT_CHECKED);
	json_array(&json, "boot_facts");
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		put_boot(&json, boot);
	json_end_array(&json);
	end_record(&json, after);
}

void records_input(FILE *out, const struct input_report *input, const char *after)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (f->shown)
				put_finding(out, input, boot, f, after);
	put_file(out, input, after);
}

/* --- summary ------------------------------------------------------------- */

void records_summary(FILE *out, const struct summary *summary, const char *after)
{
	struct json json = begin_record(out, "summary");

	json_number(&json, "status", summary->verdict);
	json_number(&json, "files", summary->inputs);
	json_number(&json, "boots", summary->boots);
	json_number(&json, "errors", summary->errors);
	json_number(&json, "warnings", summary->warnings);
	json_number(&json, "notes", summary->notes);
	json_number(&json, "files_clean", summary->by_verdict[EXIT_CLEAN]);
	json_number(&json, "files_with_findings", summary->by_verdict[EXIT_FINDINGS]);
	json_number(&json, "files_with_trouble", summary->by_verdict[EXIT_TROUBLE]);
	json_number(&json, "files_without_verdict", summary->by_verdict[EXIT_NO_VERDICT]);
	end_record(&json, after);
}
