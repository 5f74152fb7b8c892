/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/arena.h"

#include <stdio.h>
#include <stdlib.h>

#define BLOCK_BYTES (16u * 1024)
#define ALIGNMENT 16u

struct arena_block {
	struct arena_block *older;
	size_t bytes;            /* of the payload */
	_Alignas(ALIGNMENT) char payload[];
};

void arena_init(struct arena *arena, uint64_t budget_bytes,
		void (*exhausted)(void *context), void *context)
{
	*arena = (struct arena){
		.budget_bytes = budget_bytes,
		.exhausted = exhausted,
		.context = context,
	};
}

static void free_blocks(struct arena *arena, struct arena_block *keep)
{
	struct arena_block *block = arena->blocks;

	while (block) {
		struct arena_block *older = block->older;
		if (block != keep) {
			arena->held_bytes -= block->bytes;
			free(block);
		}
		block = older;
	}
	arena->blocks = keep;
	if (keep)
		keep->older = NULL;
	arena->next = keep ? keep->payload : NULL;
	arena->limit = keep ? keep->payload + keep->bytes : NULL;
}

void arena_release(struct arena *arena)
{
	free_blocks(arena, NULL);
}

void arena_reset(struct arena *arena)
{
	struct arena_block *keep = arena->blocks;

	if (keep && keep->bytes > BLOCK_BYTES)
		keep = NULL;
	free_blocks(arena, keep);
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){ arena->blocks, arena->next };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	while (arena->blocks != mark.block) {
		struct arena_block *block = arena->blocks;

		ASSERT(block != NULL);
		arena->blocks = block->older;
		arena->held_bytes -= block->bytes;
		free(block);
	}
	arena->next = mark.next;
	arena->limit = mark.block ? mark.block->payload + mark.block->bytes : NULL;
}

void arena_give_up(struct arena *arena)
{
	arena->exhausted(arena->context);
	ASSERT(!"the exhausted handler returned");
}

static void add_block(struct arena *arena, size_t bytes)
{
	size_t payload = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
	struct arena_block *block = NULL;

	if (arena->held_bytes + payload <= arena->budget_bytes)
		block = malloc(sizeof(*block) + payload);
	if (!block) {
		arena_give_up(arena);
		return;
	}
	block->bytes = payload;
	block->older = arena->blocks;
	arena->blocks = block;
	arena->held_bytes += payload;
	arena->next = block->payload;
	arena->limit = block->payload + payload;
}

/* As it comes. */
static inline void *take(struct arena *arena, size_t bytes)
{
	size_t whole = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	void *result;

	ASSERT(whole >= bytes);
	if (!arena->next || whole > (size_t)(arena->limit - arena->next))
		add_block(arena, whole);
	result = arena->next;
	arena->next += whole;
	return result;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	return memset(take(arena, bytes), 0, bytes);
}

char *arena_copy(struct arena *arena, struct text text)
{
	char *copy = take(arena, text.length + 1);

	if (text.length)
		memcpy(copy, text.at, text.length);
	copy[text.length] = '\0';
	return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char small[256];
	char *copy;
	int length;

	va_copy(again, args);
	length = vsnprintf(small, sizeof(small), format, args);
	ASSERT(length >= 0);
	copy = arena_alloc(arena, (size_t)length + 1);
	if ((size_t)length < sizeof(small))
		memcpy(copy, small, (size_t)length + 1);
	else
		vsnprintf(copy, (size_t)length + 1, format, again);
	va_end(again);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *copy;

	va_start(args, format);
	copy = arena_vprintf(arena, format, args);
	va_end(args);
	return copy;
}
