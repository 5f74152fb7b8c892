/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The search for a page-table pool found no room.
 *
 *    RAM         |====================|                |=========|
 *    reserved    |##########|   |#####|
 *    mapped to               . . . . .^ the pool had to lie below this */
#include "core/rule.h"

const struct rule rule_no_space_for_pool;

/* The largest run of RAM below `limit` that no reservation holds, in whole
 * frames; empty when there is none. */
static struct pfn_range largest_free(const struct replay *replay, uint64_t limit)
{
	struct pfn_range best = pfn_range(0, 0);
	const struct span *ram;

	for (ram = range_map_from(&replay->map_in_force, 0); ram && ram->start < limit;
	     ram = range_map_next(&replay->map_in_force, ram)) {
		uint64_t end = ram->end < limit ? ram->end : limit, from = ram->start, gap, gap_end;

		if (ram->value != MEMORY_RAM)
			continue;
		while (range_map_first_gap(&replay->reserved, from, end, &gap, &gap_end)) {
			struct pfn_range run = pfns_inside(paddr_range(gap, gap_end));

			if (pfn_range_size(run) > pfn_range_size(best))
				best = run;
			from = gap_end;
		}
	}
	return best;
}

/* What the search was for: the last range announced, estimated from 0. */
static uint64_t pages_wanted(const struct replay *replay, struct loc *at)
{
	const struct mapping_record *last;

	if (!replay->mappings.count)
		return 0;
	last = &replay->mappings.items[replay->mappings.count - 1];
	*at = last->at;
	return table_pages_for(paddr_range(0, last->bytes.end.n));
}

static void explain_room(const struct replay *replay, struct finding *f, struct report *report)
{
	uint64_t limit = replay->mapped_limit.n ? replay->mapped_limit.n : UINT64_MAX;
	bool reservations_known = replay->evidence & EVIDENCE_MEMBLOCK;
	struct pfn_range room;

	if (!(replay->evidence & EVIDENCE_MAP))
		return;
	room = largest_free(replay, limit);
	f->where = room;
	f->why = report_text(report, "the largest %s%s is %llu pages from frame 0x%llx on; the search "
		"takes only RAM that is free%s",
		reservations_known ? "free run of RAM" : "run of RAM",
		replay->mapped_limit.n ? " below the mapped limit" : "",
		(unsigned long long)pfn_range_size(room), (unsigned long long)room.start.n,
		replay->mapped_limit.n ? " and, in most kernels, mapped already" : "");
}

static void no_space(const struct replay *replay, struct loc at, struct report *report)
{
	struct finding *f = finding_new(report, &rule_no_space_for_pool, at);
	struct loc wanted_at = LOC_NONE;
	uint64_t wanted = pages_wanted(replay, &wanted_at);

	finding_message(report, f, "no room was found for the page-table pool of the direct map");
	finding_note(report, f, at, "the search's last word");
	if (wanted)
		finding_note(report, f, wanted_at, "to map up to here with 4 KiB pages (always so "
			"under Xen PV) takes a pool of %llu pages", (unsigned long long)wanted);
	finding_note(report, f, replay->mapped_limit_at, "the mapped limit");
	explain_room(replay, f, report);
	if (replay_is_pv(replay))
		f->fix = "14988a4d350c (Linux 2.6.39; for 32-bit with a91d92875ee9, 3.0): "
			 "max_pfn_mapped was set too low by the Xen start-up code";
	f->facts = replay_is_pv(replay) ? "pv" : "not pv";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	(void)private;
	for (uint32_t i = 0; i < replay->panics.count; i++) {
		const char *words = replay->panics.items[i].words;

		if (!words || !text_contains(text_of(words),
					     TEXT("Cannot find space for the kernel page tables")))
			continue;
		no_space(replay, replay->panics.items[i].at, report);
		return;
	}
}

const struct rule rule_no_space_for_pool = {
	.id = "PGT010",
	.name = "no-space-for-pool",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "The kernel found no space for its page tables",
	.why = "the pool has to be one free run of RAM below a limit (what is mapped so far, or the "
	       "end of RAM), and there was none large enough",
	.fix = "free the low memory that others reserve (a crash kernel, an initrd loaded low), or "
	       "find why the limit is so low",
	.source = "Linux arch/x86/mm/init.c find_early_table_space(), 2.6.26-3.8",
	.needs = "nothing but the kernel's panic",
	.bad = "Kernel panic - not syncing: Cannot find space for the kernel page tables",
	.good = "kernel direct mapping tables up to 20000000 @ 1fe00000-20000000",
	.needs_any = { EVIDENCE_KERNEL },
	.at_end = at_end,
};
