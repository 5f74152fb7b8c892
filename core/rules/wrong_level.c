/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page is used as a table of one level while it is a table of another.
 *
 *    PIN_L1 page ... PIN_L2 page        "saw l1 != exp l2"
 *    saw l2, exp l1                     never printed: it may be a linear map
 */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_wrong_level;

/* Where the layout is not known, both readings may still agree that two
 * different tables meet. */
static bool two_levels(const struct refusal *r, const char **saw, const char **wanted,
		       struct report *report)
{
	static const enum type_layout layouts[] = { LAYOUT_XEN_4_0, LAYOUT_XEN_4_10 };
	struct type_info now[2], next[2];

	if (type_is_table(r->saw.kind) && type_is_table(r->expected.kind)) {
		*saw = type_kind_name(r->saw.kind);
		*wanted = type_kind_name(r->expected.kind);
		return r->saw.kind != r->expected.kind;
	}
	if (!r->bad_type || r->saw.layout != LAYOUT_UNKNOWN || r->saw.kind != TYPE_UNKNOWN)
		return false;
	for (int i = 0; i < 2; i++) {
		now[i] = type_decode(r->bad_type->saw, layouts[i]);
		next[i] = type_decode(r->bad_type->expected, layouts[i]);
		if (!type_is_table(now[i].kind) || !type_is_table(next[i].kind) ||
		    now[i].kind == next[i].kind)
			return false;
	}
	*saw = report_text(report, "%s (or %s)", type_kind_name(now[1].kind),
		type_kind_name(now[0].kind));
	*wanted = report_text(report, "%s (or %s)", type_kind_name(next[1].kind),
		type_kind_name(next[0].kind));
	return true;
}

static bool told(const struct replay *replay, const struct refusal *r, struct report *report)
{
	const char *saw, *wanted;
	struct hand_over how;

	if (!r->bad_type || r->base || !two_levels(r, &saw, &wanted, report))
		return false;
	/* An old table that was handed on: PGT024. */
	return !r->saw.pinned || !refusal_after_hand_over(replay, r, &how);
}

/* A pin that fails without a reason: Xen keeps silent about just one, a table
 * one level above the wanted one. */
static bool silent(const struct refusal *r)
{
	return r->first == r->pin && !r->pin->from_trace;
}

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	const char *saw, *wanted;
	struct finding *f;

	if (!two_levels(r, &saw, &wanted, report))
		return;
	f = refusal_finding(replay, &rule_wrong_level, r, report);
	if (!f)
		return;
	finding_message(report, f, "%s is an %s and was %s as an %s",
		frame_words(replay, r->bad_type, report), saw, r->pin ? "pinned" : "used", wanted);
	if (r->saw.layout == LAYOUT_UNKNOWN)
		f->raise = "the banner \"Xen version\": the same words mean other levels to Xen "
			   "4.0-4.9 (in brackets)";
	f->facts = report_text(report, "%s as %s", saw, wanted);
	alike_close(alike, f, report);
}

static void tell_silent(const struct replay *replay, const struct alike *alike,
			struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_wrong_level, r, report);

	if (!f)
		return;
	f->certainty = SUSPECTED;
	if (refusal_maybe_toolstack(replay, r->pin))
		f->severity = SEV_WARNING;
	finding_message(report, f, "pinning %s failed without a word why: it may be a table of the "
		"level just above", frame_words(replay, r->pin, report));
	f->why = "Xen prints the reason of a failed pin, but for one: a page that is a table one "
		 "level above the wanted one might be meant as a linear map";
	f->raise = "guest_loglvl=all: with rate-limited messages the reason may just be missing";
	f->facts = "silent pin";
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike levels = { .times = 0 }, pins = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	audits_tell(replay, AUDIT_WRONG_LEVEL, &rule_wrong_level, report);
	while (refusal_next(replay, &i, &refusal)) {
		if (told(replay, &refusal, report))
			alike_add(&levels, &refusal, refusal.bad_type->mfn);
		else if (silent(&refusal))
			alike_add(&pins, &refusal, refusal.pin->mfn);
	}
	if (levels.times)
		tell(replay, &levels, report);
	if (pins.times)
		tell_silent(replay, &pins, report);
}

const struct rule rule_wrong_level = {
	.id = "PGT022",
	.name = "wrong-level",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A page table of one level is pinned or hooked as a table of another level",
	.why = "a page can be a table of one level at a time. It was announced twice, at two "
	       "levels, or it still is what its former owner made of it",
	.fix = "compare the level of xen_alloc_pte/pmd/pud() with that of the entry that hooks the "
	       "page; on 32-bit the page directory is an L3",
	.source = "Xen xen/arch/x86/mm.c get_page_type() (\"don't log failure if it could be a "
		  "recursive-mapping attempt\"), 3.4-4.20",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), a value-level trace or a memory dump",
	.bad = "(XEN) arch/x86/mm.c:2940:d0v0 Bad type (saw 2c00000000000001 != exp "
	       "4000000000000000) for mfn 41713 (pfn 03ced)\n"
	       "(XEN) arch/x86/mm.c:3576:d0v0 Error -22 while pinning mfn 41713",
	.good = "(XEN) arch/x86/mm.c:2940:d0v0 Bad type (saw e400000000000001 != exp "
		"4000000000000000) for mfn 36722 (pfn 064de)\n"
		"(XEN) arch/x86/mm.c:3576:d0v0 Error -22 while pinning mfn 36722\n"
		"(the page is writable, no table of another level; see PGT020)",
	.roots = "PGT012 PGT024",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_PINS, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
