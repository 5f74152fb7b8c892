/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "cli/nearest.h"

/* What an option's handler may use. */
struct parse {
	struct options *options;
	FILE *errors;
	const char *name;      /* of the option being parsed */
};

enum argument { WITHOUT, WITH, MAY_HAVE };

struct option_row {
	const char *name;      /* NULL: a section's heading, in `help` */
	char letter;           /* 0: none */
	enum argument argument;
	const char *shape;     /* "FORMAT", for --help */
	const char *help;
	/* value: NULL when there is none. False: the message is out. */
	bool (*set)(struct parse *parse, const char *value);
};

/* --- values ---------------------------------------------------------------- */

struct word { const char *word; int value; };

static bool bad_value(struct parse *parse, const char *value, const char *nearest)
{
	fprintf(parse->errors, "pgtcheck: --%s: '%s' is not a value it takes", parse->name, value);
	if (nearest)
		fprintf(parse->errors, "; did you mean '%s'?", nearest);
	putc('\n', parse->errors);
	return false;
}

static bool pick(struct parse *parse, const char *value, const struct word *words, size_t count,
		 int *picked)
{
	struct nearest nearest = { .typed = text_of(value) };

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i].word, value)) {
			*picked = words[i].value;
			return true;
		}
		nearest_offer(&nearest, words[i].word);
	}
	return bad_value(parse, value, nearest.name);
}
#define PICK(parse, value, words, picked) \
	pick((parse), (value), (words), ARRAY_LEN(words), (picked))

static bool number(struct parse *parse, const char *value, uint32_t least, uint32_t most,
		   uint32_t *result)
{
	unsigned long long parsed;
	char *end;

	errno = 0;
	parsed = isdigit((unsigned char)*value) ? strtoull(value, &end, 10) : 0;
	if (!isdigit((unsigned char)*value) || *end || errno || parsed < least || parsed > most) {
		fprintf(parse->errors, "pgtcheck: --%s: '%s' is not a number from %u to %u\n",
			parse->name, value, least, most);
		return false;
	}
	*result = (uint32_t)parsed;
	return true;
}

/* --- handlers -------------------------------------------------------------- */

static const struct word severities[] = {
	{ "error", SEV_ERROR }, { "warning", SEV_WARNING }, { "note", SEV_NOTE }, { "never", -1 },
};

static bool set_type(struct parse *parse, const char *value)
{
	static const struct word types[] = { { "auto", TYPE_AUTO }, { "text", TYPE_TEXT } };
	int picked;

	if (!PICK(parse, value, types, &picked))
		return false;
	parse->options->type = (enum input_type)picked;
	return true;
}

static bool set_boot(struct parse *parse, const char *value)
{
	if (!strcmp(value, "all"))
		parse->options->boot = BOOT_ALL;
	else if (!strcmp(value, "last"))
		parse->options->boot = BOOT_LAST;
	else
		return number(parse, value, 1, UINT32_MAX - 1, &parse->options->boot);
	return true;
}

static bool set_domain(struct parse *parse, const char *value)
{
	uint32_t domain;

	parse->options->all_domains = !strcmp(value, "all");
	if (parse->options->all_domains)
		return true;
	if (!number(parse, value + (*value == 'd'), 0, DOMAIN_NONE - 1, &domain))
		return false;
	parse->options->domain = (uint16_t)domain;
	return true;
}

static bool set_fail_on(struct parse *parse, const char *value)
{
	int picked;

	if (!PICK(parse, value, severities, &picked))
		return false;
	parse->options->write.fail_never = picked < 0;
	if (picked >= 0)
		parse->options->write.fail_on = (enum severity)picked;
	return true;
}

static bool set_min_severity(struct parse *parse, const char *value)
{
	int picked;

	/* All words but "never". */
	if (!pick(parse, value, severities, ARRAY_LEN(severities) - 1, &picked))
		return false;
	parse->options->min_severity = (enum severity)picked;
	return true;
}

static bool set_min_certainty(struct parse *parse, const char *value)
{
	static const struct word words[] = {
		{ "proved", PROVED }, { "inferred", INFERRED }, { "suspected", SUSPECTED },
	};
	int picked;

	if (!PICK(parse, value, words, &picked))
		return false;
	parse->options->min_certainty = (enum certainty)picked;
	return true;
}

