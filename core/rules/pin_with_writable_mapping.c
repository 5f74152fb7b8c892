/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page is pinned or hooked as a table while something maps it writable.
 *
 *    vmap, kmap, ioremap ...  --RW--> page <--PIN_L1-- kernel
 *                                          "saw writable != exp l1"
 *
 * The generic form of PGT001, which takes the frames of the early pools. */
#include "core/complaints.h"

const struct rule rule_pin_with_writable_mapping;

enum how { HOW_PIN, HOW_HOOK, HOW_UNTOLD, HOW_COUNT };

static bool concerns(const struct replay *replay, const struct refusal *r)
{
	const struct pool *pool;

	return refusal_of_writable_table(r) && !r->base &&
	       early_home_of(replay, r->bad_type, &pool) == HOME_NONE;
}

/* A pin names the frame itself; a hook fails in the table above, or is refused
 * as an update: the hint at a linear map comes from there alone. */
static enum how how_of(const struct refusal *r)
{
	if (r->table || r->validating || r->linear)
		return HOW_HOOK;
	return r->pin ? HOW_PIN : HOW_UNTOLD;
}

/* 86bbc2c235e5: the batch write-protected other pages than the one it pinned. */
static bool explain_batch(const struct replay *replay, const struct refusal *r,
			  struct finding *f, struct report *report)
{
	const struct multicall_record *batch = batch_of(replay, r->pin ? r->pin : r->bad_type);
	bool made_ro = false;

	for (uint32_t i = 0; batch && i < batch->call_count; i++) {
		const struct call_record *call = &replay->calls.items[batch->first_call + i];
		enum certainty certainty;
		paddr_t physical;

		if (call->op == 26 && batch_call_failed(call))
			finding_note(report, f, call->at, "the pin that failed");
		if (call->op != 14 || batch_call_failed(call))
			continue;
		/* Lowmem of a 32-bit guest, whose kernel lines may not tell. */
		if (!replay_direct_map(replay, call->argument, &physical, &certainty)) {
			if (call->argument >> 32 || call->argument < 0xc0000000)
				continue;
			physical = to_paddr(call->argument - 0xc0000000);
		}
		if (pfn_of(physical).n == r->bad_type->pfn)
			return false;
		finding_note(report, f, call->at, "write-protects frame 0x%llx, another one",
			(unsigned long long)pfn_of(physical).n);
		made_ro = true;
	}
	return made_ro;
}

static void message(const struct replay *replay, const struct refusal *r, enum how how,
		    struct finding *f, struct report *report)
{
	const char *frame = frame_words(replay, r->bad_type, report);
	const char *wanted = a_type(r->expected.kind);
	const char *times = r->saw.count == 1 ? "once" : report_text(report, "%llu times",
		(unsigned long long)r->saw.count);

	if (how == HOW_PIN)
		finding_message(report, f, "%s was pinned as %s while still mapped writable %s",
			frame, wanted, times);
	else if (how == HOW_HOOK)
		finding_message(report, f, "%s was hooked into the page tables as %s while still "
			"mapped writable %s", frame, wanted, times);
	else
		finding_message(report, f, "%s was about to become %s while still mapped writable %s",
			frame, wanted, times);
}

static void tell(const struct replay *replay, const struct alike *alike, enum how how,
		 struct report *report)
{
	static const char *const words[HOW_COUNT] = { "pin", "hook", "untold" };
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_pin_with_writable_mapping, r, report);
	bool wrong_page;

	if (!f)
		return;
	message(replay, r, how, f, report);
	if (r->linear)
		finding_note(report, f, r->linear->at,
			"said of every writable entry whose target is refused: no linear map is meant");
	wrong_page = explain_batch(replay, r, f, report);
	if (wrong_page) {
		f->why = "the batch write-protected other pages than the one it then pinned: "
			 "the wrong page directory was prepared";
		f->fix = "86bbc2c235e5 (Linux 2.6.28) for a 32-bit guest's suspend";
	}
	f->raise = f->certainty == PROVED ? NULL : "the hypervisor's console as it printed it";
	f->facts = report_text(report, "%s level %d count %d%s", words[how],
		(int)r->expected.kind, r->saw.count > 1 ? 2 : 1, wrong_page ? " wrong page" : "");
	alike_close(alike, f, report);
}

