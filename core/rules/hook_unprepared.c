/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An entry is set to a page that is not ready to be a table.
 *
 *    L2 entry --> page with stale contents --> Xen validates it: refused
 *
 * That the page is not pinned is no fault: Xen validates when it is hooked. */
#include "core/complaints.h"

const struct rule rule_hook_unprepared;

/* A table was refused for what it holds, and nobody asked to pin it: an entry
 * was set to it. Contents that name a live table are PGT021's, wrong types
 * PGT020's and PGT022's; at a pin PGT017 and the rules on entries speak. */
static bool concerns(const struct refusal *r)
{
	return r->validating && !r->pin && !r->base && !r->bad_type && r->first != r->validating &&
	       !refusal_by_toolstack(r);
}

static const char *reason(const struct refusal *r)
{
	switch (r->first->what) {
	case COMPLAINT_BAD_FLAGS:
		return "an entry in it has flags that no guest may set";
	case COMPLAINT_MMIO:
		return "an entry in it names no memory of this guest";
	case COMPLAINT_SUPERPAGE:
		return "an entry in it is a superpage";
	default:
		return "an entry in it is refused";
	}
}

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_hook_unprepared, r, report);

	if (!f)
		return;
	f->where = pfn_range(0, 0);
	finding_frame(replay, f, r->validating->mfn, r->validating->pfn);
	finding_message(report, f, "%s was hooked into the page tables with contents that are no "
		"page table: %s", frame_words(replay, r->validating, report), reason(r));
	if (r->first->from_trace && r->entry)
		finding_note(report, f, r->first->at, "an entry in it, as the trace tells: %016llx (%s)",
			(unsigned long long)r->entry->entry, entry_words(report, r->entry->entry));
	else
		finding_note(report, f, r->first->at, "what Xen found in it");
	f->facts = report_text(report, "contents %d", (int)r->first->what);
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (concerns(&refusal))
			alike_add(&alike, &refusal, refusal.validating->mfn);
	if (alike.times)
		tell(replay, &alike, report);
}

const struct rule rule_hook_unprepared = {
	.id = "PGT023",
	.name = "hook-unprepared",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "An entry hooks a page that is not ready to be a page table",
	.why = "when an entry is set to a page that is no table yet, Xen validates all 512 entries "
	       "of it. Whatever the page held before, it must be zeroed (or hold good entries) and "
	       "read-only by then",
	.fix = "clear the page, make it read-only, announce it (xen_alloc_pte/pmd/pud), then hook "
	       "it; code that "
	       "builds tables of its own (espfix, KASAN) must do so too",
	.source = "Xen xen/arch/x86/mm.c promote_l1_table(), validate_page(), 3.4-4.20; "
		  "Linux arch/x86/xen/mmu.c xen_alloc_ptpage()",
	.needs = "the hypervisor's console with page-type messages. In a trace with Xen's answers: "
		 "the contents as far as hypercalls wrote them; what plain stores left in a page no "
		 "trace tells (PGT038 then)",
	.bad = "(XEN) mm.c:860:d0 Bad L1 flags 3f8000\n"
	       "(XEN) mm.c:1366:d0 Failure -22 in promote_l1_table: slot 0x11\n"
	       "(XEN) mm.c:2649:d0 Error while validating mfn 61e02 (pfn 05e02) for type "
	       "2000000000000000: caf=8000000000000003 taf=2000000000000001",
	.good = "(XEN) arch/x86/mm.c:946:d0v0 Bad L1 flags 3f8000\n"
		"(XEN) arch/x86/mm.c:1366:d0v0 Failure -22 in promote_l1_table: slot 0x11\n"
		"(XEN) arch/x86/mm.c:2649:d0v0 Error while validating mfn 36e02 (pfn 061fe) for "
		"type "
		"2000000000000000: caf=8000000000000003 taf=2000000000000001\n"
		"(XEN) arch/x86/mm.c:3576:d0v0 Error -22 while pinning mfn 36e02\n"
		"(it was pinned first, as it should be: its entries are to blame)",
	.roots = "PGT012 PGT017",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ANSWERS },
	.page_table_evidence = true,
	.at_end = at_end,
};
