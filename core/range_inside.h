/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the range map share:
 *
 *   range_map.c      looking up, and edits
 *   range_chunks.c   memory for them: chunks and their directory
 *   range_union.c    asks what spans hold together; knows nothing of this */
#ifndef CORE_RANGE_INSIDE_H
#define CORE_RANGE_INSIDE_H

#include <string.h>

#include "core/range_map.h"

/* Spans of one chunk. Fewer would make the directory long, more would make an insertion
 * read and move more. A test build sets 8, to split and merge all the time. */
#ifndef CHUNK_SPANS_MAX
#define CHUNK_SPANS_MAX 64u
#endif
/* Spans of a map's first chunk: little more than half a KiB, as many maps hold little. */
#define CHUNK_SPANS_FIRST 8u
#define DIRECTORY_FIRST 8u

_Static_assert(CHUNK_SPANS_MAX >= 8, "half a chunk and one replacement must fit");
_Static_assert(!(CHUNK_SPANS_MAX & (CHUNK_SPANS_MAX - 1)), "chunks grow by doubling up to it");
_Static_assert(CHUNK_SPANS_MAX <= UINT8_MAX, "a seat's place is a byte");

/* Where a span stands, and how long it is: 1 << bits at least, less than twice that. */
struct range_seat { uint8_t place, bits; };

/* A span stays where it was put. What stands in their order is small, and all that a
 * search reads:
 *
 *                     first         room
 *      seats  | 0 4 5 | 3   1   2   |      those before `first`: of unused places
 *      ends   |       | a   b   c   |
 *
 *      spans  |   | b | c | a |   |   |
 *
 * It grows downwards: memblock gives from the top down, so what comes has few before it. */
struct range_chunk {
	uint32_t first, room;
	struct range_place alone[1];    /* the directory of a map of one chunk */
	bool of_block;                  /* see range_chunks.c */
	struct range_seat seats[CHUNK_SPANS_MAX];
	uint64_t ends[];                /* `room`; behind them as many spans */
};

static inline struct span *range_spans(struct range_chunk *chunk)
{
	return (struct span *)(chunk->ends + chunk->room);
}

static inline struct span *range_span(struct range_chunk *chunk, uint32_t at)
{
	return range_spans(chunk) + chunk->seats[at].place;
}

/* Puts a span before the one at `at`, or behind all at `room`; there is an unused place.
 * Those behind it keep their numbers. */
static ALWAYS_INLINE void range_insert(struct range_chunk *chunk, uint32_t at,
				       const struct span *span)
{
	uint32_t first = --chunk->first, before = --at - first;
	uint8_t place = chunk->seats[first].place;
	struct span *put = range_spans(chunk) + place;

	*put = *span;
	put->next = at + 1 < chunk->room ? chunk->seats[at + 1].place - place : 0;
	if (before) {
		struct range_seat *seats = chunk->seats + first;
		uint64_t *ends = chunk->ends + first;

		memmove(seats, seats + 1, before * sizeof(*seats));
		memmove(ends, ends + 1, before * sizeof(*ends));
		put[seats[before - 1].place - place].next = place - seats[before - 1].place;
	}
	chunk->seats[at].place = place;
	chunk->seats[at].bits = (uint8_t)(63 ^ __builtin_clzll(span->end - span->start));
	chunk->ends[at] = span->end;
}

/* Takes `count` spans away from `at` on. Those behind keep their numbers. */
void range_take_away(struct range_chunk *chunk, uint32_t at, uint32_t count);
/* Restores what the directory tells of a chunk. */
void range_seal_chunk(struct range_map *map, size_t at);

MUST_USE enum status range_add_first_chunk(struct range_map *map);
/* A chunk gets twice the room. */
MUST_USE enum status range_grow_chunk(struct range_map *map, size_t at);
/* Moves the spans from number `from` on to a new chunk behind. */
MUST_USE enum status range_split_chunk(struct range_map *map, size_t at, uint32_t from);
void range_drop_chunks(struct range_map *map, size_t at, size_t count);
/* Joins a chunk with the next when both together are half full at most: less
 * would split again at once, and a map that shrank would keep its memory. */
void range_merge_chunks(struct range_map *map, size_t at);
/* Gives back what the next use does not need; the map is empty. */
void range_give_back(struct range_map *map);

#endif
