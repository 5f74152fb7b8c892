/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A memory map that contradicts itself.
 *
 *    entry 1   |------ RAM ------|
 *    entry 2             |--- reserved ---|      whose are the frames between?
 *
 *    RAM       |-------------------|             the last frame is RAM in part:
 *    frames    |      |      |      |             whoever gets it dies halfway
 */
#include "core/rule.h"

const struct rule rule_e820_inconsistent;

enum defect { DEFECT_OVERLAP, DEFECT_UNSORTED, DEFECT_EMPTY, DEFECT_INVERTED, DEFECT_PARTIAL,
	      DEFECT_COUNT };

struct trouble {
	struct paddr_range bytes;   /* what is contested */
	struct loc at, other;
};

struct state {
	/* The list that is being printed. */
	bool open;
	bool first_again;           /* its first entry was told a second time */
	enum map_view view;
	struct paddr_range first, last, highest;
	enum memory_type last_type;
	struct loc last_at, highest_at;
	/* The first of each kind, the worst one, and how many. */
	struct trouble *troubles[DEFECT_COUNT];   /* TROUBLES_MAX; in `arena` */
	uint32_t count[DEFECT_COUNT];
	struct arena *arena;
};
#define TROUBLES_MAX 16u

static void keep(struct state *state, enum defect defect, struct paddr_range bytes,
		 struct loc at, struct loc other)
{
	uint32_t n = state->count[defect]++;

	if (!n)
		state->troubles[defect] = arena_alloc(state->arena,
						      TROUBLES_MAX * sizeof(struct trouble));
	if (n < TROUBLES_MAX)
		state->troubles[defect][n] = (struct trouble){ bytes, at, other };
}

static void begin_list(struct state *state, const struct event *event)
{
	state->open = true;
	state->first_again = false;
	state->view = event->u.map.view;
	state->first = event->u.map.bytes;
	state->last = state->highest = event->u.map.bytes;
	state->last_at = state->highest_at = event->at;
	state->last_type = event->u.map.type;
}

/* The kernel prints a list in one go; others may put a line between. */
#define LINES_APART 16u

/* A log may hold a list again without its header, in whole or in part: the
 * second one begins where the first one did, or far from it. */
static bool begins_list(const struct state *state, const struct event *event)
{
	return !state->open || state->view != event->u.map.view ||
	       state->first.start.n == event->u.map.bytes.start.n ||
	       !loc_within(state->last_at, event->at, LINES_APART);
}

/* A list has no entry twice: the line was delivered twice, or all of the list is. */
static bool is_copy(const struct replay *replay, struct state *state, const struct event *event)
{
	if (!state->open || state->view != event->u.map.view || !replay_map_has(replay, event))
		return false;
	state->first_again |= state->first.start.n == event->u.map.bytes.start.n;
	return true;
}

static bool contradicts(const struct state *state, struct paddr_range bytes)
{
	return paddr_range_overlap(state->highest, bytes) || bytes.start.n < state->last.start.n;
}

/* The line before, told in another way: a diff of two boots' lists. */
static bool replaces_last(const struct state *state, const struct event *event)
{
	struct paddr_range bytes = event->u.map.bytes;
	bool same_start = bytes.start.n == state->last.start.n;
	bool same_end = bytes.end.n == state->last.end.n;

	return event->at.line == state->last_at.line + 1 &&
	       ((same_start && same_end) ||
		((same_start || same_end) && event->u.map.type == state->last_type));
}

static void replace_last(struct state *state, const struct event *event)
{
	if (state->highest.end.n == state->last.end.n) {
		state->highest = event->u.map.bytes;
		state->highest_at = event->at;
	}
	state->last = event->u.map.bytes;
	state->last_type = event->u.map.type;
	state->last_at = event->at;
}

