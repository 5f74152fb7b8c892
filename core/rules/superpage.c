/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A 2 MiB or 1 GiB entry in a PV guest's page table. Bit 7 of an L1 entry is
 * PAT and legal. */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_superpage;

#define FLAG_PSE 0x80u

/* PGT030 takes all other flags. */
static bool is_superpage(const struct complaint_record *c)
{
	if (c->what == COMPLAINT_SUPERPAGE)
		return true;
	return c->what == COMPLAINT_BAD_FLAGS && (c->level == 2 || c->level == 3) &&
	       (c->entry & FLAG_PSE);
}

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_superpage, r, report);
	struct note *note;

	if (!f)
		return;
	if (r->first->level)
		finding_message(report, f, "an L%u entry was set up as a superpage of %s",
			r->first->level, r->first->level == 2 ? "2 MiB" : "1 GiB");
	else
		finding_message(report, f, "a superpage was put into a page table");
	if (r->first->what == COMPLAINT_BAD_FLAGS) {
		note = finding_note(report, f, r->first->at, NULL);
		note_caret(report, note, report_text(report, "%llx",
			(unsigned long long)r->first->entry), "bit 7: page size");
	}
	f->facts = report_text(report, "level %u", r->first->level);
	if (alike->times > 1)
		finding_note(report, f, r->first->at, "%u times in this boot", alike->times);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	audits_tell(replay, AUDIT_SUPERPAGE, &rule_superpage, report);
	while (refusal_next(replay, &i, &refusal))
		if (is_superpage(refusal.first))
			alike_add(&alike, &refusal, 0);
	if (alike.times)
		tell(replay, &alike, report);
}

const struct rule rule_superpage = {
	.id = "PGT029",
	.name = "superpage",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A 2 MiB or 1 GiB page in a PV guest's page table",
	.why = "Xen maps PV guests with 4 KiB pages only (the option allowsuperpage is gone since "
	       "4.10). The kernel must not see PSE among its processor's features; code that "
	       "builds entries of its own forgot to ask",
	.fix = "mask X86_FEATURE_PSE (and GBPAGES) for the guest; 4f9c11dd49fb (Linux 2.6.27) for "
	       "the direct map",
	.source = "Xen xen/arch/x86/mm.c get_page_from_l2e(), 56fff3e5e9 (4.10); Linux 4f9c11dd49fb",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), a value-level trace or a memory dump",
	.bad = "(XEN) mm.c:881:d0 Bad L2 flags 80",
	.good = "(XEN) mm.c:860:d0 Bad L1 flags 800080\n"
		"(bit 7 of an L1 entry is PAT, not a page size; see PGT030)",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ENTRIES, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
