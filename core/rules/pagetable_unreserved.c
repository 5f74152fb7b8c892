/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Page-table pages that no reservation covers are handed out again.
 *
 *    pool   |== tables ==|.. tail ..|         no PGTABLE reservation
 *    later      |-- NODE_DATA, or the next pool --|
 */
#include "core/rule.h"

const struct rule rule_pagetable_unreserved;

/* Who took a pool's first frame (always the first to become a table). */
struct state {
	struct {
		struct loc at;
		const char *owner;
		struct paddr_range bytes;
		uint32_t pool;         /* index of the taken pool, plus 1 */
		uint32_t new_pool;     /* index of the pool that took it, plus 1 */
	} taken[8];
	uint32_t count;
};

static bool unreserved(const struct replay *replay, const struct pool *pool)
{
	uint64_t start = pool->plan.start.n << FRAME_SHIFT;

	return pool->kind == POOL_BUFFER && paddr_range_empty(pool->reserved) &&
	       !range_map_covers(&replay->reserved, start, start + FRAME_BYTES);
}

static void keep(struct state *state, const struct event *event, uint32_t pool,
		 struct paddr_range bytes, uint32_t new_pool, struct report *report)
{
	if (state->count == ARRAY_LEN(state->taken))
		return;
	state->taken[state->count].at = event->at;
	state->taken[state->count].owner = arena_copy(report->arena, new_pool ?
		TEXT("the next page-table pool") : event->u.range.label);
	state->taken[state->count].bytes = bytes;
	state->taken[state->count].pool = pool + 1;
	state->taken[state->count].new_pool = new_pool;
	state->count++;
}

/* By a reservation, or by a pool that is planned. The PGTABLE reservation itself is the
 * cure, even when its line was cut. */
static NEVER_INLINE void take(const struct replay *replay, const struct event *event,
			      struct state *state, struct report *report)
{
	bool planned = event->kind == EV_POOL_PLANNED;
	struct paddr_range bytes = planned ? bytes_of(event->u.pool.plan) : event->u.range.bytes;

	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];

		if (paddr_range_holds(bytes, to_paddr(pool->plan.start.n << FRAME_SHIFT)) &&
		    unreserved(replay, pool) &&
		    (planned || !owner_may_be_pool(event->u.range.label)))
			keep(state, event, i, bytes, planned ? replay->pools.count + 1 : 0, report);
	}
}

static NEVER_INLINE void xen_tables(const struct replay *replay, const struct event *event,
				    struct report *report)
{
	const struct area_record *tables = replay_area(replay, AREA_XEN_TABLES);
	uint64_t start, end, from;
	struct finding *f;

	/* The first frames may legally go: check_pt_base() shaves up to three.
	 * Only a dump shows what was reserved before memblock=debug was read. A kernel with
	 * the firmware's map is not the one that Xen built them for. */
	if (!tables || !replay->dumps_seen ||
	    ((replay->evidence & EVIDENCE_MAP) && replay->map_view == VIEW_FIRMWARE))
		return;
	from = tables->bytes.start.n + 3 * FRAME_BYTES;
	if (!range_map_first_gap(&replay->reserved, from, tables->bytes.end.n, &start, &end))
		return;
	f = finding_new(report, &rule_pagetable_unreserved, tables->at);
	f->where = pfns_touched(paddr_range(start, end));
	finding_message(report, f, "%llu frames of the page tables that Xen built, from 0x%llx, "
		"are in no reservation", (unsigned long long)pfn_range_size(f->where),
		(unsigned long long)f->where.start.n);
	finding_note(report, f, tables->at, "Xen's page tables for this domain");
	finding_note(report, f, event->at, "the zones are laid out: whatever is unreserved is free");
	f->fix = "33df4db04a79 (2.6.30, 32-bit), 806c312e50f1 (3.7, 32-bit guest on 64-bit Xen)";
	f->facts = "xen tables";
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	switch (event->kind) {
	case EV_RANGE_RESERVED:
		if (replay->evidence & EVIDENCE_POOL)
			take(replay, event, private, report);
		break;
	case EV_POOL_PLANNED:
		if (replay->evidence & EVIDENCE_MEMBLOCK)
			take(replay, event, private, report);
		break;
	case EV_MILESTONE:
		if (event->u.milestone.step == STEP_ZONES && event->speaker == SPEAKER_KERNEL)
			xen_tables(replay, event, report);
		break;
	default:
		break;
	}
}

