/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The two levels of a range map:
 *
 *      chunks --> [ 0 ][ 1 ][ 2 ]            the directory, in order
 *                   |    |    `--> ...
 *                   |    `--> end, count, | s | s | s | 0 |
 *                   `-------> end, count, | s | s | 0 |
 *
 * Behind a chunk's last span stands an empty one (0), so that a walk needs to
 * know neither the chunk nor its count to see that the chunk ends.
 *
 * Most maps hold fewer than 20 spans: such a map is one small chunk, which
 * doubles as it fills and has its directory inside. Only a chunk that is full
 * is split, so in a map of several chunks each has room for
 * CHUNK_SPANS_MAX.
 *
 * Every edit is one replacement: the spans that overlap [start, end) go, and
 * at most three come:
 *
 *      before   |----a----|    |-b-|   |----c----|
 *      edit          [start                end)
 *      after    |-a-||-------- new --------||-c--|
 *
 * It is planned first, then memory is made ready (which can fail and changes
 * no span), then it is carried out (which cannot fail). */
#include "core/range_map.h"

#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

/* Spans of one chunk. Fewer would make the directory long, more would make an
 * insertion move more bytes (now 4 KiB on average). A test build sets 8, to
 * split and merge all the time. */
#ifndef CHUNK_SPANS_MAX
#define CHUNK_SPANS_MAX 256u
#endif
/* Spans of a map's first chunk: less than half a KiB, as many maps hold little. */
#define CHUNK_SPANS_FIRST 8u
#define DIRECTORY_FIRST 8u
/* In test builds, maps up to this size are checked after each edit; a check
 * walks the whole map, so checking large ones would be quadratic. */
#define CHECKED_SPANS_MAX 64u

_Static_assert(CHUNK_SPANS_MAX >= 8, "half a chunk and one replacement must fit");
_Static_assert(!(CHUNK_SPANS_MAX & (CHUNK_SPANS_MAX - 1)), "chunks grow by doubling up to it");

struct range_chunk {
	uint64_t end;                   /* the last span's: a look-up reads no more */
	uint32_t count, room;           /* spans in use, spans there is memory for */
	struct range_chunk *alone[1];   /* the directory of a map of one chunk */
	struct span spans[];            /* `room`, and one for the empty one */
};

/* One replacement, planned. */
struct edit {
	size_t chunk;          /* where it begins: */
	uint32_t index;        /* `index` may be the chunk's count */
	uint32_t here;         /* spans that go in this chunk, */
	size_t whole;          /* following chunks that go with all their spans, */
	uint32_t beyond;       /* spans that go at the start of the next one */
	size_t gone;           /* spans that go, altogether */
	struct span put[3];    /* what comes at chunk, index */
	uint32_t put_count;
};

/* The first chunk that ends above `x`, or chunk_count. */
static size_t chunk_above(const struct range_map *map, uint64_t x)
{
	size_t low = 0, high = map->chunk_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (map->chunks[middle]->end <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The index of the first span that ends above `x`; the chunk has one. Left to
 * the branch predictor on purpose: it reads ahead in a large map, where each
 * step misses the cache. A branch-free search and one with prefetches were
 * measured to be slower, in small maps too. */
static uint32_t index_above(const struct range_chunk *chunk, uint64_t x)
{
	const struct span *base = chunk->spans;
	uint32_t left = chunk->count;

	while (left > 1) {
		uint32_t half = left / 2;
		base = base[half - 1].end <= x ? base + half : base;
		left -= half;
	}
	return (uint32_t)(base - chunk->spans);
}

const struct span *range_map_from(const struct range_map *map, uint64_t x)
{
	size_t at = chunk_above(map, x);

	if (at == map->chunk_count)
		return NULL;
	return &map->chunks[at]->spans[index_above(map->chunks[at], x)];
}

const struct span *range_map_at(const struct range_map *map, uint64_t x)
{
	const struct span *span = range_map_from(map, x);

	return span && span->start <= x ? span : NULL;
}

const struct span *range_map_next(const struct range_map *map, const struct span *span)
{
	/* Only the empty span ends at 0. */
	return LIKELY(span[1].end) ? span + 1 : range_map_from(map, span->end);
}

/* Memory: chunks and the directory. */

static size_t chunk_bytes(uint32_t room)
{
	return sizeof(struct range_chunk) + (room + (size_t)1) * sizeof(struct span);
}

/* Restores what follows from the spans after a change of `count`. */
static void seal_chunk(struct range_chunk *chunk)
{
	chunk->spans[chunk->count] = (struct span){ 0 };
	chunk->end = chunk->count ? chunk->spans[chunk->count - 1].end : 0;
}

/* An empty chunk with at least that room, or NULL. */
static struct range_chunk *take_chunk(struct range_map *map, uint32_t room)
{
	struct range_chunk *chunk = map->spare;

	if (chunk && chunk->room >= room) {
		map->spare = NULL;
	} else {
		chunk = malloc(chunk_bytes(room));
		if (!chunk)
			return NULL;
		chunk->room = room;
	}
	chunk->count = 0;
	chunk->alone[0] = chunk;
	seal_chunk(chunk);
	return chunk;
}

/* Keeps the roomier of this chunk and the spare one. */
static void give_chunk(struct range_map *map, struct range_chunk *chunk)
{
	if (map->spare && map->spare->room >= chunk->room) {
		free(chunk);
		return;
	}
	free(map->spare);
	map->spare = chunk;
}

/* To be called before the last chunk goes, as it may hold the directory. */
static void forget_directory(struct range_map *map)
{
	if (map->chunk_room > 1)
		free(map->chunks);
	map->chunks = NULL;
	map->chunk_count = map->chunk_room = 0;
}

static enum status add_first_chunk(struct range_map *map)
{
	struct range_chunk *chunk = take_chunk(map, CHUNK_SPANS_FIRST);

	if (!chunk)
		return ST_MEMORY;
	map->chunks = chunk->alone;
	map->chunk_count = map->chunk_room = 1;
	return ST_OK;
}

/* Makes room for one more chunk in the directory. */
static enum status grow_directory(struct range_map *map)
{
	bool inside = map->chunk_room == 1;
	size_t room = inside ? DIRECTORY_FIRST : map->chunk_room * 2;
	struct range_chunk **chunks;

	if (map->chunk_count < map->chunk_room)
		return ST_OK;
	chunks = realloc(inside ? NULL : map->chunks, room * sizeof(struct range_chunk *));
	if (!chunks)
		return ST_MEMORY;
	if (inside)
		chunks[0] = map->chunks[0];
	map->chunks = chunks;
	map->chunk_room = room;
	return ST_OK;
}

static enum status grow_chunk(struct range_map *map, size_t at)
{
	uint32_t room = map->chunks[at]->room * 2;
	struct range_chunk *chunk;

	ASSERT(room <= CHUNK_SPANS_MAX);
	chunk = realloc(map->chunks[at], chunk_bytes(room));
	if (!chunk)
		return ST_MEMORY;
	chunk->room = room;
	chunk->alone[0] = chunk;
	if (map->chunk_room == 1)
		map->chunks = chunk->alone;
	map->chunks[at] = chunk;
	return ST_OK;
}

/* Moves the spans from `keep` on to a new chunk behind. */
static enum status split_chunk(struct range_map *map, size_t at, uint32_t keep)
{
	struct range_chunk *left = map->chunks[at], *right;

	if (grow_directory(map) != ST_OK)
		return ST_MEMORY;
	right = take_chunk(map, CHUNK_SPANS_MAX);
	if (!right)
		return ST_MEMORY;
	right->count = left->count - keep;
	memcpy(right->spans, left->spans + keep, right->count * sizeof(struct span));
	left->count = keep;
	seal_chunk(left);
	seal_chunk(right);
	memmove(map->chunks + at + 2, map->chunks + at + 1,
		(map->chunk_count - at - 1) * sizeof(*map->chunks));
	map->chunks[at + 1] = right;
	map->chunk_count++;
	return ST_OK;
}

static void drop_chunks(struct range_map *map, size_t at, size_t count)
{
	struct range_chunk *last = map->chunks[at];

	for (size_t i = at + 1; i < at + count; i++)
		give_chunk(map, map->chunks[i]);
	if (count == map->chunk_count) {
		forget_directory(map);
	} else {
		memmove(map->chunks + at, map->chunks + at + count,
			(map->chunk_count - at - count) * sizeof(*map->chunks));
		map->chunk_count -= count;
	}
	give_chunk(map, last);
}

/* Joins a chunk with the next when both together are half full at most: less
 * would split again at once, and a map that shrank would keep its memory. */
static void merge_chunks(struct range_map *map, size_t at)
{
	struct range_chunk *left, *right;

	if (at + 1 >= map->chunk_count)
		return;
	left = map->chunks[at];
	right = map->chunks[at + 1];
	if (left->count + right->count > CHUNK_SPANS_MAX / 2)
		return;
	memcpy(left->spans + left->count, right->spans, right->count * sizeof(struct span));
	left->count += right->count;
	seal_chunk(left);
	drop_chunks(map, at + 1, 1);
}

/* Edits. */

/* How many spans from `index` on begin before `end`. They are counted one by
 * one: those that do are about to go, so each is counted once in its life. */
static uint32_t spans_before(const struct range_chunk *chunk, uint32_t index, uint64_t end)
{
	uint32_t i = index;

	if (chunk->spans[chunk->count - 1].start < end)
		return chunk->count - index;
	while (chunk->spans[i].start < end)
		i++;
	return i - index;
}

/* Finds what goes; *first and *last of it, NULL when nothing does. */
static void plan_going(const struct range_map *map, uint64_t start, uint64_t end,
		       struct edit *edit, const struct span **first, const struct span **last)
{
	const struct range_chunk *chunk = map->chunks[edit->chunk];
	uint32_t count;

	edit->index = index_above(chunk, start);
	edit->gone = edit->here = spans_before(chunk, edit->index, end);
	if (!edit->here)
		return;
	*first = &chunk->spans[edit->index];
	*last = *first + edit->here - 1;
	for (size_t i = edit->chunk + 1; i < map->chunk_count && chunk->end < end; i++) {
		chunk = map->chunks[i];
		count = spans_before(chunk, 0, end);
		if (!count)
			return;
		*last = &chunk->spans[count - 1];
		edit->gone += count;
		edit->beyond = count < chunk->count ? count : 0;
		edit->whole += count == chunk->count;
	}
}

static void plan(const struct range_map *map, uint64_t start, uint64_t end,
		 const struct span *with, struct edit *edit)
{
	const struct span *first = NULL, *last = NULL;

	edit->chunk = chunk_above(map, start);
	edit->index = edit->here = edit->beyond = edit->put_count = 0;
	edit->whole = edit->gone = 0;
	if (edit->chunk < map->chunk_count)
		plan_going(map, start, end, edit, &first, &last);
	else if (edit->chunk)   /* behind the last span of all */
		edit->index = map->chunks[--edit->chunk]->count;

	if (first && first->start < start) {
		edit->put[edit->put_count] = *first;
		edit->put[edit->put_count++].end = start;
	}
	if (with)
		edit->put[edit->put_count++] = *with;
	if (last && last->end > end) {
		edit->put[edit->put_count] = *last;
		edit->put[edit->put_count++].start = end;
	}
}

/* Whether the chunk has room for the edit as planned. */
static bool fits(const struct range_map *map, const struct edit *edit)
{
	const struct range_chunk *chunk;

	if (!map->chunk_count)
		return !edit->put_count;
	chunk = map->chunks[edit->chunk];
	return chunk->count - edit->here + edit->put_count <= chunk->room;
}

/* Gets memory for the edit; no span changes, but the plan may be void. */
static enum status make_room(struct range_map *map, const struct edit *edit)
{
	const struct range_chunk *chunk;
	bool appends;

	if (!map->chunk_count)
		return add_first_chunk(map);
	chunk = map->chunks[edit->chunk];
	if (chunk->room < CHUNK_SPANS_MAX)
		return grow_chunk(map, edit->chunk);
	/* Sorted input fills the map from below: chunks that will never grow
	 * again are then left full instead of half full. */
	appends = edit->chunk + 1 == map->chunk_count && edit->index == chunk->count;
	return split_chunk(map, edit->chunk, appends ? chunk->count - 1 : chunk->count / 2);
}

/* Puts `put_count` spans in the place of `gone`, at `index`. */
static void splice(struct range_chunk *chunk, uint32_t index, uint32_t gone,
		   const struct span *put, uint32_t put_count)
{
	struct span *at = chunk->spans + index;

	if (gone != put_count)
		memmove(at + put_count, at + gone,
			(chunk->count - index - gone) * sizeof(struct span));
	for (uint32_t i = 0; i < put_count; i++)
		at[i] = put[i];
	chunk->count += put_count - gone;
	seal_chunk(chunk);
}

static void carry_out(struct range_map *map, const struct edit *edit)
{
	struct range_chunk *chunk = map->chunks[edit->chunk];

	splice(chunk, edit->index, edit->here, edit->put, edit->put_count);
	if (edit->beyond)
		splice(map->chunks[edit->chunk + 1 + edit->whole], 0, edit->beyond, NULL, 0);
	if (edit->whole)
		drop_chunks(map, edit->chunk + 1, edit->whole);
	if (!chunk->count)
		drop_chunks(map, edit->chunk, 1);
	map->span_count += edit->put_count - edit->gone;
	if (edit->gone > edit->put_count) {
		merge_chunks(map, edit->chunk);
		if (edit->chunk)
			merge_chunks(map, edit->chunk - 1);
	}
}

/* Carries out an edit that was planned with these arguments. */
static enum status commit(struct range_map *map, uint64_t start, uint64_t end,
			  const struct span *with, struct edit *edit)
{
	if (map->span_count - edit->gone + edit->put_count > SPANS_MAX)
		return ST_LIMIT;
	while (UNLIKELY(!fits(map, edit))) {
		enum status status = make_room(map, edit);
		if (status != ST_OK)
			return status;
		plan(map, start, end, with, edit);
	}
	if (edit->gone || edit->put_count)
		carry_out(map, edit);
#ifdef TEST_BUILD
	if (map->span_count <= CHECKED_SPANS_MAX)
		ASSERT(range_map_check(map));
#endif
	return ST_OK;
}

/* The one edit: `with` is NULL to remove, else its range is [start, end). */
static enum status replace(struct range_map *map, uint64_t start, uint64_t end,
			   const struct span *with)
{
	struct edit edit;

	if (start >= end)
		return ST_OK;
	plan(map, start, end, with, &edit);
	return commit(map, start, end, with, &edit);
}

enum status range_map_set(struct range_map *map, const struct span *span)
{
	return replace(map, span->start, span->end, span);
}

enum status range_map_remove(struct range_map *map, uint64_t start, uint64_t end)
{
	return replace(map, start, end, NULL);
}

static size_t count_gaps(const struct range_map *map, uint64_t start, uint64_t end)
{
	size_t gaps = 0;
	uint64_t gap_start, gap_end;

	for (; range_map_first_gap(map, start, end, &gap_start, &gap_end); start = gap_end)
		gaps++;
	return gaps;
}

/* Takes the first pieces of a fill out again. Whole spans go, so this needs
 * no memory and cannot fail. */
static void empty_gaps(struct range_map *map, const uint64_t *starts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct span *span = range_map_at(map, starts[i]);
		enum status status;

		ASSERT(span);
		status = replace(map, span->start, span->end, NULL);
		ASSERT(status == ST_OK);
	}
}

/* Fills all gaps or none: `starts` remembers which were, should memory end. */
static enum status fill_gaps(struct range_map *map, struct span piece,
			     uint64_t *starts, size_t gaps)
{
	uint64_t end = piece.end;

	for (size_t i = 0; i < gaps; i++) {
		bool found = range_map_first_gap(map, i ? piece.end : piece.start, end,
						 &piece.start, &piece.end);
		enum status status;

		ASSERT(found);
		starts[i] = piece.start;
		status = replace(map, piece.start, piece.end, &piece);
		if (status != ST_OK) {
			empty_gaps(map, starts, i);
			return status;
		}
	}
	return ST_OK;
}

/* A fill that meets spans, which stay. */
static enum status fill_around(struct range_map *map, struct span span)
{
	size_t gaps = count_gaps(map, span.start, span.end);
	uint64_t few[16], *starts = few;
	enum status status;

	if (gaps > SPANS_MAX - map->span_count)
		return ST_LIMIT;
	if (gaps > ARRAY_LEN(few))
		starts = malloc(gaps * sizeof(*starts));
	if (!starts)
		return ST_MEMORY;
	status = fill_gaps(map, span, starts, gaps);
	if (starts != few)
		free(starts);
	return status;
}

enum status range_map_fill(struct range_map *map, const struct span *span)
{
	struct edit edit;

	if (span->start >= span->end)
		return ST_OK;
	plan(map, span->start, span->end, span, &edit);
	if (edit.gone)
		return fill_around(map, *span);
	return commit(map, span->start, span->end, span, &edit);
}

void range_map_clear(struct range_map *map)
{
	if (map->chunk_count)
		drop_chunks(map, 0, map->chunk_count);
	map->span_count = 0;
}

void range_map_release(struct range_map *map)
{
	range_map_clear(map);
	free(map->spare);
	*map = (struct range_map){ 0 };
}

/* `above`: where the chunk before ends. */
static bool chunk_sound(const struct range_chunk *chunk, uint64_t above)
{
	if (!chunk->count || chunk->count > chunk->room || chunk->room > CHUNK_SPANS_MAX)
		return false;
	for (uint32_t i = 0; i < chunk->count; i++) {
		const struct span *span = &chunk->spans[i];
		if (span->start < above || span->start >= span->end)
			return false;
		above = span->end;
	}
	return chunk->end == above && !chunk->spans[chunk->count].end;
}

bool range_map_check(const struct range_map *map)
{
	uint64_t above = 0;
	size_t spans = 0;

	if (map->chunk_count > map->chunk_room || !map->chunks != !map->chunk_count)
		return false;
	for (size_t i = 0; i < map->chunk_count; i++) {
		const struct range_chunk *chunk = map->chunks[i];
		if (!chunk_sound(chunk, above))
			return false;
		if (map->chunk_count > 1 && chunk->room != CHUNK_SPANS_MAX)
			return false;
		above = chunk->end;
		spans += chunk->count;
	}
	return spans == map->span_count && spans <= SPANS_MAX;
}
