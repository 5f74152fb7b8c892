/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Opens inputs and hands out their bytes in blocks; gives any record's bytes
 * again until the report is out. What cannot be sought (a pipe, stdin) is
 * kept in an unlinked temporary file as it is read. */
#ifndef FORMATS_SOURCE_H
#define FORMATS_SOURCE_H

#include "core/limits.h"
#include "core/loc.h"
#include "core/status.h"
#include "core/text.h"

/* The buffer. Blocks are read to source_data(); the last two lines of the block
 * before are moved in front of it, so a line never crosses a border; scanners
 * look up to SOURCE_SLACK bytes past the end.
 *
 *   |slack|  two lines  | READ_BYTES ......................... |slack|
 *                       ^ source_data(), page-aligned
 * Pages that a small input does not reach are never touched. */
#define SOURCE_SLACK 4096u
#define SOURCE_FRONT_BYTES (SOURCE_SLACK + (2 * LINE_BYTES_MAX + 4095u) / 4096u * 4096u)
#define SOURCE_BUFFER_BYTES (SOURCE_FRONT_BYTES + READ_BYTES + SOURCE_SLACK)

struct source {
	const char *name;      /* as given; "-" is standard input */
	int fd;                /* -1: closed */
	bool seekable;         /* can be read again itself */
	bool is_kmsg;          /* /dev/kmsg: ends when there is nothing to read */
	int spool_fd;          /* copy of what cannot be sought, or -1 */
	uint64_t bytes;        /* read so far */
	char *buffer;          /* SOURCE_BUFFER_BYTES; shared, not owned */
};

/* A buffer for any number of sources, one after the other. NULL: out of
 * memory. Give it back with free(). */
char *source_buffer_new(void);
static inline char *source_data(const struct source *source)
{
	return source->buffer + SOURCE_FRONT_BYTES;
}

/* Opens `name` ("-": standard input). A directory, a missing or unreadable file
 * fails with ST_NOT_FOUND or ST_IO and *trouble (static or strerror text).
 * Keeps `buffer` as it is. */
MUST_USE enum status source_open(struct source *source, const char *name, const char **trouble);
/* Reads `room` bytes to `into`, fewer only at the end (*got < room). Retries
 * EINTR and short reads of pipes. */
MUST_USE enum status source_read(struct source *source, char *into, size_t room, size_t *got,
				 const char **trouble);
/* The bytes of a record again, up to `room`; returns how many. Works after the
 * last read, until source_close(). 0 when they cannot be had. */
size_t source_reread(struct source *source, struct loc at, char *into, size_t room);
void source_close(struct source *source);

#endif
