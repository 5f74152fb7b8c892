/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Living with findings: options from files and the environment, lines of
 * suppressions, what they fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"
#include "cli/suppressions.h"

static char folder[] = "/tmp/unit_living.XXXXXX";

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static const char *put_file(const char *name, const void *bytes, size_t length)
{
	FILE *out = fopen(path_of(name), "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, length, out), length);
	assert_int_equal(fclose(out), 0);
	return path_of(name);
}

/* --- options ------------------------------------------------------------------- */

static char *environment;   /* PGTCHECK_OPTS */

static char *get(const char *name)
{
	return strcmp(name, "PGTCHECK_OPTS") ? NULL : environment;
}

/* What is made of a configuration alone; what was said goes to `said`. */
static struct options configured(const char *text, size_t length, char *said, size_t room)
{
	static char config[300], program[] = "pgtcheck";
	char *argv[] = { program, config, NULL };
	FILE *errors = fmemopen(said, room, "w");
	struct options options;

	snprintf(config, sizeof(config), "--config=%s", put_file("config", text, length));
	said[0] = '\0';
	options_gather(&options, 2, argv, get, errors);
	fclose(errors);
	return options;
}

static void bad_config(const char *text, size_t length, enum action action, const char *expected)
{
	char said[600];
	struct options options = configured(text, length, said, sizeof(said));

	assert_int_equal(options.action, action);
	if (!strstr(said, expected))
		fail_msg("'%s' said '%s', not '%s'", text, said, expected);
	options_release(&options);
}
#define BAD_CONFIG(text, expected) \
	bad_config((text), sizeof(text) - 1, ACTION_USAGE_ERROR, (expected))

static void a_config_sets_options(void **state)
{
	static const char text[] = "# ours\r\n\n  fail-on=warning  \n\tjobs = 3\r\nredact = yes\n"
				   "verbose\nquiet = no\ncolor = never\ncontext = 2\n"
				   "member = a = b #1";
	char said[600];
	struct options options = configured(text, sizeof(text) - 1, said, sizeof(said));

	(void)state;
	assert_string_equal(said, "");
	assert_int_equal(options.action, ACTION_CHECK);
	assert_int_equal(options.write.fail_on, SEV_WARNING);
	assert_int_equal(options.jobs, 3);
	assert_true(options.redact);
	assert_true(options.write.verbose);
	assert_false(options.write.quiet);
	assert_int_equal(options.color, COLOR_NEVER);
	assert_int_equal(options.write.context, 2);
	assert_string_equal(options.member, "a = b #1");
	options_release(&options);
}

static void bad_lines_are_told_by_number(void **state)
{
	char *large = calloc(1, 100000);

	(void)state;
	BAD_CONFIG("quiet\nfail-on = loud", "config:2: --fail-on: 'loud'");
	BAD_CONFIG("\n\n\nfial-on = error", "config:4: 'fial-on'");
	BAD_CONFIG("fial-on = error", "did you mean 'fail-on'?");
	BAD_CONFIG("fail-on", "config:1: fail-on needs a value: error|");
	BAD_CONFIG("fail-on =", "config:1: fail-on needs a value: error|");
	BAD_CONFIG("redact = perhaps", "config:1: redact is yes or no, not 'perhaps'");
	BAD_CONFIG("config = other", "config:1: 'config' is no long option");
	BAD_CONFIG("help", "config:1: 'help' is no long option");
	BAD_CONFIG("merge", "config:1: 'merge' is no long option");
	BAD_CONFIG("= 3", "config:1: '' is no long option");
	BAD_CONFIG("--quiet", "config:1: '--quiet' is no long option");
	BAD_CONFIG("quiet\nver\0bose\n", "config:2: a NUL byte");
	BAD_CONFIG("boot.log", "config:1: 'boot.log' is no long option");
	memset(large, '#', 100000);
	bad_config(large, 100000, ACTION_TROUBLE, "larger than any configuration");
	free(large);
}

static void the_environment_stands_between(void **state)
{
	static char words[] = " -j 2\t--context=5\n", name[] = "x.log", program[] = "pgtcheck";
	static char none[] = "--config=none", jobs[] = "-j4";
	char *argv[] = { program, jobs, name, none, NULL };
	struct options options;

	(void)state;
	environment = words;
	options_gather(&options, 4, argv, get, stderr);
	environment = NULL;
	assert_int_equal(options.action, ACTION_CHECK);
	assert_int_equal(options.jobs, 4);
	assert_int_equal(options.write.context, 5);
	assert_int_equal(options.input_count, 1);
	assert_string_equal(options.inputs[0], "x.log");
	options_release(&options);
}

/* --- suppressions --------------------------------------------------------------- */

static struct suppression entry_of(const char *line)
{
	static char words[300];
	struct suppression entry;
	char trouble[256];

	snprintf(words, sizeof(words), "%s", line);
	if (!suppression_parse(words, &entry, trouble, sizeof(trouble)))
		fail_msg("'%s': %s", line, trouble);
	return entry;
}

static void bad_entry(const char *line, const char *expected)
{
	char words[300], trouble[256] = "";
	struct suppression entry;

	snprintf(words, sizeof(words), "%s", line);
	if (suppression_parse(words, &entry, trouble, sizeof(trouble)) ||
	    !strstr(trouble, expected))
		fail_msg("'%s' said '%s', not '%s'", line, trouble, expected);
}

static void a_line_says_what_and_why(void **state)
{
	struct suppression entry = entry_of("PGT001 file=lab3/*.log range=0x3fdfe000-0x40000000 "
					    "until=2028-02-29   # the lab # 3\tboard");

	(void)state;
	assert_string_equal(entry.rule->id, "PGT001");
	assert_string_equal(entry.file, "lab3/*.log");
	assert_true(entry.has_range);
	assert_int_equal(entry.range.start.n, 0x3fdfe000);
	assert_int_equal(entry.range.end.n, 0x40000000);
	assert_int_equal(entry.until, 20280229);
	assert_string_equal(entry.reason, "the lab # 3\tboard");
	assert_false(entry.has_fingerprint);
	entry = entry_of("fp=7c1e5a0d9b3f4466 #why");
	assert_true(entry.fingerprint == UINT64_C(0x7c1e5a0d9b3f4466));
	assert_null(entry.rule);
	assert_string_equal(entry_of("tail-left-ro # x").rule->id, "PGT002");
}

static void a_line_without_sense_is_refused(void **state)
{
	(void)state;
	bad_entry("PGT001", "no reason");
	bad_entry("PGT001 #", "no reason");
	bad_entry("PGT001 #  ", "no reason");
	bad_entry("PGT001#reason", "no rule 'PGT001#reason'");
	bad_entry("file=*.log # all of them", "neither a rule nor fp=");
	bad_entry("# a comment only", "neither a rule nor fp=");
	bad_entry("PGT999 # x", "no rule 'PGT999'");
	bad_entry("tail-left-r # x", "did you mean 'tail-left-ro'?");
	bad_entry("PGT001 PGT002 # x", "two rules");
	bad_entry("PGT001 file=a file=b # x", "file= stands twice");
	bad_entry("PGT001 line=27 # x", "unknown field 'line=27'");
	bad_entry("PGT001 file= # x", "names no file");
	bad_entry("fp=7c1e # x", "sixteen hex digits");
	bad_entry("fp=0x1e5a0d9b3f4466 # x", "sixteen hex digits");
	bad_entry("PGT001 range=0x2000-0x1000 # x", "two addresses");
	bad_entry("PGT001 range=0x1000-0x1000 # x", "two addresses");
	bad_entry("PGT001 range=1000-2000 # x", "two addresses");
	bad_entry("PGT001 range=0x1000 # x", "two addresses");
	bad_entry("PGT001 range=0x1-0x99999999999999999 # x", "two addresses");
	bad_entry("PGT001 until=2027-02-29 # x", "a date");
	bad_entry("PGT001 until=2027-13-01 # x", "a date");
	bad_entry("PGT001 until=2027-6-30 # x", "a date");
	bad_entry("PGT001 until=30-06-2027 # x", "a date");
	bad_entry("PGT001 until=-027-06-30 # x", "a date");
	bad_entry("PGT001 until=2027--6-30 # x", "a date");
	bad_entry("PGT001 until=2027-06-301 # x", "a date");
}

static bool entry_fits(const char *line, uint32_t today, const char *file, uint64_t start,
		       uint64_t end)
{
	static bool used[1];
	struct suppression entry = entry_of(line);
	struct suppressions all = { .items = &entry, .count = 1, .used = used, .today = today };
	struct finding finding = { .rule = rule_find(TEXT("PGT001")), .fingerprint = 0x11,
				   .where = pfn_range(start, end) };
	const char *reason;

	used[0] = false;
	reason = suppressions_find(&all, file, &finding);
	assert_int_equal(reason != NULL, used[0]);
	return reason != NULL;
}

static void an_entry_fits_what_it_says(void **state)
{
	(void)state;
	assert_true(entry_fits("PGT001 # x", 20260101, "a", 1, 2));
	assert_false(entry_fits("PGT002 # x", 20260101, "a", 1, 2));
	assert_true(entry_fits("fp=0000000000000011 # x", 20260101, "a", 1, 2));
	assert_false(entry_fits("PGT002 fp=0000000000000011 # x", 20260101, "a", 1, 2));
	assert_false(entry_fits("PGT001 fp=0000000000000012 # x", 20260101, "a", 1, 2));
	/* The last day counts. */
	assert_true(entry_fits("PGT001 until=2026-01-01 # x", 20260101, "a", 1, 2));
	assert_false(entry_fits("PGT001 until=2025-12-31 # x", 20260101, "a", 1, 2));
	/* All frames lie in the range, whose end is out. */
	assert_true(entry_fits("PGT001 range=0x1000-0x2000 # x", 20260101, "a", 1, 2));
	assert_false(entry_fits("PGT001 range=0x1000-0x1fff # x", 20260101, "a", 1, 2));
	assert_false(entry_fits("PGT001 range=0x1001-0x9000 # x", 20260101, "a", 1, 2));
	assert_false(entry_fits("PGT001 range=0x1000-0x2000 # x", 20260101, "a", 1, 3));
	assert_false(entry_fits("PGT001 range=0x0-0x9000 # x", 20260101, "a", 0, 0));
	assert_true(entry_fits("PGT001 file=lab3/*.log # x", 20260101, "/ci/lab3/b.log", 1, 2));
	assert_false(entry_fits("PGT001 file=lab3/*.log # x", 20260101, "/ci/lab33/b.log", 1, 2));
}

static void globs_fit_quickly(void **state)
{
	char name[4000], glob[4000];

	(void)state;
	assert_true(glob_fits("*", ""));
	assert_true(glob_fits("a?c", "x/abc"));
	assert_false(glob_fits("a?c", "abcd"));
	assert_true(glob_fits("*b*d", "abcbd"));
	assert_false(glob_fits("b", "a/bc"));
	assert_true(glob_fits("[a]*", "[a]b"));
	/* What takes for ever where every star is tried again. */
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < sizeof(glob) - 2; i++)
		glob[i] = i % 2 ? '*' : 'a';
	strcpy(glob + sizeof(glob) - 2, "b");
	assert_false(glob_fits(glob, name));
}

