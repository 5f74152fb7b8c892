/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * References: how a frame gets a type and loses it, how a table is validated
 * entry by entry and torn down. Source: Xen xen/arch/x86/mm.c, see mmu.h. */
#include "core/mmu_inside.h"

#include <string.h>

/* Root slots of the hypervisor. Source: Xen xen/include/public/arch-x86/
 * xen-x86_64.h, asm-x86/config.h ROOT_PAGETABLE_FIRST_XEN_SLOT. */
#define XEN_SLOT_FIRST 256u
#define XEN_SLOT_LAST 271u

/* Bits that tables above L1 may not have: PWT, PCD, G (bit 7 is told apart), and
 * 52-62. Source: Xen BASE_DISALLOW_MASK. */
#define FLAGS_ODD UINT64_C(0x7ff0000000000118)

void mmu_doubt(struct mmu_judgement *j, enum mmu_doubt doubt)
{
	if (j->answer == MMU_ACCEPT) {
		j->answer = MMU_UNSURE;
		j->doubt = doubt;
	}
}

void mmu_refuse(struct mmu_judgement *j, enum mmu_breach breach)
{
	if (j->answer == MMU_REFUSE)
		return;
	j->answer = MMU_REFUSE;
	j->breach = breach;
}

static bool is_table(enum mmu_type type)
{
	return type >= MMU_L1 && type <= MMU_L4;
}

/* --- validating and tearing down --------------------------------------------- */

static enum mmu_answer take(struct mmu *mmu, uint64_t table, unsigned level, unsigned slot,
			    uint64_t entry, struct mmu_judgement *j);

/* What an entry of an L1 table counts for in its page; by its rights, P and RW. */
static const struct share {
	struct mmu_frame one, all;      /* one of it, and so many that it sticks */
	struct mmu_frame room;          /* all but two */
	struct mmu_frame of_type, type; /* the page's, or the entry does not count */
	struct mmu_frame last;          /* what goes with the last one */
	struct mmu_frame unsure;        /* what goes with one that went unsurely */
} shares[4] = {
	[PTE_P] = { .one = { .ro = 1 }, .all = { .ro = RO_MAX }, .room = { .ro = RO_MAX - 2 } },
	[PTE_P | PTE_RW] = {
		.one = { .count = 1 }, .all = { .count = COUNT_MAX }, .room = { .count = COUNT_MAX - 2 },
		.of_type = { .type = 7 }, .type = { .type = MMU_WRITABLE },
		.last = { .presumed = 1, .pinned = 1, .dropped = 1 }, .unsure = { .exact = 1 },
	},
};

/* Is one counted, and does not stick? */
static inline bool can_put(struct mmu_frame page, const struct share *share)
{
	return ((page.word & share->all.word) - share->one.word <= share->room.word) &
	       !((page.word ^ share->type.word) & share->of_type.word);
}

/* A page loses a present entry of an L1 table. Which are writable, and which of them the
 * last one, no processor foresees: nothing branches on that. */
static ALWAYS_INLINE void put_page(struct mmu_frame *page, uint64_t entry, bool sure)
{
	const struct share *share = &shares[entry & (PTE_P | PTE_RW)];
	uint64_t rest, gone = sure ? 0 : share->unsure.word;

	if (UNLIKELY(!page) || UNLIKELY(!can_put(*page, share)))
		return;
	rest = page->word - share->one.word;
	gone |= share->last.word & -(uint64_t)!(rest & share->all.word);
	page->word = rest & ~gone;
}

static void put(struct mmu *mmu, uint64_t table, unsigned level, uint64_t entry, bool sure)
{
	uint64_t mfn = mmu_entry_mfn(entry);

	if (!(entry & PTE_P))
		return;
	if (level == 1)
		put_page(mmu_frame_seen(mmu, mfn), entry, sure);
	else if (mfn != table)
		mmu_put_type(mmu, mfn, (enum mmu_type)(level - 1), sure);
}

static bool is_xen_slot(unsigned level, unsigned slot)
{
	return level == 4 && slot >= XEN_SLOT_FIRST && slot <= XEN_SLOT_LAST;
}

/* Pages lose what an L1 table maps. They lie anywhere: some are fetched while others are
 * put. */
#define FETCHED_AHEAD 32u

static void put_pages(struct mmu *mmu, const struct mmu_table *table, unsigned slots, bool sure)
{
	struct mmu_frame *pages[SLOTS];
	uint64_t there[SLOTS];
	unsigned count = 0;

#pragma GCC unroll 8
	for (unsigned i = 0; i < slots; i++) {
		there[count] = mmu_entry_at(table, i);
		count += there[count] & PTE_P;
	}
	for (unsigned i = 0; i < count; i++) {
		pages[i] = mmu_frame_seen(mmu, mmu_entry_mfn(there[i]));
		mmu_fetch(pages[i]);
		if (i >= FETCHED_AHEAD)
			put_page(pages[i - FETCHED_AHEAD], there[i - FETCHED_AHEAD], sure);
	}
	for (unsigned i = count > FETCHED_AHEAD ? count - FETCHED_AHEAD : 0; i < count; i++)
		put_page(pages[i], there[i], sure);
}

