/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page-table page from memblock is not mapped yet when it is written.
 *
 *    mapped      |####|                              |####|
 *    asked for        . from                  max_addr .
 *    got                        |T|  <-- no entry maps it: #PF in clear_page()
 *
 * From 3.9 on the kernel takes such pages from [min_pfn_mapped,
 * max_pfn_mapped) and writes them through the direct map. The request line of
 * 6.1 tells that window; the map lines tell what is really mapped. */
#include "core/rule.h"

const struct rule rule_late_pool_page_not_mapped;

struct state {
	struct {
		struct pfn_range frames;
		struct loc at, against;   /* the page; the window or the mapping */
		bool past_window;
		enum certainty certainty;
	} kept[8];
	uint32_t count;                   /* kept or not */
};

static bool is_allocator(struct text label)
{
	return text_equal(label, TEXT("alloc_low_pages")) ||
	       text_equal(label, TEXT("alloc_low_page"));
}

/* To 5.14 the reserve line names alloc_low_pages(); later its request does. */
static bool gives_table(const struct replay *replay, const struct event *event, bool *by_request)
{
	uint8_t owner = event->u.range.owner;

	*by_request = replay->request.open && (owner & OWNER_MEMBLOCK);
	return (*by_request ? replay->request.owner : owner) & OWNER_LOW_PAGES;
}

/* Mapped by what came before the range that is being mapped? The pages of the
 * current one are mapped one after the other: not to be relied on. */
static bool mapped_before(const struct replay *replay, struct paddr_range page)
{
	uint64_t x = page.start.n;
	bool moved = true;

	while (moved && x < page.end.n) {
		moved = false;
		for (uint32_t i = 0; i + 1 < replay->mappings.count; i++) {
			if (!paddr_range_holds(replay->mappings.items[i].bytes, to_paddr(x)))
				continue;
			x = replay->mappings.items[i].bytes.end.n;
			moved = true;
		}
	}
	return x >= page.end.n;
}

static void keep(struct state *state, const struct event *event, struct loc against,
		 bool past_window)
{
	uint32_t i = state->count++;

	if (i >= ARRAY_LEN(state->kept))
		return;
	state->kept[i].frames = pfns_touched(event->u.range.bytes);
	state->kept[i].at = event->at;
	state->kept[i].against = against;
	state->kept[i].past_window = past_window;
	state->kept[i].certainty = event->certainty;
}

static NEVER_INLINE void table_given(const struct replay *replay, const struct event *event,
				     struct state *state, bool by_request)
{
	struct paddr_range bytes = event->u.range.bytes;

	if (by_request && replay->request.within.end.n &&
	    !paddr_range_covers(replay->request.within, bytes))
		keep(state, event, replay->request.at, true);
	else if (replay->mappings.count && !replay->mappings.lost &&
		 !mapped_before(replay, bytes))
		keep(state, event, replay->mappings.items[replay->mappings.count - 1].at, false);
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	bool by_request;

	(void)report;
	if (!paddr_range_empty(event->u.range.bytes) && gives_table(replay, event, &by_request))
		table_given(replay, event, private, by_request);
}

/* --- the crash itself ------------------------------------------------------- */

/* A write to a page that is not present, in the function that clears the page
 * it has just taken: it writes nothing else through the direct map.
 * Source: Linux arch/x86/mm/init.c alloc_low_pages(), 3.9-7.1. */
static const struct fault_record *died_there(const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->faults.count; i++) {
		const struct fault_record *fault = &replay->faults.items[i];

		if (fault->has_code && (fault->code & 0x1b) == 2 && fault->has_rip &&
		    fault->rip_symbol && is_allocator(text_of(fault->rip_symbol)))
			return fault;
	}
	return NULL;
}

static void crashed(const struct replay *replay, const struct fault_record *fault,
		    struct report *report)
{
	struct finding *f = finding_new(report, &rule_late_pool_page_not_mapped, fault->at);
	enum certainty certainty = PROVED;
	paddr_t physical;
	uint64_t address;
	struct loc at;

