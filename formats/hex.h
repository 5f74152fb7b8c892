/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers of a line, read from its bytes: no copy, no locale, never past `end`. */
#ifndef FORMATS_HEX_H
#define FORMATS_HEX_H

#include <string.h>

#include "formats/digits.h"

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 1 to 16 hex digits without 0x. The byte behind them, or NULL: no number. */
static inline const char *hex_take(const char *at, const char *end, uint64_t *value)
{
	const char *first = at;
	uint64_t number = 0;
	int digit;

#ifdef DIGITS_AT_ONCE
	if (LIKELY(end - at > (long)DIGITS_AT_ONCE)) {
		struct digits digits = digits_at(at);

		*value = digits_hex(digits);
		return digits.hex && (digits.hex < DIGITS_AT_ONCE ||
				      hex_digit(at[DIGITS_AT_ONCE]) < 0) ? at + digits.hex : NULL;
	}
#endif
	for (; at < end && (digit = hex_digit(*at)) >= 0; at++)
		number = number << 4 | (unsigned)digit;
	*value = number;
	return at > first && at - first <= 16 ? at : NULL;
}

/* Decimal digits up to 2^64 - 1. The byte behind them, or NULL: no number. */
static inline const char *decimal_take(const char *at, const char *end, uint64_t *value)
{
	const char *first = at;
	uint64_t number = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
			return NULL;
	*value = number;
	return at > first ? at : NULL;
}

/* "0x1f", "31" or "-1" (two's complement), as %x, %u and %d of a trace's fields. */
static inline const char *number_take(const char *at, const char *end, uint64_t *value)
{
	if (end - at > 2 && at[0] == '0' && at[1] == 'x')
		return hex_take(at + 2, end, value);
	if (at < end && *at == '-') {
		at = decimal_take(at + 1, end, value);
		*value = -*value;
		return at;
	}
	return decimal_take(at, end, value);
}

#endif
