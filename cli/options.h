/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line. One table drives parsing, --help and the manual's check. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdio.h>

#include "cli/outputs.h"
#include "cli/timeline_mmu.h"
#include "core/judge.h"
#include "formats/input.h"
#include "formats/writer.h"

enum action {
	ACTION_CHECK,          /* read the inputs */
	ACTION_MERGE,          /* add up what earlier runs have written */
	ACTION_LIST_RULES, ACTION_LIST_RULES_JSON, ACTION_EXPLAIN,
	ACTION_HELP, ACTION_VERSION, ACTION_VERSION_JSON,
	ACTION_USAGE_ERROR,    /* the message is out; exit 2 */
	ACTION_TROUBLE,        /* a file of options cannot be read; told; exit 3 */
};

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

#define TRACES_MAX 16u
enum summary_when { SUMMARY_NOT, SUMMARY_TOO, SUMMARY_ONLY };

#define BOOT_ALL 0u
#define BOOT_LAST UINT32_MAX

struct options {
	enum action action;
	const struct input_format *type;   /* NULL: by content */
	const char *member;        /* a glob: which members of archives; NULL: those that
	                            * are logs */
	/* 0: not given, see cli/members.c. */
	uint64_t max_bytes;
	uint32_t max_line, max_members, max_depth, max_ratio;
	uint32_t boot;             /* from 1; BOOT_ALL, BOOT_LAST */
	bool all_domains;
	uint16_t domain;           /* when not all; 0: dom0, or native */
	enum severity min_severity;
	enum certainty min_certainty;
	bool only_enabled;         /* --enable was given: others are left out */
	bool some_disabled;        /* --disable was */
	bool enabled[RULES_MAX], disabled[RULES_MAX];
	enum exit_status inconclusive;   /* what EXIT_NO_VERDICT becomes */
	const struct writer *writer;
	struct write_options write;
	struct report_request {
		const struct writer *writer;
		const char *path;  /* in argv */
	} reports[REPORTS_MAX];    /* --report */
	uint32_t report_count;
	bool timeline, map;
	struct frame_wanted frame;   /* of the timeline */
	const char *vmlinux, *domain_xml;   /* file names, or NULL */
	bool no_progress;          /* --progress=never */
	const char *write_trace;   /* a file name, or NULL */
	uint32_t at_line;          /* of the map; 0: at the end */
	bool no_sandbox;
	enum color_when color;
	const struct rule *explain;
	const char *traces[TRACES_MAX];   /* --trace, in their order */
	uint32_t trace_count;
	const char *files_from;    /* a list of names, or NULL */
	bool null_ended;           /* its names end with NUL */
	bool recursive;
	uint32_t jobs;             /* processes */
	uint32_t shard, shard_count;   /* from 1; count 0: not sharded */
	const char *skip_done;     /* an earlier run's ndjson, or NULL */
	enum summary_when summary;
	const char *against;       /* the input with a good boot, or NULL */
	bool bisect;               /* --bisect; set also when the usage is wrong */
	bool redact;               /* quoted lines: no names of machines and people */
	char **inputs;             /* operands, in argv; "-" when there is none */
	size_t input_count;
	const char *suppressions, *baseline, *write_baseline;   /* file names, or NULL */
	const char *config;        /* --config, or NULL */
	/* What the strings above point into, besides the caller's argv. */
	char *words, *config_text, **argv;
};

/* Parses argv (reordered, as getopt_long does). Usage errors are told on
 * `errors` and give ACTION_USAGE_ERROR. */
void options_parse(struct options *options, int argc, char **argv, FILE *errors);

/* The same with what comes before argv: the configuration file (that of --config,
 * else $XDG_CONFIG_HOME/pgtcheck/config, else SYSCONF_DIR/pgtcheck.conf, the first
 * that is there), then the words of PGTCHECK_OPTS. `get`: getenv, or a test's.
 * Always to be released. */
void options_gather(struct options *options, int argc, char **argv,
		    char *(*get)(const char *name), FILE *errors);
void options_release(struct options *options);

void options_help(FILE *out);

/* Is what the rule finds shown? `rule`: its index in rule_table. */
bool options_want_rule(const struct options *options, size_t rule);
static inline bool options_want_all_rules(const struct options *options)
{
	return !options->only_enabled && !options->some_disabled;
}
/* Does the finding count: rule enabled, severity and certainty high enough? */
bool options_show(const struct options *options, const struct finding *finding);

/* Option > NO_COLOR > CLICOLOR_FORCE > CLICOLOR > terminal; TERM=dumb is off.
 * `get`: getenv, or a test's. */
bool options_color(enum color_when when, bool terminal, char *(*get)(const char *name));

#endif
