/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the spans of a range map hold together, whatever their values and
 * splits. Asked through range_map_from() and range_map_next() alone: nothing
 * here knows how a map is stored, so these are also its second opinion.
 *
 *      spans    |--a--||-b-|     |-c-|
 *      runs     |----------|     |---|
 *      gaps   --            -----     ------ */
#include "core/range_map.h"

bool range_map_first_gap(const struct range_map *map, uint64_t start, uint64_t end,
			 uint64_t *gap_start, uint64_t *gap_end)
{
	const struct span *span = range_map_from(map, start);

	while (span && span->start <= start && start < end) {
		start = span->end;
		span = range_map_next(map, span);
	}
	if (start >= end)
		return false;
	*gap_start = start;
	*gap_end = span && span->start < end ? span->start : end;
	return true;
}

bool range_map_covers(const struct range_map *map, uint64_t start, uint64_t end)
{
	uint64_t gap_start, gap_end;

	return !range_map_first_gap(map, start, end, &gap_start, &gap_end);
}

uint64_t range_map_held(const struct range_map *map, uint64_t start, uint64_t end)
{
	const struct span *span = range_map_from(map, start);
	uint64_t held = 0;

	if (start >= end)
		return 0;
	for (; span && span->start < end; span = range_map_next(map, span))
		held += (span->end < end ? span->end : end) -
			(span->start > start ? span->start : start);
	return held;
}

/* A longest stretch without a gap. Behind the last one there is an empty one
 * at the end of all numbers, where no span can begin. */
struct run {
	uint64_t start, end;
};

/* The run that begins with *span; moves *span behind it. */
static struct run take_run(const struct range_map *map, const struct span **span)
{
	struct run run = { UINT64_MAX, UINT64_MAX };

	if (!*span)
		return run;
	run.start = (*span)->start;
	do {
		run.end = (*span)->end;
		*span = range_map_next(map, *span);
	} while (*span && (*span)->start == run.end);
	return run;
}

bool range_map_same_union(const struct range_map *a, const struct range_map *b,
			  uint64_t *first_difference, bool *held_by_a)
{
	const struct span *next_a = range_map_from(a, 0), *next_b = range_map_from(b, 0);
	struct run in_a, in_b;

	do {
		in_a = take_run(a, &next_a);
		in_b = take_run(b, &next_b);
		if (in_a.start != in_b.start) {
			*held_by_a = in_a.start < in_b.start;
			*first_difference = *held_by_a ? in_a.start : in_b.start;
			return false;
		}
		if (in_a.end != in_b.end) {
			*held_by_a = in_a.end > in_b.end;
			*first_difference = *held_by_a ? in_b.end : in_a.end;
			return false;
		}
	} while (in_a.start < in_a.end);
	return true;
}
