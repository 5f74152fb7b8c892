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

#include "formats/clock.h"
#include "formats/in_text.h"
#include "formats/learned.h"
#include "formats/line_index.h"
#include "formats/newlines.h"
#include "formats/rows.h"
#include "formats/steps.h"

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
	{ "Nov 23 12:00:00.123456 host kernel: Memory: 1", "Memory: 1", K },
	{ "Mon 2026-11-23 12:00:00 UTC host kernel: Memory: 1", "Memory: 1", K },
	{ "1700000000.123456 host kernel: Memory: 1", "Memory: 1", K },
	{ "[    0.000000] lab-1.example.org kernel: Memory: 1", "Memory: 1", K },
	{ "[    0.000000 <    0.000123 >] host kernel: Memory: 1", "Memory: 1", K },
	{ "[    0.000000 <    0.000123>] Memory: 1", "Memory: 1", K },
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
	{ "2026-11-23T12:00:00.123456789Z [    0.000000] a", "a", K },
	{ "2026-11-23T12:00:00.123456789Z stdout F [    0.000000] a", "a", K },
	{ "2026-11-23T12:00:00.123456Z 01O [    0.000000] a", "a", K },
	{ "2026-11-23T12:00:00,123456+01:00 a", "a", K },
	{ "Nov 23 12:00:00 ci-7 qemu-run[812]: [    0.000000] a", "a", K },
	{ "Nov 23 12:00:00 ci-7 qemu-run[812]: (XEN) a", "a", X },
	{ "Nov 23 12:00:00 [    0.000000] a", "a", K },
	{ "[Nov23 12:00] a", "a", K },
	{ "[Mon Nov 23 12:00:00 2026 <    0.000123>] a", "a", K },
	{ "    MESSAGE=a", "a", K },
	{ ">(XEN) a", "a", X },
	{ "a\033[0m\033[K\r", "a", K },
	/* What looks like a prefix and is a fact, or speaks for itself. */
	{ "Nov 23 12:00:00 ci-7 qemu-run[812]: a", "ci-7 qemu-run[812]: a", K },
	{ "Nov 23 12:00:00 node 0: [mem 0x1000-0x9efff]", "node 0: [mem 0x1000-0x9efff]", K },
	{ "[mem 0x00000000-0x3fffffff] page 4k", "[mem 0x00000000-0x3fffffff] page 4k", K },
	{ "  [0001000000-000153ffff]", "[0001000000-000153ffff]", K },
	{ "(XEN)  [0000000000000000, 000000000009fbff] (usable)",
	  "[0000000000000000, 000000000009fbff] (usable)", X },
	{ "[    0.000000] Booting kernel: x", "Booting kernel: x", K },
	{ "(XEN)  Dom0 kernel: 64-bit, PAE", "Dom0 kernel: 64-bit, PAE", X },
	{ "[<0000000000000123>] f+0x1", "[<0000000000000123>] f+0x1", K },
	{ "1700000000.123456 host sshd: x", "1700000000.123456 host sshd: x", K },
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
	return shape_match(pattern, ends, text_of(message), &matched, &left_over, &lead_fits);
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

/* Sixteen digits at once, and one by one at the line's end, read the same. */
/* Decimal numbers of every length, whatever stands behind them. */
static void decimals_are_read(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char line[64];
		struct match_number number = { 0, 0 };
		unsigned digits = round % 18, behind;
		const char *end;

		for (unsigned i = 0; i < sizeof(line); i++) {
			random = random * 1664525 + 1013904223;
			line[i] = (char)(i < digits ? '0' + (random >> 16) % 10 : random >> 24);
		}
		if (line[digits] >= '0' && line[digits] <= '9')
			line[digits] = ' ';
		if (!digits && line[0] == '-')
			line[0] = '+';
		behind = digits + round / 18 % (40 - digits);
		end = compiled_decimal(line, line + behind, &number);
		if (!digits) {
			assert_null(end);
			continue;
		}
		assert_ptr_equal(end, line + digits);
		assert_int_equal(number.digits, digits);
		line[digits] = '\0';
		assert_int_equal(number.value, strtoull(line, NULL, 10));
	}
}

