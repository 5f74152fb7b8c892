/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One function an operation, and Xen's answer.
 *
 *    attempt --> ACCEPT  --> Xen took it: agreed      refused: disagreed, undone
 *            --> UNSURE  --> Xen took it: learned     refused: undone
 *            --> REFUSE  --> Xen took it: disagreed, applied by force
 *                            refused: agreed */
#include "core/mmu_inside.h"

#include <string.h>

static const char *const doubt_docs[] = {
#define D(kind, doc) doc,
	MMU_DOUBTS(D)
#undef D
};

static const char *const doubt_names[] = {
#define D(kind, doc) #kind,
	MMU_DOUBTS(D)
#undef D
};

const char *mmu_doubt_name(enum mmu_doubt doubt)
{
	ASSERT(doubt < MMU_DOUBT_COUNT);
	return doubt_names[doubt];
}

const char *mmu_doubt_doc(enum mmu_doubt doubt)
{
	ASSERT(doubt < MMU_DOUBT_COUNT);
	return doubt_docs[doubt];
}

/* How to take an operation back. */
struct undo {
	enum { UNDO_NOTHING, UNDO_ENTRY, UNDO_CONTENT, UNDO_PIN, UNDO_UNPIN, UNDO_BASE,
	       UNDO_USER_BASE } what;
	uint32_t table;           /* ENTRY, CONTENT: its index */
	unsigned level, slot;
	uint64_t old;             /* entry, or mfn */
	uint64_t mfn;
};

/* --- entries ------------------------------------------------------------------ */

static void write_content(struct mmu *mmu, struct mmu_table *table, unsigned slot, uint64_t entry,
			  struct undo *undo)
{
	*undo = (struct undo){ UNDO_CONTENT, (uint32_t)(table - mmu->tables), 0, slot,
			       mmu_entry_at(table, slot), 0 };
	mmu_write_slot(mmu, table, slot, entry);
}

static void update_table(struct mmu *mmu, struct mmu_table *table, unsigned level, unsigned slot,
			 uint64_t entry, struct mmu_judgement *j, struct undo *undo)
{
	*undo = (struct undo){ UNDO_ENTRY, (uint32_t)(table - mmu->tables), level, slot,
			       mmu_entry_at(table, slot), 0 };
	j->old_entry = mmu_entry_at(table, slot);
	if (!j->has_entry) {
		j->table = table->mfn;
		j->level = (uint8_t)level;
		j->slot = (uint16_t)slot;
	}
	if (mmu_set_entry(mmu, table, level, slot, entry, j) == MMU_REFUSE && !mmu->force)
		undo->what = UNDO_NOTHING;
}

/* The level of a table that was never told, by what it is given to hold: an
 * entry with RW that names a table hooks it, for no L1 could map it so. A plain
 * page could hold it, too: it is presumed. */
static unsigned level_by_entry(const struct mmu *mmu, uint64_t entry)
{
	const struct mmu_frame *child = mmu_frame_seen(mmu, mmu_entry_mfn(entry));

	if ((entry & (PTE_P | PTE_RW)) != (PTE_P | PTE_RW) || !child || !child->count ||
	    child->type < MMU_L1 || child->type > MMU_L3)
		return 0;
	return child->type + 1;
}

/* A slot of a page of which the trace told nothing. */
static void update_untold(struct mmu *mmu, struct mmu_frame *frame, struct mmu_table *table,
			  unsigned slot, uint64_t entry, struct mmu_judgement *j,
			  struct undo *undo)
{
	unsigned level = frame->taken ? 0 : level_by_entry(mmu, entry);

	if (!(entry & PTE_P) && frame->owner == OWNER_GUEST) {
		/* Legal in a table of any level and in a plain page. */
		j->presumed = true;
		write_content(mmu, table, slot, entry, undo);
		return;
	}
	mmu_doubt(j, MMU_DOUBT_TABLE);
	if (level && mmu->answered) {
		frame->type = level;
		frame->count = 1;
		frame->presumed = 1;
		update_table(mmu, table, level, slot, entry, j, undo);
		return;
	}
	write_content(mmu, table, slot, entry, undo);
	if (mmu->answered)
		frame->owner = OWNER_GUEST;
}

