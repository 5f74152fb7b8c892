/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who reserves a range: what the name or the calling function in a reservation
 * line tells of the owner. Asked once for each line, when its event is made. */
#ifndef CORE_OWNER_H
#define CORE_OWNER_H

#include "core/text.h"

enum owner {
	/* Reserves the used part of a page-table pool.
	 * Source: Linux arch/x86/mm/init.c, "PGTABLE" to 3.2, then
	 * native_pagetable_reserve() to 3.8. */
	OWNER_POOL = 1u << 0,
	/* Gives pages away for page tables, a pool or one by one.
	 * Source: Linux arch/x86/mm/init.c alloc_low_page(s)(), init_64.c
	 * spp_getpage(), 2.6.30-7.1. */
	OWNER_TABLES = 1u << 1,
	/* alloc_low_page(s)() alone, 3.9 and later. */
	OWNER_LOW_PAGES = 1u << 2,
	/* A function of memblock itself: its caller is the one who asked. */
	OWNER_MEMBLOCK = 1u << 3,
	/* The brk: by name to 3.2, then reserve_brk(), mostly inlined into
	 * setup_arch(). Source: Linux arch/x86/kernel/setup.c, 2.6.30-7.1. */
	OWNER_BRK = 1u << 4,
	/* Reserves much at once and may: the brk holds its table pages, the first
	 * MiB and the kernel are kept as a whole, some of it twice (6.1 does). */
	OWNER_BLOCKS = 1u << 5,
	/* Clears what it gets. Source: Linux arch/x86/mm/numa_64.c
	 * setup_node_data(), mm/nobootmem.c __alloc_memory_core_early(), 2.6.36-3.8. */
	OWNER_CLEARS = 1u << 6,
	/* No owner's: for who asks after anybody. */
	OWNER_ANY = 1u << 7,
};

/* The bits of a label ("PGTABLE") or of a caller without its offset. */
uint8_t owner_of_label(struct text label);
/* May its owner be OWNER_POOL? Of a line that was cut at a column, only the beginning of
 * the name may be left, or nothing. */
bool owner_may_be_pool(struct text label);

#endif
