/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Does the trace begin with the boot's first operation? */
#include "core/mmu_inside.h"

/* A kernel leaves the root that its builder made for its own: it maps that one read-only
 * and pins it, unpins the builder's, which no operation had pinned, and loads its own. It
 * does so once, before its banner and before there is a process; with a process come two
 * roots that are pinned one after the other.
 * Source: Linux arch/x86/xen/mmu_pv.c xen_setup_kernel_pagetable(), 6.1; mmu.c 3.9. */
static enum mmu_start next_start(const struct mmu *mmu, const struct mmu_op *op)
{
	const struct mmu_frame *frame = mmu_frame_seen(mmu, op->mfn.n);
	bool own = op->mfn.n == mmu->first_root;

	if (op->verdict < 0 && op->verdict != MMU_VERDICT_UNKNOWN)
		return START_LATE;
	switch (mmu->start) {
	case START_UNSEEN:
		return op->kind == MMU_PIN && op->level == 4 && frame && frame->ro ? START_PINNED
										: START_LATE;
	case START_PINNED:
		return op->kind == MMU_UNPIN && !own ? START_UNPINNED : START_LATE;
	case START_UNPINNED:
		if (op->kind == MMU_PIN && op->level < 4)
			return START_UNPINNED;
		return op->kind == MMU_NEW_BASE && own ? START_SHOWN : START_LATE;
	case START_SHOWN: case START_LATE:
		break;
	}
	return mmu->start;
}

bool mmu_shows_start(const struct mmu *mmu)
{
	return mmu->start == START_SHOWN;
}

void mmu_watch_start(struct mmu *mmu, const struct mmu_op *op)
{
	mmu->start = op->mfn.n == MMU_NO_FRAME ? START_LATE : next_start(mmu, op);
	if (mmu->start == START_PINNED)
		mmu->first_root = op->mfn.n;
	if (mmu->start == START_SHOWN)
		mmu->from_start |= mmu->maps_writable;
}