static void update_slot(struct mmu *mmu, uint64_t mfn, unsigned slot, uint64_t entry,
			struct mmu_judgement *j, struct undo *undo)
{
	struct mmu_frame *frame = mmu_frame(mmu, mfn);
	struct mmu_table *table = frame ? mmu_contents(mmu, mfn, frame) : NULL;

	if (!table) {
		mmu_doubt(j, MMU_DOUBT_BOUND);
		return;
	}
	j->old_entry = mmu_entry_at(table, slot);
	if (frame->count && frame->type >= MMU_L1 && frame->type <= MMU_L4)
		update_table(mmu, table, frame->type, slot, entry, j, undo);
	else if (frame->count && frame->type == MMU_SEGDESC)
		mmu_refuse(j, MMU_BREACH_NOT_TABLE);
	else if (frame->count || frame->exact)
		write_content(mmu, table, slot, entry, undo);
	else
		update_untold(mmu, frame, table, slot, entry, j, undo);
}

static uint64_t clean_entry(uint64_t entry)
{
	return entry == MMU_UNKNOWN_ENTRY ? 0 : entry;
}

static void op_update(struct mmu *mmu, const struct mmu_op *op, struct mmu_judgement *j,
		      struct undo *undo)
{
	uint64_t mfn = op->ptr >> FRAME_SHIFT, entry = clean_entry(op->val), old;
	unsigned slot = (unsigned)(op->ptr & (FRAME_BYTES - 1)) >> 3;

	if (!op->has_ptr) {
		mmu_doubt(j, MMU_DOUBT_ADDRESS);
		return;
	}
	if (op->foreign && op->foreign != DOMID_SELF_WORD)
		mmu_doubt(j, MMU_DOUBT_FOREIGN);
	if (op->command == MMU_PRESERVE_AD) {
		old = mmu_entry_of(mmu, mfn, slot);
		if (old != MMU_UNKNOWN_ENTRY)
			entry |= old & (PTE_A | PTE_D);
	}
	update_slot(mmu, mfn, slot, entry, j, undo);
}

/* --- addresses ------------------------------------------------------------------ */

/* What an operation on a direct-map address tells of the frame that lives there. */
static void note_direct(struct mmu *mmu, uint64_t va, uint64_t entry)
{
	uint64_t pfn = mmu_direct_pfn(va), home;
	struct mmu_frame *frame;

	if (pfn == MMU_NO_FRAME)
		return;
	home = mmu_mfn_of(mmu, pfn);
	frame = home != MMU_NO_FRAME ? mmu_frame(mmu, home) : NULL;
	if (frame)
		frame->direct = DIRECT_NOT_WRITABLE;
	frame = entry & PTE_P ? mmu_frame(mmu, mmu_entry_mfn(entry)) : NULL;
	if (frame)
		frame->direct = entry & PTE_RW ? DIRECT_WRITABLE : DIRECT_NOT_WRITABLE;
}

static bool is_announced(const struct mmu *mmu, uint64_t key)
{
	for (uint32_t i = 0; mmu->from_start && i < mmu->direct_count; i++)
		if (pfn_range_holds(mmu->direct[i], to_pfn(key << 9)))
			return true;
	return false;
}

/* The tables above are not told: the L1 is known by the address alone. */
static void update_blind(struct mmu *mmu, uint64_t va, unsigned slot, uint64_t entry,
			 struct mmu_judgement *j, struct undo *undo)
{
	uint64_t key = mmu_va_key(va);
	struct mmu_table *table;

	if (!mmu_table_seen_at(mmu, key) && !is_announced(mmu, key))
		mmu_doubt(j, MMU_DOUBT_SLOT);
	table = mmu_table_at(mmu, key);
	if (!table) {
		mmu_doubt(j, MMU_DOUBT_BOUND);
		return;
	}
	mmu->blind_at[slot]++;
	update_table(mmu, table, 1, slot, entry, j, undo);
}

