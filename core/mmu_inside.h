/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the type engine share.
 *
 *   mmu_queue.c    what waits; prefetching; the commonest operations, without a detour
 *   mmu.c          one function an operation, Xen's answer
 *   mmu_start.c    whether the trace begins with the boot
 *   mmu_types.c    references: taken, put, tables validated and torn down
 *   mmu_frames.c   memory: frames, pairs, table contents
 *   mmu_walk.c     addresses: from a base to the L1 slot, and back */
#ifndef CORE_MMU_INSIDE_H
#define CORE_MMU_INSIDE_H

#include "core/mmu.h"

#define PTE_P UINT64_C(1)
#define PTE_RW UINT64_C(2)
#define PTE_PSE UINT64_C(0x80)
#define PTE_A UINT64_C(0x20)
#define PTE_D UINT64_C(0x40)
/* May change without a new look at the frame: NX, bits 52-62, 9-11, G, D, A, US.
 * Source: Xen FASTPATH_FLAG_WHITELIST, 4.8 and later (e1bff4c2ea). */
#define FLAGS_FREE UINT64_C(0xfff0000000000f64)
#define SLOTS 512u

enum mmu_owner { OWNER_UNTOLD, OWNER_GUEST, OWNER_OTHER };
/* What the trace told of the frame's place in the direct map. */
enum mmu_direct { DIRECT_UNTOLD, DIRECT_WRITABLE, DIRECT_NOT_WRITABLE };

struct mmu_frame {
	union {
		struct {
			uint16_t count;         /* counted references of `type`, 0: none */
			uint16_t ro : 12;       /* saturates */
			uint16_t type : 3;
			uint16_t pinned : 1;
			uint32_t table : 24;    /* 1 + index of its contents; 0: none kept */
			uint32_t exact : 1;     /* every reference there is, is counted */
			uint32_t presumed : 1;  /* a reference was presumed, not told */
			uint32_t owner : 2;
			uint32_t taken : 1;     /* announced as a table to be */
			uint32_t direct : 2;
			uint32_t dropped : 1;   /* announced as a table no more, while it was one */
		};
		uint64_t word;                  /* all of these */
	};
};
_Static_assert(sizeof(struct mmu_frame) == 8, "eight bytes a frame");
#define COUNT_MAX 0xffffu
#define RO_MAX 0xfffu

/* A struct loc without the padding at its end. */
struct mmu_place { uint32_t words[5]; };
_Static_assert(offsetof(struct loc, input) + sizeof(uint32_t) == sizeof(struct mmu_place),
	       "nothing else of it is left out");

struct mmu_table {
	uint64_t *kept;           /* mmu_kept() of SLOTS entries */
	struct mmu_place *places; /* of the line that wrote each; NULL: not kept */
	uint64_t mfn;             /* MMU_NO_FRAME: known by its address alone */
	union {
		uint64_t va;      /* ... which is this, for slot 0 */
		uint32_t next_free;   /* of one that no frame has any more, as in struct mmu */
	};
};

/* Entries are kept so that memory which nobody wrote as yet tells none: 0 is
 * MMU_UNKNOWN_ENTRY. The same the other way. */
static inline uint64_t mmu_kept(uint64_t entry)
{
	return entry ^ MMU_UNKNOWN_ENTRY;
}

static inline uint64_t mmu_entry_at(const struct mmu_table *table, unsigned slot)
{
	return mmu_kept(table->kept[slot]);
}

/* Frame numbers to frame numbers, in leaves of 8,192. */
struct mmu_pairs { uint32_t **leaves; };

#define LEAF_SHIFT 13
#define LEAF_FRAMES (1u << LEAF_SHIFT)
#define LEAVES (MMU_MFN_LIMIT >> LEAF_SHIFT)

/* Which leaves are in use: a bit for 64 of them. Their directory is large and mostly
 * untouched, and a log may hold thousands of boots: to walk it would touch it all. */
struct leaves_used { uint64_t groups[(LEAVES >> 12) + 1]; };

static inline void leaf_use(struct leaves_used *used, uint64_t leaf)
{
	used->groups[leaf >> 12] |= UINT64_C(1) << (leaf >> 6 & 63);
}

