/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files about a trace's refusals share.
 *
 *   replay_mmu.c       operations in, refusals out, by the engine's rules
 *   replay_mmu_why.c   Xen refused, and the engine's rules do not say why */
#ifndef CORE_REPLAY_MMU_INSIDE_H
#define CORE_REPLAY_MMU_INSIDE_H

#include "core/replay_inside.h"

/* One more complaint, at the operation's place; NULL when there are too many. */
struct complaint_record *trace_complain(struct replay *replay, const struct mmu_queued *queued,
					enum complaint what);
/* The machine frame, and its guest frame when that is told. */
void trace_name_frame(const struct replay *replay, struct complaint_record *record,
		      uint64_t mfn);
/* What was asked for, where it is more than the entry itself: a pin, a base. */
void trace_asked_for(struct replay *replay, const struct mmu_queued *queued);

/* Xen refused the operation; the engine's rules find nothing wrong with it or do
 * not know. Says what the operation itself tells, if only that it was refused. */
void trace_unexplained(struct replay *replay, const struct mmu_queued *queued,
		       const struct mmu_judgement *judgement, const struct trace_words *words);

/* Xen took the operation, or its answer is not told; it is wrong all the same. */
void trace_remark(struct replay *replay, const struct mmu_queued *queued,
		  const struct mmu_judgement *judgement, const struct trace_words *words);

/* The kernel lets go of a table: its place is kept. */
void trace_table_dropped(struct replay *replay, const struct event *event);
/* Had it, of the frame in the way of an operation? */
void trace_tell_drop(const struct replay *replay, const struct mmu_queued *queued, uint64_t mfn,
		     struct trace_words *words);

#endif