static void op_va_mapping(struct mmu *mmu, const struct mmu_op *op, struct mmu_judgement *j,
			  struct undo *undo)
{
	unsigned slot = (unsigned)(op->ptr >> FRAME_SHIFT) & (SLOTS - 1);
	uint64_t entry = clean_entry(op->val), l1;

	if (!op->has_ptr) {
		mmu_doubt(j, MMU_DOUBT_ADDRESS);
		return;
	}
	switch (mmu_walk(mmu, op->vcpu, op->ptr, &l1)) {
	case WALK_FOUND:
		update_slot(mmu, l1, slot, entry, j, undo);
		break;
	case WALK_ABSENT:
		mmu_refuse(j, MMU_BREACH_NO_L1);
		break;
	case WALK_UNTOLD:
		update_blind(mmu, op->ptr, slot, entry, j, undo);
		break;
	}
	if (j->answer != MMU_REFUSE)
		note_direct(mmu, op->ptr, entry);
}

static void op_store(struct mmu *mmu, const struct mmu_op *op, struct mmu_judgement *j,
		     struct undo *undo)
{
	uint64_t mfn = op->has_ptr ? mmu_page_at(mmu, op->vcpu, op->ptr) : MMU_NO_FRAME;
	unsigned slot = (unsigned)(op->ptr & (FRAME_BYTES - 1)) >> 3;

	if (mfn == MMU_NO_FRAME)
		mmu_doubt(j, op->has_ptr ? MMU_DOUBT_PAGE : MMU_DOUBT_ADDRESS);
	else
		update_slot(mmu, mfn, slot, clean_entry(op->val), j, undo);
}

/* --- pins and bases --------------------------------------------------------------- */

static void op_pin(struct mmu *mmu, const struct mmu_op *op, struct mmu_judgement *j,
		   struct undo *undo)
{
	enum mmu_type wanted = (enum mmu_type)op->level;
	struct mmu_frame *frame = mmu_frame(mmu, op->mfn.n);
	bool pinned, unsure_pin;

	if (!frame || op->level < 1 || op->level > 4) {
		mmu_doubt(j, frame ? MMU_DOUBT_FLAGS : MMU_DOUBT_BOUND);
		return;
	}
	pinned = frame->pinned;
	unsure_pin = frame->count && !frame->exact && !pinned;
	if (mmu_get_type(mmu, op->mfn.n, wanted, j) == MMU_REFUSE && !mmu->force)
		return;
	if (pinned && frame->pinned) {
		mmu_refuse(j, MMU_BREACH_ALREADY_PINNED);
		j->culprit = op->mfn.n;
		mmu_put_type(mmu, op->mfn.n, wanted, true);
		return;
	}
	if (unsure_pin)
		mmu_doubt(j, MMU_DOUBT_PIN);
	frame->pinned = 1;
	if (mmu->answered)
		frame->owner = OWNER_GUEST;
	*undo = (struct undo){ .what = UNDO_PIN, .mfn = op->mfn.n, .level = wanted };
}

static void op_unpin(struct mmu *mmu, const struct mmu_op *op, struct mmu_judgement *j,
		     struct undo *undo)
{
	struct mmu_frame *frame = mmu_frame(mmu, op->mfn.n);

	if (!frame) {
		mmu_doubt(j, MMU_DOUBT_BOUND);
		return;
	}
	if (!frame->pinned) {
		if (frame->exact) {
			mmu_refuse(j, MMU_BREACH_NOT_PINNED);
			j->culprit = op->mfn.n;
		} else {
			mmu_doubt(j, MMU_DOUBT_PIN);
		}
		return;
	}
	*undo = (struct undo){ .what = UNDO_UNPIN, .mfn = op->mfn.n, .level = frame->type };
	frame->pinned = 0;
	mmu_put_type(mmu, op->mfn.n, (enum mmu_type)frame->type, true);
}

