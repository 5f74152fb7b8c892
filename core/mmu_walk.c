/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Addresses: from a loaded base down to the L1 table, as far as the trace tells
 * the entries between; and back, from a table to the address it maps. */
#include "core/mmu_inside.h"

#include <string.h>

/* Source: Linux Documentation/x86/x86_64/mm.rst; see replay_ask.c. */
#define DIRECT_OLD UINT64_C(0xffff880000000000)
#define IMAGE UINT64_C(0xffffffff80000000)
#define IMAGE_END UINT64_C(0xffffffffc0000000)

static unsigned index_at(uint64_t va, unsigned level)
{
	return (unsigned)(va >> (12 + 9 * (level - 1))) & (SLOTS - 1);
}

enum mmu_walk mmu_walk(const struct mmu *mmu, unsigned vcpu, uint64_t va, uint64_t *l1)
{
	uint64_t mfn = mmu->base[vcpu % VCPUS];

	if (mfn == MMU_NO_FRAME)
		return WALK_UNTOLD;
	for (unsigned level = 4; level > 1; level--) {
		uint64_t entry = mmu_entry_of(mmu, mfn, index_at(va, level));

		if (entry == MMU_UNKNOWN_ENTRY)
			return WALK_UNTOLD;
		if (!(entry & PTE_P))
			return WALK_ABSENT;
		mfn = mmu_entry_mfn(entry);
	}
	*l1 = mfn;
	return WALK_FOUND;
}

uint64_t mmu_va_key(uint64_t va)
{
	if (va >= IMAGE && va < IMAGE_END)
		va -= IMAGE;
	else if (va >= DIRECT_NEW && va < DIRECT_END)
		va -= DIRECT_NEW;
	else if (va >= DIRECT_OLD && va < DIRECT_NEW)
		va -= DIRECT_OLD;
	return va >> 21;
}

/* What an entry told before, or else the direct map, says of an address. */
static uint64_t page_by(const struct mmu *mmu, uint64_t entry, uint64_t va)
{
	if (entry == MMU_UNKNOWN_ENTRY)
		return mmu_direct_page(mmu, va);
	return entry & PTE_P ? mmu_entry_mfn(entry) : MMU_NO_FRAME;
}

uint64_t mmu_page_by_va(const struct mmu *mmu, uint64_t va)
{
	const struct mmu_table *table = mmu_table_seen_at(mmu, mmu_va_key(va));

	return page_by(mmu, table ? mmu_entry_at(table, index_at(va, 1)) : MMU_UNKNOWN_ENTRY, va);
}

uint64_t mmu_page_at(const struct mmu *mmu, unsigned vcpu, uint64_t va)
{
	uint64_t l1;

	if (mmu_walk(mmu, vcpu, va, &l1) != WALK_FOUND)
		return mmu_page_by_va(mmu, va);
	return page_by(mmu, mmu_entry_of(mmu, l1, index_at(va, 1)), va);
}

/* --- back -------------------------------------------------------------------- */

/* Tables looked at for one answer: they may hang in many places. */
#define STEPS_MAX 20000u

/* Below `mfn`, a table of `level`: the address at which `wanted`, an L1, hangs. */
static bool find_below(const struct mmu *mmu, uint64_t mfn, unsigned level, uint64_t va,
		       uint64_t wanted, uint64_t *found, uint32_t *steps)
{
	const struct mmu_frame *frame = mmu_frame_seen(mmu, mfn);
	const struct mmu_table *table = frame ? mmu_contents_seen(mmu, frame) : NULL;

	for (unsigned i = 0; table && *steps < STEPS_MAX && i < SLOTS; i++) {
		uint64_t entry = mmu_entry_at(table, i), child = mmu_entry_mfn(entry);
		uint64_t at = va | (uint64_t)i << (12 + 9 * (level - 1));

		if (!(entry & PTE_P) || child == mfn)
			continue;
		(*steps)++;
		if (level == 2 && child == wanted) {
			*found = at;
			return true;
		}
		if (level > 2 && find_below(mmu, child, level - 1, at, wanted, found, steps))
			return true;
	}
	return false;
}

static uint64_t va_of_table(const struct mmu *mmu, uint64_t mfn)
{
	uint32_t steps = 0;
	uint64_t va = 0;

	for (unsigned i = 0; i < VCPUS; i++) {
		if (mmu->base[i] == MMU_NO_FRAME ||
		    !find_below(mmu, mmu->base[i], 4, 0, mfn, &va, &steps))
			continue;
		return va & UINT64_C(0x800000000000) ? va | UINT64_C(0xffff000000000000) : va;
	}
	return 0;
}

/* Does the engine count what this table maps? */
static bool is_live_l1(const struct mmu *mmu, const struct mmu_table *table, uint32_t index)
{
	const struct mmu_frame *frame;

	if (table->mfn == MMU_NO_FRAME)
		return true;
	frame = mmu_frame_seen(mmu, table->mfn);
	return frame && frame->count && frame->type == MMU_L1 && frame->table == index + 1;
}

/* Those whose P and RW bits are `rights`. */
static uint32_t mappings_of(const struct mmu *mmu, uint64_t mfn, uint64_t rights,
			    struct mmu_mapping *found, uint32_t room)
{
	uint32_t count = 0;

	for (uint32_t t = 0; t < mmu->table_count; t++) {
		const struct mmu_table *table = &mmu->tables[t];

		if (!is_live_l1(mmu, table, t))
			continue;
		for (unsigned slot = 0; slot < SLOTS; slot++) {
			uint64_t entry = mmu_entry_at(table, slot);
			struct mmu_mapping *m = &found[count];

			if ((entry & (PTE_P | PTE_RW)) != rights || mmu_entry_mfn(entry) != mfn)
				continue;
			if (count++ >= room)
				continue;
			*m = (struct mmu_mapping){ .table = table->mfn, .slot = (uint16_t)slot,
						   .entry = entry };
			m->va = table->mfn == MMU_NO_FRAME ? 0 : va_of_table(mmu, table->mfn);
			m->stale = table->mfn != MMU_NO_FRAME && !m->va && mmu->blind_at[slot];
			if (m->va || table->mfn == MMU_NO_FRAME)
				m->va = (m->va ? m->va : table->va) + ((uint64_t)slot << FRAME_SHIFT);
			if (table->places)
				memcpy(&m->at, &table->places[slot], sizeof(*table->places));
		}
	}
	return count;
}

uint32_t mmu_mappings_of(const struct mmu *mmu, uint64_t mfn, struct mmu_mapping *found,
			 uint32_t room)
{
	return mappings_of(mmu, mfn, PTE_P | PTE_RW, found, room);
}

uint32_t mmu_read_only_of(const struct mmu *mmu, uint64_t mfn, struct mmu_mapping *found,
			  uint32_t room)
{
	return mappings_of(mmu, mfn, PTE_P, found, room);
}

bool mmu_table_from(const struct mmu *mmu, uint64_t *mfn, struct mmu_state *state)
{
	while (*mfn < MMU_MFN_LIMIT) {
		const struct mmu_frame *frame = mmu_frame_seen(mmu, *mfn);

		if (!frame) {
			*mfn = leaf_from(&mmu->used, (*mfn >> LEAF_SHIFT) + 1) << LEAF_SHIFT;
			continue;
		}
		if (frame->count && frame->type >= MMU_L1 && frame->type <= MMU_L4)
			return mmu_state_of(mmu, *mfn, state);
		(*mfn)++;
	}
	return false;
}
