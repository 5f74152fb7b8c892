/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two owners reserved the same page-table frame.
 *
 *    alloc_low_pages   |== table ==|
 *    somebody else         |-----------|     both will write there
 *
 * memblock merges what overlaps and says nothing. An allocator never gives a
 * reserved frame away: one of the two named its range itself. */
#include "core/rule.h"

const struct rule rule_double_reservation;

struct clash {
	struct pfn_range frames;
	struct loc at, before_at;
	const char *owner, *before;   /* who came second, who first */
	enum certainty certainty;
};

struct state {
	struct clash kept[8];
	uint32_t count;               /* kept or not */
};

/* Does memblock's own function speak, for who asked before? */
static bool by_request(const struct replay *replay, const struct event *event)
{
	return replay->request.open && (event->u.range.owner & OWNER_MEMBLOCK);
}

/* Who wants the range. */
static struct text label_of(const struct replay *replay, const struct event *event)
{
	return by_request(replay, event) ? text_of(replay_label(replay, replay->request.label))
					 : event->u.range.label;
}

/* The first span, from `span` on, in the range that has another owner. */
static const struct span *other_owner(const struct replay *replay, const struct range_map *map,
				      const struct span *span, const struct event *event)
{
	struct text owner = label_of(replay, event);

	for (; span && span->start < event->u.range.bytes.end.n; span = range_map_next(map, span)) {
		struct text label = text_of(replay_label(replay, span->value));

		if (span->value && !text_equal(label, owner) &&
		    !(owner_of_label(label) & OWNER_BLOCKS) &&
		    !text_equal(label, TEXT("BRK PGTABLE")))
			return span;
	}
	return NULL;
}

/* The reservation meets a span of the map, `before`. */
static NEVER_INLINE void meets(const struct replay *replay, const struct event *event,
			       const struct range_map *map, const struct span *before,
			       struct state *state, struct report *report)
{
	struct clash *clash;

	before = other_owner(replay, map, before, event);
	/* A table whose reservation was dropped is PGT012's. */
	if (!before || !range_map_held(&replay->reserved, before->start, before->end))
		return;
	if (state->count++ >= ARRAY_LEN(state->kept))
		return;
	clash = &state->kept[state->count - 1];
	clash->frames = pfn_range_meet(pfns_touched(event->u.range.bytes),
				       pfns_touched(paddr_range(before->start, before->end)));
	clash->at = event->at;
	clash->before_at = before->at;
	clash->owner = arena_copy(report->arena, label_of(replay, event));
	clash->before = arena_copy(report->arena, text_of(replay_label(replay, before->value)));
	clash->certainty = event->certainty;
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	uint64_t start = event->u.range.bytes.start.n, end = event->u.range.bytes.end.n;
	uint8_t owner = by_request(replay, event) ? replay->request.owner : event->u.range.owner;
	const struct range_map *map = owner & OWNER_TABLES ? &replay->reserved : &replay->tables;
	const struct span *before;

	if (start >= end || (owner & OWNER_BLOCKS))
		return;
	before = range_map_from(map, start);
	if (before && before->start < end)
		meets(replay, event, map, before, private, report);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;
	bool healthy = replay_setup_done(replay) && !replay_crashed(replay);

	for (uint32_t i = 0; i < state->count && i < ARRAY_LEN(state->kept); i++) {
		const struct clash *clash = &state->kept[i];
		struct finding *f = finding_new(report, &rule_double_reservation, clash->at);

		if (f->more)
			continue;
		if (healthy)
			f->severity = SEV_NOTE;
		finding_at_most(f, clash->certainty);
		f->where = clash->frames;
		finding_message(report, f, "%llu page-table frame%s from 0x%llx on: two owners, %s and %s",
			(unsigned long long)pfn_range_size(clash->frames),
			pfn_range_size(clash->frames) == 1 ? "" : "s",
			(unsigned long long)clash->frames.start.n, clash->before, clash->owner);
		finding_note(report, f, clash->before_at, "first %s", clash->before);
		finding_note(report, f, clash->at, "then %s", clash->owner);
		f->facts = report_text(report, "%s and %s", clash->before, clash->owner);
	}
}

const struct rule rule_double_reservation = {
	.id = "PGT011",
	.name = "double-reservation",
	.severity = SEV_WARNING,
	.scope = SCOPE_ALL,
	.title = "A page-table frame is reserved for two different owners",
	.why = "memblock merges overlapping reservations without a word; when one owner frees its "
	       "part, or writes there, the page table of the other is gone",
	.fix = "one of the two reserves a fixed range (firmware tables, setup data, a crash "
	       "kernel): it has to be reserved before page tables are allocated",
	.source = "Linux mm/memblock.c memblock_add_range(), 2.6.37-7.1",
	.needs = "memblock=debug, or the early-reservation list of 2.6.36 and older",
	.bad = "memblock_reserve: [0x000000001ffd0000-0x000000001ffd0fff] alloc_low_pages+0x9d/0x19b\n"
	       "memblock_reserve: [0x000000001ffd0000-0x000000001ffd1fff] efi_memblock_reserve+0x4b",
	.good = "memblock_reserve: [0x000000001ffd0000-0x000000001ffd0fff] alloc_low_pages+0x9d/0x19b\n"
		"memblock_reserve: [0x000000001ffd1000-0x000000001ffd2fff] efi_memblock_reserve+0x4b",
	.roots = "PGT003 PGT005",
	.needs_any = { EVIDENCE_MEMBLOCK, EVIDENCE_MEMBLOCK | EVIDENCE_ENTRIES },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_RANGE_RESERVED) | EVENT_BIT(EV_RESERVED_LISTED),
	.on_event = on_event,
	.at_end = at_end,
};
