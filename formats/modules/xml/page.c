/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/page.h"

#include <inttypes.h>

#include "formats/modules/xml/formats.h"
#include "formats/modules/xml/strip.h"
#include "formats/number.h"
#include "formats/place.h"
#include "formats/points.h"
#include "formats/tally.h"

/* Nothing may run, nothing is loaded, nothing is sent. */
#define POLICY "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

static void html_begin(FILE *out, const struct write_options *options)
{
	(void)options;
	fputs("<!DOCTYPE html>\n"
	      "<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
	      "<meta charset=\"utf-8\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
	      "<title>pgtcheck report</title>\n<style>\n", out);
	fputs(strip_style, out);
	fputs(page_style, out);
	fputs("</style>\n</head>\n<body>\n"
	      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" height=\"0\" "
	      "aria-hidden=\"true\" style=\"position:absolute\">", out);
	fputs(strip_patterns, out);
	fputs("</svg>\n<main>\n<header><h1>pgtcheck " VERSION "</h1>: early-boot page tables</header>\n",
	      out);
}

const char *page_class(const struct input_report *input)
{
	struct tally tally = tally_input(input);

	if (input->status != ST_OK || tally.by_severity[SEV_ERROR])
		return "error";
	if (tally.by_severity[SEV_WARNING])
		return "warning";
	return why_no_verdict(input) ? "none" : "clean";
}

/* "2 errors, 1 warning", "no verdict", ... */
static void verdict_words(char *words, size_t room, const struct input_report *input)
{
	struct tally tally = tally_input(input);
	uint32_t errors = tally.by_severity[SEV_ERROR], warnings = tally.by_severity[SEV_WARNING];
	size_t at = 0;

	*words = '\0';
	if (errors)
		at += (size_t)snprintf(words, room, "%u error%s", errors, errors == 1 ? "" : "s");
	if (warnings)
		at += (size_t)snprintf(words + at, room - at, "%s%u warning%s", at ? ", " : "", warnings,
				       warnings == 1 ? "" : "s");
	if (input->status != ST_OK)
		snprintf(words + at, room - at, "%snot read to its end", at ? ", " : "");
	else if (why_no_verdict(input) && !at)
		snprintf(words, room, "no verdict");
	else if (!at)
		snprintf(words, room, "no error found");
}

/* --- a section -------------------------------------------------------------- */

static void put_trouble(struct sheet *sheet, const struct input_report *input)
{
	const char *trouble = input->trouble ? input->trouble : status_sentence(input->status);

	if (input->status == ST_OK && input->boots)
		return;
	sheet_begin(sheet, "div");
	sheet_attribute(sheet, "class", input->status != ST_OK ? "banner error" : "banner none");
	sheet_element(sheet, "p", "lead", input->status != ST_OK ? "Not read to its end" :
		      "No verdict");
	sheet_element(sheet, "p", NULL, input->status != ST_OK ? trouble : why_no_verdict(input));
	sheet_end(sheet);
}

/* What an earlier run had found, and this one has not. */
static void put_absent(struct sheet *sheet, const struct input_report *input)
{
	for (const struct absent *absent = input->absent; absent; absent = absent->next) {
		sheet_begin(sheet, "p");
		sheet_printf(sheet, "No longer found: %s %s: ", absent->rule->id, absent->rule->name);
		sheet_puts(sheet, absent->message ? absent->message : absent->rule->title);
		sheet_end(sheet);
	}
}

static void put_remarks(struct sheet *sheet, const struct input_report *input)
{
	if (!input->diagnostic_count)
		return;
	sheet_begin(sheet, "details");
	sheet_begin(sheet, "summary");
	sheet_printf(sheet, "%u remarks about the input", input->diagnostic_count);
	sheet_end(sheet);
	sheet_begin(sheet, "ul");
	for (const struct diagnostic *d = input->diagnostics; d; d = d->next) {
		char place[LOC_WORDS_BYTES];

		sheet_begin(sheet, "li");
		if (*loc_words(d->at, place))
			sheet_printf(sheet, "%s: ", place);
		sheet_puts(sheet, d->says);
		sheet_end(sheet);
	}
	sheet_end_full(sheet);
	sheet_end(sheet);
}

