/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps that match a line shape, one for each element of a pattern (shape.h),
 * without allocation and without going back (but for <any>). Patterns were checked at
 * build time (formats/mkindex), so nothing is checked here.
 *
 * What takes something from the message is given where the message goes on and
 * returns where it goes on behind; NULL: it does not fit. */
#ifndef FORMATS_STEPS_H
#define FORMATS_STEPS_H

#include <string.h>

#include "formats/digits.h"
#include "formats/shape.h"

/* The value of a hex digit and 1, so that 0 is no digit. */
extern const uint8_t shape_hex[256];
/* Is it a character of a word or number? */
extern const bool shape_word[256];

/* As folds to nothing for a pattern's own character. */
static ALWAYS_INLINE bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *skip_more_blanks(const char *at, const char *end);

static ALWAYS_INLINE const char *skip_blanks(const char *at, const char *end)
{
	return UNLIKELY(at < end && (uint8_t)*at <= ' ') ? skip_more_blanks(at, end) : at;
}

/* A number that runs into more letters, a bracket or noise is cut or garbled, unless the pattern
 * says what follows, which will be compared (a blank is none of them): half a frame
 * number would blame the wrong frame. */
static inline bool number_ends(const char *at, const char *end, char next)
{
	if (next && next != '<')
		return true;
	return at == end || !shape_word[(uint8_t)*at];
}

/* Up to 16 hex digits, one by one: near the line's end, and where there is nothing
 * better. Returns how many. */
static inline unsigned hex_one_by_one(const char *at, size_t room, uint64_t *value)
{
	uint64_t number = 0;
	unsigned count = 0;
	uint8_t digit;

	for (; count < 16 && count < room && (digit = shape_hex[(uint8_t)at[count]]) != 0; count++)
		number = number << 4 | (digit - 1u);
	*value = number;
	return count;
}

