/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "cli/nearest.h"
#include "cli/options_inside.h"
#include "cli/traces.h"

/* --- values ---------------------------------------------------------------- */

static bool bad_value(struct parse *parse, const char *value, const char *nearest)
{
	fprintf(parse->errors, "pgtcheck: --%s: '%s' is not a value it takes", parse->name, value);
	if (nearest)
		fprintf(parse->errors, "; did you mean '%s'?", nearest);
	fprintf(parse->errors, "%s it takes %s\n", nearest ? "" : ";", parse->shape);
	return false;
}

bool pick(struct parse *parse, const char *value, const struct word *words, size_t count,
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
bool number(struct parse *parse, const char *value, uint32_t least, uint32_t most,
		   uint32_t *result)
{
	unsigned long long parsed;
	char *end;

	errno = 0;
	parsed = isdigit((unsigned char)*value) ? strtoull(value, &end, 10) : 0;
	if (!isdigit((unsigned char)*value) || *end || errno || parsed < least || parsed > most) {
		fprintf(parse->errors, "pgtcheck: --%s: '%s' is not a number from %u to %u; it "
			"takes %s\n", parse->name, value, least, most, parse->shape);
		return false;
	}
	*result = (uint32_t)parsed;
	return true;
}

/* --- handlers -------------------------------------------------------------- */

/* An option without a value that is on; one whose value is kept as it is. */
#define FLAG(name, field) \
	static bool set_##name(struct parse *parse, const char *value) \
	{ (void)value; return parse->options->field = true; }
#define KEEP(name) \
	static bool set_##name(struct parse *parse, const char *value) \
	{ parse->options->name = value; return true; }

FLAG(timeline, timeline)
FLAG(no_sandbox, no_sandbox)
FLAG(quiet, write.quiet)
FLAG(verbose, write.verbose)
KEEP(vmlinux)
KEEP(domain_xml)
KEEP(write_trace)

static const struct word severities[] = {
	{ "error", SEV_ERROR }, { "warning", SEV_WARNING }, { "note", SEV_NOTE }, { "never", -1 },
};

/* Tells that there is none of that name, and which there are. */
static bool none_such(struct parse *parse, const char *what, struct text typed,
		      const char *(*name_of)(size_t i), size_t count)
{
	struct nearest nearest = { .typed = typed };

	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, name_of(i));
	fprintf(parse->errors, "pgtcheck: unknown %s '%.*s'", what, TEXT_ARG(typed));
	if (nearest.name)
		fprintf(parse->errors, "; did you mean '%s'?", nearest.name);
	fputs(nearest.name ? " There are:" : "; there are:", parse->errors);
	for (size_t i = 0; i < count; i++)
		fprintf(parse->errors, " %s", name_of(i));
	putc('\n', parse->errors);
	return false;
}

static const char *type_name(size_t i)
{
	return i ? input_table[i - 1]->name : "auto";
}

static bool set_type(struct parse *parse, const char *value)
{
	parse->options->type = input_find(text_of(value));
	return parse->options->type || !strcmp(value, "auto") ||
	       none_such(parse, "type", text_of(value), type_name, input_count + 1);
}

static bool set_member(struct parse *parse, const char *value)
{
	parse->options->member = value;
	return true;
}

/* "4096", "64K", "10M", "2G", "1T" */
static bool set_max_bytes(struct parse *parse, const char *value)
{
	static const char units[] = "KMGT";
	unsigned long long parsed;
	const char *unit;
	char *end;

	errno = 0;
	parsed = isdigit((unsigned char)*value) ? strtoull(value, &end, 10) : 0;
	unit = parsed && *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (!parsed || errno || parsed > UINT64_MAX >> 41 || (*end && (!unit || end[1]))) {
		fprintf(parse->errors, "pgtcheck: --%s: '%s' is not a number of bytes from 1, such as "
			"4096, 64K, 10M, 2G\n", parse->name, value);
		return false;
	}
	parse->options->max_bytes = parsed << (unit ? 10 * (unit - units + 1) : 0);
	return true;
}

static bool set_max_line(struct parse *parse, const char *value)
{
	return number(parse, value, 1, UINT32_MAX - 1, &parse->options->max_line);
}

