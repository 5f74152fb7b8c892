/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The memory strip alone; see formats/modules/xml/strip.h. */
#include "formats/modules/xml/xml.h"

static void svg_input(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source)
{
	xml_module()->svg->input(out, options, input, source);
}

const struct writer writer_svg = {
	.name = "svg",
	.title = "the memory of one input's boots over time, as a picture",
	.module = "xml",
	.one_input = true,
	.wants_picture = true,
	.input = svg_input,
};
