/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A range map's memory: chunks, and the directory that tells where they are. */
#include "core/range_inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A map of so many chunks, and more, takes them out of blocks on large pages: of a
 * million ranges each edit would otherwise wait for a small page's address, too. */
#ifndef BLOCKS_FROM
#define BLOCKS_FROM 256u
#endif
#define BLOCK_BYTES ((size_t)2 << 20)

struct range_block {
	struct range_block *older;
	size_t used;                    /* bytes, of all */
	_Alignas(64) char bytes[];
};

static size_t chunk_bytes(uint32_t room)
{
	return sizeof(struct range_chunk) + room * (sizeof(uint64_t) + sizeof(struct span));
}

void range_take_away(struct range_chunk *chunk, uint32_t at, uint32_t count)
{
	struct range_seat *seats = chunk->seats + chunk->first, unused[CHUNK_SPANS_MAX];
	uint64_t *ends = chunk->ends + chunk->first;
	uint32_t before = at - chunk->first;

	memcpy(unused, chunk->seats + at, count * sizeof(*seats));
	memmove(seats + count, seats, before * sizeof(*seats));
	memcpy(seats, unused, count * sizeof(*seats));
	memmove(ends + count, ends, before * sizeof(*ends));
	chunk->first += count;
	at += count;
	if (before)
		range_span(chunk, at - 1)->next = at < chunk->room ?
			chunk->seats[at].place - chunk->seats[at - 1].place : 0;
}

void range_seal_chunk(struct range_map *map, size_t at)
{
	const struct range_chunk *chunk = map->places[at].chunk;

	map->places[at].end = chunk->first < chunk->room ? chunk->ends[chunk->room - 1] : 0;
}

static struct range_block *new_block(struct range_block *older)
{
	struct range_block *block = aligned_alloc(BLOCK_BYTES, BLOCK_BYTES);

	if (!block)
		return NULL;
	(void)madvise(block, BLOCK_BYTES, MADV_HUGEPAGE);
	block->older = older;
	block->used = sizeof(*block);
	return block;
}

static struct range_chunk *new_chunk(struct range_chunk *chunk, uint32_t room, bool of_block)
{
	chunk->room = room;
	chunk->of_block = of_block;
	for (uint32_t i = 0; i < room; i++)
		chunk->seats[i].place = (uint8_t)i;
	return chunk;
}

/* One of a block, or NULL. */
static struct range_chunk *take_of_block(struct range_map *map)
{
	const size_t bytes = (chunk_bytes(CHUNK_SPANS_MAX) + 63) & ~(size_t)63;
	struct range_chunk *chunk = map->idle;

	if (chunk) {
		map->idle = chunk->alone[0].chunk;
		return chunk;
	}
	if (!map->block || BLOCK_BYTES - map->block->used < bytes) {
		struct range_block *block = new_block(map->block);

		if (!block)
			return NULL;
		map->block = block;
	}
	chunk = (struct range_chunk *)((char *)map->block + map->block->used);
	map->block->used += bytes;
	return new_chunk(chunk, CHUNK_SPANS_MAX, true);
}

static struct range_chunk *take_alone(uint32_t room)
{
	struct range_chunk *chunk = malloc(chunk_bytes(room));

	return chunk ? new_chunk(chunk, room, false) : NULL;
}

/* An empty chunk with at least that room, or NULL. */
static struct range_chunk *take_chunk(struct range_map *map, uint32_t room)
{
	struct range_chunk *chunk = map->spare;

	if (chunk && chunk->room >= room)
		map->spare = NULL;
	else
		chunk = map->chunk_count >= BLOCKS_FROM ? take_of_block(map) : take_alone(room);
	if (!chunk)
		return NULL;
	chunk->first = chunk->room;
	chunk->alone[0] = (struct range_place){ 0, chunk };
	return chunk;
}

/* Keeps the roomier of this chunk and the spare one. */
static void give_chunk(struct range_map *map, struct range_chunk *chunk)
{
	if (chunk->of_block) {
		chunk->alone[0].chunk = map->idle;
		map->idle = chunk;
		return;
	}
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
		free(map->directory);
	map->places = map->directory = NULL;
	map->chunk_count = map->chunk_room = 0;
}

static enum status add_first_chunk(struct range_map *map, uint32_t room)
{
	struct range_chunk *chunk = take_chunk(map, room);

	if (!chunk)
		return ST_MEMORY;
	map->places = map->directory = chunk->alone;
	map->chunk_count = map->chunk_room = 1;
	return ST_OK;
}

enum status range_add_first_chunk(struct range_map *map)
{
	return add_first_chunk(map, CHUNK_SPANS_FIRST);
}

/* Twice as large, or only with what is free half before and half behind. */
static enum status move_directory(struct range_map *map, bool grow)
{
	bool inside = map->chunk_room == 1;
	size_t room = inside ? DIRECTORY_FIRST : map->chunk_room * (grow ? 2 : 1);
	struct range_place *directory = map->directory, *places;

