/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/records.h"

#include "core/compare.h"
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

/* Records of a binary input: where they stand, and what is said of them. */
static void put_evidence_bytes(struct json *json, const struct finding *finding)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < finding->note_count; i++) {
		const struct note *note = &finding->notes[i];

		if (note->at.line || !note->at.length)
			continue;
		if (!count++)
			json_array(json, "evidence_bytes");
		json_object(json, NULL);
		json_number(json, "offset", note->at.offset);
		json_string(json, "says", note->says);
		json_end_object(json);
	}
	if (count)
		json_end_array(json);
}

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
	put_evidence_bytes(json, finding);
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
	json_string(&json, "file", report_file(input, finding->notes[0].at));
	json_number(&json, "boot", boot->number);
	json_number(&json, "line", finding->notes[0].at.line);
	json_number(&json, "offset", finding->notes[0].at.offset);
	json_string(&json, "message", finding->message);
	json_hash(&json, "fingerprint", finding->fingerprint);
	json_string(&json, "state", standing_word(finding->standing));
	json_string(&json, "suppressed", finding->suppressed);
	if (cause)
		json_hash(&json, "cause", cause->fingerprint);
	if (!pfn_range_empty(finding->where)) {
		json_hex(&json, "first_pfn", finding->where.start.n);
		json_hex(&json, "end_pfn", finding->where.end.n);
	}
	put_domain(&json, boot->domain);
	if (finding->more)
		json_number(&json, "more", finding->more);
	json_string(&json, "why", finding_why(finding));
	json_string(&json, "fix", finding_fix(finding));
	json_string(&json, "raise", finding->raise);
	put_evidence(&json, finding);
	end_record(&json, after);
}

/* What an earlier run had found, and this one has not. */
static void put_absent(FILE *out, const struct input_report *input, const struct absent *absent,
		       const char *after)
{
	struct json json = begin_record(out, "absent");

	json_string(&json, "rule", absent->rule->id);
	json_string(&json, "name", absent->rule->name);
	json_string(&json, "severity", severity_word(absent->severity));
	json_string(&json, "file", input->name);
	json_string(&json, "message", absent->message);
	json_hash(&json, "fingerprint", absent->fingerprint);
	json_string(&json, "state", "absent");
	end_record(&json, after);
}

/* --- counts -------------------------------------------------------------- */

/* Only what there is: without --suppressions and --baseline nothing. */
static void put_known_counts(struct json *json, const struct summary *summary)
{
	if (summary->suppressed)
		json_number(json, "suppressed", summary->suppressed);
	if (summary->found_new)
		json_number(json, "new", summary->found_new);
	if (summary->unchanged)
		json_number(json, "unchanged", summary->unchanged);
	if (summary->absent)
		json_number(json, "absent", summary->absent);
}

