/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines that come in rows are read a short way: what it makes of them, damaged ones among
 * them, is what each line tells when it is read alone. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "formats/in_text.h"

#define LINES 20000u

static const char *const spellings[] = {
	"memblock_reserve: [0x0000000001000000-0x0000000001ffffff] setup_arch+0x1b/0x90",
	"memblock_reserve: [0x00000000000000-0x00000000001000] flags 0x0 reserve_range+0x1/0x2",
	"memblock_reserve: [0x0000000012d000-0x0000000012e000] e820_table_reserve+0x1",
	"memblock_reserve: [0x0000000001000000-0x0000000001ffffff] flags 2 alloc+0x1/0x2 [mod]",
	"memblock_reserve: [0x1000-0xfff] nothing+0x1/0x2",
	"memblock_reserve: [0xffffffffffff0000-0xffffffffffffffff] top+0x1/0x2",
	"    memblock_x86_reserve_range: [0x0009d000-0x0009efff]       TRAMPOLINE",
	"    memblock_x86_reserve_range: [0x01000000-0x01ffffff]    TEXT DATA BSS",
	"    memblock_x86_reserve_range: [0x13fffe000-0x13fffefff]          BOOTMEM",
	"memblock_alloc_try_nid: 4096 bytes align=0x40 nid=-1 from=0x0000000000000000 "
		"max_addr=0x0000000000000000 sparse_init_nid+0x8d/0x34d",
	"memblock_virt_alloc_try_nid_nopanic: 212992 bytes align=0x0 nid=0 from=0x0 max_addr=0x0 "
		"alloc_node_mem_map.constprop.0+0x1/0x2",
	"memblock_phys_alloc_range: 4096 bytes align=0x1000 from=0x0000000000100000 "
		"max_addr=0x0000000040000000 alloc_low_pages+0x137/0x160",
	"memblock_alloc_range_nid: 123456789012 bytes align=0x1000 nid=17 from=0x1 max_addr=0x2 f+0x1",
	"memblock: reserved array is doubled to 256 at [0x1000-0x1fff]",
	"usb 1-1: new high-speed USB device number 2 using xhci_hcd",
	"memory: a line of no row",
	"BRK [0x02600000, 0x02600fff] PGTABLE",
	"",
};

/* Events in words: what stands between a struct's members means nothing. */
static char told[2][2 * LINES][200];
static unsigned counts[2], way;

static enum status note(void *context, const struct event *event)
{
	char *to = told[way][counts[way]++];
	const size_t room = sizeof(told[way][0]);
	const int begun = snprintf(to, room, "line %u, %" PRIu64 " %u: %s %u %u %u ", event->at.line,
				   event->at.offset, event->at.length, event_name(event->kind),
				   event->certainty, event->speaker, event->domain);

	(void)context;
	assert_true(counts[way] < ARRAY_LEN(told[0]));
	if (event->kind == EV_ALLOC_REQUESTED)
		snprintf(to + begun, room - (size_t)begun, "%" PRIx64 " %" PRIx64 " %" PRIx64
			 " %" PRIx64 " %.*s", event->u.request.size_bytes,
			 event->u.request.align_bytes, event->u.request.within.start.n,
			 event->u.request.within.end.n, TEXT_ARG(event->u.request.label));
	else if (event->kind == EV_RANGE_RESERVED || event->kind == EV_RANGE_ABSURD)
		snprintf(to + begun, room - (size_t)begun, "%" PRIx64 " %" PRIx64 " %d %x %.*s",
			 event->u.range.bytes.start.n, event->u.range.bytes.end.n,
			 event->u.range.by_caller, event->u.range.owner,
			 TEXT_ARG(event->u.range.label));
	return ST_OK;
}

