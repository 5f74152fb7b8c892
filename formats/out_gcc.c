/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line for each finding, as compilers print them: editors and CI systems
 * jump to the place. */
#include "formats/quote.h"
#include "formats/writer.h"

static void put_finding(const struct screen *screen, const struct input_report *input,
			struct source *source, const struct finding *finding)
{
	screen_puts(screen, input->name);
	fprintf(screen->out, ":%u:%u: %s: ", finding->notes[0].at.line,
		quote_column(source, &finding->notes[0]), severity_word(finding->severity));
	screen_puts(screen, finding->message);
	fprintf(screen->out, " [%s %s, %s]\n", finding->rule->id, finding->rule->name,
		certainty_word(finding->certainty));
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