/* The first leaf from `leaf` on that may be in use; LEAVES: there is none. */
static inline uint64_t leaf_from(const struct leaves_used *used, uint64_t leaf)
{
	while (leaf < LEAVES && !(used->groups[leaf >> 12] >> (leaf >> 6 & 63) & 1))
		leaf = used->groups[leaf >> 12] ? (leaf | 63) + 1 : (leaf | 4095) + 1;
	return leaf < LEAVES ? leaf : LEAVES;
}

/* How far the trace has shown the boot's first pin, unpin and base. */
enum mmu_start { START_UNSEEN, START_PINNED, START_UNPINNED, START_SHOWN, START_LATE };

#define VCPUS 256u

#define FORMER_KEPT 64u

struct mmu {
	bool known_world, from_start, broken;
	bool maps_writable;
	enum mmu_start start;
	uint64_t first_root;      /* START_PINNED and later: the table pinned first */
	struct mmu_frame **leaves;
	struct leaves_used used;
	struct mmu_pairs m2p, p2m;
	struct mmu_table *tables;
	uint64_t **contents;      /* `kept` of each, close together: what is looked up most */
	uint32_t table_count, table_room;
	uint32_t free_table;      /* 1 + index of the one that was given back last, or 0 */
	uint32_t given_back;      /* how often that happened */
	struct mmu_slab *slab;    /* of leaves, the newest first */
	size_t slab_used;
	uint64_t held_bytes;
	bool no_memory;           /* the system had none; its bounds are counted as lost */
	/* Tables known by their address alone: va >> 21 to 1 + index. */
	struct { uint64_t key; uint32_t table; } *by_va;
	uint32_t by_va_count, by_va_room;
	unsigned by_va_shift;
	uint64_t by_va_secret;
	uint64_t base[VCPUS], user_base[VCPUS];   /* mfn; MMU_NO_FRAME */
	/* The last change through an address whose tables are not told, for each
	 * slot number: it may have hit any table. */
	uint64_t blind_at[SLOTS];
	struct pfn_range direct[64];
	uint32_t direct_count;
	struct mmu_counts counts;
	uint64_t lost;
	struct loc lost_at;
	uint32_t gaps, scans;
	/* Pages that were said to be one guest frame and then another, in a ring: the
	 * frame before, and where the other was told. */
	struct { uint64_t mfn, pfn; struct loc at; } former[FORMER_KEPT];
	uint32_t former_count;
	uint64_t gap_at;          /* operations judged until the last gap */
	mmu_observer *observer;
	void *context;
	bool observe_all;
	/* the operation at hand */
	const struct mmu_queued *now;
	bool answered, force;     /* Xen took it; ... although we would not have */
	struct mmu_queue queue;
};

/* --- mmu.c --- */
void mmu_judge(struct mmu *mmu, const struct mmu_queued *queued);

/* --- mmu_start.c --- */
/* Pins, unpins and bases. */
static inline bool mmu_is_pin(const struct mmu_op *op)
{
	return op->kind >= MMU_PIN && op->kind <= MMU_NEW_USER_BASE;
}
/* Looks at one of them, before it is judged; until the start is shown or missed. */
void mmu_watch_start(struct mmu *mmu, const struct mmu_op *op);

/* --- mmu_frames.c --- */
/* The frame, made on first use; NULL beyond a bound (counted). */
struct mmu_frame *mmu_frame(struct mmu *mmu, uint64_t mfn);
/* The frame, or NULL when nothing was ever told of it. */
static inline struct mmu_frame *mmu_frame_in(struct mmu_frame *const *leaves, uint64_t mfn)
{
	struct mmu_frame *leaf;

	if (mfn >= MMU_MFN_LIMIT)
		return NULL;
	leaf = leaves[mfn >> LEAF_SHIFT];
	return leaf ? leaf + (mfn & (LEAF_FRAMES - 1)) : NULL;
}
static inline struct mmu_frame *mmu_frame_seen(const struct mmu *mmu, uint64_t mfn)
{
	return mmu_frame_in(mmu->leaves, mfn);
}
/* What will be written soon comes as close as it can: some hundred lines are on their way
 * at a time, and a quarter of the first cache holds them. */
