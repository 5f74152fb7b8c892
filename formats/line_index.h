/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which line shapes a line can have, told by its first four bytes. The tables
 * are written at build time by formats/mkindex.c; nothing is built at start-up
 * and nothing holds an address, so the loader has nothing to relocate.
 *
 *   BIOS-e820: [mem 0x...      key "BIOS"  -> line_keys -> list of rows
 *   0000000000 - 00000a0000    no key: a number has too many spellings
 *                              -> classes: one byte set for each position
 *
 * 93 % of a log's lines end at line_may_match(): one table byte, one bit. */
#ifndef FORMATS_LINE_INDEX_H
#define FORMATS_LINE_INDEX_H

#include <string.h>

#include "formats/shape.h"

/* One row of a family's table. */
struct line_row {
	uint8_t family;        /* index into line_families */
	uint8_t lead_length;   /* characters before the first capture */
	uint16_t row;
	/* Bytes 4 to 11 of every line this row can match, where the mask is
	 * not zero: keys that many rows share ("memb") are told apart here. */
	uint64_t value, mask;
};

extern const struct line_shape *const line_families[];
extern const struct line_row line_rows[];
extern const unsigned line_row_count;

/* Bits of line_class[0]: six classes of lines without a key, and two marks. */
#define LINE_CLASSES 0x3fu
#define LINE_LOWER 0x40u    /* a lower-case letter: may begin a Xen source tag */
#define LINE_AGAIN 0x80u    /* a blank, or what may begin a prefix: look closer */
#define LINE_CLASS_COUNT 6
/* Bit c of line_class[i][byte]: a line of class c may have `byte` at i. */
extern const uint8_t line_class[4][256];
/* A bit for each hash of a key; few others are set. */
#define LINE_FILTER_BITS 15
extern const uint64_t line_filter[1u << (LINE_FILTER_BITS - 6)];

#define LINE_HASH_MULTIPLIER 0x9e3779b1u

/* The four bytes at `at` as they stand, the first one lowest. */
static inline uint32_t line_key(const char *at)
{
	uint32_t key;

	memcpy(&key, at, sizeof(key));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	key = __builtin_bswap32(key);
#endif
	return key;
}

static inline bool line_key_known(uint32_t key)
{
	uint32_t hash = key * LINE_HASH_MULTIPLIER >> (32 - LINE_FILTER_BITS);

	return line_filter[hash >> 6] >> (hash & 63) & 1;
}

/* Row numbers in the order they are to be tried, ended by LINE_LIST_END. */
#define LINE_LIST_END UINT16_MAX
extern const uint16_t line_lists[];
extern const uint16_t line_class_lists[LINE_CLASS_COUNT];   /* index into line_lists */

struct line_key_slot {
	uint32_t key;
	uint16_t list;   /* index into line_lists; 0 is the empty list: slot is free */
};
extern const struct line_key_slot line_keys[];   /* open addressing by the hash */
extern const uint32_t line_key_mask;             /* slots - 1 */

#endif
