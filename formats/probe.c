/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recognises inputs by content, never by name. Text with some NULs, control
 * bytes and line noise is text: it came over a serial line. */
#include "formats/probe.h"

#include <string.h>

#include "formats/digits.h"
#include "formats/packing.h"

const char PROBE_TEXT[] = "text";

#define MAGIC(offset, bytes, name) { (offset), sizeof(bytes) - 1, (bytes), (name), false }
/* Text may follow. */
#define TEXT_MAGIC(bytes, name) { 0, sizeof(bytes) - 1, (bytes), (name), true }

static const struct {
	uint16_t offset, length;
	const char *bytes, *name;
	bool text;
} magics[] = {
	MAGIC(0, "\x1f\x8b", "gzip"),
	MAGIC(0, "\xfd" "7zXZ\0", "xz"),
	MAGIC(0, "\x28\xb5\x2f\xfd", "zstd"),
	MAGIC(0, "BZh", "bzip2"),
	MAGIC(0, "\x04\x22\x4d\x18", "lz4"),
	MAGIC(0, "\x02\x21\x4c\x18", "lz4"),
	MAGIC(0, "\x89LZO\0\r\n\x1a\n", "lzop"),
	MAGIC(0, "LZIP\1", "lzip"),
	MAGIC(0, "7z\xbc\xaf\x27\x1c", "7-Zip archive"),
	MAGIC(0, "PK\3\4", "zip"),
	MAGIC(0, "PK\5\6", "zip"),
	MAGIC(257, "ustar", "tar"),
	TEXT_MAGIC("070701", "cpio"),
	MAGIC(0, "\x7f" "ELF", "ELF"),
	MAGIC(0, "KDUMP   ", "kdump"),
	MAGIC(0, "makedumpfile\0", "flattened kdump"),
	MAGIC(0, "\x17\x08" "Dtracing", "trace.dat"),
	MAGIC(0, "\x03\xf0\x01\x20", "xentrace"),
	MAGIC(0, "PERFILE2", "perf.data"),
	MAGIC(0, "LPKSHHRH", "systemd journal"),
	MAGIC(0, "\xff\xd8\xff", "JPEG image"),
	MAGIC(0, "\x89PNG\r\n\x1a\n", "PNG image"),
	MAGIC(0, "GIF8", "GIF image"),
	TEXT_MAGIC("%PDF-", "PDF"),
};

static const char *find_magic(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
		size_t at = magics[i].offset, end = at + magics[i].length;

		if (n >= end && bytes[at] == (unsigned char)*magics[i].bytes &&
		    !memcmp(bytes + at, magics[i].bytes, magics[i].length) &&
		    (magics[i].text ||
		     !packing_is_stray((struct text){ (const char *)bytes + end, n - end })))
			return magics[i].name;
	}
	return NULL;
}

/* The length of a UTF-8 sequence that begins with a high byte, or 0. */
static size_t utf8_length(const unsigned char *bytes, size_t n)
{
	size_t length = *bytes >= 0xf0 ? 4 : *bytes >= 0xe0 ? 3 : 2;

	if (*bytes < 0xc2 || *bytes > 0xf4 || length > n)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

#ifdef DIGITS_AT_ONCE
#define PLAIN_AT_ONCE 16u
/* Sixteen bytes from ' ' to '~', or from '\b' to '\r'? */
static bool is_plain(const unsigned char *bytes)
{
	const __m128i all = _mm_loadu_si128((const __m128i *)bytes);
	const __m128i letter = _mm_sub_epi8(all, _mm_set1_epi8(' '));
	const __m128i blank = _mm_sub_epi8(all, _mm_set1_epi8('\b'));

	return _mm_movemask_epi8(_mm_or_si128(
		_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8('~' - ' ')), letter),
		_mm_cmpeq_epi8(_mm_min_epu8(blank, _mm_set1_epi8('\r' - '\b')), blank))) == 0xffff;
}
#else
#define PLAIN_AT_ONCE 8u
/* Eight bytes from ' ' to '~'? */
static bool is_plain(const unsigned char *bytes)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t eight;

	memcpy(&eight, bytes, sizeof(eight));
	return !((eight | (eight - ' ' * each) | (eight + each)) & 0x80 * each);
}
#endif

/* Fewer than three bytes in ten that no text has. Random bytes have six. */
static bool looks_like_text(const unsigned char *bytes, size_t n)
{
	size_t strange = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = bytes[i];
		size_t length;

		if (n - i >= PLAIN_AT_ONCE && is_plain(bytes + i)) {
			i += PLAIN_AT_ONCE - 1;
			continue;
		}
		length = c >= 0x80 ? utf8_length(bytes + i, n - i) : 0;
		if (length)
			i += length - 1;
		else
			strange += c >= 0x7f || (c < ' ' && !(c >= '\b' && c <= '\r') && c != 0x1b);
	}
	return strange * 10 < n * 3;
}

static size_t leading_nuls(const unsigned char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && !bytes[i])
		i++;
	return i;
}

const char *probe_format(const unsigned char *bytes, size_t n)
{
	const char *name;
	size_t nuls;

	if (!n)
		return "empty";
	name = find_magic(bytes, n);
	if (name)
		return name;
	if (packing_is_utf16(bytes, n))
		return "UTF-16 text";
	/* A line that is held low before the machine talks, and the holes that a crash
	 * leaves in a file, read as NULs. */
	nuls = leading_nuls(bytes, n);
	bytes += nuls;
	n -= nuls;
	/* The second look is for captures that begin with line noise. */
	if (n && (looks_like_text(bytes, n < 1024 ? n : 1024) || looks_like_text(bytes, n)))
		return PROBE_TEXT;
	return "binary data";
}
