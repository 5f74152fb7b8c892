/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How options are parsed: the table's rows, and what their handlers use. For
 * cli/options*.c and what lists the options. */
#ifndef CLI_OPTIONS_INSIDE_H
#define CLI_OPTIONS_INSIDE_H

#include "cli/options.h"

/* What an option's handler may use. */
struct parse {
	struct options *options;
	FILE *errors;
	const char *name;      /* of the option being parsed */
	const char *shape;     /* of its value: "error|warning|note" */
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

extern const struct option_row option_rows[];
extern const size_t option_row_count;

struct word { const char *word; int value; };

/* One of the words; else false, and told with the nearest one. */
bool pick(struct parse *parse, const char *value, const struct word *words, size_t count,
	  int *picked);
#define PICK(parse, value, words, picked) \
	pick((parse), (value), (words), ARRAY_LEN(words), (picked))

/* A number in decimal, from least to most; else false, and told. */
bool number(struct parse *parse, const char *value, uint32_t least, uint32_t most,
	    uint32_t *result);

void options_defaults(struct options *options);
/* Parses argv over what is set already. */
void options_arguments(struct options *options, int argc, char **argv, FILE *errors);
/* The last --config in argv, or NULL; mistakes are for options_arguments(). */
const char *options_config(int argc, char **argv);

/* cli/options_config.c */
bool set_config(struct parse *parse, const char *value);

/* cli/options_known.c */
bool set_suppressions(struct parse *parse, const char *value);
bool set_baseline(struct parse *parse, const char *value);
bool set_write_baseline(struct parse *parse, const char *value);

/* cli/options_rules.c */
bool set_enable(struct parse *parse, const char *value);
bool set_disable(struct parse *parse, const char *value);
bool set_explain(struct parse *parse, const char *value);

/* cli/options_fleet.c */
bool set_files_from(struct parse *parse, const char *value);
bool set_null(struct parse *parse, const char *value);
bool set_recursive(struct parse *parse, const char *value);
bool set_jobs(struct parse *parse, const char *value);
bool set_shard(struct parse *parse, const char *value);
bool set_summary(struct parse *parse, const char *value);
bool set_merge(struct parse *parse, const char *value);
bool set_skip_done(struct parse *parse, const char *value);
bool set_redact(struct parse *parse, const char *value);
bool set_bisect(struct parse *parse, const char *value);
bool set_against(struct parse *parse, const char *value);

/* cli/options_help.c */
bool set_list_rules(struct parse *parse, const char *value);
bool set_help(struct parse *parse, const char *value);
bool set_version(struct parse *parse, const char *value);

/* False, and said: a file that is written would replace an operand. */
bool targets_fit(const struct options *options, FILE *errors);

#endif
