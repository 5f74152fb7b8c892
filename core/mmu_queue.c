/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Operations that wait to be judged. They wait so that what they touch can be
 * fetched together:
 *
 *   queue --> tables' frames --> slots and pages --> what is replaced --> judged, one
 *             \____________ fetched ahead ___________________________/    after another
 *                                                                         |         |
 *                                                                       quick  mmu_judge()
 *
 * A few at a time: while some are judged, memory works for those behind them.
 *
 * Quick is what nearly every trace is made of: an entry of an L1 table that maps
 * a page of the guest, or no longer does, where all that it touches is known and
 * nothing can refuse it. Whatever is not so takes the long way, which must come to
 * the same (tests/unit_mmu.c compares both, and a third model). */
#include "core/mmu_inside.h"

/* What an operation touches. */
struct touched {
	struct mmu_frame *table;   /* the page that holds the slot */
	uint64_t *slot;            /* mmu_kept() of an entry; NULL: no contents are kept */
	struct mmu_frame *page;    /* what the new entry of an L1 maps; NULL: nothing, or not told */
};

/* --- quick ------------------------------------------------------------------- */

/* Only the long way knows; else an operation is one that Xen takes, with a doubt or
 * with none. */
#define LONG_WAY MMU_DOUBT_COUNT

/* Is what its entries map counted? */
static inline bool is_l1(const struct mmu_frame *frame)
{
	return frame->count && frame->type == MMU_L1;
}

/* May the page gain the mapping? */
static ALWAYS_INLINE enum mmu_doubt gain(const struct mmu *mmu, const struct mmu_frame *page,
					 uint64_t entry, bool answered)
{
	enum mmu_doubt by_owner = page->owner == OWNER_UNTOLD ? MMU_DOUBT_OWNER : MMU_DOUBT_NONE;

	if (!(entry & PTE_RW))
		return page->ro >= RO_MAX ? LONG_WAY : by_owner;
	if (page->count) {
		if (page->type != MMU_WRITABLE || page->count >= COUNT_MAX - 1 ||
		    (answered && page->presumed))
			return LONG_WAY;
		return by_owner;
	}
	if (page->table || (mmu->from_start && !page->exact))
		return LONG_WAY;
	return page->exact ? MMU_DOUBT_NONE : MMU_DOUBT_TARGET;
}

/* May it lose the mapping, and nothing else comes of that? */
static inline bool can_put(const struct mmu_frame *page, uint64_t entry)
{
	if (entry & PTE_RW)
		return page->count && page->count < COUNT_MAX && page->type == MMU_WRITABLE;
	return page->ro && page->ro < RO_MAX;
}

static inline void take(struct mmu_frame *page, uint64_t entry, bool answered)
{
	if (!(entry & PTE_RW)) {
		page->ro++;
	} else if (!page->count++) {
		page->type = MMU_WRITABLE;
		page->presumed = !answered && !page->exact;
	}
	if (answered && page->owner == OWNER_UNTOLD)
		page->owner = OWNER_GUEST;
}

static inline void put(struct mmu_frame *page, uint64_t entry)
{
	if (!(entry & PTE_RW)) {
		page->ro--;
	} else if (!--page->count) {
		page->presumed = 0;
		page->pinned = 0;
		page->dropped = 0;
	}
}

/* An entry of a live L1 table. */
static ALWAYS_INLINE enum mmu_doubt quick_entry(struct mmu *mmu, uint64_t old, uint64_t entry,
						struct mmu_frame *page, bool answered)
{
	enum mmu_doubt doubt = MMU_DOUBT_NONE;
	struct mmu_frame *loses = NULL;

	if (page) {
		if (UNLIKELY(old & PTE_P) && !((old ^ entry) & ~FLAGS_FREE))
			return MMU_DOUBT_NONE;
		doubt = gain(mmu, page, entry, answered);
		if (doubt == LONG_WAY)
			return LONG_WAY;
	} else if (entry) {
		/* Not told; or not present, and worth a remark. */
		return LONG_WAY;
	}
	if (old & PTE_P) {
		loses = mmu_frame_seen(mmu, mmu_entry_mfn(old));
		if (!loses || !can_put(loses, old))
			return LONG_WAY;
	}
	if (page)
		take(page, entry, answered);
	if (loses)
		put(loses, old);
	return doubt;
}

/* A page that is no table, or of which that is not told: contents, no more. */
static inline enum mmu_doubt quick_content(const struct mmu_frame *frame, uint64_t entry)
{
	if (entry == MMU_UNKNOWN_ENTRY || (frame->count && frame->type != MMU_WRITABLE))
		return LONG_WAY;
	if (frame->count || frame->exact || (!(entry & PTE_P) && frame->owner == OWNER_GUEST))
		return MMU_DOUBT_NONE;
	return MMU_DOUBT_TABLE;
}

static inline unsigned slot_of(const struct mmu_op *op)
{
	return (unsigned)(op->ptr & (FRAME_BYTES - 1)) >> 3;
}

