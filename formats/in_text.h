/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a text log: bytes to lines, prefixes stripped, every line family
 * tried, events out. */
#ifndef FORMATS_IN_TEXT_H
#define FORMATS_IN_TEXT_H

#include "formats/reader.h"
#include "formats/source.h"

/* Runs the whole source through `reader`. On return input->bytes, lines,
 * lines_used, diagnostics and format are set. `first` are bytes that were
 * already read (for recognising the format), standing at the buffer's data
 * start. Fails with what emit or the source failed with. */
MUST_USE enum status in_text_run(struct reader *reader, struct source *source,
				 size_t first, const char **trouble);

/* For tests and --explain: splits prefixes off one line, as in_text_run does.
 * line->message points into `raw`. */
void line_strip(struct text raw, struct line *line);

/* The scanner of newlines, for tests: up to 8192 bytes, 64 of slack behind them.
 * Positions go up; returns how many. */
unsigned in_text_newlines(bool plain, const char *bytes, unsigned length, uint16_t *positions);

#endif