static uint32_t random_number(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

/* One character of *line dropped, doubled or changed. */
static void damage(char *line)
{
	static const char other[] = " \tx0-,.+[](:9f]";
	size_t length = strlen(line), at = length ? random_number() % length : 0;

	if (!length)
		return;
	switch (random_number() % 3) {
	case 0:
		memmove(line + at, line + at + 1, length - at);
		break;
	case 1:
		memmove(line + at + 1, line + at, length + 1 - at);
		break;
	default:
		line[at] = other[random_number() % (sizeof(other) - 1)];
	}
}

/* A log whose lines mostly come in rows of a few spellings. */
static char *write_log(const char *prefix)
{
	char *log = calloc(LINES, 256), *to = log;
	unsigned first = 0;

	assert_non_null(log);
	for (unsigned i = 0; i < LINES; i++) {
		char line[256];

		if (random_number() % 16 == 0)
			first = random_number() % ARRAY_LEN(spellings);
		snprintf(line, sizeof(line), "%s", spellings[random_number() % 4 ? first :
				random_number() % ARRAY_LEN(spellings)]);
		for (unsigned harm = random_number() % 8; harm > 5; harm--)
			damage(line);
		to += sprintf(to, "%s%s%s\n", random_number() % 64 ? prefix : "", line,
			      random_number() % 32 ? "" : " \r");
	}
	return log;
}

static void out_of_memory(void *context)
{
	(void)context;
	abort();
}

static void read_as_rows(const char *log, size_t bytes, struct reader *reader)
{
	char path[] = "/tmp/pgtcheck-unit-XXXXXX";
	struct source source = { .buffer = source_buffer_new() };
	const char *trouble = NULL;
	int fd = mkstemp(path);
	size_t got;

	assert_int_equal(write(fd, log, bytes), bytes);
	close(fd);
	assert_int_equal(source_open(&source, path, &trouble), ST_OK);
	unlink(path);
	assert_int_equal(source_read(&source, source_data(&source), READ_BYTES, &got, &trouble), ST_OK);
	assert_int_equal(in_text_run(reader, &source, got, &trouble), ST_OK);
	source_close(&source);
	free(source.buffer);
}

/* Returns how many lines told something. */
static unsigned read_one_by_one(const char *log, struct reader *reader)
{
	struct loc at = { .line = 1 };
	bool xen_seen = false;
	unsigned used = 0;

	for (const char *end; (end = strchr(log, '\n')) != NULL; log = end + 1) {
		uint64_t before = reader->emitted;
		size_t length = (size_t)(end - log);

		at.length = (uint32_t)(length - (length && end[-1] == '\r'));
		reader->raw = (struct text){ log, at.length };
		in_text_line(reader, &xen_seen, (struct text){ log, at.length }, at);
		used += reader->emitted > before;
		at.offset += length + 1;
		at.line++;
	}
	return used;
}

static void compare(const char *prefix)
{
	char *log = write_log(prefix);
	struct input_report inputs[2] = { { .name = "" }, { .name = "" } };
	struct arena arena;
	unsigned used;

	arena_init(&arena, 1 << 20, out_of_memory, NULL);
	memset(counts, 0, sizeof(counts));
	for (way = 0; way < 2; way++) {
		struct reader reader = { .emit = note, .input = &inputs[way], .arena = &arena };

		if (way == 0)
			read_as_rows(log, strlen(log), &reader);
		else
			used = read_one_by_one(log, &reader);
	}
	assert_true(counts[0] > LINES / 4);
	for (unsigned i = 0; i < counts[0] && i < counts[1]; i++)
		assert_string_equal(told[0][i], told[1][i]);
	assert_int_equal(counts[0], counts[1]);
	assert_int_equal(inputs[0].lines_used, used);
	assert_int_equal(inputs[0].diagnostic_count, inputs[1].diagnostic_count);
	arena_release(&arena);
	free(log);
}

static void rows_tell_what_lines_tell(void **state)
{
	(void)state;
	compare("[    0.000000] ");
	compare("<6>[    0.000000] ");
	compare("Nov 23 12:00:00 host kernel: [    0.000000] ");
	compare("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_tell_what_lines_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