static void put_rule_counts(struct json *json, const struct summary *summary)
{
	json_array(json, "by_rule");
	for (size_t i = 0; i < rule_count; i++) {
		if (!summary->rule_inputs[i])
			continue;
		json_object(json, NULL);
		json_string(json, "rule", rule_table[i]->id);
		json_number(json, "findings", summary->rule_findings[i]);
		json_number(json, "files", summary->rule_inputs[i]);
		json_end_object(json);
	}
	json_end_array(json);
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

/* The replay of a page-table trace against Xen's own answers. */
static void put_trace(struct json *json, const struct mmu_counts *trace)
{
	json_object(json, "trace");
	json_number(json, "operations", trace->operations);
	json_number(json, "unanswered", trace->unanswered);
	json_number(json, "refused", trace->refused);
	json_number(json, "agreed", trace->agreed);
	json_number(json, "agreed_refused", trace->agreed_refused);
	json_number(json, "agreed_presumed", trace->agreed_presumed);
	json_number(json, "disagreed", trace->disagreed);
	json_number(json, "not_as_presumed", trace->not_as_presumed);
	json_number(json, "unknown", mmu_unsure(trace));
	json_object(json, "unknown_by");
	for (unsigned i = 0; i < MMU_DOUBT_COUNT; i++)
		if (trace->unsure[i])
			json_number(json, mmu_doubt_name((enum mmu_doubt)i), trace->unsure[i]);
	json_end_object(json);
	json_number(json, "unanswered_refused", trace->untold_refused);
	json_object(json, "unanswered_unknown_by");
	for (unsigned i = 0; i < MMU_DOUBT_COUNT; i++)
		if (trace->untold_unsure[i])
			json_number(json, mmu_doubt_name((enum mmu_doubt)i), trace->untold_unsure[i]);
	json_end_object(json);
	json_end_object(json);
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
	if (boot->trace)
		put_trace(json, boot->trace);
	json_end_object(json);
}

/* What an archive held. */
static void put_members(struct json *json, const struct members *members)
{
	if (!members->all)
		return;
	json_number(json, "members", members->all);
	json_number(json, "members_judged", members->judged);
	json_number(json, "members_other_text", members->other_text);
	json_number(json, "members_other_bytes", members->other_bytes);
	json_number(json, "members_not_wanted", members->not_wanted);
	json_string(json, "members_joined", members->joined);
}

/* What --trace added. */
static void put_traces(struct json *json, const struct input_report *input)
{
	if (!input->trace)
		return;
	json_array(json, "traces");
	for (const struct input_report *trace = input->trace; trace; trace = trace->trace) {
		json_object(json, NULL);
		json_string(json, "file", trace->name);
		json_string(json, "format", trace->format);
		json_number(json, "bytes", trace->bytes);
		json_number(json, "lines", trace->lines);
		json_number(json, "lines_used", trace->lines_used);
		json_number(json, "diagnostics", trace->diagnostic_count);
		json_end_object(json);
	}
	json_end_array(json);
}

static void put_file(FILE *out, const struct input_report *input, const char *after)
{
	struct json json = begin_record(out, "file");
	struct tally tally = tally_input(input);
	struct summary summary = { .inputs = 0 };

	summary_add_input(&summary, input);
	json_string(&json, "file", input->name);
	json_string(&json, "format", input->format);
	json_number(&json, "status", input->verdict);
	json_string(&json, "execution", input->verdict == EXIT_TROUBLE ? "error" : "done");
	json_string(&json, "trouble", input->trouble);
	json_number(&json, "bytes", input->bytes);
	json_number(&json, "lines", input->lines);
	json_string(&json, "lines_of", input->lines_of);
	json_number(&json, "lines_used", input->lines_used);
	json_number(&json, "boots", input->boot_count);
	json_number(&json, "boots_not_listed", input->clean_boots_more);
	json_number(&json, "errors", tally.by_severity[SEV_ERROR]);
	json_number(&json, "warnings", tally.by_severity[SEV_WARNING]);
	json_number(&json, "notes", tally.by_severity[SEV_NOTE] + input->notes_more);
	put_known_counts(&json, &summary);
	json_number(&json, "diagnostics", input->diagnostic_count);
	json_number(&json, "rules_judged", tally.judged);
	json_number(&json, "rules_not_checked", tally.not_checked);
	json_number(&json, "rules_not_applicable", tally.not_applicable);
	put_rule_counts(&json, &summary);
	put_rules(&json, input, "judged", JUDGED);
	put_rules(&json, input, "not_checked", NOT_CHECKED);
	json_string(&json, "packing", input->packing);
	json_string(&json, "archive", input->archive);
	put_members(&json, &input->members);
	json_array(&json, "boot_facts");
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		put_boot(&json, boot);
	json_end_array(&json);
	put_traces(&json, input);
	end_record(&json, after);
}

/* --- against ------------------------------------------------------------- */

static void put_change(struct json *json, const struct change *change)
{
	json_object(json, NULL);
	json_string(json, "section", change_section_name(change->section));
	json_string(json, "what", change->what);
	json_string(json, "change", change_kind_word(change->kind));
	json_string(json, "good", change->good);
	json_string(json, "bad", change->bad);
	if (change->good && change->good_at.line)
		json_number(json, "good_line", change->good_at.line);
	if (change->bad && change->bad_at.line)
		json_number(json, "bad_line", change->bad_at.line);
	json_end_object(json);
}

static void put_event(struct json *json, const char *line_key, const char *event_key,
		      const struct fact_event *event)
{
	if (!event)
		return;
	json_number(json, line_key, event->at.line);
	json_string(json, event_key, event_doc(event->kind));
}

static void put_against(FILE *out, const struct input_report *input,
			const struct boot_report *boot, const char *after)
{
	const struct comparison *against = boot->against;
	struct json json = begin_record(out, "against");

	json_string(&json, "file", input->name);
	json_number(&json, "boot", boot->number);
	json_string(&json, "good_file", against->good_name);
	json_number(&json, "good_boot", against->good_boot);
	json_bool(&json, "good_has_errors", against->good_blamed);
	json_array(&json, "changes");
	for (uint32_t i = 0; i < against->count; i++)
		put_change(&json, &against->changes[i]);
	json_end_array(&json);
	if (against->more)
		json_number(&json, "changes_more", against->more);
	json_array(&json, "divergences");
	for (uint32_t i = 0; i < against->divergence_count; i++) {
		const struct divergence *divergence = &against->divergences[i];

		json_object(&json, NULL);
		json_string(&json, "speaker", divergence->speaker == SPEAKER_XEN ? "xen" : "kernel");
		put_event(&json, "good_line", "good_event", divergence->good);
		if (divergence->good)
			json_string(&json, "good_text", divergence->good->line);
		put_event(&json, "bad_line", "bad_event", divergence->bad);
		json_string(&json, "bad_text", divergence->bad_line);
		json_end_object(&json);
	}
	json_end_array(&json);
	end_record(&json, after);
}

void records_input(FILE *out, const struct input_report *input, const char *after)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (f->shown || f->suppressed)
				put_finding(out, input, boot, f, after);
	for (const struct absent *absent = input->absent; absent; absent = absent->next)
		put_absent(out, input, absent, after);
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		if (boot->against)
			put_against(out, input, boot, after);
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
	put_known_counts(&json, summary);
	json_number(&json, "files_clean", summary->by_verdict[EXIT_CLEAN]);
	json_number(&json, "files_with_findings", summary->by_verdict[EXIT_FINDINGS]);
	json_number(&json, "files_with_trouble", summary->by_verdict[EXIT_TROUBLE]);
	json_number(&json, "files_without_verdict", summary->by_verdict[EXIT_NO_VERDICT]);
	json_number(&json, "bytes", summary->bytes);
	json_number(&json, "lines", summary->lines);
	if (summary->inputs) {
		json_number(&json, "bytes_min", summary->bytes_min);
		json_number(&json, "bytes_max", summary->bytes_max);
		json_number(&json, "lines_min", summary->lines_min);
		json_number(&json, "lines_max", summary->lines_max);
	}
	put_rule_counts(&json, summary);
	end_record(&json, after);
}
