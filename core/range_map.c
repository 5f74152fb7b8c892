/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The two levels of a range map:
 *
 *      places --> [ 0 ][ 1 ][ 2 ]            the directory, in order, with
 *                   |    |    `--> ...       where each chunk ends
 *                   |    `--> count, | s | s | s | 0 |
 *                   `-------> count, | s | s | 0 |
 *
 * Behind a chunk's last span stands an empty one (0), so that a walk needs to
 * know neither the chunk nor its count to see that the chunk ends. Free places are
 * before the first span and behind the last, so that an insertion moves the shorter
 * side: memblock gives from the top down, firmware lists from the bottom up.
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
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/range_inside.h"

/* In test builds, maps up to this size are checked after each edit; a check
 * walks the whole map, so checking large ones would be quadratic. */
#define CHECKED_SPANS_MAX 64u

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

	if (LIKELY(high == 1))
		return map->places[0].end <= x;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (map->places[middle].end <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The index of the first span that ends above `x`; the chunk has one. In a large
 * map nothing of it is in the cache: all lines are asked for at once. */
static ALWAYS_INLINE uint32_t index_above(const struct range_chunk *chunk, uint64_t x)
{
	const uint64_t *base = chunk->ends;
	uint32_t left = chunk->count;

	if (x < base[0])
		return 0;
	for (uint32_t i = 7; i < left; i += 8)
		__builtin_prefetch(chunk->ends + i);
	while (left > 1) {
		uint32_t half = left / 2;
		base = base[half - 1] <= x ? base + half : base;
		left -= half;
	}
	return (uint32_t)(base - chunk->ends);
}

const struct span *range_map_from(const struct range_map *map, uint64_t x)
{
	size_t at = chunk_above(map, x);

	if (at == map->chunk_count)
		return NULL;
	return &map->places[at].chunk->spans[index_above(map->places[at].chunk, x)];
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

/* Edits. */

/* Makes `more` places at `index`; the chunk has the room. */
static ALWAYS_INLINE void open_gap(struct range_chunk *chunk, uint32_t index, uint32_t more)
{
	bool ahead = index < chunk->count - index;
	uint32_t behind = chunk->count - index;

	if ((ahead ? free_before(chunk) : free_behind(chunk)) < more) {
		/* Half of what is free goes to the side that grows. */
		uint32_t rest = chunk->room - chunk->count - more;

		range_move_spans(chunk, rest / 2 + (ahead ? more : 0));
	}
	if (ahead) {
		place_spans(chunk, free_before(chunk) - more);
		if (index) {   /* memblock gives from the top down */
			memmove(chunk->spans, chunk->spans + more, index * sizeof(struct span));
			memmove(chunk->ends, chunk->ends + more, index * sizeof(uint64_t));
		}
	} else if (!behind) {
		chunk->spans[index + more] = chunk->spans[index];   /* the empty one */
	} else {
		memmove(chunk->spans + index + more, chunk->spans + index,
			(behind + (size_t)1) * sizeof(struct span));
		memmove(chunk->ends + index + more, chunk->ends + index,
			behind * sizeof(uint64_t));
	}
	chunk->count += more;
}

/* Takes `fewer` spans away at `index`. */
static void close_gap(struct range_chunk *chunk, uint32_t index, uint32_t fewer)
{
	size_t behind = chunk->count - index - fewer;

	memmove(chunk->spans + index, chunk->spans + index + fewer,
		(behind + 1) * sizeof(struct span));
	memmove(chunk->ends + index, chunk->ends + index + fewer, behind * sizeof(uint64_t));
	chunk->count -= fewer;
}

/* How many spans from `index` on begin before `end`. They are counted one by
 * one: those that do are about to go, so each is counted once in its life. */
static uint32_t spans_before(const struct range_chunk *chunk, uint32_t index, uint64_t end)
{
	uint32_t i = index;

	if (chunk->spans[index].start >= end)
		return 0;
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
	const struct range_chunk *chunk = map->places[edit->chunk].chunk;
	uint32_t count;

	edit->index = index_above(chunk, start);
	edit->gone = edit->here = spans_before(chunk, edit->index, end);
	if (!edit->here)
		return;
	*first = &chunk->spans[edit->index];
	*last = *first + edit->here - 1;
	for (size_t i = edit->chunk + 1; i < map->chunk_count && map->places[i - 1].end < end; i++) {
		chunk = map->places[i].chunk;
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
		edit->index = map->places[--edit->chunk].chunk->count;

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
	chunk = map->places[edit->chunk].chunk;
	return chunk->count - edit->here + edit->put_count <= chunk->room;
}

/* Gets memory for the edit; no span changes, but the plan may be void. */
static enum status make_room(struct range_map *map, const struct edit *edit)
{
	const struct range_chunk *chunk;
	uint32_t keep;

	if (!map->chunk_count)
		return range_add_first_chunk(map);
	chunk = map->places[edit->chunk].chunk;
	if (chunk->room < CHUNK_SPANS_MAX)
		return range_grow_chunk(map, edit->chunk);
	/* Sorted input fills the map from below, or from above: chunks that will never
	 * grow again are then left full instead of half full. */
	keep = chunk->count / 2;
	if (edit->chunk + 1 == map->chunk_count && edit->index == chunk->count)
		keep = chunk->count - 1;
	else if (!edit->chunk && !edit->index)
		keep = 1;
	return range_split_chunk(map, edit->chunk, keep);
}

/* Puts `put_count` spans in the place of `gone`, at `index`. */
static void splice(struct range_map *map, size_t where, uint32_t index, uint32_t gone,
		   const struct span *put, uint32_t put_count)
{
	struct range_chunk *chunk = map->places[where].chunk;

	if (put_count > gone)
		open_gap(chunk, index, put_count - gone);
	else if (put_count < gone)
		close_gap(chunk, index, gone - put_count);
	for (uint32_t i = 0; i < put_count; i++) {
		chunk->spans[index + i] = put[i];
		chunk->ends[index + i] = put[i].end;
	}
	range_seal_chunk(map, where);
}

static void carry_out(struct range_map *map, const struct edit *edit)
{
	struct range_chunk *chunk = map->places[edit->chunk].chunk;

	splice(map, edit->chunk, edit->index, edit->here, edit->put, edit->put_count);
	if (edit->beyond)
		splice(map, edit->chunk + 1 + edit->whole, 0, edit->beyond, NULL, 0);
	if (edit->whole)
		range_drop_chunks(map, edit->chunk + 1, edit->whole);
	if (!chunk->count)
		range_drop_chunks(map, edit->chunk, 1);
	map->span_count += edit->put_count - edit->gone;
	if (edit->gone > edit->put_count) {
		range_merge_chunks(map, edit->chunk);
		if (edit->chunk)
			range_merge_chunks(map, edit->chunk - 1);
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

/* Most edits by far: nothing is there yet, and the chunk has room. */
static bool put_into_gap(struct range_map *map, const struct span *span)
{
	size_t at = chunk_above(map, span->start);
	bool behind_all = at == map->chunk_count;
	struct range_chunk *chunk;
	uint32_t index;

	if (!map->chunk_count || map->span_count >= SPANS_MAX)
		return false;
	chunk = map->places[at -= behind_all].chunk;
	if (chunk->count == chunk->room)
		return false;
	index = behind_all ? chunk->count : index_above(chunk, span->start);
	if (!behind_all && chunk->spans[index].start < span->end)
		return false;
	open_gap(chunk, index, 1);
	chunk->spans[index] = *span;
	chunk->ends[index] = span->end;
	map->span_count++;
	if (behind_all)
		map->places[at].end = span->end;
	return true;
}

enum status range_map_set(struct range_map *map, const struct span *span)
{
	if (LIKELY(span->start < span->end) && put_into_gap(map, span))
		return ST_OK;
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
		range_drop_chunks(map, 0, map->chunk_count);
	range_give_back(map);
	map->span_count = 0;
}

void range_map_release(struct range_map *map)
{
	range_map_clear(map);
	free(map->spare);
	*map = (struct range_map){ 0 };
}

/* `above`: where the chunk before ends. */
static bool chunk_sound(const struct range_place *place, uint64_t above)
{
	const struct range_chunk *chunk = place->chunk;

	if (!chunk->count || chunk->room > CHUNK_SPANS_MAX ||
	    free_before(chunk) + chunk->count > chunk->room ||
	    chunk->spans != (struct span *)(chunk->memory + chunk->room) + free_before(chunk))
		return false;
	for (uint32_t i = 0; i < chunk->count; i++) {
		const struct span *span = &chunk->spans[i];
		if (span->start < above || span->start >= span->end ||
		    span->end != chunk->ends[i])
			return false;
		above = span->end;
	}
	return place->end == above && !chunk->spans[chunk->count].end;
}

bool range_map_check(const struct range_map *map)
{
	uint64_t above = 0;
	size_t spans = 0;

	if (map->chunk_count > map->chunk_room || !map->places != !map->chunk_count)
		return false;
	for (size_t i = 0; i < map->chunk_count; i++) {
		const struct range_chunk *chunk = map->places[i].chunk;
		if (!chunk_sound(&map->places[i], above))
			return false;
		if (map->chunk_count > 1 && chunk->room != CHUNK_SPANS_MAX)
			return false;
		above = map->places[i].end;
		spans += chunk->count;
	}
	return spans == map->span_count && spans <= SPANS_MAX;
}
