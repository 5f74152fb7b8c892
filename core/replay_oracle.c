/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's own lists against the replay: every MEMBLOCK configuration dump
 * and, from 2.6.37 to 3.2, the Subtract list. The kernel reserves before it can
 * print, so the first dump may hold more than the lines told; from then on both
 * must be equal. A difference means that lines are missing. */
#include "core/replay_inside.h"

static bool inside(const struct range_map *inner, const struct range_map *outer, uint64_t *first)
{
	const struct span *span;
	uint64_t end;

	for (span = range_map_from(inner, 0); span; span = range_map_next(inner, span))
		if (range_map_first_gap(outer, span->start, span->end, first, &end))
			return false;
	return true;
}

/* Whole pages of each contiguous run, as memblock_trim_memory() leaves them.
 * Source: Linux mm/memblock.c memblock_trim_memory(), 3.6-7.1; before, the
 * e820 entries were rounded when added (arch/x86/kernel/e820.c). */
static enum status trim_to_pages(struct range_map *map)
{
	const struct span *span = range_map_from(map, 0);
	enum status status = ST_OK;

	while (span && status == ST_OK) {
		uint64_t start = span->start, end = span->end;
		const struct span *next;
		struct pfn_range whole;

		while ((next = range_map_next(map, span)) && next->start == end) {
			end = next->end;
			span = next;
		}
		whole = pfns_inside(paddr_range(start, end));
		if (whole.start.n << FRAME_SHIFT > start)
			status = range_map_remove(map, start, whole.start.n << FRAME_SHIFT);
		if (status == ST_OK && whole.end.n << FRAME_SHIFT < end)
			status = range_map_remove(map, whole.end.n << FRAME_SHIFT, end);
		span = range_map_from(map, end);
	}
	return status;
}

static void disagree(struct replay *replay, const char *what, uint64_t where, bool ours,
		     struct loc at)
{
	if (replay->disagreement)
		return;
	replay->first_disagreement = at;
	replay->disagreement = arena_printf(replay->arena,
		"the kernel's own list and the lines before it differ at 0x%llx (%s, %s)",
		(unsigned long long)where, what,
		ours ? "in the lines only" : "in the list only");
}

static enum status take_list(struct range_map *mine, const struct range_map *listed)
{
	enum status status = ST_OK;
	const struct span *span;
	uint64_t at = 0;

	/* What the list does not hold was released without a line. */
	while (status == ST_OK && (span = range_map_from(mine, at))) {
		uint64_t start = span->start, end = span->end, gap, gap_end;

		if (start < at)
			start = at;
		at = end;
		if (range_map_first_gap(listed, start, end, &gap, &gap_end)) {
			status = range_map_remove(mine, gap, gap_end);
			at = gap_end;
		}
	}
	for (span = range_map_from(listed, 0); span && status == ST_OK;
	     span = range_map_next(listed, span))
		status = range_map_fill(mine, span);
	return status;
}

/* 2.6.37 to 3.2 print one dump only; the list of what is kept back from the page
 * allocator is the second witness. It holds the reservations as they are, to
 * the byte. Source: Linux arch/x86/mm/memblock.c
 * memblock_x86_subtract_reserved(), and the corpus (2.6.38 to 3.0.1). */
static void close_subtract(struct replay *replay)
{
	uint64_t where;
	bool ours;

	replay->dumps_seen++;
	replay->dumps_compared++;
	if (range_map_same_union(&replay->reserved, &replay->dump_reserved, &where, &ours))
		replay->dumps_agreed++;
	else
		disagree(replay, "Subtract list", where, ours, replay->dump.at);
}

/* Nodes hold what memblock has, cut off at pages: never more. Of the memory map they may:
 * it loses pages later (ESRT), and memblock gets some that are no RAM of it.
 * Source: Linux mm/page_alloc.c, add_active_range() to 3.2, for_each_mem_pfn_range()
 * later. */
void replay_node_memory(struct replay *replay, const struct event *event)
{
	struct paddr_range bytes = event->u.range.bytes;
	uint64_t where, end;

	if (replay->dumps_seen && replay->memory.span_count &&
	    range_map_first_gap(&replay->memory, bytes.start.n, bytes.end.n, &where, &end))
		disagree(replay, "node ranges", where, false, event->at);
}