static void entry(const struct replay *replay, struct state *state, const struct event *event)
{
	struct paddr_range bytes = event->u.map.bytes;

	/* Xen prints its own map before it put it in order, too. */
	if (event->u.map.view == VIEW_HOST)
		return;
	if (paddr_range_empty(bytes)) {
		keep(state, DEFECT_EMPTY, bytes, event->at, LOC_NONE);
		return;
	}
	if (is_copy(replay, state, event))
		return;
	if (begins_list(state, event) || (state->first_again && contradicts(state, bytes))) {
		begin_list(state, event);
		return;
	}
	if (replaces_last(state, event)) {
		replace_last(state, event);
		return;
	}
	if (paddr_range_overlap(state->highest, bytes))
		keep(state, DEFECT_OVERLAP, paddr_range_meet(state->highest, bytes), event->at,
		     state->highest_at);
	else if (bytes.start.n < state->last.start.n)
		keep(state, DEFECT_UNSORTED, bytes, event->at, state->last_at);
	state->last = bytes;
	state->last_type = event->u.map.type;
	state->last_at = event->at;
	if (bytes.end.n > state->highest.end.n) {
		state->highest = bytes;
		state->highest_at = event->at;
	}
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct state *state = private;

	state->arena = report->arena;
	switch (event->kind) {
	case EV_MAP_ENTRY:
		entry(replay, state, event);
		break;
	case EV_MILESTONE:
		if (event->u.milestone.step == STEP_MAP_HEADER)
			state->open = false;
		break;
	case EV_RANGE_ABSURD:
		if (text_equal(event->u.range.label, TEXT("memory map entry")))
			keep(state, DEFECT_INVERTED, event->u.range.bytes, event->at, LOC_NONE);
		break;
	default:
		break;
	}
}

/* --- frames that are RAM in part ----------------------------------------- */

static struct paddr_range frame_around(uint64_t address)
{
	uint64_t start = address & ~(uint64_t)(FRAME_BYTES - 1);

	return paddr_range(start, start + FRAME_BYTES);
}

/* Entries of one type that touch are one piece: setup_data splits RAM at any
 * byte, and the kernel joins it again. Below 1 MiB the end of RAM at 0x9fc00
 * is the firmware's own data area on every PC. */
#define LOW_MEMORY UINT64_C(0x100000)

static void partial_frames(const struct replay *replay, struct state *state)
{
	const struct span *span = range_map_from(&replay->map_in_force, LOW_MEMORY);

	while (span) {
		uint64_t start = span->start, end = span->end;
		struct loc start_at = span->at, end_at = span->at;
		const struct span *next = range_map_next(&replay->map_in_force, span);

		if (span->value != MEMORY_RAM) {
			span = next;
			continue;
		}
		for (; next && next->start == end && next->value == MEMORY_RAM;
		     next = range_map_next(&replay->map_in_force, next)) {
			end = next->end;
			end_at = next->at;
		}
		if (start >= LOW_MEMORY && (start & (FRAME_BYTES - 1)))
			keep(state, DEFECT_PARTIAL, frame_around(start), start_at, LOC_NONE);
		if (end & (FRAME_BYTES - 1))
			keep(state, DEFECT_PARTIAL, frame_around(end), end_at, LOC_NONE);
		span = next;
	}
}

/* --- who lives there ----------------------------------------------------- */

/* The line that puts a page table, or the pool for them, into `bytes`. */
static struct loc tables_in(const struct replay *replay, struct paddr_range bytes)
{
	const struct span *table = range_map_from(&replay->tables, bytes.start.n);

	if (table && table->start < bytes.end.n)
		return table->at;
	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (pfn_range_overlap(replay->pools.items[i].plan, pfns_touched(bytes)))
			return replay->pools.items[i].planned_at;
	return LOC_NONE;
}

/* The trouble that concerns page tables, else the first. */
static const struct trouble *worst(const struct replay *replay, const struct state *state,
				   enum defect defect, struct loc *tables)
{
	const struct trouble *troubles = state->troubles[defect];
	uint32_t count = state->count[defect];

	*tables = LOC_NONE;
	if (count > TROUBLES_MAX)
		count = TROUBLES_MAX;
	for (uint32_t i = 0; i < count; i++) {
		*tables = tables_in(replay, troubles[i].bytes);
		if (loc_known(*tables))
			return &troubles[i];
	}
	return &troubles[0];
}