	if (grow)
		directory = malloc(room * sizeof(*directory));
	if (!directory)
		return ST_MEMORY;
	places = directory + (room - map->chunk_count) / 2;
	memmove(places, map->places, map->chunk_count * sizeof(*places));
	if (grow && !inside)
		free(map->directory);
	map->directory = directory;
	map->places = places;
	map->chunk_room = room;
	return ST_OK;
}

/* Makes a place at `at`, which is not 0, of the directory; the shorter side moves. */
static enum status open_place(struct range_map *map, size_t at)
{
	size_t before = (size_t)(map->places - map->directory);
	size_t left = map->chunk_room - map->chunk_count;
	bool ahead = at < map->chunk_count - at;

	if (!(ahead ? before : left - before) &&
	    move_directory(map, left <= map->chunk_room / 4) != ST_OK)
		return ST_MEMORY;
	if (ahead)
		memmove(map->places - 1, map->places, at * sizeof(*map->places));
	else
		memmove(map->places + at + 1, map->places + at,
			(map->chunk_count - at) * sizeof(*map->places));
	map->places -= ahead;
	map->chunk_count++;
	return ST_OK;
}

/* Copies the spans of `from`, those from number `at` on, before all of `to`. */
static void copy_spans(struct range_chunk *to, struct range_chunk *from, uint32_t at)
{
	for (uint32_t i = from->room; i-- > at;)
		range_insert(to, to->first, range_span(from, i));
}

enum status range_grow_chunk(struct range_map *map, size_t at)
{
	struct range_chunk *small = map->places[at].chunk;
	uint32_t room = small->room * 2;
	struct range_chunk *chunk = take_alone(room);

	ASSERT(room <= CHUNK_SPANS_MAX);
	if (!chunk)
		return ST_MEMORY;
	chunk->first = room;
	chunk->alone[0] = (struct range_place){ small->alone[0].end, chunk };
	copy_spans(chunk, small, small->first);
	if (map->chunk_room == 1)
		map->places = map->directory = chunk->alone;
	map->places[at].chunk = chunk;
	free(small);
	return ST_OK;
}

/* An empty chunk at `at`, which is not 0. */
static enum status add_chunk(struct range_map *map, size_t at)
{
	struct range_chunk *chunk = take_chunk(map, CHUNK_SPANS_MAX);

	if (!chunk)
		return ST_MEMORY;
	if (open_place(map, at) != ST_OK) {
		give_chunk(map, chunk);
		return ST_MEMORY;
	}
	map->places[at].chunk = chunk;
	return ST_OK;
}

enum status range_map_copy(struct range_map *map, const struct range_map *from)
{
	range_map_clear(map);
	for (size_t at = 0; at < from->chunk_count; at++) {
		struct range_chunk *chunk = from->places[at].chunk;
		enum status status = at ? add_chunk(map, at) : add_first_chunk(map, chunk->room);

		if (status != ST_OK)
			return status;
		copy_spans(map->places[at].chunk, chunk, chunk->first);
		range_seal_chunk(map, at);
		map->span_count += chunk->room - chunk->first;
	}
	return ST_OK;
}

enum status range_split_chunk(struct range_map *map, size_t at, uint32_t from)
{
	struct range_chunk *left = map->places[at].chunk;

	if (add_chunk(map, at + 1) != ST_OK)
		return ST_MEMORY;
	copy_spans(map->places[at + 1].chunk, left, from);
	range_take_away(left, from, left->room - from);
	range_seal_chunk(map, at);
	range_seal_chunk(map, at + 1);
	return ST_OK;
}

void range_drop_chunks(struct range_map *map, size_t at, size_t count)
{
	struct range_chunk *last = map->places[at].chunk;

	for (size_t i = at + 1; i < at + count; i++)
		give_chunk(map, map->places[i].chunk);
	if (count == map->chunk_count) {
		forget_directory(map);
	} else {
		memmove(map->places + at, map->places + at + count,
			(map->chunk_count - at - count) * sizeof(*map->places));
		map->chunk_count -= count;
	}
	give_chunk(map, last);
}

void range_merge_chunks(struct range_map *map, size_t at)
{
	struct range_chunk *left, *right;

	if (at + 1 >= map->chunk_count)
		return;
	left = map->places[at].chunk;
	right = map->places[at + 1].chunk;
	if (left->room - left->first + right->room - right->first > CHUNK_SPANS_MAX / 2)
		return;
	copy_spans(right, left, left->first);
	range_drop_chunks(map, at, 1);
}

void range_give_back(struct range_map *map)
{
	while (map->block) {
		struct range_block *older = map->block->older;

		free(map->block);
		map->block = older;
	}
	map->idle = NULL;
}
