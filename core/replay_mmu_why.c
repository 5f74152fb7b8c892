/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Xen refused an operation that the type engine has no quarrel with, or cannot
 * judge. What the operation itself tells of the reason is inferred:
 *
 *    flags no guest may set            Xen looks at them before all else
 *    a read-only entry                 needs no type: the frame was not to be had
 *    an entry that no kernel makes     data, not an entry
 *    an unpin                          was not pinned
 *    anything else                     refused, and no more is known
 *
 * Source: Xen xen/arch/x86/mm.c get_page_from_l1e(), get_page_from_l2e() and so
 * on, do_mmu_update(), do_mmuext_op(), 4.1-4.20. */
#include "core/complaints.h"
#include "core/replay_mmu_inside.h"

#define ENTRY_P 1u
#define ENTRY_RW 2u
#define ENTRY_G (UINT64_C(1) << 8)
/* Debug builds of Xen keep bit 62 for grants. */
#define ENTRY_GRANT (UINT64_C(1) << 62)
#define NEVER_IN_L1 (ENTRY_G | ENTRY_GRANT)
/* PWT, PCD, G; PSE is told apart. */
#define NEVER_ABOVE_L1 (UINT64_C(0x18) | ENTRY_G)
/* INVALID_P2M_ENTRY as an entry holds it: a legal question, whose answer is no. */
#define NO_MACHINE_FRAME (PFN_LIMIT - 1)
#define SLOTS 512u

/* As Xen prints flags: bits 63 to 52, then 11 to 0. */
static uint64_t packed(uint64_t flags)
{
	return (flags & 0xfff) | (flags >> 40 & 0xfff000);
}

static struct complaint_record *infer(struct replay *replay, const struct mmu_queued *queued,
				      enum complaint what, const struct trace_words *words)
{
	struct complaint_record *record = trace_complain(replay, queued, what);

	if (!record)
		return NULL;
	record->trace = words;
	record->certainty = INFERRED;
	return record;
}

static void bad_entry(struct replay *replay, const struct mmu_queued *queued, uint64_t entry,
		      const struct trace_words *words)
{
	struct complaint_record *record = infer(replay, queued, COMPLAINT_GET_FAILED, words);

	if (!record)
		return;
	trace_name_frame(replay, record, mmu_entry_mfn(entry));
	record->entry = entry;
	if (queued->op.foreign == DOMID_IO_WORD) {
		record->l1e_owner = replay->domain == DOMAIN_NONE ? 0 : replay->domain;
		record->pg_owner = DOMAIN_IO;
	}
}

static void refused_only(struct replay *replay, const struct mmu_queued *queued,
			 const struct trace_words *words)
{
	struct complaint_record *record = trace_complain(replay, queued, COMPLAINT_UNEXPLAINED);

	if (!record)
		return;
	record->trace = words;
	if (queued->op.mfn.n != MMU_NO_FRAME)
		trace_name_frame(replay, record, queued->op.mfn.n);
}

/* The first entry in the page that no kernel makes, as far as its contents were
 * told. */
static bool find_data(const struct mmu *mmu, uint64_t mfn, uint64_t *entry)
{
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		*entry = mmu_entry_of(mmu, mfn, slot);
		if (*entry != MMU_UNKNOWN_ENTRY && *entry & ENTRY_P && entry_is_malformed(*entry))
			return true;
	}
	return false;
}

/* A page with such contents was hooked: Xen reads all of it. */
static bool bad_contents(struct replay *replay, const struct mmu_queued *queued, uint64_t mfn,
			 const struct trace_words *words)
{
	struct complaint_record *record;
	uint64_t entry;

	if (!find_data(replay->mmu, mfn, &entry))
		return false;
	bad_entry(replay, queued, entry, words);
	record = infer(replay, queued, COMPLAINT_VALIDATION_FAILED, words);
	if (record)
		trace_name_frame(replay, record, mfn);
	return true;
}

/* A frame that others have, taken for device memory: RAM, as the guest's own
 * frames and the host's map tell. */
static bool is_ram(const struct replay *replay, uint64_t mfn)
{
	const struct span *span = range_map_at(&replay->host_map, mfn << FRAME_SHIFT);

	return mmu_is_guests(replay->mmu, mfn) || (span && span->value == MEMORY_RAM);
}

static void entry_refused(struct replay *replay, const struct mmu_queued *queued,
			  const struct mmu_judgement *j, const struct trace_words *words)
{
	uint64_t entry = queued->op.val, mfn = mmu_entry_mfn(entry);
	uint8_t level = queued->op.kind == MMU_VA_MAPPING || queued->op.kind == MMU_PTWR ? 1
										  : j->level;
	uint64_t never = entry & (level == 1 ? NEVER_IN_L1 : level ? NEVER_ABOVE_L1 : 0);
	struct complaint_record *record;

	if (!(entry & ENTRY_P) || !queued->op.has_ptr) {
		refused_only(replay, queued, words);
	} else if (entry_is_malformed(entry)) {
		bad_entry(replay, queued, entry, words);
	} else if (never) {
		record = infer(replay, queued, COMPLAINT_BAD_FLAGS, words);
		if (record) {
			record->level = level;
			record->entry = packed(never);
		}
	} else if (level == 1 && queued->op.foreign == DOMID_IO_WORD && is_ram(replay, mfn)) {
		bad_entry(replay, queued, entry, words);
	} else if (level == 1 && !(entry & ENTRY_RW) && !mmu_is_guests(replay->mmu, mfn)) {
		bad_entry(replay, queued, entry, words);
	} else if (level < 2 || !bad_contents(replay, queued, mfn, words)) {
		refused_only(replay, queued, words);
	}
}

