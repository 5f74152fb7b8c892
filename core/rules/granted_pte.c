/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An entry that maps a granted page is overwritten instead of unmapped by the
 * grant table's own call. */
#include "core/complaints.h"

const struct rule rule_granted_pte;

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	struct finding *f;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (refusal.first->what == COMPLAINT_GRANTED_PTE)
			alike_add(&alike, &refusal, 0);
	if (!alike.times)
		return;
	f = refusal_finding(replay, &rule_granted_pte, &alike.first, report);
	if (!f)
		return;
	finding_message(report, f, "the mapping of a granted page was overwritten instead of "
		"unmapped");
	if (alike.times > 1)
		finding_note(report, f, alike.first.first->at, "%u times in this boot", alike.times);
	f->facts = "granted";
}

const struct rule rule_granted_pte = {
	.id = "PGT034",
	.name = "granted-pte",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "The mapping of a granted page is overwritten without unmapping the grant",
	.why = "the page belongs to another domain, and its grant stays in use for ever; a debug "
	       "build of Xen ends the domain on purpose. The page-table set-up of this kernel has "
	       "no part in it",
	.fix = "look at the backend or the user of gntdev that let go of its mapping (a process "
	       "that died, an munmap before the unmap call)",
	.source = "Xen xen/arch/x86/mm.c put_page_from_l1e(), 3.4-4.20",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build); no trace tells which entries map grants",
	.bad = "(XEN) mm.c:1043:d0 Attempt to implicitly unmap a granted PTE 8010000041a80467",
	.good = "(XEN) Guest Loglevel: All\n"
		"(XEN) Freed 692kB init memory\n"
		"Memory: 206780K/524284K available (14343K kernel code, 2338K rwdata, ...)\n"
		"Run /init as init process\n"
		"(Xen would tell, and tells nothing of a granted entry)",
	.needs_any = { EVIDENCE_XEN_SPEAKS },
	.page_table_evidence = true,
	.at_end = at_end,
};