bool replay_subtract_holds(const struct replay *replay, uint64_t start, uint64_t end)
{
	return replay->dump.subtract && range_map_covers(&replay->dump_reserved, start, end);
}

static enum status compare_memory(struct replay *replay, bool *equal)
{
	enum status status;
	uint64_t where;
	bool ours;

	if (!replay->memory.span_count)
		return take_list(&replay->memory, &replay->dump_memory);
	status = trim_to_pages(&replay->memory);
	if (status != ST_OK)
		return status;
	if (range_map_same_union(&replay->memory, &replay->dump_memory, &where, &ours))
		return ST_OK;
	*equal = false;
	disagree(replay, "memory", where, ours, replay->dump.at);
	return take_list(&replay->memory, &replay->dump_memory);
}

static enum status compare_reserved(struct replay *replay, bool first, bool *equal)
{
	uint64_t where = 0;
	bool ours = true, same;

	same = first ? inside(&replay->reserved, &replay->dump_reserved, &where)
		     : range_map_same_union(&replay->reserved, &replay->dump_reserved, &where, &ours);
	if (!same) {
		*equal = false;
		disagree(replay, "reserved", where, ours, replay->dump.at);
	}
	return take_list(&replay->reserved, &replay->dump_reserved);
}

/* A list of which a line is lost, or comes late, says of nothing that it is not reserved. Its
 * first line tells how many there are. */
static bool is_whole(struct replay *replay, bool reserved)
{
	const struct dump_count *count = &replay->dump.counts[reserved];
	bool good = count->there && count->in_order == count->there;

	if (good && count->listed == count->there)
		return true;
	if (!replay->disagreement && !(good && !count->listed)) {
		replay->first_disagreement = replay->dump.at;
		replay->disagreement = arena_printf(replay->arena,
			"the kernel's own list (%s) is not whole", reserved ? "reserved" : "memory");
	}
	return false;
}

enum status replay_close_dump(struct replay *replay)
{
	struct dump_state *dump = &replay->dump;
	enum status status;
	bool equal = true;

	if (!dump->open)
		return ST_OK;
	dump->open = false;
	if (!dump->regions)
		return ST_OK;
	if (replay->dumps_compared >= DUMPS_MAX) {
		replay->dumps_lost++;
		return ST_OK;
	}
	if (dump->subtract) {
		close_subtract(replay);
		return ST_OK;
	}
	status = is_whole(replay, false) ? compare_memory(replay, &equal) : ST_OK;
	if (status != ST_OK || !is_whole(replay, true))
		return status;
	status = compare_reserved(replay, !replay->dumps_seen, &equal);
	replay->dumps_seen++;
	replay->dumps_compared++;
	replay->dumps_agreed += equal;
	return status;
}

void replay_open_dump(struct replay *replay, struct loc at, bool subtract)
{
	struct dump_state *dump = &replay->dump;

	range_map_clear(&replay->dump_memory);
	range_map_clear(&replay->dump_reserved);
	dump->open = true;
	dump->subtract = subtract;
	dump->at = at;
	dump->regions = 0;
	memset(dump->counts, 0, sizeof(dump->counts));
}

enum status replay_dump_region(struct replay *replay, const struct event *event)
{
	struct dump_state *dump = &replay->dump;
	struct dump_count *count;

	if (!dump->open || dump->subtract)
		return ST_OK;   /* its header is missing: not a list to compare with */
	dump->regions++;
	count = &dump->counts[event->u.region.reserved];
	count->listed = event->u.region.listed;
	count->in_order += event->u.region.index == count->in_order;
	count->there++;
	return set_range(event->u.region.reserved ? &replay->dump_reserved : &replay->dump_memory,
			 event->u.region.bytes, 0, event->at);
}

enum status replay_subtracted(struct replay *replay, const struct event *event)
{
	struct dump_state *dump = &replay->dump;

	if (!dump->open || !dump->subtract)
		replay_open_dump(replay, event->at, true);
	dump->regions++;
	return set_range(&replay->dump_reserved, event->u.range.bytes, 0, event->at);
}
