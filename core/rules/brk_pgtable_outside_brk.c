/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page-table page of the brk pool is outside the brk.
 *
 *    __brk_base            _brk_end
 *    |== brk, reserved as one ==|            nobody reserved this one:
 *       |T|T|T|                       |T|  <-- the allocator hands it out */
#include "core/rule.h"

const struct rule rule_brk_pgtable_outside_brk;

struct state {
	struct loc first;               /* the first stray page's line */
	struct pfn_range where;         /* from the first to the last stray page */
	uint64_t pages;
	bool inside;                    /* another page was in the brk */
	struct { struct paddr_range bytes; struct loc at; } early[16];
	uint32_t early_count;           /* pages that came before the reservation */
};

static void stray(struct state *state, struct paddr_range bytes, struct loc at)
{
	struct pfn_range frames = pfns_touched(bytes);

	if (!state->pages) {
		state->first = at;
		state->where = frames;
	}
	if (frames.start.n < state->where.start.n)
		state->where.start = frames.start;
	if (frames.end.n > state->where.end.n)
		state->where.end = frames.end;
	state->pages += pfn_range_size(frames);
}

/* The reservation; where none was told, the room that the image has for it, which
 * is as large or larger. */
static struct paddr_range brk_of(const struct replay *replay)
{
	if (paddr_range_empty(replay->brk) && replay_image_is_fixed(replay))
		return replay->image.brk;
	return replay->brk;
}

static void judge_page(const struct replay *replay, struct state *state,
		       struct paddr_range bytes, struct loc at)
{
	if (paddr_range_covers(brk_of(replay), bytes))
		state->inside = true;
	else
		stray(state, bytes, at);
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct state *state = private;

	(void)report;
	if (!paddr_range_empty(replay->brk)) {
		judge_page(replay, state, event->u.bytes, event->at);
	} else if (state->early_count < ARRAY_LEN(state->early)) {
		/* Known only later: the reservation follows in some kernels. */
		state->early[state->early_count].bytes = event->u.bytes;
		state->early[state->early_count].at = event->at;
		state->early_count++;
	}
}

/* "BRK" names itself; a reservation of setup_arch() is the brk by the looks
 * of it, and a page inside confirms that. */
static bool brk_is_sure(const struct replay *replay, const struct state *state)
{
	const struct span *span = range_map_at(&replay->reserved, replay->brk.start.n);
	struct text label = text_of(span ? replay_label(replay, span->value) : "");

	if (paddr_range_empty(replay->brk))
		return true;   /* the image's own symbols */
	return state->inside || text_equal(label, TEXT("BRK")) ||
	       text_equal(label, TEXT("reserve_brk"));
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	struct paddr_range brk = brk_of(replay);
	struct state *state = private;
	struct finding *f;

	if (paddr_range_empty(brk))
		return;
	for (uint32_t i = 0; i < state->early_count; i++)
		judge_page(replay, state, state->early[i].bytes, state->early[i].at);
	if (!state->pages || !brk_is_sure(replay, state))
		return;
	f = finding_new(report, &rule_brk_pgtable_outside_brk, state->first);
	f->where = state->where;
	finding_message(report, f, "%llu page-table page%s of the brk pool, from frame 0x%llx on, %s "
		"outside the brk (0x%llx-0x%llx)", (unsigned long long)state->pages,
		state->pages == 1 ? "" : "s", (unsigned long long)state->where.start.n,
		state->pages == 1 ? "is" : "are",
		(unsigned long long)(brk.start.n >> FRAME_SHIFT),
		(unsigned long long)pfns_touched(brk).end.n);
	finding_note(report, f, state->first, "handed out as a page table");
	if (loc_known(replay->brk_at))
		finding_note(report, f, replay->brk_at, "the brk, reserved as a whole");
	else
		finding_note(report, f, state->first, "the brk of --vmlinux: __brk_base to __brk_limit");
	if (replay_lost_lines(replay) || replay->disagreement)
		finding_at_most(f, INFERRED);
	f->facts = state->where.start.n >= pfns_touched(brk).end.n ? "after the brk"
									     : "before the brk";
}

const struct rule rule_brk_pgtable_outside_brk = {
	.id = "PGT013",
	.name = "brk-pgtable-outside-brk",
	.severity = SEV_ERROR,
	.scope = SCOPE_BRK_ERA,
	.title = "A page table of the brk pool lies outside the reserved brk",
	.why = "the brk is reserved once, when it is closed; a page beyond it is free memory to the "
	       "allocator, and its next owner wipes the table",
	.fix = "call early_alloc_pgt_buf() before reserve_brk(), and nothing that extends the brk "
	       "after it",
	.source = "Linux arch/x86/kernel/setup.c extend_brk(), reserve_brk(); arch/x86/mm/init.c "
		  "early_alloc_pgt_buf(), 3.9-5.7",
	.needs = "the BRK lines (kernels 3.9 to 5.7) and memblock=debug for the brk's reservation; "
		 "or the kernel's vmlinux",
	.bad = "memblock_reserve: [0x0000000001fd2000-0x0000000001fdffff] setup_arch+0x5a8/0xba5\n"
	       "BRK [0x01fdf000, 0x01fdffff] PGTABLE\n"
	       "BRK [0x01fe0000, 0x01fe0fff] PGTABLE",
	.good = "memblock_reserve: [0x0000000001fd2000-0x0000000001fdffff] setup_arch+0x5a8/0xba5\n"
		"BRK [0x01fdf000, 0x01fdffff] PGTABLE",
	.needs_any = { EVIDENCE_BRK_LINES | EVIDENCE_MEMBLOCK,
		       EVIDENCE_BRK_LINES | EVIDENCE_SYMBOLS },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_TABLE_FROM_BRK),
	.on_event = on_event,
	.at_end = at_end,
};
