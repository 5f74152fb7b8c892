/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/timeline_mmu.h"

#include <inttypes.h>

#include "formats/mmu_counts.h"

const char *mmu_type_name(enum mmu_type type)
{
	static const char *const names[] = {
		[MMU_NOTHING] = "no type", [MMU_L1] = "L1 table", [MMU_L2] = "L2 table",
		[MMU_L3] = "L3 table", [MMU_L4] = "L4 table", [MMU_WRITABLE] = "writable",
		[MMU_SEGDESC] = "segment descriptors",
	};

	return names[type];
}

void mmu_seen_judged(void *context, const struct mmu_queued *queued,
		     const struct mmu_judgement *judgement)
{
	struct mmu_seen *seen = context;

	(void)queued;
	seen->judged = true;
	seen->judgement = *judgement;
}

const char *mmu_op_word(enum mmu_op_kind kind)
{
	static const char *const words[] = {
		[MMU_UPDATE] = "mmu_update", [MMU_MACHPHYS] = "m2p update",
		[MMU_VA_MAPPING] = "va mapping", [MMU_PIN] = "pin",
		[MMU_UNPIN] = "unpin", [MMU_NEW_BASE] = "new base",
		[MMU_NEW_USER_BASE] = "new user base", [MMU_PTWR] = "emulated store",
		[MMU_STORE] = "store", [MMU_TABLE_TAKEN] = "becomes a table",
		[MMU_TABLE_DROPPED] = "no table any more", [MMU_P2M] = "p2m",
		[MMU_OPS_LOST] = "operations lost", [MMU_OP_COUNT] = "",
	};

	return words[kind];
}

/* --- words ---------------------------------------------------------------------- */

static void put_frame(FILE *out, const struct mmu *mmu, uint64_t mfn)
{
	uint64_t pfn = mmu_pfn_of(mmu, mfn);

	fprintf(out, " mfn 0x%" PRIx64, mfn);
	if (pfn != MMU_NO_FRAME)
		fprintf(out, " (frame 0x%" PRIx64 ")", pfn);
}

static void put_state(FILE *out, const struct mmu_state *state)
{
	fputs(mmu_type_name(state->type), out);
	if (state->pinned)
		fputs(", pinned", out);
	if (state->count)
		fprintf(out, ", count %u%s", state->count, state->exact ? "" : " or more");
	else if (!state->exact)
		fputs(" that is told", out);
	if (state->ro)
		fprintf(out, ", %u read-only mapping%s", state->ro, state->ro > 1 ? "s" : "");
}

