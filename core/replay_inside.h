/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the replay share; rules and readers have no business here.
 *
 *   replay.c          one boot after the other; who speaks; the switch
 *   replay_memory.c   map, reservations, pools, areas
 *   replay_oracle.c   the kernel's own lists against ours
 *   replay_failures.c complaints, faults, panics, failed multicalls
 *   replay_mmu.c      a trace's operations: what the type engine makes of them
 *   replay_ask.c      the questions that rules ask */
#ifndef CORE_REPLAY_INSIDE_H
#define CORE_REPLAY_INSIDE_H

#include "core/replay.h"
#include "core/rule.h"

/* Appends a zeroed item to a list of the replay; NULL (and counted as lost)
 * when the list is full. */
void *list_push(struct arena *arena, void **items, uint32_t *count, uint32_t *room,
		uint32_t *lost, size_t item_bytes, uint32_t max);

#define PUSH(r, list, max) \
	((__typeof__((r)->list.items))list_push((r)->arena, (void **)&(r)->list.items, \
		&(r)->list.count, &(r)->list.room, &(r)->list.lost, \
		sizeof(*(r)->list.items), (max)))

/* The newest step reached; *known is false when there is none. */
enum milestone replay_last_step(const struct replay *replay, bool *known);
void replay_reach(struct replay *replay, enum milestone milestone, struct loc at);

static inline enum status set_range(struct range_map *map, struct paddr_range bytes,
				    uint32_t value, struct loc at)
{
	struct span span = { bytes.start.n, bytes.end.n, value, 0, at };

	return range_map_set(map, &span);
}

/* replay_memory.c */
enum status replay_map_entry(struct replay *replay, const struct event *event);
enum status replay_map_edit(struct replay *replay, const struct event *event);
enum status replay_reserved(struct replay *replay, const struct event *event);
enum status replay_released(struct replay *replay, const struct event *event);
void replay_requested(struct replay *replay, const struct event *event);
void replay_pool_planned(struct replay *replay, const struct event *event);
void replay_tail_made_rw(struct replay *replay, const struct event *event);
enum status replay_table_from_brk(struct replay *replay, const struct event *event);
enum status replay_mapping_started(struct replay *replay, const struct event *event);
void replay_area_named(struct replay *replay, const struct event *event);

void replay_pool_state(struct replay *replay, const struct event *event);

/* replay.c */
bool replay_is_of_log(const struct replay *replay, struct loc at);

/* replay_mmu.c */
void replay_mmu_op(struct replay *replay, const struct event *event);
void replay_mmu_kernel_started(struct replay *replay);
void replay_mmu_finish(struct replay *replay);
/* Takes account of what was put into the queue since it was opened. */
void replay_count_queued(struct replay *replay);

/* replay_oracle.c */
enum status replay_close_dump(struct replay *replay);
void replay_open_dump(struct replay *replay, struct loc at, bool subtract);
enum status replay_dump_region(struct replay *replay, const struct event *event);
void replay_node_memory(struct replay *replay, const struct event *event);
enum status replay_subtracted(struct replay *replay, const struct event *event);

/* replay_failures.c */
void replay_complained(struct replay *replay, const struct event *event);
void replay_domain_crashed(struct replay *replay, const struct event *event);
void replay_faulted(struct replay *replay, const struct event *event);
void replay_fault_detailed(struct replay *replay, const struct event *event);
void replay_bug_hit(struct replay *replay, const struct event *event);
void replay_clashed(struct replay *replay, const struct event *event);
void replay_panicked(struct replay *replay, const struct event *event);
void replay_multicall_failed(struct replay *replay, const struct event *event);
void replay_multicall_entry(struct replay *replay, const struct event *event);
void replay_table_audited(struct replay *replay, const struct event *event);
void replay_dump_walked(struct replay *replay, const struct event *event);

#endif
