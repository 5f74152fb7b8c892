/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Line shapes: what a line of a log looks like, as data. A family of shapes
 * is one file formats/lines_NAME.c with a table `const struct line_shape
 * lines_NAME[]`; make finds the file and writes the dispatch index
 * (formats/mkindex). A new shape is one LINE() row.
 *
 * A pattern is matched from the first non-blank character of the message
 * (clocks, levels, `(XEN)` and the like are stripped before):
 *
 *   <x>      hex number, with or without 0x, 1 to 16 digits   -> numbers
 *   <d>      decimal number, may be negative                   -> numbers
 *   <range>  two hex numbers with "-", "->", ",", ".." and     -> ranges
 *            blanks between, padded alike; made half-open by
 *            the row's end
 *   <w>      a word: no blanks, ends before the pattern's next -> words
 *            character too; not empty
 *   <rest>   what remains, trimmed; may be empty               -> words
 *   <any>    as little as possible up to the pattern's next    -> words
 *            characters; may be empty
 *   blank    one or more blanks or tabs (none needed at the end)
 *   others   themselves
 *
 * A row begins with at least one literal character or <x>/<d>/<range>, and that with a
 * decimal digit in the log, or with eight hex digits. Text left over after a pattern is tried as a line
 * of its own: writers interleave. Rows are tried in the order of the file. */
#ifndef FORMATS_SHAPE_H
#define FORMATS_SHAPE_H

#include "core/event.h"

/* What the second number of a <range> means. */
enum ends {
	ENDS_NONE,        /* the row has no range */
	ENDS_EXCLUSIVE,   /* one past the last byte (or frame) */
	ENDS_INCLUSIVE,   /* the last one itself */
	ENDS_BY_LOG,      /* another line of the log tells; the handler decides:
	                   * ranges come as if ENDS_EXCLUSIVE */
};

#define CAPTURES_MAX 12

struct match_number {
	uint64_t value;
	uint8_t digits;      /* hex digits, or decimal digits */
};
struct match_range {
	uint64_t start, end; /* half-open by the row's ends */
	uint8_t digits;      /* of the first number */
	bool absurd;         /* ends before it starts, or past 2^64; zero-sized
	                      * inclusive ranges (end = start - 1) are not */
};

struct match {
	unsigned number_count, range_count, word_count;
	struct match_number numbers[CAPTURES_MAX];
	struct match_range ranges[4];
	struct text words[CAPTURES_MAX];
};

struct line;
struct reader;
struct usual_lines;
typedef unsigned line_usual(struct reader *, const struct usual_lines *);

/* The pattern and its ends are for mkindex: here would stand an address more that each start
 * has to relocate. */
struct line_shape {
	/* Makes events with reader_emit(). False: not this shape after all, try
	 * the next row. */
	bool (*handle)(struct reader *, const struct line *, const struct match *);
	/* Takes lines in their usual spelling behind one of this row, of which an input may
	 * have millions; may be NULL. Returns how many. See usual.h. */
	line_usual *usual;
};

/* LINE(pattern, ends, handle) or LINE(pattern, ends, handle, usual) */
#define LINE(pattern, ends, ...) { LINE_HANDLERS(__VA_ARGS__, NULL, NULL) }
#define LINE_HANDLERS(handle, usual, ...) (handle), (usual)

/* Matches a pattern against `message`, step by step as it is written; rows are
 * matched by what formats/mkindex made of theirs. *left is what the pattern did not
 * take. False leaves *match undefined. *lead_matched tells whether everything up to
 * the first capture fitted: a damaged line of a known shape rather than another line. */
bool shape_match(const char *pattern, enum ends ends, struct text message, struct match *match,
		 struct text *left, bool *lead_matched);

#endif
