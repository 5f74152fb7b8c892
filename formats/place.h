/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where something was read, as reports say it. */
#ifndef FORMATS_PLACE_H
#define FORMATS_PLACE_H

#include <inttypes.h>
#include <stdio.h>

#include "core/report.h"

/* "line 27"; in a binary input "byte 4096"; nowhere: "". Returns `words`. */
#define LOC_WORDS_BYTES 32u
static inline const char *loc_words(struct loc at, char words[LOC_WORDS_BYTES])
{
	*words = '\0';
	if (at.line)
		snprintf(words, LOC_WORDS_BYTES, "line %u", at.line);
	else if (at.length)
		snprintf(words, LOC_WORDS_BYTES, "byte %" PRIu64, at.offset);
	return words;
}

/* The same of an input: "log line 27" in the log of a dump, behind which come its "page
 * tables". */
static inline const char *place_words(const struct input_report *input, struct loc at,
				      char words[LOC_WORDS_BYTES])
{
	const struct input_report *of = report_of(input, at);

	loc_words(at, words);
	if (!at.line || !of->lines_of)
		return words;
	if (at.line > of->lines)
		snprintf(words, LOC_WORDS_BYTES, "page tables");
	else
		snprintf(words, LOC_WORDS_BYTES, "%s line %u", of->lines_of, at.line);
	return words;
}

#endif
