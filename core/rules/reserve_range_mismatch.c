/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The reservation of a pool is not the part that became page tables.
 *
 *    pool      |======= tables =======|....... tail .......|
 *              start                  end                  top
 *    right     |------- PGTABLE ------|
 *    too short |---------|xxxxxxxxxxxx|   tables that nobody reserved: PGT003
 *    too long  |------------------------------------|      memory lost
 *    stale     |-- values of another pool, or another start --|
 */
#include "core/rule.h"

const struct rule rule_reserve_range_mismatch;

static void draw(const struct pool *pool, pfn_t end, struct finding *f, struct report *report)
{
	struct pfn_range used = { pool->plan.start, end };

	if (!pfn_range_holds(pool->plan, end) && end.n != pool->plan.end.n)
		return;
	f->drawing.wanted = true;
	f->drawing.plan = pool->plan;
	f->drawing.used_end = end;
	f->drawing.used_end_known = true;
	f->drawing.used_says = report_text(report, "%llu pages reserved",
		(unsigned long long)pfn_range_size(used));
	f->drawing.tail_says = report_text(report, "%llu not",
		(unsigned long long)(pool->plan.end.n - end.n));
}

static struct finding *mismatch(const struct pool *pool, struct report *report)
{
	struct finding *f = finding_new(report, &rule_reserve_range_mismatch, pool->reserved_at);

	if (f->more)
		return f;
	finding_at_most(f, pool->plan_certainty);
	f->where = pfns_touched(pool->reserved);
	finding_note(report, f, pool->reserved_at, "the reservation");
	finding_note(report, f, pool->planned_at, "pool %u", pool->number);
	return f;
}

/* A one-page difference in a line whose end was read by the kernel's version
 * may be ours: 3.4 to 3.13 print that end exclusive, 3.14 inclusive. */
static void distrust_one_page(const struct replay *replay, uint64_t pages, struct finding *f)
{
	if (pages == 1 && replay->reserved_by_caller)
		finding_at_most(f, SUSPECTED);
}

static void wrong_start(const struct replay *replay, const struct pool *pool,
			struct report *report)
{
	uint64_t start = pfns_touched(pool->reserved).start.n, plan = pool->plan.start.n;
	uint64_t pages = start > plan ? start - plan : plan - start;
	struct finding *f = mismatch(pool, report);

	if (f->more)
		return;
	distrust_one_page(replay, pages, f);
	finding_message(report, f, "the PGTABLE reservation of pool %u starts at frame 0x%llx, the "
		"pool itself at 0x%llx", pool->number, (unsigned long long)start,
		(unsigned long long)plan);
	if (start > plan)
		f->why = "page tables are handed out from the pool's start upwards: those below "
			 "the reservation are free memory to the allocator";
	else
		f->why = "the frames before the pool were not given out as page tables: the "
			 "reservation was made with values of another pool";
	f->facts = report_text(report, "start %s", start > plan ? "late" : "early");
}

static void past_top(const struct replay *replay, const struct pool *pool, struct report *report)
{
	uint64_t pages = pfns_touched(pool->reserved).end.n - pool->plan.end.n;
	struct finding *f = mismatch(pool, report);

	if (f->more)
		return;
	distrust_one_page(replay, pages, f);
	finding_message(report, f, "the PGTABLE reservation of pool %u reaches %llu frame%s past the "
		"pool's top 0x%llx", pool->number, (unsigned long long)pages, pages == 1 ? "" : "s",
		(unsigned long long)pool->plan.end.n);
	f->why = "no page table can lie past the top: either more tables were taken than the pool "
		 "holds, or the reservation was made with values of another pool";
	f->facts = "end past top";
}

static void kept_too_much(const struct pool *pool, pfn_t end, struct report *report)
{
	uint64_t reserved_end = pfns_touched(pool->reserved).end.n;
	bool whole = reserved_end == pool->plan.end.n;
	struct finding *f = mismatch(pool, report);

	if (f->more)
		return;
	f->severity = SEV_NOTE;
	finding_message(report, f, "pool %u: %llu reserved frame%s never became page tables%s",
		pool->number, (unsigned long long)(reserved_end - end.n),
		reserved_end - end.n == 1 ? "" : "s",
		whole ? " (the whole pool is reserved)" : "");
	finding_note(report, f, pool->rw_at, "the used part ends at frame 0x%llx",
		(unsigned long long)end.n);
	draw(pool, to_pfn(reserved_end), f, report);
	f->why = "the memory is lost until the next boot; nothing breaks";
	f->facts = whole ? "end is top" : "end past used";
}

