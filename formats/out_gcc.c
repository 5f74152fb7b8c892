/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line for each finding, as compilers print them: editors and CI systems
 * jump to the place. */
#include "formats/place.h"
#include "formats/quote.h"
#include "formats/tally.h"
#include "formats/writer.h"

static void put_finding(const struct screen *screen, const struct input_report *input,
			struct source *source, const struct finding *finding)
{
	struct loc at = finding->notes[0].at;
	char place[LOC_WORDS_BYTES];

	screen_puts(screen, report_file(input, at));
	if (at.line)
		fprintf(screen->out, ":%u:%u: ", at.line, quote_column(source, &finding->notes[0]));
	else if (at.length)
		fprintf(screen->out, ": %s: ", loc_words(at, place));
	else
		fputs_unlocked(": ", screen->out);
	fprintf(screen->out, "%s: ", severity_word(finding->severity));
	screen_puts(screen, finding->message);
	fprintf(screen->out, " [%s %s, %s]\n", finding->rule->id, finding->rule->name,
		sureness(finding));
}

static void gcc_input(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source)
{
	struct screen screen = { .out = out };

	(void)options;
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (f->shown)
				put_finding(&screen, input, source, f);
}

const struct writer writer_gcc = {
	.name = "gcc",
	.title = "file:line:column: severity: message, one line a finding",
	.input = gcc_input,
};