static void put_input_facts(struct sheet *sheet, const struct input_report *input)
{
	sheet_begin(sheet, "p");
	sheet_attribute(sheet, "class", "small");
	sheet_printf(sheet, "Input: %s, %" PRIu64 " bytes, %" PRIu64 " lines, %" PRIu64 " of them used.",
		     input->format, input->bytes, input->lines, input->lines_used);
	if (input->clean_boots_more)
		sheet_printf(sheet, " And %u more boots in which no error was found.",
			     input->clean_boots_more);
	sheet_end(sheet);
}

/* The first input and every one with something to say stand open. */
static void html_input(FILE *out, const struct write_options *options,
		       const struct input_report *input, struct source *source)
{
	const char *kind = page_class(input);
	struct sheet sheet;
	char words[100];

	verdict_words(words, sizeof(words), input);
	sheet_open(&sheet, out);
	sheet_begin(&sheet, "section");
	sheet_attribute_raw(&sheet, "id", "input-" NUMBER_FROM_1);
	sheet_attribute(&sheet, "class", kind);
	sheet_raw(&sheet, strcmp(kind, "clean") ? "<details open=\"open\">" :
		  "<details" NUMBER_FIRST_ONLY(" open=\"open\"") ">");
	sheet_begin(&sheet, "summary");
	sheet_element(&sheet, "h2", NULL, input->name);
	sheet_begin(&sheet, "span");
	sheet_attributef(&sheet, "class", "tag b-%s", kind);
	sheet_puts(&sheet, words);
	sheet_end(&sheet);
	sheet_end(&sheet);
	put_trouble(&sheet, input);
	page_boot_list(&sheet, input);
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		page_boot(&sheet, options, input, boot, source);
	put_absent(&sheet, input);
	put_remarks(&sheet, input);
	put_input_facts(&sheet, input);
	sheet_raw(&sheet, "</details>");
	sheet_end(&sheet);
	sheet_close(&sheet);
}

/* --- the list of inputs, which the page shows first --------------------------- */

static void html_late(FILE *out, const struct write_options *options,
		      const struct input_report *input)
{
	struct sheet sheet;
	char words[100];

	(void)options;
	verdict_words(words, sizeof(words), input);
	sheet_open(&sheet, out);
	sheet_begin(&sheet, "li");
	sheet_attribute(&sheet, "class", page_class(input));
	sheet_begin(&sheet, "a");
	sheet_attribute_raw(&sheet, "href", "#input-" NUMBER_FROM_1);
	sheet_puts(&sheet, input->name);
	sheet_end(&sheet);
	sheet_puts(&sheet, " ");
	sheet_begin(&sheet, "span");
	sheet_attributef(&sheet, "class", "b-%s", page_class(input));
	sheet_puts(&sheet, words);
	sheet_end(&sheet);
	sheet_end(&sheet);
	sheet_close(&sheet);
}

static void html_end(FILE *out, const struct write_options *options,
		     const struct summary *summary)
{
	(void)options;
	fprintf(out, "</ol><p class=\"small\">%" PRIu64 " inputs: %" PRIu64 " with findings, %" PRIu64
		" unread, %" PRIu64 " without a verdict, %" PRIu64 " clean; %" PRIu64 " error%s, %" PRIu64
		" warning%s.</p></nav>\n</main>\n</body>\n</html>\n",
		summary->inputs, summary->by_verdict[EXIT_FINDINGS], summary->by_verdict[EXIT_TROUBLE],
		summary->by_verdict[EXIT_NO_VERDICT], summary->by_verdict[EXIT_CLEAN],
		summary->errors, summary->errors == 1 ? "" : "s", summary->warnings,
		summary->warnings == 1 ? "" : "s");
}

const struct xml_format xml_html = {
	.begin = html_begin, .input = html_input, .late = html_late, .end = html_end,
};
