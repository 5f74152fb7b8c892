/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's own check finds pages both writable and executable. */
#include "core/audits.h"
#include "core/rule.h"

const struct rule rule_wx_mapping;

struct tally {
	const struct wx_record *first;   /* the first that is not "passed" */
	const struct wx_record *counted; /* the line with the number of pages */
	const struct wx_record *place;   /* the first that names an address */
	uint32_t lines;
};

static struct tally tally(const struct replay *replay)
{
	struct tally t = { .lines = 0 };

	for (uint32_t i = 0; i < replay->wx.count; i++) {
		const struct wx_record *wx = &replay->wx.items[i];

		if (wx->passed)
			continue;
		t.lines++;
		if (!t.first)
			t.first = wx;
		if (!t.counted && wx->pages)
			t.counted = wx;
		if (!t.place && wx->address != UNKNOWN_NUMBER)
			t.place = wx;
	}
	return t;
}

/* Areas of x86-64 that stay where they are without CONFIG_RANDOMIZE_MEMORY.
 * Source: Linux Documentation/x86/x86_64/mm.rst. */
static const char *area_of(const struct replay *replay, uint64_t address)
{
	enum certainty certainty;
	paddr_t physical;

	if (address >= UINT64_C(0xffffffffa0000000) && address < UINT64_C(0xffffffffff000000))
		return "where modules are loaded";
	if (address >= UINT64_C(0xffffc90000000000) && address < UINT64_C(0xffffe90000000000))
		return "in vmalloc space";
	if (address >= UINT64_C(0xffffffff80000000) && address < UINT64_C(0xffffffffa0000000))
		return "in the kernel's own image";
	if (replay_direct_map(replay, address, &physical, &certainty))
		return "in the direct map";
	return NULL;
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	struct tally t = tally(replay);
	const char *area = NULL;
	struct finding *f;

	(void)private;
	audits_tell(replay, AUDIT_WX, &rule_wx_mapping, report);
	if (!t.first)
		return;
	f = finding_new(report, &rule_wx_mapping, t.first->at);
	if (t.place)
		area = area_of(replay, t.place->address);
	if (t.counted)
		finding_message(report, f, "%llu %s both writable and executable",
			(unsigned long long)t.counted->pages,
			t.counted->pages == 1 ? "page is" : "pages are");
	else
		finding_message(report, f, "pages are both writable and executable");
	if (t.place && area)
		finding_note(report, f, t.place->at, "%s", area);
	if (t.counted)
		finding_note(report, f, t.counted->at, "the kernel's own count");
	f->facts = report_text(report, "wx %s", area ? area : "somewhere");
}

const struct rule rule_wx_mapping = {
	.id = "PGT056",
	.name = "wx-mapping",
	.severity = SEV_WARNING,
	.scope = SCOPE_ALL,
	.title = "The kernel found pages that are both writable and executable",
	.why = "no boot fails of it, but whoever can write such a page can run code in the kernel; "
	       "some early mapping kept rights that it should have lost",
	.fix = "look up the first address in the kernel's symbols, or in "
	       "/sys/kernel/debug/page_tables/kernel, to see who owns it",
	.source = "Linux arch/x86/mm/dump_pagetables.c note_wx() and "
		  "ptdump_walk_pgd_level_checkwx(), 4.4-7.1",
	.needs = "CONFIG_DEBUG_WX=y, and the log up to the start of init; or a memory dump",
	.bad = "x86/mm: Found insecure W+X mapping at address 0xffffffff81200000\n"
	       "x86/mm: Checked W+X mappings: FAILED, 4 W+X pages found.",
	.good = "x86/mm: Checked W+X mappings: passed, no W+X pages found.",
	.needs_any = { EVIDENCE_WX_CHECK, EVIDENCE_DUMP },
	.at_end = at_end,
};
