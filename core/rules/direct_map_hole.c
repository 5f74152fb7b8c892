/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RAM that no line of the log maps.
 *
 *    memory map   |-------- RAM --------|     |------ RAM ------|
 *    direct map   |==============|            |=================|
 *                                 ^ an allocator will hand this out
 */
#include "core/rule.h"

const struct rule rule_direct_map_hole;

/* Trampolines and the firmware's data: mapped in one piece, RAM or not. */
#define LOW_MEMORY UINT64_C(0x100000)

/* Are the kernel's mapping lines all there? Every kernel begins at address 0;
 * one that prints them on request only (from 4.3 on) may begin later. */
static bool lines_complete(const struct replay *replay)
{
	if (replay->mappings.lost || !replay->mappings.count)
		return false;
	return !replay->mappings.items[0].bytes.start.n &&
	       replay->mappings.items[0].sequence < replay->steps[STEP_ZONES].sequence;
}

struct hole {
	struct pfn_range first;
	struct loc ram_at;
	uint64_t frames, parts;
};

static void add_holes(const struct replay *replay, struct pfn_range ram, struct loc ram_at,
		      struct hole *hole)
{
	uint64_t start, end, at = ram.start.n << FRAME_SHIFT;

	while (range_map_first_gap(&replay->mapped, at, ram.end.n << FRAME_SHIFT, &start, &end)) {
		struct pfn_range gap = pfns_inside(paddr_range(start, end));

		at = end;
		if (pfn_range_empty(gap))
			continue;
		hole->frames += pfn_range_size(gap);
		if (hole->parts++)
			continue;
		hole->first = gap;
		hole->ram_at = ram_at;
	}
}

static struct hole find_holes(const struct replay *replay)
{
	struct hole hole = { .parts = 0 };
	const struct span *span;

	for (span = range_map_from(&replay->map_in_force, LOW_MEMORY); span;
	     span = range_map_next(&replay->map_in_force, span)) {
		struct pfn_range ram = pfns_inside(paddr_range(span->start, span->end));

		if (span->value != MEMORY_RAM)
			continue;
		if (ram.start.n < LOW_MEMORY >> FRAME_SHIFT)
			ram.start.n = LOW_MEMORY >> FRAME_SHIFT;
		/* mem= and the like set the limit below the end of RAM. */
		if (replay->last_pfn.n && ram.end.n > replay->last_pfn.n)
			ram.end = replay->last_pfn;
		if (!pfn_range_empty(ram))
			add_holes(replay, ram, span->at, &hole);
	}
	return hole;
}

static const struct mapping_record *last_mapping(const struct replay *replay)
{
	return &replay->mappings.items[replay->mappings.count - 1];
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	struct finding *f;
	struct hole hole;

	(void)private;
	/* A 32-bit kernel leaves high memory out by design; one that died while
	 * it mapped had no time for the rest. */
	if (replay->bits != 64 || !replay->steps[STEP_ZONES].reached || !lines_complete(replay))
		return;
	hole = find_holes(replay);
	if (!hole.parts)
		return;
	f = finding_new(report, &rule_direct_map_hole, hole.ram_at);
	f->where = hole.first;
	/* A line that is not there is never proof; even less in a log that has
	 * lost others. */
	finding_at_most(f, INFERRED);
	if (replay_lost_lines(replay) || replay->disagreement)
		finding_at_most(f, SUSPECTED);
	/* A boot that used all its memory had it mapped: a line is missing. */
	if (replay->steps[STEP_USERSPACE].reached && !replay_crashed(replay)) {
		f->severity = SEV_NOTE;
		finding_at_most(f, SUSPECTED);
		f->why = "the boot reached init without a fault, so that it is more likely that the "
			 "log lost an init_memory_mapping line than that the range is unmapped";
	}
	f->raise = "the whole log from power-on, booted with ignore_loglevel";
	finding_message(report, f, "frames 0x%llx-0x%llx are RAM, but no line maps them%s",
		(unsigned long long)hole.first.start.n, (unsigned long long)hole.first.end.n,
		hole.parts > 1 ? report_text(report, " (%llu such ranges, %llu frames in all)",
			(unsigned long long)hole.parts, (unsigned long long)hole.frames) : "");
	finding_note(report, f, hole.ram_at, "the memory map's entry");
	finding_note(report, f, last_mapping(replay)->at, "the last range that is mapped");
	f->facts = "hole";
}

const struct rule rule_direct_map_hole = {
	.id = "PGT054",
	.name = "direct-map-hole",
	.severity = SEV_WARNING,
	.scope = SCOPE_ALL,
	.title = "RAM that the kernel never adds to its direct map",
	.why = "the allocator hands these pages out like others, and the first access faults",
	.fix = "look at what limits the mapping (max_pfn_mapped, mem=), and at changes of the map "
	       "after the direct map was made",
	.source = "Linux arch/x86/mm/init.c init_memory_mapping(), init_mem_mapping(), 2.6.30-4.2",
	.needs = "the memory map and all init_memory_mapping lines (printed to 4.2)",
	.bad = "BIOS-e820: [mem 0x0000000000100000-0x000000001fffffff] usable\n"
	       "init_memory_mapping: [mem 0x00000000-0x000fffff]\n"
	       "init_memory_mapping: [mem 0x00100000-0x1fdfffff]",
	.good = "BIOS-e820: [mem 0x0000000000100000-0x000000001fffffff] usable\n"
		"init_memory_mapping: [mem 0x00000000-0x000fffff]\n"
		"init_memory_mapping: [mem 0x00100000-0x1fffffff]",
	.needs_any = { EVIDENCE_MAP | EVIDENCE_MAPPING | EVIDENCE_SETUP_END },
	.at_end = at_end,
};
