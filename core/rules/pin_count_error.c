/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page is pinned twice, or unpinned without having been pinned; or it is one that
 * Linux cannot mark as pinned. */
#include "core/complaints.h"

const struct rule rule_pin_count_error;

/* Lines around the complaint in which its BUG may stand: Xen's console and the
 * kernel's oops are written by two hands, the oops is long. */
#define OOPS_LINES 60u

static const struct bug_record *bug_near(const struct replay *replay,
					 const struct complaint_record *c)
{
	for (uint32_t i = 0; i < replay->bugs.count; i++) {
		const struct bug_record *bug = &replay->bugs.items[i];
		uint32_t apart = bug->at.line > c->at.line ? bug->at.line - c->at.line
							   : c->at.line - bug->at.line;

		if (!bug->warning && apart <= OOPS_LINES &&
		    text_contains(text_of(bug->file), TEXT("/xen/")))
			return bug;
	}
	return NULL;
}

static void tell(const struct replay *replay, const struct alike *alike, bool twice,
		 struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_pin_count_error, r, report);
	const struct bug_record *bug;

	if (!f)
		return;
	finding_message(report, f, twice ? "%s was pinned although it was pinned already"
					 : "%s was unpinned although it was not pinned",
		frame_words(replay, r->first, report));
	bug = bug_near(replay, r->first);
	if (bug) {
		f->severity = SEV_ERROR;
		finding_note(report, f, bug->at, "the kernel gave up over it");
	}
	if (!twice)
		f->why = "the kernel takes the page for a pinned table and Xen does not: its pinned "
			 "flag was set without a pin, or somebody unpinned the page before";
	f->facts = report_text(report, "%s%s", twice ? "twice" : "never", bug ? " bug" : "");
	alike_close(alike, f, report);
}

/* Before 6.15 a page directory could be allocated as a compound page. */
static void tell_compound(const struct bug_record *bug, struct report *report)
{
	struct finding *f = finding_new(report, &rule_pin_count_error, bug->at);

	if (f->more)
		return;
	f->severity = SEV_ERROR;
	finding_at_most(f, INFERRED);
	finding_message(report, f, "the kernel gave up in %s: a page of its page tables cannot be "
		"marked as pinned", bug->function);
	finding_note(report, f, bug->at, "the kernel's own check of page flags");
	f->why = "the table was allocated as a compound page (of several frames, with __GFP_COMP), "
		 "and such a page has no Pinned flag; a kernel without CONFIG_DEBUG_VM_PGFLAGS does "
		 "not notice";
	f->fix = "4ce385f56434 (Linux 6.15): _pgd_alloc() takes no compound pages";
	f->facts = "compound";
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike twice = { .times = 0 }, never = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	for (uint32_t b = 0; b < replay->bugs.count; b++)
		if (bug_is_of_pin(&replay->bugs.items[b]))
			tell_compound(&replay->bugs.items[b], report);
	while (refusal_next(replay, &i, &refusal)) {
		if (refusal.first->what == COMPLAINT_ALREADY_PINNED)
			alike_add(&twice, &refusal, refusal.first->mfn);
		else if (refusal.first->what == COMPLAINT_NOT_PINNED)
			alike_add(&never, &refusal, refusal.first->mfn);
	}
	if (twice.times)
		tell(replay, &twice, true, report);
	if (never.times)
		tell(replay, &never, false, report);
}

const struct rule rule_pin_count_error = {
	.id = "PGT025",
	.name = "pin-count-error",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "A page table is pinned twice, unpinned without a pin, or cannot be marked as pinned",
	.why = "the same table was announced twice (a shadow or shared table hooked in several "
	       "places), or suspend pinned what was pinned; Xen refuses the second pin and the "
	       "kernel's idea of the page differs from Xen's",
	.fix = "announce each table once; 6a9e91846bf5 (Linux 2.6.27) for kernels without split "
	       "page-table locks; for KASAN on PV keep its shared early tables out of "
	       "xen_alloc_p*()",
	.source = "Xen xen/arch/x86/mm.c do_mmuext_op(), 3.4-4.20; Linux 6a9e91846bf5, 4ce385f56434; "
		  "LKML Jan-Feb 2020 (KASAN on PV)",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), or a value-level trace; of a compound page the kernel's own BUG",
	.bad = "(XEN) arch/x86/mm.c:3588:d0v0 mfn 41710 already pinned",
	.good = "(XEN) arch/x86/mm.c:2940:d0v0 Bad type (saw e400000000000001 != exp "
		"2000000000000000) for mfn 36722 (pfn 064de)\n"
		"(XEN) arch/x86/mm.c:3576:d0v0 Error -22 while pinning mfn 36722\n"
		"(refused for what the page is, not for being pinned already)",
	.roots = "PGT024",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_PINS, EVIDENCE_PIN_BUG },
	.page_table_evidence = true,
	.at_end = at_end,
};
