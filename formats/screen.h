/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing for people at a terminal: printable bytes, colour, wrapping. */
#ifndef FORMATS_SCREEN_H
#define FORMATS_SCREEN_H

#include <stdio.h>

#include "core/text.h"

/* Columns that prose may take, and quoted lines with their gutter, when the
 * terminal's width is not known: most log lines fit whole. */
#define SCREEN_COLUMNS 100u
#define QUOTE_COLUMNS 120u
#define SCREEN_COLUMNS_MIN 40u
#define SCREEN_COLUMNS_MAX 240u

enum ink { INK_BOLD, INK_ERROR, INK_WARNING, INK_NOTE, INK_MARK };

struct screen {
	FILE *out;
	bool color;
	unsigned columns;   /* of the terminal; 0: not known */
};

unsigned screen_columns(const struct screen *screen);         /* for prose */
unsigned screen_quote_columns(const struct screen *screen);   /* for log lines */

/* Text in between is inked; plain without colour. */
void screen_ink(const struct screen *screen, enum ink ink);
void screen_plain(const struct screen *screen);

/* Any bytes, made printable: "\x1b" for what is not. */
void screen_put(const struct screen *screen, struct text words);
static inline void screen_puts(const struct screen *screen, const char *words)
{
	screen_put(screen, text_of(words));
}
void screen_spaces(const struct screen *screen, unsigned count);

/* Prose from column `at` on (already printed), wrapped at the screen's width
 * with `indent` blanks in front of each further line. The first word stays
 * with what stands before it unless blanks lead. Returns the column after. */
unsigned screen_flow(const struct screen *screen, unsigned at, unsigned indent,
		     const char *words);
/* The same, without leading blanks, and ends the line. */
void screen_wrap(const struct screen *screen, unsigned at, unsigned indent, const char *words);

#endif
