/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What everything else stands on: rounding between number spaces (frame.h),
 * the arena, ASSERT. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/arena.h"
#include "core/frame.h"

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

/* ---- frame.h ---- */

static void assert_pfns(struct pfn_range r, uint64_t start, uint64_t end)
{
	assert_int_equal(r.start.n, start);
	assert_int_equal(r.end.n, end);
}

/*      0x1000      0x2000      0x3000      0x4000
 *        |     1     |     2     |     3     |
 *            [===============================)       inside 2..4, touched 1..4
 *        [======================)                    inside 1..2, touched 1..3
 *            [=======================)               inside 2..3, touched 1..4
 *            [====)                                  inside none, touched 1..2
 *                 [======)                           inside none, touched 1..3 */
static void test_rounding(void **state)
{
	static const struct { uint64_t start, end, inside[2], touched[2]; } rows[] = {
		{ 0x1000, 0x4000, { 1, 4 }, { 1, 4 } },
		{ 0x1800, 0x4000, { 2, 4 }, { 1, 4 } },
		{ 0x1000, 0x2fff, { 1, 2 }, { 1, 3 } },
		{ 0x1001, 0x3001, { 2, 3 }, { 1, 4 } },
		{ 0x1fff, 0x3001, { 2, 3 }, { 1, 4 } },
		{ 0x1200, 0x1300, { 2, 2 }, { 1, 2 } },
		{ 0x1200, 0x2300, { 2, 2 }, { 1, 3 } },
		{ 0, 1, { 0, 0 }, { 0, 1 } },
		{ 0, 0x9fc00, { 0, 0x9f }, { 0, 0xa0 } },   /* a BIOS's first entry */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct paddr_range bytes = paddr_range(rows[i].start, rows[i].end);
		assert_pfns(pfns_inside(bytes), rows[i].inside[0], rows[i].inside[1]);
		assert_pfns(pfns_touched(bytes), rows[i].touched[0], rows[i].touched[1]);
	}
}

static void test_rounding_empty(void **state)
{
	static const uint64_t starts[] = { 0, 1, 0x1000, 0x1800, 0x5000, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct paddr_range empty = paddr_range(starts[i], starts[i]);
		struct paddr_range inverted = paddr_range(starts[i], starts[i] / 2);
		assert_true(pfn_range_empty(pfns_inside(empty)));
		assert_true(pfn_range_empty(pfns_touched(empty)));
		assert_true(pfn_range_empty(pfns_inside(inverted)));
		assert_true(pfn_range_empty(pfns_touched(inverted)));
	}
}

/* The last frame is [2^64 - 4096, 2^64), whose end no range can name: the
 * largest end is one byte short, so that frame is touched but never inside. */
static void test_rounding_at_the_end(void **state)
{
	const uint64_t last = UINT64_MAX >> FRAME_SHIFT;

	(void)state;
	assert_pfns(pfns_inside(paddr_range(0, UINT64_MAX)), 0, last);
	assert_pfns(pfns_touched(paddr_range(0, UINT64_MAX)), 0, last + 1);
	assert_pfns(pfns_touched(paddr_range(UINT64_MAX - 1, UINT64_MAX)), last, last + 1);
	assert_true(pfn_range_empty(pfns_inside(paddr_range(UINT64_MAX - 1, UINT64_MAX))));
	assert_true(pfn_range_empty(pfns_inside(paddr_range(UINT64_MAX - 4095, UINT64_MAX))));
	assert_pfns(pfns_inside(paddr_range(UINT64_MAX - 8191, UINT64_MAX)), last - 1, last);
	assert_int_equal(pfn_of(to_paddr(UINT64_MAX)).n, last);
}

static void test_rounding_random(void **state)
{
	(void)state;
	random_state = 1;
	for (int i = 0; i < 100000; i++) {
		uint64_t start = random_64() >> random_below(64);
		uint64_t size = random_64() >> random_below(64);
		struct paddr_range bytes = paddr_range(start, start + size);
		struct pfn_range inside = pfns_inside(bytes), touched = pfns_touched(bytes);

		if (paddr_range_empty(bytes))
			continue;
		assert_true(pfn_range_covers(touched, inside));
		assert_true(paddr_range_covers(bytes, bytes_of(inside)));
		assert_true(pfn_range_holds(touched, pfn_of(bytes.start)));
		assert_true(pfn_range_holds(touched, pfn_of(to_paddr(bytes.end.n - 1))));
		assert_true(pfn_range_size(touched) - pfn_range_size(inside) <= 2);
	}
}

