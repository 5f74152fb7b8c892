/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Range maps, against a naive model under random edits and case by case.
 *
 * Also to be built with -DSPANS_MAX=64 (every edit over the limit must change
 * nothing) and -DCHUNK_SPANS_MAX=8 (splits and merges all the time). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/range_map.h"

/* Failing malloc: the C library's own is still reachable below ours. Under
 * AddressSanitizer the place is taken, and these tests are left out. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define MALLOC_TAKEN
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(MALLOC_TAKEN)
#define CAN_FAIL_MALLOC 1

void *__libc_malloc(size_t bytes);
void *__libc_realloc(void *old, size_t bytes);

/* At 0 every allocation fails, at n > 0 all from the n-th on; negative: none. */
static long allocations_left = -1;

static bool allocation_fails(void)
{
	if (allocations_left > 0)
		allocations_left--;
	return allocations_left == 0;
}

void *malloc(size_t bytes)
{
	return allocation_fails() ? NULL : __libc_malloc(bytes);
}

void *realloc(void *old, size_t bytes)
{
	return allocation_fails() ? NULL : __libc_realloc(old, bytes);
}
#else
#define CAN_FAIL_MALLOC 0
#endif

/* xorshift64*: the same edits in every run. */
static uint64_t random_state;

static uint64_t random_64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(2685821657736338717);
}

static uint64_t random_below(uint64_t n)
{
	return (random_64() >> 11) % n;
}

/* Cell i is [edges[i], edges[i + 1]); ids[i] is the edit that set it, or 0.
 * As an edit never touches an earlier piece of its own, a longest stretch of
 * one id is exactly one span. */
struct model {
	const uint64_t *edges;
	uint32_t *ids;
	size_t cells;
	uint64_t next_id;
};

static struct span span_of(uint64_t start, uint64_t end, uint32_t id)
{
	return (struct span){
		.start = start, .end = end, .value = id,
		.at = { .offset = id * UINT64_C(3), .line = id, .length = 1, .input = 2 },
	};
}

static bool same_span(const struct span *a, const struct span *b)
{
	return a->start == b->start && a->end == b->end && a->value == b->value &&
		a->at.offset == b->at.offset &&
		a->at.line == b->at.line && a->at.length == b->at.length &&
		a->at.input == b->at.input;
}

/* The cell behind the run of equal ids that begins with cell `i`. */
static size_t run_end(const struct model *m, size_t i)
{
	uint32_t id = m->ids[i];

	while (i < m->cells && m->ids[i] == id)
		i++;
	return i;
}

static size_t model_spans(const struct model *m)
{
	size_t count = 0;

	for (size_t i = 0; i < m->cells; i = run_end(m, i))
		count += m->ids[i] != 0;
	return count;
}

/* The first held cell from `i` on, or `cells`. */
static size_t held_from(const struct model *m, size_t i)
{
	while (i < m->cells && !m->ids[i])
		i++;
	return i;
}

/* A walk with from() and next() meets the model's runs and nothing else. */
static void compare_all(const struct range_map *map, const struct model *m)
{
	const struct span *span = range_map_from(map, 0);
	size_t i = held_from(m, 0), count = 0;

	assert_true(range_map_check(map));
	for (; i < m->cells; i = held_from(m, run_end(m, i))) {
		struct span want = span_of(m->edges[i], m->edges[run_end(m, i)], m->ids[i]);
		assert_non_null(span);
		assert_true(same_span(span, &want));
		span = range_map_next(map, span);
		count++;
	}
	assert_null(span);
	assert_int_equal(map->span_count, count);
}

