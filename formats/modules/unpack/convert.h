/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Layers that turn text into other text, a line into a line, so that line numbers
 * stay those of the input. */
#ifndef FORMATS_MODULES_UNPACK_CONVERT_H
#define FORMATS_MODULES_UNPACK_CONVERT_H

#include "core/text.h"
#include "formats/modules/unpack/layer.h"

/* What a converter has ready; the first member of its state. */
struct converter {
	/* Puts more into `bytes` (at least one), or returns false at the end. */
	bool (*more)(struct layer *layer);
	size_t at, end;
	char bytes[FEED_BYTES + 4];
};

size_t converter_read(struct stream *stream, char *into, size_t room);

/* One byte, where there is room: a line never grows, but for its end. */
static inline void converter_put(struct converter *converter, unsigned char byte)
{
	if (converter->end < sizeof(converter->bytes))
		converter->bytes[converter->end++] = (char)byte;
}
/* A character as UTF-8; what is none becomes U+FFFD. */
void converter_put_char(struct converter *converter, uint32_t character);

/* The next line without its end, or as much as the feed can hold. `*whole`: its end
 * was there. False: the end of the input. */
bool feed_line(struct feed *feed, struct text *line, bool *whole);

#endif