	if (f->more)
		return;
	finding_at_most(f, INFERRED);
	finding_message(report, f, "the kernel died clearing a new page-table page that is not "
		"mapped");
	note_caret(report, finding_note(report, f, fault->at, NULL),
		report_text(report, "%llx", (unsigned long long)fault->address),
		"the page it had just taken");
	note_caret(report, finding_note(report, f, fault->code_at, NULL),
		report_text(report, "%04x", fault->code), "write to a page that is not present");
	note_caret(report, finding_note(report, f, fault->rip_at, NULL), fault->rip_symbol,
		"takes page-table pages from memblock and clears them");
	if (fault_address(fault, &address, &at) &&
	    replay_direct_map(replay, address, &physical, &certainty)) {
		f->where = pfn_range(pfn_of(physical).n, pfn_of(physical).n + 1);
		finding_at_most(f, certainty);
	}
	f->raise = "memblock=debug and the init_memory_mapping lines show the page and what was "
		   "mapped by then";
	f->facts = "fault in the allocator";
}

/* --- all of it ---------------------------------------------------------------- */

static void reserved(const struct replay *replay, const struct state *state, uint32_t i,
		     struct report *report)
{
	struct finding *f = finding_new(report, &rule_late_pool_page_not_mapped, state->kept[i].at);

	if (f->more)
		return;
	f->where = state->kept[i].frames;
	finding_at_most(f, state->kept[i].certainty);
	finding_message(report, f, "page-table page 0x%llx lies outside %s",
		(unsigned long long)f->where.start.n, state->kept[i].past_window ?
		"the window that the kernel asked for" : "what was mapped when it was taken");
	finding_note(report, f, state->kept[i].at, "the page");
	if (state->kept[i].past_window)
		finding_note(report, f, state->kept[i].against, "the window: what the kernel "
			"believed to be mapped");
	else
		finding_note(report, f, state->kept[i].against, "was still being mapped; earlier "
			"lines of this kind do not cover the page");
	f->facts = state->kept[i].past_window ? "past the window" : "not mapped";
	if (replay_crashed(replay))
		return;
	/* The entries of an earlier stage (head.S, Xen) may map it as well. */
	f->severity = SEV_WARNING;
	finding_at_most(f, INFERRED);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct fault_record *fault = died_there(replay);
	const struct state *state = private;

	for (uint32_t i = 0; i < state->count && i < ARRAY_LEN(state->kept); i++)
		reserved(replay, state, i, report);
	if (fault)
		crashed(replay, fault, report);
}

const struct rule rule_late_pool_page_not_mapped = {
	.id = "PGT016",
	.name = "late-pool-page-not-mapped",
	.severity = SEV_ERROR,
	.scope = SCOPE_BRK_ERA,
	.title = "A page-table page was taken from memory that is not mapped yet",
	.why = "the kernel clears and fills new tables through the direct map; a page that no entry "
	       "maps yet cannot be written, and the first write is a fatal page fault",
	.fix = "page-table pages must come from [min_pfn_mapped, max_pfn_mapped) and the whole of "
	       "that must be mapped; memory that is mapped later must not be counted",
	.source = "Linux arch/x86/mm/init.c alloc_low_pages(), init_range_memory_mapping(), 3.9-7.1",
	.needs = "memblock=debug and the init_memory_mapping lines (to 4.2); from 6.1 on the request "
		 "lines of memblock=debug alone; or the page fault in alloc_low_pages()",
	.bad = "init_memory_mapping: [mem 0x1fc00000-0x1fdfffff]\n"
	       "init_memory_mapping: [mem 0x00100000-0x1fbfffff]\n"
	       "memblock_reserve: [0x0000001e000000-0x0000001e001000] alloc_low_pages+0x103/0x130",
	.good = "init_memory_mapping: [mem 0x1fc00000-0x1fdfffff]\n"
		"init_memory_mapping: [mem 0x00100000-0x1fbfffff]\n"
		"memblock_reserve: [0x0000001fdff000-0x0000001fe00000] alloc_low_pages+0x103/0x130",
	/* The crash needs no switch to be seen; what leads to it does. */
	.needs_any = { EVIDENCE_MEMBLOCK | EVIDENCE_MAPPING, EVIDENCE_MEMBLOCK,
		       EVIDENCE_KERNEL | EVIDENCE_SETUP_END },
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_RANGE_RESERVED),
	.owners = OWNER_LOW_PAGES | OWNER_MEMBLOCK,
	.on_event = on_event,
	.at_end = at_end,
};