static void hex_readers_agree(void **state)
{
	static const char digits[] = "0f9aBFg/:@G`xX -";
	char line[64] = "a ";
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct match one;
		bool fits;

		for (int i = 0; i < 20; i++) {
			seed = seed * 1664525 + 1013904223;
			line[2 + i] = digits[(seed >> 24) % (round % 3 ? 6 : sizeof(digits) - 1)];
		}
		for (int length = 1; length <= 20; length++) {
			line[2 + length] = '\0';
			fits = try("a <x>", ENDS_NONE, line);
			one = matched;
			/* The same with room behind it. */
			memcpy(line + 2 + length, " ...................", 21);
			assert_int_equal(try("a <x>", ENDS_NONE, line), fits);
			if (fits) {
				assert_int_equal(matched.numbers[0].value, one.numbers[0].value);
				assert_int_equal(matched.numbers[0].digits, one.numbers[0].digits);
			}
			seed = seed * 1664525 + 1013904223;
			line[2 + length - 1] = digits[(seed >> 24) % 6];
			for (int i = length; i < 20; i++)
				line[2 + i] = digits[(seed >> (i % 24)) % 6];
		}
	}
}

/* --- the index of the rows ------------------------------------------------- */

/* A line that the pattern fits, with `blanks` for each blank. */
static size_t write_line_for(const char *pattern, unsigned digits, unsigned blanks, char *line)
{
	size_t n = 0;

	for (const char *p = pattern; *p;) {
		const char *capture = NULL;

		if (*p == ' ' || *p == '\t') {
			for (unsigned i = 0; i < blanks; i++)
				line[n++] = ' ';
			p++;
			continue;
		}
		if (*p != '<') {
			line[n++] = *p++;
			continue;
		}
		if (!strncmp(p, "<x>", 3))
			capture = digits % 2 ? "0x1f" : "7fa0b000";
		else if (!strncmp(p, "<d>", 3))
			capture = digits % 2 ? "7" : "-1234";
		else if (!strncmp(p, "<range>", 7))
			capture = digits % 3 == 0 ? "1000-2fff" :
				  digits % 3 == 1 ? "0x0000000000001000 -> 0x2000" : "9f000 - a0000";
		else
			capture = "word";
		n += (size_t)sprintf(line + n, "%s", capture);
		p = strchr(p, '>') + 1;
	}
	line[n] = '\0';
	return n;
}

/* No filter of the hot loop may drop a line that some row takes. */
static void every_row_is_looked_at(void **state)
{
	struct hint hint = { NULL, 0 };
	char line[1024];

	(void)state;
	for (unsigned r = 0; r < line_row_count; r++) {
		const char *pattern = line_patterns + line_rows[r].pattern;

		for (unsigned digits = 0; digits < 6; digits++)
			for (unsigned blanks = 1; blanks < 5; blanks++) {
				size_t length = write_line_for(pattern, digits, blanks, line);

				memset(line + length + 1, 0, 64);
				if (!shape_match(pattern, line_rows[r].ends,
						 (struct text){ line, length }, &matched,
						 &left_over, &lead_fits))
					continue;   /* "word" is not what it wants */
				if (!line_may_begin(line) || rows_glance(line, line + length, true, &hint) == PASS_BY)
					fail_msg("not looked at: \"%s\"", line);
			}
	}
}

/* ... nor one that a prefix may stand before: noise, a clock, a level. */
static void every_prefix_is_looked_at(void **state)
{
	static const char *const lines[] = {
		"[    0.000000] x", "<6>[    0.000000] x", "(XEN) x", " x", "\tx", "> x", "+x", "|x",
		"{\"a\":1}", "Nov 23 12:00:00 host kernel: x", "3,3,3,-,caller=T4;x", "-x",
		"2026-11-27T12:00:00 x", "kern  :info  : x", "dom0 kernel: x", "1234.567 x",
	};
	struct hint hint = { NULL, 0 };
	char line[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		memset(line, 0, sizeof(line));
		strcpy(line, lines[i]);
		if (!line_may_begin(line) ||
		    rows_glance(line, line + strlen(line), false, &hint) != LOOK_CLOSER)
			fail_msg("not looked at: \"%s\"", line);
	}
	for (unsigned byte = 0; byte < 256; byte++) {
		memset(line, 'x', sizeof(line));
		line[0] = (char)byte;
		if ((byte < ' ' || byte >= 0x7f) && byte != '\n')
			assert_true(line_may_begin(line));
	}
}