/* at() and from() for a number of cell `i`: its first, its last or between. */
static void compare_at(const struct range_map *map, const struct model *m, size_t i)
{
	uint64_t size = m->edges[i + 1] - m->edges[i];
	uint64_t offsets[] = { 0, size - 1, random_below(size) };
	uint64_t x = m->edges[i] + offsets[random_below(3)];
	const struct span *at = range_map_at(map, x), *from = range_map_from(map, x);
	size_t next = held_from(m, i);

	assert_int_equal(at ? at->value : 0, m->ids[i]);
	assert_true(!at || (at->start <= x && x < at->end));
	if (next == m->cells) {
		assert_null(from);
		return;
	}
	assert_int_equal(from->value, m->ids[next]);
	assert_true(from->end > x);
	assert_true(next == i || from->start == m->edges[next]);
}

/* held(), covers() and first_gap() for cells [i, j). */
static void compare_union(const struct range_map *map, const struct model *m, size_t i, size_t j)
{
	uint64_t held = 0, gap_start = 0, gap_end = 0;
	size_t gap = i, gap_stop;
	bool covered;

	for (size_t k = i; k < j; k++)
		held += m->ids[k] ? m->edges[k + 1] - m->edges[k] : 0;
	while (gap < j && m->ids[gap])
		gap++;
	covered = gap >= j;
	assert_int_equal(range_map_held(map, m->edges[i], m->edges[j]), held);
	assert_int_equal(range_map_covers(map, m->edges[i], m->edges[j]), covered);
	assert_int_equal(range_map_first_gap(map, m->edges[i], m->edges[j], &gap_start, &gap_end),
			 !covered);
	if (covered)
		return;
	gap_stop = held_from(m, gap);
	assert_int_equal(gap_start, m->edges[gap]);
	assert_int_equal(gap_end, m->edges[gap_stop < j ? gap_stop : j]);
}

enum edit_kind { EDIT_SET, EDIT_FILL, EDIT_REMOVE };

static void model_edit(struct model *m, enum edit_kind kind, size_t i, size_t j, uint32_t id)
{
	for (; i < j; i++)
		if (kind != EDIT_FILL || !m->ids[i])
			m->ids[i] = kind == EDIT_REMOVE ? 0 : id;
}

static enum status map_edit(struct range_map *map, enum edit_kind kind, uint64_t start,
			    uint64_t end, uint32_t id)
{
	struct span span = span_of(start, end, id);

	switch (kind) {
	case EDIT_SET:
		return range_map_set(map, &span);
	case EDIT_FILL:
		return range_map_fill(map, &span);
	case EDIT_REMOVE:
		return range_map_remove(map, start, end);
	}
	return ST_USAGE;
}

/* The same edit in both. With a small SPANS_MAX the model is asked first: over
 * it the map must say ST_LIMIT, and the comparison that follows sees that
 * nothing changed. */
static void edit_both(struct range_map *map, struct model *m, enum edit_kind kind,
		      size_t i, size_t j)
{
	static uint32_t before[4096];
	uint32_t id = (uint32_t)++m->next_id;
	enum status want = ST_OK;
	bool limited = SPANS_MAX <= m->cells;

	if (limited) {
		assert_true(m->cells <= ARRAY_LEN(before));
		memcpy(before, m->ids, m->cells * sizeof(*before));
	}
	model_edit(m, kind, i, j, id);
	if (limited && model_spans(m) > SPANS_MAX) {
		memcpy(m->ids, before, m->cells * sizeof(*before));
		want = ST_LIMIT;
	}
	assert_int_equal(map_edit(map, kind, m->edges[i], m->edges[j], id), want);
}

/* A random stretch of cells; now and then empty or inverted in `*j`. */
static void random_cells(const struct model *m, size_t longest, size_t *i, size_t *j)
{
	size_t length = random_below(random_below(16) ? longest : m->cells) + 1;

	*i = random_below(m->cells);
	*j = *i + length < m->cells ? *i + length : m->cells;
	if (!random_below(64))
		*j = random_below(*i + 1);
}

/* `twin` gets the model's union in other pieces: its cells one by one or in
 * pairs. Then one cell is flipped, and must be the difference found. */
