/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Checked reads of a binary input, block by block, with a failure that sticks:
 * past the end every read gives 0 and cursor->short_read says so.
 *
 *	while (cursor_have(&cursor, 4)) {
 *		... cursor_u32(&cursor) ... cursor_skip(&cursor, n) ...
 *	}
 *	return cursor.status;
 */
#ifndef FORMATS_CURSOR_H
#define FORMATS_CURSOR_H

#include "formats/source.h"

/* The most that cursor_have() can be asked for. */
#define CURSOR_BYTES_MAX 4096u

struct cursor {
	struct source *source;
	const unsigned char *at, *end;   /* what is read and not yet taken */
	uint64_t offset;                 /* of `at`, in the input */
	bool last;                       /* nothing comes behind `end` */
	bool skipped;                    /* the next read is from farther on */
	bool short_read;                 /* a read or skip went past the end */
	enum status status;              /* of the source; after a failure the input ends */
	const char **trouble;
};

/* `first` bytes stand at source_data() already, as input_format.read gets them. */
void cursor_init(struct cursor *cursor, struct source *source, size_t first,
		 const char **trouble);
bool cursor_fill(struct cursor *cursor, size_t n);

/* Do n bytes stand at cursor->at? At most CURSOR_BYTES_MAX. At least
 * SOURCE_SLACK bytes behind cursor->end may be looked at, whatever they hold. */
static inline bool cursor_have(struct cursor *cursor, size_t n)
{
	return LIKELY((size_t)(cursor->end - cursor->at) >= n) || cursor_fill(cursor, n);
}

/* Bytes of a little-endian number at `at`. */
static inline uint64_t load_le(const unsigned char *at, size_t bytes)
{
	uint64_t n = 0;

	memcpy(&n, at, bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	n = __builtin_bswap64(n);
#endif
	return n;
}

/* Goes on by n bytes, any number, which need not be read yet. */
void cursor_skip_far(struct cursor *cursor, uint64_t n);
static inline void cursor_skip(struct cursor *cursor, uint64_t n)
{
	if (UNLIKELY((size_t)(cursor->end - cursor->at) < n)) {
		cursor_skip_far(cursor, n);
		return;
	}
	cursor->at += n;
	cursor->offset += n;
}

static inline uint64_t cursor_number(struct cursor *cursor, size_t bytes)
{
	uint64_t n;

	if (UNLIKELY(!cursor_have(cursor, bytes))) {
		cursor->short_read = true;
		return 0;
	}
	n = load_le(cursor->at, bytes);
	cursor->at += bytes;
	cursor->offset += bytes;
	return n;
}

static inline uint32_t cursor_u32(struct cursor *cursor)
{
	return (uint32_t)cursor_number(cursor, 4);
}

static inline uint64_t cursor_u64(struct cursor *cursor)
{
	return cursor_number(cursor, 8);
}

#endif
