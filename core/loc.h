/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a fact was read. Owns nothing; the bytes are read again from the
 * input when a report quotes them. */
#ifndef CORE_LOC_H
#define CORE_LOC_H

#include "core/base.h"

struct loc {
	uint64_t offset;   /* bytes from the input's start to the record's */
	uint32_t line;     /* from 1; 0 in a binary input, or "nowhere" */
	uint32_t length;   /* bytes, without the line end */
	uint32_t input;    /* index into the run's inputs, from 0 */
};

#define LOC_NONE ((struct loc){ 0, 0, 0, 0 })

static inline bool loc_known(struct loc at)
{
	return (at.line | at.length) != 0;
}

/* Do the lines of two places tell which came first? Not those of two files, nor those of a
 * log and of a trace that stands behind it, from `behind` on (unknown: there is none). */
static inline bool loc_same_course(struct loc a, struct loc b, struct loc behind)
{
	return a.input == b.input && (!loc_known(behind) || a.input != behind.input ||
				      (a.offset < behind.offset) == (b.offset < behind.offset));
}

/* What stands in a report's margin beside it. */
static inline uint64_t loc_number(struct loc at)
{
	return at.line ? at.line : at.offset;
}

/* Does `b`, which stands behind `a`, stand close to it? Records of a journal or of JSON
 * have many lines for one of the log, most of them empty when they are read: there the
 * bytes tell. */
#define LINE_BYTES_USUAL 64u
static inline bool loc_within(struct loc a, struct loc b, uint32_t lines)
{
	return a.input == b.input && (b.line - a.line <= lines ||
				      b.offset - a.offset <= (uint64_t)lines * LINE_BYTES_USUAL);
}

#endif
