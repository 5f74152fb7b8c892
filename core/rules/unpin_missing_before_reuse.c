/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A pinned frame was handed on before it was unpinned.
 *
 *    PIN_L1 ---- freed, or given to a new owner ---- mapped writable
 *                (the log tells)                     "saw l1, pinned != exp writable"
 *
 * Without a word about the hand-over the same lines are PGT021. */
#include "core/complaints.h"

const struct rule rule_unpin_missing_before_reuse;

/* Retyping counts too: an old L4 that becomes an L1. */
static bool concerns(const struct replay *replay, const struct refusal *r, struct hand_over *how)
{
	bool other_table = type_is_table(r->expected.kind) && r->expected.kind != r->saw.kind;

	if (!type_is_table(r->saw.kind) || !r->saw.pinned)
		return false;
	if (!refusal_of_table_writable(r) && !other_table)
		return false;
	return refusal_after_hand_over(replay, r, how);
}

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_unpin_missing_before_reuse, r, report);
	struct hand_over how;

	if (!f || !concerns(replay, r, &how))
		return;
	finding_message(report, f, "%s was handed on while still pinned as %s; its new owner could "
		"not %s", frame_words(replay, r->bad_type, report), a_type(r->saw.kind),
		r->expected.kind == TYPE_WRITABLE ? "map it writable" : "make it another table");
	finding_note(report, f, how.at, "%s", how.says);
	finding_at_most(f, how.certainty);
	if (how.certainty != PROVED)
		f->raise = "memblock=debug (early) or page_owner=on tells who freed the page";
	f->facts = report_text(report, "level %d to %s", (int)r->saw.kind,
		type_kind_name(r->expected.kind));
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	struct hand_over how;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (concerns(replay, &refusal, &how))
			alike_add(&alike, &refusal, refusal.bad_type->mfn);
	if (alike.times)
		tell(replay, &alike, report);
}

const struct rule rule_unpin_missing_before_reuse = {
	.id = "PGT024",
	.name = "unpin-missing-before-reuse",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A page was freed or given to a new owner while it was still pinned as a page table",
	.why = "a pinned table stays a table for Xen until it is unpinned, whoever owns the page in "
	       "the guest. Its new owner's writable mapping is refused, or its stores are taken "
	       "for page-table updates",
	.fix = "unpin, make writable, then free: xen_release_ptpage() and xen_cleanmfnmap() show "
	       "the legal order; memory freed at init must not hold a pinned table",
	.source = "Linux arch/x86/xen/mmu.c xen_pgd_unpin(), xen_release_ptpage(), 6a9e91846bf5; "
		  "Xen xen/arch/x86/mm.c MMUEXT_UNPIN_TABLE; LKML Jan-Feb 2020 (KASAN on PV)",
	.needs = "the hypervisor's console with page-type messages, and a line that frees or "
		 "re-reserves the frame; or a value-level trace that says when a table is let go "
		 "(release_pte_init, xen_mmu_release_ptpage)",
	.bad = "Freeing unused kernel memory: 512k freed (ffffffff81c00000 - ffffffff81c80000)\n"
	       "(XEN) mm.c:2421:d0 Bad type (saw 1c00000000000001 != exp 7000000000000000) for mfn "
	       "81c07 (pfn 1c07)",
	.good = "(XEN) mm.c:2421:d0 Bad type (saw 1400000000000001 != exp 7000000000000000) for mfn "
		"81c07 (pfn 1c07)",
	.roots = "PGT003 PGT012",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ENTRIES },
	.page_table_evidence = true,
	.at_end = at_end,
};
