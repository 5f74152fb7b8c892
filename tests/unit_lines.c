/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines: prefixes come off, shapes match, blocks have no borders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "formats/in_text.h"

struct strip_case {
	const char *raw, *message;
	enum speaker speaker;
	uint16_t domain;
	bool xen_source;
};

static const struct strip_case strip_cases[] = {
#define K SPEAKER_KERNEL, DOMAIN_NONE, false
#define X SPEAKER_XEN, DOMAIN_NONE, false
	{ "BRK [0x1, 0x2] PGTABLE", "BRK [0x1, 0x2] PGTABLE", K },
	{ "[    0.000000] Memory: 1", "Memory: 1", K },
	{ "[12345.678901] Memory: 1", "Memory: 1", K },
	{ "<6>[    0.000000] Memory: 1", "Memory: 1", K },
	{ "<6>Memory: 1", "Memory: 1", K },
	{ "[    0.000000][    T0] Memory: 1", "Memory: 1", K },
	{ "[    0.000000] [T12] Memory: 1", "Memory: 1", K },
	{ "\r\r[    0.000000] Memory: 1\r", "Memory: 1", K },
	{ "\033[32m[    0.000000] \033[0m\033[33mMemory: 1", "Memory: 1", K },
	{ "Nov 23 12:00:00 host kernel: [    0.000000] Memory: 1", "Memory: 1", K },
	{ "Nov  3 12:00:00 host kernel: Memory: 1", "Memory: 1", K },
	{ "2026-11-23T12:00:00.123456+01:00 host kernel: Memory: 1", "Memory: 1", K },
	{ "20:50:54,534 INFO kernel:Memory: 1", "Memory: 1", K },
	{ "kern  :info  : [    0.000000] Memory: 1", "Memory: 1", K },
	{ "[Mon Nov 23 12:00:00 2026] Memory: 1", "Memory: 1", K },
	{ "[2026-11-23 12:00:00] [    0.000000] Memory: 1", "Memory: 1", K },
	{ "> > [    0.000000] Memory: 1", "Memory: 1", K },
	{ ">>> Memory: 1", "Memory: 1", K },
	{ "+[    0.000000] Memory: 1", "Memory: 1", K },
	{ "< [    0.000000] Memory: 1", "Memory: 1", K },
	{ "6,123,456,-;Memory: 1", "Memory: 1", K },
	{ "6,123,456,-,caller=T1;Memory: 1", "Memory: 1", K },
	{ "(early) [    0.000000] Memory: 1", "Memory: 1", K },
	{ "dom0 kernel: Memory: 1", "Memory: 1", K },
	{ "[    0.000000] kernel: Memory: 1", "Memory: 1", K },
	{ "(d1) [    0.000000] Memory: 1", "Memory: 1", SPEAKER_KERNEL, 1, false },
	{ "(XEN) HVM4: Memory: 1", "Memory: 1", SPEAKER_KERNEL, 4, false },
	{ "(XEN) Xen version 4.1.0 (x)", "Xen version 4.1.0 (x)", X },
	{ "(XEN) [2026-11-23 12:00:00] Freed 1kB", "Freed 1kB", X },
	{ "(XEN) [2026-11-23 12:00:00.123] Freed 1kB", "Freed 1kB", X },
	{ "(XEN) [    1.234567] Freed 1kB", "Freed 1kB", X },
	{ "(XEN) [0000001234567890] Freed 1kB", "Freed 1kB", X },
	{ "\001\377(XEN) Freed 1kB", "Freed 1kB", X },
	{ "(XEN) mm.c:2466:d0 Bad type", "Bad type", SPEAKER_XEN, 0, true },
	{ "(XEN) arch/x86/mm.c:2940:d7v0 Bad type", "Bad type", SPEAKER_XEN, 7, true },
	{ "mm.c:xxxx:d0 Bad type", "Bad type", SPEAKER_XEN, 0, true },
	{ "(XEN) d3v1 Unhandled", "Unhandled", SPEAKER_XEN, 3, true },
	{ "(XEN) mm.c:12:d[IO] Bad type", "Bad type", SPEAKER_XEN, DOMAIN_NONE, true },
	/* What looks like a prefix and is a fact. */
	{ "[mem 0x00000000-0x3fffffff] page 4k", "[mem 0x00000000-0x3fffffff] page 4k", K },
	{ "  [0001000000-000153ffff]", "[0001000000-000153ffff]", K },
	{ "(XEN)  [0000000000000000, 000000000009fbff] (usable)",
	  "[0000000000000000, 000000000009fbff] (usable)", X },
	{ "", "", K },
	{ "[", "[", K },
	{ "<", "<", K },
};

