/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/printable.h"

/* Source: Unicode 15, table 3-7, "Well-Formed UTF-8 Byte Sequences". */
size_t utf8_length(const char *at, size_t left)
{
	unsigned char lead = (unsigned char)at[0];
	unsigned char low = 0x80, high = 0xbf;   /* bounds of the second byte */
	size_t length;

	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		length = 2;
	else if (lead >= 0xe0 && lead <= 0xef)
		length = 3;
	else if (lead >= 0xf0 && lead <= 0xf4)
		length = 4;
	else
		return 0;
	if (left < length)
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < length; i++) {
		unsigned char byte = (unsigned char)at[i];

		if (byte < low || byte > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return length;
}

static bool is_mischief(uint32_t point)
{
	return (point >= 0x80 && point <= 0x9f) ||       /* C1 controls */
	       (point >= 0x200b && point <= 0x200f) ||   /* zero width, direction */
	       (point >= 0x2028 && point <= 0x202e) ||   /* line ends, embeddings */
	       (point >= 0x2060 && point <= 0x206f) ||   /* invisible, isolates */
	       point == 0xfeff;
}

size_t printable_length(const char *at, size_t left)
{
	size_t length = utf8_length(at, left);
	uint32_t point;

	if (length == 1)
		return (unsigned char)at[0] >= 0x20 && at[0] != 0x7f;
	if (length != 2 && length != 3)
		return length;
	point = (unsigned char)at[0] & (length == 2 ? 0x1f : 0x0f);
	for (size_t i = 1; i < length; i++)
		point = point << 6 | ((unsigned char)at[i] & 0x3f);
	return is_mischief(point) ? 0 : length;
}
