/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory that is given back all at once, with a budget. The arena you are
 * passed owns what you return. Three lives: the run, one input, one boot. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdarg.h>

#include "core/base.h"
#include "core/text.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;      /* newest first; owned */
	char *next, *limit;              /* free bytes of the newest block */
	uint64_t held_bytes;             /* taken from malloc */
	uint64_t budget_bytes;
	/* Called when the budget or malloc is exhausted; must not return. */
	void (*exhausted)(void *context);
	void *context;
};

void arena_init(struct arena *arena, uint64_t budget_bytes,
		void (*exhausted)(void *context), void *context);
/* Gives everything back. The arena may be used again. */
void arena_release(struct arena *arena);
/* Forgets everything but keeps one block, for the next boot. */
void arena_reset(struct arena *arena);

/* A place to go back to: everything allocated after it is given back. */
struct arena_mark { struct arena_block *block; char *next; };
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Where memory that is not the arena's is lacking: does what an exhausted arena does, and
 * does not return. */
void arena_give_up(struct arena *arena);

/* `bytes` zeroed bytes, aligned for any type; never NULL. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* A NUL-terminated copy. */
char *arena_copy(struct arena *arena, struct text text);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
