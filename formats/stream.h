/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes that are made while they are read: what a decompressor, an archive or a
 * converter of text gives. */
#ifndef FORMATS_STREAM_H
#define FORMATS_STREAM_H

#include "core/status.h"

struct stream {
	/* Up to `room` bytes (at least 1) to `into`. 0: the end, or a failure; then
	 * `status` tells which. Bytes given before a failure are good. */
	size_t (*read)(struct stream *stream, char *into, size_t room);
	enum status status;      /* stays at the first failure */
	char trouble[160];       /* one sentence, when status is not ST_OK */
};

static inline size_t stream_read(struct stream *stream, char *into, size_t room)
{
	return stream->status == ST_OK ? stream->read(stream, into, room) : 0;
}

/* The first failure stays. Returns 0, for `return stream_fail(...)`. */
size_t stream_fail(struct stream *stream, enum status status, const char *format, ...)
	PRINTF_LIKE(3, 4);

#endif
