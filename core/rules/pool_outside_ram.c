/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A pool frame is not memory according to the map that is in force.
 *
 *    map     |------- RAM -------|-- reserved --|      hole      |-- RAM --|
 *    pool                    |=========|
 *                                ^ the first frame that is no RAM
 *
 * A frame that RAM only half covers is none: 7cb31b752c71 (Linux 2.6.38). */
#include "core/rule.h"

const struct rule rule_pool_outside_ram;

/* The first bad part of a pool, as the map was when the pool came. */
struct breach {
	struct loc at;               /* the pool line */
	struct paddr_range bad;
	struct loc map_at;           /* the entry that says so; unknown: a hole */
	enum memory_type type;
	struct loc ram_at;           /* the RAM entry that ends where `bad` begins */
	enum certainty certainty;
	bool brk;
};

struct state {
	struct breach kept[8];
	uint32_t count;              /* kept or not */
};

static const char *type_words(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM: return "RAM";
	case MEMORY_RESERVED: return "reserved";
	case MEMORY_ACPI: return "ACPI data";
	case MEMORY_NVS: return "ACPI NVS";
	case MEMORY_UNUSABLE: return "unusable";
	case MEMORY_PMEM: case MEMORY_PRAM: return "persistent memory";
	case MEMORY_SOFT_RESERVED: return "soft reserved";
	case MEMORY_OTHER: case MEMORY_ANY: break;
	}
	return "not usable";
}

/* Finds the first part of `bytes` that is not RAM; false when all of it is. */
static bool first_not_ram(const struct range_map *map, struct paddr_range bytes,
			  struct breach *breach)
{
	uint64_t x = bytes.start.n;
	const struct span *span;

	while (x < bytes.end.n) {
		span = range_map_from(map, x);
		if (!span || span->start > x) {
			uint64_t end = span && span->start < bytes.end.n ? span->start : bytes.end.n;

			breach->bad = paddr_range(x, end);
			breach->map_at = LOC_NONE;
			return true;
		}
		if (span->value != MEMORY_RAM) {
			breach->bad = paddr_range(x, span->end < bytes.end.n ? span->end
									     : bytes.end.n);
			breach->map_at = span->at;
			breach->type = span->value;
			return true;
		}
		breach->ram_at = span->at;
		x = span->end;
	}
	return false;
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	bool brk = event->kind == EV_TABLE_FROM_BRK;
	struct paddr_range bytes = brk ? event->u.bytes : bytes_of(event->u.pool.plan);
	struct state *state = private;
	struct breach breach = { .at = event->at, .certainty = event->certainty, .brk = brk };

	(void)report;
	if (!(replay->evidence & EVIDENCE_MAP) ||
	    !first_not_ram(&replay->map_in_force, bytes, &breach))
		return;
	if (state->count < ARRAY_LEN(state->kept))
		state->kept[state->count] = breach;
	state->count++;
}

/* Does the captured map reach as far as the kernel itself found RAM? If not,
 * lines are missing, and a hole means nothing. */
static bool map_is_whole(const struct replay *replay)
{
	const struct span *span;
	uint64_t top = 0;

	if (!replay->steps[STEP_MAP_HEADER].reached || replay_lost_lines(replay) ||
	    replay->map_clashes)
		return false;
	for (span = range_map_from(&replay->map_in_force, 0); span;
	     span = range_map_next(&replay->map_in_force, span))
		if (span->value == MEMORY_RAM && span->end > top)
			top = span->end;
	return !replay->last_pfn.n || top >> FRAME_SHIFT >= replay->last_pfn.n;
}

static void add_notes(const struct breach *breach, struct finding *f, struct report *report)
{
	finding_note(report, f, breach->at, breach->brk ? "the page-table pages" : "the pool");
	if (loc_known(breach->map_at))
		finding_note(report, f, breach->map_at, "the map has it as %s",
			type_words(breach->type));
	if (loc_known(breach->ram_at))
		finding_note(report, f, breach->ram_at, "RAM ends at 0x%llx",
			(unsigned long long)breach->bad.start.n);
}

