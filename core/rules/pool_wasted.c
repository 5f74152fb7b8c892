/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Most of a pool was never used.
 *
 *    |== tables ==|................ tail ................|
 *                    handed back: no harm, but a high pool with a large tail
 *                    is where tails left read-only are found */
#include "core/rule.h"

const struct rule rule_pool_wasted;

/* Below these a tail is rounding. */
#define TAIL_PAGES_MIN 64u
#define TAIL_QUARTERS_MIN 1u   /* of the pool */

/* Why is it so large? The estimate covers [0, end), whatever is mapped. */
static const char *reason(const struct pool *pool, struct report *report)
{
	struct paddr_range whole = { to_paddr(0), pool->mapped_end };

	if (paddr_range_empty(pool->mapping) || !pool->mapping.start.n ||
	    table_pages_for(whole) != pfn_range_size(pool->plan))
		return "the size was estimated before it was known what is mapped already, and "
		       "with which page size";
	return report_text(report, "the estimate covers everything from 0 to the end, %llu pages; "
		"only the part from 0x%llx on was mapped, which needs %llu",
		(unsigned long long)pfn_range_size(pool->plan),
		(unsigned long long)pool->mapping.start.n,
		(unsigned long long)table_pages_for(pool->mapping));
}

static void wasted(const struct pool *pool, struct report *report)
{
	uint64_t size = pfn_range_size(pool->plan), tail = pfn_range_size(pool_tail(pool));
	struct finding *f = finding_new(report, &rule_pool_wasted, pool->planned_at);

	if (f->more)
		return;
	f->where = pool_tail(pool);
	finding_at_most(f, pool->plan_certainty);
	finding_message(report, f, "pool %u: %llu of %llu pages were not needed (%llu %%)",
		pool->number, (unsigned long long)tail, (unsigned long long)size,
		(unsigned long long)(tail * 100 / size));
	finding_note(report, f, pool->planned_at, "%llu pages", (unsigned long long)size);
	if (pool->used_end_from == USED_FROM_RW_LINE)
		finding_note(report, f, pool->rw_at, "the tail");
	else
		finding_note(report, f, pool->reserved_at, "%llu pages became tables",
			(unsigned long long)pfn_range_size(pool_used(pool)));
	f->why = reason(pool, report);
	f->facts = "";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	(void)private;
	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];
		uint64_t tail = pfn_range_size(pool_tail(pool));

		if (pool->kind == POOL_BUFFER && pool->used_end_from != USED_UNKNOWN &&
		    tail > TAIL_PAGES_MIN &&
		    tail > pfn_range_size(pool->plan) / 4 * TAIL_QUARTERS_MIN)
			wasted(pool, report);
	}
}

const struct rule rule_pool_wasted = {
	.id = "PGT009",
	.name = "pool-wasted",
	.severity = SEV_NOTE,
	.scope = SCOPE_POOL_ERA,
	.title = "A large part of a page-table pool was never used",
	.why = "the pool's size is an estimate for the whole range from 0 to its end, though parts "
	       "are mapped already",
	.fix = "nothing is needed: the tail goes back to the allocator; 844ab6f993b1 (Linux 3.7) "
	       "estimates by range",
	.source = "Linux arch/x86/mm/init.c find_early_table_space(), 2.6.37-3.6",
	.needs = "the pool line, and the used part: memblock=debug, the early-reservation list of "
		 "2.6.36 and older, or the \"setting RW\" line",
	.bad = "kernel direct mapping tables up to 12ffe0000 @ f5f8000-ff7e000\n"
	       "memblock_x86_reserve_range: [0x0f5f8000-0x0f778fff]          PGTABLE",
	.good = "kernel direct mapping tables up to 10000000 @ ff7e000-10000000\n"
		"memblock_x86_reserve_range: [0x0ff7e000-0x0ffedfff]          PGTABLE",
	.needs_any = { EVIDENCE_POOL | EVIDENCE_MEMBLOCK },
	.page_table_evidence = true,
	.at_end = at_end,
};
