/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Xen's count of references to a frame does not fit: it overflowed, or a
 * reference was lost. */
#include "core/complaints.h"

const struct rule rule_count_leak;

static void tell(const struct replay *replay, const struct alike *alike, bool overflow,
		 struct report *report)
{
	const struct complaint_record *c = alike->first.first;
	struct finding *f = refusal_finding(replay, &rule_count_leak, &alike->first, report);

	if (!f)
		return;
	finding_at_most(f, INFERRED);
	finding_message(report, f, overflow ? "the type count of %s overflowed"
					    : "a reference to %s as a page table was lost",
		frame_words(replay, c, report));
	if (!overflow)
		f->why = "Xen could not take the table apart and keeps its frame rather than give a "
			 "live table away: the frame is lost until the next boot";
	f->raise = "a value-level trace of the frame: how often it was hooked and unhooked (--frame)";
	f->facts = overflow ? "overflow" : "leak";
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike overflow = { .times = 0 }, leak = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal)) {
		if (refusal.first->what == COMPLAINT_COUNT_OVERFLOW)
			alike_add(&overflow, &refusal, refusal.first->mfn);
		else if (refusal.first->what == COMPLAINT_LEAK ||
			 refusal.first->what == COMPLAINT_FREE_FAILED)
			alike_add(&leak, &refusal, refusal.first->mfn);
	}
	if (overflow.times)
		tell(replay, &overflow, true, report);
	if (leak.times)
		tell(replay, &leak, false, report);
}

const struct rule rule_count_leak = {
	.id = "PGT039",
	.name = "count-leak",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "The hypervisor's reference count of a page table does not fit",
	.why = "each reference to a table is counted, by its level. A guest that hooks one table "
	       "without end, or a reference that was never given back, makes the count wrong",
	.fix = "look for a table that is hooked in every process but never unhooked; for a leak "
	       "look at the hypervisor's version (XSA-242: 6410733a8a, Xen 4.10)",
	.source = "Xen xen/arch/x86/mm.c get_page_type(), put_page_type(), 3.4-4.20; XSA-242",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build); no trace carries Xen's own counts",
	.bad = "(XEN) mm.c:2303:d3 Type count overflow on mfn 61e04",
	.good = "(XEN) arch/x86/mm.c:2940:d0v0 Bad type (saw 3c00000000000002 != exp "
		"e000000000000000) for mfn 365f1 (pfn 0660f)\n"
		"(the count is 2: no overflow)",
	.roots = "PGT024 PGT025",
	.needs_any = { EVIDENCE_XEN_SPEAKS },
	.page_table_evidence = true,
	.at_end = at_end,
};
