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

static void take(const struct replay *replay, struct state *state, struct loc at,
		 struct paddr_range bytes, const char *owner, uint32_t new_pool)
{
	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];

		if (state->count == ARRAY_LEN(state->taken))
			return;
		if (!unreserved(replay, pool) ||
		    !paddr_range_holds(bytes, to_paddr(pool->plan.start.n << FRAME_SHIFT)))
			continue;
		state->taken[state->count].at = at;
		state->taken[state->count].owner = owner;
		state->taken[state->count].bytes = bytes;
		state->taken[state->count].pool = i + 1;
		state->taken[state->count].new_pool = new_pool;
		state->count++;
	}
}

static void xen_tables(const struct replay *replay, const struct event *event,
		       struct report *report)
{
	const struct area_record *tables = replay_area(replay, AREA_XEN_TABLES);
	uint64_t start, end, from;
	struct finding *f;

	/* The first frames may legally go: check_pt_base() shaves up to three.
	 * Only a dump shows what was reserved before memblock=debug was read. */
	if (!tables || !replay->dumps_seen)
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
	struct state *state = private;

	switch (event->kind) {
	case EV_RANGE_RESERVED:
		/* The PGTABLE reservation itself is the cure. */
		if (text_equal(event->u.range.label, TEXT("PGTABLE")) ||
		    text_equal(event->u.range.label, TEXT("native_pagetable_reserve")))
			break;
		take(replay, state, event->at, event->u.range.bytes,
		     arena_copy(report->arena, event->u.range.label), 0);
		break;
	case EV_POOL_PLANNED:
		if (replay->evidence & EVIDENCE_MEMBLOCK)
			take(replay, state, event->at, bytes_of(event->u.pool.plan),
			     "the next page-table pool", replay->pools.count + 1);
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
		f->severity = replay_crashed(replay) ? SEV_ERROR : SEV_WARNING;
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
	f->facts = report_text(report, "pool %u to %s", pool->number,
		state->taken[i].new_pool ? "pool" : state->taken[i].owner);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;

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
	.needs_any = { EVIDENCE_MEMBLOCK | EVIDENCE_SETUP_END, EVIDENCE_TRACE },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_RANGE_RESERVED) | EVENT_BIT(EV_POOL_PLANNED) |
		   EVENT_BIT(EV_MILESTONE),
	.on_event = on_event,
	.at_end = at_end,
};