static void load_base(struct mmu *mmu, uint64_t *base, const struct mmu_op *op, bool user,
		      struct mmu_judgement *j, struct undo *undo)
{
	uint64_t mfn = op->mfn.n, old = *base;

	if (user && !mfn)
		mfn = MMU_NO_FRAME;
	else if (mfn == MMU_NO_FRAME)
		mmu_doubt(j, MMU_DOUBT_FRAME);
	else if (old == mfn)
		return;   /* Xen takes it without a look */
	else if (mmu_get_type(mmu, mfn, MMU_L4, j) == MMU_REFUSE && !mmu->force)
		return;
	*undo = (struct undo){ .what = user ? UNDO_USER_BASE : UNDO_BASE, .old = old,
			       .mfn = mfn, .slot = op->vcpu };
	*base = mfn;
	if (old != MMU_NO_FRAME)
		mmu_put_type(mmu, old, MMU_L4, true);
}

/* A live table gets another guest frame. */
static void remark_moved(const struct mmu *mmu, const struct mmu_op *op,
			 const struct mmu_frame *frame, struct mmu_judgement *j)
{
	uint64_t old = mmu_pfn_of(mmu, op->mfn.n);

	if (op->partial || !frame->count || frame->presumed || frame->type < MMU_L1 || frame->type > MMU_L4 ||
	    old == MMU_NO_FRAME || old == op->pfn.n)
		return;
	j->remark = MMU_REMARK_TABLE_MOVED;
	j->culprit = op->mfn.n;
	j->saw = (enum mmu_type)frame->type;
	j->saw_count = frame->count;
	j->saw_pinned = frame->pinned;
	j->old_pfn = old;
}

static void op_machphys(struct mmu *mmu, const struct mmu_op *op, struct mmu_judgement *j)
{
	struct mmu_frame *frame = mmu_frame(mmu, op->mfn.n);

	if (!frame)
		mmu_doubt(j, MMU_DOUBT_BOUND);
	else if (frame->owner != OWNER_GUEST)
		mmu_doubt(j, MMU_DOUBT_OWNER);
	if (frame && mmu->answered)
		frame->owner = OWNER_GUEST;
	if (frame)
		remark_moved(mmu, op, frame, j);
	if (op->pfn.n != MMU_NO_FRAME && op->pfn.n < PFN_LIMIT)
		mmu_pair_set(mmu, &mmu->m2p, op->mfn.n, op->pfn.n);
}

/* --- facts -------------------------------------------------------------------------- */

static void table_taken(struct mmu *mmu, const struct mmu_op *op)
{
	struct mmu_frame *frame = op->mfn.n == MMU_NO_FRAME ? NULL : mmu_frame(mmu, op->mfn.n);

	if (frame && !frame->count)
		frame->taken = 1;
	if (!frame)
		return;
	frame->owner = OWNER_GUEST;
	frame->dropped = 0;
}

/* The kernel says so before it unpins: what counts is whether it does. */
static void table_dropped(struct mmu *mmu, const struct mmu_op *op)
{
	uint64_t mfn = op->mfn.n != MMU_NO_FRAME ? op->mfn.n : mmu_mfn_of(mmu, op->pfn.n);
	struct mmu_frame *frame = mfn == MMU_NO_FRAME ? NULL : mmu_frame(mmu, mfn);

	if (frame && frame->count && frame->type >= MMU_L1 && frame->type <= MMU_L4)
		frame->dropped = 1;
}

/* Whatever was counted may be gone, and more may be there. Costly: past a bound,
 * nothing is judged any more. */
#define GAPS_MAX 64u

static void forget_frames(struct mmu *mmu)
{
	for (uint64_t i = leaf_from(&mmu->used, 0); i < LEAVES;
	     i = leaf_from(&mmu->used, i + 1)) {
		struct mmu_frame *leaf = mmu->leaves[i];

		for (uint32_t f = 0; leaf && f < LEAF_FRAMES; f++) {
			leaf[f].exact = 0;
			leaf[f].count = 0;
			leaf[f].pinned = 0;
			leaf[f].ro = 0;
			leaf[f].taken = 0;
			leaf[f].dropped = 0;
			leaf[f].direct = DIRECT_UNTOLD;
		}
	}
	for (uint32_t i = 0; i < mmu->table_count; i++)
		mmu_forget_entries(&mmu->tables[i]);
	for (unsigned i = 0; i < VCPUS; i++)
		mmu->base[i] = mmu->user_base[i] = MMU_NO_FRAME;
}

