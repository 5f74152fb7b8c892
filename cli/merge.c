/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"
#include "cli/recorded.h"
#include "formats/screen.h"

/* Members, until their archive has its record: without that they are done again. */
struct members_seen {
	char *archive;
	struct summary sum;
	struct members_seen *next;
};

struct merge {
	struct summary total;
	struct members_seen *seen;   /* in the file being read */
	uint64_t uncovered;          /* file records that no summary stands for yet */
	uint64_t rules_unknown;      /* counts of rules that this version lacks */
};

/* A status of a record; what is none is trouble. */
static enum exit_status status_of(const struct json_module *json, const void *record)
{
	uint64_t status = json->number(record, "status");

	return status <= EXIT_NO_VERDICT ? (enum exit_status)status : EXIT_TROUBLE;
}

static void take_rules(struct merge *merge, struct summary *summary,
		       const struct json_module *json, const void *record)
{
	for (size_t i = 0; i < json->count(record, "by_rule"); i++) {
		const void *item = json->item(record, "by_rule", i);
		const char *id = item ? json->string(item, "rule") : NULL;
		const struct rule *rule = id ? rule_find(text_of(id)) : NULL;

		if (rule) {
			summary->rule_findings[rule_index(rule)] += json->number(item, "findings");
			summary->rule_inputs[rule_index(rule)] += json->number(item, "files");
		} else {
			merge->rules_unknown++;
		}
	}
}

static struct members_seen *seen_of(struct merge *merge, const char *archive)
{
	struct members_seen *seen = merge->seen;

	while (seen && strcmp(seen->archive, archive))
		seen = seen->next;
	if (seen)
		return seen;
	seen = must(calloc(1, sizeof(*seen)));
	seen->archive = must(strdup(archive));
	seen->next = merge->seen;
	merge->seen = seen;
	return seen;
}

/* Those of the archive (NULL: of any) are counted, or forgotten; returns how many. */
static uint64_t end_seen(struct merge *merge, const char *archive, bool counted)
{
	struct members_seen **link = &merge->seen;
	uint64_t members = 0;

	while (*link) {
		struct members_seen *seen = *link;

		if (archive && strcmp(seen->archive, archive)) {
			link = &seen->next;
			continue;
		}
		members += seen->sum.inputs;
		if (counted)
			summary_add(&merge->total, &seen->sum);
		*link = seen->next;
		free(seen->archive);
		free(seen);
	}
	return members;
}

/* An input that is no member, and its members. */
static void take_whole(struct merge *merge, const char *name, const struct summary *one)
{
	merge->uncovered += 1 + (name ? end_seen(merge, name, true) : 0);
	summary_add(&merge->total, one);
}

/* What records of files and of summaries have alike. */
static struct summary counts_of(const struct json_module *json, const void *record)
{
	return (struct summary){
		.errors = json->number(record, "errors"),
		.warnings = json->number(record, "warnings"),
		.notes = json->number(record, "notes"),
		.suppressed = json->number(record, "suppressed"),
		.found_new = json->number(record, "new"),
		.unchanged = json->number(record, "unchanged"),
		.absent = json->number(record, "absent"),
		.bytes = json->number(record, "bytes"),
		.lines = json->number(record, "lines"),
		.verdict = status_of(json, record),
	};
}

static void take_file(struct merge *merge, const struct json_module *json, const void *record)
{
	struct summary one = counts_of(json, record);

	one.inputs = 1;
	one.boots = json->count(record, "boot_facts") + json->number(record, "boots_not_listed");
	one.bytes_min = one.bytes_max = one.bytes;
	one.lines_min = one.lines_max = one.lines;
	one.by_verdict[one.verdict] = 1;
	take_rules(merge, &one, json, record);
	if (json->string(record, "archive"))
		summary_add(&seen_of(merge, json->string(record, "archive"))->sum, &one);
	else
		take_whole(merge, json->string(record, "file"), &one);
}

static void take_summary(struct merge *merge, const struct json_module *json, const void *record)
{
	struct summary one = counts_of(json, record);

	one.inputs = json->number(record, "files");
	one.boots = json->number(record, "boots");
	one.bytes_min = json->number(record, "bytes_min");
	one.bytes_max = json->number(record, "bytes_max");
	one.lines_min = json->number(record, "lines_min");
	one.lines_max = json->number(record, "lines_max");
	one.by_verdict[EXIT_CLEAN] = json->number(record, "files_clean");
	one.by_verdict[EXIT_FINDINGS] = json->number(record, "files_with_findings");
	one.by_verdict[EXIT_TROUBLE] = json->number(record, "files_with_trouble");
	one.by_verdict[EXIT_NO_VERDICT] = json->number(record, "files_without_verdict");
	/* Its file records are here and have been counted. Other runs may have
	 * appended to the same file meanwhile, or have been ended without a summary. */
	if (one.inputs && merge->uncovered >= one.inputs) {
		merge->uncovered -= one.inputs;
		merge->total.verdict = worse_status(merge->total.verdict, one.verdict);
		return;
	}
	take_rules(merge, &one, json, record);
	summary_add(&merge->total, &one);
}

