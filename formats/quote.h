/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Evidence lines, read again from the input and quoted with carets:
 *
 *     27 | (XEN) mm.c:2466:d0 Bad type (saw 7400000000000001 != exp 1000...) for mfn b1d89
 *        |                                  ^~~~~~~~~~~~~~~~        ^~~~ wanted: L1 table
 *        |                                  writable, count 1
 */
#ifndef FORMATS_QUOTE_H
#define FORMATS_QUOTE_H

#include "core/report.h"
#include "formats/screen.h"
#include "formats/source.h"

/* Columns of the gutter that fits the places of all notes of the finding: the numbers
 * of lines, or of bytes. */
unsigned quote_gutter(const struct finding *finding);

/* The note's line, its carets and words. `context`: log lines around it. */
void quote_note(const struct screen *screen, struct source *source, const struct note *note,
		unsigned gutter, unsigned context);

/* "     = says: words", wrapped, aligned with the gutter; label may be "". */
void quote_remark(const struct screen *screen, unsigned gutter, const char *label,
		  const char *words);

/* Column of the note's first caret in its line, from 1; 1 without one. */
unsigned quote_column(struct source *source, const struct note *note);

#endif