/* Both ways to match a row come to the same. */
static void match_both_ways(unsigned r, struct text message)
{
	const struct line_row *row = &line_rows[r];
	const char *pattern = line_patterns + row->pattern;
	struct match compiled;
	struct text compiled_left;
	bool compiled_lead = false, lead = false;
	bool fits = shape_match(pattern, row->ends, message, &matched, &left_over, &lead);

	if (line_match(message, &compiled, &compiled_left, &compiled_lead, r) != fits)
		fail_msg("\"%s\" and \"%.*s\": %d step by step", pattern,
			 TEXT_ARG(message), fits);
	assert_int_equal(lead, compiled_lead);
	if (!fits)
		return;
	assert_true(text_equal(left_over, compiled_left));
	assert_int_equal(matched.number_count, compiled.number_count);
	assert_int_equal(matched.range_count, compiled.range_count);
	assert_int_equal(matched.word_count, compiled.word_count);
	for (unsigned i = 0; i < matched.number_count; i++) {
		assert_int_equal(matched.numbers[i].value, compiled.numbers[i].value);
		assert_int_equal(matched.numbers[i].digits, compiled.numbers[i].digits);
	}
	for (unsigned i = 0; i < matched.range_count; i++) {
		assert_int_equal(matched.ranges[i].start, compiled.ranges[i].start);
		assert_int_equal(matched.ranges[i].end, compiled.ranges[i].end);
		assert_int_equal(matched.ranges[i].digits, compiled.ranges[i].digits);
		assert_int_equal(matched.ranges[i].absurd, compiled.ranges[i].absurd);
	}
	for (unsigned i = 0; i < matched.word_count; i++)
		assert_true(text_equal(matched.words[i], compiled.words[i]));
}

/* One character dropped, doubled or changed. */
static size_t damage(char *line, size_t length, uint32_t random)
{
	static const char other[] = " \tx0-,.<>+[](:";
	size_t at = random % length;

	switch (random >> 16 & 3) {
	case 0:
		memmove(line + at, line + at + 1, length - at);
		return length - 1;
	case 1:
		memmove(line + at + 1, line + at, length + 1 - at);
		return length + 1;
	case 2:
		line[at] = other[(random >> 18) % (sizeof(other) - 1)];
		return length;
	default:
		return at;
	}
}

static void compiled_as_interpreted(void **state)
{
	uint32_t random = 1;
	char line[1200];

	(void)state;
	for (unsigned r = 0; r < line_row_count; r++) {
		const struct line_row *row = &line_rows[r];
		const char *pattern = line_patterns + row->pattern;

		assert_int_equal(row->lead_length, strcspn(pattern, "<"));
		for (unsigned round = 0; round < 400; round++) {
			size_t length = write_line_for(pattern, round % 6, 1 + round / 6 % 4, line);

			for (unsigned i = 0; i < round % 3 && length; i++) {
				random = random * 1664525 + 1013904223;
				length = damage(line, length, random >> 3);
			}
			match_both_ways(r, (struct text){ line, length });
		}
	}
}

static void scanners_agree(void **state)
{
	static char bytes[NEWLINES_BYTES + 128];
	static uint16_t fast[NEWLINES_ROOM], plain[NEWLINES_ROOM];
	static const uint8_t one_of_256[] = { 128, 8, 3 };   /* a line's end */
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 500; round++) {
		unsigned length = 1 + seed % NEWLINES_BYTES, a, b;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = seed >> 24 < one_of_256[round % 3] ? '\n' : 'x';
		}
		a = newlines_scanner()(bytes, length, fast);
		b = newlines_plain(bytes, length, plain);
		assert_int_equal(a, b);
		assert_memory_equal(fast, plain, a * sizeof(*fast));
	}
}

/* Lines of one log, and of what may stand among them. */
static size_t write_block(char *block, size_t room, uint32_t seed)
{
	static const char *const prefixes[] = { "[    0.%06u] ", "[   12.%06u][   T%u] ", "",
		"<6>[    0.%06u] ", "Nov 23 12:00:%02u host kernel: ", "[    0.%06u]" };
	static const char *const messages[] = { "usb 1-1: new device", "e820: update", "",
		"memblock_reserve: [0x1-0x2] f", "    memblock_x86_reserve_range: x", "x",
		"audit: a line that is longer than the others are, by far", "e1000e: up", " two" };
	uint32_t kind = seed % 6;
	size_t length = 0;

	while (length + 128 < room) {
		const char *prefix = prefixes[seed >> 30 ? kind : (seed >> 20) % 6];

		seed = seed * 1664525 + 1013904223;
		length += (size_t)snprintf(block + length, 64, prefix, seed >> 8 & 63, seed >> 14 & 63);
		length += (size_t)sprintf(block + length, "%s\n", messages[(seed >> 20) % 9]);
	}
	return length;
}

