/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line. One table drives parsing, --help and the manual's check. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdio.h>

#include "core/judge.h"
#include "formats/writer.h"

enum action {
	ACTION_CHECK,          /* read the inputs */
	ACTION_LIST_RULES, ACTION_LIST_RULES_JSON, ACTION_EXPLAIN,
	ACTION_HELP, ACTION_VERSION,
	ACTION_USAGE_ERROR,    /* the message is out; exit 2 */
};

enum input_type { TYPE_AUTO, TYPE_TEXT };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

#define BOOT_ALL 0u
#define BOOT_LAST UINT32_MAX

struct options {
	enum action action;
	enum input_type type;
	uint32_t boot;             /* from 1; BOOT_ALL, BOOT_LAST */
	bool all_domains;
	uint16_t domain;           /* when not all; 0: dom0, or native */
	enum severity min_severity;
	enum certainty min_certainty;
	bool only_enabled;         /* --enable was given: others are left out */
	bool enabled[RULES_MAX], disabled[RULES_MAX];
	enum exit_status inconclusive;   /* what EXIT_NO_VERDICT becomes */
	const struct writer *writer;
	struct write_options write;
	bool timeline, map;
	uint32_t at_line;          /* of the map; 0: at the end */
	enum color_when color;
	const struct rule *explain;
	char **inputs;             /* operands, in argv; "-" when there is none */
	size_t input_count;
};

/* Parses argv (reordered, as getopt_long does). Usage errors are told on
 * `errors` and give ACTION_USAGE_ERROR. */
void options_parse(struct options *options, int argc, char **argv, FILE *errors);

void options_help(FILE *out);

/* Does the finding count: rule enabled, severity and certainty high enough? */
bool options_show(const struct options *options, const struct finding *finding);

/* Option > NO_COLOR > CLICOLOR_FORCE > CLICOLOR > terminal; TERM=dumb is off.
 * `get`: getenv, or a test's. */
bool options_color(enum color_when when, bool terminal, char *(*get)(const char *name));

#endif
