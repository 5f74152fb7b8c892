/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The direct map and the page-table pools.
 * Source: Linux arch/x86/mm/init.c 2.6.26-7.1, arch/x86/xen/mmu.c 2.6.39-3.8.
 *
 *      kernel direct mapping tables up to B @ S-T        [S = start, T = top)
 *      |== start .. end: tables ==|.. end .. top: tail ..|
 *      xen: setting RW the range E - T                    E = end, both exclusive
 */
#include "core/replay.h"
#include "formats/reader.h"

static bool mapping(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_MAPPING_STARTED);

	if (match->ranges[0].absurd)
		return false;
	event.u.mapping.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	reader_emit(reader, &event);
	return true;
}

static bool mapping_part(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	struct event event = reader_event(line, EV_MAPPING_PART);
	struct text size = match->words[0];
	uint64_t unit;

	if (match->ranges[0].absurd || size.length != 2)
		return false;
	unit = size.at[1] == 'k' ? 1024 : size.at[1] == 'M' ? 1024 * 1024
	     : size.at[1] == 'G' ? 1024 * 1024 * 1024 : 0;
	if (!unit || size.at[0] < '1' || size.at[0] > '9')
		return false;
	event.u.mapping.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	event.u.mapping.page_bytes = (uint64_t)(size.at[0] - '0') * unit;
	reader_emit(reader, &event);
	return true;
}

/* No pool begins at the first frame, nor has more pages than map all memory with the
 * smallest pages; a 32-bit kernel's has room for the fixmap besides, of which each CPU has a
 * part. Else a number has lost digits.
 * Source: Linux arch/x86/mm/init.c find_early_table_space(), 2.6.30-3.8. */
#define FIXMAP_PAGES 256u
/* INIT_PGT_BUF_SIZE is 64 KiB at most. Source: Linux arch/x86/mm/init.c, 3.9-7.1. */
#define BRK_BYTES_MAX (1u << 20)

/* `up_to` is a bytes end; the newer form prints the last byte. */
static bool pool(struct reader *reader, const struct line *line, const struct match *match,
		 uint64_t up_to)
{
	struct event event = reader_event(line, EV_POOL_PLANNED);

	if (match->ranges[0].absurd) {
		event.kind = EV_RANGE_ABSURD;
		event_set_range(&event, paddr_range(match->ranges[0].start, match->ranges[0].end),
				TEXT("page-table pool"), false);
		reader_emit(reader, &event);
		return true;
	}
	event.u.pool.plan = pfns_touched(paddr_range(match->ranges[0].start, match->ranges[0].end));
	event.u.pool.mapped_end = to_paddr(up_to);
	if (!event.u.pool.plan.start.n || pfn_range_size(event.u.pool.plan) >
					  table_pages_for(paddr_range(0, up_to)) + FIXMAP_PAGES)
		return reader_tell_garbled(reader, line);
	reader_emit(reader, &event);
	return true;
}

static bool pool_exclusive(struct reader *reader, const struct line *line,
			   const struct match *match)
{
	return pool(reader, line, match, match->numbers[0].value);
}

static bool pool_inclusive(struct reader *reader, const struct line *line,
			   const struct match *match)
{
	uint64_t last = match->numbers[0].value;

	return pool(reader, line, match, last == UINT64_MAX ? last : last + 1);
}

static bool tail_rw(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_POOL_TAIL_RW);

	if (match->ranges[0].absurd)
		return false;
	event.u.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	reader_emit(reader, &event);
	return true;
}

static bool brk_table(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_TABLE_FROM_BRK);

	if (match->ranges[0].absurd)
		return false;
	event.u.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	if (paddr_range_size(event.u.bytes) > BRK_BYTES_MAX)
		return reader_tell_garbled(reader, line);
	reader_emit(reader, &event);
	return true;
}

static bool limit(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_MAPPED_LIMIT);

	event.u.limit = to_paddr(match->range_count ? match->ranges[0].end
						    : match->numbers[0].value);
	reader_emit(reader, &event);
	return true;
}

/* Lines that are printed only after the direct map was set up. The hypervisor
 * has some of them too, long before the kernel starts. */
static bool after_mapping(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	struct event event = reader_event(line, EV_MILESTONE);

	(void)match;
	if (line->speaker == SPEAKER_XEN)
		return false;
	event.u.milestone.step = STEP_DIRECT_MAP_DONE;
	reader_emit(reader, &event);
	return true;
}

const struct line_shape lines_pgtbuf[] = {
	LINE("init_memory_mapping: [mem <range>]", ENDS_INCLUSIVE, mapping),
	/* Development kernels before 2.6.39 (4b239f458c22's log). */
	LINE("init_memory_mapping: [<range>]", ENDS_INCLUSIVE, mapping),
	LINE("init_memory_mapping: <range>", ENDS_EXCLUSIVE, mapping),
	LINE("[mem <range>] page <w>", ENDS_INCLUSIVE, mapping_part),
	LINE("<range> page <w>", ENDS_EXCLUSIVE, mapping_part),
	LINE("kernel direct mapping tables up to <x> @ [mem <range>]", ENDS_INCLUSIVE,
	     pool_inclusive),
	LINE("kernel direct mapping tables up to <x> @ [<range>]", ENDS_INCLUSIVE, pool_inclusive),
	LINE("kernel direct mapping tables up to <x> @ <range>", ENDS_EXCLUSIVE, pool_exclusive),
	LINE("xen: setting RW the range <range>", ENDS_EXCLUSIVE, tail_rw),
	LINE("BRK [<range>] PGTABLE", ENDS_INCLUSIVE, brk_table),
	LINE("initial memory mapped : 0 - <x>", ENDS_NONE, limit),
	LINE("initial memory mapped: [mem <range>]", ENDS_INCLUSIVE, limit),
	LINE("ACPI: RSDP <rest>", ENDS_NONE, after_mapping),
	LINE("No NUMA configuration found", ENDS_NONE, after_mapping),
	LINE("NUMA turned off", ENDS_NONE, after_mapping),
	LINE("Faking a node at <rest>", ENDS_NONE, after_mapping),
	LINE("Initmem setup node <rest>", ENDS_NONE, after_mapping),
};