static void keep_place(struct mmu *mmu, struct mmu_table *table, const struct mmu_queued *queued)
{
	mmu->now = queued;
	mmu_write_slot(mmu, table, slot_of(&queued->op), queued->op.val);
	mmu->now = NULL;
}

static ALWAYS_INLINE void count_doubt(struct mmu_counts *counts, enum mmu_doubt doubt, bool answered)
{
	if (doubt != MMU_DOUBT_NONE)
		(answered ? counts->unsure : counts->untold_unsure)[doubt]++;
	else if (answered)
		counts->agreed++;
}

/* False: it has done nothing, and the long way is to be taken. */
static ALWAYS_INLINE bool quick(struct mmu *mmu, const struct mmu_queued *queued,
				const struct touched *touched, bool answered)
{
	const struct mmu_frame *frame = touched->table;
	uint64_t entry = queued->op.val;
	enum mmu_doubt doubt;

	if (!touched->slot)
		return false;
	if (is_l1(frame))
		doubt = quick_entry(mmu, mmu_kept(*touched->slot), entry, touched->page, answered);
	else
		doubt = answered ? LONG_WAY : quick_content(frame, entry);
	if (doubt == LONG_WAY)
		return false;
	*touched->slot = mmu_kept(entry);
	if (UNLIKELY(frame->table <= MMU_PLACED_TABLES_MAX))
		keep_place(mmu, &mmu->tables[frame->table - 1], queued);
	count_doubt(&mmu->counts, doubt, answered);
	return true;
}

/* --- runs -------------------------------------------------------------------- */

/* Operations of one form. */
struct run {
	enum { LONG, BY_FRAME, BY_ADDRESS } way;
	uint32_t first, end;
};

static struct run run_from(const struct mmu *mmu, uint32_t first, uint32_t end)
{
	const struct mmu_queued *queued = mmu->queue.items, *next = &queued[first + 1];
	const struct mmu_op *op = &queued[first].op, form = *op;
	struct run run = { LONG, first, 0 };

	if (op->has_ptr && op->command == MMU_NORMAL && op->foreign == DOMID_SELF_WORD &&
	    (!op->verdict || op->verdict == MMU_VERDICT_UNKNOWN) && !mmu->observe_all &&
	    !mmu->broken)
		run.way = op->kind == MMU_UPDATE ? BY_FRAME :
			  op->kind == MMU_STORE || op->kind == MMU_PTWR ? BY_ADDRESS : LONG;
	/* What another operation of the run writes may lie on the way from the base. */
	if (run.way == BY_ADDRESS && mmu->base[op->vcpu] != MMU_NO_FRAME)
		run.way = LONG;
	while (next < &queued[end] && mmu_same_form(&next->op, &form))
		next++;
	run.end = (uint32_t)(next - queued);
	return run;
}

/* The page that the new entry maps is looked up and fetched. */
static ALWAYS_INLINE void look_at_page(const struct mmu *mmu, uint32_t i, struct touched *touched)
{
	uint64_t entry = mmu->queue.items[i].op.val;

	touched[i].page = NULL;
	if (!(entry & PTE_P))
		return;
	touched[i].page = mmu_frame_seen(mmu, mmu_entry_mfn(entry));
	mmu_fetch(touched[i].page);
}

/* The frames of the pages that hold the slots are looked up and fetched. What Xen took is
 * mostly an entry of an L1 table: its page is fetched as well. */
static ALWAYS_INLINE void look_at_frames(const struct mmu *mmu, uint32_t first, uint32_t end,
					 struct touched *touched, bool by_address, bool answered)
{
	static struct mmu_frame untold;
	const struct mmu_queued *queued = mmu->queue.items;

	for (uint32_t i = first; i < end; i++) {
		uint64_t ptr = queued[i].op.ptr, mfn = ptr >> FRAME_SHIFT;
		struct mmu_frame *frame;

		if (by_address)
			mfn = LIKELY(!mmu->by_va_count) ? mmu_direct_page(mmu, ptr)
							: mmu_page_by_va(mmu, ptr);
		frame = mmu_frame_seen(mmu, mfn);
		touched[i].table = frame ? frame : &untold;
		mmu_fetch(touched[i].table);
		if (answered)
			look_at_page(mmu, i, touched);
	}
}

/* ... and so are the slots. Without Xen's answer, few tables are told to be L1. */
static ALWAYS_INLINE void look_at_slots(const struct mmu *mmu, uint32_t first, uint32_t end,
					struct touched *touched, bool answered)
{
	uint64_t *const *contents = mmu->contents;
	const struct mmu_queued *queued = mmu->queue.items;

	for (uint32_t i = first; i < end; i++) {
		const struct mmu_frame *frame = touched[i].table;

		if (!answered) {
			touched[i].page = NULL;
			if (is_l1(frame))
				look_at_page(mmu, i, touched);
		}
		if (UNLIKELY(!frame->table)) {
			touched[i].slot = NULL;
			continue;
		}
		touched[i].slot = contents[frame->table - 1] + slot_of(&queued[i].op);
		mmu_fetch(touched[i].slot);
	}
}

