/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A live page table was about to be mapped writable.
 *
 *    L1 entry --RW--> table (l1 .. l4, count > 0)     "saw l1 != exp writable"
 *
 * The console says the same when a pinned frame was handed on: PGT024 takes
 * those where the log tells of the hand-over. */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_writable_mapping_of_table;

/* Where the writable entry stands. */
enum where { WHERE_UPDATE, WHERE_NEW_TABLE, WHERE_ITSELF, WHERE_STORE, WHERE_UNTOLD, WHERE_COUNT };

static bool concerns(const struct replay *replay, const struct refusal *r)
{
	struct hand_over how;

	if (!refusal_of_table_writable(r))
		return false;
	/* PGT033: Xen's own I/O domain does not own the kernel's tables. */
	if (r->entry && r->entry->pg_owner == DOMAIN_IO)
		return false;
	return !r->saw.pinned || !refusal_after_hand_over(replay, r, &how);
}

static enum where where_of(const struct refusal *r)
{
	if (r->store)
		return WHERE_STORE;
	if (r->validating && r->validating->mfn == r->bad_type->mfn)
		return WHERE_ITSELF;
	if (r->validating || r->table)
		return WHERE_NEW_TABLE;
	return r->entry ? WHERE_UPDATE : WHERE_UNTOLD;
}

static void message(const struct replay *replay, const struct refusal *r, enum where where,
		    struct finding *f, struct report *report)
{
	const char *frame = frame_words(replay, r->bad_type, report);
	const char *kind = type_kind_name(r->saw.kind);

	switch (where) {
	case WHERE_STORE:
		finding_message(report, f, "a direct store into a page table would have mapped %s, "
			"a live %s, writable", frame, kind);
		break;
	case WHERE_ITSELF:
		finding_message(report, f, "%s, about to become an %s, maps itself writable",
			frame, kind);
		break;
	case WHERE_NEW_TABLE:
		finding_message(report, f, "a page about to become a table maps %s, a live %s, "
			"writable", frame, kind);
		break;
	case WHERE_UPDATE:
	case WHERE_UNTOLD:
	case WHERE_COUNT:
		finding_message(report, f, "%s is a live %s%s and was about to be mapped writable",
			frame, kind, r->saw.pinned ? ", pinned," : "");
		break;
	}
}

/* Machine frames that were allocated together. */
#define NEIGHBOUR_FRAMES 64u

/* The entry's own line is cut out of an excerpt, but that of a neighbour names the
 * owner: the domain itself. */
static const struct complaint_record *own_neighbour(const struct replay *replay,
						    const struct complaint_record *c)
{
	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		const struct complaint_record *other = &replay->complaints.items[i];
		uint64_t apart = other->mfn > c->mfn ? other->mfn - c->mfn : c->mfn - other->mfn;

		if (other->what == COMPLAINT_GET_FAILED && other->l1e_owner >= 0 &&
		    other->l1e_owner == other->pg_owner && other->domain == c->domain &&
		    apart <= NEIGHBOUR_FRAMES)
			return other;
	}
	return NULL;
}

static void explain(const struct replay *replay, const struct refusal *r, enum where where,
		    struct finding *f, struct report *report)
{
	const struct complaint_record *neighbour = own_neighbour(replay, r->bad_type);
	struct hand_over how;

	if (refusal_after_hand_over(replay, r, &how)) {
		finding_note(report, f, how.at, "%s", how.says);
		f->why = "the frame had left the page tables for its new owner without being "
			 "unhooked from the tables above it: Xen still counts it as a table";
		f->fix = "find who released it while it was hooked (PGT012); the initial p2m list's "
			 "tables went that way until 3fc509fc0c59 (Linux 3.7)";
	} else if (r->saw.pinned) {
		f->why = "Xen lets nobody write a page table directly, so a writable mapping of one "
			 "is refused. The log does not tell whether the kernel forgot that the page "
			 "is a table or freed it while it was pinned (PGT024)";
	}
	if (where != WHERE_UNTOLD)
		return;
	/* Without the entry's line nobody says whose page it was: a backend maps
	 * guests' pages too. */
	if (neighbour) {
		finding_note(report, f, neighbour->at, "a neighbour of the same domain");
		return;
	}
	finding_at_most(f, INFERRED);
	f->raise = "the line \"Error getting mfn ... from L1 entry\", which names the page's owner";
	if (!refusal_maybe_toolstack(replay, r->bad_type))
		return;
	finding_at_most(f, SUSPECTED);
	f->severity = SEV_WARNING;
}

static void tell(const struct replay *replay, const struct alike *alike, enum where where,
		 struct report *report)
{
	static const char *const words[WHERE_COUNT] = { "update", "new table", "itself", "store",
							"untold" };
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_writable_mapping_of_table, r, report);

	if (!f)
		return;
	message(replay, r, where, f, report);
	explain(replay, r, where, f, report);
	f->facts = report_text(report, "%s level %d%s", words[where], (int)r->saw.kind,
		r->saw.pinned ? " pinned" : "");
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike[WHERE_COUNT] = { 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	audits_tell(replay, AUDIT_WRITABLE_TABLE, &rule_writable_mapping_of_table, report);
	while (refusal_next(replay, &i, &refusal))
		if (concerns(replay, &refusal))
			alike_add(&alike[where_of(&refusal)], &refusal, refusal.bad_type->mfn);
	for (int where = 0; where < WHERE_COUNT; where++)
		if (alike[where].times)
			tell(replay, &alike[where], (enum where)where, report);
}

const struct rule rule_writable_mapping_of_table = {
	.id = "PGT021",
	.name = "writable-mapping-of-table",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A live page table was about to be mapped writable",
	.why = "Xen lets nobody write a page table directly, so a writable mapping of one is "
	       "refused. Either the kernel forgot that the page is a table, or the page was "
	       "handed to a new owner while it still was one",
	.fix = "unhook and unpin a table before its page is mapped writable or freed; when the "
	       "frames are neighbours, look at what released the whole region (3fc509fc0c59, "
	       "Linux 3.7)",
	.source = "Xen xen/arch/x86/mm.c get_page_from_l1e(), get_page_type(), 3.4-4.20; "
		  "Linux 3fc509fc0c59",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), a value-level trace or a memory dump",
	.bad = "(XEN) mm.c:2421:d0 Bad type (saw 1c00000000000001 != exp 7000000000000000) for mfn "
	       "54a80 (pfn 9e26)\n"
	       "(XEN) mm.c:904:d0 Error getting mfn 54a80 (pfn 9e26) from L1 entry "
	       "8010000054a80067 for l1e_owner=0, pg_owner=0",
	.good = "(XEN) mm.c:1790:d0 Bad type (saw 28000001 != exp e0000000) for mfn 2fe5b (pfn 91a)\n"
		"(XEN) mm.c:612:d0 Error getting mfn 2fe5b (pfn 91a) from L1 entry "
		"000000002fe5b063 for dom1",
	.roots = "PGT003 PGT012 PGT024",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ENTRIES, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
