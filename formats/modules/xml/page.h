/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The HTML page: a section for each input, verdict first. One file, without
 * scripts, that loads nothing. */
#ifndef FORMATS_MODULES_XML_PAGE_H
#define FORMATS_MODULES_XML_PAGE_H

#include "formats/modules/xml/sheet.h"
#include "formats/writer.h"

extern const char page_style[];

/* What the page shows of an input in one word: "error", "warning", "clean",
 * "none" (no verdict). */
const char *page_class(const struct input_report *input);

/* The verdicts of several boots, each with a link; of one, nothing. */
void page_boot_list(struct sheet *sheet, const struct input_report *input);
/* One boot: verdict, picture, findings, rules. */
void page_boot(struct sheet *sheet, const struct write_options *options,
	       const struct input_report *input, const struct boot_report *boot,
	       struct source *source);

#endif