static void demote(struct mmu *mmu, uint64_t mfn, const struct mmu_frame *frame, unsigned level,
		   unsigned slots)
{
	const struct mmu_table *table = mmu_contents_seen(mmu, frame);
	bool sure = frame->exact;

	if (level == 1 && table) {
		put_pages(mmu, table, slots, sure);
		return;
	}
	for (unsigned i = 0; table && i < slots; i++)
		if (!is_xen_slot(level, i))
			put(mmu, mfn, level, mmu_entry_at(table, i), sure);
}

/* The frame's entries become references. On REFUSE none has. */
static enum mmu_answer promote(struct mmu *mmu, uint64_t mfn, struct mmu_frame *frame,
			       unsigned level, struct mmu_judgement *j)
{
	const struct mmu_table *table = mmu_contents_seen(mmu, frame);
	enum mmu_answer worst = MMU_ACCEPT;
	bool untold = !table && !mmu->known_world;

	for (unsigned i = 0; table && i < SLOTS; i++) {
		uint64_t entry = mmu_entry_at(table, i);
		enum mmu_answer answer;

		untold |= entry == MMU_UNKNOWN_ENTRY;
		if (!(entry & PTE_P) || is_xen_slot(level, i))
			continue;
		answer = take(mmu, mfn, level, i, entry, j);
		if (answer == MMU_REFUSE) {
			demote(mmu, mfn, frame, level, i);
			return answer;
		}
		if (answer > worst)
			worst = answer;
	}
	if (!untold)
		return worst;
	/* The kernel has just made a table of it: it has filled it as it should. */
	if (mmu->from_start && frame->taken) {
		j->presumed = true;
		return worst;
	}
	mmu_doubt(j, MMU_DOUBT_CONTENTS);
	return MMU_UNSURE;
}

/* --- types ------------------------------------------------------------------- */

static bool in_direct_map(const struct mmu *mmu, uint64_t mfn)
{
	uint64_t pfn = mmu_pfn_of(mmu, mfn);

	for (uint32_t i = 0; pfn != MMU_NO_FRAME && i < mmu->direct_count; i++)
		if (pfn_range_holds(mmu->direct[i], to_pfn(pfn)))
			return true;
	return false;
}

static enum mmu_answer conflict(uint64_t mfn, const struct mmu_frame *frame, enum mmu_type saw,
				enum mmu_type wanted, struct mmu_judgement *j)
{
	if (j->answer != MMU_REFUSE) {
		j->culprit = mfn;
		j->saw = saw;
		j->wanted = wanted;
		j->saw_count = frame->count ? frame->count : 1;
		j->saw_pinned = frame->pinned;
		j->presumed |= frame->presumed || !frame->count;
	}
	mmu_refuse(j, MMU_BREACH_TYPE);
	return MMU_REFUSE;
}

/* No reference was told, and there may be some. From the boot's beginning on,
 * the kernel's own word on its direct map tells the one that every frame has. */
static enum mmu_answer without_references(const struct mmu *mmu, uint64_t mfn,
					  const struct mmu_frame *frame, enum mmu_type wanted,
					  struct mmu_judgement *j)
{
	if (mmu->from_start && frame->direct == DIRECT_UNTOLD && in_direct_map(mmu, mfn)) {
		if (wanted != MMU_WRITABLE)
			return conflict(mfn, frame, MMU_WRITABLE, wanted, j);
		j->presumed = true;
		return MMU_ACCEPT;
	}
	/* Every table since the beginning was told: what never was one, nor made
	 * read-only, is writable through the direct map. */
	if (mmu->from_start && mmu->direct_count && frame->direct != DIRECT_NOT_WRITABLE &&
	    !frame->ro && !frame->taken && wanted == MMU_WRITABLE) {
		j->presumed = true;
		return MMU_ACCEPT;
	}
	if (mmu->from_start && frame->direct == DIRECT_NOT_WRITABLE && is_table(wanted)) {
		j->presumed = true;
		return MMU_ACCEPT;
	}
	mmu_doubt(j, MMU_DOUBT_TARGET);
	return MMU_UNSURE;
}

/* Walks through all tables for one boot: past it, nothing is proved. */
#define SCANS_MAX 1024u

/* Is every writable mapping that was counted one that may have been overwritten
 * through an address whose tables are not told? */
