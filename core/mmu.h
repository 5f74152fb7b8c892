/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Xen's page types, replayed: what every machine frame is (table of a level,
 * writable, nothing), how many references of that type it carries, and what
 * each operation of a trace would have met.
 *
 *    ops --> queue of 128 --> prefetch --> judge by the rules --> judgement
 *                                             |                      |
 *                    frames, table contents <-+-- apply <-- Xen's answer, if told
 *
 * A reference counts only when the table that holds it is validated (pinned, or
 * hooked into one that is); entries of other tables are contents, no more.
 *
 * What a trace does not tell stays unknown: an answer is ACCEPT, REFUSE or
 * UNSURE, and UNSURE carries its reason. Where Xen's own answer settles it, the
 * engine learns the fact and the operation counts as unknown, never as agreed.
 *
 * 64-bit PV: four levels. Source: Xen xen/arch/x86/mm.c get_page_type(),
 * put_page_type(), promote_lN_table() (alloc_lN_table() to 4.11),
 * get_page_from_lNe(), mod_lN_entry(), do_mmu_update(), do_mmuext_op(),
 * do_update_va_mapping(), new_guest_cr3(); 4.1, 4.17. */
#ifndef CORE_MMU_H
#define CORE_MMU_H

#include "core/event.h"
#include "core/limits.h"
#include "core/status.h"

enum mmu_type { MMU_NOTHING, MMU_L1, MMU_L2, MMU_L3, MMU_L4, MMU_WRITABLE, MMU_SEGDESC };

enum mmu_answer { MMU_ACCEPT, MMU_UNSURE, MMU_REFUSE };   /* the later wins */

/* Why an answer is UNSURE. */
#define MMU_DOUBTS(D) \
	D(NONE, "") \
	D(SLOT, "the tables above the slot are not told") \
	D(ADDRESS, "the slot's address is hidden") \
	D(PAGE, "which page is at the slot's address was not told") \
	D(TABLE, "what the slot's own page is was not told") \
	D(TARGET, "what else refers to the frame was not told") \
	D(CONTENTS, "what the new table held was not told") \
	D(OWNER, "whose frame it is was not told") \
	D(FOREIGN, "the frame is another domain's") \
	D(PIN, "whether it was pinned before was not told") \
	D(FLAGS, "whether this hypervisor takes the flags") \
	D(LINEAR, "a linear page table") \
	D(LOST, "the trace lost operations") \
	D(FRAME, "the trace names the page by pfn, and not which mfn that is") \
	D(PARTIAL, "the trace misses the kernel's own stores: what was mapped may be gone") \
	D(BOUND, "beyond a bound of this program")
enum mmu_doubt {
#define D(kind, doc) MMU_DOUBT_##kind,
	MMU_DOUBTS(D)
#undef D
	MMU_DOUBT_COUNT
};
const char *mmu_doubt_doc(enum mmu_doubt doubt);
const char *mmu_doubt_name(enum mmu_doubt doubt);   /* "TARGET" */

/* Why an answer is REFUSE. */
enum mmu_breach {
	MMU_BREACH_NONE,
	MMU_BREACH_TYPE,          /* the frame has references of another type */
	MMU_BREACH_ALREADY_PINNED,
	MMU_BREACH_NOT_PINNED,
	MMU_BREACH_SUPERPAGE,     /* PSE in an entry above L1 */
	MMU_BREACH_XEN_SLOT,      /* a root slot that is Xen's own */
	MMU_BREACH_NO_L1,         /* no L1 table maps the address */
	MMU_BREACH_NOT_TABLE,     /* an update of a page that takes none */
	MMU_BREACH_OWNER,         /* the frame is not the guest's */
	MMU_BREACH_SELF_MAP,      /* an entry names its own table, writable */
};

/* What an operation does that Xen takes and no kernel should do. */
enum mmu_remark {
	MMU_REMARK_NONE,
	MMU_REMARK_ADDRESS_LEFT,  /* a not-present entry of an L1 table holds an address */
	MMU_REMARK_TABLE_MOVED,   /* a live table is said to be another guest frame */
	MMU_REMARK_CLAIMED_TWICE, /* two guest frames claim the page, by turns */
	MMU_REMARK_SELF_MAP,      /* an entry names its own table, read-only */
};

