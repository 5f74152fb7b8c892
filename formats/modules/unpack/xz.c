/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * xz by liblzma: streams one after the other, padding between them. */
#include "formats/modules/unpack/layer.h"

#ifdef HAVE_LIBLZMA
#include <inttypes.h>
#include <lzma.h>

/* xz -9 needs 65 MiB to unpack, memory dumps packed with a dictionary of 512 MiB a
 * little more than that; a header may ask for up to 4 GiB. Only what the data
 * really fill is touched. */
#define XZ_MEMORY_MAX (640u * 1024 * 1024)

struct xz {
	lzma_stream lzma;
	lzma_ret code;           /* the library's last word; LZMA_OK: it has more */
};

static bool xz_open(struct layer *layer)
{
	lzma_stream *lzma = &((struct xz *)layer->state)->lzma;

	*lzma = (lzma_stream)LZMA_STREAM_INIT;
	if (lzma_stream_decoder(lzma, XZ_MEMORY_MAX, LZMA_CONCATENATED) == LZMA_OK)
		return true;
	stream_fail(&layer->out, ST_MEMORY, "xz: out of memory");
	return false;
}

static size_t xz_failed(struct layer *layer)
{
	uint64_t at = layer->feed.offset;

	if (feed_failed(&layer->feed, &layer->out))
		return 0;
	switch (((struct xz *)layer->state)->code) {
	case LZMA_STREAM_END:
		return 0;
	case LZMA_MEM_ERROR:
		return stream_fail(&layer->out, ST_MEMORY, "xz: out of memory");
	case LZMA_MEMLIMIT_ERROR:
		return stream_fail(&layer->out, ST_LIMIT, "xz: needs more than %u MiB of memory to "
				   "unpack", XZ_MEMORY_MAX >> 20);
	case LZMA_OPTIONS_ERROR:
		return stream_fail(&layer->out, ST_IO, "xz: uses what this liblzma does not know, "
				   "before byte %" PRIu64, at);
	case LZMA_BUF_ERROR:
		return stream_fail(&layer->out, ST_IO, "xz: ends early, after byte %" PRIu64
				   ": the rest is missing", at);
	default:
		return stream_fail(&layer->out, ST_IO, "xz: damaged before byte %" PRIu64, at);
	}
}

static size_t xz_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct xz *xz = layer->state;
	lzma_stream *lzma = &xz->lzma;

	lzma->next_out = (uint8_t *)into;
	lzma->avail_out = room;
	while (lzma->avail_out == room && xz->code == LZMA_OK) {
		size_t there = feed_fill(&layer->feed, 1);

		lzma->next_in = feed_at(&layer->feed);
		lzma->avail_in = there;
		xz->code = lzma_code(lzma, there ? LZMA_RUN : LZMA_FINISH);
		feed_skip(&layer->feed, there - lzma->avail_in);
	}
	return room - lzma->avail_out ? room - lzma->avail_out : xz_failed(layer);
}

static void xz_close(struct layer *layer)
{
	lzma_end(&((struct xz *)layer->state)->lzma);
}

const struct layer_kind xz_layer = {
	.state_bytes = sizeof(struct xz),
	.makes = true,
	.open = xz_open,
	.read = xz_read,
	.close = xz_close,
};
#else
const struct layer_kind xz_layer = { .lacks = "liblzma" };
#endif
