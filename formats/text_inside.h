/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the text reader share:
 *
 *   in_text.c     blocks to lines: those of no row are passed by
 *   text_line.c   one line: its parts, and the row of each */
#ifndef FORMATS_TEXT_INSIDE_H
#define FORMATS_TEXT_INSIDE_H

#include "formats/learned.h"
#include "formats/mess.h"
#include "formats/rejoin.h"
#include "formats/rows.h"

struct text_run {
	struct reader *reader;
	const char *start;        /* first byte not yet taken */
	uint64_t offset;          /* of `start` in the input */
	uint32_t line_number;     /* lines taken */
	struct learned prefix;
	bool xen_seen;            /* this stream has "(XEN)" lines */
	bool closer;              /* so lines may hide something: xen_seen or mess.any */
	struct mess mess;
	struct rejoin *rejoin;    /* not owned */
	struct text understood;   /* the line that was taken, when it is not as it stands in
	                           * the input; at: NULL */
	struct said *said;        /* by a doubled log; not owned */
	uint32_t twins;           /* lines of it that are not counted */
	line_usual *usual;        /* takes lines like the last one; or NULL */
	unsigned skim;            /* lines that are skimmed in one go */
};

/* Writers interleave: what a row has left of the line is tried, and its rest. */
void text_dispatch_rest(struct text_run *run, struct line *line, struct text left);

/* The same of a log in which each line stands twice: one of the two counts. */
bool text_dispatch_doubled(struct text_run *run, struct line *line, struct hint hint);

/* A line that no row takes, though one begins so: Xen's first words may stand in its
 * middle. False: they do not. */
bool text_dispatch_first_cut(struct text_run *run, const struct line *line);

/* A message without prefixes. False: it is of no row. */
static ALWAYS_INLINE bool text_dispatch(struct text_run *run, struct line *line, struct hint hint)
{
	struct text left;

	if (UNLIKELY(run->reader->doubled))
		return text_dispatch_doubled(run, line, hint);
	if (!rows_match(run->reader, line, hint, &left, &run->usual))
		return !run->xen_seen && hint.left && text_dispatch_first_cut(run, line);
	if (UNLIKELY(left.length >= 4))
		text_dispatch_rest(run, line, left);
	return true;
}

/* A line that begins at line_start, of which `raw` is what no prefix is known of. */
void text_take_line(struct text_run *run, struct text raw, struct loc at, const char *line_start);
/* The first "(XEN) " of [at, end), or NULL. */
const char *text_find_xen(const char *at, const char *end);

#endif
