/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page for a browser; see formats/modules/xml/page.h. */
#include "formats/modules/xml/xml.h"

static void html_begin(FILE *out, const struct write_options *options)
{
	xml_module()->html->begin(out, options);
}

static void html_input(FILE *out, const struct write_options *options,
		       const struct input_report *input, struct source *source)
{
	xml_module()->html->input(out, options, input, source);
}

static void html_late(FILE *out, const struct write_options *options,
		      const struct input_report *input)
{
	xml_module()->html->late(out, options, input);
}

static void html_end(FILE *out, const struct write_options *options,
		     const struct summary *summary)
{
	xml_module()->html->end(out, options, summary);
}

const struct writer writer_html = {
	.name = "html",
	.title = "one page for a browser, with the memory over time",
	.tells_against = true,
	.module = "xml",
	.numbered = true,
	.wants_picture = true,
	.begin = html_begin,
	.input = html_input,
	.late = html_late,
	.middle = "<nav id=\"list\"><p>Inputs</p><ol>\n",
	.end = html_end,
};