static const struct rule *find_rule(struct parse *parse, struct text typed)
{
	const struct rule *rule = rule_find(typed);
	struct nearest nearest = { .typed = typed };

	if (rule)
		return rule;
	for (size_t i = 0; i < rule_count; i++) {
		nearest_offer(&nearest, rule_table[i]->id);
		nearest_offer(&nearest, rule_table[i]->name);
	}
	fprintf(parse->errors, "pgtcheck: --%s: no rule '%.*s'", parse->name, TEXT_ARG(typed));
	if (nearest.name)
		fprintf(parse->errors, "; did you mean '%s'?", nearest.name);
	fputs(" (all: --list-rules)\n", parse->errors);
	return NULL;
}

static bool mark_rules(struct parse *parse, const char *value, bool *marks)
{
	while (*value) {
		size_t length = strcspn(value, ",");
		const struct rule *rule;

		if (length) {
			rule = find_rule(parse, (struct text){ value, length });
			if (!rule)
				return false;
			marks[rule_index(rule)] = true;
		}
		value += length;
		value += *value == ',';
	}
	return true;
}

static bool set_enable(struct parse *parse, const char *value)
{
	parse->options->only_enabled = true;
	return mark_rules(parse, value, parse->options->enabled);
}

static bool set_disable(struct parse *parse, const char *value)
{
	return mark_rules(parse, value, parse->options->disabled);
}

static bool set_inconclusive(struct parse *parse, const char *value)
{
	static const struct word words[] = {
		{ "report", EXIT_NO_VERDICT }, { "fail", EXIT_FINDINGS }, { "pass", EXIT_CLEAN },
	};
	int picked;

	if (!PICK(parse, value, words, &picked))
		return false;
	parse->options->inconclusive = (enum exit_status)picked;
	return true;
}

static bool set_format(struct parse *parse, const char *value)
{
	struct nearest nearest = { .typed = text_of(value) };

	parse->options->writer = writer_find(nearest.typed);
	if (parse->options->writer)
		return true;
	for (size_t i = 0; i < writer_count; i++)
		nearest_offer(&nearest, writer_table[i]->name);
	fprintf(parse->errors, "pgtcheck: unknown format '%s'", value);
	if (nearest.name)
		fprintf(parse->errors, "; did you mean '%s'?", nearest.name);
	fputs("; there are:", parse->errors);
	for (size_t i = 0; i < writer_count; i++)
		fprintf(parse->errors, " %s", writer_table[i]->name);
	putc('\n', parse->errors);
	return false;
}

static bool set_timeline(struct parse *parse, const char *value)
{
	(void)value;
	return parse->options->timeline = true;
}

static bool set_map(struct parse *parse, const char *value)
{
	static const struct word words[] = { { "text", 0 } };
	int picked;

	parse->options->map = true;
	return !value || PICK(parse, value, words, &picked);
}

static bool set_at(struct parse *parse, const char *value)
{
	parse->options->map = true;
	return number(parse, value, 1, UINT32_MAX, &parse->options->at_line);
}

static bool set_quiet(struct parse *parse, const char *value)
{
	(void)value;
	return parse->options->write.quiet = true;
}

static bool set_verbose(struct parse *parse, const char *value)
{
	(void)value;
	return parse->options->write.verbose = true;
}

static bool set_color(struct parse *parse, const char *value)
{
	static const struct word words[] = {
		{ "auto", COLOR_AUTO }, { "always", COLOR_ALWAYS }, { "never", COLOR_NEVER },
	};
	int picked = COLOR_ALWAYS;

	if (value && !PICK(parse, value, words, &picked))
		return false;
	parse->options->color = (enum color_when)picked;
	return true;
}

static bool set_context(struct parse *parse, const char *value)
{
	uint32_t lines;

	if (!number(parse, value, 0, 1000, &lines))
		return false;
	parse->options->write.context = lines;
	return true;
}

static bool set_list_rules(struct parse *parse, const char *value)
{
	static const struct word words[] = { { "json", 0 } };
	int picked;

	parse->options->action = value ? ACTION_LIST_RULES_JSON : ACTION_LIST_RULES;
	return !value || PICK(parse, value, words, &picked);
}

