/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Range arithmetic: rounding, the arena, and the range map against an array of
 * 256 cells under random edits: small universes find large mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/arena.h"
#include "core/frame.h"
#include "core/limits.h"
#include "core/range_map.h"

/*  bytes  0x0800        0x1000        0x2000   0x2800
 *            |-------------|------ 1 ------|------|
 *  inside                  [1, 2)                        whole frames only
 *  touched  [0, 3)                                       every frame touched */
static void frames_round_by_name(void **state)
{
	struct pfn_range in = pfns_inside(paddr_range(0x800, 0x2800));
	struct pfn_range out = pfns_touched(paddr_range(0x800, 0x2800));

	(void)state;
	assert_int_equal(in.start.n, 1);
	assert_int_equal(in.end.n, 2);
	assert_int_equal(out.start.n, 0);
	assert_int_equal(out.end.n, 3);
	assert_true(pfn_range_empty(pfns_inside(paddr_range(0x800, 0xfff))));
	assert_int_equal(pfn_range_size(pfns_touched(paddr_range(0x800, 0xfff))), 1);
	assert_true(pfn_range_empty(pfns_touched(paddr_range(0x800, 0x800))));
	assert_true(pfn_range_empty(pfns_touched(paddr_range(0x2000, 0x1000))));
	/* The top of the address space. */
	assert_int_equal(pfns_touched(paddr_range(UINT64_MAX - 1, UINT64_MAX)).end.n,
			 UINT64_C(1) << 52);
	assert_int_equal(pfns_inside(paddr_range(0, UINT64_MAX)).end.n, (UINT64_C(1) << 52) - 1);
}

static void ranges_meet(void **state)
{
	struct pfn_range a = pfn_range(10, 20);

	(void)state;
	assert_true(pfn_range_overlap(a, pfn_range(19, 30)));
	assert_false(pfn_range_overlap(a, pfn_range(20, 30)));
	assert_false(pfn_range_overlap(a, pfn_range(15, 15)));
	assert_true(pfn_range_covers(a, pfn_range(10, 20)));
	assert_true(pfn_range_covers(a, pfn_range(5, 5)));
	assert_false(pfn_range_covers(a, pfn_range(9, 11)));
	assert_int_equal(pfn_range_size(pfn_range_meet(a, pfn_range(15, 99))), 5);
}

/* --- arena ------------------------------------------------------------------ */

static jmp_buf exhausted;

static void give_up(void *context)
{
	(void)context;
	longjmp(exhausted, 1);
}

static void the_arena_has_a_budget(void **state)
{
	struct arena arena;
	volatile unsigned got = 0;

	(void)state;
	arena_init(&arena, 100000, give_up, NULL);
	if (!setjmp(exhausted)) {
		for (;;) {
			char *bytes = arena_alloc(&arena, 1000);

			assert_int_equal((uintptr_t)bytes % 16, 0);
			for (int i = 0; i < 1000; i++)
				assert_int_equal(bytes[i], 0);
			memset(bytes, 0xff, 1000);
			got++;
		}
	}
	assert_in_range(got, 50, 100);
	arena_reset(&arena);
	assert_true(arena.held_bytes <= 20000);
	assert_string_equal(arena_printf(&arena, "%0600d", 7) + 599, "7");
	arena_release(&arena);
	assert_int_equal(arena.held_bytes, 0);
}

static void the_arena_goes_back(void **state)
{
	struct arena arena;
	struct arena_mark mark;
	char *first;

	(void)state;
	arena_init(&arena, 1 << 20, give_up, NULL);
	first = arena_copy(&arena, TEXT("kept"));
	mark = arena_mark(&arena);
	for (int i = 0; i < 100; i++)
		arena_alloc(&arena, 5000);
	arena_rewind(&arena, mark);
	assert_string_equal(first, "kept");
	assert_true(arena.held_bytes <= 20000);
	arena_release(&arena);
}

/* --- the range map ----------------------------------------------------------- */

#define CELLS 256

struct cell { bool held; uint32_t value, line; };

static uint32_t seed = 20110414;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 4) * below >> 28);
}

static void edit_both(struct range_map *map, struct cell *cells, uint32_t line)
{
	uint64_t start = any(CELLS), end = any(8) ? start + any(CELLS / 4) : any(CELLS);
	struct span span = { start, end, any(5), 0, { .line = line, .length = 1 } };
	enum status status;
	uint32_t what = any(4);

	if (end > CELLS)
		span.end = end = CELLS;
	status = what == 0 ? range_map_remove(map, start, end)
	       : what == 1 ? range_map_fill(map, &span) : range_map_set(map, &span);
	if (status == ST_LIMIT) {
		assert_true(SPANS_MAX < CELLS);
		return;
	}
	assert_int_equal(status, ST_OK);
	for (uint64_t i = start; i < end; i++) {
		if (what == 1 && cells[i].held)
			continue;
		cells[i] = (struct cell){ what != 0, span.value, line };
	}
}

static void compare_cells(const struct range_map *map, const struct cell *cells)
{
	for (uint64_t i = 0; i < CELLS; i++) {
		const struct span *span = range_map_at(map, i);

		assert_int_equal(span != NULL, cells[i].held);
		if (!span)
			continue;
		assert_int_equal(span->value, cells[i].value);
		assert_int_equal(span->at.line, cells[i].line);
		assert_true(span->start <= i && i < span->end);
	}
}

