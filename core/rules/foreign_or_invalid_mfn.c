/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An entry, or a pin, names a machine frame that the domain does not own.
 *
 *    entry --> mfn --M2P--> 5555555555555555   never written (Xen to 4.1)
 *                           ffffffffffffffff   invalid
 *                           fffffffffffffffe   shared
 *
 * A burst of unrelated values is data in a table: PGT041. Frames of Xen's I/O
 * domain are PGT033's. A toolstack that maps another domain is nobody's. */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_foreign_or_invalid_mfn;

enum reason { REASON_NONE, REASON_POISON, REASON_OWNER, REASON_NO_REF, REASON_UNTOLD,
	      REASON_TRACE, REASON_COUNT };

/* "Error mfn" alone is said of any call with a frame number, from toolstacks
 * too: with nothing after it, it counts only when the caller meant itself. */
static bool meant_itself(const struct refusal *r)
{
	if (r->owner->l1e_owner < 0)
		return r->entry || r->pin || r->base || r->no_ref;
	return r->owner->domain == DOMAIN_NONE || r->owner->l1e_owner == r->owner->domain;
}

static bool is_own(const struct complaint_record *entry)
{
	return entry->l1e_owner >= 0 && entry->l1e_owner == entry->pg_owner;
}

static enum reason reason_of(const struct refusal *r, bool data)
{
	if (r->put_right || refusal_by_toolstack(r) || r->bad_type)
		return REASON_NONE;
	if (r->entry && (r->entry->pg_owner == DOMAIN_IO || (data && refusal_is_malformed(r))))
		return REASON_NONE;
	if (r->owner)
		return meant_itself(r) ? REASON_OWNER : REASON_NONE;
	if (r->no_ref || r->first->what == COMPLAINT_BAD_DOMAIN)
		return REASON_NO_REF;
	if (!r->entry)
		return REASON_NONE;
	if (r->entry->from_trace)
		return r->validating || r->pin || r->base ? REASON_NONE : REASON_TRACE;
	if (pfn_is_poison(r->entry->pfn))
		return REASON_POISON;
	/* The domain's own frame is not foreign. In a burst it is PGT041's or
	 * PGT012's; alone, its reason is missing from the log. */
	return data && is_own(r->entry) ? REASON_NONE : REASON_UNTOLD;
}

static const char *poison_words(uint64_t pfn)
{
	if (pfn == UINT64_MAX - 1)
		return "shared";
	return pfn == UINT64_MAX || pfn == 0xffffffff ? "invalid" : "never written";
}

static void tell_poison(const struct refusal *r, struct finding *f, struct report *report)
{
	const struct complaint_record *c = r->entry;
	struct note *note = finding_note(report, f, c->at, NULL);

	finding_message(report, f, "an entry names machine frame 0x%llx, which is no memory of this "
		"domain", (unsigned long long)c->mfn);
	note_caret(report, note, report_text(report, "(pfn %llx)", (unsigned long long)c->pfn),
		"%s: no frame of a guest", poison_words(c->pfn));
}

static const char *od_words(int32_t owner, struct report *report)
{
	if (owner == DOMAIN_IO)
		return "I/O space";
	return owner >= 0 ? report_text(report, "domain %d", owner) : "nobody or another domain";
}

