/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A brk page becomes a table while the range being mapped holds the brk pool.
 *
 *    being mapped   |..........................................|
 *    brk pool                |T|T|?|?|
 *                                 ^ the new L1 maps it, writable, itself
 *
 * The kernel's guard against this is can_use_brk_pgt; the pages of other
 * ranges (the first MiB, the top of RAM) come from the brk in order. */
#include "core/complaints.h"

const struct rule rule_brk_pgt_in_mapped_range;

struct state {
	struct loc at, mapping_at;      /* the first such page */
	struct pfn_range frames;
	uint32_t pages;
	enum certainty certainty;
};

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct state *state = private;
	const struct mapping_record *current;

	(void)report;
	if (!replay->mappings.count || replay->mappings.lost)
		return;
	current = &replay->mappings.items[replay->mappings.count - 1];
	if (!paddr_range_overlap(current->bytes, event->u.bytes))
		return;
	if (!state->pages) {
		state->at = event->at;
		state->mapping_at = current->at;
		state->frames = pfns_touched(event->u.bytes);
		state->certainty = event->certainty > current->certainty ? event->certainty
									   : current->certainty;
	}
	state->pages += (uint32_t)pfn_range_size(pfns_touched(event->u.bytes));
}

/* Where Xen or the replay of a trace finds that such a page was mapped writable when it
 * was to become a table; unknown: nowhere. */
static struct loc found_writable(const struct replay *replay, struct pfn_range frames)
{
	struct refusal refusal;
	uint32_t i = 0;

	while (refusal_next(replay, &i, &refusal))
		if (refusal_of_writable_table(&refusal) && refusal.bad_type->pfn < PFN_LIMIT &&
		    pfn_range_holds(frames, to_pfn(refusal.bad_type->pfn)))
			return refusal.first->at;
	return LOC_NONE;
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;
	struct loc writable;
	struct finding *f;

	if (!state->pages)
		return;
	f = finding_new(report, &rule_brk_pgt_in_mapped_range, state->at);
	f->where = state->frames;
	/* Whether the entry was written before the page became a table is the order
	 * inside one pass: no line tells, but a refusal does. */
	writable = found_writable(replay, state->frames);
	if (!loc_known(writable))
		finding_at_most(f, INFERRED);
	finding_at_most(f, state->certainty);
	if (replay_setup_done(replay) && !replay_crashed(replay)) {
		f->severity = SEV_WARNING;
		f->why = "this boot got through: the tables were taken before the map came to the "
			 "brk. With another memory map the same kernel dies at its first pin";
	}
	finding_message(report, f, "brk page 0x%llx became a page table while the range being mapped "
		"covers it", (unsigned long long)state->frames.start.n);
	finding_note(report, f, state->mapping_at, "the range being mapped");
	finding_note(report, f, state->at, "taken from the brk during it%s",
		state->pages > 1 ? ", and not the only one" : "");
	if (loc_known(writable))
		finding_note(report, f, writable, "and it is mapped writable then");
	else
		f->raise = "the hypervisor's page-type messages, or a value-level trace";
	f->facts = "brk page in the mapped range";
}

const struct rule rule_brk_pgt_in_mapped_range = {
	.id = "PGT015",
	.name = "brk-pgt-in-mapped-range",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV_BRK_ERA,
	.title = "A page table was taken from the brk while the brk itself was being mapped",
	.why = "the direct map that is being made maps the unused part of the brk pool writable; a "
	       "page taken from there is refused as a page table",
	.fix = "can_use_brk_pgt (Linux 3.9 on) must be false whenever the range overlaps "
	       "[pgt_buf_end, pgt_buf_top)",
	.source = "Linux arch/x86/mm/init.c init_memory_mapping(), alloc_low_pages(), "
		  "can_use_brk_pgt; 3.9.6, 4.19, 6.1",
	.needs = "the BRK lines (3.9 to 5.7) and the init_memory_mapping lines (to 4.2): no trace tells "
		 "which pages are the brk's, nor which range is being mapped; with these lines, Xen's "
		 "page-type messages or a trace prove it",
	.bad = "init_memory_mapping: [mem 0x00100000-0x1fbfffff]\n"
	       "BRK [0x01fdf000, 0x01fdffff] PGTABLE",
	.good = "init_memory_mapping: [mem 0x1fc00000-0x1fdfffff]\n"
		"BRK [0x01fdf000, 0x01fdffff] PGTABLE\n"
		"init_memory_mapping: [mem 0x00100000-0x1fbfffff]",
	.needs_any = { EVIDENCE_BRK_LINES | EVIDENCE_MAPPING },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_TABLE_FROM_BRK),
	.on_event = on_event,
	.at_end = at_end,
};
