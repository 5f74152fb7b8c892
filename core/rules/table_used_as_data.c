/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Data is stored into a page that Xen still holds for a page table.
 *
 *    new owner --store--> page (still l1) --> Xen takes each store for an entry
 *                                              "Error getting mfn" + garbage
 */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_table_used_as_data;

static void explain(struct finding *f, uint32_t entries, bool live_table)
{
	if (entries < 3) {
		f->certainty = SUSPECTED;
		f->raise = "more of the hypervisor's lines (guest_loglvl=all), or a memory dump of "
			   "the table";
	} else {
		finding_at_most(f, INFERRED);
		f->raise = "a memory dump that shows the table's contents";
	}
	if (live_table)
		f->why = "live page tables had been handed to new owners (see their refused "
			 "mappings), and one of those stored data: Xen takes each store for an entry";
}

static void tell(const struct replay *replay, const struct alike *alike, bool live_table,
		 struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_table_used_as_data, r, report);
	uint32_t entries = alike->frames.count;
	struct note *note;

	if (!f)
		return;
	f->where = pfn_range(0, 0);   /* the table itself is not named */
	finding_message(report, f, entries == 1
		? "%u entry that no kernel makes was refused: data was stored into a live page table"
		: "%u different entries that no kernel makes were refused: data was stored into a "
		  "live page table", entries);
	note = r->entry->from_trace ? NULL : finding_note(report, f, r->entry->at, NULL);
	if (note && pfn_is_poison(r->entry->pfn))
		note_caret(report, note, report_text(report, "(pfn %llx)",
			(unsigned long long)r->entry->pfn), "no frame of a guest");
	explain(f, entries, live_table);
	f->facts = report_text(report, "%s%s", entries < 3 ? "few" : "many",
		live_table ? " beside live tables" : "");
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0, entries;
	bool live_table;

	(void)state;
	audits_tell_data(replay, false, &rule_table_used_as_data, report);
	if (!tables_hold_data(replay, &entries, &live_table))
		return;
	while (refusal_next(replay, &i, &refusal))
		if (refusal_is_malformed(&refusal))
			alike_add(&alike, &refusal, refusal.entry->entry);
	tell(replay, &alike, live_table, report);
}

const struct rule rule_table_used_as_data = {
	.id = "PGT041",
	.name = "table-used-as-data",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "Data is stored into a page that is still a live page table",
	.why = "somebody owns and writes a page that Xen still counts as an L1 table. Each store is "
	       "taken for a page-table update: most are refused, some may succeed and map memory "
	       "at random",
	.fix = "find how the table's page was handed on: unreserved (PGT003), freed while hooked "
	       "(PGT012) or while pinned (PGT024)",
	.source = "Xen xen/arch/x86/mm.c ptwr_emulated_update(), 3.4-4.20; Linux 3fc509fc0c59",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), a trace with Xen's answers, or a memory dump",
	.bad = "(XEN) mm.c:904:d0 Error getting mfn 6d6f7 (pfn 5555555555555555) from L1 entry "
	       "0000000006d6f703 for l1e_owner=0, pg_owner=0",
	.good = "(XEN) mm.c:604:d7 Error getting mfn 1be18 (pfn 2411a) from L1 entry "
		"000000001be18025 for dom7\n"
		"(XEN) mm.c:3061:d7 ptwr_emulate: fixing up invalid PAE PTE 000000001be18025",
	.roots = "PGT003 PGT012 PGT024 PGT021",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ANSWERS, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.at_end = at_end,
};
