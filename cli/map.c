/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/map.h"

#include <inttypes.h>

#include "cli/timeline_mmu.h"
#include "formats/place.h"
#include "formats/screen.h"

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

/* Rows of tables that follow each other and are alike. */
static void put_tables_of(FILE *out, const struct mmu *mmu, enum mmu_type level)
{
	uint64_t mfn = 0, first = 0, end = 0;
	struct mmu_state state, before = { .type = MMU_NOTHING };
	bool more = true;

	while (more) {
		more = mmu_table_from(mmu, &mfn, &state);
		if (more && state.type != level) {
			mfn++;
			continue;
		}
		if (end && (!more || mfn != end || state.pinned != before.pinned))  {
			fprintf(out, "    mfn 0x%" PRIx64, first);
			if (end - first > 1)
				fprintf(out, "-0x%" PRIx64, end);
			fprintf(out, "  %s%s%s\n", mmu_type_name(level), end - first > 1 ? "s" : "",
				before.pinned ? ", pinned" : "");
			end = 0;
		}
		if (!end)
			first = mfn;
		end = ++mfn;
		before = state;
	}
}

static void put_typed_tables(FILE *out, const struct mmu *mmu)
{
	struct mmu_state state;
	uint64_t mfn = 0;

	if (!mmu || !mmu_table_from(mmu, &mfn, &state))
		return;
	fputs("  page tables by the trace: machine frames [first, end)\n", out);
	for (int level = MMU_L4; level >= MMU_L1; level--)
		put_tables_of(out, mmu, (enum mmu_type)level);
}

void map_put(FILE *out, const char *input, uint32_t boot, const struct replay *replay)
{
	struct screen screen = { .out = out };
	char place[LOC_WORDS_BYTES];

	screen_puts(&screen, input);
	fprintf(out, ": boot %u: memory after %s\n", boot, loc_words(replay->last, place));
	put_spans(out, "memory map in force", replay, &replay->map_in_force, type_of_value);
	put_spans(out, "reserved", replay, &replay->reserved, label_of_value);
	if (replay->pools.count)
		fputs("  page-table pools\n", out);
	for (uint32_t i = 0; i < replay->pools.count; i++)
		put_pool(out, &replay->pools.items[i]);
	put_spans(out, "page tables", replay, &replay->tables, label_of_value);
	put_typed_tables(out, replay->mmu);
	for (uint32_t i = 0; i < replay->areas.count; i++) {
		const struct area_record *area = &replay->areas.items[i];

		if (!i)
			fputs("  areas\n", out);
		put_range(out, area->bytes.start.n, area->bytes.end.n, area_name(area->area),
			  area->at.line);
	}
}
