/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A 32-bit guest's four L3 entries are not as Xen wants them.
 *
 *    L3  [0] user  [1] user  [2] user  [3] kernel: its L2 there, and its own
 */
#include "core/complaints.h"

const struct rule rule_pae_l3;

/* The kernel's L2 carries a mark; with and without it are two types. */
static bool is_shared_l2(const struct refusal *r)
{
	return r->bad_type && r->saw.kind == TYPE_L2 && r->expected.kind == TYPE_L2 &&
	       r->saw.pae_l2 != r->expected.pae_l2;
}

static bool concerns(const struct refusal *r)
{
	return r->first->what == COMPLAINT_PAE_L3 || is_shared_l2(r);
}

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	struct text words = text_of(r->first->words);
	struct finding *f = refusal_finding(replay, &rule_pae_l3, r, report);

	if (!f)
		return;
	if (is_shared_l2(r)) {
		finding_message(report, f, "%s is %s L2 table and was used as %s",
			frame_words(replay, r->bad_type, report),
			r->saw.pae_l2 ? "the kernel's" : "an ordinary",
			r->saw.pae_l2 ? "an ordinary one" : "the kernel's");
		f->facts = "kernel L2 shared";
	} else if (text_contains(words, TEXT("empty"))) {
		finding_message(report, f, "the L3 table has no kernel entry: slot 3 is empty");
		f->facts = "empty";
	} else if (text_contains(words, TEXT("shared"))) {
		finding_message(report, f, "the kernel's L2 table is shared between two L3 tables");
		f->facts = "shared";
	} else {
		finding_message(report, f, "the L3 table lies above 4 GiB, where cr3 cannot reach");
		f->why = "cr3 of a 32-bit PAE processor has 32 bits: the L3 table must lie below "
			 "4 GiB of machine memory unless the guest says that it can cope";
		f->facts = "high";
	}
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
			alike_add(&alike, &refusal, refusal.first->mfn);
	if (alike.times)
		tell(replay, &alike, report);
}

const struct rule rule_pae_l3 = {
	.id = "PGT036",
	.name = "pae-l3",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV_32BIT,
	.title = "A 32-bit guest's L3 table is not as Xen wants it",
	.why = "the fourth L3 entry of a 32-bit guest leads to the kernel's L2 table, which holds "
	       "Xen's own slots: it must be there when the L3 is pinned, and each L3 needs one of "
	       "its own",
	.fix = "805e3f495057 (Linux 2.6.37): the kernel PMD must not be shared before it is pinned",
	.source = "Xen xen/arch/x86/mm.c create_pae_xen_mappings(), 3.4-4.20; Linux 805e3f495057",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build); a 32-bit guest. Traces are replayed for 64-bit guests only",
	.bad = "(XEN) mm.c:1315:d7 PAE L3 3rd slot is empty",
	.good = "(XEN) Guest Loglevel: All\n"
		"(XEN)  Dom0 kernel: 32-bit, PAE, lsb, paddr 0x1000000 -> 0x1811000\n"
		"Memory: 173136k/4980608k available (1650k kernel code, ...)\n"
		"(Xen would tell, and tells nothing of an L3 table)",
	.needs_any = { EVIDENCE_XEN_SPEAKS },
	.page_table_evidence = true,
	.at_end = at_end,
};
