/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/nearest.h"

#include <ctype.h>
#include <strings.h>

#define NAME_MAX_LENGTH 32u
#define BEGUN_MIN 3u       /* characters */

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein's distance, case ignored, one row at a time. */
static unsigned distance(struct text typed, const char *name, size_t length)
{
	unsigned row[NAME_MAX_LENGTH + 1];

	for (size_t j = 0; j <= length; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= typed.length; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= length; j++) {
			bool same = tolower((unsigned char)typed.at[i - 1]) ==
				    tolower((unsigned char)name[j - 1]);
			unsigned here = least(row[j] + 1, row[j - 1] + 1, diagonal + !same);

			diagonal = row[j];
			row[j] = here;
		}
	}
	return row[length];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	size_t length = strlen(name);
	unsigned edits;

	if (length > NAME_MAX_LENGTH || nearest->typed.length > NAME_MAX_LENGTH)
		return;
	edits = distance(nearest->typed, name, length);
	/* What was begun is as near as what has one slip. */
	if (edits && nearest->typed.length >= BEGUN_MIN &&
	    !strncasecmp(name, nearest->typed.at, nearest->typed.length))
		edits = 1;
	/* One slip in a short word, two or three in a longer one. */
	if (edits > 1 + nearest->typed.length / 4)
		return;
	if (nearest->name && edits >= nearest->distance)
		return;
	nearest->name = name;
	nearest->distance = edits;
}
