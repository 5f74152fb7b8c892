/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Zstandard by libzstd: frames one after the other. Source: RFC 8878. */
#include "formats/modules/unpack/layer.h"

#ifdef HAVE_LIBZSTD
#include <inttypes.h>
#include <zstd.h>

struct zstd {
	ZSTD_DStream *stream;
	bool in_frame;
	size_t failure;          /* ZSTD_isError() of it, or 0 */
};

static bool zstd_open(struct layer *layer)
{
	struct zstd *zstd = layer->state;

	/* Its window is bounded by 128 MiB unless one asks for more. */
	zstd->stream = ZSTD_createDStream();
	if (zstd->stream)
		return true;
	stream_fail(&layer->out, ST_MEMORY, "zstd: out of memory");
	return false;
}

static size_t zstd_failed(struct layer *layer)
{
	const struct zstd *zstd = layer->state;

	if (feed_failed(&layer->feed, &layer->out))
		return 0;
	if (zstd->failure)
		return stream_fail(&layer->out, ST_IO, "zstd: damaged before byte %" PRIu64 ": %s",
				   layer->feed.offset, ZSTD_getErrorName(zstd->failure));
	if (zstd->in_frame)
		return stream_fail(&layer->out, ST_IO, "zstd: ends early, after byte %" PRIu64
				   ": the rest is missing", layer->feed.offset);
	return 0;
}

static size_t zstd_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct zstd *zstd = layer->state;
	ZSTD_outBuffer out = { into, room, 0 };

	while (!out.pos && !zstd->failure) {
		size_t there = feed_fill(&layer->feed, 1), code;
		ZSTD_inBuffer in = { feed_at(&layer->feed), there, 0 };

		/* With nothing to read it may still have something to give. */
		if (!there && !zstd->in_frame)
			break;
		code = ZSTD_decompressStream(zstd->stream, &out, &in);
		feed_skip(&layer->feed, ZSTD_isError(code) ? there : in.pos);
		if (ZSTD_isError(code))
			zstd->failure = code;
		else
			zstd->in_frame = code != 0;
		if (!there)
			break;
	}
	return out.pos ? out.pos : zstd_failed(layer);
}

static void zstd_close(struct layer *layer)
{
	ZSTD_freeDStream(((struct zstd *)layer->state)->stream);
}

const struct layer_kind zstd_layer = {
	.state_bytes = sizeof(struct zstd),
	.makes = true,
	.open = zstd_open,
	.read = zstd_read,
	.close = zstd_close,
};
#else
const struct layer_kind zstd_layer = { .lacks = "libzstd" };
#endif
