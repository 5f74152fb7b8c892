/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TAP 13, flat: the points of each input (formats/points.h) one after another.
 * Every input has the same number of them, so that a point's number follows
 * from its input's (formats/number.h). What was not judged is skipped, never ok in silence.
 * Source: the Test Anything Protocol specification, version 13. */
#include <inttypes.h>

#include "formats/json.h"
#include "formats/number.h"
#include "formats/points.h"
#include "formats/tally.h"

static void tap_begin(FILE *out, const struct write_options *options)
{
	(void)options;
	fputs_unlocked("TAP version 13\n", out);
}

/* '#' begins a directive and '\' escapes; what is no printable ASCII is told
 * by its number. */
static void put_description(FILE *out, const char *words)
{
	for (; *words; words++) {
		if (*words == '#' || *words == '\\')
			fprintf(out, "\\%c", *words);
		else if (*words >= 0x20 && *words < 0x7f)
			putc_unlocked(*words, out);
		else
			fprintf(out, "\\\\x%02x", (unsigned char)*words);
	}
}

/* A double-quoted YAML scalar is a JSON string. */
static void put_scalar(FILE *out, const char *lead, const char *words)
{
	struct json json = { .out = out };

	fputs_unlocked(lead, out);
	json_string(&json, NULL, words);
	putc_unlocked('\n', out);
}

static void put_block(FILE *out, const struct input_report *input,
		      const struct write_options *options, const struct point *point)
{
	fputs_unlocked("  ---\n", out);
	put_scalar(out, "  message: ", point->why);
	put_scalar(out, "  severity: ", point->result == POINT_ERROR ? "error" : "fail");
	put_scalar(out, "  file: ", input->name);
	if (point->rule)
		fputs_unlocked("  findings:\n", out);
	for (const struct boot_report *boot = input->boots; boot && point->rule; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (f->rule != point->rule || !finding_fails(f, options))
				continue;
			put_scalar(out, "    - message: ", f->message);
			if (report_of(input, f->notes[0].at) != input)
				put_scalar(out, "      file: ", report_file(input, f->notes[0].at));
			fprintf(out, "      boot: %u\n      %s: %" PRIu64 "\n", boot->number,
				f->notes[0].at.line ? "line" : "byte", loc_number(f->notes[0].at));
			put_scalar(out, "      certainty: ", certainty_word(f->certainty));
			if (f->standing)
				put_scalar(out, "      state: ", standing_word(f->standing));
			if (finding_why(f))
				put_scalar(out, "      why: ", finding_why(f));
			if (finding_fix(f))
				put_scalar(out, "      fix: ", finding_fix(f));
			fprintf(out, "      fingerprint: \"%016" PRIx64 "\"\n", f->fingerprint);
		}
	fputs_unlocked("  ...\n", out);
}

static void tap_input(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source)
{
	(void)source;
	for (size_t i = 0; i < point_count(); i++) {
		struct point point = point_of(input, options, i);
		bool bad = point.result == POINT_FAIL || point.result == POINT_ERROR;

		fputs_unlocked(bad ? "not ok " : "ok ", out);
		number_put_mark(out, point_count(), i + 1);
		fputs_unlocked(" - ", out);
		put_description(out, input->name);
		fprintf(out, ": %s %s", point.id, point.name);
		if (point.result == POINT_SKIP) {
			fputs_unlocked(" # SKIP ", out);
			put_description(out, point.why);
		}
		putc_unlocked('\n', out);
		if (bad)
			put_block(out, input, options, &point);
	}
	for (const struct absent *absent = input->absent; absent; absent = absent->next)
		fprintf(out, "# absent: %s %s, fingerprint %016" PRIx64 "\n", absent->rule->id,
			absent->rule->name, absent->fingerprint);
}

static void tap_end(FILE *out, const struct write_options *options, const struct summary *summary)
{
	(void)options;
	fprintf(out, "1..%" PRIu64 "\n", (uint64_t)summary->inputs * point_count());
}

const struct writer writer_tap = {
	.name = "tap",
	.title = "TAP 13: one point a log and rule",
	.begin = tap_begin,
	.numbered = true,
	.input = tap_input,
	.end = tap_end,
};
