/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The two translations contradict each other: two machine frames claim to be
 * the same guest frame.
 *
 *    P2M   pfn 5 --> mfn a          M2P   mfn a --> pfn 5
 *                                         mfn b --> pfn 5     broken
 *
 * On a console only M2P values are seen, of the frames Xen complains about. */
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

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct pair pairs[PAIRS_MAX], pair;
	struct refusal refusal;
	uint32_t i = 0, count = 0;

	(void)state;
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
	.needs = "a memory dump or a value-level trace; from the hypervisor's console only what its "
		 "complaints name",
	.bad = "(XEN) mm.c:904:d0 Error getting mfn 54a83 (pfn 9e2a) from L1 entry "
	       "8010000054a83067 for l1e_owner=0, pg_owner=0\n"
	       "(XEN) mm.c:904:d0 Error getting mfn 61003 (pfn 9e2a) from L1 entry "
	       "8010000061003067 for l1e_owner=0, pg_owner=0",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_TRACE, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
