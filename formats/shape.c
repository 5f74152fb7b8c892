/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Matches one line shape: a small interpreter of the patterns of shape.h,
 * without allocation and without going back (but for <any>). Patterns were
 * checked at build time (formats/mkindex.c), so nothing is checked here. */
#include "formats/shape.h"

/* The value of a hex digit and 1, so that 0 is no digit. */
static const uint8_t hex_and_1[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['A'] = 11, 12, 13, 14, 15, 16,
	['a'] = 11, 12, 13, 14, 15, 16,
};

struct matcher {
	const char *pattern;
	const char *at, *end;      /* what is left of the message */
	struct match *match;
	enum ends ends;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_word_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static void skip_blanks(struct matcher *m)
{
	while (m->at < m->end && is_blank(*m->at))
		m->at++;
}

/* A number that runs into more letters is cut or garbled, unless the pattern
 * says what follows: half a frame number would blame the wrong frame. */
static bool number_ends(const struct matcher *m)
{
	char next = *m->pattern;

	if (next && next != '<' && !is_blank(next))
		return true;
	return m->at == m->end || !is_word_character(*m->at);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight hex digits at once: each byte is checked to be a digit or a letter a-f
 * and becomes its value; then neighbours are put together. False when one of
 * them is something else. */
static inline bool hex_8(const char *at, uint64_t *value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w, lower, digit, letter, bad;

	memcpy(&w, at, sizeof(w));
	lower = w | EACH(0x20);
	digit = (lower ^ EACH(0x30)) & EACH(0x7f);
	letter = (lower ^ EACH(0x60)) & EACH(0x7f);
	/* A byte's top bit: not below 10; not in 1 to 6; not ASCII. */
	bad = (digit + EACH(0x76)) & ((letter + EACH(0x79)) | ~(letter + EACH(0x7f)));
	if ((bad | w) & EACH(0x80))
		return false;
	w = (lower & EACH(0x0f)) + (lower >> 6 & EACH(0x01)) * 9;
	w = (w << 4 | w >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	w = (w << 8 | w >> 16) & UINT64_C(0x0000ffff0000ffff);
	*value = (w << 16 | w >> 32) & UINT32_MAX;
	return true;
#else
	(void)at;
	(void)value;
	return false;
#endif
}

/* 1 to 16 hex digits, with or without 0x. More are no number. */
static bool take_hex(struct matcher *m, uint64_t *value, uint8_t *digits)
{
	const char *at = m->at, *first;
	uint64_t number = 0;
	uint8_t digit;

	if (m->end - at > 2 && at[0] == '0' && at[1] == 'x' &&
	    hex_and_1[(uint8_t)at[2]])
		at += 2;
	first = at;
	for (uint64_t eight; m->end - at >= 8 && at - first <= 8 && hex_8(at, &eight); at += 8)
		number = number << 32 | eight;
	for (; at < m->end && (digit = hex_and_1[(uint8_t)*at]) != 0; at++)
		number = number << 4 | (digit - 1u);
	if (at == first || at - first > 16)
		return false;
	m->at = at;
	*value = number;
	*digits = (uint8_t)(at - first);
	return true;
}

/* A decimal number, stored as two's complement when negative. One that does
 * not fit 64 bits is no number. */
static bool take_decimal(struct matcher *m, uint64_t *value, uint8_t *digits)
{
	const char *at = m->at, *first;
	bool negative = at < m->end && *at == '-';
	uint64_t number = 0;

	at += negative;
	for (first = at; at < m->end && *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
			return false;
	if (at == first || at - first > UINT8_MAX || (negative && number > (uint64_t)INT64_MAX + 1))
		return false;
	m->at = at;
	*value = negative ? -number : number;
	*digits = (uint8_t)(at - first);
	return true;
}

/* "-", "->", "," or "..", with or without blanks around. */
static bool take_range_sign(struct matcher *m)
{
	skip_blanks(m);
	if (m->at == m->end)
		return false;
	switch (*m->at++) {
	case '-':
		if (m->at < m->end && *m->at == '>')
			m->at++;
		break;
	case ',':
		break;
	case '.':
		if (m->at == m->end || *m->at++ != '.')
			return false;
		break;
	default:
		return false;
	}
	skip_blanks(m);
	return true;
}

/* Half-open from whatever the log meant. An inclusive end of 2^64 - 1 has no
 * half-open form; with start 0 it is how a zero-sized range at 0 is printed
 * (base + size - 1). */
static void set_range(struct match *match, uint64_t start, uint64_t second, uint8_t digits,
		      enum ends ends)
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
	match->ranges[match->range_count].start = start;
	match->ranges[match->range_count].end = end;
	match->ranges[match->range_count].digits = digits;
	match->ranges[match->range_count].absurd = absurd || end < start;
	match->range_count++;
}

static bool take_range(struct matcher *m)
{
	uint64_t start, second;
	uint8_t digits, second_digits;

	if (!take_hex(m, &start, &digits) || !take_range_sign(m) ||
	    !take_hex(m, &second, &second_digits))
		return false;
	set_range(m->match, start, second, digits, m->ends);
	return true;
}

static void add_word(struct matcher *m, const char *at, const char *end)
{
	m->match->words[m->match->word_count++] = (struct text){ at, (size_t)(end - at) };
}

static bool take_word(struct matcher *m)
{
	const char *at = m->at;
	char next = *m->pattern == '<' || !*m->pattern ? ' ' : *m->pattern;

	while (m->at < m->end && !is_blank(*m->at) && *m->at != next)
		m->at++;
	add_word(m, at, m->at);
	return m->at > at;
}

static void take_rest(struct matcher *m)
{
	const char *end = m->end;

	skip_blanks(m);
	while (end > m->at && is_blank(end[-1]))
		end--;
	add_word(m, m->at, end);
	m->at = m->end;
}

/* What a pattern's character may be other than itself. */
static const bool special[256] = { ['\0'] = true, ['<'] = true, [' '] = true, ['\t'] = true };

/* Literal characters and blanks, up to the next capture or the end. */
static bool take_literals(struct matcher *m)
{
	const char *pattern = m->pattern, *at = m->at, *end = m->end;

	for (;;) {
		for (; !special[(uint8_t)*pattern]; pattern++, at++)
			if (at == end || *at != *pattern)
				return false;
		if (!is_blank(*pattern))
			break;
		/* At the line's end none is needed; what follows in the
		 * pattern then has to be content with nothing. */
		if (at < end && !is_blank(*at))
			return false;
		while (at < end && is_blank(*at))
			at++;
		while (is_blank(*pattern))
			pattern++;
	}
	m->pattern = pattern;
	m->at = at;
	return true;
}

/* As little as possible before the pattern's next characters. */
static bool take_any(struct matcher *m)
{
	const char *from = m->at;

	if (!*m->pattern || *m->pattern == '<') {
		take_rest(m);
		return true;
	}
	for (const char *at = from; at <= m->end; at++) {
		const char *pattern = m->pattern;
		m->at = at;
		if (take_literals(m)) {
			add_word(m, from, at);
			return true;
		}
		m->pattern = pattern;
	}
	return false;
}

static bool take_number(struct matcher *m, bool hex)
{
	unsigned n = m->match->number_count++;

	if (hex)
		return take_hex(m, &m->match->numbers[n].value, &m->match->numbers[n].digits) &&
		       number_ends(m);
	return take_decimal(m, &m->match->numbers[n].value, &m->match->numbers[n].digits) &&
	       number_ends(m);
}

/* One capture; m->pattern stands at its "<". */
static bool take_capture(struct matcher *m)
{
	const char *capture = m->pattern;

	switch (capture[1]) {
	case 'x':
	case 'd':
		m->pattern += sizeof("<x>") - 1;
		return take_number(m, capture[1] == 'x');
	case 'w':
		m->pattern += sizeof("<w>") - 1;
		return take_word(m);
	case 'a':
		m->pattern += sizeof("<any>") - 1;
		return take_any(m);
	}
	if (capture[2] == 'a') {
		m->pattern += sizeof("<range>") - 1;
		return take_range(m) && number_ends(m);
	}
	m->pattern += sizeof("<rest>") - 1;
	take_rest(m);
	return true;
}

/* The lead as it stands, one blank for one blank: most lines are printed so. */
static bool take_lead(struct matcher *m, unsigned length)
{
	if (m->end - m->at < (long)length || memcmp(m->pattern, m->at, length))
		return take_literals(m);
	m->pattern += length;
	m->at += length;
	if (length && is_blank(m->pattern[-1]))
		skip_blanks(m);
	return true;
}

bool shape_match(const struct line_shape *shape, struct text message, struct match *match,
		 struct text *left, bool *lead_matched)
{
	return shape_match_lead(shape, 0, message, match, left, lead_matched);
}

bool shape_match_lead(const struct line_shape *shape, unsigned lead_length, struct text message,
		      struct match *match, struct text *left, bool *lead_matched)
{
	struct matcher m = {
		.pattern = shape->pattern,
		.at = message.at,
		.end = message.at + message.length,
		.match = match,
		.ends = shape->ends,
	};
	bool fits;

	match->number_count = match->range_count = match->word_count = 0;
	fits = take_lead(&m, lead_length) && (lead_length || take_literals(&m));
	if (lead_matched)
		*lead_matched = fits;
	while (fits && *m.pattern)
		fits = *m.pattern == '<' ? take_capture(&m) : take_literals(&m);
	if (!fits)
		return false;
	skip_blanks(&m);
	*left = (struct text){ m.at, (size_t)(m.end - m.at) };
	return true;
}