static void tell(const struct replay *replay, const struct alike *alike, enum reason reason,
		 struct report *report)
{
	static const char *const words[REASON_COUNT] = { "", "poison", "owner", "no ref",
							 "untold", "traced" };
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_foreign_or_invalid_mfn, r, report);

	if (!f)
		return;
	switch (reason) {
	case REASON_POISON:
		tell_poison(r, f, report);
		break;
	case REASON_OWNER:
		finding_message(report, f, "machine frame 0x%llx belongs to %s, not to the domain "
			"that used it", (unsigned long long)r->owner->mfn,
			od_words(r->owner->pg_owner, report));
		if (r->entry || r->pin || r->base || r->no_ref)
			break;
		/* Which call it was is not told. */
		f->severity = SEV_WARNING;
		finding_at_most(f, INFERRED);
		f->raise = "a debug build of Xen says for what the frame was wanted";
		break;
	case REASON_NO_REF:
		finding_message(report, f, "machine frame 0x%llx is not this domain's and was used as "
			"a page table", (unsigned long long)r->first->mfn);
		if (refusal_maybe_toolstack(replay, r->first)) {
			f->severity = SEV_WARNING;
			finding_at_most(f, SUSPECTED);
		}
		break;
	case REASON_UNTOLD:
		finding_message(report, f, "an entry for %s was refused, and the reason is not in the "
			"log", frame_words(replay, r->entry, report));
		finding_at_most(f, INFERRED);
		if (is_own(r->entry)) {
			f->fix = "";
			f->severity = SEV_WARNING;
			finding_at_most(f, SUSPECTED);
		}
		f->why = "Xen says \"Bad type\" before it when the page is in use as something else, "
			 "and \"Error mfn\" when it belongs to another domain; neither line is here";
		f->raise = "guest_loglvl=all: the reason may have been rate-limited away";
		break;
	case REASON_TRACE:
		finding_message(report, f, "Xen refused an entry for machine frame 0x%llx, and nothing "
			"in the trace says that the frame is this domain's",
			(unsigned long long)r->entry->mfn);
		f->raise = "a debug build of Xen names the frame's owner (guest_loglvl=all)";
		break;
	case REASON_NONE:
	case REASON_COUNT:
		break;
	}
	f->facts = words[reason];
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike[REASON_COUNT] = { 0 };
	struct refusal refusal;
	uint32_t i = 0, entries;
	enum reason reason;
	bool live, data = tables_hold_data(replay, &entries, &live);

	(void)state;
	audits_tell(replay, AUDIT_FOREIGN_TABLE, &rule_foreign_or_invalid_mfn, report);
	audits_tell(replay, AUDIT_BAD_ENTRY, &rule_foreign_or_invalid_mfn, report);
	while (refusal_next(replay, &i, &refusal)) {
		reason = reason_of(&refusal, data);
		if (reason != REASON_NONE)
			alike_add(&alike[reason], &refusal, refusal.first->mfn);
	}
	for (int k = REASON_POISON; k < REASON_COUNT; k++)
		if (alike[k].times)
			tell(replay, &alike[k], (enum reason)k, report);
}

const struct rule rule_foreign_or_invalid_mfn = {
	.id = "PGT031",
	.name = "foreign-or-invalid-mfn",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "An entry or a pin names a machine frame that the domain does not own",
	.why = "the frame number came from a stale or wrong P2M entry: memory that was ballooned "
	       "out, a gap that the kernel takes for RAM, or a page that was exchanged",
	.fix = "compare the P2M entry with the memory map: a frame must not be used after it was "
	       "given back to Xen, nor before it was populated",
	.source = "Xen xen/arch/x86/mm.c get_page_from_l1e(), get_page(), 3.4-4.20; "
		  "setup_m2p_table() for the fill pattern (removed by b010d7f5b8)",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), or a memory dump; in a trace with Xen's answers a refused read-only or "
		 "malformed entry is inferred to name such a frame",
	.bad = "(XEN) mm.c:904:d0 Error getting mfn 3f0c0 (pfn 5555555555555555) from L1 entry "
	       "800000003f0c0063 for l1e_owner=0, pg_owner=0",
	.good = "(XEN) mm.c:604:d7 Error getting mfn 1be18 (pfn 2411a) from L1 entry "
		"000000001be18025 for dom7\n"
		"(XEN) mm.c:3061:d7 ptwr_emulate: fixing up invalid PAE PTE 000000001be18025",
	.roots = "PGT003 PGT012 PGT017 PGT023 PGT024 PGT032 PGT041",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ANSWERS, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