/* Lines that are skimmed are told from others as each line alone is. */
static void lines_of_no_row_are_skimmed(void **state)
{
	static char block[NEWLINES_BYTES + 64];
	static uint16_t positions[NEWLINES_ROOM];
	static uint8_t may[SKIM_ROOM(NEWLINES_ROOM)];
	unsigned skimmed = 0, told = 0;

	(void)state;
	for (uint32_t seed = 1; seed < 500; seed++) {
		struct learned prefix = NOT_LEARNED;
		unsigned count = newlines_plain(block, (unsigned)write_block(block, NEWLINES_BYTES,
							seed * 2654435761u), positions);
		const uint16_t *position = positions, *end = positions + count, *to;

		for (const char *line = block; position < end; position++) {
			struct line stripped = { .domain = DOMAIN_NONE };
			const char *message;

			/* One line alone teaches the prefix. */
			line_strip((struct text){ line, (size_t)(block + *position - line) }, &stripped);
			learn_prefix(&prefix, line, &stripped);
			if (prefix.mask && ++position < end) {
				to = skim(&prefix, block, position, end, may);
				for (const uint16_t *p = position; p < to; p++, skimmed++) {
					size_t number = (size_t)(p - position);
					bool begins = skimmed_64(may + number / 64 * 8) >> number % 64 & 1;

					line = block + p[-1] + 1;
					assert_true(behind_prefix(&prefix, line, block + *p));
					message = line + prefix.length;
					assert_int_equal(line_may_begin(message), begins);
					told += begins;
				}
				position = to;
				if (position < end)
					assert_false(behind_prefix(&prefix, block + position[-1] + 1,
								   block + *position));
			}
			line = block + *position + 1;
		}
	}
	assert_true(skimmed > 10000 && told > 1000);
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

static void clocks(void **state)
{
	static const struct { const char *line; uint64_t microseconds; } some[] = {
		{ "[    0.371250] x", 371250 },
		{ "<6>[   12.000001] x", 12000001 },
		{ "            bash-107     [000] d..1.    60.652497: xen_mmu_set_pte: ptep", 60652497 },
		{ "bash   107 [000] 60.652497123: xen:xen_mmu_set_pte: ptep", 60652497 },
		{ "6,1018,371250,-;x", 371250 },
		{ "4,2000,99,-,caller=T1;x", 99 },
		{ "Nov 23 12:00:00 v2.6.39 kernel: [  371.250000] x", 371250000 },
		{ "(XEN) [    0.371250] the hypervisor's own clock", UINT64_MAX },
		{ "   1.015336450 x d0v0 ptwr l1e 1 eip 2 addr 3", UINT64_MAX },
		{ "[    0.37] x", UINT64_MAX },
		{ "Linux version 2.6.39-rc5", UINT64_MAX },
		{ "mm.c:2466:d0 Bad type", UINT64_MAX },
		{ "123456789: another trace clock", UINT64_MAX },
		{ ".123456]", UINT64_MAX },
		{ "a0.123456]", UINT64_MAX },
		{ "", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		uint64_t time = UINT64_MAX;

		assert_int_equal(clock_of(text_of(some[i].line), &time),
				 some[i].microseconds != UINT64_MAX);
		if (some[i].microseconds != UINT64_MAX)
			assert_int_equal(time, some[i].microseconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_come_off),
		cmocka_unit_test(numbers_and_ranges),
		cmocka_unit_test(odd_ranges),
		cmocka_unit_test(words_and_rests),
		cmocka_unit_test(hex_readers_agree),
		cmocka_unit_test(decimals_are_read),
		cmocka_unit_test(every_row_is_looked_at),
		cmocka_unit_test(every_prefix_is_looked_at),
		cmocka_unit_test(compiled_as_interpreted),
		cmocka_unit_test(scanners_agree),
		cmocka_unit_test(lines_of_no_row_are_skimmed),
		cmocka_unit_test(borders_do_not_show),
		cmocka_unit_test(clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