static void compare_twin(const struct range_map *map, const struct model *m,
			 struct range_map *twin)
{
	uint64_t difference = 0;
	bool by_map = false;
	size_t flip = random_below(m->cells);

	range_map_clear(twin);
	for (size_t i = 0, step; i < m->cells; i += step) {
		struct span piece;
		step = i + 1 < m->cells && !m->ids[i] == !m->ids[i + 1] ? 1 + random_below(2) : 1;
		piece = span_of(m->edges[i], m->edges[i + step], 1);
		if (m->ids[i] && range_map_set(twin, &piece) != ST_OK)
			return;   /* only a tiny SPANS_MAX */
	}
	assert_true(range_map_same_union(map, twin, &difference, &by_map));
	if (map_edit(twin, m->ids[flip] ? EDIT_REMOVE : EDIT_SET, m->edges[flip],
		     m->edges[flip + 1], 1) != ST_OK)
		return;
	assert_false(range_map_same_union(map, twin, &difference, &by_map));
	assert_int_equal(difference, m->edges[flip]);
	assert_int_equal(by_map, m->ids[flip] != 0);
	assert_false(range_map_same_union(twin, map, &difference, &by_map));
	assert_int_equal(by_map, m->ids[flip] == 0);
}

/* `longest`: of most edits, in cells. Small ones leave many spans. */
static void run_model(struct model *m, int edits, size_t longest, bool twins)
{
	struct range_map map = { 0 }, twin = { 0 }, copy = { 0 };
	size_t i, j;

	for (int n = 0; n < edits; n++) {
		random_cells(m, longest, &i, &j);
		edit_both(&map, m, (enum edit_kind)random_below(3), i, j);
		compare_all(&map, m);
		compare_at(&map, m, random_below(m->cells));
		random_cells(m, longest, &i, &j);
		compare_union(&map, m, i, j);
		if (twins)
			compare_twin(&map, m, &twin);
		if (!random_below(20)) {
			assert_int_equal(range_map_copy(&copy, &map), ST_OK);
			compare_all(&copy, m);
		}
		if (!random_below(2000)) {
			range_map_clear(&map);
			memset(m->ids, 0, m->cells * sizeof(*m->ids));
			compare_all(&map, m);
		}
	}
	range_map_release(&map);
	range_map_release(&twin);
	range_map_release(&copy);
	memset(m->ids, 0, m->cells * sizeof(*m->ids));
}

/* 256 cells of `size` numbers each, the first at `base`. */
static void run_small_model(uint64_t base, uint64_t size, int edits, size_t longest)
{
	uint64_t edges[257];
	uint32_t ids[256] = { 0 };
	struct model m = { edges, ids, 256, 0 };

	for (size_t i = 0; i < ARRAY_LEN(edges); i++)
		edges[i] = base + i * size;
	run_model(&m, edits, longest, true);
}

/*      |0|1|2|3| ........ |255|    at both ends of all numbers, and between */
static void test_model_small(void **state)
{
	(void)state;
	random_state = 20240101;
	run_small_model(0, 1, 60000, 8);
	run_small_model(UINT64_MAX - 256, 1, 60000, 40);
	run_small_model(UINT64_C(1) << 32, 4096, 60000, 3);
	run_small_model(1, UINT64_MAX / 257, 30000, 256);
}

/* Enough cells for several chunks: they split, merge and go. */
static void test_model_chunks(void **state)
{
	static uint64_t edges[4096 + 1];
	static uint32_t ids[4096];
	struct model m = { edges, ids, 4096, 0 };

	(void)state;
	random_state = 3;
	for (size_t i = 0; i < ARRAY_LEN(edges); i++)
		edges[i] = 0x1000 + i * i;
	edges[0] = 0;
	run_model(&m, 20000, 2, false);
	run_model(&m, 5000, 12, false);
}