static void table_refused(struct replay *replay, const struct mmu_queued *queued,
			  const struct trace_words *words)
{
	if (bad_contents(replay, queued, queued->op.mfn.n, words))
		trace_asked_for(replay, queued);
	else
		refused_only(replay, queued, words);
}

/* Of another domain's frames: a toolstack's business. */
static bool is_toolstacks(const struct mmu_op *op)
{
	return op->foreign && op->foreign != DOMID_SELF_WORD && op->foreign != DOMID_IO_WORD;
}

void trace_unexplained(struct replay *replay, const struct mmu_queued *queued,
		       const struct mmu_judgement *j, const struct trace_words *words)
{
	const struct mmu_op *op = &queued->op;
	struct complaint_record *record;

	if (is_toolstacks(op))
		return;
	switch (op->kind) {
	case MMU_UPDATE: case MMU_VA_MAPPING: case MMU_PTWR: case MMU_STORE:
		if (mmu_entry_mfn(op->val) != NO_MACHINE_FRAME)
			entry_refused(replay, queued, j, words);
		return;
	case MMU_PIN: case MMU_NEW_BASE: case MMU_NEW_USER_BASE:
		table_refused(replay, queued, words);
		return;
	case MMU_UNPIN:
		record = infer(replay, queued, COMPLAINT_NOT_PINNED, words);
		if (record)
			trace_name_frame(replay, record, op->mfn.n);
		return;
	case MMU_MACHPHYS:
		record = trace_complain(replay, queued, COMPLAINT_P2M_UNSET);
		if (record) {
			record->mfn = op->mfn.n;
			record->pfn = op->pfn.n;
		}
		return;
	case MMU_TABLE_TAKEN: case MMU_TABLE_DROPPED: case MMU_P2M: case MMU_OPS_LOST:
	case MMU_OP_COUNT:
		return;
	}
}

/* --- taken, and wrong ------------------------------------------------------------ */

void trace_remark(struct replay *replay, const struct mmu_queued *queued,
		  const struct mmu_judgement *j, const struct trace_words *words)
{
	static const enum complaint kinds[] = {
		[MMU_REMARK_ADDRESS_LEFT] = COMPLAINT_L1TF,
		[MMU_REMARK_TABLE_MOVED] = COMPLAINT_TABLE_MOVED,
		[MMU_REMARK_CLAIMED_TWICE] = COMPLAINT_CLAIMED_TWICE,
		[MMU_REMARK_SELF_MAP] = COMPLAINT_SELF_MAP,
	};
	struct complaint_record *record = trace_complain(replay, queued, kinds[j->remark]);

	if (!record)
		return;
	record->trace = words;
	record->level = j->level;
	record->entry = queued->op.val;
	if (j->remark == MMU_REMARK_CLAIMED_TWICE)
		record->certainty = INFERRED;
	if (j->remark == MMU_REMARK_TABLE_MOVED || j->remark == MMU_REMARK_CLAIMED_TWICE) {
		record->mfn = queued->op.mfn.n;
		record->pfn = queued->op.pfn.n;
		record->entry = j->old_pfn;
	} else if (j->table != MMU_NO_FRAME) {
		trace_name_frame(replay, record, j->table);
	}
}

/* --- tables let go ---------------------------------------------------------------- */

void trace_table_dropped(struct replay *replay, const struct event *event)
{
	struct table_drop *drop;

	if (!replay->drops)
		replay->drops = arena_alloc(replay->arena, DROPS_KEPT * sizeof(*replay->drops));
	drop = &replay->drops[replay->drop_count++ % DROPS_KEPT];
	*drop = (struct table_drop){ event->u.mmu.mfn.n, event->u.mmu.pfn.n, event->at,
				     replay->sequence };
}

void trace_tell_drop(const struct replay *replay, const struct mmu_queued *queued, uint64_t mfn,
		     struct trace_words *words)
{
	uint64_t pfn = mmu_pfn_of(replay->mmu, mfn);
	struct mmu_state state;

	if (mfn == MMU_NO_FRAME || !mmu_state_of(replay->mmu, mfn, &state) || !state.dropped)
		return;
	words->dropped = true;
	for (uint32_t i = 0; i < DROPS_KEPT && i < replay->drop_count; i++) {
		const struct table_drop *drop =
			&replay->drops[(replay->drop_count - 1 - i) % DROPS_KEPT];

		if (drop->sequence >= queued->sequence ||
		    (drop->mfn != mfn && (pfn == MMU_NO_FRAME || drop->pfn != pfn)))
			continue;
		words->dropped_at = drop->at;
		return;
	}
}
