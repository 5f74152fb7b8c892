/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line: values, mistakes, what is shown, colours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/nearest.h"
#include "cli/options_inside.h"

#define WORDS_MAX 8

/* Parses blank-separated words; what was said of mistakes goes to `said`. */
static struct options parse(const char *words, char *said, size_t room)
{
	static char copy[200];
	char *argv[WORDS_MAX + 2], *save = NULL;
	FILE *errors = fmemopen(said, room, "w");
	struct options options;
	int argc = 1;

	argv[0] = copy;
	snprintf(copy, sizeof(copy), "pgtcheck %s", words);
	strtok_r(copy, " ", &save);
	while (argc <= WORDS_MAX && (argv[argc] = strtok_r(NULL, " ", &save)))
		argc++;
	argv[argc] = NULL;
	said[0] = '\0';
	options_parse(&options, argc, argv, errors);
	fclose(errors);
	options.inputs = NULL;   /* argv is ours */
	return options;
}

static struct options good(const char *words)
{
	char said[500];
	struct options options = parse(words, said, sizeof(said));

	assert_string_equal(said, "");
	assert_int_not_equal(options.action, ACTION_USAGE_ERROR);
	return options;
}

static void bad(const char *words, const char *expected)
{
	char said[500];
	struct options options = parse(words, said, sizeof(said));

	assert_int_equal(options.action, ACTION_USAGE_ERROR);
	if (!strstr(said, expected))
		fail_msg("'%s' said '%s', not '%s'", words, said, expected);
}

static void plain_use_needs_no_option(void **state)
{
	struct options options = good("boot.log");

	(void)state;
	assert_int_equal(options.action, ACTION_CHECK);
	assert_int_equal(options.input_count, 1);
	assert_string_equal(options.writer->name, "human");
	assert_int_equal(options.write.fail_on, SEV_ERROR);
	assert_true(options.all_domains);
	assert_int_equal(options.boot, BOOT_ALL);
}

static void values_are_taken(void **state)
{
	(void)state;
	assert_int_equal(good("--boot=3").boot, 3);
	assert_int_equal(good("--boot=last").boot, BOOT_LAST);
	assert_int_equal(good("--domain=d12").domain, 12);
	assert_int_equal(good("--domain=0").domain, 0);
	assert_false(good("--domain=d0").all_domains);
	assert_true(good("--domain=d1 --domain=all").all_domains);
	assert_int_equal(good("--fail-on=warning").write.fail_on, SEV_WARNING);
	assert_true(good("--fail-on=never").write.fail_never);
	assert_false(good("--fail-on=never --fail-on=note").write.fail_never);
	assert_int_equal(good("--inconclusive=fail").inconclusive, EXIT_FINDINGS);
	assert_string_equal(good("-fndjson").writer->name, "ndjson");
	assert_int_equal(good("--at=12").at_line, 12);
	assert_true(good("--at=12").map);
	assert_int_equal(good("-qv --context 2 a b").input_count, 2);
	assert_int_equal(good("--color").color, COLOR_ALWAYS);
	assert_int_equal(good("--color=never").color, COLOR_NEVER);
	assert_int_equal(good("--list-rules=json").action, ACTION_LIST_RULES_JSON);
	assert_int_equal(good("a -V").action, ACTION_VERSION);
	assert_int_equal(good("--form=json").input_count, 0);   /* an abbreviation */
	assert_int_equal(good("-- -q").input_count, 1);
}

static void mistakes_are_told(void **state)
{
	(void)state;
	bad("--fromat=json", "did you mean '--format'?");
	bad("--nonsense-altogether", "unknown option '--nonsense-altogether'\n");
	bad("-Z", "unknown option '-Z'");
	bad("--m=1", "ambiguous");
	bad("-f", "needs a value");
	bad("--quiet=1", "takes no value");
	bad("-f ndjsn", "did you mean 'ndjson'?");
	bad("--boot=0", "not a number");
	bad("--boot=al", "it takes N|all|last");
	bad("--fail-on=errr", "did you mean 'error'? it takes error|warning|note|never");
	bad("--inconclusive=x", "it takes report|fail|pass");
	bad("--enable=", "names no rule");
	bad("--enable=,", "names no rule");
	bad("--boot=-1", "not a number");
	bad("--boot=99999999999999999999", "not a number");
	bad("--boot=1x", "not a number");
	bad("--domain=d", "not a number");
	bad("--fail-on=warn", "is not a value");
	bad("--min-severity=never", "is not a value");
	bad("--explain=PGT999", "no rule 'PGT999'");
	bad("--disable=PGT001,tail-left-r", "did you mean 'tail-left-ro'?");
	bad("--shard=0/4", "not a number");
	bad("--shard=5/4", "not a number");
	bad("--shard=4", "is not K/N");
	bad("--jobs=0", "not a number");
	bad("--summary=al", "is not a value");
	bad("--summary -f gcc", "go with the formats");
	bad("--merge -f junit", "go with the formats");
	bad("--redact --timeline", "hides");
	bad("--fromat=json", "did you mean '--format'?");
	bad("--timeline --format=json", "human only");
}