static bool all_stale(struct mmu *mmu, uint64_t mfn)
{
	struct mmu_mapping found[16];
	uint32_t count;

	if (mmu->known_world)
		return false;
	if (mmu->scans++ >= SCANS_MAX)
		return true;
	count = mmu_mappings_of(mmu, mfn, found, ARRAY_LEN(found));
	for (uint32_t i = 0; i < count && i < ARRAY_LEN(found); i++)
		if (!found[i].stale)
			return false;
	return true;
}

static void forget_references(struct mmu_frame *frame)
{
	frame->count = 0;
	frame->pinned = 0;
	frame->exact = 0;
}

/* The frame has references of another type. */
static enum mmu_answer meet_other_type(struct mmu *mmu, uint64_t mfn, struct mmu_frame *frame,
				       enum mmu_type wanted, struct mmu_judgement *j)
{
	bool stale = frame->type == MMU_WRITABLE && all_stale(mmu, mfn);

	if (!stale && !mmu->force)
		return conflict(mfn, frame, (enum mmu_type)frame->type, wanted, j);
	forget_references(frame);
	mmu_doubt(j, MMU_DOUBT_TARGET);
	return MMU_UNSURE;
}

static enum mmu_answer first_reference(struct mmu *mmu, uint64_t mfn, struct mmu_frame *frame,
				       enum mmu_type wanted, struct mmu_judgement *j)
{
	enum mmu_answer answer = MMU_ACCEPT, inside;

	if (!frame->exact)
		answer = without_references(mmu, mfn, frame, wanted, j);
	if (answer == MMU_REFUSE && !mmu->force)
		return answer;
	frame->type = wanted;
	frame->count = 1;
	frame->presumed = !mmu->answered && !frame->exact;
	if (!is_table(wanted)) {
		if (frame->table && !mmu->known_world)
			mmu_forget_contents(mmu, frame);
		return answer;
	}
	inside = promote(mmu, mfn, frame, wanted, j);
	if (inside == MMU_REFUSE) {
		frame->count = 0;
		return inside;
	}
	/* Announced as a table to be, and taken: it was none before. */
	if (frame->taken && mmu->answered)
		frame->exact = 1;
	frame->taken = 0;
	return inside > answer ? inside : answer;
}

enum mmu_answer mmu_get_type(struct mmu *mmu, uint64_t mfn, enum mmu_type wanted,
			     struct mmu_judgement *j)
{
	struct mmu_frame *frame = mmu_frame(mmu, mfn);

	if (!frame) {
		mmu_doubt(j, MMU_DOUBT_BOUND);
		return MMU_UNSURE;
	}
	if (frame->count && frame->type != wanted) {
		enum mmu_answer answer = meet_other_type(mmu, mfn, frame, wanted, j);

		if (answer == MMU_REFUSE)
			return answer;
	}
	if (!frame->count)
		return first_reference(mmu, mfn, frame, wanted, j);
	j->presumed |= frame->presumed;
	if (++frame->count == COUNT_MAX)
		frame->presumed = 1;   /* it sticks: no proof rests on it */
	return MMU_ACCEPT;
}

void mmu_put_type(struct mmu *mmu, uint64_t mfn, enum mmu_type type, bool sure)
{
	struct mmu_frame *frame = mmu_frame_seen(mmu, mfn);

	if (!frame || !frame->count || frame->type != type || frame->count == COUNT_MAX)
		return;
	frame->exact &= sure;
	if (--frame->count)
		return;
	frame->presumed = 0;
	frame->pinned = 0;
	frame->dropped = 0;
	if (is_table(type))
		demote(mmu, mfn, frame, type, SLOTS);
}

/* --- entries ------------------------------------------------------------------ */

static void name_entry(struct mmu_judgement *j, uint64_t table, unsigned level, unsigned slot,
		       uint64_t entry)
{
	if (j->has_entry)
		return;
	j->has_entry = true;
	j->table = table;
	j->level = (uint8_t)level;
	j->slot = (uint16_t)slot;
	j->entry = entry;
}

