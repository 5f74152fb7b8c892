/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A map from half-open ranges of 64-bit numbers to a small value with the
 * evidence that set it: the memory map in force, the memblock lists, what is
 * known about frames. Sorted, disjoint; neighbours that touch may differ or
 * be equal (they keep their own evidence).
 *
 *      |--RAM--|      |--reserved--||--RAM--|
 *      a       b      c            d        e      absent between b and c
 *
 * Two levels: a directory of chunks of spans, so that neither a
 * boot of ten reservations nor a hostile one of a million is slow
 * (an edit costs O(chunk + directory), a look-up O(log n)). */
#ifndef CORE_RANGE_MAP_H
#define CORE_RANGE_MAP_H

#include "core/base.h"
#include "core/loc.h"
#include "core/status.h"

struct span {
	uint64_t start, end;   /* end is out */
	uint32_t value;        /* the caller's: a type, a label number, ... */
	int32_t next;          /* the map's: see range_map_next() */
	struct loc at;         /* the evidence that set it */
};

/* Where a chunk is and where its last span ends: a look-up reads no more. */
struct range_place { uint64_t end; struct range_chunk *chunk; };

struct range_map {
	struct range_place *places;    /* in `directory`; NULL while empty */
	struct range_place *directory; /* owned; room for chunk_room */
	size_t chunk_count, chunk_room;
	size_t span_count;
	/* A chunk kept from before range_map_clear(), so that the next boot
	 * needs no malloc. */
	struct range_chunk *spare;
	/* Of a large map: where chunks come from, and those that are not used. */
	struct range_block *block;     /* the newest; owned */
	struct range_chunk *idle;
};

/* An all-zero struct is an empty map. */
void range_map_release(struct range_map *map);
/* Empties the map but keeps a little memory for the next use. */
void range_map_clear(struct range_map *map);

/* Makes the map hold what `from` does. Fails with ST_MEMORY: it then holds the lower part. */
MUST_USE enum status range_map_copy(struct range_map *map, const struct range_map *from);

/* Gives [start, end) the value, replacing what was there and splitting spans
 * at both ends. Empty or inverted ranges change nothing. Does not merge with
 * neighbours. Fails with ST_LIMIT (SPANS_MAX) or ST_MEMORY; the map is then
 * unchanged. */
MUST_USE enum status range_map_set(struct range_map *map, const struct span *span);
/* As above, but only where nothing is yet: spans already there stay. */
MUST_USE enum status range_map_fill(struct range_map *map, const struct span *span);
/* Removes [start, end), splitting spans at both ends. */
MUST_USE enum status range_map_remove(struct range_map *map, uint64_t start, uint64_t end);

/* The span that holds `x`, or NULL. Pointers are valid until the next edit. */
const struct span *range_map_at(const struct range_map *map, uint64_t x);
/* The first span whose end lies above `x` (so it holds x or begins later), or
 * NULL: for (s = range_map_from(m, a); s && s->start < b; s = range_map_next(m, s)) */
const struct span *range_map_from(const struct range_map *map, uint64_t x);
/* The span after one that was returned by this map, or NULL. Costs a look-up
 * at a chunk's end only. */
const struct span *range_map_next(const struct range_map *map, const struct span *span);

/* True when every number of [start, end) is in some span (true if empty). */
bool range_map_covers(const struct range_map *map, uint64_t start, uint64_t end);
/* The first part of [start, end) that no span holds; false when covered. */
bool range_map_first_gap(const struct range_map *map, uint64_t start, uint64_t end,
			 uint64_t *gap_start, uint64_t *gap_end);
/* How many numbers of [start, end) are held. */
uint64_t range_map_held(const struct range_map *map, uint64_t start, uint64_t end);
/* True when the unions of both maps are equal, whatever their values and
 * splits; else the first number that only one of them holds, and which. */
bool range_map_same_union(const struct range_map *a, const struct range_map *b,
			  uint64_t *first_difference, bool *held_by_a);

/* Sorted, disjoint, non-empty, counts right; for tests and ASSERT. */
bool range_map_check(const struct range_map *map);

#endif
