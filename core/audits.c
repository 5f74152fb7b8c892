/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/audits.h"

typedef unsigned long long ull;

static void tell_writable(const struct audit_record *a, struct finding *f, struct report *report)
{
	finding_message(report, f, "frame 0x%llx is a live L%llu table and is mapped writable at "
		"0x%llx", (ull)a->pfn, (ull)a->other, (ull)a->address);
	finding_note(report, f, a->at, "machine frame 0x%llx; the entry may be changed by whoever "
		     "writes there, past all checks", (ull)a->frame);
	f->facts = report_text(report, "dump, L%llu writable", (ull)a->other);
}

static void tell_level(const struct audit_record *a, struct finding *f, struct report *report)
{
	unsigned wanted = a->level - 1u;

	finding_message(report, f, "frame 0x%llx is in use as an L%llu table, and an L%u entry names "
		"it as an L%u table", (ull)a->pfn, (ull)a->other, a->level, wanted);
	finding_note(report, f, a->at, "in the L%u table of frame 0x%llx", a->level,
		     (ull)a->table_pfn);
	f->facts = report_text(report, "dump, L%llu as L%u", (ull)a->other, wanted);
}

static void tell_linear(const struct audit_record *a, struct finding *f, struct report *report)
{
	finding_message(report, f, "an L%u entry of frame 0x%llx names another L%u table, frame 0x%llx",
		a->level, (ull)a->table_pfn, a->level, (ull)a->pfn);
	finding_note(report, f, a->at, "Linux makes no such entry: what names a table of its own level "
		     "is usually stale");
	f->facts = report_text(report, "dump, linear L%u", a->level);
}

static void tell_foreign(const struct audit_record *a, struct finding *f, struct report *report)
{
	finding_message(report, f, "an L%u entry of frame 0x%llx names machine frame 0x%llx as a table, "
		"which is none of the guest's", a->level, (ull)a->table_pfn, (ull)a->frame);
	finding_note(report, f, a->at, "no frame of the guest's P2M has this machine frame");
	f->where = pfn_range(a->table_pfn, a->table_pfn + 1);
	f->facts = report_text(report, "dump, foreign table in L%u", a->level);
}

static void tell_entry(const struct audit_record *a, struct finding *f, struct report *report)
{
	finding_message(report, f, "%llu entr%s of the L%u table in frame 0x%llx %s nothing that a kernel "
		"writes", (ull)a->other, a->other == 1 ? "y" : "ies", a->level, (ull)a->table_pfn,
		a->other == 1 ? "is" : "are");
	finding_note(report, f, a->at, "%sthe machine frame 0x%llx is none of the guest's, and bits "
		     "are set that no entry has", a->other == 1 ? "" : "the first: ", (ull)a->frame);
	f->where = pfn_range(a->table_pfn, a->table_pfn + 1);
	f->facts = report_text(report, "dump, bad entries in L%u", a->level);
}

static void tell_superpage(const struct audit_record *a, struct finding *f, struct report *report)
{
	finding_message(report, f, "an L%u entry of frame 0x%llx maps a large page at 0x%llx", a->level,
		(ull)a->table_pfn, (ull)a->address);
	finding_note(report, f, a->at, "bit 7, PSE");
	f->where = pfn_range(a->table_pfn, a->table_pfn + 1);
	f->facts = report_text(report, "dump, PSE in L%u", a->level);
}

static void tell_twice(const struct audit_record *a, struct finding *f, struct report *report)
{
	f->severity = a->level ? SEV_ERROR : SEV_WARNING;
	finding_message(report, f, "guest frames 0x%llx and 0x%llx both claim machine frame 0x%llx%s",
		(ull)a->pfn, (ull)a->other, (ull)a->frame, a->level ? ", a live page table" : "");
	finding_note(report, f, a->at, "M2P can name one of them only");
	f->facts = a->level ? "dump, two pfns, table" : "dump, two pfns";
}

static void tell_free(const struct audit_record *a, struct finding *f, struct report *report)
{
	finding_message(report, f, "frame 0x%llx is a live L%llu table and is on the page allocator's "
		"free list", (ull)a->pfn, (ull)a->other);
	finding_note(report, f, a->at, "its struct page says that nobody owns it: the next owner's data "
		     "become entries");
	f->facts = report_text(report, "dump, free L%llu table", (ull)a->other);
}

static void tell_wx(const struct audit_record *a, struct finding *f, struct report *report)
{
	finding_message(report, f, "%llu page%s of the kernel %s mapped both writable and executable, the "
		"first at 0x%llx", (ull)a->count, a->count == 1 ? "" : "s",
		a->count == 1 ? "is" : "are", (ull)a->address);
	finding_note(report, f, a->at, "no level of this way takes the right to write or to execute "
		     "away");
	f->facts = "dump, wx";
}

static void tell(const struct replay *replay, const struct audit_record *a,
		 const struct rule *rule, struct report *report)
{
	static void (*const tellers[AUDIT_COUNT])(const struct audit_record *, struct finding *,
						  struct report *) = {
		[AUDIT_WRITABLE_TABLE] = tell_writable, [AUDIT_WRONG_LEVEL] = tell_level,
		[AUDIT_LINEAR] = tell_linear, [AUDIT_FOREIGN_TABLE] = tell_foreign,
		[AUDIT_BAD_ENTRY] = tell_entry, [AUDIT_DATA_IN_TABLE] = tell_entry,
		[AUDIT_SUPERPAGE] = tell_superpage, [AUDIT_CLAIMED_TWICE] = tell_twice,
		[AUDIT_FREE_TABLE] = tell_free, [AUDIT_WX] = tell_wx,
	};
	struct finding *f = finding_new(report, rule, a->at);

	(void)replay;
	if (f->more)
		return;
	if (a->pfn < PFN_LIMIT)
		f->where = pfn_range(a->pfn, a->pfn + 1);
	tellers[a->what](a, f, report);
}

void audits_tell(const struct replay *replay, enum audit what, const struct rule *rule,
		 struct report *report)
{
	for (uint32_t i = 0; i < replay->audits.count; i++)
		if (replay->audits.items[i].what == what)
			tell(replay, &replay->audits.items[i], rule, report);
}

static bool is_fresh(const struct replay *replay, const struct audit_record *a)
{
	paddr_t byte = to_paddr(a->table_pfn << FRAME_SHIFT);

	if (a->table_pfn >= PFN_LIMIT || replay_setup_done(replay))
		return false;
	return paddr_range_holds(replay->brk, byte) || range_map_at(&replay->tables, byte.n) ||
	       replay_pool_of(replay, to_pfn(a->table_pfn));
}

void audits_tell_data(const struct replay *replay, bool fresh, const struct rule *rule,
		      struct report *report)
{
	for (uint32_t i = 0; i < replay->audits.count; i++) {
		const struct audit_record *a = &replay->audits.items[i];

		if (a->what == AUDIT_DATA_IN_TABLE && is_fresh(replay, a) == fresh)
			tell(replay, a, rule, report);
	}
}
