/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The reader of xentrace files: against what Xen's own reader (xenalyze) says of a
 * real one, and with files that no xentrace would write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/binary.h"

#define SAMPLE "testdata/xentrace/ptwr/"

/* --- the oracle ------------------------------------------------------------ */

struct counts { unsigned long long ptwr, calls, updates, ext_calls, ext, va, multi, faults, lost; };

/* What the reader says of the whole. */
static struct counts told(void)
{
	struct counts c;

	assert_int_equal(sscanf(binary_remark,
		"xentrace: %llu emulated stores with their values; without entries, which Xen does "
		"not record: %llu calls of mmu_update (%llu updates), %llu of mmuext_op (%llu "
		"operations), %llu of update_va_mapping; %llu multicalls, %llu page faults, %llu "
		"records lost", &c.ptwr, &c.calls, &c.updates, &c.ext_calls, &c.ext, &c.va,
		&c.multi, &c.faults, &c.lost), 9);
	return c;
}

static void agrees_with_xenalyze(void **state)
{
	FILE *oracle = fopen(SAMPLE "xenalyze.txt", "r");
	struct counts want = { 0 }, got;
	uint64_t hidden = 0;
	uint32_t next = 0;
	char line[512];

	(void)state;
	assert_non_null(oracle);
	read_file(NULL, SAMPLE "xentrace.raw");
	assert_int_equal(binary_status, ST_OK);
	assert_string_equal(binary_input.format, "xentrace");
	assert_int_equal(binary_diagnostics, 1);
	while (fgets(line, sizeof(line), oracle)) {
		unsigned long long entry, at, count;
		const char *words;

		if ((words = strstr(line, " ptwr l1e ")) != NULL) {
			assert_int_equal(sscanf(words, " ptwr l1e %llx eip %*x addr %llx", &entry, &at), 2);
			while (next < binary_count && binary_events[next].u.mmu.kind == MMU_OPS_LOST)
				hidden += binary_events[next++].u.mmu.flags;
			assert_true(next < binary_count);
			assert_int_equal(binary_events[next].u.mmu.kind, MMU_PTWR);
			assert_int_equal(binary_events[next].u.mmu.val, entry);
			assert_int_equal(binary_events[next].u.mmu.ptr, at);
			/* d0 runs; it is said so before the first one. */
			assert_int_equal(binary_events[next].domain, 0);
			assert_int_equal(binary_events[next++].certainty, PROVED);
			want.ptwr++;
		} else if ((words = strstr(line, "(mmu_update) ")) != NULL) {
			assert_int_equal(sscanf(words, "(mmu_update) %llu", &count), 1);
			want.calls++;
			want.updates += count;
		} else if ((words = strstr(line, "(mmuext_op) ")) != NULL) {
			assert_int_equal(sscanf(words, "(mmuext_op) %llu", &count), 1);
			want.ext_calls++;
			want.ext += count;
		} else {
			want.va += strstr(line, "(update_va_mapping)") != NULL;
			want.multi += strstr(line, "(multicall)") != NULL;
			want.faults += strstr(line, "page_fault[") != NULL;
		}
	}
	fclose(oracle);
	for (; next < binary_count; next++)
		hidden += binary_events[next].u.mmu.flags;
	got = told();
	assert_int_equal(want.ptwr, 60);
	assert_memory_equal(&got, &want, sizeof(got));
	assert_int_equal(hidden, want.updates + want.ext + want.va);
}

/* --- made by hand ---------------------------------------------------------- */

static unsigned char bytes[1 << 20];
static size_t used, window_at;

static void put(uint32_t word)
{
	memcpy(bytes + used, &word, 4);
	used += 4;
}

static void put64(uint64_t word)
{
	put((uint32_t)word);
	put((uint32_t)(word >> 32));
}

static void window(uint32_t cpu)
{
	put(0x2001f003);
	put(cpu);
	put(0);
	window_at = used;
}

static void close_window(void)
{
	uint32_t length = (uint32_t)(used - window_at);

	memcpy(bytes + window_at - 4, &length, 4);
}

