/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The two levels of a range map:
 *
 *      places --> [ 0 ][ 1 ][ 2 ]            the directory, in order, with
 *                   |    |    `--> ...       where each chunk ends
 *                   |    `--> order of c d e | e | c | d |   |
 *                   `-------> order of a b   | b | a |   |   |
 *
 * In a chunk the spans stand as they came, and what tells their order is kept
 * apart from them (struct range_chunk): an insertion moves that alone. Each
 * span knows where the next of its chunk stands, so that a walk needs to know
 * neither the chunk nor the order.
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
	uint32_t at;           /* before which span; may be the chunk's room */
	uint32_t here;         /* spans that go in this chunk, */
	size_t whole;          /* following chunks that go with all their spans, */
	uint32_t beyond;       /* spans that go at the start of the next one */
	size_t gone;           /* spans that go, altogether */
	struct span put[3];    /* what comes in their place */
	uint32_t put_count;
};

/* The first chunk of several that ends above `x`, or chunk_count. */
static NEVER_INLINE size_t chunk_among(const struct range_map *map, uint64_t x)
{
	const struct range_place *base = map->places;
	size_t left = map->chunk_count;

	if (left && base[left - 1].end <= x)   /* a map that is filled from below */
		return left;
	while (left > 1) {
		size_t half = left / 2;

		base += half & -(size_t)(base[half - 1].end <= x);
		left -= half;
	}
	return (size_t)(base - map->places);
}

static ALWAYS_INLINE size_t chunk_above(const struct range_map *map, uint64_t x)
{
	return LIKELY(map->chunk_count == 1) ? map->places[0].end <= x : chunk_among(map, x);
}

/* The chunk. Of a large map nothing of it is in the cache: all that a search reads is
 * asked for at once. */
static ALWAYS_INLINE struct range_chunk *chunk_at(const struct range_map *map, size_t at)
{
	struct range_chunk *chunk = map->places[at].chunk;

	if (UNLIKELY(map->chunk_count > 1))
		for (size_t i = 0; i < sizeof(*chunk) + sizeof(*chunk->ends) * CHUNK_SPANS_MAX; i += 64)
			__builtin_prefetch((const char *)chunk + i);
	return chunk;
}

/* The number of the first span that ends above `x`; the chunk has one. */
static ALWAYS_INLINE uint32_t number_above(const struct range_chunk *chunk, uint64_t x)
{
	const uint64_t *base = chunk->ends + chunk->first;
	uint32_t left = chunk->room - chunk->first;

	if (x < base[0])
		return chunk->first;
	while (left > 1) {
		uint32_t half = left / 2;

		base += half & -(uint32_t)(base[half - 1] <= x);
		left -= half;
	}
	return (uint32_t)(base - chunk->ends);
}

const struct span *range_map_from(const struct range_map *map, uint64_t x)
{
	size_t at = chunk_above(map, x);
	struct range_chunk *chunk;

	if (at == map->chunk_count)
		return NULL;
	chunk = chunk_at(map, at);
	return range_span(chunk, number_above(chunk, x));
}

const struct span *range_map_at(const struct range_map *map, uint64_t x)
{
	const struct span *span = range_map_from(map, x);

	return span && span->start <= x ? span : NULL;
}

const struct span *range_map_next(const struct range_map *map, const struct span *span)
{
	return LIKELY(span->next) ? span + span->next : range_map_from(map, span->end);
}

/* Edits. */

/* How many spans from `at` on begin before `end`. They are counted one by
 * one: those that do are about to go, so each is counted once in its life. */
static uint32_t spans_before(struct range_chunk *chunk, uint32_t at, uint64_t end)
{
	uint32_t i = at;

	if (range_span(chunk, at)->start >= end)
		return 0;
	if (range_span(chunk, chunk->room - 1)->start < end)
		return chunk->room - at;
	while (range_span(chunk, i)->start < end)
		i++;
	return i - at;
}

/* Finds what goes; *first and *last of it, NULL when nothing does. */
static void plan_going(const struct range_map *map, uint64_t start, uint64_t end,
		       struct edit *edit, const struct span **first, const struct span **last)
{
	struct range_chunk *chunk = map->places[edit->chunk].chunk;
	uint32_t count;

	edit->at = number_above(chunk, start);
	edit->gone = edit->here = spans_before(chunk, edit->at, end);
	if (!edit->here)
		return;
	*first = range_span(chunk, edit->at);
	*last = range_span(chunk, edit->at + edit->here - 1);
	for (size_t i = edit->chunk + 1; i < map->chunk_count && map->places[i - 1].end < end; i++) {
		chunk = map->places[i].chunk;
		count = spans_before(chunk, chunk->first, end);
		if (!count)
			return;
		*last = range_span(chunk, chunk->first + count - 1);
		edit->gone += count;
		edit->beyond = chunk->first + count < chunk->room ? count : 0;
		edit->whole += chunk->first + count == chunk->room;
	}
}

static void plan(const struct range_map *map, uint64_t start, uint64_t end,
		 const struct span *with, struct edit *edit)
{
	const struct span *first = NULL, *last = NULL;

	edit->chunk = chunk_above(map, start);
	edit->at = edit->here = edit->beyond = edit->put_count = 0;
	edit->whole = edit->gone = 0;
	if (edit->chunk < map->chunk_count)
		plan_going(map, start, end, edit, &first, &last);
	else if (edit->chunk)   /* behind the last span of all */
		edit->at = map->places[--edit->chunk].chunk->room;

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
	return edit->put_count <= chunk->first + edit->here;
}

/* Gets memory for the edit; no span changes, but the plan may be void. */
static enum status make_room(struct range_map *map, const struct edit *edit)
{
	const struct range_chunk *chunk;
	uint32_t from;

	if (!map->chunk_count)
		return range_add_first_chunk(map);
	chunk = map->places[edit->chunk].chunk;
	if (chunk->room < CHUNK_SPANS_MAX)
		return range_grow_chunk(map, edit->chunk);
	/* Sorted input fills the map from below, or from above: chunks that will never
	 * grow again are then left full instead of half full. */
	from = (chunk->first + chunk->room) / 2;
	if (edit->chunk + 1 == map->chunk_count && edit->at == chunk->room)
		from = chunk->room - 1;
	else if (!edit->chunk && edit->at == chunk->first)
		from = chunk->first + 1;
	return range_split_chunk(map, edit->chunk, from);
}

static void carry_out(struct range_map *map, const struct edit *edit)
{
	struct range_chunk *chunk = map->places[edit->chunk].chunk;

	if (edit->here)
		range_take_away(chunk, edit->at, edit->here);
	for (uint32_t i = 0; i < edit->put_count; i++)
		range_insert(chunk, edit->at + edit->here, &edit->put[i]);
	range_seal_chunk(map, edit->chunk);
	if (edit->beyond) {
		struct range_chunk *beyond = map->places[edit->chunk + 1 + edit->whole].chunk;

		range_take_away(beyond, beyond->first, edit->beyond);
	}
	if (edit->whole)
		range_drop_chunks(map, edit->chunk + 1, edit->whole);
	if (chunk->first == chunk->room)
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
static NEVER_INLINE enum status replace(struct range_map *map, uint64_t start, uint64_t end,
			   const struct span *with)
{
	struct edit edit;

	if (start >= end)
		return ST_OK;
	plan(map, start, end, with, &edit);
	return commit(map, start, end, with, &edit);
}

/* Does the span at `at`, which ends above it, begin below `x`? In a large map a look at
 * it takes long, and the length most often tells. */
static ALWAYS_INLINE bool begins_below(const struct range_map *map, struct range_chunk *chunk,
				       uint32_t at, uint64_t x)
{
	if (UNLIKELY(map->chunk_count > 1) && x <= chunk->ends[at] &&
	    chunk->ends[at] - x >= (UINT64_C(2) << chunk->seats[at].bits) - 1)
		return false;
	return range_span(chunk, at)->start < x;
}

/* Most edits by far: nothing is there yet, and the chunk has room. */
static bool put_into_gap(struct range_map *map, const struct span *span)
{
	struct range_place *place;
	struct range_chunk *chunk;
	uint32_t at;
	size_t where;

	if (map->span_count >= SPANS_MAX)
		return false;
	if (!map->chunk_count && range_add_first_chunk(map) != ST_OK)
		return false;
	where = chunk_above(map, span->start);
	if (where < map->chunk_count) {
		chunk = chunk_at(map, where);
		if (!chunk->first)
			return false;
		at = number_above(chunk, span->start);
		if (begins_below(map, chunk, at, span->end))
			return false;
	} else {
		place = &map->places[where - 1];
		chunk = place->chunk;
		if (!chunk->first)
			return false;
		at = chunk->room;
		place->end = span->end;
	}
	range_insert(chunk, at, span);
	map->span_count++;
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
	struct range_chunk *chunk = place->chunk;
	bool seen[CHUNK_SPANS_MAX] = { false };

	if (chunk->first >= chunk->room || chunk->room > CHUNK_SPANS_MAX)
		return false;
	for (uint32_t i = 0; i < chunk->room; i++) {
		uint8_t at = chunk->seats[i].place;

		if (at >= chunk->room || seen[at])
			return false;
		seen[at] = true;
	}
	for (uint32_t i = chunk->first; i < chunk->room; i++) {
		const struct span *span = range_span(chunk, i);
		uint64_t size = span->end - span->start;

		if (span->start < above || span->start >= span->end || span->end != chunk->ends[i] ||
		    size >> chunk->seats[i].bits != 1)
			return false;
		if (i + 1 < chunk->room ? span + span->next != range_span(chunk, i + 1) : span->next)
			return false;
		above = span->end;
	}
	return place->end == above;
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
		spans += chunk->room - chunk->first;
	}
	return spans == map->span_count && spans <= SPANS_MAX;
}
