/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One record a line, flushed after each file: a pipeline reads along, and a
 * batch that dies has lost one file at most. */
#include "formats/records.h"

static void ndjson_input(FILE *out, const struct write_options *options,
			 const struct input_report *input, struct source *source)
{
	(void)options;
	(void)source;
	records_input(out, input, "\n");
	fflush(out);
}

static void ndjson_end(FILE *out, const struct write_options *options,
		       const struct summary *summary)
{
	(void)options;
	records_summary(out, summary, "\n");
}

const struct writer writer_ndjson = {
	.name = "ndjson",
	.title = "one JSON record a line: findings, one file record each, a summary",
	.tells_against = true,
	.input = ndjson_input,
	.end = ndjson_end,
};