static void breached(const struct replay *replay, const struct breach *breach, bool whole,
		     struct report *report)
{
	bool hole = !loc_known(breach->map_at);
	bool half = breach->bad.start.n & (FRAME_BYTES - 1);
	struct finding *f;

	/* What memblock got of the map before the pool came is RAM: an entry is lost. */
	if ((hole && !whole) ||
	    range_map_covers(&replay->memory, breach->bad.start.n, breach->bad.end.n))
		return;
	f = finding_new(report, &rule_pool_outside_ram, breach->at);
	if (f->more)
		return;
	f->where = pfns_touched(breach->bad);
	finding_at_most(f, breach->certainty);
	/* The silence of a map is weaker than its word. */
	if (hole)
		finding_at_most(f, INFERRED);
	/* A kernel that finds itself outside RAM (memmap= may say so on purpose)
	 * adds its own range, and with it the brk, to its map.
	 * Source: Linux arch/x86/kernel/setup.c e820_add_kernel_range(). */
	if (breach->brk)
		finding_at_most(f, SUSPECTED);
	/* What a whole map says of a pool is enough; its silence, or a brk that may
	 * have been moved, needs a boot that fails before its page tables are there. */
	if (!whole) {
		f->severity = SEV_WARNING;
		finding_at_most(f, SUSPECTED);
		f->raise = "the memory map without lost or damaged lines: it contradicts itself, or ends "
			   "below the RAM that the kernel found";
	} else if ((hole || breach->brk) && (!replay_crashed(replay) || replay_setup_done(replay))) {
		f->severity = SEV_WARNING;
		finding_at_most(f, INFERRED);
		f->raise = "the memory map that the kernel really used (ignore_loglevel keeps its "
			   "updates): nothing shows that this boot failed";
	}
	finding_message(report, f, "%s frame 0x%llx is not RAM: %s%s",
		breach->brk ? "page-table" : "pool", (unsigned long long)f->where.start.n,
		hole ? "the memory map has nothing there" : type_words(breach->type),
		half ? ", and RAM covers only part of the frame" : "");
	add_notes(breach, f, report);
	if (half)
		f->fix = "7cb31b752c71 (Linux 2.6.38): round the end of RAM down to a page";
	f->facts = report_text(report, "%s %s%s", breach->brk ? "brk" : "pool",
		hole ? "hole" : type_words(breach->type), half ? " half" : "");
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;
	bool whole = map_is_whole(replay);
	bool brk_told = false;

	for (uint32_t i = 0; i < state->count && i < ARRAY_LEN(state->kept); i++) {
		const struct breach *breach = &state->kept[i];

		/* The brk is one block: its first bad page stands for all. */
		if (breach->brk && brk_told)
			continue;
		brk_told |= breach->brk;
		breached(replay, breach, whole, report);
	}
}

const struct rule rule_pool_outside_ram = {
	.id = "PGT006",
	.name = "pool-outside-ram",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "A page-table pool contains frames that are not RAM",
	.why = "page tables were written where no memory is, or where the firmware keeps its own: "
	       "entries read back as something else, and under Xen the frame has no machine page",
	.fix = "find who changed the memory map after the kernel read it (mem=, memmap=, "
	       "e820 update lines), or who gave the pool's search a wrong limit",
	.source = "Linux arch/x86/mm/init.c find_early_table_space(), arch/x86/kernel/e820.c; "
		  "7cb31b752c71",
	.needs = "the pool or BRK lines and the memory map",
	.bad = "BIOS-e820: 0000000000100000 - 000000001ff60000 (usable)\n"
	       "BIOS-e820: 000000001ff60000 - 0000000020000000 (reserved)\n"
	       "kernel direct mapping tables up to 20000000 @ 1ff00000-20000000",
	.good = "BIOS-e820: 0000000000100000 - 000000001ff60000 (usable)\n"
		"kernel direct mapping tables up to 1ff60000 @ 1fe60000-1ff60000",
	.needs_any = { EVIDENCE_POOL | EVIDENCE_MAP, EVIDENCE_BRK_LINES | EVIDENCE_MAP },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_POOL_PLANNED) | EVENT_BIT(EV_TABLE_FROM_BRK),
	.on_event = on_event,
	.at_end = at_end,
};
