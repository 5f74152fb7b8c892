/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --help, and what the options mean together with the environment. */
#include "cli/options_inside.h"

bool set_list_rules(struct parse *parse, const char *value)
{
	static const struct word words[] = { { "json", 0 } };
	int picked;

	parse->options->action = value ? ACTION_LIST_RULES_JSON : ACTION_LIST_RULES;
	return !value || PICK(parse, value, words, &picked);
}

bool set_help(struct parse *parse, const char *value)
{
	(void)value;
	parse->options->action = ACTION_HELP;
	return true;
}

bool set_version(struct parse *parse, const char *value)
{
	static const struct word words[] = { { "json", 0 } };
	int picked;

	parse->options->action = value ? ACTION_VERSION_JSON : ACTION_VERSION;
	return !value || PICK(parse, value, words, &picked);
}

#define HELP_COLUMN 44

static void help_row(FILE *out, const struct option_row *row)
{
	int width;

	if (!row->name) {
		fprintf(out, "\n%s\n", row->help);
		return;
	}
	width = fprintf(out, "  ");
	if (row->letter)
		width += fprintf(out, "-%c, ", row->letter);
	width += fprintf(out, "--%s", row->name);
	if (row->argument == WITH)
		width += fprintf(out, "=%s", row->shape);
	else if (row->argument == MAY_HAVE)
		width += fprintf(out, "[=%s]", row->shape);
	fprintf(out, "%*s %s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "", row->help);
}

void options_help(FILE *out)
{
	fputs("Usage: pgtcheck [OPTION]... [FILE|DIR|-]...\n"
	      "Tells from a boot log what happened to the early page-table buffer, and whether\n"
	      "that was right. Without FILE, reads standard input.\n", out);
	for (size_t i = 0; i < option_row_count; i++)
		help_row(out, &option_rows[i]);
	fputs("\nInput types\n", out);
	for (size_t i = 0; i < input_count; i++)
		fprintf(out, "  %-10s %s\n", input_table[i]->name, input_table[i]->title);
	fputs("\nFormats\n", out);
	for (size_t i = 0; i < writer_count; i++)
		fprintf(out, "  %-12s %s\n", writer_table[i]->name, writer_table[i]->title);
	fputs("\nExit status, the first that applies of 2, 3, 1, 4, 0\n"
	      "  0  read whole, enough evidence to judge, nothing at or above --fail-on\n"
	      "  1  a finding at or above --fail-on\n"
	      "  2  wrong usage\n"
	      "  3  an input could not be read, or the report not be written\n"
	      "  4  read, but not enough evidence for a verdict\n", out);
}

/* --- what options mean ----------------------------------------------------- */

bool options_want_rule(const struct options *options, size_t rule)
{
	return !options->disabled[rule] && (!options->only_enabled || options->enabled[rule]);
}

bool options_show(const struct options *options, const struct finding *finding)
{
	if (!options_want_rule(options, rule_index(finding->rule)))
		return false;
	/* Certainty: PROVED is the least number. */
	return finding->severity >= options->min_severity &&
	       finding->certainty <= options->min_certainty;
}

static bool is_set(const char *value)
{
	return value && *value;
}

bool options_color(enum color_when when, bool terminal, char *(*get)(const char *name))
{
	const char *value;

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	if (is_set(get("NO_COLOR")))
		return false;
	value = get("TERM");
	if (value && !strcmp(value, "dumb"))
		return false;
	value = get("CLICOLOR_FORCE");
	if (is_set(value) && strcmp(value, "0"))
		return true;
	if (!terminal)
		return false;
	value = get("CLICOLOR");
	return !value || strcmp(value, "0");
}
