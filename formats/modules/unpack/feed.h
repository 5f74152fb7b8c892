/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a layer reads: the stream below it, with a look ahead, and the account of
 * all bytes that were made. */
#ifndef FORMATS_MODULES_UNPACK_FEED_H
#define FORMATS_MODULES_UNPACK_FEED_H

#include "formats/stream.h"

/* Look-ahead of a layer; also the longest line that a converter sees whole. */
#define FEED_BYTES (64u * 1024)

/* One operand's account. Only bytes that were really made count: what a header
 * declares is a stranger's word. */
struct budget {
	uint64_t read;           /* from the file, the pipe */
	uint64_t made;           /* by all layers together */
	uint64_t bytes_max;      /* of each of them: --max-bytes */
	uint32_t ratio_max;      /* made to read: --max-ratio */
	struct stream over;      /* has failed when one is reached, and tells which */
};

struct feed {
	struct stream *from;     /* not owned */
	struct budget *budget;   /* not owned */
	uint64_t *counts;        /* budget->read or budget->made; NULL: `from` makes nothing,
	                          * it hands on what was counted below */
	unsigned char *bytes;    /* FEED_BYTES; owned */
	size_t at, end;          /* what stands in it */
	uint64_t offset;         /* of bytes[at], in what `from` gives */
	bool ended;
};

/* False: out of memory. */
bool feed_init(struct feed *feed, struct stream *from, struct budget *budget, uint64_t *counts);
void feed_release(struct feed *feed);

/* Makes `want` bytes (up to FEED_BYTES) stand at feed_at(). Returns how many
 * do, which is less only at the end. */
size_t feed_fill(struct feed *feed, size_t want);

static inline const unsigned char *feed_at(const struct feed *feed)
{
	return feed->bytes + feed->at;
}

static inline size_t feed_left(const struct feed *feed)
{
	return feed->end - feed->at;
}

/* Takes `count` bytes that stand there. */
void feed_skip(struct feed *feed, size_t count);
/* Puts `count` bytes back that were taken since anything was last filled in. */
static inline void feed_back(struct feed *feed, size_t count)
{
	feed->at -= count;
	feed->offset -= count;
}
/* Moves up to `room` bytes out; 0 at the end. */
size_t feed_read(struct feed *feed, char *into, size_t room);
/* Passes over `count` bytes. False: there are not so many. */
bool feed_discard(struct feed *feed, uint64_t count);

/* Did what lies below fail? Then the failure is handed on to `stream`. */
bool feed_failed(const struct feed *feed, struct stream *stream);

#endif