static inline void mmu_fetch(const void *at)
{
	__builtin_prefetch(at, 1, 3);
}
/* Fetches what is known of the page that an entry maps. */
static inline void mmu_fetch_page(const struct mmu *mmu, uint64_t entry)
{
	if (entry & PTE_P)
		mmu_fetch(mmu_frame_seen(mmu, mmu_entry_mfn(entry)));
}
/* Contents of a frame, made on first use; NULL beyond a bound. */
struct mmu_table *mmu_contents(struct mmu *mmu, uint64_t mfn, struct mmu_frame *frame);
/* A table known by its address alone (mmu_va_key()), made on first use; NULL beyond a
 * bound. */
struct mmu_table *mmu_table_at(struct mmu *mmu, uint64_t key);
/* The same, or NULL when there is none. */
const struct mmu_table *mmu_table_seen_at(const struct mmu *mmu, uint64_t key);
/* The frame's contents are no longer known: it keeps none. */
void mmu_forget_contents(struct mmu *mmu, struct mmu_frame *frame);
void mmu_forget_entries(struct mmu_table *table);
void mmu_count_lost(struct mmu *mmu);
void mmu_pair_set(struct mmu *mmu, struct mmu_pairs *pairs, uint64_t from, uint64_t to);
static inline uint64_t mmu_pair_of(const struct mmu_pairs *pairs, uint64_t from)
{
	const uint32_t *leaf = from < MMU_MFN_LIMIT ? pairs->leaves[from >> LEAF_SHIFT] : NULL;
	uint32_t pair = leaf ? leaf[from & (LEAF_FRAMES - 1)] : 0;

	return pair ? pair - 1 : MMU_NO_FRAME;
}
static inline struct mmu_table *mmu_contents_seen(const struct mmu *mmu,
						  const struct mmu_frame *frame)
{
	return frame->table ? &mmu->tables[frame->table - 1] : NULL;
}

/* --- mmu_types.c --- */
void mmu_doubt(struct mmu_judgement *j, enum mmu_doubt doubt);
void mmu_refuse(struct mmu_judgement *j, enum mmu_breach breach);
/* One more reference of that type. On REFUSE nothing has changed. */
enum mmu_answer mmu_get_type(struct mmu *mmu, uint64_t mfn, enum mmu_type wanted,
			     struct mmu_judgement *j);
void mmu_put_type(struct mmu *mmu, uint64_t mfn, enum mmu_type type, bool sure);
/* Writes a slot of a validated table of that level: takes what the new entry
 * names, then puts what the old one named. `table`: its contents. */
enum mmu_answer mmu_set_entry(struct mmu *mmu, struct mmu_table *table, unsigned level,
			      unsigned slot, uint64_t entry, struct mmu_judgement *j);
void mmu_write_slot(struct mmu *mmu, struct mmu_table *table, unsigned slot, uint64_t entry);

/* --- mmu_walk.c --- */
enum mmu_walk { WALK_FOUND, WALK_ABSENT, WALK_UNTOLD };
/* The L1 table that maps va by the vcpu's base. */
enum mmu_walk mmu_walk(const struct mmu *mmu, unsigned vcpu, uint64_t va, uint64_t *l1);
/* The key of a table known by address alone. The kernel image and the direct map
 * may share their first tables (Linux copies the builder's L2 to both), so both
 * are keyed by the guest-physical address. */
uint64_t mmu_va_key(uint64_t va);
/* The page that an address lies in, as far as it is told; MMU_NO_FRAME. */
uint64_t mmu_page_at(const struct mmu *mmu, unsigned vcpu, uint64_t va);
/* The same when the vcpu has no base. */
uint64_t mmu_page_by_va(const struct mmu *mmu, uint64_t va);
/* Where the kernel maps all memory. Source: Linux Documentation/x86/x86_64/mm.rst; see
 * replay_ask.c. */
#define DIRECT_NEW UINT64_C(0xffff888000000000)
#define DIRECT_END UINT64_C(0xffffc80000000000)
/* Guest frame of a direct-map address; MMU_NO_FRAME. */
static inline uint64_t mmu_direct_pfn(uint64_t va)
{
	return va >= DIRECT_NEW && va < DIRECT_END ? (va - DIRECT_NEW) >> FRAME_SHIFT : MMU_NO_FRAME;
}
/* Its machine frame, by the pairs told. */
static inline uint64_t mmu_direct_page(const struct mmu *mmu, uint64_t va)
{
	return mmu_pair_of(&mmu->p2m, mmu_direct_pfn(va));
}
#endif