static const struct span *last_table_before(const struct replay *replay, struct loc at)
{
	const struct span *last = NULL;

	for (const struct span *s = range_map_from(&replay->tables, 0); s;
	     s = range_map_next(&replay->tables, s))
		if (s->at.input == at.input && s->at.line < at.line &&
		    (!last || s->at.line > last->at.line))
			last = s;
	return last;
}

/* The kernel says that a pin was refused, and nobody says why: nearly always a
 * writable mapping was left. */
static void tell_bug(const struct replay *replay, struct report *report)
{
	const struct bug_record *bug = refused_pin_bug(replay);
	bool named = bug && *bug->function;
	const struct span *table;
	struct finding *f;

	if (!bug)
		return;
	f = finding_new(report, &rule_pin_with_writable_mapping, bug->at);
	if (f->more)
		return;
	finding_at_most(f, SUSPECTED);
	finding_message(report, f, "the hypervisor refused a page-table page, and the kernel died of "
		"it%s%s", named ? " in " : "", named ? bug->function : "");
	finding_note(report, f, bug->at, "the kernel's answer to a hypercall that failed");
	table = last_table_before(replay, bug->at);
	if (table) {
		finding_note(report, f, table->at, "the last page that was taken for a table before: "
			"frame 0x%llx", (unsigned long long)(table->start >> FRAME_SHIFT));
		f->where = pfns_touched(paddr_range(table->start, table->end));
	}
	f->why = "Xen takes a page as a page table only when no validated L1 table maps it writable; "
		 "that is the usual reason, but the log does not tell it";
	f->fix = "look for what still maps the page writable: in the early direct map see PGT001, "
		 "later a leftover alias (vmap, kmap, ioremap)";
	f->raise = "the hypervisor's console (debug build from Xen 4.6 on, guest_loglvl=all): its "
		   "\"Bad type\" line names the frame and what it was";
	f->facts = "BUG without console";
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike alike[HOW_COUNT] = { 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal))
		if (concerns(replay, &refusal))
			alike_add(&alike[how_of(&refusal)], &refusal, refusal.bad_type->mfn);
	for (int how = 0; how < HOW_COUNT; how++)
		if (alike[how].times)
			tell(replay, &alike[how], (enum how)how, report);
	if (!replay_pool_at_risk(replay))
		tell_bug(replay, report);
}

const struct rule rule_pin_with_writable_mapping = {
	.id = "PGT020",
	.name = "pin-with-writable-mapping",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "A page is pinned or hooked as a page table while a writable mapping of it is left",
	.why = "Xen takes a page as a page table only when no validated L1 table maps it writable. "
	       "An alias was left over: a vmap or vmalloc address, a kmap, an ioremap, or the "
	       "kernel image's second mapping; making the direct map read-only is not enough",
	.fix = "find the alias and flush it before the pin: vmap aliases 64141da58724 (Linux "
	       "2.6.37) and d05fdf316067 (2.6.28), highpte 817a824b75b1 (2.6.34), the DMI scan "
	       "87d034f3139b (2.6.25)",
	.source = "Xen xen/arch/x86/mm.c get_page_type(), 3.4-4.20; Linux arch/x86/xen/mmu.c "
		  "xen_pin_page(), 86bbc2c235e5, 64141da58724",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), or a value-level trace",
	.bad = "(XEN) mm.c:2421:d3 Bad type (saw 7400000000000001 != exp 1000000000000000) for mfn "
	       "61e04 (pfn 1c2fb)\n"
	       "(XEN) mm.c:2985:d3 Error while pinning mfn 61e04",
	.good = "(XEN) mm.c:1790:d0 Bad type (saw 28000001 != exp e0000000) for mfn 2fe5b (pfn 91a)\n"
		"(XEN) mm.c:612:d0 Error getting mfn 2fe5b (pfn 91a) from L1 entry "
		"000000002fe5b063 for dom1",
	.roots = "PGT001",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_PINS, EVIDENCE_PV_BUG },
	.page_table_evidence = true,
	.at_end = at_end,
};
