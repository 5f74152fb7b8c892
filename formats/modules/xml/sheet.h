/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An XML fragment on its way to a stream. libxml2 escapes and balances; this
 * makes any bytes legal: what is no character that XML 1.0 allows, or would
 * confuse a reader, becomes visible as \xNN. */
#ifndef FORMATS_MODULES_XML_SHEET_H
#define FORMATS_MODULES_XML_SHEET_H

#include <libxml/xmlwriter.h>
#include <stdio.h>

#include "core/text.h"

struct sheet {
	xmlTextWriterPtr writer;
	FILE *out;
};

/* Out of memory ends the program with status 3 and a message: half a document
 * must never look whole. Write errors are seen by ferror() of `out`. */
void sheet_open(struct sheet *sheet, FILE *out);
/* Closes what is still open. */
void sheet_close(struct sheet *sheet);

/* The end for lack of memory, when something else than the sheet lacks it. */
_Noreturn void sheet_no_memory(void);

/* As realloc(), but it never fails: see sheet_open(). */
void *sheet_realloc(void *old, size_t bytes);

void sheet_begin(struct sheet *sheet, const char *element);
void sheet_end(struct sheet *sheet);
/* Ends with </name> even when empty, as HTML wants it. */
void sheet_end_full(struct sheet *sheet);
/* After sheet_begin(), before any content. */
void sheet_attribute(struct sheet *sheet, const char *name, const char *value);
void sheet_attributef(struct sheet *sheet, const char *name, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* Its value as it is: of our own making, with nothing to be escaped. */
void sheet_attribute_raw(struct sheet *sheet, const char *name, const char *value);
void sheet_text(struct sheet *sheet, struct text words);
static inline void sheet_puts(struct sheet *sheet, const char *words)
{
	sheet_text(sheet, text_of(words));
}
void sheet_printf(struct sheet *sheet, const char *format, ...) PRINTF_LIKE(2, 3);
/* Markup as it is: well-formed, of our own making. */
void sheet_raw(struct sheet *sheet, const char *markup);
/* An element with text alone; class may be NULL. */
void sheet_element(struct sheet *sheet, const char *element, const char *class_name,
		   const char *words);

#endif