/* What one operation met. mfn MMU_NO_FRAME and level 0: not known. */
struct mmu_judgement {
	enum mmu_answer answer;
	enum mmu_doubt doubt;         /* of UNSURE: the first */
	enum mmu_breach breach;       /* of REFUSE */
	enum mmu_remark remark;       /* of the others */
	bool presumed;                /* rests on the direct map as the kernel announced it, or
	                               * on an operation whose answer was not told */
	/* REFUSE by type: the frame in the way, what it was, what it should be */
	uint64_t culprit;
	enum mmu_type saw, wanted;
	uint32_t saw_count;
	bool saw_pinned;
	/* the innermost entry concerned */
	uint64_t table;               /* mfn */
	uint8_t level;
	uint16_t slot;
	bool has_entry;
	uint64_t entry;               /* of that slot: what was asked for */
	uint64_t old_entry;           /* of the updated slot; MMU_UNKNOWN_ENTRY */
	uint64_t old_pfn;             /* TABLE_MOVED: the guest frame until now; CLAIMED_TWICE:
	                               * the other one */
	struct loc other_at;          /* CLAIMED_TWICE: where that was told */
};

/* A page-table entry that the trace does not tell. No kernel makes it: not
 * present, and bits that nobody uses. */
#define MMU_UNKNOWN_ENTRY UINT64_C(0x00fdfeedfacade00)

struct mmu_counts {
	uint64_t operations;          /* judged: everything but facts */
	uint64_t agreed;              /* with Xen's answer */
	uint64_t agreed_presumed;     /* of those: by what was presumed, as the announced direct
	                               * map */
	uint64_t not_as_presumed;     /* Xen's answer did not bear that out: none of the others */
	uint64_t agreed_refused;      /* of those: both refused */
	uint64_t disagreed;
	uint64_t unanswered;          /* the trace has no answer of Xen's */
	uint64_t refused;             /* by Xen */
	uint64_t pins, pins_decided;  /* of all: pins, unpins and bases; those that the engine
	                               * knew enough of */
	uint64_t unsure[MMU_DOUBT_COUNT];
	/* Of those without an answer: what the rules alone say. */
	uint64_t untold_refused;
	uint64_t untold_unsure[MMU_DOUBT_COUNT];
};
static inline uint64_t mmu_doubts(const uint64_t *unsure)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < MMU_DOUBT_COUNT; i++)
		sum += unsure[i];
	return sum;
}
static inline uint64_t mmu_unsure(const struct mmu_counts *counts)
{
	return mmu_doubts(counts->unsure);
}

/* One queued operation. */
struct mmu_queued {
	struct mmu_op op;
	struct loc at;
	uint32_t sequence;            /* filled in for the observer */
};

/* Operations that wait for being judged. Who has many puts them into `items` himself
 * and calls mmu_queue_full() when it is. */
#define MMU_QUEUE_MAX 128u
struct mmu_queue {
	uint32_t count;
	uint32_t sequence;            /* of the first; each next one has the next number */
	struct mmu_queued items[MMU_QUEUE_MAX];
};

/* An entry that maps a frame writable, in a validated L1 table. */
struct mmu_mapping {
	uint64_t table;               /* mfn; MMU_NO_FRAME: only its address is known */
	uint16_t slot;
	uint64_t entry;
	uint64_t va;                  /* 0: not known */
	struct loc at;                /* the line that made it; may be unknown */
	bool stale;                   /* may have been overwritten through an address
	                               * whose tables are not told */
};

struct mmu;

/* known_world: every frame is the guest's, free, and zero at the beginning
 * (tests); otherwise nothing is known. NULL: no memory. */
struct mmu *mmu_new(bool known_world);
void mmu_free(struct mmu *mmu);
/* Did the system lack memory? What was to be held is left out then. */
bool mmu_no_memory(const struct mmu *mmu);

/* Called for each operation that is refused (by the engine or by Xen), about
 * which they disagree, that is worth a remark, or that concerns the watched frame; all of them when
 * `all`. Before it is applied. */
typedef void mmu_observer(void *context, const struct mmu_queued *queued,
			  const struct mmu_judgement *judgement);
