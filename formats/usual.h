/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of lines that are all spelt alike, of which a trace has millions and a log with
 * memblock=debug hundreds: who knows the spelling reads on from line to line, and counts
 * those that tell something as used. The first that differs ends the row and is read as
 * any other.
 *
 *   in_text.c --> usual_lines --> trace_usual.c, a row of lines_mmu.c --> queue
 *             |               `-> rows of lines_memblock.c            --> events
 *             `<-- how many --- */
#ifndef FORMATS_USUAL_H
#define FORMATS_USUAL_H

#include "formats/digits.h"
#include "formats/learned.h"

/* Whole lines, 64 bytes behind which are readable: the first begins at `line`, and each
 * ends at bytes + ends[i]. */
struct usual_lines {
	const char *line, *bytes;
	const uint16_t *ends;
	unsigned count;
	struct loc at;                     /* of the first; its length is not set */
	const struct learned *prefix;      /* which may stand before each */
	bool hide;                         /* they may hold what their first bytes do not tell */
};

#ifdef DIGITS_AT_ONCE
/* Puts a kernel's operation of line number i, [line, end), into the queue at *place. */
static ALWAYS_INLINE void usual_put(struct mmu_queued *place, const struct usual_lines *lines,
				    unsigned i, const char *line, const char *end,
				    const struct mmu_op *form, uint64_t ptr, uint64_t val)
{
	place->op = *form;
	place->op.ptr = ptr;
	place->op.val = val;
	place->at = (struct loc){
		.offset = lines->at.offset + (uint64_t)(line - lines->line),
		.line = lines->at.line + i,
		.length = (uint32_t)(end - line),
		.input = lines->at.input,
	};
}
#endif

#endif
