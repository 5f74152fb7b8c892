/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/clock.h"

#include "formats/hex.h"

/* No prefix is longer. */
#define LOOKED_AT 160u

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "6,1018,371250,-;" */
static bool kmsg_clock(struct text line, uint64_t *microseconds)
{
	const char *at = line.at, *end = line.at + line.length;
	uint64_t number;

	for (unsigned field = 0; field < 2; field++) {
		at = decimal_take(at, end, &number);
		if (!at || at == end || *at++ != ',')
			return false;
	}
	at = decimal_take(at, end, microseconds);
	return at && at < end && (*at == ',' || *at == ';');
}

/* "371.250123" around the point, followed by "]" or ":". */
static bool seconds_at(const char *start, const char *point, const char *end, uint64_t *microseconds)
{
	const char *first = point, *last = point + 1;
	uint64_t seconds, fraction;

	while (first > start && is_digit(first[-1]))
		first--;
	while (last < end && is_digit(*last))
		last++;
	if (first == point || point - first > 9 || last == end || (*last != ']' && *last != ':') ||
	    (last - point != 7 && last - point != 10) ||
	    (first > start && first[-1] != ' ' && first[-1] != '['))
		return false;
	if (!decimal_take(first, point, &seconds) || !decimal_take(point + 1, last, &fraction))
		return false;
	*microseconds = seconds * 1000000 + (last - point == 10 ? fraction / 1000 : fraction);
	return true;
}

bool clock_of(struct text line, uint64_t *microseconds)
{
	const char *end = line.at + (line.length < LOOKED_AT ? line.length : LOOKED_AT);
	const char *point = line.at;

	if (!line.length || text_begins(line, TEXT("(XEN)")))
		return false;
	if (is_digit(*line.at) && kmsg_clock(line, microseconds))
		return true;
	while ((point = memchr(point, '.', (size_t)(end - point)))) {
		if (seconds_at(line.at, point, end, microseconds))
			return true;
		point++;
	}
	return false;
}
