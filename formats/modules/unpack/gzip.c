/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * gzip by zlib: members one after the other, zeros behind the last.
 * Source: RFC 1952. */
#include "formats/modules/unpack/layer.h"

#ifdef HAVE_ZLIB
#include <inttypes.h>
#include <zlib.h>

struct gzip {
	z_stream z;
	bool between;            /* a member has ended, none has begun */
	int failure;             /* zlib's, or Z_OK */
};

static bool gzip_open(struct layer *layer)
{
	struct gzip *gzip = layer->state;

	if (inflateInit2(&gzip->z, 15 + 16) == Z_OK)
		return true;
	stream_fail(&layer->out, ST_MEMORY, "gzip: out of memory");
	return false;
}

/* After a member: another one, padding, or what does not belong here. True: another. */
static bool next_gzip_member(struct layer *layer)
{
	struct gzip *gzip = layer->state;
	const unsigned char *at;

	while (feed_fill(&layer->feed, 2) && !*feed_at(&layer->feed))
		feed_skip(&layer->feed, 1);
	if (feed_failed(&layer->feed, &layer->out) || !feed_left(&layer->feed))
		return false;
	at = feed_at(&layer->feed);
	if (feed_left(&layer->feed) < 2 || at[0] != 0x1f || at[1] != 0x8b) {
		stream_fail(&layer->out, ST_IO, "gzip: what follows its end at byte %" PRIu64
			    " is something else and was not read", layer->feed.offset);
		return false;
	}
	gzip->between = false;
	return inflateReset(&gzip->z) == Z_OK;
}

static size_t gzip_failed(struct layer *layer)
{
	const struct gzip *gzip = layer->state;
	int code = gzip->failure;

	if (feed_failed(&layer->feed, &layer->out))
		return 0;
	if (code == Z_MEM_ERROR)
		return stream_fail(&layer->out, ST_MEMORY, "gzip: out of memory");
	if (code == Z_DATA_ERROR)
		return stream_fail(&layer->out, ST_IO, "gzip: damaged before byte %" PRIu64 ": %s",
				   layer->feed.offset, gzip->z.msg ? gzip->z.msg : "bad data");
	return stream_fail(&layer->out, ST_IO, "gzip: ends early, after byte %" PRIu64
			   ": the rest is missing", layer->feed.offset);
}

static size_t gzip_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct gzip *gzip = layer->state;

	gzip->z.next_out = (unsigned char *)into;
	gzip->z.avail_out = (unsigned)room;
	while (gzip->z.avail_out == room && gzip->failure == Z_OK) {
		size_t there;
		int code;

		if (gzip->between && !next_gzip_member(layer))
			return 0;
		there = feed_fill(&layer->feed, 1);
		gzip->z.next_in = (unsigned char *)feed_at(&layer->feed);
		gzip->z.avail_in = (unsigned)there;
		code = inflate(&gzip->z, Z_NO_FLUSH);
		feed_skip(&layer->feed, there - gzip->z.avail_in);
		gzip->between = code == Z_STREAM_END;
		if (code != Z_OK && code != Z_STREAM_END)
			gzip->failure = code;
		else if (!there && !gzip->between && gzip->z.avail_out == room)
			break;
	}
	/* What came out before the damage is good; the next call tells. */
	return room - gzip->z.avail_out ? room - gzip->z.avail_out : gzip_failed(layer);
}

static void gzip_close(struct layer *layer)
{
	inflateEnd(&((struct gzip *)layer->state)->z);
}

const struct layer_kind gzip_layer = {
	.state_bytes = sizeof(struct gzip),
	.makes = true,
	.open = gzip_open,
	.read = gzip_read,
	.close = gzip_close,
};
#else
const struct layer_kind gzip_layer = { .lacks = "zlib" };
#endif
