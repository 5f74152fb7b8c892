/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest writes an entry of the address range that is Xen's own:
 * ffff800000000000-ffff880000000000 for a 64-bit guest (L4 slots 256 to 271),
 * f5800000 and up for a 32-bit one. */
#include "core/complaints.h"

const struct rule rule_xen_slot;

static const char *level_of(struct text words)
{
	return text_contains(words, TEXT("L4")) ? "L4"
	     : text_contains(words, TEXT("L3")) ? "L3"
	     : text_contains(words, TEXT("L2")) ? "L2" : "page-table";
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	struct finding *f;
	const char *level;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (refusal.first->what == COMPLAINT_XEN_SLOT)
			alike_add(&alike, &refusal, 0);
	if (!alike.times)
		return;
	f = refusal_finding(replay, &rule_xen_slot, &alike.first, report);
	if (!f)
		return;
	level = level_of(text_of(alike.first.first->words));
	finding_message(report, f, "the kernel wrote an %s entry of Xen's own address range", level);
	if (alike.times > 1)
		finding_note(report, f, alike.first.first->at, "%u times in this boot", alike.times);
	f->facts = level;
}

const struct rule rule_xen_slot = {
	.id = "PGT037",
	.name = "xen-slot",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "An entry of Xen's own address range is written",
	.why = "part of every PV guest's address space is Xen's; its slots in the guest's tables "
	       "are filled by Xen and may be changed by nobody else. A kernel that maps something "
	       "there takes it for a free hole",
	.fix = "keep the guard hole free on PV: Linux 5.0 moved the LDT remap out of "
	       "it; the same holds for direct-map or KASAN ranges that reach into it",
	.source = "Xen xen/arch/x86/mm.c mod_l4_entry(), is_guest_l4_slot(), 3.4-4.20",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), or a value-level trace",
	.bad = "(XEN) mm.c:2011:d0v0 L4 update in Xen-private area, slot 0x108",
	.good = "(XEN) arch/x86/mm.c:2940:d0v0 Bad type (saw 2c00000000000001 != exp "
		"4000000000000000) for mfn 36713 (pfn 064ed)\n"
		"(XEN) arch/x86/mm.c:3576:d0v0 Error -22 while pinning mfn 36713\n"
		"(a table is refused, but for no slot of Xen's)",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ENTRIES },
	.page_table_evidence = true,
	.at_end = at_end,
};
