/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/map.h"

#include <inttypes.h>

#include "formats/screen.h"

const char *memory_type_name(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM:
		return "RAM";
	case MEMORY_RESERVED:
		return "reserved";
	case MEMORY_ACPI:
		return "ACPI data";
	case MEMORY_NVS:
		return "ACPI NVS";
	case MEMORY_UNUSABLE:
		return "unusable";
	case MEMORY_PMEM:
		return "persistent memory";
	case MEMORY_PRAM:
		return "persistent memory (legacy)";
	case MEMORY_SOFT_RESERVED:
		return "soft reserved";
	case MEMORY_OTHER:
		return "other";
	case MEMORY_ANY:
		return "any";
	}
	return "other";
}

/* Exact: a size that is no whole number of a unit stays in the smaller one. */
static void put_size(FILE *out, uint64_t bytes)
{
	static const char *const units[] = { "B  ", "KiB", "MiB", "GiB", "TiB" };
	unsigned unit = 0;

	while (unit + 1 < ARRAY_LEN(units) && bytes >= 1024 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	fprintf(out, "%9" PRIu64 " %s", bytes, units[unit]);
}

static void put_range(FILE *out, uint64_t start, uint64_t end, const char *name, uint32_t line)
{
	struct screen screen = { .out = out };

	fprintf(out, "    0x%012" PRIx64 "-0x%012" PRIx64 " ", start, end);
	put_size(out, end - start);
	fputs("  ", out);
	screen_puts(&screen, name);
	if (line)
		fprintf(out, "  (line %u)", line);
	putc('\n', out);
}

/* The name of a span's value. */
typedef const char *namer(const struct replay *replay, uint32_t value);

static const char *type_of_value(const struct replay *replay, uint32_t value)
{
	(void)replay;
	return memory_type_name((enum memory_type)value);
}

static const char *label_of_value(const struct replay *replay, uint32_t value)
{
	return replay_label(replay, value);
}

/* Spans that touch and are alike are one row: where an edit has split them
 * tells nothing. */
static void put_spans(FILE *out, const char *title, const struct replay *replay,
		      const struct range_map *map, namer *name)
{
	const struct span *span = range_map_from(map, 0);

	if (!span)
		return;
	fprintf(out, "  %s\n", title);
	while (span) {
		const struct span *next = range_map_next(map, span);
		uint64_t end = span->end;

		while (next && next->start == end && next->value == span->value) {
			end = next->end;
			next = range_map_next(map, next);
		}
		put_range(out, span->start, end, name(replay, span->value), span->at.line);
		span = next;
	}
}

static void put_pool(FILE *out, const struct pool *pool)
{
	struct paddr_range plan = bytes_of(pool->plan);

	put_range(out, plan.start.n, plan.end.n, pool->kind == POOL_BRK ? "brk pool" : "pool",
		  pool->planned_at.line);
	if (pool->used_end_from == USED_UNKNOWN) {
		fputs("      where its used part ends is not told\n", out);
		return;
	}
	fprintf(out, "      used to pfn 0x%" PRIx64 ": %" PRIu64 " tables, %" PRIu64 " pages left%s\n",
		pool->used_end.n, pfn_range_size(pool_used(pool)), pfn_range_size(pool_tail(pool)),
		pool->rw_line_seen ? ", set writable again" : "");
}

void map_put(FILE *out, const char *input, uint32_t boot, const struct replay *replay)
{
	struct screen screen = { .out = out };

	screen_puts(&screen, input);
	fprintf(out, ": boot %u: memory after line %u\n", boot, replay->last.line);
	put_spans(out, "memory map in force", replay, &replay->map_in_force, type_of_value);
	put_spans(out, "reserved", replay, &replay->reserved, label_of_value);
	if (replay->pools.count)
		fputs("  page-table pools\n", out);
	for (uint32_t i = 0; i < replay->pools.count; i++)
		put_pool(out, &replay->pools.items[i]);
	put_spans(out, "page tables", replay, &replay->tables, label_of_value);
	for (uint32_t i = 0; i < replay->areas.count; i++) {
		const struct area_record *area = &replay->areas.items[i];

		if (!i)
			fputs("  areas\n", out);
		put_range(out, area->bytes.start.n, area->bytes.end.n, area_name(area->area),
			  area->at.line);
	}
}
