/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For unit tests of binary readers: bytes in, events out. Included after cmocka.h. */
#ifndef TESTS_BINARY_H
#define TESTS_BINARY_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "formats/input.h"

#define EVENTS_MAX 20000u

static struct event binary_events[EVENTS_MAX];
static uint32_t binary_count;
static uint32_t binary_losses;    /* each told of the operation before it */
static struct input_report binary_input;
static enum status binary_status;
static uint32_t binary_diagnostics;
static char binary_remark[512];   /* the last diagnostic that was kept */

static enum status keep_event(void *context, const struct event *event)
{
	(void)context;
	assert_true(binary_count < EVENTS_MAX);
	if (event->kind == EV_MESSAGES_LOST && event->u.lost.what == LOSS_EVENTS) {
		assert_int_equal(binary_events[binary_count - 1].u.mmu.kind, MMU_OPS_LOST);
		binary_losses++;
		return ST_OK;
	}
	binary_events[binary_count++] = *event;
	return ST_OK;
}

static void no_memory(void *context)
{
	(void)context;
	abort();
}

/* Reads the file with `format`; NULL: the one that recognises it. */
static void read_file(const struct input_format *format, const char *path)
{
	static char *buffer;
	struct arena arena;
	struct reader reader = { .emit = keep_event, .input = &binary_input, .arena = &arena };
	const char *trouble = NULL;
	struct source source = { 0 };
	size_t got;

	if (!buffer)
		buffer = source_buffer_new();
	assert_non_null(buffer);
	source.buffer = buffer;
	arena_init(&arena, 64 << 20, no_memory, NULL);
	binary_count = binary_losses = 0;
	binary_input = (struct input_report){ .name = path };
	assert_int_equal(source_open(&source, path, &trouble), ST_OK);
	assert_int_equal(source_read(&source, source_data(&source), READ_BYTES, &got, &trouble),
			 ST_OK);
	if (!format)
		format = input_recognise((unsigned char *)source_data(&source), got);
	assert_non_null(format);
	binary_status = format->read(&reader, &source, got, &trouble);
	binary_diagnostics = binary_input.diagnostic_count;
	*binary_remark = '\0';
	for (const struct diagnostic *d = binary_input.diagnostics; d; d = d->next)
		snprintf(binary_remark, sizeof(binary_remark), "%s", d->says);
	source_close(&source);
	arena_release(&arena);
}

static const char *scratch_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/pgtcheck-unit-%ld", (long)getpid());
	return path;
}

static void read_bytes(const struct input_format *format, const void *bytes, size_t n)
{
	FILE *file = fopen(scratch_path(), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
	read_file(format, scratch_path());
	unlink(scratch_path());
}

#endif