/* A page walk that goes through the frame: a table for certain. */
static const struct fault_record *walk_through(const struct replay *replay, struct pfn_range used)
{
	for (uint32_t i = 0; i < replay->faults.count; i++) {
		const struct fault_record *fault = &replay->faults.items[i];
		pfn_t named = to_pfn((fault->walk_entry & UINT64_C(0xffffffffff000)) >> FRAME_SHIFT);

		if (fault->has_walk && fault->walk_above &&
		    pfn_range_holds(used, to_pfn((fault->walk_above & UINT64_C(0xffffffffff000)) >>
						 FRAME_SHIFT)))
			return fault;
		if (fault->has_walk && fault->walk_level > 1 && (fault->walk_entry & 1) &&
		    pfn_range_holds(used, named))
			return fault;
	}
	return NULL;
}

/* Xen refuses to let a frame of the pool be writable: it is a live table. */
static const struct complaint_record *refused_table(const struct replay *replay,
						    struct pfn_range frames)
{
	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		const struct complaint_record *c = &replay->complaints.items[i];
		enum type_layout layout = type_layout_of(c->saw, c->expected, &replay->xen);

		if (c->what == COMPLAINT_BAD_TYPE && c->pfn < PFN_LIMIT &&
		    pfn_range_holds(frames, to_pfn(c->pfn)) &&
		    type_is_table(type_decode(c->saw, layout).kind))
			return c;
	}
	return NULL;
}

static void report_taken(const struct replay *replay, const struct state *state, uint32_t i,
			 struct report *report)
{
	const struct pool *pool = &replay->pools.items[state->taken[i].pool - 1];
	struct pfn_range frames = pfn_range_meet(pool->plan,
						 pfns_touched(state->taken[i].bytes));
	const struct fault_record *fault = walk_through(replay, frames);
	const struct complaint_record *c = refused_table(replay, frames);
	bool certain = fault || c;
	struct finding *f;

	/* A native pool may have gone unused: no table, no reservation. On PV
	 * every page is mapped by 4 KiB, so a range above the mapped limit
	 * always takes some. */
	if (!certain && !(replay_is_pv(replay) && replay_map_reaches_pool(replay, pool)))
		return;
	f = finding_new(report, &rule_pagetable_unreserved, state->taken[i].at);
	if (f->more)
		return;
	if (!certain) {
		if (replay_lost_lines(replay)) {
			f->severity = SEV_WARNING;
			finding_at_most(f, SUSPECTED);
		}
		finding_at_most(f, INFERRED);
		f->raise = "the page walk of an oops, or the hypervisor's page-type messages";
	}
	f->where = frames;
	finding_message(report, f, "page-table pool %u (0x%llx-0x%llx) was never reserved, and %s "
		"got its frames from 0x%llx on", pool->number,
		(unsigned long long)pool->plan.start.n, (unsigned long long)pool->plan.end.n,
		state->taken[i].owner, (unsigned long long)frames.start.n);
	finding_note(report, f, state->taken[i].at, "the new owner");
	finding_note(report, f, pool->planned_at, "pool %u: its pages are handed out from the start",
		pool->number);
	if (fault)
		finding_note(report, f, fault->walk_at, "the walk goes through a frame of the pool: "
			"it is a table, and its entries are gone");
	if (c)
		finding_note(report, f, c->at, "the frame is a live %s",
			type_kind_name(type_decode(c->saw, type_layout_of(c->saw, c->expected,
				&replay->xen)).kind));
	f->drawing.wanted = true;
	f->drawing.plan = pool->plan;
	f->drawing.used_end = pool->used_end;
	f->drawing.mark_wanted = true;
	f->drawing.mark = frames.start;
	f->drawing.mark_says = "the first table, handed out again";
	f->facts = report_text(report, "to %s", state->taken[i].new_pool ? "pool" : state->taken[i].owner);
}

