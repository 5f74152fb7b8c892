/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The two translations contradict each other: two machine frames claim to be
 * the same guest frame.
 *
 *    P2M   pfn 5 --> mfn a          M2P   mfn a --> pfn 5
 *                                         mfn b --> pfn 5     broken
 *
 * On a console only M2P values are seen, of the frames Xen complains about. */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_m2p_p2m_broken;

struct pair {
	uint64_t mfn, pfn;
	const struct complaint_record *from;
	bool table;
};

#define PAIRS_MAX 256u

/* Frames of another domain have pfns of their own: only where both owners are
 * told and equal. */
static bool pair_of(const struct refusal *r, struct pair *pair)
{
	const struct complaint_record *c = r->entry;

	if (!c || c->l1e_owner < 0 || c->l1e_owner != c->pg_owner || r->put_right ||
	    pfn_is_poison(c->pfn) || c->pfn >= PFN_LIMIT || entry_is_malformed(c->entry))
		return false;
	*pair = (struct pair){ c->mfn, c->pfn, c, type_is_table(r->saw.kind) };
	return true;
}

static void tell(const struct pair *a, const struct pair *b, struct report *report)
{
	struct finding *f = finding_new(report, &rule_m2p_p2m_broken, b->from->at);

	if (f->more)
		return;
	finding_at_most(f, INFERRED);
	f->severity = a->table || b->table ? SEV_ERROR : SEV_WARNING;
	f->where = pfn_range(b->pfn, b->pfn + 1);
	finding_message(report, f, "machine frames 0x%llx and 0x%llx both claim to be frame 0x%llx%s",
		(unsigned long long)a->mfn, (unsigned long long)b->mfn, (unsigned long long)b->pfn,
		a->table || b->table ? ", a page table" : "");
	finding_note(report, f, a->from->at, "the first claim");
	finding_note(report, f, b->from->at, "the second claim");
	f->raise = "a memory dump holds both translations whole: xl dump-core";
	f->facts = a->table || b->table ? "two mfns, table" : "two mfns";
}

/* The kernel's own word: the translation that it wanted is not there. */
static void tell_unset(const struct replay *replay, struct report *report)
{
	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		const struct complaint_record *c = &replay->complaints.items[i];
		struct finding *f;

		if (c->what != COMPLAINT_P2M_UNSET)
			continue;
		f = finding_new(report, &rule_m2p_p2m_broken, c->at);
		if (f->more)
			continue;
		finding_at_most(f, c->certainty);
		if (c->pfn < PFN_LIMIT) {
			f->where = pfn_range(c->pfn, c->pfn + 1);
			if (range_map_at(&replay->tables, c->pfn << FRAME_SHIFT))
				f->severity = SEV_ERROR;
		}
		finding_message(report, f, "the kernel could not set the translation of frame 0x%llx",
			(unsigned long long)c->pfn);
		finding_note(report, f, c->at, c->from_trace
			? "Xen refused to take the pair into its own table"
			: "said by the kernel while it moved memory at boot");
		f->why = "the frame keeps its old machine page, or none: what is mapped there later "
			 "is not what the kernel takes it for";
		f->facts = "told by the kernel";
	}
}

/* By an operation of a trace: a table in use gets another guest frame. */
static void tell_moved(const struct replay *replay, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	struct finding *f;
	uint32_t i = 0;

	while (refusal_next(replay, &i, &refusal))
		if (refusal.first->what == COMPLAINT_TABLE_MOVED)
			alike_add(&alike, &refusal, refusal.first->mfn);
	f = alike.times ? refusal_finding(replay, &rule_m2p_p2m_broken, &alike.first, report) : NULL;
	if (!f)
		return;
	f->severity = SEV_ERROR;
	finding_message(report, f, "machine frame 0x%llx, an L%d table in use, was frame 0x%llx and is "
		"now said to be frame 0x%llx", (unsigned long long)alike.first.first->mfn,
		(int)alike.first.first->trace->saw, (unsigned long long)alike.first.first->entry,
		(unsigned long long)alike.first.first->pfn);
	f->why = "the kernel finds its tables by guest frame: it reads the entries that lead to this "
		 "one as another page, and writes the wrong one";
	f->facts = "table moved";
	alike_close(&alike, f, report);
}