static void take(void *context, const struct json_module *json, const void *record, bool whole,
		 uint64_t end)
{
	const char *type = json->string(record, "type");

	(void)end;
	if (!strcmp(type, "file") && whole)   /* as --skip-done has it */
		take_file(context, json, record);
	else if (!strcmp(type, "summary"))
		take_summary(context, json, record);
}

static bool merge_file(struct merge *merge, const char *name)
{
	struct recorded recorded = { .take = take, .context = merge };
	const char *trouble = NULL;
	enum status status = recorded_read(&recorded, name, &trouble);
	uint64_t members = end_seen(merge, NULL, false);

	merge->uncovered = 0;
	if (members)
		fprintf(stderr, "pgtcheck: %s: %" PRIu64 " member%s of archives that were not done: "
			"not counted\n", name, members, members == 1 ? "" : "s");
	if (status == ST_OK && !recorded.records && recorded.strange)
		trouble = "holds no record of ours (is it -f ndjson?)";
	else if (status == ST_OK && recorded.strange)
		fprintf(stderr, "pgtcheck: %s:%" PRIu64 ": %" PRIu64 " line%s no whole record: "
			"ignored\n", name, recorded.strange_line, recorded.strange,
			recorded.strange == 1 ? " is" : "s are");
	if (trouble)
		fprintf(stderr, "pgtcheck: %s: %s\n", name, trouble);
	return !trouble;
}

enum exit_status merge_files(const struct options *options, FILE *out)
{
	struct merge merge = { .rules_unknown = 0 };
	const struct writer *writer = options->writer;

	for (size_t i = 0; i < options->input_count; i++)
		if (!merge_file(&merge, options->inputs[i]))
			merge.total.verdict = EXIT_TROUBLE;
	if (merge.rules_unknown)
		fprintf(stderr, "pgtcheck: counts of rules that this version does not know are left "
			"out: %" PRIu64 "\n", merge.rules_unknown);
	if (writer->begin)
		writer->begin(out, &options->write);
	if (writer->end)
		writer->end(out, &options->write, &merge.total);
	else
		summary_page(out, &options->write, &merge.total);
	return merge.total.verdict;
}

/* --- for a person ------------------------------------------------------------ */

static void put_row(FILE *out, const char *what, uint64_t inputs)
{
	if (inputs)
		fprintf(out, "  %-28s %9" PRIu64 "\n", what, inputs);
}

static void put_rule_rows(FILE *out, const struct summary *summary)
{
	bool any = false;

	for (size_t i = 0; i < rule_count; i++) {
		if (!summary->rule_inputs[i])
			continue;
		if (!any)
			fprintf(out, "  %-42s %9s %9s\n", "rule", "inputs", "findings");
		any = true;
		fprintf(out, "  %s %-35s %9" PRIu64 " %9" PRIu64 "\n", rule_table[i]->id,
			rule_table[i]->name, summary->rule_inputs[i], summary->rule_findings[i]);
	}
}

static void put_count(FILE *out, uint64_t count, const char *of, const char *after)
{
	fprintf(out, "%" PRIu64 " %s%s%s", count, of, count == 1 ? "" : "s", after);
}

void summary_page(FILE *out, const struct write_options *options, const struct summary *summary)
{
	struct screen screen = { .out = out, .color = options->color };

	screen_ink(&screen, INK_BOLD);
	put_count(out, summary->inputs, "input", ", ");
	put_count(out, summary->boots, "boot", ", ");
	put_count(out, summary->lines, "line", ", ");
	put_count(out, summary->bytes, "byte", ": ");
	put_count(out, summary->errors, "error", ", ");
	put_count(out, summary->warnings, "warning", ", ");
	put_count(out, summary->notes, "note", "\n");
	screen_plain(&screen);
	if (summary->suppressed)
		fprintf(out, "  %-28s %9" PRIu64 "\n", "findings suppressed", summary->suppressed);
	if (summary->found_new || summary->unchanged || summary->absent)
		fprintf(out, "  against the baseline: %" PRIu64 " new, %" PRIu64 " unchanged, %" PRIu64
			" absent\n", summary->found_new, summary->unchanged, summary->absent);
	put_row(out, "nothing to blame (0)", summary->by_verdict[EXIT_CLEAN]);
	put_row(out, "with findings (1)", summary->by_verdict[EXIT_FINDINGS]);
	put_row(out, "not read to the end (3)", summary->by_verdict[EXIT_TROUBLE]);
	put_row(out, "no verdict (4)", summary->by_verdict[EXIT_NO_VERDICT]);
	put_rule_rows(out, summary);
}