static void test_range_helpers(void **state)
{
	struct pfn_range a = pfn_range(10, 20), b = pfn_range(15, 30), c = pfn_range(20, 25);

	(void)state;
	assert_pfns(pfn_range_meet(a, b), 15, 20);
	assert_true(pfn_range_overlap(a, b));
	assert_false(pfn_range_overlap(a, c));
	assert_true(pfn_range_empty(pfn_range_meet(a, pfn_range(30, 40))));
	assert_true(pfn_range_covers(a, pfn_range(10, 20)));
	assert_false(pfn_range_covers(a, pfn_range(10, 21)));
	assert_true(pfn_range_covers(a, pfn_range(50, 50)));
	assert_false(pfn_range_holds(a, to_pfn(20)));
	assert_int_equal(pfn_range_size(pfn_range(5, 3)), 0);
	assert_int_equal(bytes_of(a).end.n, 20 * 4096);
}

/* ---- arena.h ---- */

static jmp_buf out_of_arena;

static void leave(void *context)
{
	++*(int *)context;
	longjmp(out_of_arena, 1);
}

static void test_arena_alignment(void **state)
{
	struct arena arena;
	int calls = 0;

	(void)state;
	arena_init(&arena, 1 << 20, leave, &calls);
	for (size_t bytes = 1; bytes < 400; bytes++) {
		char *p = arena_alloc(&arena, bytes);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xa5, bytes);
	}
	assert_non_null(arena_alloc(&arena, 100000));   /* larger than a block */
	arena_release(&arena);
	assert_int_equal(arena.held_bytes, 0);
	assert_int_equal(calls, 0);
}

static void test_arena_budget(void **state)
{
	const uint64_t budget = 256 * 1024;
	struct arena arena;
	volatile uint64_t taken = 0;
	int calls = 0;

	(void)state;
	arena_init(&arena, budget, leave, &calls);
	if (!setjmp(out_of_arena))
		for (;;) {
			arena_alloc(&arena, 1024);
			taken += 1024;
		}
	assert_int_equal(calls, 1);
	assert_true(arena.held_bytes <= budget);
	assert_true(taken <= budget);
	assert_true(taken >= budget / 2);
	arena_release(&arena);   /* and it may be used again */
	assert_non_null(arena_alloc(&arena, 1024));
	arena_release(&arena);
}

static void test_arena_reset(void **state)
{
	struct arena arena;
	uint64_t held;
	char *first;
	int calls = 0;

	(void)state;
	arena_init(&arena, 1 << 24, leave, &calls);
	first = arena_alloc(&arena, 64);
	memset(first, 0xff, 64);
	held = arena.held_bytes;
	arena_reset(&arena);
	assert_int_equal(arena.held_bytes, held);   /* a block is kept */
	assert_ptr_equal(arena_alloc(&arena, 64), first);
	assert_int_equal(first[63], 0);             /* and zeroed again */
	for (int i = 0; i < 10000; i++)
		arena_alloc(&arena, 64);
	arena_reset(&arena);
	assert_int_equal(arena.held_bytes, held);
	arena_release(&arena);
	assert_int_equal(arena.held_bytes, 0);
}

static void test_arena_text(void **state)
{
	struct arena arena;
	char *copy;
	int calls = 0;

	(void)state;
	arena_init(&arena, 1 << 20, leave, &calls);
	copy = arena_copy(&arena, TEXT("brk"));
	assert_string_equal(copy, "brk");
	assert_string_equal(arena_copy(&arena, (struct text){ NULL, 0 }), "");
	assert_string_equal(arena_printf(&arena, "%d-%s", 7, copy), "7-brk");
	assert_int_equal(strlen(arena_printf(&arena, "%300d", 1)), 300);
	assert_int_equal(strlen(arena_printf(&arena, "%255d", 1)), 255);
	assert_int_equal(strlen(arena_printf(&arena, "%256d", 1)), 256);
	arena_release(&arena);
}

/* ---- base.h ---- */

/* A child that breaks a promise: one message, then status 3 or SIGABRT. */
static void test_assert(void **state)
{
	int ends[2], status;
	char message[600];
	ssize_t length;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		dup2(ends[1], STDERR_FILENO);
		ASSERT(sizeof(message) == 1);
		_exit(0);
	}
	close(ends[1]);
	length = read(ends[0], message, sizeof(message) - 1);
	close(ends[0]);
	assert_true(length > 0);
	message[length] = 0;
	assert_non_null(strstr(message, "sizeof(message) == 1"));
	assert_non_null(strstr(message, "unit_basics.c"));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == 3 : WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_rounding_empty),
		cmocka_unit_test(test_rounding_at_the_end),
		cmocka_unit_test(test_rounding_random),
		cmocka_unit_test(test_range_helpers),
		cmocka_unit_test(test_arena_alignment),
		cmocka_unit_test(test_arena_budget),
		cmocka_unit_test(test_arena_reset),
		cmocka_unit_test(test_arena_text),
		cmocka_unit_test(test_assert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