static void compare_questions(const struct range_map *map, const struct cell *cells)
{
	uint64_t start = any(CELLS), end = start + any(CELLS - (uint32_t)start + 1), gap, gap_end;
	uint64_t held = 0, first = end, walked = 0;
	const struct span *span;
	bool found;

	for (uint64_t i = start; i < end; i++) {
		held += cells[i].held;
		if (!cells[i].held && first == end)
			first = i;
	}
	assert_int_equal(range_map_held(map, start, end), held);
	assert_int_equal(range_map_covers(map, start, end), held == end - start);
	found = range_map_first_gap(map, start, end, &gap, &gap_end);
	assert_int_equal(found, first < end);
	if (found) {
		assert_int_equal(gap, first);
		assert_true(gap_end <= end && gap_end > gap);
		for (uint64_t i = gap; i < gap_end; i++)
			assert_false(cells[i].held);
		assert_true(gap_end == end || cells[gap_end].held);
	}
	for (span = range_map_from(map, start); span && span->start < end;
	     span = range_map_next(map, span))
		walked += (span->end < end ? span->end : end) -
			  (span->start > start ? span->start : start);
	assert_int_equal(walked, held);
}

static void the_map_is_an_array(void **state)
{
	struct range_map map = { 0 };
	struct cell cells[CELLS] = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 200000; i++) {
		edit_both(&map, cells, i);
		compare_questions(&map, cells);
		if (i % 64 == 0) {
			assert_true(range_map_check(&map));
			compare_cells(&map, cells);
		}
		if (i % 5000 == 0) {
			range_map_clear(&map);
			memset(cells, 0, sizeof(cells));
		}
	}
	range_map_release(&map);
}

static void unions_are_compared(void **state)
{
	struct range_map a = { 0 }, b = { 0 };
	struct cell cells_a[CELLS] = { 0 }, cells_b[CELLS] = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 20000; i++) {
		uint64_t where = 0, first = CELLS;
		bool by_a = false, same;

		edit_both(&a, cells_a, i);
		if (any(3))
			edit_both(&b, cells_b, i);
		for (uint64_t k = CELLS; k-- > 0;)
			if (cells_a[k].held != cells_b[k].held)
				first = k;
		same = range_map_same_union(&a, &b, &where, &by_a);
		assert_int_equal(same, first == CELLS);
		if (!same) {
			assert_int_equal(where, first);
			assert_int_equal(by_a, cells_a[first].held);
		}
		if (i % 16 == 0) {
			range_map_clear(&a);
			range_map_clear(&b);
			memset(cells_a, 0, sizeof(cells_a));
			memset(cells_b, 0, sizeof(cells_b));
		}
	}
	range_map_release(&a);
	range_map_release(&b);
}

/* Many chunks: ranges that never touch, put in in any order, come out in theirs. */
static void many_ranges(void **state)
{
	enum { COUNT = 50000 };
	struct range_map map = { 0 };
	const struct span *span;
	uint64_t at = 0, count = 0;

	(void)state;
	if (SPANS_MAX < COUNT)
		skip();
	for (uint64_t i = 0; i < COUNT; i++) {
		/* A permutation: 48271 and COUNT have no common factor. */
		uint64_t place = i * 48271 % COUNT * 0x3000;
		struct span one = { place, place + 0x1000, (uint32_t)i, 0, LOC_NONE };

		assert_int_equal(range_map_set(&map, &one), ST_OK);
	}
	assert_true(range_map_check(&map));
	assert_int_equal(map.span_count, COUNT);
	for (span = range_map_from(&map, 0); span; span = range_map_next(&map, span)) {
		assert_true(span->start >= at);
		at = span->end;
		count++;
	}
	assert_int_equal(count, COUNT);
	assert_int_equal(range_map_held(&map, 0, UINT64_MAX), COUNT * UINT64_C(0x1000));
	assert_int_equal(range_map_remove(&map, 0x1800, 0x3000 * (COUNT / 2)), ST_OK);
	assert_true(range_map_check(&map));
	range_map_release(&map);
}

static void a_full_map_stays_as_it_is(void **state)
{
	struct range_map map = { 0 };
	struct span span = { 0, 1, 0, 0, LOC_NONE };

	(void)state;
	if (SPANS_MAX > 100000)
		skip();
	while (map.span_count < SPANS_MAX) {
		assert_int_equal(range_map_set(&map, &span), ST_OK);
		span.start += 3;
		span.end = span.start + 1;
	}
	assert_int_equal(range_map_set(&map, &span), ST_LIMIT);
	assert_int_equal(map.span_count, SPANS_MAX);
	assert_true(range_map_check(&map));
	range_map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_round_by_name),
		cmocka_unit_test(ranges_meet),
		cmocka_unit_test(the_arena_has_a_budget),
		cmocka_unit_test(the_arena_goes_back),
		cmocka_unit_test(the_map_is_an_array),
		cmocka_unit_test(unions_are_compared),
		cmocka_unit_test(many_ranges),
		cmocka_unit_test(a_full_map_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