static bool set_explain(struct parse *parse, const char *value)
{
	parse->options->action = ACTION_EXPLAIN;
	parse->options->explain = find_rule(parse, text_of(value));
	return parse->options->explain != NULL;
}

static bool set_help(struct parse *parse, const char *value)
{
	(void)value;
	parse->options->action = ACTION_HELP;
	return true;
}

static bool set_version(struct parse *parse, const char *value)
{
	(void)value;
	parse->options->action = ACTION_VERSION;
	return true;
}

/* --- the table ------------------------------------------------------------- */

static const struct option_row rows[] = {
	{ .help = "Input" },
	{ "type", 't', WITH, "auto|text", "what the inputs are", set_type },
	{ "boot", 0, WITH, "N|all|last", "which boots of a capture", set_boot },
	{ "domain", 0, WITH, "d0|dN|all", "which Xen domains; d0: dom0, or native", set_domain },
	{ .help = "Judgement" },
	{ "fail-on", 0, WITH, "error|warning|note|never", "what gives exit status 1", set_fail_on },
	{ "min-severity", 0, WITH, "error|warning|note", "leave lesser findings out",
	  set_min_severity },
	{ "min-certainty", 0, WITH, "proved|inferred|suspected", "leave less sure findings out",
	  set_min_certainty },
	{ "enable", 0, WITH, "ID[,ID]", "only these rules, by ID or name", set_enable },
	{ "disable", 0, WITH, "ID[,ID]", "not these rules", set_disable },
	{ "inconclusive", 0, WITH, "report|fail|pass", "what exit status 4 becomes: 4, 1, 0",
	  set_inconclusive },
	{ .help = "Output" },
	{ "format", 'f', WITH, "FORMAT", "of the report, see below", set_format },
	{ "timeline", 0, WITHOUT, NULL, "the replay, event by event", set_timeline },
	{ "map", 0, MAY_HAVE, "text", "the memory map at the end", set_map },
	{ "at", 0, WITH, "LINE", "the memory map as it was after that line", set_at },
	{ "quiet", 'q', WITHOUT, NULL, "nothing but trouble", set_quiet },
	{ "verbose", 'v', WITHOUT, NULL, "why rules were not checked, and remarks", set_verbose },
	{ "color", 0, MAY_HAVE, "auto|always|never", "colours", set_color },
	{ "context", 0, WITH, "N", "log lines around the evidence", set_context },
	{ .help = "Rules" },
	{ "list-rules", 0, MAY_HAVE, "json", "all rules", set_list_rules },
	{ "explain", 0, WITH, "ID", "one rule in full", set_explain },
	{ .help = "Usual" },
	{ "help", 'h', WITHOUT, NULL, "this page", set_help },
	{ "version", 'V', WITHOUT, NULL, "the version", set_version },
};

/* --- getopt ---------------------------------------------------------------- */

#define ROW_BASE 256   /* getopt's value of rows[0]; above every letter */

struct getopt_tables {
	struct option longs[ARRAY_LEN(rows) + 1];
	char letters[2 * ARRAY_LEN(rows) + 2];
};

static void make_tables(struct getopt_tables *tables)
{
	static const int kinds[] = { [WITHOUT] = no_argument, [WITH] = required_argument,
				     [MAY_HAVE] = optional_argument };
	struct option *option = tables->longs;
	char *letter = tables->letters;

	*letter++ = ':';   /* a missing argument is told apart */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!rows[i].name)
			continue;
		*option++ = (struct option){ rows[i].name, kinds[rows[i].argument], NULL,
					     ROW_BASE + (int)i };
		if (!rows[i].letter)
			continue;
		*letter++ = rows[i].letter;
		if (rows[i].argument == WITH)
			*letter++ = ':';
	}
	*option = (struct option){ NULL, 0, NULL, 0 };
	*letter = '\0';
}

static const struct option_row *row_of(int value)
{
	if (value >= ROW_BASE)
		return &rows[value - ROW_BASE];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].name && rows[i].letter == value)
			return &rows[i];
	return NULL;
}

/* getopt said '?': an unknown option, an ambiguous one, or a value where none
 * may be. `typed` is the argument as it stands in argv. */
