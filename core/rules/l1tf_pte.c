/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A not-present entry still holds an address: the processor may load it
 * speculatively (L1TF), so Xen crashes the guest or puts it under shadow
 * paging. */
#include "core/complaints.h"

const struct rule rule_l1tf_pte;

static void tell(const struct replay *replay, const struct alike *alike, bool crashing,
		 struct report *report)
{
	const struct complaint_record *c = alike->first.first;
	struct finding *f = refusal_finding(replay, &rule_l1tf_pte, &alike->first, report);
	struct note *note;

	if (!f)
		return;
	finding_message(report, f, "a not-present L%u entry holds an address, and Xen %s", c->level,
		crashing ? "ended the domain for it" : "put the domain under shadow paging for it");
	note = finding_note(report, f, c->at, NULL);
	note_caret(report, note, report_text(report, "%016llx", (unsigned long long)c->entry),
		"not present, but bits 12 and up name 0x%llx",
		(unsigned long long)(c->entry & UINT64_C(0xffffffffff000)));
	f->facts = report_text(report, "level %u %s", c->level, crashing ? "crash" : "shadow");
	if (alike->times > 1)
		finding_note(report, f, c->at, "%u times in this boot", alike->times);
}

/* By an operation of a trace: what Xen makes of it is its own affair. It looks at
 * such entries of other domains than the first, from 4.12 on (and in the stable
 * branches of August 2018). Source: Xen xen/arch/x86/spec_ctrl.c opt_pv_l1tf_hwdom. */
static void tell_traced(const struct replay *replay, const struct alike *alike,
			struct report *report)
{
	const struct complaint_record *c = alike->first.first;
	struct finding *f = refusal_finding(replay, &rule_l1tf_pte, &alike->first, report);
	const struct hypervisor *xen = &replay->xen;
	bool is_first = replay->domain == 0 ||
			(replay->domain == DOMAIN_NONE &&
			 replay->evidence & (EVIDENCE_LAYOUT | EVIDENCE_HOST_MAP));
	bool old = xen->known && (xen->major < 4 || (xen->major == 4 && xen->minor < 12));

	if (!f)
		return;
	f->severity = old || is_first ? SEV_NOTE : SEV_WARNING;
	finding_message(report, f, "a not-present L1 entry holds the address 0x%llx",
		(unsigned long long)(c->entry & UINT64_C(0xffffffffff000)));
	f->why = is_first ? "Xen lets the first domain do so, unless told otherwise (pv-l1tf=dom0); a "
			    "kernel with the mitigation inverts the address"
			  : "Xen may put the domain under shadow paging for it, or end it (pv-l1tf=); a "
			    "kernel with the mitigation inverts the address";
	f->facts = "traced";
	if (alike->times > 1)
		finding_note(report, f, c->at, "%u times in this boot", alike->times);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike crash = { .times = 0 }, shadow = { .times = 0 }, traced = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (refusal.first->what == COMPLAINT_L1TF && refusal.first->from_trace)
			alike_add(&traced, &refusal, 0);
		else if (refusal.first->what == COMPLAINT_L1TF)
			alike_add(refusal.first->code ? &crash : &shadow, &refusal, 0);
	if (crash.times)
		tell(replay, &crash, true, report);
	if (shadow.times)
		tell(replay, &shadow, false, report);
	if (traced.times)
		tell_traced(replay, &traced, report);
}

const struct rule rule_l1tf_pte = {
	.id = "PGT035",
	.name = "l1tf-pte",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A not-present entry holds an address that L1TF could leak",
	.why = "a PV guest must not leave addresses in entries that are not present. A kernel "
	       "without the mitigation writes swap entries that way, and a 32-bit one that "
	       "changes an entry in two halves passes through such a value",
	.fix = "a kernel with the L1TF mitigation (4.19 and stable branches of August 2018); for "
	       "32-bit f7c90c2aa400 + b2d7a075a1cc (2018)",
	.source = "Xen xen/include/asm-x86/pv/mm.h pv_l1tf_check_pte(), 4.12-4.20; "
		  "QubesOS issues 7935 and 8593; Linux f7c90c2aa400, b2d7a075a1cc",
	.needs = "the hypervisor's console (guest_loglvl=all); a value-level trace tells the entries, "
		 "not what Xen did about them",
	.bad = "(XEN) d9v0 L1TF-vulnerable L1e 000000002a7c1310 - Crashing",
	.good = "(XEN)   PV L1TF shadowing: Dom0 disabled, DomU enabled",
	.needs_any = { EVIDENCE_XEN, EVIDENCE_ENTRIES },
	.page_table_evidence = false,   /* any Xen console will do: it says little of tables */
	.at_end = at_end,
};