/* An option is an interface, and so is every abbreviation of it in somebody's
 * script: a new one may make such an abbreviation ambiguous. */
static void the_options_are_these(void **state)
{
	/* In the order of --help. */
	static const char *const names[] = {
		"type", "files-from", "null", "recursive", "member", "max-bytes", "max-line",
		"max-members", "max-depth", "max-ratio", "trace", "vmlinux", "domain-xml",
		"boot", "domain", "fail-on", "min-severity", "min-certainty", "enable",
		"disable", "inconclusive", "bisect", "suppressions", "baseline",
		"write-baseline", "format", "report", "timeline", "frame",
		"map", "at", "write-trace", "against", "quiet", "verbose", "color", "progress",
		"context", "redact", "list-rules", "explain", "jobs", "shard", "skip-done",
		"summary", "merge", "no-sandbox", "config", "help", "version",
	};
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < option_row_count; i++) {
		if (!option_rows[i].name)
			continue;
		if (at == ARRAY_LEN(names))
			fail_msg("--%s is new: add it to this list, to the manual",
				 option_rows[i].name);
		if (strcmp(option_rows[i].name, names[at]))
			fail_msg("--%s stands where this list has --%s: a new option is added here, "
				 "and to the manual; one that was there may not go",
				 option_rows[i].name, names[at]);
		at++;
	}
	if (at != ARRAY_LEN(names))
		fail_msg("--%s is gone: an option may not go", names[at]);
}

static bool shown(const char *words, enum severity severity, enum certainty certainty)
{
	struct options options = good(words);
	struct finding finding = { .rule = rule_find(TEXT("PGT002")), .severity = severity,
				   .certainty = certainty };

	return options_show(&options, &finding);
}

static void minima_and_lists_decide_what_is_shown(void **state)
{
	(void)state;
	assert_true(shown("", SEV_NOTE, SUSPECTED));
	assert_false(shown("--min-severity=warning", SEV_NOTE, PROVED));
	assert_true(shown("--min-severity=warning", SEV_WARNING, PROVED));
	assert_false(shown("--min-certainty=inferred", SEV_ERROR, SUSPECTED));
	assert_true(shown("--min-certainty=inferred", SEV_ERROR, INFERRED));
	assert_true(shown("--enable=pgt002", SEV_ERROR, PROVED));
	assert_true(shown("--enable=PGT001,Tail-Left-RO", SEV_ERROR, PROVED));
	assert_false(shown("--enable=PGT001", SEV_ERROR, PROVED));
	assert_false(shown("--disable=tail-left-ro", SEV_ERROR, PROVED));
	assert_false(shown("--enable=PGT002 --disable=PGT002", SEV_ERROR, PROVED));
}

/* --- colours --------------------------------------------------------------- */

static char *no_variable(const char *name)
{
	(void)name;
	return NULL;
}

#define VARIABLE(function, variable, value) \
	static char *function(const char *name) \
	{ \
		static char text[] = value; \
		return strcmp(name, variable) ? NULL : text; \
	}

VARIABLE(no_color, "NO_COLOR", "1")
VARIABLE(no_color_empty, "NO_COLOR", "")
VARIABLE(forced, "CLICOLOR_FORCE", "1")
VARIABLE(not_forced, "CLICOLOR_FORCE", "0")
VARIABLE(unwanted, "CLICOLOR", "0")
VARIABLE(dumb, "TERM", "dumb")

static void colours_follow_the_first_who_says(void **state)
{
	(void)state;
	assert_true(options_color(COLOR_AUTO, true, no_variable));
	assert_false(options_color(COLOR_AUTO, false, no_variable));
	assert_true(options_color(COLOR_ALWAYS, false, no_color));
	assert_false(options_color(COLOR_NEVER, true, forced));
	assert_false(options_color(COLOR_AUTO, true, no_color));
	assert_true(options_color(COLOR_AUTO, true, no_color_empty));
	assert_true(options_color(COLOR_AUTO, false, forced));
	assert_false(options_color(COLOR_AUTO, false, not_forced));
	assert_false(options_color(COLOR_AUTO, true, unwanted));
	assert_false(options_color(COLOR_AUTO, true, dumb));
}

static const char *nearest_to(const char *typed)
{
	struct nearest nearest = { .typed = text_of(typed) };

	nearest_offer(&nearest, "format");
	nearest_offer(&nearest, "fail-on");
	nearest_offer(&nearest, "at");
	return nearest.name;
}

static void slips_are_near_and_other_words_are_not(void **state)
{
	(void)state;
	assert_string_equal(nearest_to("fromat"), "format");
	assert_string_equal(nearest_to("FORMAT"), "format");
	assert_string_equal(nearest_to("failon"), "fail-on");
	assert_null(nearest_to("banana"));
	assert_null(nearest_to("a-word-that-is-longer-than-any-name-there-is"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_use_needs_no_option),
		cmocka_unit_test(values_are_taken),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(the_options_are_these),
		cmocka_unit_test(minima_and_lists_decide_what_is_shown),
		cmocka_unit_test(colours_follow_the_first_who_says),
		cmocka_unit_test(slips_are_near_and_other_words_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
