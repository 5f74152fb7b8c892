/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the range map share:
 *
 *   range_map.c      looking up, and edits
 *   range_chunks.c   memory for them: chunks and their directory
 *   range_union.c    asks what spans hold together; knows nothing of this */
#ifndef CORE_RANGE_INSIDE_H
#define CORE_RANGE_INSIDE_H

#include "core/range_map.h"

/* Spans of one chunk. Fewer would make the directory long, more would make an
 * insertion move more bytes (now 2 KiB on average). A test build sets 8, to
 * split and merge all the time. */
#ifndef CHUNK_SPANS_MAX
#define CHUNK_SPANS_MAX 64u
#endif
/* Spans of a map's first chunk: less than half a KiB, as many maps hold little. */
#define CHUNK_SPANS_FIRST 8u
#define DIRECTORY_FIRST 8u

_Static_assert(CHUNK_SPANS_MAX >= 8, "half a chunk and one replacement must fit");
_Static_assert(!(CHUNK_SPANS_MAX & (CHUNK_SPANS_MAX - 1)), "chunks grow by doubling up to it");

struct range_chunk {
	uint32_t count, room;           /* spans in use, spans there is memory for */
	bool of_block;                  /* see range_chunks.c */
	struct range_place alone[1];    /* the directory of a map of one chunk */
	/* `count`, and the empty one. Behind `memory`: room + 1 of them. */
	struct span *spans;
	uint64_t *ends;                 /* the spans' ends: a search reads these alone */
	uint64_t memory[];              /* `room` ends: as many free before as of the spans */
};

/* Free places before the first span, and behind the last. */
static inline uint32_t free_before(const struct range_chunk *chunk)
{
	return (uint32_t)(chunk->ends - chunk->memory);
}

static inline uint32_t free_behind(const struct range_chunk *chunk)
{
	return chunk->room - free_before(chunk) - chunk->count;
}

/* Points at the places that leave `before` free ones. */
static inline void place_spans(struct range_chunk *chunk, uint32_t before)
{
	chunk->ends = chunk->memory + before;
	chunk->spans = (struct span *)(chunk->memory + chunk->room) + before;
}

/* Moves the spans so that `before` places are free before them. */
void range_move_spans(struct range_chunk *chunk, uint32_t before);
/* Restores what follows from the spans after a change of `count`. */
void range_seal_chunk(struct range_map *map, size_t at);

MUST_USE enum status range_add_first_chunk(struct range_map *map);
/* A chunk gets twice the room. */
MUST_USE enum status range_grow_chunk(struct range_map *map, size_t at);
/* Moves the spans from `keep` on to a new chunk behind. */
MUST_USE enum status range_split_chunk(struct range_map *map, size_t at, uint32_t keep);
void range_drop_chunks(struct range_map *map, size_t at, size_t count);
/* Joins a chunk with the next when both together are half full at most: less
 * would split again at once, and a map that shrank would keep its memory. */
void range_merge_chunks(struct range_map *map, size_t at);
/* Gives back what the next use does not need; the map is empty. */
void range_give_back(struct range_map *map);

#endif
