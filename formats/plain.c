/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/plain.h"

#include <stdlib.h>

#include "formats/drawing.h"
#include "formats/place.h"
#include "formats/quote.h"
#include "formats/tally.h"

void plain_finding(FILE *out, const struct input_report *input, const struct boot_report *boot,
		   const struct finding *finding, struct source *source)
{
	struct screen screen = { .out = out };
	unsigned gutter = quote_gutter(finding);
	const struct finding *cause = shown_cause(finding);
	char place[LOC_WORDS_BYTES];

	screen_puts(&screen, report_file(input, finding->notes[0].at));
	if (finding->notes[0].at.line)
		fprintf(out, ":%u: ", finding->notes[0].at.line);
	else
		fprintf(out, ": %s: ", loc_words(finding->notes[0].at, place));
	fprintf(out, "%s: ", severity_word(finding->severity));
	screen_puts(&screen, finding->message);
	fprintf(out, " [%s %s, %s]", finding->rule->id, finding->rule->name,
		sureness(finding));
	if (input->boot_count > 1)
		fprintf(out, " (boot %u)", boot->number);
	putc('\n', out);
	for (uint32_t i = 0; i < finding->note_count; i++)
		quote_note(&screen, source, &finding->notes[i], gutter, 0);
	drawing_put(&screen, &finding->drawing, gutter);
	if (cause)
		quote_remark(&screen, gutter, finding_is_earlier(finding, cause) ?
			     "an early sign of" : "follows from", cause->message);
	if (finding_why(finding))
		quote_remark(&screen, gutter, "why", finding_why(finding));
	if (finding_fix(finding))
		quote_remark(&screen, gutter, "fix", finding_fix(finding));
	if (finding->raise)
		quote_remark(&screen, gutter, "to be surer", finding->raise);
	if (finding->more)
		fprintf(out, "%*s = and %u more like it\n", (int)gutter, "", finding->more);
}

/* Source: RFC 3986, 2.3 (unreserved), 3.3 (path). A colon in the first segment
 * of a relative reference would make a scheme of it. */
static bool may_stand(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || (byte && strchr("-._~/", byte));
}

void plain_uri(FILE *out, const char *name)
{
	if (!strcmp(name, "-")) {
		fputs("stdin", out);
		return;
	}
	if (*name == '/') {
		fputs("file://", out);
		/* "//x" would name a host. */
		while (name[1] == '/')
			name++;
	}
	while (name[0] == '.' && name[1] == '/')
		for (name += 2; *name == '/';)
			name++;
	for (; *name; name++) {
		if (may_stand((unsigned char)*name))
			putc(*name, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*name);
	}
}

char *plain_uri_text(const char *name)
{
	char *bytes = NULL;
	size_t length;
	FILE *out = open_memstream(&bytes, &length);

	if (!out)
		return NULL;
	plain_uri(out, name);
	if (!fclose(out))
		return bytes;
	free(bytes);
	return NULL;
}

char *plain_finding_text(const struct input_report *input, const struct boot_report *boot,
			 const struct finding *finding, struct source *source)
{
	char *bytes = NULL;
	size_t length;
	FILE *out = open_memstream(&bytes, &length);

	if (!out)
		return NULL;
	plain_finding(out, input, boot, finding, source);
	if (!fclose(out))
		return bytes;
	free(bytes);
	return NULL;
}
