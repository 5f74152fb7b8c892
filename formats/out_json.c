/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records of ndjson as one array. The summary is always there and always
 * last, so every other record ends with a comma. */
#include "formats/records.h"

static void json_begin(FILE *out, const struct write_options *options)
{
	(void)options;
	fputs_unlocked("[\n", out);
}

static void json_input(FILE *out, const struct write_options *options,
		       const struct input_report *input, struct source *source)
{
	(void)options;
	(void)source;
	records_input(out, input, ",\n");
}

static void json_end(FILE *out, const struct write_options *options,
		     const struct summary *summary)
{
	(void)options;
	records_summary(out, summary, "\n]\n");
}

const struct writer writer_json = {
	.name = "json",
	.title = "the same records as one array",
	.tells_against = true,
	.begin = json_begin,
	.input = json_input,
	.end = json_end,
};
