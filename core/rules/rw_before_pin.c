/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A pool frame is mapped writable at the moment it becomes a page table.
 *
 *    set_pte RW (direct map)     alloc_low_page      PIN_L1 --> Xen: -EINVAL
 *    ------------|---------------------|----------------|
 *         pfn past pgt_buf_end    now a table      one RW mapping left
 */
#include "core/complaints.h"

const struct rule rule_rw_before_pin;

static void explain_pool(const struct pool *pool, pfn_t frame, struct finding *f,
			 struct report *report)
{
	struct drawing *d = &f->drawing;
	bool known = pool->used_end_from != USED_UNKNOWN;

	d->wanted = pool->kind == POOL_BUFFER;
	d->plan = pool->plan;
	d->used_end = pool->used_end;
	d->used_end_known = known;
	d->mark_wanted = true;
	d->mark = frame;
	d->mark_says = report_text(report, "page %llu of the pool",
		(unsigned long long)(frame.n - pool->plan.start.n));
	if (known) {
		d->used_says = report_text(report, "%llu tables",
			(unsigned long long)(pool->used_end.n - pool->plan.start.n));
		d->tail_says = report_text(report, "%llu pages unused",
			(unsigned long long)(pool->plan.end.n - pool->used_end.n));
	} else if (pfn_range_holds(pool->plan, frame)) {
		/* Pages are handed out upwards: those below were tables already. */
		d->used_end = frame;
		d->used_end_known = true;
		d->used_says = report_text(report, "%llu handed out before",
			(unsigned long long)(frame.n - pool->plan.start.n));
		d->tail_says = report_text(report, "%llu not yet tables",
			(unsigned long long)(pool->plan.end.n - frame.n));
	}
}

static void refused(const struct replay *replay, const struct refusal *refusal,
		    struct report *report)
{
	const struct complaint_record *c = refusal->bad_type;
	struct type_info expected = refusal->expected, saw = refusal->saw;
	const struct pool *pool;
	enum early_home home;
	struct finding *f;

	if (!refusal_of_writable_table(refusal))
		return;
	home = early_home_of(replay, c, &pool);
	if (home == HOME_NONE)
		return;
	f = finding_new(report, &rule_rw_before_pin, c->at);
	if (f->more)
		return;
	f->where = pfn_range(c->pfn, c->pfn + 1);
	finding_at_most(f, c->certainty);
	finding_message(report, f,
		"frame 0x%llx was about to become an %s while still mapped writable%s",
		(unsigned long long)c->pfn, type_kind_name(expected.kind),
		saw.count == 1 ? " once" : "");
	refusal_note_types(refusal, f, report);
	refusal_note_trace(c, f, report);
	if (refusal->pin && !refusal->pin->from_trace)
		finding_note(report, f, refusal->pin->at,
			"the refused operation: pinning the same mfn");
	if (home == HOME_POOL) {
		finding_note(report, f, pool->planned_at, "the page-table pool the frame lies in");
		explain_pool(pool, to_pfn(c->pfn), f, report);
		/* Which page of the pool it is follows from the size of the memory. */
		f->facts = report_text(report, "%s level %d",
			pool->kind == POOL_BRK ? "brk" : "pool", (int)expected.kind);
		if (pool->kind == POOL_BUFFER && replay_pool_guard(replay) == GUARD_TO_END) {
			f->why = "the direct map reached the pool itself and mapped its unused "
				 "pages writable before they became tables: this kernel "
				 "write-protects only [pgt_buf_start, pgt_buf_end)";
		} else if (pool->kind != POOL_BUFFER) {
			f->fix = "";
		}
	} else if (home == HOME_TABLE) {
		finding_note(report, f, range_map_at(&replay->tables, c->pfn << FRAME_SHIFT)->at,
			"the line that gave the frame to the page tables");
		f->why = "an early page-table page has to be made read-only in the direct map "
			 "before it is pinned or hooked; one writable mapping was left";
		f->fix = "look at what runs between alloc_low_pages() and pin_pagetable_pfn(): "
			 "make_lowmem_page_readonly() was skipped, or another alias maps the page";
		f->facts = report_text(report, "memblock table level %d", (int)expected.kind);
	} else {
		finding_at_most(f, INFERRED);
		f->why = "nothing of the kernel's own console is there: it died in its first "
			 "mapping pass, where the only new tables come from the page-table pool. "
			 "2.6.39-rc kernels place it high and write-protect only the part that is "
			 "used already";
		f->raise = "boot with earlyprintk=xen so that the pool line is in the log";
		f->facts = "no pool line";
	}
}