/* Fifty thousand ranges in 2^40: the cells lie between all their ends. */
#define MANY 50000u

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static size_t sort_unique(uint64_t *numbers, size_t count)
{
	size_t kept = 0;

	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < count; i++)
		if (!kept || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	return kept;
}

static size_t cell_of(const struct model *m, uint64_t edge)
{
	const uint64_t *found = bsearch(&edge, m->edges, m->cells + 1, sizeof(edge),
					compare_numbers);

	assert_non_null(found);
	return (size_t)(found - m->edges);
}

static void test_model_large(void **state)
{
	static uint64_t ranges[MANY][2], edges[MANY * 2];
	static uint32_t ids[MANY * 2];
	struct model m = { edges, ids, 0, 0 };
	struct range_map map = { 0 };

	(void)state;
	if (SPANS_MAX < 4 * MANY)
		skip();
	random_state = 7;
	for (size_t n = 0; n < MANY; n++) {
		uint64_t longest = UINT64_C(1) << (random_below(2000) ? 12 + random_below(14) : 36);
		ranges[n][0] = random_below((UINT64_C(1) << 40) - longest);
		ranges[n][1] = ranges[n][0] + 1 + random_below(longest);
	}
	memcpy(edges, ranges, sizeof(edges));
	m.cells = sort_unique(edges, ARRAY_LEN(edges)) - 1;
	for (size_t n = 0; n < MANY; n++) {
		size_t i = cell_of(&m, ranges[n][0]), j = cell_of(&m, ranges[n][1]);
		enum edit_kind kind = random_below(8) ? EDIT_SET : EDIT_REMOVE;
		edit_both(&map, &m, random_below(2) ? kind : EDIT_FILL, i, j);
		compare_at(&map, &m, random_below(m.cells));
		compare_union(&map, &m, i ? i - 1 : 0, j < m.cells ? j + 1 : j);
		if (n % 500 == 0)
			compare_all(&map, &m);
	}
	compare_all(&map, &m);
	assert_true(map.span_count > MANY / 4);
	range_map_release(&map);
}

static void test_empty_map(void **state)
{
	struct range_map map = { 0 }, other = { 0 };
	uint64_t start = 0, end = 0;
	bool by_a = false;

	(void)state;
	assert_true(range_map_check(&map));
	assert_null(range_map_from(&map, 0));
	assert_null(range_map_at(&map, UINT64_MAX));
	assert_true(range_map_covers(&map, 5, 5));
	assert_true(range_map_covers(&map, 6, 5));
	assert_false(range_map_covers(&map, 5, 6));
	assert_true(range_map_first_gap(&map, 5, 9, &start, &end));
	assert_int_equal(start, 5);
	assert_int_equal(end, 9);
	assert_int_equal(range_map_held(&map, 0, UINT64_MAX), 0);
	assert_true(range_map_same_union(&map, &other, &start, &by_a));
	assert_int_equal(range_map_remove(&map, 0, UINT64_MAX), ST_OK);
	assert_int_equal(map_edit(&map, EDIT_SET, 9, 9, 1), ST_OK);
	assert_int_equal(map_edit(&map, EDIT_FILL, 9, 3, 1), ST_OK);
	assert_int_equal(map.span_count, 0);
	range_map_clear(&map);
	range_map_release(&map);
}

/* Inverted questions have no numbers, even inside a span. */
static void test_inverted_questions(void **state)
{
	struct range_map map = { 0 };

	(void)state;
	assert_int_equal(map_edit(&map, EDIT_SET, 0, UINT64_MAX, 1), ST_OK);
	assert_int_equal(range_map_held(&map, 10, 5), 0);
	assert_int_equal(range_map_held(&map, 0, UINT64_MAX), UINT64_MAX);
	assert_true(range_map_covers(&map, 0, UINT64_MAX));
	assert_null(range_map_at(&map, UINT64_MAX));   /* ends are out */
	range_map_release(&map);
}

