/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The brk is used up: extend_brk() stops the kernel.
 *
 *    __brk_base                        __brk_limit
 *    |== pgt_buf ==|== p2m leaves ======|XX     BUG_ON(_brk_end + size > limit) */
#include "core/rule.h"

const struct rule rule_brk_exhausted;

static bool ends_with(const char *words, struct text tail)
{
	size_t length = words ? strlen(words) : 0;

	return length >= tail.length && !memcmp(words + length - tail.length, tail.at, tail.length);
}

static bool is_extend_brk(const char *symbol)
{
	return symbol && text_equal(text_of(symbol), TEXT("extend_brk"));
}

/* The registers that Xen or the kernel printed. A page fault there is another
 * matter: the brk was not mapped. */
static const struct fault_record *stopped_there(const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->faults.count; i++)
		if (replay->faults.items[i].has_rip && !replay->faults.items[i].has_code &&
		    is_extend_brk(replay->faults.items[i].rip_symbol))
			return &replay->faults.items[i];
	return NULL;
}

/* All BUGs of this file are in extend_brk(): the closed brk, a wrong
 * alignment, the limit. Source: Linux arch/x86/kernel/setup.c, 4.6.2. */
static const struct bug_record *bug_there(const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->bugs.count; i++)
		if (!replay->bugs.items[i].warning &&
		    ends_with(replay->bugs.items[i].file, TEXT("arch/x86/kernel/setup.c")))
			return &replay->bugs.items[i];
	return NULL;
}

static void explain(const struct replay *replay, struct finding *f, struct report *report)
{
	const struct kernel_version *v = &replay->kernel;

	if (loc_known(replay->brk_at))
		finding_note(report, f, replay->brk_at, "the brk was reserved, and so closed, here: "
			"nothing may extend it any more");
	if (!paddr_range_empty(replay->image.brk))
		f->why = report_text(report, "the kernel's image has %llu KiB for its brk, fixed by "
			"RESERVE_BRK() at link time; a memory map that needs more page-table pages or "
			"p2m leaves than that stops the kernel before its console is up",
			(unsigned long long)(replay->image.brk.end.n - replay->image.brk.start.n) >> 10);
	if (replay_is_pv(replay) && (!v->known || (kernel_from(v, 3, 5, 0) &&
						   kernel_before(v, 3, 6, 0))))
		f->fix = "5bc6f9888db5, then 250a41e0ecc4 (Linux 3.5, 3.6): p2m leaves that are split "
			 "take their pages from elsewhere";
	f->facts = replay_is_pv(replay) ? "pv" : "not pv";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct fault_record *fault = stopped_there(replay);
	const struct bug_record *bug = bug_there(replay);
	struct finding *f;

	(void)private;
	if (!fault && !bug)
		return;
	f = finding_new(report, &rule_brk_exhausted, bug ? bug->at : fault->at);
	finding_message(report, f, "the kernel stopped in extend_brk(): the brk is used up%s",
		loc_known(replay->brk_at) ? " or closed" : "");
	if (bug)
		finding_note(report, f, bug->at, "the only BUGs of this file are extend_brk()'s");
	if (fault)
		finding_note(report, f, fault->rip_at, "the instruction is in extend_brk()");
	else
		finding_at_most(f, INFERRED);
	/* Three conditions share the BUG: which one is not told. */
	finding_at_most(f, INFERRED);
	f->raise = "the kernel's vmlinux: the BUG's line tells which of its conditions failed";
	explain(replay, f, report);
}

const struct rule rule_brk_exhausted = {
	.id = "PGT014",
	.name = "brk-exhausted",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "The brk, from which early page tables and p2m leaves come, is used up",
	.why = "RESERVE_BRK() fixes the room at link time; a memory map that needs more page-table "
	       "pages or p2m leaves than that stops the kernel before its console is up",
	.fix = "raise the RESERVE_BRK() of who took the most; for the page-table pool that is "
	       "INIT_PGT_BUF_SIZE",
	.source = "Linux arch/x86/kernel/setup.c extend_brk(), 2.6.30-7.1; 5bc6f9888db5, 250a41e0ecc4",
	.needs = "the kernel's BUG line or a symbol with its RIP; from a crash that Xen alone "
		 "printed: the kernel's vmlinux",
	.bad = "kernel BUG at arch/x86/kernel/setup.c:131!\n"
	       "RIP: e030:[<ffffffff818a4e33>]  [<ffffffff818a4e33>] extend_brk+0x4b/0x71",
	.good = "BRK [0x01fdf000, 0x01fdffff] PGTABLE",
	.needs_any = { EVIDENCE_KERNEL, EVIDENCE_XEN | EVIDENCE_SYMBOLS },
	.at_end = at_end,
};
