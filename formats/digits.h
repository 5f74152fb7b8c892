/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which of 16 bytes are digits, and what hex number they are, without looking at
 * them one by one. For who has 16 readable bytes; the plain way is their oracle. */
#ifndef FORMATS_DIGITS_H
#define FORMATS_DIGITS_H

#include "core/base.h"

#if defined(__SSE2__) && !defined(NO_SIMD)
#include <emmintrin.h>
#define DIGITS_AT_ONCE 16u

/* From the first byte on: how many decimal and hex digits stand there. */
struct digits { __m128i values, is_hex; unsigned decimal, hex; };

static ALWAYS_INLINE struct digits digits_at(const char *at)
{
	const __m128i bytes = _mm_loadu_si128((const __m128i *)at);
	const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
	const __m128i letter = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)),
					    _mm_set1_epi8('a'));
	const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
	const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
	unsigned decimal = (unsigned)_mm_movemask_epi8(is_digit);
	const __m128i is_hex = _mm_or_si128(is_digit, is_letter);
	unsigned hex = (unsigned)_mm_movemask_epi8(is_hex);

	return (struct digits){
		/* 'a' and 'A' end with the bits of 1; the rest of no digit is dropped later. */
		.values = _mm_add_epi8(_mm_and_si128(bytes, _mm_set1_epi8(0xf)),
				       _mm_and_si128(is_letter, _mm_set1_epi8(9))),
		.is_hex = is_hex,
		.decimal = (unsigned)__builtin_ctz(~decimal),
		.hex = (unsigned)__builtin_ctz(~hex),
	};
}

/* The number that the first `digits.hex` of them are; there is at least one. */
static ALWAYS_INLINE uint64_t digits_hex_some(struct digits digits)
{
	__m128i pairs = _mm_or_si128(_mm_slli_epi16(digits.values, 4),
				     _mm_srli_epi16(digits.values, 8));

	pairs = _mm_and_si128(pairs, _mm_set1_epi16(0xff));
	pairs = _mm_packus_epi16(pairs, pairs);
	/* By 64 less the digits' bits, which of a shift is the same as by minus them. */
	return __builtin_bswap64((uint64_t)_mm_cvtsi128_si64(pairs)) >> (-4 * digits.hex & 63);
}

/* 0 when there is none. */
static ALWAYS_INLINE uint64_t digits_hex(struct digits digits)
{
	return digits.hex ? digits_hex_some(digits) : 0;
}

/* Are three times sixteen of them hex? */
static ALWAYS_INLINE bool digits_are_hex(struct digits a, struct digits b, struct digits c)
{
	return _mm_movemask_epi8(_mm_and_si128(a.is_hex, _mm_and_si128(b.is_hex, c.is_hex))) == 0xffff;
}

/* The number of sixteen. */
static ALWAYS_INLINE uint64_t digits_hex_16(struct digits digits)
{
	digits.hex = DIGITS_AT_ONCE;
	return digits_hex_some(digits);
}
#endif

#endif
