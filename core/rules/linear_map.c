/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An entry names a table of its own level.
 *
 *    L4 --> L3 --> [L3]     "Attempt to create linear p.t. with write perms"
 *
 * Xen prints the line whenever the target of a writable entry is refused; with
 * the reason before it, it means nothing (PGT020, PGT022, PGT023). */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_linear_map;

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_linear_map, r, report);

	if (!f)
		return;
	finding_at_most(f, INFERRED);
	finding_message(report, f, "an entry names a table of its own level: "
		"a linear map, which Linux never makes");
	f->raise = "a value-level trace, or a memory dump: the line names no frame";
	f->facts = r->linear->what == COMPLAINT_LINEAR_OFF ? "linear off" : "linear rw";
	finding_note(report, f, r->linear->at, alike->times > 1 ? "%u times in this boot" : NULL,
		alike->times);
}

/* An operation of a trace: the table and the slot are told. */
static void tell_traced(const struct replay *replay, const struct alike *alike,
			struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_linear_map, r, report);

	if (!f)
		return;
	finding_message(report, f, "an entry of the L%u table at mfn 0x%llx names that table itself, "
		"%s", r->first->level, (unsigned long long)r->first->mfn,
		r->first->code ? "writable: Xen refused it" : "read-only: a linear map");
	f->facts = report_text(report, "self map level %u", r->first->level);
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 }, traced = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	audits_tell(replay, AUDIT_LINEAR, &rule_linear_map, report);
	while (refusal_next(replay, &i, &refusal))
		if (refusal.first->what == COMPLAINT_SELF_MAP)
			alike_add(&traced, &refusal, refusal.first->mfn);
		else if (refusal.first == refusal.linear)
			alike_add(&alike, &refusal, 0);
	if (alike.times)
		tell(replay, &alike, report);
	if (traced.times)
		tell_traced(replay, &traced, report);
}

const struct rule rule_linear_map = {
	.id = "PGT028",
	.name = "linear-map",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "An entry names a table of its own level (a linear page table)",
	.why = "Linux makes no linear map as a PV guest. The entry was written with the frame of a "
	       "table that is in use: a stale frame number, or a page that was reused while it "
	       "still was a table",
	.fix = "look for a table freed while hooked (PGT012, PGT024) and for leftover aliases "
	       "(64141da58724, Linux 2.6.37)",
	.source = "Xen xen/arch/x86/mm.c get_l2_linear_pagetable(), 3.4-4.20; Linux 64141da58724",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), a value-level trace (an entry that names its own table) or a memory dump",
	.bad = "(XEN) mm.c:951:d3 Attempt to create linear p.t. with write perms",
	.good = "(XEN) mm.c:2421:d3 Bad type (saw 7400000000000001 != exp 3000000000000000) for mfn "
		"61e04 (pfn 1c2fb)\n"
		"(XEN) mm.c:951:d3 Attempt to create linear p.t. with write perms",
	.roots = "PGT012 PGT024",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ENTRIES, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
