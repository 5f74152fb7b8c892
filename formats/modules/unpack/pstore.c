/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of pstore, one behind the other in one file: put in order. */
#include "formats/pstore.h"

#include <stdlib.h>
#include <string.h>

#include "formats/modules/unpack/layer.h"

struct pstore {
	char *ordered;       /* owned */
	size_t at, length;
	bool read;           /* all that there is */
};

/* Everything below, up to PSTORE_BYTES_MAX. NULL: out of memory. */
static char *read_all(struct layer *layer, size_t *length)
{
	size_t room = 0, got = 1;
	char *bytes = NULL;

	*length = 0;
	while (got && *length < PSTORE_BYTES_MAX) {
		if (*length == room) {
			char *more = realloc(bytes, room += room ? room : 64 * 1024);

			if (!more) {
				free(bytes);
				return NULL;
			}
			bytes = more;
		}
		got = feed_read(&layer->feed, bytes + *length, room - *length);
		*length += got;
	}
	return bytes;
}

static bool put_in_order(struct layer *layer, struct pstore *pstore)
{
	size_t length;
	char *bytes = read_all(layer, &length);

	pstore->read = true;
	if (bytes)
		pstore->ordered = pstore_in_order((struct text){ bytes, length }, &pstore->length);
	free(bytes);
	return pstore->ordered != NULL;
}

static size_t pstore_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct pstore *pstore = layer->state;

	if (!pstore->read && !put_in_order(layer, pstore))
		return stream_fail(stream, ST_MEMORY, "out of memory");
	if (room > pstore->length - pstore->at)
		room = pstore->length - pstore->at;
	memcpy(into, pstore->ordered + pstore->at, room);
	pstore->at += room;
	if (!room && !feed_failed(&layer->feed, stream) && feed_fill(&layer->feed, 1))
		stream_fail(stream, ST_LIMIT, "more than %u MiB of pstore records: the rest is not read",
			    PSTORE_BYTES_MAX >> 20);
	return room;
}

static void pstore_close(struct layer *layer)
{
	free(((struct pstore *)layer->state)->ordered);
}

const struct layer_kind pstore_layer = {
	.state_bytes = sizeof(struct pstore),
	.read = pstore_read,
	.close = pstore_close,
};
