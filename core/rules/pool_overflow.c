/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel asked for one more page-table page, and there was none.
 *
 *    to 3.8   |==== tables ====|  the pool was planned too small
 *    from 3.9 brk pages, then memblock pages below what is mapped: all taken */
#include "core/rule.h"

const struct rule rule_pool_overflow;

enum shortage { SHORTAGE_NONE, SHORTAGE_POOL, SHORTAGE_MEMBLOCK };

/* Which of the allocator's two last words it is.
 * Source: Linux arch/x86/mm/init.c alloc_low_pages(), init_32.c and init_64.c
 * alloc_low_page(), 2.6.30-7.1. */
static enum shortage shortage_of(const char *words)
{
	struct text t = text_of(words ? words : "");

	if (!text_contains(t, TEXT("alloc_low_page")))
		return SHORTAGE_NONE;
	if (text_contains(t, TEXT("can not alloc memory")))
		return SHORTAGE_MEMBLOCK;
	return text_contains(t, TEXT("ran out of memory")) ? SHORTAGE_POOL : SHORTAGE_NONE;
}

/* The pool in use when the kernel gave up, or NULL. */
static const struct pool *last_pool(const struct replay *replay)
{
	for (uint32_t i = replay->pools.count; i-- > 0;)
		if (replay->pools.items[i].kind == POOL_BUFFER)
			return &replay->pools.items[i];
	return NULL;
}

static void small_pool(const struct pool *pool, struct finding *f, struct report *report)
{
	uint64_t size = pfn_range_size(pool->plan), needed = 0;

	if (!paddr_range_empty(pool->mapping))
		needed = table_pages_for(pool->mapping);
	f->where = pool->plan;
	finding_note(report, f, pool->planned_at, "the pool: %llu pages",
		(unsigned long long)size);
	if (needed > size)
		finding_note(report, f, pool->mapping_at, "to map this with 4 KiB pages takes up "
			"to %llu pages of tables", (unsigned long long)needed);
	f->drawing.wanted = true;
	f->drawing.plan = pool->plan;
	f->drawing.used_end = pool->plan.end;
	f->drawing.used_end_known = true;
	f->drawing.used_says = report_text(report, "all %llu pages are tables",
		(unsigned long long)size);
	f->facts = needed > size ? "estimate too small" : "estimate unknown";
}

static void no_pool_page(const struct replay *replay, struct finding *f, struct report *report)
{
	const struct pool *pool = last_pool(replay);

	finding_message(report, f, "the page-table pool ran out while the direct map was made");
	f->facts = "pool ran out";
	if (pool)
		small_pool(pool, f, report);
	if (!replay->kernel.known || kernel_before(&replay->kernel, 3, 9, 0))
		return;
	f->why = "from 3.9 on the first few table pages come from a fixed brk pool, and it was "
		 "used up before any memory was mapped to take more from";
	f->fix = "let the first range that is mapped lie in free RAM, and raise "
		 "INIT_PGT_BUF_SIZE for kernels that need more tables before it";
}

static void no_memblock_page(const struct replay *replay, struct finding *f,
			     struct report *report)
{
	const struct mapping_record *mapping = NULL;

	finding_message(report, f, "no free page for a page table in the memory mapped so far");
	f->why = "from 3.9 on tables beyond the brk pool are taken from memory that is mapped "
		 "already; all of it was reserved, or none had been mapped yet";
	f->fix = "the first range mapped (2 MiB at the top of RAM) must be free: look at who "
		 "reserves memory there before init_mem_mapping()";
	f->facts = "memblock gave none";
	if (replay->request.open)
		finding_note(report, f, replay->request.at, "the request that failed");
	if (replay->mappings.count)
		mapping = &replay->mappings.items[replay->mappings.count - 1];
	if (mapping)
		finding_note(report, f, mapping->at, "the range it was mapping");
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	(void)private;
	for (uint32_t i = 0; i < replay->panics.count; i++) {
		enum shortage shortage = shortage_of(replay->panics.items[i].words);
		struct finding *f;

		if (shortage == SHORTAGE_NONE)
			continue;
		f = finding_new(report, &rule_pool_overflow, replay->panics.items[i].at);
		finding_note(report, f, replay->panics.items[i].at, "the allocator's last word");
		if (shortage == SHORTAGE_POOL)
			no_pool_page(replay, f, report);
		else
			no_memblock_page(replay, f, report);
		return;   /* the same words come again below the call trace */
	}
}

const struct rule rule_pool_overflow = {
	.id = "PGT008",
	.name = "pool-overflow",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "More page tables were needed than could be allocated",
	.why = "the pool's size was estimated from the end of RAM; holes, many small ranges or "
	       "pages that could not be large took more tables than that",
	.fix = "844ab6f993b1 (Linux 3.7) sizes the pool by what is mapped; 8d57470d8f85 (3.9) takes "
	       "tables as they are needed",
	.source = "Linux arch/x86/mm/init.c find_early_table_space() and alloc_low_pages(), "
		  "init_64.c alloc_low_page(), 2.6.30-7.1",
	.needs = "nothing but the kernel's panic",
	.bad = "Kernel panic - not syncing: alloc_low_page: ran out of memory",
	.good = "kernel direct mapping tables up to 20000000 @ 1fe00000-20000000\n"
		"Memory: 500000k/524288k available",
	.needs_any = { EVIDENCE_KERNEL },
	.at_end = at_end,
};
