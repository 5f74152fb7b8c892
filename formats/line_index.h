/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which line shapes a line can have, told by its first bytes. The tables are
 * written at build time by formats/mkindex; nothing is built at start-up and
 * nothing holds an address, so the loader has nothing to relocate.
 *
 *   memblock_reserve: [0x...   key "memb" -> slot -> candidates
 *              ^ the slot's byte that tells which of them to try
 *         ^~~~~~~~ its window: 8 bytes that tell whether one may fit
 *   0000000000 - 00000a0000    no key: a number has too many spellings
 *                              -> classes: one byte set for each position, and
 *                                 what may follow the number
 *
 * 93 % of a log's lines end at line_may_begin(): one mask, one byte. */
#ifndef FORMATS_LINE_INDEX_H
#define FORMATS_LINE_INDEX_H

#include <string.h>

#include "formats/shape.h"

/* One row of a family's table. */
struct line_row {
	uint8_t family;        /* index into line_families */
	uint8_t lead_length;   /* characters before the first capture */
	uint8_t ends;          /* enum ends */
	uint16_t row;
	uint16_t pattern;      /* where in line_patterns */
};
/* What stands behind the number that a row begins with, if it is no character. */
#define LINE_AFTER_ANY 0u     /* begins with no number, or a capture follows */
#define LINE_AFTER_SIGN 1u    /* <range>: blanks, then "-", "," or "." */
#define LINE_DECIMAL 0x80u    /* added: the number is decimal */

/* A row that lines of one key, or class, may have. */
struct line_candidate {
	/* The window's bytes in the lines this row can match, where the mask is
	 * not zero. They may include a blank, which stands for several. */
	uint64_t value, mask;
	uint16_t row;
	uint8_t blank;       /* its offset in the line; 0: there is none */
	uint8_t after;       /* behind its first number: a character (' ': the line's end
	                      * too), or LINE_AFTER_* */
};

extern const struct line_shape *const line_families[];
extern const struct line_row line_rows[];
extern const unsigned line_row_count;
/* Each row's pattern, ended by a NUL. */
extern const char line_patterns[];
/* What shape_match() would come to with the row's, for it is compiled. */
bool line_match(struct text message, struct match *match, struct text *left, bool *lead_matched,
		unsigned row);
extern const struct line_candidate line_candidates[];

/* Bits of line_class[0]: six classes of lines without a key, and a mark. */
#define LINE_CLASSES 0x3fu
#define LINE_AGAIN 0x80u    /* a blank, or what may begin a prefix: look closer */
#define LINE_CLASS_COUNT 6
/* Bit c of line_class[i][byte]: a line of class c may have `byte` at i. Behind the
 * first byte LINE_AGAIN is always set, so that all four can be joined by `and'. */
extern const uint8_t line_class[4][256];
#define LINE_SLOT_BITS 15
#define LINE_HASH_MULTIPLIER 0x9e3779b1u

/* Which lines are of no row and begin no prefix: those of their first eight bytes that
 * the first two call for are hashed, and a byte tells: few others are set, and a log needs
 * few of them. */
#define LINE_BEGINNINGS 1024u
#define LINE_BEGIN_BITS 18
#define LINE_BEGIN_MULTIPLIER 0x9e3779b97f4a7c15u
extern const uint64_t line_begin_mask[LINE_BEGINNINGS];
extern const bool line_begins[1u << LINE_BEGIN_BITS];

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

/* Can a line that begins with these eight bytes be of a row, or have a prefix? */
static ALWAYS_INLINE bool line_may_begin(const char *at)
{
	uint64_t begin, hash;

	memcpy(&begin, at, sizeof(begin));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	begin = __builtin_bswap64(begin);
#endif
	begin &= line_begin_mask[begin & (LINE_BEGINNINGS - 1)];
	hash = begin * LINE_BEGIN_MULTIPLIER >> (64 - LINE_BEGIN_BITS);
	return line_begins[hash];
}

struct line_slot {
	uint32_t key;
	uint16_t first;      /* of its candidates, in the order they are to be tried */
	uint16_t tells;      /* index of line_tells */
	uint8_t count;
	uint8_t window;      /* offset of the eight bytes; LINE_WINDOW_MAX at most; 0:
	                      * this is a class */
	uint8_t tell_at;     /* offset of the byte that tells; LINE_TELL_MAX at most */
	bool prefix;         /* may begin a prefix: "kern", "Nov " */
};
#define LINE_WINDOW_MAX 32u
#define LINE_TELL_MAX 40u
/* By the byte's low five bits: a bit for each candidate that is to be tried. */
extern const uint32_t line_tells[][32];
extern const struct line_slot line_slots[];   /* open addressing by the hash; key 0:
                                               * none */
extern const uint32_t line_slot_mask;         /* slots - 1 */
extern const struct line_slot line_class_slots[LINE_CLASS_COUNT];

/* The slot of a key, or NULL. */
static inline const struct line_slot *line_slot_of(uint32_t key)
{
	uint32_t slot = key * LINE_HASH_MULTIPLIER >> (32 - LINE_SLOT_BITS);

	for (slot &= line_slot_mask;; slot = (slot + 1) & line_slot_mask) {
		if (line_slots[slot].key == key)
			return &line_slots[slot];
		if (!line_slots[slot].key)
			return NULL;
	}
}

/* The candidates of a slot that the line may be of. */
static inline uint32_t line_candidates_of(const struct line_slot *slot, const char *at)
{
	return line_tells[slot->tells][at[slot->tell_at] & 31];
}

/* Can the line be one of the candidate's? `window` is its line_window(). */
static inline bool line_may_be(const struct line_candidate *candidate, uint64_t window,
			       const char *at)
{
	if ((window & candidate->mask) == candidate->value)
		return true;
	at += candidate->blank;
	return candidate->blank && (at[0] == '\t' || (at[0] == ' ' && (at[1] == ' ' || at[1] == '\t')));
}

static inline uint64_t line_window(const char *at, const struct line_slot *slot)
{
	uint64_t window;

	memcpy(&window, at + slot->window, sizeof(window));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	window = __builtin_bswap64(window);
#endif
	return window;
}

#endif