static bool set_max_members(struct parse *parse, const char *value)
{
	return number(parse, value, 1, UINT32_MAX - 1, &parse->options->max_members);
}

static bool set_max_depth(struct parse *parse, const char *value)
{
	return number(parse, value, 1, 64, &parse->options->max_depth);
}

static bool set_max_ratio(struct parse *parse, const char *value)
{
	return number(parse, value, 1, UINT32_MAX - 1, &parse->options->max_ratio);
}

static bool set_trace(struct parse *parse, const char *value)
{
	struct options *options = parse->options;

	if (options->trace_count == TRACES_MAX) {
		fprintf(parse->errors, "pgtcheck: --trace: no more than %u traces\n", TRACES_MAX);
		return false;
	}
	options->traces[options->trace_count++] = value;
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
	if (!number(parse, value + (*value == 'd' && value[1]), 0, DOMAIN_NONE - 1, &domain))
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

static const char *format_name(size_t i)
{
	return writer_table[i]->name;
}

static bool no_format(struct parse *parse, struct text typed)
{
	return none_such(parse, "format", typed, format_name, writer_count);
}

static bool set_format(struct parse *parse, const char *value)
{
	parse->options->writer = writer_find(text_of(value));
	return parse->options->writer || no_format(parse, text_of(value));
}

/* FORMAT:FILE. A format may have a colon too: the longest name counts. */
static bool set_report(struct parse *parse, const char *value)
{
	struct options *options = parse->options;
	struct report_request new = { .path = NULL };
	size_t taken = 0;

	for (size_t i = 0; i < writer_count; i++) {
		size_t length = strlen(writer_table[i]->name);

		if (length > taken && !strncmp(value, writer_table[i]->name, length) &&
		    (!value[length] || value[length] == ':')) {
			taken = length;
			new = (struct report_request){ writer_table[i],
						       value + length + (value[length] != '\0') };
		}
	}
	if (!new.writer)
		return no_format(parse, (struct text){ value, strcspn(value, ":") });
	if (!*new.path || options->report_count == REPORTS_MAX) {
		fprintf(parse->errors, !*new.path ? "pgtcheck: --report: '%s' names no file\n" :
			"pgtcheck: --report: '%s' is one too many\n", value);
		return false;
	}
	options->reports[options->report_count++] = new;
	return true;
}

static bool set_frame(struct parse *parse, const char *value)
{
	struct frame_wanted *frame = &parse->options->frame;
	char *end;

	frame->machine = !strncmp(value, "mfn:", 4);
	value += frame->machine ? 4 : 0;
	frame->number = strtoull(value, &end, 16);
	frame->on = parse->options->timeline = true;
	if (*value && !*end && *value != '-' && frame->number < PFN_LIMIT)
		return true;
	fprintf(parse->errors, "pgtcheck: --frame: '%s' is no frame number in hex\n", value);
	return false;
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

static bool set_progress(struct parse *parse, const char *value)
{
	static const struct word words[] = { { "auto", 0 }, { "never", 1 } };
	int picked;

	if (!PICK(parse, value, words, &picked))
		return false;
	parse->options->no_progress = picked;
	return true;
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

/* --- the table ------------------------------------------------------------- */

const struct option_row option_rows[] = {
	{ .help = "Input" },
	{ "type", 't', WITH, "auto|TYPE", "what the inputs are, see below", set_type },
	{ "files-from", 0, WITH, "FILE", "also the inputs named in it, one a line; -: stdin",
	  set_files_from },
	{ "null", '0', WITHOUT, NULL, "names there end with a NUL", set_null },
	{ "recursive", 'r', WITHOUT, NULL, "go down into folders", set_recursive },
	{ "member", 0, WITH, "GLOB", "which members of archives", set_member },
	{ "max-bytes", 0, WITH, "N[KMGT]", "that an input may have, unpacked", set_max_bytes },
	{ "max-line", 0, WITH, "N", "bytes of a line", set_max_line },
	{ "max-members", 0, WITH, "N", "members of archives", set_max_members },
	{ "max-depth", 0, WITH, "N", "archives and compression above each other", set_max_depth },
	{ "max-ratio", 0, WITH, "N", "unpacked to packed", set_max_ratio },
	{ "trace", 0, WITH, "FILE", "a trace of the same boot, read after the log", set_trace },
	{ "vmlinux", 0, WITH, "FILE|DIR", "the kernel with its symbols: vmlinux, .debug, bzImage",
	  set_vmlinux },
	{ "domain-xml", 0, WITH, "FILE", "the guest's description: virsh dumpxml", set_domain_xml },
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
	{ "bisect", 0, WITHOUT, NULL, "exit status for git bisect run: 0 good, 1 bad, 125 skip",
	  set_bisect },
	{ "suppressions", 0, WITH, "FILE", "findings that are accepted, and why", set_suppressions },
	{ "baseline", 0, WITH, "FILE", "only what this earlier report has not counts", set_baseline },
	{ "write-baseline", 0, WITH, "FILE", "a report for --baseline", set_write_baseline },
	{ .help = "Output" },
	{ "format", 'f', WITH, "FORMAT", "of the report, see below", set_format },
	{ "report", 0, WITH, "FORMAT:FILE", "one more report, to a file; repeatable", set_report },
	{ "timeline", 0, WITHOUT, NULL, "the replay, line by line", set_timeline },
	{ "frame", 0, WITH, "[mfn:]HEX", "the timeline of one frame", set_frame },
	{ "map", 0, MAY_HAVE, "text", "the memory map at the end", set_map },
	{ "at", 0, WITH, "LINE", "the memory map as it was after that line", set_at },
	{ "write-trace", 0, WITH, "FILE", "the page-table operations of one input, as an mmutrace",
	  set_write_trace },
	{ "against", 0, WITH, "GOOD", "what moved since the good boot in that file", set_against },
	{ "quiet", 'q', WITHOUT, NULL, "nothing but trouble", set_quiet },
	{ "verbose", 'v', WITHOUT, NULL, "why rules were not checked, and remarks", set_verbose },
	{ "color", 0, MAY_HAVE, "auto|always|never", "colours", set_color },
	{ "progress", 0, WITH, "auto|never", "of a long input, at a terminal", set_progress },
	{ "context", 0, WITH, "N", "log lines around the evidence", set_context },
	{ "redact", 0, WITHOUT, NULL, "hide names of machines and people in quoted lines",
	  set_redact },
	{ .help = "Rules" },
	{ "list-rules", 0, MAY_HAVE, "json", "all rules", set_list_rules },
	{ "explain", 0, WITH, "ID", "one rule in full", set_explain },
	{ .help = "Many inputs" },
	{ "jobs", 'j', WITH, "N|auto", "so many processes; the output stays the same", set_jobs },
	{ "shard", 0, WITH, "K/N", "only part K of N, by the names", set_shard },
	{ "skip-done", 0, WITH, "FILE", "not what has its record in this ndjson", set_skip_done },
	{ "summary", 0, MAY_HAVE, "only", "numbers over all inputs", set_summary },
	{ "merge", 0, WITHOUT, NULL, "add up summaries: the inputs are ndjson", set_merge },
	{ .help = "Safety" },
	{ "no-sandbox", 0, WITHOUT, NULL, "let what reads inputs open files and start programs",
	  set_no_sandbox },
	{ .help = "Usual" },
	{ "config", 0, WITH, "FILE|none", "options from this file, not from the usual places",
	  set_config },
	{ "help", 'h', WITHOUT, NULL, "this page", set_help },
	{ "version", 'V', MAY_HAVE, "json", "the version; and what is built in", set_version },
};
const size_t option_row_count = ARRAY_LEN(option_rows);

/* --- getopt ---------------------------------------------------------------- */

#define ROW_BASE 256   /* getopt's value of option_rows[0]; above every letter */

struct getopt_tables {
	struct option longs[ARRAY_LEN(option_rows) + 1];
	char letters[2 * ARRAY_LEN(option_rows) + 2];
};

static void make_tables(struct getopt_tables *tables)
{
	static const int kinds[] = { [WITHOUT] = no_argument, [WITH] = required_argument,
				     [MAY_HAVE] = optional_argument };
	struct option *option = tables->longs;
	char *letter = tables->letters;

	*letter++ = ':';   /* a missing argument is told apart */
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++) {
		if (!option_rows[i].name)
			continue;
		*option++ = (struct option){ option_rows[i].name, kinds[option_rows[i].argument], NULL,
					     ROW_BASE + (int)i };
		if (!option_rows[i].letter)
			continue;
		*letter++ = option_rows[i].letter;
		if (option_rows[i].argument == WITH)
			*letter++ = ':';
	}
	*option = (struct option){ NULL, 0, NULL, 0 };
	*letter = '\0';
}

static const struct option_row *row_of(int value)
{
	if (value >= ROW_BASE)
		return &option_rows[value - ROW_BASE];
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++)
		if (option_rows[i].name && option_rows[i].letter == value)
			return &option_rows[i];
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
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++) {
		if (!option_rows[i].name)
			continue;
		if (text_begins(text_of(option_rows[i].name), nearest.typed) && fitting < 2)
			fits[fitting++] = option_rows[i].name;
		nearest_offer(&nearest, option_rows[i].name);
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
	parse->shape = row->shape;
	return row->set(parse, optarg);
}

static bool is_format(const struct options *options, const char *name)
{
	return !strcmp(options->writer->name, name);
}

/* The option that asks for a timeline or a map. */
static const char *replay_option(const struct options *options)
{
	if (options->timeline)
		return options->frame.on ? "--frame" : "--timeline";
	return options->at_line ? "--at" : "--map";
}

static bool consistent(const struct options *options, FILE *errors)
{
	if (options->timeline && options->redact) {
		fprintf(errors, "pgtcheck: %s shows what --redact hides\n", replay_option(options));
		return false;
	}
	if ((options->timeline || options->map) && !is_format(options, "human")) {
		fprintf(errors, "pgtcheck: %s goes with --format=human only\n",
			replay_option(options));
		return false;
	}
	if ((options->summary || options->action == ACTION_MERGE) && !is_format(options, "human") &&
	    !is_format(options, "ndjson") && !is_format(options, "json")) {
		fputs("pgtcheck: summaries go with the formats human, ndjson and json\n", errors);
		return false;
	}
	return true;
}

void options_defaults(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->all_domains = true;
	options->min_severity = SEV_NOTE;
	options->min_certainty = SUSPECTED;
	options->inconclusive = EXIT_NO_VERDICT;
	options->write.fail_on = SEV_ERROR;
	options->jobs = 1;
	options->writer = writer_find(TEXT("human"));
	ASSERT(options->writer != NULL);
}

/* Few runs have --config, or what may be short for it. */
static bool may_name_config(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-' && argv[i][1] == '-' && argv[i][2] == 'c')
			return true;
	return false;
}

const char *options_config(int argc, char **argv)
{
	struct getopt_tables tables;
	const char *file = NULL;
	int value;

	if (!may_name_config(argc, argv))
		return NULL;
	make_tables(&tables);
	optind = 0;
	opterr = 0;
	while ((value = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) >= 0)
		if (value >= ROW_BASE && row_of(value)->set == set_config)
			file = optarg;
	return file;
}

void options_arguments(struct options *options, int argc, char **argv, FILE *errors)
{
	struct parse parse = { .options = options, .errors = errors };
	struct getopt_tables tables;
	bool good = true;
	int value;

	make_tables(&tables);
	optind = 0;   /* glibc: begin anew, also after an earlier call */
	opterr = 0;
	while (good) {
		value = getopt_long(argc, argv, tables.letters, tables.longs, NULL);
		if (value < 0)
			break;
		good = parse_one(&parse, value, argv);
	}
	options->inputs = argv + optind;
	options->input_count = (size_t)(argc - optind);
	/* The mistake may stand before it. */
	for (int i = 1; i < argc && !good; i++)
		options->bisect |= !strcmp(argv[i], "--bisect");
	if (!good || !consistent(options, errors) || !traces_fit(options, errors) ||
	    !targets_fit(options, errors)) {
		fputs("Try 'pgtcheck --help'.\n", errors);
		options->action = ACTION_USAGE_ERROR;
	}
}

void options_parse(struct options *options, int argc, char **argv, FILE *errors)
{
	options_defaults(options);
	options_arguments(options, argc, argv, errors);
}