/* A span of the map's own may be handed back: it replaces just itself. */
static void test_own_span_as_argument(void **state)
{
	struct range_map map = { 0 };
	const struct span *own;

	(void)state;
	if (SPANS_MAX < 8)
		skip();
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(map_edit(&map, EDIT_SET, i * 10, i * 10 + 5, i + 1), ST_OK);
	own = range_map_at(&map, 30);
	assert_int_equal(range_map_set(&map, own), ST_OK);
	own = range_map_at(&map, 30);
	assert_int_equal(own->value, 4);
	assert_int_equal(range_map_fill(&map, own), ST_OK);
	assert_int_equal(map.span_count, 8);
	range_map_release(&map);
}

/* What comes ends before, at or behind where the next one begins, however long that is
 * and wherever it stands in a map of several chunks.
 *
 *      | | | | ...  | |      |--8--|-------- size --------|   end of all numbers
 *                            set   ^ + more                                     */
static void set_below(uint64_t size, int more)
{
	const uint64_t start = UINT64_MAX - size;
	struct range_map map = { 0 };

	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(map_edit(&map, EDIT_SET, i * 2, i * 2 + 1, 1), ST_OK);
	assert_int_equal(map_edit(&map, EDIT_SET, start, UINT64_MAX, 2), ST_OK);
	assert_int_equal(map_edit(&map, EDIT_SET, start - 8, start + (uint64_t)more, 3), ST_OK);
	assert_true(range_map_check(&map));
	assert_int_equal(map.span_count, 202);
	assert_int_equal(range_map_at(&map, start - 2)->value, 3);
	assert_int_equal(range_map_at(&map, start + 1)->start, start + (more > 0));
	/* And over all of it. */
	assert_int_equal(map_edit(&map, EDIT_SET, start - 8, UINT64_MAX, 4), ST_OK);
	assert_true(range_map_check(&map));
	assert_int_equal(map.span_count, 201);
	range_map_release(&map);
}

static void test_next_of_any_length(void **state)
{
	(void)state;
	if (SPANS_MAX < 256)
		skip();
	for (int bits = 2; bits < 64; bits++)
		for (int i = 0; i < 9; i++)
			set_below((UINT64_C(1) << bits) - 1 + (uint64_t)(i / 3), i % 3 - 1);
}

static void test_clear_keeps_memory(void **state)
{
	struct range_map map = { 0 };
	struct range_chunk *kept;

	(void)state;
	assert_int_equal(map_edit(&map, EDIT_SET, 1, 2, 1), ST_OK);
	range_map_clear(&map);
	kept = map.spare;
	assert_non_null(kept);
	assert_null(map.places);
	assert_int_equal(map.span_count, 0);
	assert_true(range_map_check(&map));
	assert_int_equal(map_edit(&map, EDIT_SET, 1, 2, 1), ST_OK);
	assert_null(map.spare);
	assert_ptr_equal(map.places[0].chunk, kept);
	range_map_release(&map);
}

/* Up to SPANS_MAX spans with gaps between, in steps of 16:
 *      |--8--|     |--8--|     |--8--|  ... */
static void fill_to_limit(struct range_map *map)
{
	for (uint64_t i = 0; i < SPANS_MAX; i++)
		assert_int_equal(map_edit(map, EDIT_SET, i * 16, i * 16 + 8, 1), ST_OK);
}

static void assert_at_limit(const struct range_map *map)
{
	const struct span *span = range_map_from(map, 0);

	assert_true(range_map_check(map));
	assert_int_equal(map->span_count, SPANS_MAX);
	for (uint64_t i = 0; i < SPANS_MAX; i++, span = range_map_next(map, span)) {
		struct span want = span_of(i * 16, i * 16 + 8, 1);
		assert_true(same_span(span, &want));
	}
}

