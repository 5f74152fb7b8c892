/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel loads a page-table base that is no clean L4 table.
 *
 *    NEW_BASEPTR        "Error while installing new baseptr"
 *    NEW_USER_BASEPTR   "Error installing new mfn"      (base 0 is legal: none)
 */
#include "core/complaints.h"

const struct rule rule_base_invalid;

static bool is_user_base(const struct refusal *r)
{
	return !text_contains(text_of(r->base->words), TEXT("baseptr"));
}

static void give_reason(const struct refusal *r, struct finding *f, struct report *report)
{
	if (!r->bad_type)
		return;
	if (refusal_of_writable_table(r)) {
		f->why = "a base must be an L4 table, and no page becomes a table while something "
			 "maps it writable: it was never made read-only, or an alias is left";
		return;
	}
	f->why = report_text(report, "a base must be an L4 table, and the page is %s in use",
		a_type(r->saw.kind));
}

static void tell(const struct replay *replay, const struct alike *alike, bool user,
		 struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_base_invalid, r, report);
	const char *reason = "";

	if (!f)
		return;
	f->where = pfn_range(0, 0);
	finding_frame(replay, f, r->base->mfn, r->base->pfn);
	if (r->bad_type && r->bad_type->mfn == r->base->mfn)
		reason = refusal_of_writable_table(r) ? ": it is still mapped writable"
		       : report_text(report, ": it is %s", a_type(r->saw.kind));
	finding_message(report, f, "%s was refused as the new %s page-table base%s",
		frame_words(replay, r->base, report), user ? "user" : "kernel", reason);
	give_reason(r, f, report);
	f->facts = report_text(report, "%s base, saw %d", user ? "user" : "kernel",
		(int)r->saw.kind);
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike kernel = { .times = 0 }, user = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (refusal.base)
			alike_add(is_user_base(&refusal) ? &user : &kernel, &refusal,
				  refusal.base->mfn);
	if (kernel.times)
		tell(replay, &kernel, false, report);
	if (user.times)
		tell(replay, &user, true, report);
}

const struct rule rule_base_invalid = {
	.id = "PGT027",
	.name = "base-invalid",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A new page-table base is refused: it is no clean L4 table",
	.why = "Xen loads only an L4 table as a base (an L3 for a 32-bit guest). The line before "
	       "tells why this page is none",
	.fix = "pin the page directory (xen_pgd_pin) before it is loaded; the user base is an L4 "
	       "of its own and must be pinned too",
	.source = "Xen xen/arch/x86/mm.c new_guest_cr3(), MMUEXT_NEW_USER_BASEPTR, 3.4-4.20",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), or a value-level trace",
	.bad = "(XEN) arch/x86/mm.c:2940:d0v0 Bad type (saw e400000000000001 != exp "
	       "8000000000000000) for mfn 4170d (pfn 03cf3)\n"
	       "(XEN) arch/x86/mm.c:3346:d0v0 Error while installing new baseptr 4170d",
	.good = "(XEN) arch/x86/mm.c:2940:d0v0 Bad type (saw e400000000000001 != exp "
		"8000000000000000) for mfn 36722 (pfn 064de)\n"
		"(XEN) arch/x86/mm.c:3576:d0v0 Error -22 while pinning mfn 36722\n"
		"(pinned as an L4 table, not loaded as a base; see PGT020)",
	.roots = "PGT001",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_PINS },
	.page_table_evidence = true,
	.at_end = at_end,
};