static void prefixes_come_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strip_cases); i++) {
		const struct strip_case *c = &strip_cases[i];
		struct line line = { 0 };

		line_strip(text_of(c->raw), &line);
		if (!text_equal(line.message, text_of(c->message)) || line.speaker != c->speaker ||
		    line.domain != c->domain || line.xen_source != c->xen_source)
			fail_msg("\"%s\": message \"%.*s\", speaker %d, domain %u", c->raw,
				 TEXT_ARG(line.message), line.speaker, line.domain);
	}
}

static struct match matched;
static struct text left_over;
static bool lead_fits;

static bool try(const char *pattern, enum ends ends, const char *message)
{
	struct line_shape shape = { pattern, ends, NULL };

	return shape_match(&shape, text_of(message), &matched, &left_over, &lead_fits);
}

static void numbers_and_ranges(void **state)
{
	(void)state;
	assert_true(try("BRK [<range>] PGTABLE", ENDS_INCLUSIVE,
			"BRK [0x02600000, 0x02600fff] PGTABLE"));
	assert_int_equal(matched.ranges[0].start, 0x2600000);
	assert_int_equal(matched.ranges[0].end, 0x2601000);
	assert_int_equal(matched.ranges[0].digits, 8);
	assert_true(try("@ <range>", ENDS_EXCLUSIVE, "@ ff7e000-10000000"));
	assert_int_equal(matched.ranges[0].end, 0x10000000);
	assert_true(try("Page tables: <range>", ENDS_EXCLUSIVE,
			"Page tables:   ffffffff81801000->ffffffff81812000"));
	assert_int_equal(matched.ranges[0].start, 0xffffffff81801000);
	assert_true(try("a <x> b <d>", ENDS_NONE, "a  0xFFFFFFFFFFFFFFFF b -22"));
	assert_int_equal(matched.numbers[0].value, UINT64_MAX);
	assert_int_equal((int64_t)matched.numbers[1].value, -22);
	/* 17 digits are no number; neither is a cut one that runs into a word. */
	assert_false(try("a <x>", ENDS_NONE, "a 00000000000000001"));
	assert_false(try("a <x>", ENDS_NONE, "a 1234z"));
	for (int digits = 1; digits <= 16; digits++) {
		char line[32];

		snprintf(line, sizeof(line), "a %.*s", digits, "fedcba9876543210");
		assert_true(try("a <x>", ENDS_NONE, line));
		assert_int_equal(matched.numbers[0].value,
				 0xfedcba9876543210 >> (64 - 4 * digits));
		assert_int_equal(matched.numbers[0].digits, digits);
	}
}

static void odd_ranges(void **state)
{
	(void)state;
	assert_true(try("r <range>", ENDS_EXCLUSIVE, "r 2000-1000"));
	assert_true(matched.ranges[0].absurd);
	/* Zero-sized ranges print their end before their start. */
	assert_true(try("r <range>", ENDS_INCLUSIVE, "r 2000-1fff"));
	assert_false(matched.ranges[0].absurd);
	assert_int_equal(matched.ranges[0].end, 0x2000);
	assert_true(try("r <range>", ENDS_INCLUSIVE, "r 0-ffffffffffffffff"));
	assert_int_equal(matched.ranges[0].end, 0);
	assert_true(try("r <range>", ENDS_INCLUSIVE, "r 1000-ffffffffffffffff"));
	assert_true(matched.ranges[0].absurd);
}

