/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which rows of which family a line may be, and the first one that it is. The
 * tables come from formats/mkindex. */
#ifndef FORMATS_ROWS_H
#define FORMATS_ROWS_H

#include "formats/line_index.h"
#include "formats/reader.h"

enum glance {
	PASS_BY,       /* no row begins so, nor a prefix */
	TAKE,          /* a row may: the hint tells which */
	LOOK_CLOSER,   /* a prefix may stand before it */
};

/* A bit for each candidate that is left to try; the lowest is known to be worth it. */
struct hint { const struct line_slot *slot; uint32_t left; };
/* Without a glance: slot is NULL when no row can begin so. */
struct hint rows_hint(struct text message);

/* From the lowest candidate on that a line whose key has a window may be of. */
static inline uint32_t rows_of_window(const struct line_slot *slot, const char *at, uint32_t left)
{
	/* The buffer's slack lies behind the last line. */
	uint64_t window = line_window(at, slot);

	while (left && !line_may_be(&line_candidates[slot->first + __builtin_ctz(left)], window, at))
		left &= left - 1;
	return left;
}

/* Of a line that begins otherwise than the one before, or with a number. */
enum glance rows_glance_anew(const char *at, const char *end, bool behind_prefix, struct hint *hint);

/* Is the line [at, end), for which line_may_begin() is true, worth a match? behind_prefix: a
 * number does not begin another prefix. *hint: of a line before, or NULL and 0. 64 bytes
 * behind `end` are readable. */
static ALWAYS_INLINE enum glance rows_glance(const char *at, const char *end, bool behind_prefix,
					     struct hint *hint)
{
	const struct line_slot *slot = hint->slot;
	uint32_t key = line_key(at);

	/* Many lines begin as the one before did, of which the rest is known. */
	if (LIKELY(slot && slot->key == key && key && slot->window)) {
		hint->left = rows_of_window(slot, at, line_candidates_of(slot, at));
		return hint->left ? TAKE : PASS_BY;
	}
	return rows_glance_anew(at, end, behind_prefix, hint);
}

/* The row of the lowest candidate. */
static ALWAYS_INLINE unsigned row_of(struct hint hint)
{
	return line_candidates[hint.slot->first + __builtin_ctz(hint.left)].row;
}

/* Hands the line to the row of the lowest candidate: whether it is of its shape, and took it. */
enum row_said { NOT_OF_ROW, LEAD_OF_ROW, NOT_TAKEN, TAKEN };
static ALWAYS_INLINE enum row_said row_take(struct reader *reader, const struct line *line,
					    struct hint hint, struct text *left, line_usual **usual)
{
	unsigned number = row_of(hint);
	const struct line_row *row = &line_rows[number];
	const struct line_shape *shape = &line_families[row->family][row->row];
	struct match match;
	bool lead = false;

	if (UNLIKELY(!line_match(line->message, &match, left, &lead, number)))
		return lead ? LEAD_OF_ROW : NOT_OF_ROW;
	if (UNLIKELY(!shape->handle(reader, line, &match)))
		return NOT_TAKEN;
	*usual = shape->usual;
	return TAKEN;
}

/* The same with the others, the lowest of which has said no. */
bool rows_match_next(struct reader *reader, const struct line *line, struct hint hint,
		     struct text *left, line_usual **usual, enum row_said said);

/* Hands the line to the first row that fits. True when one did; *left is what it
 * did not take, *usual what takes lines like it, if there may be many. A line of a known
 * shape that is cut or garbled is told. */
static ALWAYS_INLINE bool rows_match(struct reader *reader, const struct line *line,
				     struct hint hint, struct text *left, line_usual **usual)
{
	enum row_said said;

	if (UNLIKELY(!hint.left))
		return false;
	said = row_take(reader, line, hint, left, usual);
	return LIKELY(said == TAKEN) || rows_match_next(reader, line, hint, left, usual, said);
}

/* A part of a line that told nothing, behind which another spoke: a remark, when the line
 * may have been of a row. */
void rows_tell_cut(struct reader *reader, struct text part, struct loc at);

#endif