static void lose_operations(struct mmu *mmu)
{
	mmu->from_start = false;
	mmu->start = START_LATE;
	if (mmu->broken || (mmu->gaps && mmu->gap_at == mmu->counts.operations))
		return;
	mmu->gap_at = mmu->counts.operations;
	mmu->former_count = 0;
	mmu->broken = ++mmu->gaps > GAPS_MAX;
	if (!mmu->broken)
		forget_frames(mmu);
}

/* Was the page said to be that frame before, and then another? A frame that takes its
 * page back is a rare thing; two that claim it have it told by turns. */
static bool was_former(struct mmu *mmu, const struct mmu_op *op, struct loc *at)
{
	for (uint32_t i = 0; i < mmu->former_count && i < FORMER_KEPT; i++) {
		if (mmu->former[i].mfn != op->mfn.n || mmu->former[i].pfn != op->pfn.n)
			continue;
		*at = mmu->former[i].at;
		return true;
	}
	return false;
}

/* The page was said to be another guest frame. */
static void remark_pair(struct mmu *mmu, const struct mmu_op *op, uint64_t old_pfn)
{
	const struct mmu_frame *frame = mmu_frame_seen(mmu, op->mfn.n);
	struct mmu_judgement j = { .culprit = op->mfn.n, .table = MMU_NO_FRAME,
				   .old_entry = MMU_UNKNOWN_ENTRY, .old_pfn = old_pfn };

	/* Such a trace does not tell when a page was given up. */
	if (op->partial)
		return;
	if (frame)
		remark_moved(mmu, op, frame, &j);
	if (j.remark == MMU_REMARK_NONE && was_former(mmu, op, &j.other_at))
		j.remark = MMU_REMARK_CLAIMED_TWICE;
	mmu->former[mmu->former_count % FORMER_KEPT].mfn = op->mfn.n;
	mmu->former[mmu->former_count % FORMER_KEPT].pfn = old_pfn;
	mmu->former[mmu->former_count++ % FORMER_KEPT].at = mmu->now->at;
	if (j.remark != MMU_REMARK_NONE && mmu->observer)
		mmu->observer(mmu->context, mmu->now, &j);
}

static void take_pair(struct mmu *mmu, const struct mmu_op *op)
{
	uint64_t old = mmu_pfn_of(mmu, op->mfn.n);

	if (UNLIKELY(old != op->pfn.n && old != MMU_NO_FRAME))
		remark_pair(mmu, op, old);
	mmu_learn_pair(mmu, op->pfn, op->mfn);
}

static void take_fact(struct mmu *mmu, const struct mmu_op *op)
{
	if (op->kind == MMU_OPS_LOST)
		lose_operations(mmu);
	if (op->pfn.n < PFN_LIMIT && op->mfn.n != MMU_NO_FRAME)
		take_pair(mmu, op);
	if (op->kind == MMU_TABLE_TAKEN)
		table_taken(mmu, op);
	if (op->kind == MMU_TABLE_DROPPED)
		table_dropped(mmu, op);
}

/* --- one operation ------------------------------------------------------------------- */

/* Pins and bases of a trace that tells only pfns: what the pairs told so far make of
 * them. */
static const struct mmu_op *with_mfn(struct mmu *mmu, const struct mmu_op *op, struct mmu_op *named)
{
	if (LIKELY(op->mfn.n != MMU_NO_FRAME) || op->kind < MMU_PIN || op->kind > MMU_NEW_USER_BASE)
		return op;
	*named = *op;
	named->mfn = to_mfn(mmu_mfn_of(mmu, op->pfn.n));
	return named;
}