/* ... and what those of L1 tables map until now. */
static ALWAYS_INLINE void look_at_replaced(const struct mmu *mmu, uint32_t first, uint32_t end,
					   const struct touched *touched)
{
	for (uint32_t i = first; i < end; i++)
		if (LIKELY(touched[i].slot) && is_l1(touched[i].table))
			mmu_fetch_page(mmu, mmu_kept(*touched[i].slot));
}

static void judge_long(struct mmu *mmu, uint32_t i, uint32_t sequence)
{
	mmu->queue.items[i].sequence = sequence + i;
	mmu_judge(mmu, &mmu->queue.items[i]);
}

static void count_quick(struct mmu_counts *counts, uint32_t count, bool answered)
{
	counts->operations += count;
	counts->unanswered += answered ? 0 : count;
}

/* Operations [first, end) of a run; slots were looked at up to `seen_end`, and what was
 * quick is counted up to *counted. */
static ALWAYS_INLINE void judge_some(struct mmu *mmu, uint32_t first, uint32_t end,
				     uint32_t seen_end, uint32_t sequence,
				     struct touched *touched, uint32_t *counted, bool answered)
{
	for (uint32_t i = first; i < end; i++) {
		uint32_t given_back = mmu->given_back;

		if (LIKELY(quick(mmu, &mmu->queue.items[i], &touched[i], answered)))
			continue;
		count_quick(&mmu->counts, i - *counted, answered);
		judge_long(mmu, i, sequence);
		*counted = i + 1;
		/* Slots that were looked at may be those of another table by now. */
		if (mmu->given_back != given_back)
			look_at_slots(mmu, i + 1, seen_end, touched, answered);
	}
}

#define AT_A_TIME 24u

/* Some are judged; of those behind them what is replaced is looked up, of those behind
 * those the slots, and of as many more the frames. */
static ALWAYS_INLINE void judge_run(struct mmu *mmu, struct run run, uint32_t sequence,
				    bool by_address, bool answered)
{
	uint32_t judged = run.first, replaced = run.first, slots = run.first, frames = run.first;
	uint32_t counted = run.first;
	struct touched touched[MMU_QUEUE_MAX];

	while (judged < run.end) {
		uint32_t more = run.end - frames < AT_A_TIME ? run.end : frames + AT_A_TIME;

		judge_some(mmu, judged, replaced, slots, sequence, touched, &counted, answered);
		judged = replaced;
		look_at_replaced(mmu, replaced, slots, touched);
		replaced = slots;
		look_at_slots(mmu, slots, frames, touched, answered);
		slots = frames;
		look_at_frames(mmu, frames, more, touched, by_address, answered);
		frames = more;
	}
	count_quick(&mmu->counts, run.end - counted, answered);
}

void mmu_flush(struct mmu *mmu)
{
	uint32_t count = mmu->queue.count, sequence = mmu->queue.sequence;
	struct run run;
	bool answered;

	mmu->queue.count = 0;
	mmu->queue.sequence = sequence + count;
	for (uint32_t i = 0; i < count; i = run.end) {
		run = run_from(mmu, i, count);
		answered = mmu->queue.items[i].op.verdict == 0;
		if (run.way == LONG)
			for (; i < run.end; i++)
				judge_long(mmu, i, sequence);
		else if (run.way == BY_FRAME && answered)
			judge_run(mmu, run, sequence, false, true);
		else if (run.way == BY_FRAME)
			judge_run(mmu, run, sequence, false, false);
		else if (answered)
			judge_run(mmu, run, sequence, true, true);
		else
			judge_run(mmu, run, sequence, true, false);
	}
}

/* --- in ---------------------------------------------------------------------- */

struct mmu_queue *mmu_queue_from(struct mmu *mmu, uint32_t sequence)
{
	mmu->queue.sequence = sequence - mmu->queue.count;
	return &mmu->queue;
}

void mmu_queue_full(struct mmu_queue *queue)
{
	mmu_flush((struct mmu *)((char *)queue - offsetof(struct mmu, queue)));
}

void mmu_queue(struct mmu *mmu, const struct mmu_op *op, const struct loc *at, uint32_t sequence)
{
	struct mmu_queue *queue = mmu_queue_from(mmu, sequence);
	struct mmu_queued *queued = &queue->items[queue->count++];

	queued->op = *op;
	queued->at = *at;
	if (queue->count == MMU_QUEUE_MAX)
		mmu_flush(mmu);
}

uint32_t mmu_next_sequence(const struct mmu *mmu)
{
	return mmu->queue.sequence + mmu->queue.count;
}

struct loc mmu_last_at(const struct mmu *mmu)
{
	return mmu->queue.items[(mmu->queue.count + MMU_QUEUE_MAX - 1) % MMU_QUEUE_MAX].at;
}