/* 1 to 16 hex digits, with or without 0x. More are no number. */
static ALWAYS_INLINE const char *take_hex(const char *at, const char *end, uint64_t *value,
				   uint8_t *digits)
{
	unsigned count;

	if (end - at > 2 && at[1] == 'x' && at[0] == '0' && shape_hex[(uint8_t)at[2]])
		at += 2;
#ifdef DIGITS_AT_ONCE
	if (LIKELY(end - at >= (long)DIGITS_AT_ONCE)) {
		struct digits sixteen = digits_at(at);

		count = sixteen.hex;
		*value = digits_hex(sixteen);
	} else
#endif
		count = hex_one_by_one(at, (size_t)(end - at), value);
	if (UNLIKELY(count == 16 && end - at > 16 && shape_hex[(uint8_t)at[16]]))
		return NULL;
	*digits = (uint8_t)count;
	return count ? at + count : NULL;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* The decimal number of fewer than eight digits that the eight bytes begin with, all at
 * once: pairs are added up, then pairs of those. Returns how many digits; 8: more. */
static ALWAYS_INLINE unsigned few_digits(const char *at, uint64_t *value)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t n, other;
	unsigned bits;

	memcpy(&n, at, sizeof(n));
	n ^= ones * '0';
	other = (n | (n + ones * (0x80 - 10))) & ones * 0x80;
	if (!other)
		return 8;
	bits = (unsigned)__builtin_ctzll(other) & ~7u;
	if (!bits)
		return 0;
	n <<= 64 - bits;
	n = (n * 10 + (n >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	n = (n * 100 + (n >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*value = (n * 10000 + (n >> 32)) & UINT32_MAX;
	return bits / 8;
}
#endif

/* Digits of a decimal number that fit into 64 bits whatever they are. */
#define DECIMAL_SURE 19

/* A decimal number, stored as two's complement when negative. One that does
 * not fit 64 bits is no number. */
static inline const char *take_decimal(const char *at, const char *end, uint64_t *value,
				       uint8_t *digits)
{
	bool negative = at < end && *at == '-';
	const char *first = at += negative;
	const char *sure = end - at > DECIMAL_SURE ? at + DECIMAL_SURE : end;
	uint64_t number = 0;
	unsigned digit;

	for (; at < sure && (digit = (unsigned)*at - '0') <= 9; at++)
		number = number * 10 + digit;
	for (; UNLIKELY(at >= sure) && at < end && (digit = (unsigned)*at - '0') <= 9; at++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return NULL;
	if (at == first || at - first > UINT8_MAX || (negative && number > (uint64_t)INT64_MAX + 1))
		return NULL;
	*value = negative ? -number : number;
	*digits = (uint8_t)(at - first);
	return at;
}

/* "-", "->", "," or "..", with or without blanks around. */
static ALWAYS_INLINE const char *take_range_sign(const char *at, const char *end)
{
	at = skip_blanks(at, end);
	if (at == end)
		return NULL;
	switch (*at++) {
	case '-':
		at += at < end && *at == '>';
		break;
	case ',':
		break;
	case '.':
		if (at == end || *at++ != '.')
			return NULL;
		break;
	default:
		return NULL;
	}
	return skip_blanks(at, end);
}

/* Half-open from whatever the log meant. An inclusive end of 2^64 - 1 has no
 * half-open form; with start 0 it is how a zero-sized range at 0 is printed
 * (base + size - 1). */
static ALWAYS_INLINE void set_range(struct match_range *range, uint64_t start, uint64_t second,
				    uint8_t digits, enum ends ends)
{
	uint64_t end = second;
	bool absurd = false;

	if (ends == ENDS_INCLUSIVE) {
		if (second != UINT64_MAX)
			end = second + 1;
		else if (start == 0)
			end = 0;
		else
			absurd = true;
	}
	*range = (struct match_range){ start, end, digits, absurd || end < start };
}

/* printf() pads both numbers of a range alike: the longer one begins with a zero only where
 * the shorter has lost digits, and half a number is another number. */
static ALWAYS_INLINE bool is_padded_alike(const char *first, uint8_t digits, const char *second,
					  uint8_t second_digits)
{
	return digits == second_digits || *(digits > second_digits ? first : second) != '0';
}

static ALWAYS_INLINE const char *take_range(const char *at, const char *end,
					    struct match_range *range, enum ends ends)
{
	const char *first;
	uint64_t start, second;
	uint8_t digits, second_digits;

	at = take_hex(at, end, &start, &digits);
	if (!at)
		return NULL;
	first = at - digits;
	at = take_range_sign(at, end);
	if (at)
		at = take_hex(at, end, &second, &second_digits);
	if (!at || !is_padded_alike(first, digits, at - second_digits, second_digits))
		return NULL;
	set_range(range, start, second, digits, ends);
	return at;
}

/* Where a blank or `next` stands, or `end`. */
static ALWAYS_INLINE const char *word_end(const char *at, const char *end, char next)
{
#ifdef DIGITS_AT_ONCE
	const __m128i blank = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t');
	const __m128i border = _mm_set1_epi8(next);

	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)at);
		unsigned found = (unsigned)_mm_movemask_epi8(
			_mm_or_si128(_mm_cmpeq_epi8(bytes, border),
				     _mm_or_si128(_mm_cmpeq_epi8(bytes, blank),
						  _mm_cmpeq_epi8(bytes, tab))));

		if (found)
			return at + __builtin_ctz(found);
	}
#endif
	while (at < end && *at != next && !is_blank(*at))
		at++;
	return at;
}

static inline struct text text_between(const char *at, const char *end)
{
	return (struct text){ at, (size_t)(end - at) };
}

/* Up to a blank, or what the pattern has next. */
static inline const char *take_word(const char *at, const char *end, char next, struct text *word)
{
	const char *behind = word_end(at, end, next == '<' || !next ? ' ' : next);

	*word = text_between(at, behind);
	return behind > at ? behind : NULL;
}

static inline const char *take_rest(const char *at, const char *end, struct text *word)
{
	const char *last = end;

	at = skip_blanks(at, end);
	while (last > at && is_blank(last[-1]))
		last--;
	*word = text_between(at, last);
	return end;
}

/* Literal characters and blanks, up to the next capture or the end of the pattern,
 * however many blanks the message has for each. Moves *pattern on when they fit. */
const char *take_literals(const char *at, const char *end, const char **pattern);

/* As little as possible before the pattern's next characters, and those. */
const char *take_any(const char *at, const char *end, const char **pattern, struct text *word);

/* The `length` characters of `literal`, which may be none. Most lines are printed as
 * the pattern stands, one blank for one blank. */
static ALWAYS_INLINE const char *take_run(const char *at, const char *end, const char *literal,
					  size_t length)
{
	if (!length)
		return at;
	if (UNLIKELY(end - at < (long)length || memcmp(at, literal, length)))
		return take_literals(at, end, &literal);
	at += length;
	return is_blank(literal[length - 1]) ? skip_blanks(at, end) : at;
}

/* --- a pattern, compiled ----------------------------------------------------
 *
 * formats/mkindex writes a function for each row from these: a LEAD, then for each
 * capture itself and the RUN of characters behind it, whose first one is `next`. */

#define MATCHER(row) \
	static NEVER_INLINE bool match_##row(struct text message, struct match *match, \
					     struct text *left, bool *lead_matched) \
	{ \
		const char *at = message.at, *const end = at + message.length;
#define LEAD(literal) \
		at = take_run(at, end, literal, sizeof(literal) - 1); \
		*lead_matched = at != NULL; \
		if (!at) \
			return false;
#define RUN(literal) \
		at = take_run(at, end, literal, sizeof(literal) - 1); \
		if (!at) \
			return false;
#define NUMERIC(take, next) \
		at = (take); \
		if (!at || !number_ends(at, end, next)) \
			return false;
#define HEX(i, next) \
		NUMERIC(compiled_hex(at, end, &match->numbers[i]), next)
#define DECIMAL(i, next) \
		NUMERIC(compiled_decimal(at, end, &match->numbers[i]), next)
#define RANGE(i, ends, next) \
		NUMERIC(compiled_range(at, end, &match->ranges[i], ends), next)
#define WORD(i, next) \
		at = compiled_word(at, end, next, &match->words[i]); \
		if (!at) \
			return false;
#define ANY(i, literal) \
		{ \
			const char *behind = literal; \
			at = take_any(at, end, &behind, &match->words[i]); \
		} \
		if (!at) \
			return false;
#define REST(i) \
		at = compiled_rest(at, end, &match->words[i]);
#define MATCHED(numbers, ranges, words) \
		match->number_count = numbers; \
		match->range_count = ranges; \
		match->word_count = words; \
		*left = text_between(skip_blanks(at, end), end); \
		return true; \
	}

/* Hundreds of rows share them. */
#define COMPILED static NEVER_INLINE __attribute__((unused)) const char *

COMPILED hex_any(const char *at, const char *end, struct match_number *number)
{
	return take_hex(at, end, &number->value, &number->digits);
}

/* A number that is spelt as most are, "0x1f", in the middle of a line. */
COMPILED compiled_hex(const char *at, const char *end, struct match_number *number)
{
#ifdef DIGITS_AT_ONCE
	if (LIKELY(end - at > 2 + (long)DIGITS_AT_ONCE && !memcmp(at, "0x", 2))) {
		uint8_t first = shape_hex[(uint8_t)at[2]];
		struct digits digits;

		if (first && !shape_hex[(uint8_t)at[3]]) {   /* mostly "0x0" */
			*number = (struct match_number){ first - 1u, 1 };
			return at + 3;
		}
		digits = digits_at(at + 2);

		if (LIKELY(digits.hex && !shape_hex[(uint8_t)at[2 + digits.hex]])) {
			*number = (struct match_number){ digits_hex_some(digits), (uint8_t)digits.hex };
			return at + 2 + digits.hex;
		}
	}
#endif
	return hex_any(at, end, number);
}

COMPILED range_any(const char *at, const char *end, struct match_range *range, enum ends ends)
{
	return take_range(at, end, range, ends);
}

#ifdef DIGITS_AT_ONCE
/* Where the second number of a range begins, the first of which ends at `at`; or NULL. */
static ALWAYS_INLINE const char *second_number(const char *at, bool with_0x)
{
	if (!with_0x)
		return memcmp(at, " - ", 3) ? NULL : at + 3;
	if (LIKELY(!memcmp(at, "-0x", 3)))
		return at + 3;
	return memcmp(at, ", 0x", 4) ? NULL : at + 4;
}
#endif

/* A range that is spelt as most are, "0x1000-0x1fff", "0x1000, 0x1fff" or "1000 - 1fff", in
 * the middle of a line. */
COMPILED compiled_range(const char *at, const char *end, struct match_range *range, enum ends ends)
{
#ifdef DIGITS_AT_ONCE
	if (LIKELY(end - at > 2 * (2 + (long)DIGITS_AT_ONCE) + 2)) {
		const bool with_0x = !memcmp(at, "0x", 2);
		struct digits first = digits_at(at + 2 * with_0x), second;
		const char *to = second_number(at + 2 * with_0x + first.hex, with_0x);

		if (LIKELY(to && first.hex)) {
			second = digits_at(to);
			if (LIKELY(first.hex == second.hex && !shape_hex[(uint8_t)to[second.hex]])) {
				set_range(range, digits_hex_some(first), digits_hex_some(second),
					  (uint8_t)first.hex, ends);
				return to + second.hex;
			}
		}
	}
#endif
	return range_any(at, end, range, ends);
}

COMPILED compiled_decimal(const char *at, const char *end, struct match_number *number)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (LIKELY(end - at > 9)) {
		bool negative = *at == '-';   /* "nid=-1" */
		unsigned digits = few_digits(at + negative, &number->value);

		if (LIKELY(digits - 1 < 7)) {
			number->value = (number->value ^ -(uint64_t)negative) + negative;
			number->digits = (uint8_t)digits;
			return at + negative + digits;
		}
	}
#endif
	return take_decimal(at, end, &number->value, &number->digits);
}

COMPILED compiled_word(const char *at, const char *end, char next, struct text *word)
{
	return take_word(at, end, next, word);
}

COMPILED rest_any(const char *at, const char *end, struct text *word)
{
	return take_rest(at, end, word);
}

/* With no blanks around it. */
COMPILED compiled_rest(const char *at, const char *end, struct text *word)
{
	if (UNLIKELY(at >= end || *at <= ' ' || end[-1] <= ' '))
		return rest_any(at, end, word);
	*word = text_between(at, end);
	return end;
}

#endif
