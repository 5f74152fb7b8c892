/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * KTAP 1, as kernel CI reads it: each log is a test, its points are nested.
 * The plan of the outer level is left out, as KTAP allows where the number of
 * tests is not known at the beginning.
 * Source: Linux Documentation/dev-tools/ktap.rst. */
#include <inttypes.h>

#include "formats/number.h"
#include "formats/place.h"
#include "formats/points.h"
#include "formats/screen.h"
#include "formats/tally.h"

static void ktap_begin(FILE *out, const struct write_options *options)
{
	(void)options;
	fputs_unlocked("KTAP version 1\n", out);
}

/* '#' would begin a directive. */
static void put_description(FILE *out, const char *words)
{
	struct screen screen = { .out = out };

	for (; *words; words++) {
		if (*words == '#')
			fputs_unlocked("\\x23", out);
		else
			screen_put(&screen, (struct text){ words, 1 });
	}
}

/* Diagnostic lines stand before the result they belong to. */
static void put_findings(FILE *out, const struct input_report *input,
			 const struct write_options *options, const struct rule *rule)
{
	struct screen screen = { .out = out };
	char place[LOC_WORDS_BYTES];

	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (f->rule != rule || !finding_fails(f, options))
				continue;
			fputs_unlocked("  # ", out);
			if (report_of(input, f->notes[0].at) != input) {
				screen_puts(&screen, report_file(input, f->notes[0].at));
				fputs_unlocked(", ", out);
			}
			fprintf(out, "%s: ", place_words(input, f->notes[0].at, place));
			screen_puts(&screen, f->message);
			fprintf(out, " (%s)\n", sureness(f));
			if (!finding_fix(f))
				continue;
			fputs_unlocked("  # fix: ", out);
			screen_puts(&screen, finding_fix(f));
			putc_unlocked('\n', out);
		}
}

static void ktap_input(FILE *out, const struct write_options *options,
		       const struct input_report *input, struct source *source)
{
	bool all_good = true;

	(void)source;
	fputs_unlocked("  KTAP version 1\n  # Subtest: ", out);
	put_description(out, input->name);
	fprintf(out, "\n  1..%zu\n", point_count());
	for (size_t i = 0; i < point_count(); i++) {
		struct point point = point_of(input, options, i);
		bool bad = point.result == POINT_FAIL || point.result == POINT_ERROR;

		all_good &= !bad;
		if (bad && point.rule) {
			put_findings(out, input, options, point.rule);
		} else if (bad) {
			fputs_unlocked("  # ", out);
			put_description(out, point.why);
			putc_unlocked('\n', out);
		}
		fprintf(out, "  %sok %zu %s %s", bad ? "not " : "", i + 1, point.id, point.name);
		if (point.result == POINT_SKIP) {
			fputs_unlocked(" # SKIP ", out);
			put_description(out, point.why);
		}
		putc_unlocked('\n', out);
	}
	for (const struct absent *absent = input->absent; absent; absent = absent->next)
		fprintf(out, "  # absent: %s %s, fingerprint %016" PRIx64 "\n", absent->rule->id,
			absent->rule->name, absent->fingerprint);
	fputs_unlocked(all_good ? "ok " NUMBER_FROM_1 " " : "not ok " NUMBER_FROM_1 " ", out);
	put_description(out, input->name);
	if (all_good && why_no_verdict(input)) {
		fputs_unlocked(" # SKIP no verdict: ", out);
		put_description(out, why_no_verdict(input));
	}
	putc_unlocked('\n', out);
}

const struct writer writer_ktap = {
	.name = "ktap",
	.title = "KTAP 1: nested, one test a log",
	.begin = ktap_begin,
	.numbered = true,
	.input = ktap_input,
};