static void attempt(struct mmu *mmu, const struct mmu_op *told, struct mmu_judgement *j,
		    struct undo *undo)
{
	struct mmu_op named;
	const struct mmu_op *op = with_mfn(mmu, told, &named);

	*j = (struct mmu_judgement){ .culprit = MMU_NO_FRAME, .table = MMU_NO_FRAME,
				     .old_entry = MMU_UNKNOWN_ENTRY };
	undo->what = UNDO_NOTHING;
	if (op == &named && op->mfn.n == MMU_NO_FRAME && op->kind <= MMU_UNPIN) {
		mmu_doubt(j, MMU_DOUBT_FRAME);
		return;
	}
	switch (op->kind) {
	case MMU_UPDATE: op_update(mmu, op, j, undo); break;
	case MMU_MACHPHYS: op_machphys(mmu, op, j); break;
	case MMU_VA_MAPPING: op_va_mapping(mmu, op, j, undo); break;
	case MMU_PIN: op_pin(mmu, op, j, undo); break;
	case MMU_UNPIN: op_unpin(mmu, op, j, undo); break;
	case MMU_NEW_BASE:
		load_base(mmu, &mmu->base[op->vcpu], op, false, j, undo);
		break;
	case MMU_NEW_USER_BASE:
		load_base(mmu, &mmu->user_base[op->vcpu], op, true, j, undo);
		break;
	case MMU_PTWR: case MMU_STORE: op_store(mmu, op, j, undo); break;
	case MMU_TABLE_TAKEN: case MMU_TABLE_DROPPED: case MMU_P2M: case MMU_OPS_LOST:
	case MMU_OP_COUNT:
		break;
	}
	if (mmu->broken && j->answer != MMU_UNSURE) {
		j->answer = MMU_ACCEPT;
		mmu_doubt(j, MMU_DOUBT_LOST);
	}
	/* Tracepoints do not show when an entry is cleared or write-protected by a plain
	 * store: without Xen's word a refusal would blame a mapping that may be gone.
	 * Source: Linux arch/x86/include/asm/pgtable.h native_ptep_get_and_clear(). */
	if (op->partial && op->verdict == MMU_VERDICT_UNKNOWN && j->answer == MMU_REFUSE) {
		j->answer = MMU_ACCEPT;
		mmu_doubt(j, MMU_DOUBT_PARTIAL);
	}
}

static void take_back(struct mmu *mmu, const struct undo *undo)
{
	struct mmu_judgement scratch = { .answer = MMU_ACCEPT };
	struct mmu_table *table = mmu->table_count ? &mmu->tables[undo->table] : NULL;
	struct mmu_frame *frame;
	uint64_t *base;

	mmu->force = true;
	switch (undo->what) {
	case UNDO_NOTHING:
		break;
	case UNDO_CONTENT:
		mmu_write_slot(mmu, table, undo->slot, undo->old);
		break;
	case UNDO_ENTRY:
		mmu_set_entry(mmu, table, undo->level, undo->slot, undo->old, &scratch);
		break;
	case UNDO_PIN:
		frame = mmu_frame(mmu, undo->mfn);
		frame->pinned = 0;
		mmu_put_type(mmu, undo->mfn, (enum mmu_type)undo->level, true);
		break;
	case UNDO_UNPIN:
		mmu_get_type(mmu, undo->mfn, (enum mmu_type)undo->level, &scratch);
		mmu_frame(mmu, undo->mfn)->pinned = 1;
		break;
	case UNDO_BASE: case UNDO_USER_BASE:
		base = undo->what == UNDO_BASE ? mmu->base : mmu->user_base;
		if (undo->old != MMU_NO_FRAME)
			mmu_get_type(mmu, undo->old, MMU_L4, &scratch);
		base[undo->slot] = undo->old;
		if (undo->mfn != MMU_NO_FRAME)
			mmu_put_type(mmu, undo->mfn, MMU_L4, true);
		break;
	}
	mmu->force = false;
}

