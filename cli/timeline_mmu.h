/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timeline's words for page-table operations, and --frame: which events
 * concern one frame. */
#ifndef CLI_TIMELINE_MMU_H
#define CLI_TIMELINE_MMU_H

#include <stdio.h>

#include "core/replay.h"

/* --frame=PFN, --frame=mfn:MFN. */
struct frame_wanted {
	bool on, machine;
	uint64_t number;
};

/* What the type engine made of the operation at hand, and what it had made of
 * the wanted frame before. */
struct mmu_seen {
	bool judged;
	struct mmu_judgement judgement;
	struct mmu_state frame;
};

/* The engine's observer; context: a struct mmu_seen. */
void mmu_seen_judged(void *context, const struct mmu_queued *queued,
		     const struct mmu_judgement *judgement);

/* "mmu_update", "pin" */
const char *mmu_op_word(enum mmu_op_kind kind);
/* "L1 mfn 0x3a2d3 (frame 0x22d3): accepted; now L1 table, pinned, count 1" */
void put_mmu_op(FILE *out, const struct replay *replay, const struct event *event,
		const struct mmu_seen *seen);

/* Does the event, just applied, concern the wanted frame? True also when the frame
 * changed by it, as the child of a table that is torn down does. */
bool frame_concerned(const struct frame_wanted *wanted, const struct replay *replay,
		     const struct event *event, struct mmu_seen *seen);
/* "; now L1 table, pinned, count 2" */
void put_frame_state(FILE *out, const struct frame_wanted *wanted, const struct replay *replay);

/* At the timeline's end: the replay against Xen's answers. */
void put_mmu_counts(FILE *out, const struct replay *replay);

const char *mmu_type_name(enum mmu_type type);   /* "L1 table" */

#endif
