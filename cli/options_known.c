/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Options about findings that are known already. */
#include "cli/options_inside.h"

/* An empty shell variable must not turn a gate into another one. */
static bool keep_name(struct parse *parse, const char *value, const char **name)
{
	if (*value) {
		*name = value;
		return true;
	}
	fprintf(parse->errors, "pgtcheck: --%s names no file\n", parse->name);
	return false;
}

bool set_suppressions(struct parse *parse, const char *value)
{
	return keep_name(parse, value, &parse->options->suppressions);
}

bool set_baseline(struct parse *parse, const char *value)
{
	return keep_name(parse, value, &parse->options->baseline);
}

bool set_write_baseline(struct parse *parse, const char *value)
{
	return keep_name(parse, value, &parse->options->write_baseline);
}
