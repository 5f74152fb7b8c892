/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An entry has flags that no guest may set. Xen prints them packed:
 *
 *    23                 12 11                  0
 *    | entry bits 63-52    | entry bits 11-0   |      800000 = NX
 *
 * Source: Xen asm-x86/x86_64/page.h get_pte_flags(), 3.4-4.20. */
#include "core/complaints.h"

const struct rule rule_bad_flags;

#define FLAG_PSE 0x80u
#define FLAG_NX 0x800000u
#define FLAG_GRANT 0x400000u

static bool concerns(const struct complaint_record *c)
{
	bool superpage = (c->level == 2 || c->level == 3) && (c->entry & FLAG_PSE);

	return c->what == COMPLAINT_BAD_FLAGS && !superpage;
}

static uint64_t unpacked(uint64_t flags)
{
	return (flags & 0xfff) | (flags & ~UINT64_C(0xfff)) << 40;
}

static void tell(const struct replay *replay, const struct alike *alike, struct report *report)
{
	const struct refusal *r = &alike->first;
	const struct complaint_record *c = r->first;
	struct finding *f = refusal_finding(replay, &rule_bad_flags, r, report);
	const char *flags = entry_words(report, unpacked(c->entry));
	struct note *note;

	if (!f)
		return;
	finding_message(report, f, "an L%u entry was refused for its flags: %s", c->level, flags);
	if (c->from_trace) {
		f->raise = "Xen's console with page-type messages prints the flags that it refused";
	} else {
		note = finding_note(report, f, c->at, NULL);
		note_caret(report, note, report_text(report, "%llx", (unsigned long long)c->entry),
			"%s", flags);
	}
	if (c->entry == FLAG_NX) {
		f->why = "the kernel sets no-execute in its entries, and the hypervisor runs without "
			 "it: the firmware or a boot option switched NX off, and Xen then allows "
			 "the bit to nobody";
		f->fix = "switch NX (\"execute disable\") on in the firmware, or boot the kernel with "
			 "noexec=off; Linux 707ebbc81c61 asks for NX before it uses it";
	} else if (c->entry & FLAG_GRANT) {
		f->why = "bit 62 marks grant mappings in debug builds of Xen; a guest may not set it";
	}
	f->facts = report_text(report, "level %u flags %llx", c->level,
		(unsigned long long)c->entry);
	if (alike->times > 1)
		finding_note(report, f, c->at, "%u times in this boot", alike->times);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike[5] = { 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (concerns(refusal.first) && refusal.first->level < ARRAY_LEN(alike))
			alike_add(&alike[refusal.first->level], &refusal, refusal.first->entry);
	for (size_t level = 0; level < ARRAY_LEN(alike); level++)
		if (alike[level].times)
			tell(replay, &alike[level], report);
}

const struct rule rule_bad_flags = {
	.id = "PGT030",
	.name = "bad-flags",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A page-table entry has flags that no guest may set",
	.why = "Xen refuses an entry with a flag outside its mask for that level. The kernel made "
	       "it for a processor with other features, or what lies in the table is no entry",
	.fix = "compare the flag with the processor's features as the guest sees them; several "
	       "unrelated flags mean that the page holds something else",
	.source = "Xen xen/arch/x86/mm.c get_page_from_l1e(), L1_DISALLOW_MASK, 3.4-4.20; "
		  "Linux 707ebbc81c61; xen-devel May 2021 (NX off)",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build); in a trace with Xen's answers a refused entry with such flags is inferred",
	.bad = "(XEN) mm.c:860:d0 Bad L1 flags 800000",
	.good = "(XEN) mm.c:944:d0 Bad L2 flags 80\n"
		"(a page size, which has a rule of its own: PGT029)",
	.roots = "PGT017 PGT023 PGT012 PGT024",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ANSWERS },
	.page_table_evidence = true,
	.at_end = at_end,
};
