/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * UTF-16 to UTF-8: what PowerShell and Notepad save. Source: RFC 2781. */
#include "formats/modules/unpack/convert.h"

#define UNITS_AT_ONCE 4096u

struct utf16 {
	struct converter converter;
	bool started, big_endian;
	uint16_t high;           /* first half of a pair; 0: none */
};

/* By the mark, or by where the NULs of ASCII stand. */
static void learn_order(struct utf16 *utf16, struct feed *feed)
{
	size_t there = feed_fill(feed, 2);
	const unsigned char *at = feed_at(feed);

	utf16->started = true;
	if (there < 2)
		return;
	utf16->big_endian = !at[0] || (at[0] == 0xfe && at[1] == 0xff);
	if ((at[0] == 0xfe && at[1] == 0xff) || (at[0] == 0xff && at[1] == 0xfe))
		feed_skip(feed, 2);
}

static void put_unit(struct utf16 *utf16, uint16_t unit)
{
	uint16_t high = utf16->high;

	utf16->high = 0;
	if (high && unit >= 0xdc00 && unit < 0xe000) {
		converter_put_char(&utf16->converter, 0x10000u + ((high - 0xd800u) << 10) +
				   (unit - 0xdc00u));
		return;
	}
	if (high)
		converter_put_char(&utf16->converter, high);
	if (unit >= 0xd800 && unit < 0xdc00)
		utf16->high = unit;
	else
		converter_put_char(&utf16->converter, unit);
}

static bool utf16_more(struct layer *layer)
{
	struct utf16 *utf16 = layer->state;
	const unsigned char *at;
	size_t there;

	if (!utf16->started)
		learn_order(utf16, &layer->feed);
	do {
		there = feed_fill(&layer->feed, 2);
		if (there < 2 && !utf16->high && !there)
			return false;
		if (there < 2) {   /* half a character at the end */
			utf16->high = 0;
			feed_skip(&layer->feed, there);
			converter_put_char(&utf16->converter, 0xfffd);
			return true;
		}
		there = there / 2 < UNITS_AT_ONCE ? there / 2 : UNITS_AT_ONCE;
		at = feed_at(&layer->feed);
		for (size_t i = 0; i < there; i++, at += 2)
			put_unit(utf16, (uint16_t)(utf16->big_endian ? at[0] << 8 | at[1] :
								       at[1] << 8 | at[0]));
		feed_skip(&layer->feed, 2 * there);
	} while (!utf16->converter.end);   /* one first half alone */
	return true;
}

static bool utf16_open(struct layer *layer)
{
	((struct converter *)layer->state)->more = utf16_more;
	return true;
}

const struct layer_kind utf16_layer = {
	.state_bytes = sizeof(struct utf16),
	.open = utf16_open,
	.read = converter_read,
};