static char *epoch;

static char *get_epoch(const char *name)
{
	return strcmp(name, "SOURCE_DATE_EPOCH") ? NULL : epoch;
}

static void today_is_that_of_the_build(void **state)
{
	static char last[] = "951868799", first[] = "951868800", bad[] = "today", none[] = "";

	(void)state;
	epoch = last;
	assert_int_equal(today_of(get_epoch), 20000229);
	epoch = first;
	assert_int_equal(today_of(get_epoch), 20000301);
	epoch = bad;
	assert_int_equal(today_of(get_epoch), 0);
	epoch = none;
	assert_int_equal(today_of(get_epoch), 0);
	epoch = NULL;
	assert_true(today_of(get_epoch) > 20260000);
}

static enum exit_status read_list(const char *bytes, size_t length, char *said, size_t room,
				  uint32_t *count)
{
	FILE *errors = fmemopen(said, room, "w");
	struct suppressions all;
	enum exit_status status;

	said[0] = '\0';
	status = suppressions_read(&all, put_file("list", bytes, length), 20260101, errors);
	*count = all.count;
	suppressions_release(&all);
	fclose(errors);
	return status;
}

static void a_hostile_list_has_bounds(void **state)
{
	size_t room = 100u << 20;
	char *bytes = malloc(room), said[4000];
	uint32_t count;

	(void)state;
	assert_int_equal(read_list("", 0, said, sizeof(said), &count), EXIT_CLEAN);
	assert_int_equal(read_list("\n# c\nPGT001 # a\r\n\nPGT002 # b", 28, said, sizeof(said),
				   &count), EXIT_CLEAN);
	assert_int_equal(count, 2);
	assert_int_equal(read_list("PGT001 # a\n\nPGT001 # \0\n", 23, said, sizeof(said), &count),
			 EXIT_USAGE);
	assert_non_null(strstr(said, "list:3: a NUL byte"));
	/* One endless line; lines without end; entries without end. */
	memset(bytes, 'x', room);
	assert_int_equal(read_list(bytes, room, said, sizeof(said), &count), EXIT_TROUBLE);
	assert_int_equal(read_list(bytes, 5000, said, sizeof(said), &count), EXIT_USAGE);
	assert_non_null(strstr(said, "list:1: the line is too long"));
	for (size_t i = 0; i < 20000; i++)
		memcpy(bytes + 2 * i, "x\n", 2);
	assert_int_equal(read_list(bytes, 40000, said, sizeof(said), &count), EXIT_USAGE);
	assert_non_null(strstr(said, "list:10: "));
	assert_null(strstr(said, "list:11: "));
	for (size_t i = 0; i < SUPPRESSIONS_MAX + 1; i++)
		memcpy(bytes + 11 * i, "PGT001 # x\n", 11);
	assert_int_equal(read_list(bytes, 11 * (SUPPRESSIONS_MAX + 1), said, sizeof(said), &count),
			 EXIT_USAGE);
	assert_non_null(strstr(said, "list:10001: more than 10000"));
	/* Nothing of it reaches a terminal. */
	assert_int_equal(read_list("PGT001\033[2J # x\n", 15, said, sizeof(said), &count),
			 EXIT_USAGE);
	assert_null(strchr(said, '\033'));
	free(bytes);
}

/* --- the program ----------------------------------------------------------------- */

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path_of("config"));
	unlink(path_of("list"));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_config_sets_options),
		cmocka_unit_test(bad_lines_are_told_by_number),
		cmocka_unit_test(the_environment_stands_between),
		cmocka_unit_test(a_line_says_what_and_why),
		cmocka_unit_test(a_line_without_sense_is_refused),
		cmocka_unit_test(an_entry_fits_what_it_says),
		cmocka_unit_test(globs_fit_quickly),
		cmocka_unit_test(today_is_that_of_the_build),
		cmocka_unit_test(a_hostile_list_has_bounds),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
