/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/cursor.h"

/* Who skips more is better off with a read of little: more will be skipped behind it. */
#define SKIP_BYTES_MIN 32768u
#define READ_BEHIND_SKIP 4096u

_Static_assert(CURSOR_BYTES_MAX <= SOURCE_FRONT_BYTES, "what is left stands before the block");

void cursor_init(struct cursor *cursor, struct source *source, size_t first,
		 const char **trouble)
{
	const unsigned char *data = (const unsigned char *)source_data(source);

	*cursor = (struct cursor){
		.source = source,
		.at = data,
		.end = data + first,
		.last = first < READ_BYTES,
		.status = ST_OK,
		.trouble = trouble,
	};
}

/* Moves what is left in front of the next block. */
bool cursor_fill(struct cursor *cursor, size_t n)
{
	char *data = source_data(cursor->source);
	size_t left = (size_t)(cursor->end - cursor->at), got;

	ASSERT(n <= CURSOR_BYTES_MAX);
	while (left < n && !cursor->last) {
		size_t room = cursor->skipped ? READ_BEHIND_SKIP : READ_BYTES;

		memmove(data - left, cursor->at, left);
		cursor->at = (unsigned char *)data - left;
		cursor->end = (unsigned char *)data;
		cursor->skipped = false;
		cursor->status = source_read(cursor->source, data, room, &got, cursor->trouble);
		if (cursor->status != ST_OK)
			got = 0;
		cursor->end += got;
		cursor->last = got < room;
		left += got;
	}
	return left >= n;
}

void cursor_skip_far(struct cursor *cursor, uint64_t n)
{
	while (n && cursor_have(cursor, 1)) {
		size_t here = (size_t)(cursor->end - cursor->at);

		if (here > n)
			here = (size_t)n;
		cursor->at += here;
		cursor->offset += here;
		n -= here;
		if (n >= SKIP_BYTES_MIN && !cursor->last) {
			uint64_t skipped = source_skip(cursor->source, n);

			cursor->skipped = skipped != 0;
			cursor->offset += skipped;
			n -= skipped;
		}
	}
	if (n)
		cursor->short_read = true;
}