static enum mmu_answer take_child(struct mmu *mmu, uint64_t table, unsigned level,
				  uint64_t entry, struct mmu_judgement *j)
{
	uint64_t mfn = mmu_entry_mfn(entry);
	const struct mmu_frame *frame = mmu_frame_seen(mmu, mfn);

	if (entry & PTE_PSE) {
		mmu_refuse(j, MMU_BREACH_SUPERPAGE);
		return MMU_REFUSE;
	}
	if (entry & FLAGS_ODD)
		mmu_doubt(j, MMU_DOUBT_FLAGS);
	if (mfn == table && entry & PTE_RW) {
		j->culprit = mfn;
		mmu_refuse(j, MMU_BREACH_SELF_MAP);
		return MMU_REFUSE;
	}
	if (mfn == table) {
		j->remark = MMU_REMARK_SELF_MAP;
		return MMU_ACCEPT;
	}
	if (frame && frame->count && frame->type == level) {
		/* Another table of the same level: a linear map, too. */
		if (entry & PTE_RW)
			return conflict(mfn, frame, (enum mmu_type)level,
					(enum mmu_type)(level - 1), j);
		mmu_doubt(j, MMU_DOUBT_LINEAR);
		return MMU_UNSURE;
	}
	return mmu_get_type(mmu, mfn, (enum mmu_type)(level - 1), j);
}

/* All frame bits set: INVALID_P2M_ENTRY as an entry holds it. Xen refuses it without
 * a word, and nothing is wrong with asking. */
#define NO_MACHINE_FRAME (PFN_LIMIT - 1)

static enum mmu_answer take_page(struct mmu *mmu, uint64_t entry, struct mmu_judgement *j)
{
	uint64_t mfn = mmu_entry_mfn(entry);
	enum mmu_answer answer = MMU_ACCEPT;
	struct mmu_frame *frame;

	if (mfn == NO_MACHINE_FRAME) {
		mmu_refuse(j, MMU_BREACH_OWNER);
		return MMU_REFUSE;
	}
	frame = mmu_frame(mmu, mfn);
	if (!frame) {
		mmu_doubt(j, MMU_DOUBT_BOUND);
		return MMU_UNSURE;
	}
	if (entry & PTE_RW)
		answer = mmu_get_type(mmu, mfn, MMU_WRITABLE, j);
	else if (frame->ro < RO_MAX)
		frame->ro++;
	if (answer == MMU_REFUSE || frame->owner != OWNER_UNTOLD)
		return answer;
	if (mmu->answered)
		frame->owner = OWNER_GUEST;
	/* What the direct map is presumed to hold is the guest's. */
	if (entry & PTE_RW && answer == MMU_ACCEPT && frame->count == 1)
		return answer;
	mmu_doubt(j, MMU_DOUBT_OWNER);
	return MMU_UNSURE;
}

static enum mmu_answer take(struct mmu *mmu, uint64_t table, unsigned level, unsigned slot,
			    uint64_t entry, struct mmu_judgement *j)
{
	enum mmu_answer answer = level > 1 ? take_child(mmu, table, level, entry, j)
					   : take_page(mmu, entry, j);

	if (answer == MMU_REFUSE)
		name_entry(j, table, level, slot, entry);
	return answer;
}

/* A kernel with the mitigation inverts the address of an entry that is not present:
 * its highest bits are set then. MMU_UNKNOWN_ENTRY is none.
 * Source: Linux arch/x86/include/asm/pgtable-invert.h, 4.19; Xen pv/mm.h
 * pv_l1tf_check_pte(), is_l1tf_safe_maddr(), 4.12. */
static bool holds_address(uint64_t entry)
{
	uint64_t mfn = mmu_entry_mfn(entry);

	return mfn && !(mfn >> 34) && entry != MMU_UNKNOWN_ENTRY;
}

void mmu_write_slot(struct mmu *mmu, struct mmu_table *table, unsigned slot, uint64_t entry)
{
	table->kept[slot] = mmu_kept(entry);
	if (table->places && mmu->now)
		memcpy(&table->places[slot], &mmu->now->at, sizeof(*table->places));
}

enum mmu_answer mmu_set_entry(struct mmu *mmu, struct mmu_table *table, unsigned level,
			      unsigned slot, uint64_t entry, struct mmu_judgement *j)
{
	uint64_t old = mmu_entry_at(table, slot), mfn = table->mfn;
	uint32_t index = (uint32_t)(table - mmu->tables);
	enum mmu_answer answer = MMU_ACCEPT;

	if (is_xen_slot(level, slot)) {
		mmu_refuse(j, MMU_BREACH_XEN_SLOT);
		name_entry(j, mfn, level, slot, entry);
		return MMU_REFUSE;
	}
	if (old & entry & PTE_P && !((old ^ entry) & ~FLAGS_FREE)) {
		mmu_write_slot(mmu, table, slot, entry);
		return MMU_ACCEPT;
	}
	if (entry & PTE_P)
		answer = take(mmu, mfn, level, slot, entry, j);
	else if (level == 1 && holds_address(entry))
		j->remark = MMU_REMARK_ADDRESS_LEFT;
	if (answer == MMU_REFUSE && !mmu->force)
		return answer;
	table = &mmu->tables[index];
	mmu_write_slot(mmu, table, slot, entry);
	put(mmu, mfn, level, old, true);
	return answer;
}