static void record(uint32_t event, unsigned words, uint64_t tsc)
{
	put(event | words << 28 | 1u << 31);
	put64(tsc);
}

static void ptwr(uint64_t tsc, uint64_t entry)
{
	record(0x0020110b, 6, tsc);
	put64(entry);
	put64(0xffff888000000000 + entry);
	put64(0xffffffff81000000);
}

static void runs(uint64_t tsc, uint32_t domain)
{
	record(0x0002800f, 4, tsc);
	put(domain);
	put(0);
	put64(0);
}

static void read_made(void)
{
	read_bytes(NULL, bytes, used);
	assert_int_equal(binary_status, ST_OK);
}

/* Two CPUs in turns: the time stamps decide, and each has a domain of its own. */
static void time_decides(void **state)
{
	(void)state;
	used = 0;
	window(3);
	runs(10, 1);
	ptwr(100, 0x1000);
	ptwr(300, 0x3000);
	close_window();
	window(0);
	runs(20, 2);
	ptwr(90, 0x900);
	ptwr(200, 0x2000);
	ptwr(250, 0x2500);
	close_window();
	window(3);
	ptwr(400, 0x4000);
	close_window();
	window(0);
	ptwr(350, 0x3500);
	close_window();
	read_made();
	assert_int_equal(binary_count, 7);
	for (uint32_t i = 1; i < binary_count; i++)
		assert_true(binary_events[i].u.mmu.val > binary_events[i - 1].u.mmu.val);
	assert_int_equal(binary_events[0].domain, 2);
	assert_int_equal(binary_events[1].domain, 1);
	assert_int_equal(binary_diagnostics, 1);
}

/* Xen 3.4 to 4.2, 64-bit and PAE, its hypercalls without counts. */
static void old_numbers(void **state)
{
	(void)state;
	used = 0;
	window(0);
	record(0x0020f10b, 6, 1);
	put64(0x8000000012345067);
	put64(0xffff880001234568);
	put64(0xffffffff80001000);
	record(0x0020f00c, 4, 2);
	put64(0x76543063);
	put(0xc1234568);
	put(0xc0100000);
	record(0x0020f101, 3, 3);
	put64(0xffffffff80001000);
	put(1);
	record(0x0020f001, 2, 4);
	put(0xc0100000);
	put(26);
	record(0x0020f104, 5, 5);
	put64(0); put64(0); put(2);
	close_window();
	read_made();
	assert_int_equal(binary_count, 3);
	assert_int_equal(binary_events[0].u.mmu.kind, MMU_PTWR);
	assert_int_equal(binary_events[0].u.mmu.val, 0x8000000012345067);
	assert_int_equal(binary_events[0].u.mmu.ptr, 0xffff880001234568);
	/* No record of the scheduler: whose it is was not told. */
	assert_int_equal(binary_events[0].certainty, INFERRED);
	assert_int_equal(binary_events[0].domain, DOMAIN_NONE);
	assert_int_equal(binary_events[1].u.mmu.val, 0x76543063);
	assert_int_equal(binary_events[1].u.mmu.ptr, 0xc1234568);
	assert_int_equal(binary_events[2].u.mmu.kind, MMU_OPS_LOST);
	assert_int_equal(told().calls, 1);
	assert_int_equal(told().ext_calls, 1);
	assert_int_equal(told().faults, 1);
}

/* Arguments before the count, some of them wide; a call that goes on is no
 * second call's worth of operations. */