/* The reservation ends before the page tables do. On Xen the tail that is made
 * writable begins at pgt_buf_end: all frames below it were taken. */
static void report_short(const struct replay *replay, const struct pool *pool,
			 struct report *report)
{
	uint64_t reserved_end = pfns_touched(pool->reserved).end.n;
	uint64_t used_end = pfns_touched(pool->made_rw).start.n, start, end;
	struct finding *f;

	if (pool->kind != POOL_BUFFER || !pool->rw_line_seen ||
	    paddr_range_empty(pool->reserved) || reserved_end >= used_end ||
	    pfns_touched(pool->reserved).start.n != pool->plan.start.n ||
	    used_end > pool->plan.end.n ||
	    !range_map_first_gap(&replay->reserved, reserved_end << FRAME_SHIFT,
				 used_end << FRAME_SHIFT, &start, &end))
		return;
	f = finding_new(report, &rule_pagetable_unreserved, pool->reserved_at);
	if (f->more)
		return;
	/* One page may be our reading of the line's end: 3.4 to 3.13 print it
	 * exclusive, 3.14 inclusive. */
	if (used_end - reserved_end == 1 && replay->reserved_by_caller) {
		f->severity = SEV_WARNING;
		finding_at_most(f, SUSPECTED);
	}
	/* The line of another pool, or of the rest, may be among those that are lost. */
	if (replay_lost_lines(replay)) {
		f->severity = SEV_WARNING;
		finding_at_most(f, SUSPECTED);
		f->raise = "a log that has lost no line, from the pool on";
	}
	f->where = pfn_range(reserved_end, used_end);
	finding_message(report, f, "the reservation of page-table pool %u is too short: %llu "
		"table%s from frame 0x%llx on lie in none", pool->number,
		(unsigned long long)(used_end - reserved_end),
		used_end - reserved_end == 1 ? "" : "s", (unsigned long long)reserved_end);
	finding_note(report, f, pool->reserved_at, "reserved up to frame 0x%llx",
		(unsigned long long)reserved_end);
	finding_note(report, f, pool->planned_at, "pool %u", pool->number);
	finding_note(report, f, pool->rw_at, "the unused tail begins at frame 0x%llx: what lies "
		"below became tables", (unsigned long long)used_end);
	f->drawing.wanted = true;
	f->drawing.plan = pool->plan;
	f->drawing.used_end = to_pfn(reserved_end);
	f->drawing.used_end_known = true;
	f->drawing.used_says = report_text(report, "%llu pages reserved",
		(unsigned long long)(reserved_end - pool->plan.start.n));
	f->drawing.tail_says = report_text(report, "%llu not",
		(unsigned long long)(pool->plan.end.n - reserved_end));
	f->drawing.mark_wanted = true;
	f->drawing.mark = to_pfn(used_end);
	f->drawing.mark_says = "here the tables end";
	f->why = "the allocator hands the frames out again while they are page tables; their next "
		 "owner wipes them, or dies on its first write because they are read-only";
	f->fix = "pass pgt_buf_start and pgt_buf_end of the same pool to the reserve hook "
		 "(279b706bf800, Linux 2.6.39, shows the right call)";
	f->facts = "reserved short";
}

static bool was_taken(const struct state *state, uint32_t pool)
{
	for (uint32_t i = 0; i < state->count; i++)
		if (state->taken[i].pool == pool + 1)
			return true;
	return false;
}

