/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A fresh page of the pool becomes a table with something else still in it.
 *
 *    pool or brk page   | 7f 45 4c 46 00 3a .. |  <-- not cleared
 *    PIN_L1             Xen reads 512 entries, and refuses the first wrong one
 *
 * Such lines about a page that was in use before are PGT041: there the data
 * came after the table. */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_table_not_zeroed;

/* Flags of Xen's 24-bit form that well-made entries of a kernel may have and
 * a machine may refuse: NX, PAT or PSE, global. Those are PGT029 and PGT030.
 * Source: Xen xen/include/asm-x86/page.h get_pte_flags(). */
#define FLAGS_NX 0x800000u
#define FLAGS_PSE 0x80u
#define FLAGS_GLOBAL 0x100u

/* What Xen met in the page is nothing that a kernel writes as an entry. */
static bool met_garbage(const struct refusal *r)
{
	const struct complaint_record *c = r->first;

	if (r->bad_type)
		return false;   /* a well-formed entry that names a live page */
	switch (c->what) {
	case COMPLAINT_BAD_FLAGS:
		return c->entry & ~(uint64_t)(FLAGS_NX | FLAGS_PSE | FLAGS_GLOBAL);
	case COMPLAINT_GET_FAILED:
	case COMPLAINT_OWNER:
	case COMPLAINT_GET_REF_FAILED:
		return r->entry && entry_is_malformed(r->entry->entry);
	default:
		return false;
	}
}

/* Was the frame complained of before? Then it has been a table, or data. */
static bool is_first_word(const struct replay *replay, const struct refusal *r)
{
	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		const struct complaint_record *c = &replay->complaints.items[i];

		if (c->sequence >= r->first->sequence)
			break;
		if (c->mfn == r->validating->mfn)
			return false;
	}
	return true;
}

/* In the brk, while only early page tables come from there? Kernels from 5.8
 * on print no BRK lines: the brk's reservation is all that tells. */
static bool is_brk_page(const struct replay *replay, const struct complaint_record *c)
{
	bool late = c->phase_known && c->phase >= STEP_ZONES &&
		    c->phase != STEP_XEN_BUILDS_DOM0 && c->phase != STEP_XEN_DONE;

	return !late && c->pfn < PFN_LIMIT &&
	       paddr_range_holds(replay->brk, to_paddr(c->pfn << FRAME_SHIFT));
}

/* The early page that was refused, or NULL: the line that names it. */
static const struct complaint_record *fresh_page(const struct replay *replay,
						 const struct refusal *r,
						 const struct pool **pool)
{
	enum early_home home;

	*pool = NULL;
	if (!r->validating || !met_garbage(r) || !is_first_word(replay, r))
		return NULL;
	home = early_home_of(replay, r->validating, pool);
	return home == HOME_POOL || home == HOME_TABLE || is_brk_page(replay, r->validating)
	       ? r->validating : NULL;
}

static void draw(const struct pool *pool, pfn_t frame, struct finding *f, struct report *report)
{
	if (!pool || pool->kind != POOL_BUFFER)
		return;
	f->drawing.wanted = true;
	f->drawing.plan = pool->plan;
	f->drawing.used_end = frame;
	f->drawing.used_end_known = true;
	f->drawing.used_says = "handed out before";
	f->drawing.mark_wanted = true;
	f->drawing.mark = frame;
	f->drawing.mark_says = report_text(report, "pfn 0x%llx: not cleared",
		(unsigned long long)frame.n);
}

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	const struct pool *pool;
	const struct complaint_record *page = fresh_page(replay, r, &pool);
	const struct span *table = range_map_at(&replay->tables, page->pfn << FRAME_SHIFT);
	struct finding *f = refusal_finding(replay, &rule_table_not_zeroed, r, report);

	if (!f)
		return;
	f->where = pfn_range(page->pfn, page->pfn + 1);
	/* That it is stale, not wrongly filled, is read from its nonsense. */
	finding_at_most(f, INFERRED);
	finding_message(report, f, "early page-table page 0x%llx holds stale data when it becomes a "
		"table", (unsigned long long)page->pfn);
	finding_note(report, f, r->first->at, "no entry of a kernel looks like this");
	if (pool)
		finding_note(report, f, pool->planned_at, "the page comes from this pool");
	else if (table)
		finding_note(report, f, table->at, "the page was given to the page tables here");
	else
		finding_note(report, f, replay->brk_at, "the page lies in the brk");
	draw(pool, to_pfn(page->pfn), f, report);
	if ((pool && pool->kind == POOL_BRK) ||
	    paddr_range_holds(replay->brk, to_paddr(page->pfn << FRAME_SHIFT)))
		f->fix = "38fa5479b413 (Linux 5.19): clear the brk on the Xen PV entry path too";
	f->raise = "a memory dump of the guest, which shows the page's contents";
	f->facts = report_text(report, "%s, %s", pool ? pool->kind == POOL_BRK ? "brk" : "pool" :
		table ? "memblock" : "brk", r->first->what == COMPLAINT_BAD_FLAGS ? "flags" : "entry");
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	struct alike alike = { .times = 0 };
	const struct pool *pool;
	struct refusal refusal;
	uint32_t i = 0;

	(void)private;
	audits_tell_data(replay, true, &rule_table_not_zeroed, report);
	while (refusal_next(replay, &i, &refusal))
		if (fresh_page(replay, &refusal, &pool))
			alike_add(&alike, &refusal, refusal.validating->mfn);
	if (alike.times)
		tell(replay, &alike, report);
}

const struct rule rule_table_not_zeroed = {
	.id = "PGT017",
	.name = "table-not-zeroed",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A page became a page table before it was cleared",
	.why = "Xen validates all 512 entries of a page that becomes a table; what an earlier owner "
	       "left there are entries to it, and it refuses the page",
	.fix = "clear every page before it is hooked or pinned (alloc_low_pages() does; extend_brk() "
	       "relies on a cleared brk)",
	.source = "Xen xen/arch/x86/mm.c promote_l1_table(); Linux arch/x86/mm/init.c "
		  "alloc_low_pages(), arch/x86/xen/enlighten_pv.c; 38fa5479b413",
	.needs = "the hypervisor's console with page-type messages, and the pool, BRK or memblock "
		 "lines that tell which pages are new; a memory dump proves it; a trace shows what "
		 "is written to a page, never what it held before",
	.bad = "BRK [0x02601000, 0x02601fff] PGTABLE\n"
	       "(XEN) arch/x86/mm.c:1040:d0v0 Bad L1 flags 3f8a41\n"
	       "(XEN) arch/x86/mm.c:1366:d0v0 Failure -22 in promote_l1_table: slot 0x11\n"
	       "(XEN) arch/x86/mm.c:2649:d0v0 Error while validating mfn 61601 (pfn 02601) for type "
	       "2000000000000000: caf=8000000000000003 taf=2000000000000001",
	.good = "BRK [0x02601000, 0x02601fff] PGTABLE\n"
		"(XEN) arch/x86/mm.c:962:d0v0 Bad L1 flags 800000\n"
		"(XEN) arch/x86/mm.c:1366:d0v0 Failure -22 in promote_l1_table: slot 0x11\n"
		"(NX alone is wrong: a well-made entry, so the page was cleared; see PGT030)",
	.needs_any = { EVIDENCE_XEN_SPEAKS | EVIDENCE_BRK_LINES,
		       EVIDENCE_XEN_SPEAKS | EVIDENCE_POOL,
		       EVIDENCE_XEN_SPEAKS | EVIDENCE_MEMBLOCK, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