void mmu_observe(struct mmu *mmu, mmu_observer *observer, void *context, bool all);

/* The queue; what is put in next has this number. */
struct mmu_queue *mmu_queue_from(struct mmu *mmu, uint32_t sequence);
/* Judges what is queued: MMU_QUEUE_MAX operations. */
void mmu_queue_full(struct mmu_queue *queue);
/* For who puts many: the place behind `at`, whose operation is there. */
static inline struct mmu_queued *mmu_queue_next(struct mmu_queue *queue, struct mmu_queued *at)
{
	if (LIKELY(++at < queue->items + MMU_QUEUE_MAX))
		return at;
	queue->count = MMU_QUEUE_MAX;
	mmu_queue_full(queue);
	return queue->items;
}
/* Queues one operation; judges the queue when it is full. */
void mmu_queue(struct mmu *mmu, const struct mmu_op *op, const struct loc *at, uint32_t sequence);
/* The number of the operation that will be queued next; where the one that was queued
 * last stands. */
uint32_t mmu_next_sequence(const struct mmu *mmu);
struct loc mmu_last_at(const struct mmu *mmu);
/* Judges what is queued. */
void mmu_flush(struct mmu *mmu);

const struct mmu_counts *mmu_counts(const struct mmu *mmu);
/* Operations left out because the engine's memory reached its bound, or their
 * frame number lies beyond MMU_MFN_LIMIT; the first one's place. */
uint64_t mmu_lost(const struct mmu *mmu, struct loc *first);
/* Has it shown that it begins with the boot? */
bool mmu_shows_start(const struct mmu *mmu);
/* How often the trace lost operations. */
uint32_t mmu_gaps(const struct mmu *mmu);

/* Facts beside the operations. */
void mmu_learn_pair(struct mmu *mmu, pfn_t pfn, mfn_t mfn);
/* The kernel says that it direct-maps these frames, writable. */
void mmu_direct_map(struct mmu *mmu, struct pfn_range frames);
/* The trace begins with the boot's first operation, and its kernel maps every
 * frame writable before it makes a table of it (3.9 and later). */
void mmu_set_from_start(struct mmu *mmu, bool from_start);
/* The trace's kernel does so. Whether the trace begins with the boot's first operation is
 * for its own operations to show: the step from the builder's root to the kernel's. */
void mmu_set_maps_writable(struct mmu *mmu);

/* MMU_NO_FRAME when not told. */
uint64_t mmu_pfn_of(const struct mmu *mmu, uint64_t mfn);
uint64_t mmu_mfn_of(const struct mmu *mmu, uint64_t pfn);

/* What a frame is now. False: nothing is known of it. */
struct mmu_state {
	enum mmu_type type;           /* NOTHING: no counted reference */
	uint32_t count;
	bool pinned, exact;           /* exact: there is no other reference */
	bool presumed;                /* a reference was presumed, not told */
	bool dropped;                 /* a table that the kernel let go of, as it says */
	uint32_t ro;                  /* read-only mappings counted */
};
bool mmu_state_of(const struct mmu *mmu, uint64_t mfn, struct mmu_state *state);
/* Has the trace told that the frame is the guest's own? */
bool mmu_is_guests(const struct mmu *mmu, uint64_t mfn);
/* Contents of a slot; MMU_UNKNOWN_ENTRY. */
uint64_t mmu_entry_of(const struct mmu *mmu, uint64_t mfn, unsigned slot);
/* Writable mappings of a frame in validated L1 tables, up to `room`; returns how
 * many there are. Walks all tables. */
uint32_t mmu_mappings_of(const struct mmu *mmu, uint64_t mfn, struct mmu_mapping *found,
			 uint32_t room);
/* The same of read-only ones. */
uint32_t mmu_read_only_of(const struct mmu *mmu, uint64_t mfn, struct mmu_mapping *found,
			  uint32_t room);
/* The next frame from *mfn on that is a table; false at the end. The next search
 * begins at *mfn + 1. */
bool mmu_table_from(const struct mmu *mmu, uint64_t *mfn, struct mmu_state *state);

static inline uint64_t mmu_entry_mfn(uint64_t entry)
{
	return (entry & UINT64_C(0x000ffffffffff000)) >> FRAME_SHIFT;
}

#endif
