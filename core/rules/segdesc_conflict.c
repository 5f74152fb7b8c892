/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A GDT or LDT page is mapped writable, or a writable page becomes one.
 *
 *    GDT/LDT page: read-only for the guest      "saw seg_desc != exp writable"
 *    and never a page table                     "saw writable != exp seg_desc" */
#include "core/complaints.h"

const struct rule rule_segdesc_conflict;

enum conflict { CONFLICT_NONE, CONFLICT_MAPPED, CONFLICT_LOADED, CONFLICT_ARGS, CONFLICT_COUNT };

static enum conflict conflict_of(const struct refusal *r)
{
	if (r->first->what == COMPLAINT_SEGDESC)
		return CONFLICT_ARGS;
	if (!r->bad_type || refusal_by_toolstack(r))
		return CONFLICT_NONE;
	if (r->saw.kind == TYPE_SEGDESC && r->expected.kind != TYPE_SEGDESC)
		return CONFLICT_MAPPED;
	if (r->expected.kind == TYPE_SEGDESC && r->saw.kind != TYPE_SEGDESC &&
	    r->saw.kind != TYPE_UNKNOWN)
		return CONFLICT_LOADED;
	return CONFLICT_NONE;
}

static void tell(const struct replay *replay, const struct alike *alike, enum conflict conflict,
		 struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_segdesc_conflict, r, report);
	const char *frame;

	if (!f)
		return;
	frame = r->bad_type ? frame_words(replay, r->bad_type, report) : "";
	if (conflict == CONFLICT_MAPPED)
		finding_message(report, f, "%s is a GDT or LDT page in use and was about to become %s",
			frame, a_type(r->expected.kind));
	else if (conflict == CONFLICT_LOADED)
		finding_message(report, f, "%s was about to become a GDT or LDT page while it still "
			"is %s", frame, a_type(r->saw.kind));
	else
		finding_message(report, f, "the LDT that the kernel asked for was refused");
	if (conflict == CONFLICT_ARGS)
		f->why = "Xen takes an LDT of at most 8192 entries that begins at a page boundary "
			 "of the guest's own address space";
	f->facts = report_text(report, "%d saw %d exp %d", (int)conflict, (int)r->saw.kind,
		(int)r->expected.kind);
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike[CONFLICT_COUNT] = { 0 };
	struct refusal refusal;
	enum conflict conflict;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal)) {
		conflict = conflict_of(&refusal);
		if (conflict != CONFLICT_NONE)
			alike_add(&alike[conflict], &refusal, refusal.first->mfn);
	}
	for (int k = CONFLICT_MAPPED; k < CONFLICT_COUNT; k++)
		if (alike[k].times)
			tell(replay, &alike[k], (enum conflict)k, report);
}

const struct rule rule_segdesc_conflict = {
	.id = "PGT026",
	.name = "segdesc-conflict",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A GDT or LDT page is mapped writable, or still is when it becomes one",
	.why = "Xen holds a page of a loaded GDT or LDT read-only, in all its mappings. An alias "
	       "(most often in the vmalloc area) was not made read-only before, or the page was "
	       "reused while the table was still loaded",
	.fix = "make every alias read-only first: set_aliased_prot() must probe the mapping so that "
	       "it is there in the loaded page table (Linux 4.2); clear the LDT before freeing it",
	.source = "Xen xen/arch/x86/mm.c get_page_type(), descriptor-tables.c, 3.4-4.20; "
		  "Linux arch/x86/xen/enlighten.c set_aliased_prot()",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build); the traces carry no SET_GDT, SET_LDT or descriptor updates",
	.bad = "(XEN) mm.c:2421:d0 Bad type (saw 5400000000000001 != exp 7000000000000000) for mfn "
	       "54a80 (pfn 9e26)",
	.good = "(XEN) mm.c:2421:d0 Bad type (saw 5400000000000001 != exp "
		"7000000000000000) for mfn "
		"2a1f0 (pfn 4f10)\n"
		"(XEN) mm.c:904:d0 Error getting mfn 2a1f0 (pfn 4f10) from L1 entry "
		"801000002a1f0067 "
		"for l1e_owner=0, pg_owner=3\n"
		"(dom0 maps a guest's descriptor page: another owner, so no conflict of its own)",
	.needs_any = { EVIDENCE_XEN_SPEAKS },
	.page_table_evidence = true,
	.at_end = at_end,
};