static void test_limit(void **state)
{
	const uint64_t end = (uint64_t)SPANS_MAX * 16;
	struct range_map map = { 0 };

	(void)state;
	if (SPANS_MAX > 100000)
		skip();
	fill_to_limit(&map);
	assert_at_limit(&map);
	assert_int_equal(map_edit(&map, EDIT_SET, end, end + 1, 2), ST_LIMIT);
	assert_int_equal(map_edit(&map, EDIT_SET, 9, 10, 2), ST_LIMIT);
	assert_int_equal(map_edit(&map, EDIT_SET, 2, 4, 2), ST_LIMIT);
	assert_int_equal(map_edit(&map, EDIT_FILL, 0, end, 2), ST_LIMIT);
	assert_int_equal(map_edit(&map, EDIT_FILL, 8, 9, 2), ST_LIMIT);
	assert_int_equal(range_map_remove(&map, 2, 4), ST_LIMIT);
	assert_at_limit(&map);
	/* What does not add spans goes on working. */
	assert_int_equal(map_edit(&map, EDIT_FILL, 0, 8, 2), ST_OK);
	assert_int_equal(map_edit(&map, EDIT_SET, 0, 8, 1), ST_OK);
	assert_at_limit(&map);
	assert_int_equal(range_map_remove(&map, 0, 8), ST_OK);
	assert_int_equal(map_edit(&map, EDIT_SET, 0, 8, 1), ST_OK);
	assert_at_limit(&map);
	assert_int_equal(range_map_remove(&map, 0, end), ST_OK);
	assert_int_equal(map.span_count, 0);
	range_map_release(&map);
}

#if CAN_FAIL_MALLOC
/* Each edit is tried with its first allocation failing, then its second, ...
 * until none does; after every failure the map is what it was. */
static void edit_starved(struct range_map *map, struct model *m, enum edit_kind kind,
			 size_t i, size_t j, unsigned *failures)
{
	uint32_t id = (uint32_t)++m->next_id;

	for (long failing = 1;; failing++) {
		enum status status;
		allocations_left = failing;
		status = map_edit(map, kind, m->edges[i], m->edges[j], id);
		allocations_left = -1;
		if (status == ST_OK)
			break;
		assert_int_equal(status, ST_MEMORY);
		++*failures;
		compare_all(map, m);
	}
	model_edit(m, kind, i, j, id);
	compare_all(map, m);
}

static void test_no_memory(void **state)
{
	static uint64_t edges[4096 + 1];
	static uint32_t ids[4096];
	struct model m = { edges, ids, 4096, 0 };
	struct range_map map = { 0 };
	unsigned failures = 0;

	(void)state;
	if (SPANS_MAX < 4096)
		skip();
	random_state = 11;
	for (size_t i = 0; i < ARRAY_LEN(edges); i++)
		edges[i] = i;
	/* Every other cell from above, then all gaps at once: chunks have to
	 * split in the middle of a fill, and the fill has to undo itself. */
	for (int round = 0; round < 3; round++) {
		for (size_t i = 4096; i > 0; i -= 2)
			edit_starved(&map, &m, EDIT_SET, i - 2, i - 1, &failures);
		edit_starved(&map, &m, EDIT_FILL, 0, 4096, &failures);
		for (int n = 0; n < 500; n++) {
			size_t i = random_below(4090);
			edit_starved(&map, &m, (enum edit_kind)random_below(3), i,
				     i + 1 + random_below(6), &failures);
		}
		edit_starved(&map, &m, EDIT_REMOVE, 0, 4096, &failures);
	}
	assert_true(failures > 20);
	range_map_release(&map);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_map),
		cmocka_unit_test(test_inverted_questions),
		cmocka_unit_test(test_own_span_as_argument),
		cmocka_unit_test(test_next_of_any_length),
		cmocka_unit_test(test_clear_keeps_memory),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_model_small),
		cmocka_unit_test(test_model_chunks),
		cmocka_unit_test(test_model_large),
#if CAN_FAIL_MALLOC
		cmocka_unit_test(test_no_memory),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