/* Told of one page by turns: which claim holds is not known, nor that no grant is
 * mapped there meanwhile. */
static void tell_by_turns(const struct replay *replay, struct report *report)
{
	struct refusal refusal;
	struct finding *f;
	uint32_t i = 0;

	while (refusal_next(replay, &i, &refusal)) {
		const struct complaint_record *c = refusal.first;

		if (c->what != COMPLAINT_CLAIMED_TWICE)
			continue;
		f = refusal_finding(replay, &rule_m2p_p2m_broken, &refusal, report);
		if (!f)
			continue;
		finding_at_most(f, INFERRED);
		finding_message(report, f, "frames 0x%llx and 0x%llx both claim machine frame 0x%llx",
			(unsigned long long)c->pfn, (unsigned long long)c->entry,
			(unsigned long long)c->mfn);
		finding_note(report, f, c->at, "the trace says again that it is the first of them");
		f->why = "a page that has two guest frames is written through both: what one owner "
			 "keeps there is the other's to overwrite";
		f->raise = "a memory dump holds both translations whole: xl dump-core";
		f->facts = "two pfns";
	}
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct pair pairs[PAIRS_MAX], pair;
	struct refusal refusal;
	uint32_t i = 0, count = 0;

	(void)state;
	audits_tell(replay, AUDIT_CLAIMED_TWICE, &rule_m2p_p2m_broken, report);
	tell_unset(replay, report);
	tell_moved(replay, report);
	tell_by_turns(replay, report);
	while (count < PAIRS_MAX && refusal_next(replay, &i, &refusal)) {
		bool known = false;

		if (!pair_of(&refusal, &pair))
			continue;
		for (uint32_t k = 0; k < count && !known; k++) {
			known = pairs[k].pfn == pair.pfn;
			if (known && pairs[k].mfn != pair.mfn)
				tell(&pairs[k], &pair, report);
		}
		if (!known)
			pairs[count++] = pair;
	}
}

const struct rule rule_m2p_p2m_broken = {
	.id = "PGT032",
	.name = "m2p-p2m-broken",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "Two machine frames claim to be the same guest frame",
	.why = "the kernel translates with P2M when it writes an entry and with M2P when it reads "
	       "one; where they differ it reads another frame than it wrote, and a table is "
	       "taken for ordinary memory or the reverse",
	.fix = "look at what changed the P2M last (balloon, remap at boot, grant mappings): both "
	       "translations must change together",
	.source = "Xen include/public/xen.h MMU_MACHPHYS_UPDATE; Linux arch/x86/xen/p2m.c",
	.needs = "a memory dump; a value-level trace for a table in use that gets another guest "
		 "frame, for a page that two guest frames claim by turns, and for pairs that Xen "
		 "refuses; from the hypervisor's console only what its complaints name",
	.bad = "(XEN) mm.c:904:d0 Error getting mfn 54a83 (pfn 9e2a) from L1 entry "
	       "8010000054a83067 for l1e_owner=0, pg_owner=0\n"
	       "(XEN) mm.c:904:d0 Error getting mfn 61003 (pfn 9e2a) from L1 entry "
	       "8010000061003067 for l1e_owner=0, pg_owner=0",
	.good = "(XEN) mm.c:904:d0 Error getting mfn 3d283 (pfn d52a) from L1 entry "
		"801000003d283067 for l1e_owner=0, pg_owner=2\n"
		"(XEN) mm.c:904:d0 Error getting mfn 3a003 (pfn d52a) from L1 entry "
		"801000003a003067 for l1e_owner=0, pg_owner=3\n"
		"(one pfn, but of two guests: each counts from 0)",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ENTRIES, EVIDENCE_DUMP, EVIDENCE_P2M_WORD },
	.page_table_evidence = true,
	.at_end = at_end,
};
