/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/number.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base.h"

void number_put_mark(FILE *out, size_t each, size_t more)
{
	fprintf(out, NUMBER_MARK "%zu+%zu" NUMBER_MARK, each, more);
}

static void put_meaning(FILE *out, struct text mark, uint64_t number)
{
	if (*mark.at >= '0' && *mark.at <= '9') {
		char *plus;
		uint64_t each = strtoull(mark.at, &plus, 10), more = strtoull(plus, NULL, 10);

		fprintf(out, "%" PRIu64, number * each + more);
	} else if (!number) {
		fwrite_unlocked(mark.at, 1, mark.length, out);
	}
}

void number_put(FILE *out, struct text part, uint64_t number)
{
	const char *at = part.at, *end = part.at + part.length, *mark;

	while ((mark = memchr(at, *NUMBER_MARK, (size_t)(end - at)))) {
		const char *close = memchr(mark + 1, *NUMBER_MARK, (size_t)(end - mark - 1));

		ASSERT(close != NULL);
		fwrite_unlocked(at, 1, (size_t)(mark - at), out);
		put_meaning(out, (struct text){ mark + 1, (size_t)(close - mark - 1) }, number);
		at = close + 1;
	}
	fwrite_unlocked(at, 1, (size_t)(end - at), out);
}