/* Did the engine know enough, and was what it presumed borne out? */
static bool is_decided(const struct mmu_op *op, const struct mmu_judgement *j)
{
	return j->answer != MMU_UNSURE &&
	       (op->verdict == MMU_VERDICT_UNKNOWN || !j->presumed ||
		(op->verdict < 0) == (j->answer == MMU_REFUSE));
}

/* Against Xen's answer: counted, and brought in line with it. */
static bool compare(struct mmu *mmu, const struct mmu_op *op, const struct mmu_judgement *j,
		    const struct undo *undo)
{
	struct mmu_counts *counts = &mmu->counts;
	struct mmu_judgement forced;
	struct undo forced_undo;
	bool refused = op->verdict < 0;

	counts->refused += refused;
	if (j->answer == MMU_UNSURE) {
		counts->unsure[j->doubt]++;
	} else if (j->presumed && refused != (j->answer == MMU_REFUSE)) {
		counts->not_as_presumed++;
	} else if (refused == (j->answer == MMU_REFUSE)) {
		counts->agreed++;
		counts->agreed_presumed += j->presumed;
		counts->agreed_refused += refused;
	} else {
		counts->disagreed++;
	}
	if (refused) {
		take_back(mmu, undo);
		return true;
	}
	if (j->answer != MMU_REFUSE)
		return false;
	mmu->force = true;
	attempt(mmu, op, &forced, &forced_undo);
	mmu->force = false;
	return true;
}

void mmu_judge(struct mmu *mmu, const struct mmu_queued *queued)
{
	const struct mmu_op *op = &queued->op;
	struct mmu_judgement j;
	struct undo undo;
	bool notable;

	mmu->now = queued;
	if (op->kind >= MMU_TABLE_TAKEN) {
		take_fact(mmu, op);
		mmu->now = NULL;
		return;
	}
	mmu->counts.operations++;
	if (mmu_is_pin(op) && mmu->start < START_SHOWN)
		mmu_watch_start(mmu, op);
	mmu->answered = op->verdict == 0;
	attempt(mmu, op, &j, &undo);
	if (mmu_is_pin(op)) {
		mmu->counts.pins++;
		mmu->counts.pins_decided += is_decided(op, &j);
	}
	if (op->verdict == MMU_VERDICT_UNKNOWN) {
		mmu->counts.unanswered++;
		mmu->counts.untold_refused += j.answer == MMU_REFUSE;
		mmu->counts.untold_unsure[j.doubt] += j.answer == MMU_UNSURE;
		notable = j.answer == MMU_REFUSE;
	} else {
		notable = compare(mmu, op, &j, &undo);
	}
	notable |= j.remark != MMU_REMARK_NONE;
	if (mmu->observer && (notable || mmu->observe_all))
		mmu->observer(mmu->context, queued, &j);
	mmu->now = NULL;
}

/* --- what others ask ---------------------------------------------------------------------- */

void mmu_observe(struct mmu *mmu, mmu_observer *observer, void *context, bool all)
{
	mmu->observer = observer;
	mmu->context = context;
	mmu->observe_all = all;
}

uint32_t mmu_gaps(const struct mmu *mmu)
{
	return mmu->gaps;
}

const struct mmu_counts *mmu_counts(const struct mmu *mmu)
{
	return &mmu->counts;
}

uint64_t mmu_lost(const struct mmu *mmu, struct loc *first)
{
	*first = mmu->lost_at;
	return mmu->lost;
}

void mmu_direct_map(struct mmu *mmu, struct pfn_range frames)
{
	if (mmu->direct_count < ARRAY_LEN(mmu->direct) && !pfn_range_empty(frames))
		mmu->direct[mmu->direct_count++] = frames;
}

void mmu_set_from_start(struct mmu *mmu, bool from_start)
{
	mmu->from_start = from_start && !mmu->gaps;
}

void mmu_set_maps_writable(struct mmu *mmu)
{
	mmu->maps_writable = true;
	mmu->from_start |= mmu->start == START_SHOWN;
}