static void calls_and_lost_records(void **state)
{
	(void)state;
	used = 0;
	window(0);
	runs(1, 0);
	record(0x0020100d, 4, 2);
	put(1 | 2u << 20 | 1u << 22);   /* A0 wide, A1 = count */
	put64(0xdeadbeef00000000);
	put(5);
	record(0x0020200e, 2, 3);       /* in a multicall */
	put(1 | 1u << 22);
	put(7);
	record(0x0020100d, 2, 4);
	put(1 | 1u << 22);
	put(0x80000003);
	record(0x0001f001, 4, 5);
	put(99);
	put(0);
	put64(4);
	ptwr(6, 0x1000);
	close_window();
	read_made();
	assert_int_equal(binary_count, 3);
	assert_int_equal(binary_events[0].u.mmu.kind, MMU_OPS_LOST);
	assert_int_equal(binary_events[0].u.mmu.flags, 12);
	assert_int_equal(binary_events[1].u.mmu.kind, MMU_OPS_LOST);
	assert_int_equal(binary_events[1].u.mmu.flags, 0);
	assert_int_equal(binary_losses, 1);
	assert_int_equal(binary_events[2].u.mmu.kind, MMU_PTWR);
	assert_int_equal(told().updates, 12);
	assert_int_equal(told().calls, 3);
	assert_int_equal(told().lost, 99);
	assert_int_equal(binary_diagnostics, 2);
}

/* --- files that no xentrace writes ------------------------------------------ */

static void make_small(void)
{
	used = 0;
	window(0);
	runs(1, 0);
	for (uint64_t i = 1; i <= 6; i++)
		ptwr(10 * i, i);
	close_window();
	window(1);
	runs(2, 0);
	for (uint64_t i = 7; i <= 9; i++)
		ptwr(10 * i, i);
	close_window();
}

static void cut_anywhere(void **state)
{
	size_t whole;

	(void)state;
	make_small();
	whole = used;
	for (used = 12; used <= whole; used++) {
		uint64_t last = 0;

		read_made();
		for (uint32_t i = 0; i < binary_count; i++) {
			assert_int_equal(binary_events[i].u.mmu.kind, MMU_PTWR);
			assert_int_equal(binary_events[i].u.mmu.val, last + 1);
			last = binary_events[i].u.mmu.val;
		}
		assert_int_equal(binary_count, told().ptwr);
	}
	assert_int_equal(binary_count, 9);
	used = whole - 1;
	read_made();
	assert_int_equal(binary_count, 8);
	assert_true(binary_diagnostics > 1);
}

/* Each byte in turn, absurd: whatever comes of it, the reader ends and says what
 * it left out, and the other CPU's records are read. */
static void absurd_anywhere(void **state)
{
	static const unsigned char absurd[] = { 0x00, 0x7f, 0x80, 0xff };

	(void)state;
	make_small();
	for (size_t i = 4; i < used; i++)
		for (size_t j = 0; j < ARRAY_LEN(absurd); j++) {
			unsigned char was = bytes[i];

			bytes[i] = absurd[j];
			read_made();
			bytes[i] = was;
			assert_true(binary_count < 20);
		}
}

static void absurd_windows(void **state)
{
	(void)state;
	/* A window that is larger than any file. */
	used = 0;
	window(0);
	ptwr(1, 1);
	memset(bytes + window_at - 4, 0xfc, 4);
	read_made();
	assert_int_equal(binary_count, 1);
	assert_true(binary_diagnostics > 1);
	/* One of a CPU that cannot be, in the middle: the next one is found. */
	used = 0;
	window(0);
	ptwr(1, 1);
	close_window();
	window(0x7fffffff);
	ptwr(2, 2);
	close_window();
	window(1);
	ptwr(3, 3);
	close_window();
	read_made();
	assert_int_equal(binary_count, 2);
	assert_int_equal(binary_events[1].u.mmu.val, 3);
	assert_true(binary_diagnostics > 1);
	/* As many CPUs as can be, all empty but the last. */
	used = 0;
	for (uint32_t cpu = 0; cpu < 4095; cpu++) {
		window(cpu);
		close_window();
	}
	window(4095);
	ptwr(1, 1);
	close_window();
	read_made();
	assert_int_equal(binary_count, 1);
	/* Zeros where records should be. */
	used = 0;
	window(0);
	memset(bytes + used, 0, 4096);
	used += 4096;
	close_window();
	window(0);
	ptwr(1, 1);
	close_window();
	read_made();
	assert_true(binary_diagnostics > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_xenalyze),
		cmocka_unit_test(time_decides),
		cmocka_unit_test(old_numbers),
		cmocka_unit_test(calls_and_lost_records),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(absurd_anywhere),
		cmocka_unit_test(absurd_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
