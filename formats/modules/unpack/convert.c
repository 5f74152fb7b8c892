/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/unpack/convert.h"

size_t converter_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct converter *converter = layer->state;
	size_t got;

	if (converter->at == converter->end) {
		converter->at = converter->end = 0;
		if (!converter->more(layer)) {
			feed_failed(&layer->feed, stream);
			return 0;
		}
	}
	got = converter->end - converter->at;
	if (got > room)
		got = room;
	memcpy(into, converter->bytes + converter->at, got);
	converter->at += got;
	return got;
}

void converter_put_char(struct converter *converter, uint32_t character)
{
	if (character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
		character = 0xfffd;
	if (character < 0x80) {
		converter_put(converter, (unsigned char)character);
		return;
	}
	if (character < 0x800) {
		converter_put(converter, (unsigned char)(0xc0 | character >> 6));
	} else {
		if (character < 0x10000) {
			converter_put(converter, (unsigned char)(0xe0 | character >> 12));
		} else {
			converter_put(converter, (unsigned char)(0xf0 | character >> 18));
			converter_put(converter, (unsigned char)(0x80 | (character >> 12 & 0x3f)));
		}
		converter_put(converter, (unsigned char)(0x80 | (character >> 6 & 0x3f)));
	}
	converter_put(converter, (unsigned char)(0x80 | (character & 0x3f)));
}

bool feed_line(struct feed *feed, struct text *line, bool *whole)
{
	size_t there = feed_left(feed), looked = 0;
	const unsigned char *end = NULL;

	/* Mostly the line stands there already. */
	for (;;) {
		if (there > looked)
			end = memchr(feed_at(feed) + looked, '\n', there - looked);
		if (end || there == FEED_BYTES)
			break;
		looked = there;
		there = feed_fill(feed, there + 1);
		if (there == looked)
			break;
	}
	if (!there)
		return false;
	*whole = end != NULL;
	*line = (struct text){ (const char *)feed_at(feed),
			       end ? (size_t)(end - feed_at(feed)) : there };
	feed_skip(feed, line->length + *whole);
	if (line->length && *whole && line->at[line->length - 1] == '\r')
		line->length--;
	return true;
}
