/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/unpack/feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Below this much output no ratio is a danger: short runs of one byte compress
 * as well as any bomb. */
#ifndef RATIO_FREE_BYTES
#define RATIO_FREE_BYTES (1024u * 1024)
#endif

bool feed_init(struct feed *feed, struct stream *from, struct budget *budget, uint64_t *counts)
{
	*feed = (struct feed){ .from = from, .budget = budget, .counts = counts,
			       .bytes = malloc(FEED_BYTES) };
	return feed->bytes != NULL;
}

void feed_release(struct feed *feed)
{
	free(feed->bytes);
	feed->bytes = NULL;
}

/* The first to reach a limit, and whoever reads on, fails with it. */
static void run_over(struct feed *feed)
{
	const struct stream *over = &feed->budget->over;

	stream_fail(feed->from, over->status, "%s", over->trouble);
}

/* Puts `got` bytes on the account. Returns how many of them may be used: where a
 * limit is reached, the stream has failed with the last of them. */
static size_t account(struct feed *feed, size_t got)
{
	struct budget *budget = feed->budget;

	if (!feed->counts)
		return got;
	*feed->counts += got;
	if (*feed->counts > budget->bytes_max) {
		uint64_t excess = *feed->counts - budget->bytes_max;

		stream_fail(&budget->over, ST_LIMIT, "more than --max-bytes=%" PRIu64 " come out of "
			    "it: the rest is not read", budget->bytes_max);
		run_over(feed);
		return got > excess ? got - (size_t)excess : 0;
	}
	if (budget->made > RATIO_FREE_BYTES &&
	    budget->made / budget->ratio_max >= budget->read) {
		stream_fail(&budget->over, ST_LIMIT, "it unpacks to more than --max-ratio=%u times its "
			    "size: the rest is not read", budget->ratio_max);
		run_over(feed);
		return 0;
	}
	return got;
}

static size_t pull(struct feed *feed, char *into, size_t room)
{
	size_t got = feed->ended ? 0 : account(feed, stream_read(feed->from, into, room));

	feed->ended = !got;
	return got;
}

size_t feed_fill(struct feed *feed, size_t want)
{
	if (feed_left(feed) >= want)
		return feed_left(feed);
	memmove(feed->bytes, feed->bytes + feed->at, feed_left(feed));
	feed->end -= feed->at;
	feed->at = 0;
	while (feed->end < want) {
		size_t got = pull(feed, (char *)feed->bytes + feed->end, FEED_BYTES - feed->end);

		if (!got)
			break;
		feed->end += got;
	}
	return feed->end;
}

void feed_skip(struct feed *feed, size_t count)
{
	ASSERT(count <= feed_left(feed));
	feed->at += count;
	feed->offset += count;
}

size_t feed_read(struct feed *feed, char *into, size_t room)
{
	size_t got = feed_left(feed);

	if (!got) {
		got = pull(feed, into, room);
		feed->offset += got;
		return got;
	}
	if (got > room)
		got = room;
	memcpy(into, feed_at(feed), got);
	feed_skip(feed, got);
	return got;
}

bool feed_discard(struct feed *feed, uint64_t count)
{
	while (count) {
		size_t there = feed_fill(feed, 1);

		if (!there)
			return false;
		if (there > count)
			there = (size_t)count;
		feed_skip(feed, there);
		count -= there;
	}
	return true;
}

bool feed_failed(const struct feed *feed, struct stream *stream)
{
	if (feed->from->status == ST_OK)
		return false;
	stream_fail(stream, feed->from->status, "%s", feed->from->trouble);
	return true;
}
