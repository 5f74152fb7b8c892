/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Opens inputs and hands out their bytes in blocks; gives any record's bytes
 * again until the report is out. What cannot be sought (a pipe, stdin) is
 * kept in an unlinked temporary file as it is read. */
#ifndef FORMATS_SOURCE_H
#define FORMATS_SOURCE_H

#include "core/loc.h"
#include "core/status.h"
#include "core/text.h"

struct source {
	const char *name;      /* as given; "-" is standard input */
	int fd;                /* -1: closed */
	int spool_fd;          /* copy of what cannot be sought, or -1 */
	uint64_t bytes;        /* read so far */
	char *buffer;          /* READ_BYTES + slack on both ends; shared, not owned */
};

/* Opens `name` ("-": standard input). A directory, a missing or unreadable file
 * fails with ST_NOT_FOUND or ST_IO and *trouble (static or strerror text). */
MUST_USE enum status source_open(struct source *source, const char *name, const char **trouble);
/* Reads up to `room` bytes to `into`; *got 0 means the end. Retries EINTR and
 * short reads of pipes. */
MUST_USE enum status source_read(struct source *source, char *into, size_t room, size_t *got,
				 const char **trouble);
/* The bytes of a record again, up to `room`; returns how many. Works after the
 * last read, until source_close(). 0 when they cannot be had. */
size_t source_reread(struct source *source, struct loc at, char *into, size_t room);
void source_close(struct source *source);

#endif