static const struct {
	const char *says;      /* what the entry does: "0x1000-0x2000 %s" */
	const char *facts;
	const char *other;     /* of the second line */
} words[DEFECT_COUNT] = {
	[DEFECT_OVERLAP] = { "is in two entries of the memory map", "overlap",
			     "the entry that it overlaps" },
	[DEFECT_UNSORTED] = { "comes after a higher entry of the memory map", "unsorted",
			      "the higher entry" },
	[DEFECT_EMPTY] = { "is a memory-map entry without a byte", "empty", "" },
	[DEFECT_INVERTED] = { "is a memory-map entry that ends before it starts", "inverted", "" },
	[DEFECT_PARTIAL] = { "is RAM in part only: the memory map ends inside this page",
			     "partial page", "" },
};

static void report_defect(const struct replay *replay, const struct state *state,
			  enum defect defect, struct report *report)
{
	struct loc tables;
	const struct trouble *t = worst(replay, state, defect, &tables);
	const char *others = "";
	struct finding *f;

	/* Natively the kernel keeps to whole pages by itself; a PV guest before
	 * 7cb31b752c71 takes the map as it is. */
	if (defect == DEFECT_PARTIAL && !loc_known(tables) && !replay_is_pv(replay))
		return;
	f = finding_new(report, &rule_e820_inconsistent, t->at);
	if (state->count[defect] > 1)
		others = report_text(report, " (and %u more like it)", state->count[defect] - 1);
	finding_message(report, f, "0x%llx-0x%llx %s%s", (unsigned long long)t->bytes.start.n,
		(unsigned long long)t->bytes.end.n, words[defect].says, others);
	finding_note(report, f, t->other, "%s", words[defect].other);
	f->where = pfns_touched(t->bytes);
	f->facts = words[defect].facts;
	if (loc_known(tables)) {
		finding_note(report, f, tables, "page tables were put there");
		f->facts = report_text(report, "%s with tables", words[defect].facts);
	}
	if (defect == DEFECT_UNSORTED) {
		finding_at_most(f, SUSPECTED);
		f->why = "a kernel sorts its map before it prints it: more likely, lines of the log are "
			 "out of order";
		f->fix = "capture the log again, and compare the memory map";
		return;
	}
	if (loc_known(tables))
		f->severity = SEV_ERROR;
	if (defect == DEFECT_PARTIAL) {
		f->why = "memory is handed out by the page: the one that takes this page writes "
			 "past the end of RAM";
		f->fix = "7cb31b752c71 (Linux 2.6.38) cuts RAM at page boundaries";
	}
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	struct state *state = private;

	state->arena = report->arena;
	partial_frames(replay, state);
	for (int defect = 0; defect < DEFECT_COUNT; defect++)
		if (state->count[defect])
			report_defect(replay, state, (enum defect)defect, report);
}

const struct rule rule_e820_inconsistent = {
	.id = "PGT050",
	.name = "e820-inconsistent",
	.severity = SEV_WARNING,
	.scope = SCOPE_ALL,
	.title = "The memory map contradicts itself: entries overlap, or RAM ends inside a page",
	.why = "what one part of the kernel takes for RAM is reserved for another; page tables that "
	       "land there are overwritten by the firmware or a device",
	.fix = "look at who wrote the map: the firmware (update it), memmap= options, the "
	       "domain's builder",
	.source = "Linux arch/x86/kernel/e820.c sanitize_e820_map(), 2.6.30-7.1: what is printed has "
		  "been through it; 7cb31b752c71 "
		  "(2.6.38, RAM that ends inside a page under Xen)",
	.needs = "the memory map",
	.bad = "Xen: 0000000000100000 - 000000001fe6d800 (usable)\n"
	       "Xen: 000000001fe6d800 - 0000000020000000 (reserved)",
	.good = "Xen: 0000000000100000 - 000000001fe6d000 (usable)\n"
		"Xen: 000000001fe6d000 - 0000000020000000 (reserved)",
	.needs_any = { EVIDENCE_MAP },
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_MAP_ENTRY) | EVENT_BIT(EV_MILESTONE) | EVENT_BIT(EV_RANGE_ABSURD),
	.on_event = on_event,
	.at_end = at_end,
};
