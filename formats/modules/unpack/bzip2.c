/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * bzip2 by libbz2: streams one after the other (pbzip2 writes many). */
#include "formats/modules/unpack/layer.h"

#ifdef HAVE_BZIP2
#include <bzlib.h>
#include <inttypes.h>
#include <string.h>

struct bzip2 {
	bz_stream bz;
	bool running;            /* bz is to be ended */
	bool between;            /* a stream has ended, none has begun */
	int failure;             /* of the library, which is not to be called again */
};

static bool bzip2_open(struct layer *layer)
{
	struct bzip2 *bzip2 = layer->state;

	bzip2->bz = (bz_stream){ 0 };
	bzip2->between = false;
	bzip2->running = BZ2_bzDecompressInit(&bzip2->bz, 0, 0) == BZ_OK;
	if (!bzip2->running)
		stream_fail(&layer->out, ST_MEMORY, "bzip2: out of memory");
	return bzip2->running;
}

static void bzip2_close(struct layer *layer)
{
	struct bzip2 *bzip2 = layer->state;

	if (bzip2->running)
		BZ2_bzDecompressEnd(&bzip2->bz);
	bzip2->running = false;
}

static bool next_bzip2_stream(struct layer *layer)
{
	size_t there = feed_fill(&layer->feed, 3);

	if (feed_failed(&layer->feed, &layer->out) || !there)
		return false;
	if (there < 3 || memcmp(feed_at(&layer->feed), "BZh", 3)) {
		stream_fail(&layer->out, ST_IO, "bzip2: what follows its end at byte %" PRIu64
			    " is something else and was not read", layer->feed.offset);
		return false;
	}
	bzip2_close(layer);
	return bzip2_open(layer);
}

static size_t bzip2_failed(struct layer *layer)
{
	int code = ((struct bzip2 *)layer->state)->failure;

	if (feed_failed(&layer->feed, &layer->out))
		return 0;
	if (code == BZ_MEM_ERROR)
		return stream_fail(&layer->out, ST_MEMORY, "bzip2: out of memory");
	if (code == BZ_OK)
		return stream_fail(&layer->out, ST_IO, "bzip2: ends early, after byte %" PRIu64
				   ": the rest is missing", layer->feed.offset);
	return stream_fail(&layer->out, ST_IO, "bzip2: damaged before byte %" PRIu64,
			   layer->feed.offset);
}

static size_t bzip2_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct bzip2 *bzip2 = layer->state;

	bzip2->bz.next_out = into;
	bzip2->bz.avail_out = (unsigned)room;
	while (bzip2->bz.avail_out == room && bzip2->failure == BZ_OK) {
		size_t there;
		int code;

		if (bzip2->between) {
			if (!next_bzip2_stream(layer))
				return 0;
			bzip2->bz.next_out = into;
			bzip2->bz.avail_out = (unsigned)room;
		}
		there = feed_fill(&layer->feed, 1);
		bzip2->bz.next_in = (char *)feed_at(&layer->feed);
		bzip2->bz.avail_in = (unsigned)there;
		code = BZ2_bzDecompress(&bzip2->bz);
		feed_skip(&layer->feed, there - bzip2->bz.avail_in);
		bzip2->between = code == BZ_STREAM_END;
		if (code != BZ_OK && code != BZ_STREAM_END)
			bzip2->failure = code;
		else if (!there && !bzip2->between && bzip2->bz.avail_out == room)
			break;
	}
	return room - bzip2->bz.avail_out ? room - bzip2->bz.avail_out : bzip2_failed(layer);
}

const struct layer_kind bzip2_layer = {
	.state_bytes = sizeof(struct bzip2),
	.makes = true,
	.open = bzip2_open,
	.read = bzip2_read,
	.close = bzip2_close,
};
#else
const struct layer_kind bzip2_layer = { .lacks = "libbz2" };
#endif
