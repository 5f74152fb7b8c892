/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the steps of steps.h share, the rare ones of them, and an interpreter of
 * patterns: the oracle of those that were compiled. */
#include "formats/shape.h"

#include "formats/steps.h"

const uint8_t shape_hex[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['A'] = 11, 12, 13, 14, 15, 16,
	['a'] = 11, 12, 13, 14, 15, 16,
};

const bool shape_word[256] = {
	['_'] = true,
	['('] = true,   /* "(XEN) ": the hypervisor has cut the line */
	/* Of a line with noise. */
	['?'] = true, ['^'] = true, ['`'] = true, ['{'] = true, ['}'] = true, ['~'] = true,
	[0x7f ... 0xff] = true,
	['0'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	['A'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	['a'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
};

const char *skip_more_blanks(const char *at, const char *end)
{
	static const char eight[] = "        ";

	while (end - at >= 8 && !memcmp(at, eight, 8))   /* names stand in a column */
		at += 8;
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* What a pattern's character may be other than itself. */
static const bool special[256] = { ['\0'] = true, ['<'] = true, [' '] = true, ['\t'] = true };

const char *take_literals(const char *at, const char *end, const char **pattern)
{
	const char *p = *pattern;

	for (;;) {
		for (; !special[(uint8_t)*p]; p++, at++)
			if (at == end || *at != *p)
				return NULL;
		if (!is_blank(*p))
			break;
		/* At the line's end none is needed; what follows in the
		 * pattern then has to be content with nothing. */
		if (at < end && !is_blank(*at))
			return NULL;
		at = skip_blanks(at, end);
		while (is_blank(*p))
			p++;
	}
	*pattern = p;
	return at;
}

const char *take_any(const char *first, const char *end, const char **pattern, struct text *word)
{
	if (!**pattern || **pattern == '<')
		return take_rest(first, end, word);
	for (const char *at = first; at <= end; at++) {
		const char *behind = take_literals(at, end, pattern);

		if (behind) {
			*word = text_between(first, at);
			return behind;
		}
	}
	return NULL;
}

/* One capture, at whose "<" the pattern stands. */
static const char *take_capture(const char *at, const char *end, const char **pattern,
				enum ends ends, struct match *match)
{
	const char *p = *pattern;
	bool numeric = true;

	if (p[1] == 'x') {
		struct match_number *number = &match->numbers[match->number_count++];

		p += sizeof("<x>") - 1;
		at = take_hex(at, end, &number->value, &number->digits);
	} else if (p[1] == 'd') {
		struct match_number *number = &match->numbers[match->number_count++];

		p += sizeof("<d>") - 1;
		at = take_decimal(at, end, &number->value, &number->digits);
	} else if (p[1] == 'r' && p[2] == 'a') {
		p += sizeof("<range>") - 1;
		at = take_range(at, end, &match->ranges[match->range_count++], ends);
	} else {
		struct text *word = &match->words[match->word_count++];

		numeric = false;
		p = strchr(p, '>') + 1;
		if (p[-2] == 'w')
			at = take_word(at, end, *p, word);
		else if (p[-2] == 'y')
			at = take_any(at, end, &p, word);
		else
			at = take_rest(at, end, word);
	}
	*pattern = p;
	return !numeric || (at && number_ends(at, end, *p)) ? at : NULL;
}

bool shape_match(const char *pattern, enum ends ends, struct text message, struct match *match,
		 struct text *left, bool *lead_matched)
{
	const char *at = message.at, *end = message.at + message.length;

	match->number_count = match->range_count = match->word_count = 0;
	at = take_literals(at, end, &pattern);
	*lead_matched = at != NULL;
	while (at && *pattern) {
		at = take_capture(at, end, &pattern, ends, match);
		if (at)
			at = take_literals(at, end, &pattern);
	}
	if (!at)
		return false;
	*left = text_between(skip_blanks(at, end), end);
	return true;
}
