/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The strips of one input's boots, one below the other. */
#include <stdlib.h>

#include "formats/modules/xml/formats.h"
#include "formats/modules/xml/strip.h"

#define MARGIN 16.0
#define TITLE 30.0

struct strip {
	char *markup;
	double height;
};

static size_t make_strips(const struct input_report *input, struct strip **strips, double *height)
{
	size_t count = 0;

	*strips = NULL;
	*height = 2 * MARGIN;
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		struct strip strip;

		strip.markup = strip_markup(boot, &strip.height);
		*strips = sheet_realloc(*strips, (count + 1) * sizeof(**strips));
		(*strips)[count++] = strip;
		*height += TITLE + strip.height;
	}
	if (!count)
		*height += TITLE;
	return count;
}

static void put_text(struct sheet *sheet, double y, const char *words)
{
	sheet_begin(sheet, "text");
	sheet_attribute(sheet, "class", "h");
	sheet_attributef(sheet, "y", "%.1f", y);
	sheet_puts(sheet, words);
	sheet_end(sheet);
}

static void put_title(struct sheet *sheet, const struct boot_report *boot, double y)
{
	char words[300];

	snprintf(words, sizeof(words), "Linux %s, %s%s%s", boot->kernel ? boot->kernel :
		 "(version not told)", boot->platform, boot->xen ? " on Xen " : "",
		 boot->xen ? boot->xen : "");
	put_text(sheet, y + 14, words);
}

static void svg_input(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source)
{
	struct strip *strips;
	struct sheet sheet;
	double height, y = MARGIN;
	size_t count = make_strips(input, &strips, &height);
	const struct boot_report *boot = input->boots;

	(void)options;
	(void)source;
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"strip\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"%.0f 0 %.0f %.0f\">\n<style>\n%s</style>\n%s"
		"<rect x=\"%.0f\" width=\"100%%\" height=\"100%%\" style=\"fill:var(--paper)\"/>\n",
		STRIP_WIDTH + 2 * MARGIN, height, -MARGIN, STRIP_WIDTH + 2 * MARGIN, height, strip_style,
		strip_patterns, -MARGIN);
	sheet_open(&sheet, out);
	sheet_begin(&sheet, "g");
	sheet_element(&sheet, "title", NULL, input->name);
	if (!count)
		put_text(&sheet, y + 14, "no boot to draw");
	for (size_t i = 0; i < count; i++, boot = boot->next) {
		put_title(&sheet, boot, y);
		y += TITLE;
		sheet_begin(&sheet, "g");
		sheet_attributef(&sheet, "transform", "translate(0 %.1f)", y);
		sheet_raw(&sheet, strips[i].markup);
		sheet_end(&sheet);
		y += strips[i].height;
		free(strips[i].markup);
	}
	free(strips);
	sheet_end(&sheet);
	sheet_close(&sheet);
	fputs("</svg>\n", out);
}

const struct xml_format xml_svg = { .input = svg_input };
