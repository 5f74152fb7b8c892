/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory for what is not an input's: lists of names and tables of options. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

#include "core/status.h"

/* Ends the program with a message and status 3 when there is none. */
static inline void *must(void *memory)
{
	if (memory)
		return memory;
	fputs("pgtcheck: out of memory\n", stderr);
	exit(status_code(EXIT_TROUBLE));
}

/* Room for one more of `count` items of `size_bytes`, doubling. */
static inline void *must_grow(void *items, size_t count, size_t size_bytes)
{
	if (count & (count - 1))
		return items;
	return must(reallocarray(items, count ? 2 * count : 1, size_bytes));
}

#endif