static void words_and_rests(void **state)
{
	(void)state;
	assert_true(try("memblock_<w>: <d> bytes <rest>", ENDS_NONE,
			"memblock_alloc_try_nid: 4096 bytes align=0x40 spp_getpage+0x35/0x68"));
	assert_true(text_equal(matched.words[0], TEXT("alloc_try_nid")));
	assert_true(text_equal(matched.words[1], TEXT("align=0x40 spp_getpage+0x35/0x68")));
	assert_true(try("allocated <any> memory conflicts", ENDS_NONE,
			"allocated page table memory conflicts"));
	assert_true(text_equal(matched.words[0], TEXT("page table")));
	assert_true(try("Freeing: <d>k", ENDS_NONE, "Freeing: 12k (XEN) mm.c"));
	assert_true(text_equal(left_over, TEXT("(XEN) mm.c")));
	/* A cut line: its lead fits, its number is missing. */
	assert_false(try("kernel direct mapping tables up to <x>", ENDS_NONE,
			 "kernel direct mapping tables up to "));
	assert_true(lead_fits);
	assert_false(try("kernel direct mapping tables up to <x>", ENDS_NONE, "kernel BUG"));
	assert_false(lead_fits);
}

static void scanners_agree(void **state)
{
	static char bytes[8192 + 128];
	static uint16_t fast[8192 + 64], plain[8192 + 64];
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 500; round++) {
		unsigned length = 1 + seed % 8192, a, b;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = seed >> 24 < (round % 2 ? 8 : 128) ? '\n' : 'x';
		}
		a = in_text_newlines(false, bytes, length, fast);
		b = in_text_newlines(true, bytes, length, plain);
		assert_int_equal(a, b);
		assert_memory_equal(fast, plain, a * sizeof(*fast));
	}
}

/* --- blocks --------------------------------------------------------------- */

static struct loc seen[4096];
static unsigned seen_count;

static enum status note_event(void *context, const struct event *event)
{
	(void)context;
	if (seen_count < ARRAY_LEN(seen))
		seen[seen_count++] = event->at;
	return ST_OK;
}

static void out_of_memory(void *context)
{
	(void)context;
	abort();
}

static void read_all(const char *path, struct input_report *input)
{
	struct arena arena;
	struct source source = { .buffer = source_buffer_new() };
	struct reader reader = { .emit = note_event, .input = input, .arena = &arena };
	const char *trouble = NULL;
	size_t got;

	arena_init(&arena, 1 << 20, out_of_memory, NULL);
	seen_count = 0;
	*input = (struct input_report){ .name = path };
	assert_int_equal(source_open(&source, path, &trouble), ST_OK);
	assert_int_equal(source_read(&source, source_data(&source), READ_BYTES, &got, &trouble), ST_OK);
	assert_int_equal(in_text_run(&reader, &source, got, &trouble), ST_OK);
	source_close(&source);
	free(source.buffer);
	arena_release(&arena);
}

/* The same facts wherever the block's border falls, and every line is where
 * it was said to be. */
static void borders_do_not_show(void **state)
{
	static const char fact[] = "[    0.000000] BRK [0x00001000, 0x00001fff] PGTABLE\n";
	char path[] = "/tmp/pgtcheck-unit-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct input_report input;
	unsigned lines = 0, facts = 0;

	(void)state;
	assert_non_null(file);
	for (unsigned i = 0; ftell(file) < (long)(3 * READ_BYTES); i++) {
		fprintf(file, "[    0.000000] usb 1-%u: %.*s\n", i, (int)(i * 37 % 211),
			"a device of some length ............................................"
			"..................................................................."
			".................................................................");
		lines++;
		if (i % 5 == 0) {
			fputs(fact, file);
			lines++;
			facts++;
		}
	}
	fputs("[    0.000000] BRK [0x00002000, 0x00002fff] PGTABLE", file);   /* no newline */
	fclose(file);
	read_all(path, &input);
	assert_int_equal(input.lines, lines + 1);
	assert_int_equal(seen_count, facts + 1 < ARRAY_LEN(seen) ? facts + 1 : ARRAY_LEN(seen));
	file = fopen(path, "r");
	for (unsigned i = 0; i < seen_count; i++) {
		char text[sizeof(fact)];

		assert_int_equal(seen[i].length, sizeof(fact) - 2);
		fseek(file, (long)seen[i].offset, SEEK_SET);
		assert_int_equal(fread(text, 1, sizeof(fact) - 2, file), sizeof(fact) - 2);
		assert_memory_equal(text, fact, 15);
	}
	fclose(file);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_come_off),
		cmocka_unit_test(numbers_and_ranges),
		cmocka_unit_test(odd_ranges),
		cmocka_unit_test(words_and_rests),
		cmocka_unit_test(scanners_agree),
		cmocka_unit_test(borders_do_not_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
