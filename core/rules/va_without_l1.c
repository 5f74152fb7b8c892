/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A call names a virtual address for which the loaded page table has no L1.
 *
 *    init_mm   L4 -> L3 -> L2 -> L1 : the new area is there
 *    loaded    L4 -> L3 -> (none)     "Could not find L1 PTE for address"
 */
#include "core/complaints.h"

const struct rule rule_va_without_l1;

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct complaint_record *c = alike->first.first;
	struct finding *f = refusal_finding(replay, &rule_va_without_l1, &alike->first, report);
	enum certainty certainty;
	paddr_t physical;
	struct note *note;

	if (!f)
		return;
	finding_message(report, f, "the loaded page table has no L1 entry for address 0x%llx",
		(unsigned long long)c->entry);
	note = finding_note(report, f, c->at, NULL);
	if (replay_direct_map(replay, c->entry, &physical, &certainty) && certainty == PROVED) {
		f->where = pfn_range(pfn_of(physical).n, pfn_of(physical).n + 1);
		note_caret(report, note, report_text(report, "%llx", (unsigned long long)c->entry),
			"the direct map's frame 0x%llx", (unsigned long long)pfn_of(physical).n);
		f->why = "the address lies in the direct map, and the direct map does not reach it";
		f->fix = "compare the direct map's ranges with the memory map (PGT054)";
	}
	f->facts = f->why ? "direct map" : "other";
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (refusal.first->what == COMPLAINT_VA_WITHOUT_L1)
			alike_add(&alike, &refusal, refusal.first->entry);
	if (alike.times)
		tell(replay, &alike, report);
}

const struct rule rule_va_without_l1 = {
	.id = "PGT042",
	.name = "va-without-l1",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "The loaded page table has no L1 entry for an address the kernel names",
	.why = "grant maps and update_va_mapping change the L1 entry that the loaded page table has "
	       "for the address. Only init_mm's tables were extended for the new area; this "
	       "process's upper levels do not lead there yet",
	.fix = "touch the area first, so that the fault handler fills the upper levels, or sync "
	       "them (vmalloc_sync_all); alloc_vm_area() was the case of 2011",
	.source = "Xen xen/arch/x86/mm.c create_grant_va_mapping(), 3.4-4.20; LKML September 2011 "
		  "(alloc_vm_area)",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), or a value-level trace",
	.bad = "(XEN) mm.c:3829:d0 Could not find L1 PTE for address f7a41000",
	.good = "(XEN) mm.c:1790:d0 Bad type (saw 28000001 != exp e0000000) for mfn 2fe5b "
		"(pfn 91a)\n"
		"(XEN) mm.c:612:d0 Error getting mfn 2fe5b (pfn 91a) from L1 entry "
		"000000002fe5b063 for "
		"dom1\n"
		"(the L1 entry was found, and refused for what it maps)",
	.roots = "PGT054",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ENTRIES },
	.page_table_evidence = true,
	.at_end = at_end,
};