static void put_entry(FILE *out, const struct mmu *mmu, uint64_t entry)
{
	static const struct { uint8_t bit; const char *name; } bits[] = {
		{ 0, "P" }, { 1, "RW" }, { 2, "US" }, { 3, "PWT" }, { 4, "PCD" }, { 5, "A" },
		{ 6, "D" }, { 7, "PSE/PAT" }, { 8, "G" }, { 63, "NX" },
	};

	if (entry == MMU_UNKNOWN_ENTRY) {
		fputs(" not told", out);
		return;
	}
	if (!entry) {
		fputs(" empty", out);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (entry >> bits[i].bit & 1)
			fprintf(out, " %s", bits[i].name);
	put_frame(out, mmu, mmu_entry_mfn(entry));
}

static void put_what(FILE *out, const struct mmu *mmu, const struct mmu_op *op)
{
	switch (op->kind) {
	case MMU_UPDATE:
		if (!op->has_ptr) {
			fputs(" of a hidden slot", out);
			break;
		}
		fprintf(out, " slot 0x%x of", (unsigned)(op->ptr & (FRAME_BYTES - 1)) >> 3);
		put_frame(out, mmu, op->ptr >> FRAME_SHIFT);
		break;
	case MMU_VA_MAPPING: case MMU_PTWR: case MMU_STORE:
		if (op->has_ptr)
			fprintf(out, " 0x%" PRIx64, op->ptr);
		break;
	case MMU_PIN:
		fprintf(out, " L%u", op->level);
		put_frame(out, mmu, op->mfn.n);
		break;
	case MMU_MACHPHYS: case MMU_UNPIN: case MMU_NEW_BASE: case MMU_NEW_USER_BASE:
	case MMU_TABLE_TAKEN: case MMU_TABLE_DROPPED: case MMU_P2M:
		if (op->mfn.n != MMU_NO_FRAME)
			put_frame(out, mmu, op->mfn.n);
		else if (op->pfn.n != MMU_NO_FRAME)
			fprintf(out, " frame 0x%" PRIx64, op->pfn.n);
		break;
	case MMU_OPS_LOST: case MMU_OP_COUNT:
		break;
	}
}

static bool has_entry(const struct mmu_op *op)
{
	return op->kind == MMU_UPDATE || op->kind == MMU_VA_MAPPING || op->kind == MMU_PTWR ||
	       op->kind == MMU_STORE;
}

static void put_answers(FILE *out, const struct mmu_op *op, const struct mmu_judgement *j)
{
	static const char *const ours[] = { "legal", "cannot tell", "illegal" };

	fprintf(out, ": %s", ours[j->answer]);
	if (j->answer == MMU_UNSURE)
		fprintf(out, " (%s)", mmu_doubt_doc(j->doubt));
	if (j->answer == MMU_REFUSE && j->breach == MMU_BREACH_TYPE)
		fprintf(out, " (mfn 0x%" PRIx64 " is %s%s, count %u; wanted: %s)", j->culprit,
			mmu_type_name(j->saw), j->saw_pinned ? ", pinned" : "", j->saw_count,
			mmu_type_name(j->wanted));
	if (op->verdict == MMU_VERDICT_UNKNOWN)
		return;
	if (op->verdict)
		fprintf(out, "; Xen refused: %d", op->verdict);
	else
		fputs("; Xen took it", out);
}

void put_mmu_op(FILE *out, const struct replay *replay, const struct event *event,
		const struct mmu_seen *seen)
{
	const struct mmu_op *op = &event->u.mmu;

	if (!replay->mmu)
		return;
	put_what(out, replay->mmu, op);
	if (has_entry(op)) {
		if (seen->judged && seen->judgement.old_entry != MMU_UNKNOWN_ENTRY) {
			fputs(":", out);
			put_entry(out, replay->mmu, seen->judgement.old_entry);
		}
		fputs(" ->", out);
		put_entry(out, replay->mmu, op->val);
	}
	if (seen->judged)
		put_answers(out, op, &seen->judgement);
}

/* --- one frame -------------------------------------------------------------------- */

static uint64_t wanted_mfn(const struct frame_wanted *wanted, const struct replay *replay)
{
	if (wanted->machine)
		return wanted->number;
	return replay->mmu ? mmu_mfn_of(replay->mmu, wanted->number) : MMU_NO_FRAME;
}

static uint64_t wanted_pfn(const struct frame_wanted *wanted, const struct replay *replay)
{
	if (!wanted->machine)
		return wanted->number;
	return replay->mmu ? mmu_pfn_of(replay->mmu, wanted->number) : MMU_NO_FRAME;
}

static bool names(uint64_t entry, uint64_t mfn)
{
	return entry != MMU_UNKNOWN_ENTRY && (entry & 1) && mmu_entry_mfn(entry) == mfn;
}

static bool op_concerns(const struct mmu_op *op, const struct mmu_seen *seen, uint64_t mfn,
			uint64_t pfn)
{
	const struct mmu_judgement *j = &seen->judgement;

	if (pfn != MMU_NO_FRAME && op->pfn.n == pfn)
		return true;
	if (mfn == MMU_NO_FRAME)
		return false;
	if (op->mfn.n == mfn || (has_entry(op) && names(op->val, mfn)))
		return true;
	if (op->kind == MMU_UPDATE && op->has_ptr && op->ptr >> FRAME_SHIFT == mfn)
		return true;
	return seen->judged && (names(j->old_entry, mfn) || j->culprit == mfn || j->table == mfn);
}

static struct pfn_range range_of(const struct event *event)
{
	switch (event->kind) {
	case EV_RANGE_RESERVED: case EV_RANGE_RELEASED: case EV_MEMORY_ADDED:
	case EV_MEMORY_REMOVED: case EV_RESERVED_LISTED: case EV_RANGE_SUBTRACTED:
		return pfns_touched(event->u.range.bytes);
	case EV_MAP_ENTRY:
		return event->u.map.view == VIEW_HOST ? pfn_range(0, 0)
						      : pfns_touched(event->u.map.bytes);
	case EV_MAP_UPDATED: case EV_MAP_REMOVED:
		return pfns_touched(event->u.map_edit.bytes);
	case EV_MAPPING_STARTED: case EV_MAPPING_PART:
		return pfns_touched(event->u.mapping.bytes);
	case EV_POOL_PLANNED:
		return event->u.pool.plan;
	case EV_POOL_TAIL_RW: case EV_TABLE_FROM_BRK:
		return pfns_touched(event->u.bytes);
	case EV_AREA_NAMED:
		return event->u.area.is_virtual ? pfn_range(0, 0)
						: pfns_touched(event->u.area.bytes);
	case EV_FRAMES_MOVED:
		return event->u.moved.frames;
	default:
		return pfn_range(0, 0);
	}
}

static bool has_changed(const struct replay *replay, struct mmu_seen *seen, uint64_t mfn)
{
	struct mmu_state now, before = seen->frame;

	if (mfn == MMU_NO_FRAME || !replay->mmu)
		return false;
	mmu_state_of(replay->mmu, mfn, &now);
	seen->frame = now;
	return now.type != before.type || now.count != before.count ||
	       now.pinned != before.pinned || now.ro != before.ro;
}

bool frame_concerned(const struct frame_wanted *wanted, const struct replay *replay,
		     const struct event *event, struct mmu_seen *seen)
{
	uint64_t mfn = wanted_mfn(wanted, replay), pfn = wanted_pfn(wanted, replay);
	bool changed = has_changed(replay, seen, mfn);

	if (event->kind == EV_MMU_OP)
		return changed || op_concerns(&event->u.mmu, seen, mfn, pfn);
	if (event->kind == EV_COMPLAINT)
		return (mfn != MMU_NO_FRAME && event->u.complaint.mfn == mfn) ||
		       (pfn != MMU_NO_FRAME && event->u.complaint.pfn == pfn);
	return pfn != MMU_NO_FRAME && pfn_range_holds(range_of(event), to_pfn(pfn));
}

void put_frame_state(FILE *out, const struct frame_wanted *wanted, const struct replay *replay)
{
	uint64_t mfn = wanted_mfn(wanted, replay);
	struct mmu_state state;

	if (!replay->mmu || mfn == MMU_NO_FRAME)
		return;
	mmu_state_of(replay->mmu, mfn, &state);
	fputs("; now ", out);
	put_state(out, &state);
}

void put_mmu_counts(FILE *out, const struct replay *replay)
{
	const struct mmu_counts *counts = replay->mmu ? mmu_counts(replay->mmu) : NULL;

	if (counts && counts->operations)
		mmu_counts_put(out, 0, "page-table operations", counts);
}