static void judge_pool(const struct replay *replay, const struct pool *pool,
		       struct report *report)
{
	struct pfn_range frames = pfns_touched(pool->reserved);
	pfn_t rw = pfns_touched(pool->made_rw).start;

	if (pool->kind != POOL_BUFFER || pfn_range_empty(frames))
		return;
	/* Development kernels before 2.6.39 took tables from the top down and
	 * reserved the upper part: in order. */
	if (frames.start.n > pool->plan.start.n && frames.end.n == pool->plan.end.n)
		return;
	if (frames.start.n != pool->plan.start.n)
		wrong_start(replay, pool, report);
	else if (frames.end.n > pool->plan.end.n)
		past_top(replay, pool, report);
	else if (pool->rw_line_seen && rw.n < frames.end.n)
		kept_too_much(pool, rw, report);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	(void)private;
	for (uint32_t i = 0; i < replay->pools.count; i++)
		judge_pool(replay, &replay->pools.items[i], report);
}

/* A second reservation of a pool that has one: some other pool went without.
 * Repeated lines (a log captured twice) are equal and say nothing. */
static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct paddr_range bytes = event->u.range.bytes;
	const struct pool *overlapped = NULL;
	struct finding *f;

	(void)private;
	if (paddr_range_empty(bytes))
		return;
	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];

		if (pool->kind != POOL_BUFFER ||
		    !pfn_range_overlap(pool->plan, pfns_touched(bytes)))
			continue;
		if (paddr_range_empty(pool->reserved) ||
		    (pool->reserved.start.n == bytes.start.n && pool->reserved.end.n == bytes.end.n))
			return;
		overlapped = pool;
	}
	if (!overlapped)
		return;   /* its pool line is missing: nothing to compare with */
	f = finding_new(report, &rule_reserve_range_mismatch, event->at);
	if (f->more)
		return;
	f->where = pfns_touched(bytes);
	finding_at_most(f, event->certainty);
	finding_message(report, f, "pool %u is reserved a second time, with another range",
		overlapped->number);
	finding_note(report, f, overlapped->planned_at, "pool %u", overlapped->number);
	finding_note(report, f, overlapped->reserved_at, "its first reservation");
	f->why = "the reservation was made with stale values: the pool it was meant for stays "
		 "unreserved";
	f->facts = "reserved twice";
}

const struct rule rule_reserve_range_mismatch = {
	.id = "PGT004",
	.name = "reserve-range-mismatch",
	.severity = SEV_WARNING,
	.scope = SCOPE_POOL_ERA,
	.title = "The PGTABLE reservation is not the used part of its pool",
	.why = "only [pgt_buf_start, pgt_buf_end) holds page tables; a reservation that is too "
	       "long, or that has another pool's start, loses memory or leaves tables out (one "
	       "that is too short is PGT003)",
	.fix = "pass pgt_buf_start and pgt_buf_end of the same pool to the reserve hook "
	       "(279b706bf800, Linux 2.6.39, shows the right call), never pgt_buf_top",
	.source = "Linux arch/x86/mm/init.c init_memory_mapping() and native_pagetable_reserve(), "
		  "2.6.37-3.8; arch/x86/xen/mmu.c xen_mapping_pagetable_reserve()",
	.needs = "the pool line and memblock=debug (or the early-reservation list of 2.6.36 and "
		 "older)",
	.bad = "kernel direct mapping tables up to 20000000 @ 1fe00000-20000000\n"
	       "memblock_x86_reserve_range: [0x1fe00000-0x1fffffff]          PGTABLE\n"
	       "xen: setting RW the range 1ff90000 - 20000000",
	.good = "kernel direct mapping tables up to 20000000 @ 1fe00000-20000000\n"
		"memblock_x86_reserve_range: [0x1fe00000-0x1ff8ffff]          PGTABLE\n"
		"xen: setting RW the range 1ff90000 - 20000000",
	.roots = "PGT005 PGT006",
	.needs_any = { EVIDENCE_POOL | EVIDENCE_MEMBLOCK },
	.page_table_evidence = true,
	.listens = EVENT_BIT(EV_RANGE_RESERVED),
	.owners = OWNER_POOL,
	.on_event = on_event,
	.at_end = at_end,
};