/* The boot survived: all its tables were taken before the pool's own range was
 * mapped. The next memory size may not be so lucky. */
static void latent(const struct replay *replay, const struct pool *pool, struct report *report)
{
	const struct bug_record *bug = refused_pin_bug(replay);
	struct finding *f;

	if (!pool_at_risk(replay, pool))
		return;
	f = finding_new(report, &rule_rw_before_pin, pool->planned_at);
	if (f->more)
		return;
	if (!bug)
		f->severity = SEV_WARNING;
	f->certainty = SUSPECTED;
	f->where = pool->plan;
	finding_message(report, f, "pool %u (0x%llx-0x%llx) lies in the range being mapped, and "
		"%s write-protects only its used part", pool->number,
		(unsigned long long)pool->plan.start.n, (unsigned long long)pool->plan.end.n,
		replay->kernel.words);
	finding_note(report, f, pool->planned_at, NULL);
	finding_note(report, f, replay->kernel.at, "2.6.39-rc1 to -rc5 guard [start, end) only");
	finding_note(report, f, bug ? bug->at : LOC_NONE,
		"the kernel died of a hypercall that failed: a pin was refused");
	f->why = bug ? "a page of the pool was mapped writable before it became a table, and Xen "
		       "refused to pin it; the kernel's BUG fits, but Xen's own word is missing" :
		 "this boot got through because it took its tables before the direct map came "
		 "to the pool; with another memory size the same kernel dies at its first pin";
	f->raise = "the hypervisor's console with guest_loglvl=all";
	f->facts = bug ? "BUG" : "latent";
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct refusal refusal;
	uint32_t i = 0;
	bool found = false;

	(void)state;
	while (refusal_next(replay, &i, &refusal)) {
		if (!refusal.bad_type)
			continue;
		refused(replay, &refusal, report);
		found = true;
	}
	if (found)
		return;
	for (i = 0; i < replay->pools.count; i++)
		latent(replay, &replay->pools.items[i], report);
}

const struct rule rule_rw_before_pin = {
	.id = "PGT001",
	.name = "rw-before-pin",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A page-table page is still mapped writable when it becomes a table",
	.why = "Xen accepts a page as a page table only when no writable mapping of it is left. "
	       "The direct map reached the page-table pool and mapped its unused pages writable; "
	       "when one of them became a table the hypervisor refused it",
	.fix = "b9269dc7bfdf + 279b706bf800 (Linux 2.6.39); the workaround a38647837a41 was "
	       "reverted by 92bdaef7b2c5",
	.source = "Linux arch/x86/xen/mmu.c mask_rw_pte(), b9269dc7bfdf and 279b706bf800; "
		  "Xen xen/arch/x86/mm.c get_page_type()",
	.needs = "the hypervisor's console with page-type messages, or a value-level trace; from "
		 "the kernel's log alone: the pool line and the kernel version",
	.bad = "(XEN) mm.c:2466:d0 Bad type (saw 7400000000000001 != exp 1000000000000000) for mfn "
	       "4b1c2 (pfn 3ff05)\n"
	       "(XEN) mm.c:3027:d0 Error while pinning mfn 4b1c2",
	.good = "kernel direct mapping tables up to 40000000 @ 3fe00000-40000000\n"
		"xen: setting RW the range 3fff8000 - 40000000",
	.roots = "PGT015",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_PINS,
		       EVIDENCE_POOL | EVIDENCE_KERNEL | EVIDENCE_SETUP_END },
	.page_table_evidence = true,
	.at_end = at_end,
};
