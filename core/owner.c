/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/owner.h"

#include "core/base.h"

#define NAMES(NAME) \
	NAME("PGTABLE", OWNER_POOL | OWNER_TABLES) \
	NAME("native_pagetable_reserve", OWNER_POOL | OWNER_TABLES) \
	NAME("alloc_low_pages", OWNER_TABLES | OWNER_LOW_PAGES) \
	NAME("alloc_low_page", OWNER_TABLES | OWNER_LOW_PAGES) \
	NAME("spp_getpage", OWNER_TABLES) \
	NAME("BRK", OWNER_BRK | OWNER_BLOCKS) \
	NAME("setup_arch", OWNER_BRK | OWNER_BLOCKS) \
	NAME("reserve_brk", OWNER_BRK | OWNER_BLOCKS) \
	NAME("TEXT DATA BSS", OWNER_BLOCKS) \
	NAME("BIOS reserved", OWNER_BLOCKS) \
	NAME("* BIOS reserved", OWNER_BLOCKS) \
	NAME("reserve_bios_regions", OWNER_BLOCKS) \
	NAME("reserve_real_mode", OWNER_BLOCKS) \
	NAME("NODE_DATA", OWNER_CLEARS) \
	NAME("BOOTMEM", OWNER_CLEARS) \
	NAME("__alloc_memory_core_early", OWNER_CLEARS | OWNER_MEMBLOCK)

/* A bit of 64 for each name: most labels are none of them. */
#define BIT(first, length) (UINT64_C(1) << (((unsigned)(first) * 5 + (unsigned)(length)) & 63))
#define AS_BIT(literal, owner) | BIT(*literal, sizeof(literal) - 1)

uint8_t owner_of_label(struct text label)
{
	const uint64_t known = 0 NAMES(AS_BIT);

	if (!label.length)
		return 0;
	if (known & BIT(*label.at, label.length)) {
#define IF_IT_IS(literal, owner) \
		if (label.length == sizeof(literal) - 1 && \
		    !memcmp(label.at, literal, sizeof(literal) - 1)) \
			return (owner);
		NAMES(IF_IT_IS)
	}
	return text_begins(label, TEXT("memblock_")) ? OWNER_MEMBLOCK : 0;
}

bool owner_may_be_pool(struct text label)
{
#define IF_IT_BEGINS(literal, owner) \
	if (((owner) & OWNER_POOL) && text_begins(TEXT(literal), label)) \
		return true;
	if (!label.length)
		return true;
	NAMES(IF_IT_BEGINS)
	return false;
}
