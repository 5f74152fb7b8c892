/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The engine's memory: eight bytes a frame in leaves made on first touch, 4 KiB
 * a table whose contents were told, all under one bound.
 *
 *    mfn --> leaves[mfn >> 13] --> frame --> tables[frame.table - 1] --> entries
 *    va  --> by_va (hash)      ------------> tables[..]  known by address alone */
#include "core/mmu_inside.h"
#include "core/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Pages of it that are not touched are not there, and cost nothing to give back:
 * calloc() would clear them for each of many boots. */
static void *new_directory(void)
{
	void *leaves = mmap(NULL, LEAVES * sizeof(void *), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return leaves == MAP_FAILED ? NULL : leaves;
}

static void free_directory(void *leaves)
{
	if (leaves)
		munmap(leaves, LEAVES * sizeof(void *));
}

/* Memory grows with what the trace holds: a few damaged numbers, each in another
 * place, must not take what a guest of 512 GiB may. */
static bool may_hold(const struct mmu *mmu, size_t bytes)
{
	uint64_t budget = MMU_BYTES_FIRST + MMU_BYTES_EACH * mmu->counts.operations;

	return mmu->held_bytes + bytes <= (budget < MMU_BYTES_MAX ? budget : MMU_BYTES_MAX);
}

static void *take(struct mmu *mmu, size_t count, size_t bytes)
{
	void *memory;

	if (!may_hold(mmu, count * bytes))
		return NULL;
	memory = calloc(count, bytes);
	if (memory)
		mmu->held_bytes += count * bytes;
	else
		mmu->no_memory = true;
	return memory;
}

/* Leaves and tables come out of large blocks: of those the system gives only the pages
 * that are touched. Where there are many, each access would look for another small page's
 * address: large pages spare that. */
#define SLAB_BYTES (2u << 20)
#define LARGE_PAGES_FROM (4u << 20)

struct mmu_slab { char bytes[SLAB_BYTES - sizeof(void *)]; struct mmu_slab *older; };

/* Aligned to its size, and zero. */
static struct mmu_slab *new_slab(bool large_pages)
{
	char *room = mmap(NULL, 2 * SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	size_t before;

	if (room == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)room & (SLAB_BYTES - 1);
	if (before)
		munmap(room, before);
	munmap(room + before + SLAB_BYTES, SLAB_BYTES - before);
	if (large_pages)
		(void)madvise(room + before, SLAB_BYTES, MADV_HUGEPAGE);
	return (struct mmu_slab *)(void *)(room + before);
}

static void *take_leaf(struct mmu *mmu, size_t bytes)
{
	void *leaf;

	if (!may_hold(mmu, bytes))
		return NULL;
	if (!mmu->slab || mmu->slab_used + bytes > sizeof(mmu->slab->bytes)) {
		struct mmu_slab *slab = new_slab(mmu->held_bytes >= LARGE_PAGES_FROM);

		if (!slab) {
			mmu->no_memory = true;
			return NULL;
		}
		slab->older = mmu->slab;
		mmu->slab = slab;
		mmu->slab_used = 0;
	}
	leaf = mmu->slab->bytes + mmu->slab_used;
	mmu->slab_used += bytes;
	mmu->held_bytes += bytes;
	return leaf;
}

struct mmu *mmu_new(bool known_world)
{
	struct mmu *mmu = calloc(1, sizeof(*mmu));

	if (!mmu)
		return NULL;
	mmu->known_world = known_world;
	mmu->leaves = new_directory();
	mmu->m2p.leaves = new_directory();
	mmu->p2m.leaves = new_directory();
	for (unsigned i = 0; i < VCPUS; i++)
		mmu->base[i] = mmu->user_base[i] = MMU_NO_FRAME;
	if (mmu->leaves && mmu->m2p.leaves && mmu->p2m.leaves)
		return mmu;
	mmu_free(mmu);
	return NULL;
}

void mmu_free(struct mmu *mmu)
{
	if (!mmu)
		return;
	free_directory(mmu->leaves);
	free_directory(mmu->m2p.leaves);
	free_directory(mmu->p2m.leaves);
	while (mmu->slab) {
		struct mmu_slab *older = mmu->slab->older;

		munmap(mmu->slab, sizeof(*mmu->slab));
		mmu->slab = older;
	}
	for (uint32_t i = 0; i < mmu->table_count; i++)
		free(mmu->tables[i].places);
	free(mmu->tables);
	free(mmu->contents);
	free(mmu->by_va);
	free(mmu);
}

bool mmu_no_memory(const struct mmu *mmu)
{
	return mmu->no_memory;
}

void mmu_count_lost(struct mmu *mmu)
{
	if (!mmu->lost++ && mmu->now)
		mmu->lost_at = mmu->now->at;
}

/* --- frames ---------------------------------------------------------------- */

static struct mmu_frame *new_leaf(struct mmu *mmu, uint64_t mfn)
{
	struct mmu_frame *leaf = take_leaf(mmu, LEAF_FRAMES * sizeof(*leaf));

	for (uint32_t i = 0; leaf && mmu->known_world && i < LEAF_FRAMES; i++) {
		leaf[i].exact = 1;
		leaf[i].owner = OWNER_GUEST;
	}
	if (!leaf)
		return NULL;
	leaf_use(&mmu->used, mfn >> LEAF_SHIFT);
	return mmu->leaves[mfn >> LEAF_SHIFT] = leaf;
}

struct mmu_frame *mmu_frame(struct mmu *mmu, uint64_t mfn)
{
	struct mmu_frame *leaf;

	if (LIKELY(mfn < MMU_MFN_LIMIT)) {
		leaf = mmu->leaves[mfn >> LEAF_SHIFT];
		if (UNLIKELY(!leaf))
			leaf = new_leaf(mmu, mfn);
		if (LIKELY(leaf != NULL))
			return leaf + (mfn & (LEAF_FRAMES - 1));
	}
	mmu_count_lost(mmu);
	return NULL;
}

bool mmu_state_of(const struct mmu *mmu, uint64_t mfn, struct mmu_state *state)
{
	const struct mmu_frame *frame = mmu_frame_seen(mmu, mfn);

	*state = (struct mmu_state){ .type = MMU_NOTHING };
	if (!frame)
		return false;
	state->type = frame->count ? (enum mmu_type)frame->type : MMU_NOTHING;
	state->count = frame->count;
	state->pinned = frame->pinned;
	state->exact = frame->exact;
	state->presumed = frame->presumed;
	state->dropped = frame->dropped;
	state->ro = frame->ro;
	return frame->count || frame->exact || frame->ro || frame->table || frame->taken;
}

/* --- pairs ----------------------------------------------------------------- */

void mmu_pair_set(struct mmu *mmu, struct mmu_pairs *pairs, uint64_t from, uint64_t to)
{
	uint32_t **leaf;

	if (from >= MMU_MFN_LIMIT || to >= UINT32_MAX)
		return;
	leaf = &pairs->leaves[from >> LEAF_SHIFT];
	if (!*leaf)
		*leaf = take_leaf(mmu, LEAF_FRAMES * sizeof(**leaf));
	if (*leaf)
		(*leaf)[from & (LEAF_FRAMES - 1)] = (uint32_t)to + 1;
}

void mmu_learn_pair(struct mmu *mmu, pfn_t pfn, mfn_t mfn)
{
	mmu_pair_set(mmu, &mmu->p2m, pfn.n, mfn.n);
	mmu_pair_set(mmu, &mmu->m2p, mfn.n, pfn.n);
}

bool mmu_is_guests(const struct mmu *mmu, uint64_t mfn)
{
	const struct mmu_frame *frame = mmu_frame_seen(mmu, mfn);

	return mmu_pfn_of(mmu, mfn) != MMU_NO_FRAME || (frame && frame->owner == OWNER_GUEST);
}

uint64_t mmu_pfn_of(const struct mmu *mmu, uint64_t mfn)
{
	return mmu_pair_of(&mmu->m2p, mfn);
}

uint64_t mmu_mfn_of(const struct mmu *mmu, uint64_t pfn)
{
	return mmu_pair_of(&mmu->p2m, pfn);
}

/* --- contents --------------------------------------------------------------- */

#define TABLES_MAX (1u << 24)

void mmu_forget_entries(struct mmu_table *table)
{
	memset(table->kept, 0, SLOTS * sizeof(*table->kept));
}

static bool grow_tables(struct mmu *mmu)
{
	uint32_t room = mmu->table_room ? mmu->table_room * 2 : 64;
	struct mmu_table *tables;
	uint64_t **contents;

	if (room >= TABLES_MAX)
		return false;
	tables = realloc(mmu->tables, room * sizeof(*tables));
	if (tables)
		mmu->tables = tables;
	contents = realloc(mmu->contents, room * sizeof(*contents));
	if (contents)
		mmu->contents = contents;
	if (!tables || !contents) {
		mmu->no_memory = true;
		return false;
	}
	mmu->table_room = room;
	return true;
}

static struct mmu_table *another_table(struct mmu *mmu)
{
	struct mmu_table *table;

	if (mmu->table_count == mmu->table_room && !grow_tables(mmu))
		return NULL;
	table = &mmu->tables[mmu->table_count];
	*table = (struct mmu_table){ .kept = take_leaf(mmu, SLOTS * sizeof(*table->kept)) };
	if (!table->kept)
		return NULL;
	if (mmu->table_count < MMU_PLACED_TABLES_MAX && !mmu->known_world)
		table->places = take(mmu, SLOTS, sizeof(*table->places));
	for (unsigned i = 0; mmu->known_world && i < SLOTS; i++)
		table->kept[i] = mmu_kept(0);
	mmu->contents[mmu->table_count++] = table->kept;
	return table;
}

static struct mmu_table *table_given_back(struct mmu *mmu)
{
	struct mmu_table *table = &mmu->tables[mmu->free_table - 1];

	mmu->free_table = table->next_free;
	table->va = 0;
	return table;
}

static struct mmu_table *new_table(struct mmu *mmu)
{
	struct mmu_table *table = mmu->free_table ? table_given_back(mmu) : another_table(mmu);

	if (!table)
		return NULL;
	table->mfn = MMU_NO_FRAME;
	return table;
}

struct mmu_table *mmu_contents(struct mmu *mmu, uint64_t mfn, struct mmu_frame *frame)
{
	struct mmu_table *table;

	if (LIKELY(frame->table))
		return &mmu->tables[frame->table - 1];
	table = new_table(mmu);
	if (!table) {
		mmu_count_lost(mmu);
		return NULL;
	}
	table->mfn = mfn;
	frame->table = (uint32_t)(table - mmu->tables) + 1;
	return table;
}

void mmu_forget_contents(struct mmu *mmu, struct mmu_frame *frame)
{
	struct mmu_table *table = mmu_contents_seen(mmu, frame);

	mmu_forget_entries(table);
	/* By force, it may be the one that is just being written. */
	if (mmu->force)
		return;
	table->next_free = mmu->free_table;
	mmu->free_table = frame->table;
	mmu->given_back++;
	frame->table = 0;
}

uint64_t mmu_entry_of(const struct mmu *mmu, uint64_t mfn, unsigned slot)
{
	const struct mmu_frame *frame = mmu_frame_seen(mmu, mfn);
	const struct mmu_table *table = frame ? mmu_contents_seen(mmu, frame) : NULL;

	return table ? mmu_entry_at(table, slot & (SLOTS - 1))
		     : mmu->known_world ? 0 : MMU_UNKNOWN_ENTRY;
}

static uint32_t place_of(const struct mmu *mmu, uint64_t key)
{
	uint32_t mask = mmu->by_va_room - 1;
	uint32_t i = (uint32_t)(key * mmu->by_va_secret >> 32) >> mmu->by_va_shift;

	while (mmu->by_va[i].table && mmu->by_va[i].key != key)
		i = (i + 1) & mask;
	return i;
}

static bool grow_by_va(struct mmu *mmu)
{
	__typeof__(mmu->by_va) old = mmu->by_va;
	uint32_t room = mmu->by_va_room;

	if (mmu->by_va_count * 2 < room)
		return true;
	mmu->by_va_room = room ? room * 2 : 64;
	mmu->by_va_shift = 32 - (unsigned)__builtin_ctz(mmu->by_va_room);
	mmu->by_va_secret = secret_number();
	mmu->by_va = take(mmu, mmu->by_va_room, sizeof(*mmu->by_va));
	if (!mmu->by_va) {
		mmu->by_va = old;
		mmu->by_va_room = room;
		mmu->by_va_shift++;
		return false;
	}
	for (uint32_t i = 0; i < room; i++)
		if (old[i].table)
			mmu->by_va[place_of(mmu, old[i].key)] = old[i];
	free(old);
	return true;
}

const struct mmu_table *mmu_table_seen_at(const struct mmu *mmu, uint64_t key)
{
	uint32_t index = mmu->by_va_room ? mmu->by_va[place_of(mmu, key)].table : 0;

	return index ? &mmu->tables[index - 1] : NULL;
}

struct mmu_table *mmu_table_at(struct mmu *mmu, uint64_t key)
{
	struct mmu_table *table = NULL;
	uint32_t i;

	if (grow_by_va(mmu)) {
		i = place_of(mmu, key);
		if (mmu->by_va[i].table)
			return &mmu->tables[mmu->by_va[i].table - 1];
		table = new_table(mmu);
	}
	if (!table) {
		mmu_count_lost(mmu);
		return NULL;
	}
	table->va = key << 21;
	mmu->by_va[i].key = key;
	mmu->by_va[i].table = (uint32_t)(table - mmu->tables) + 1;
	mmu->by_va_count++;
	return table;
}