/* The list of what is kept back from the page allocator has the tables: it is the line of
 * their reservation that is lost. A MEMBLOCK dump has set the replay right itself. */
static bool kept_back(const struct replay *replay, const struct pool *pool)
{
	return replay_subtract_holds(replay, pool->plan.start.n << FRAME_SHIFT,
				     (pool->plan.start.n + 1) << FRAME_SHIFT);
}

/* No line reserves the pool, and none gives it to somebody else: the page
 * allocator has it. The line that is not there may just be lost: a warning. */
static void report_free(const struct replay *replay, const struct pool *pool,
			struct report *report)
{
	const struct step *zones = &replay->steps[STEP_ZONES];
	struct finding *f;

	if (!unreserved(replay, pool) || !zones->reached || pool->sequence > zones->sequence ||
	    !replay_is_pv(replay) || !replay_map_reaches_pool(replay, pool) ||
	    kept_back(replay, pool))
		return;
	f = finding_new(report, &rule_pagetable_unreserved, pool->planned_at);
	if (f->more)
		return;
	f->severity = SEV_WARNING;
	finding_at_most(f, replay_lost_lines(replay) ? SUSPECTED : INFERRED);
	f->where = pool->plan;
	finding_message(report, f, "no line reserves page-table pool %u (0x%llx-0x%llx): its tables "
		"are free memory", pool->number, (unsigned long long)pool->plan.start.n,
		(unsigned long long)pool->plan.end.n);
	finding_note(report, f, pool->planned_at, "pool %u: its pages are handed out from the start",
		pool->number);
	finding_note(report, f, zones->at, "the zones are laid out: whatever is unreserved is free");
	f->raise = "a log that has lost no line, from the pool on";
	f->facts = "free";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;

	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (!was_taken(state, i))
			report_free(replay, &replay->pools.items[i], report);

	for (uint32_t i = 0; i < replay->pools.count; i++)
		report_short(replay, &replay->pools.items[i], report);

	for (uint32_t i = 0; i < state->count; i++) {
		const struct pool *pool = &replay->pools.items[state->taken[i].pool - 1];

		if (paddr_range_empty(pool->reserved))
			report_taken(replay, state, i, report);
	}
}

const struct rule rule_pagetable_unreserved = {
	.id = "PGT003",
	.name = "pagetable-unreserved",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "Page tables in use are in no reservation, and their frames are handed out again",
	.why = "memblock did not know that these frames are page tables; their next owner wipes "
	       "them, and the next walk through them faults or finds garbage",
	.fix = "reserve [pgt_buf_start, pgt_buf_end) when the direct map is done: the hook "
	       "x86_init.mapping.pagetable_reserve (279b706bf800, Linux 2.6.39) must call "
	       "memblock_reserve on every platform",
	.source = "Linux arch/x86/mm/init.c init_memory_mapping() and native_pagetable_reserve(), "
		  "2.6.39-3.8; arch/x86/xen/mmu.c xen_setup_kernel_pagetable()",
	.needs = "memblock=debug (2.6.37 on), or the early-reservation list (to 2.6.36)",
	.bad = "kernel direct mapping tables up to 1f000000 @ 1effd000-1f000000\n"
	       "memblock_x86_reserve_range: [0x1effd000-0x1effffff]        NODE_DATA",
	.good = "kernel direct mapping tables up to 1f000000 @ 1effd000-1f000000\n"
		"memblock_x86_reserve_range: [0x1effd000-0x1effdfff]          PGTABLE",
	.needs_any = { EVIDENCE_MEMBLOCK | EVIDENCE_SETUP_END,
		       EVIDENCE_MEMBLOCK | EVIDENCE_ENTRIES },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_RANGE_RESERVED) | EVENT_BIT(EV_POOL_PLANNED) |
		   EVENT_BIT(EV_MILESTONE),
	.on_event = on_event,
	.at_end = at_end,
};