static void bad_option(FILE *errors, const char *typed, int option)
{
	struct nearest nearest = { .typed = { typed + 2, strcspn(typed, "=") - 2 } };
	const char *fits[2] = { NULL, NULL };
	unsigned fitting = 0;

	if (option >= ROW_BASE) {
		fprintf(errors, "pgtcheck: --%s takes no value\n", row_of(option)->name);
		return;
	}
	if (option) {
		fprintf(errors, "pgtcheck: unknown option '-%c'\n", option);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!rows[i].name)
			continue;
		if (text_begins(text_of(rows[i].name), nearest.typed) && fitting < 2)
			fits[fitting++] = rows[i].name;
		nearest_offer(&nearest, rows[i].name);
	}
	if (fitting == 2) {
		fprintf(errors, "pgtcheck: option '--%.*s' is ambiguous: --%s or --%s\n",
			TEXT_ARG(nearest.typed), fits[0], fits[1]);
		return;
	}
	fprintf(errors, "pgtcheck: unknown option '--%.*s'", TEXT_ARG(nearest.typed));
	if (nearest.name)
		fprintf(errors, "; did you mean '--%s'?", nearest.name);
	putc('\n', errors);
}

static bool parse_one(struct parse *parse, int value, char **argv)
{
	const struct option_row *row;

	if (value == '?') {
		bad_option(parse->errors, argv[optind - 1], optopt);
		return false;
	}
	row = row_of(value == ':' ? optopt : value);
	ASSERT(row != NULL);
	if (value == ':') {
		fprintf(parse->errors, "pgtcheck: --%s needs a value: %s\n", row->name, row->shape);
		return false;
	}
	parse->name = row->name;
	return row->set(parse, optarg);
}

static bool consistent(const struct options *options, FILE *errors)
{
	const char *what = options->timeline ? "--timeline" : "--map";

	if (!options->timeline && !options->map)
		return true;
	if (!strcmp(options->writer->name, "human"))
		return true;
	fprintf(errors, "pgtcheck: %s goes with --format=human only\n", what);
	return false;
}

static void set_defaults(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->all_domains = true;
	options->min_severity = SEV_NOTE;
	options->min_certainty = SUSPECTED;
	options->inconclusive = EXIT_NO_VERDICT;
	options->write.fail_on = SEV_ERROR;
	options->writer = writer_find(TEXT("human"));
	ASSERT(options->writer != NULL);
}

void options_parse(struct options *options, int argc, char **argv, FILE *errors)
{
	struct parse parse = { .options = options, .errors = errors };
	struct getopt_tables tables;
	bool good = true;
	int value;

	set_defaults(options);
	make_tables(&tables);
	optind = 0;   /* glibc: begin anew, also after an earlier call */
	opterr = 0;
	while (good) {
		value = getopt_long(argc, argv, tables.letters, tables.longs, NULL);
		if (value < 0)
			break;
		good = parse_one(&parse, value, argv);
	}
	if (!good || !consistent(options, errors)) {
		fputs("Try 'pgtcheck --help'.\n", errors);
		options->action = ACTION_USAGE_ERROR;
		return;
	}
	options->inputs = argv + optind;
	options->input_count = (size_t)(argc - optind);
}

/* --- help ------------------------------------------------------------------ */

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
	fputs("Usage: pgtcheck [OPTION]... [FILE|-]...\n"
	      "Tells from a boot log what happened to the early page-table buffer, and whether\n"
	      "that was right. Without FILE, reads standard input.\n", out);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		help_row(out, &rows[i]);
	fputs("\nFormats\n", out);
	for (size_t i = 0; i < writer_count; i++)
		fprintf(out, "  %-10s %s\n", writer_table[i]->name, writer_table[i]->title);
	fputs("\nExit status, the first that applies of 2, 3, 1, 4, 0\n"
	      "  0  read whole, enough evidence to judge, nothing at or above --fail-on\n"
	      "  1  a finding at or above --fail-on\n"
	      "  2  wrong usage\n"
	      "  3  an input could not be read, or the report not be written\n"
	      "  4  read, but not enough evidence for a verdict\n", out);
}

/* --- what options mean ----------------------------------------------------- */

bool options_show(const struct options *options, const struct finding *finding)
{
	size_t rule = rule_index(finding->rule);

	if (options->disabled[rule] || (options->only_enabled && !options->enabled[rule]))
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
	value = get("CLICOLOR");
	if (value && !strcmp(value, "0"))
		return false;
	return terminal;
}
