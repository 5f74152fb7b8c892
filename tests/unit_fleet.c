/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Many inputs: summaries that add in any order and grouping, shards that stay
 * the same, names in order, whole lines in every write(). */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/names.h"
#include "cli/outlet.h"
#include "formats/summary.h"

/* xorshift64*: the same numbers in every run. */
static uint64_t random_state;

static uint64_t random_below(uint64_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(2685821657736338717) >> 11) % n;
}

/* --- summaries ------------------------------------------------------------- */

/* That of one input, or of none. */
static struct summary random_summary(void)
{
	static const enum exit_status verdicts[] = {
		EXIT_CLEAN, EXIT_FINDINGS, EXIT_TROUBLE, EXIT_NO_VERDICT,
	};
	struct summary summary = { .inputs = random_below(5) > 0 };

	if (!summary.inputs)
		return summary;
	summary.verdict = verdicts[random_below(4)];
	summary.by_verdict[summary.verdict] = 1;
	summary.boots = random_below(3);
	summary.errors = random_below(9);
	summary.warnings = random_below(9);
	summary.notes = random_below(9);
	summary.suppressed = random_below(9);
	summary.found_new = random_below(9);
	summary.unchanged = random_below(9);
	summary.absent = random_below(9);
	summary.bytes = summary.bytes_min = summary.bytes_max = random_below(1u << 20);
	summary.lines = summary.lines_min = summary.lines_max = random_below(1u << 12);
	for (size_t i = 0; i < rule_count; i++) {
		summary.rule_findings[i] = random_below(3);
		summary.rule_inputs[i] = summary.rule_findings[i] > 0;
	}
	return summary;
}

static struct summary sum(struct summary a, const struct summary *b)
{
	summary_add(&a, b);
	return a;
}

static void summaries_add_in_any_order_and_grouping(void **state)
{
	struct summary zero = { .inputs = 0 };

	(void)state;
	random_state = 1;
	for (int i = 0; i < 2000; i++) {
		struct summary a = random_summary(), b = random_summary(), c = random_summary();
		struct summary ab = sum(a, &b), ba = sum(b, &a), bc = sum(b, &c);
		struct summary left = sum(ab, &c), right = sum(a, &bc), same = sum(a, &zero);

		assert_memory_equal(&ab, &ba, sizeof(ab));
		assert_memory_equal(&left, &right, sizeof(left));
		assert_memory_equal(&same, &a, sizeof(a));
	}
}

/* Against a loop that keeps its inputs apart. */
static void minima_are_those_of_inputs_alone(void **state)
{
	struct summary total = { .inputs = 0 };
	uint64_t least = UINT64_MAX, most = 0, inputs = 0;

	(void)state;
	random_state = 7;
	for (int i = 0; i < 500; i++) {
		struct summary one = random_summary();

		summary_add(&total, &one);
		if (one.inputs && one.bytes < least)
			least = one.bytes;
		if (one.inputs && one.bytes > most)
			most = one.bytes;
		inputs += one.inputs;
	}
	assert_int_equal(total.inputs, inputs);
	assert_int_equal(total.bytes_min, least);
	assert_int_equal(total.bytes_max, most);
	assert_int_equal(total.verdict, EXIT_TROUBLE);
}

/* --- names ------------------------------------------------------------------ */

/* Machines of one fleet may run different versions: these never change. */
static void shards_stay_the_same(void **state)
{
	uint32_t counts[8] = { 0 };
	char name[32];

	(void)state;
	assert_int_equal(names_shard("", 7), 2);
	assert_int_equal(names_shard("boot.log", 7), 6);
	assert_int_equal(names_shard("lab3/host-17/console.log", 1000), 38);
	for (unsigned i = 0; i < 8000; i++) {
		snprintf(name, sizeof(name), "logs/%06u.log", i);
		assert_int_equal(names_shard(name, 1), 1);
		counts[names_shard(name, 8) - 1]++;
	}
	for (unsigned i = 0; i < 8; i++)
		assert_in_range(counts[i], 850, 1150);
}

static void write_file(const char *name, const char *bytes)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(bytes, file);
	fclose(file);
}

/* All names of a run, blank-separated, from inside the folder of the test. */
static const char *names_of(struct options options)
{
	static char all[2048];
	struct input_name input;
	struct names names;

	all[0] = '\0';
	names_begin(&names, &options);
	while (names_next(&names, &input)) {
		strcat(all, input.name);
		strcat(all, input.trouble ? "! " : " ");
	}
	names_end(&names);
	return all;
}

static void folders_come_in_order_of_bytes(void **state)
{
	char folder[] = "/tmp/pgtcheck-names-XXXXXX";
	char d[] = "d", empty[] = "d/empty", plain[] = "d/Z", *operands[] = { plain, d, empty };
	struct options options = { .inputs = operands, .input_count = 3 };
	char *here = getcwd(NULL, 0);

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_return_code(chdir(folder), 0);
	mkdir("d", 0700);
	mkdir("d/a", 0700);
	mkdir("d/empty", 0700);
	write_file("d/Z", "");
	write_file("d/a.b", "");
	write_file("d/a/x", "");
	write_file("d/a0", "");
	assert_return_code(mkfifo("d/fifo", 0600), 0);
	assert_return_code(symlink("..", "d/up"), 0);
	assert_return_code(symlink("Z", "d/link"), 0);
	assert_string_equal(names_of(options), "d/Z d/Z d/a.b d/a0 d/link d/empty! ");
	options.recursive = true;
	/* '.' is before '/', and '/' before '0'. */
	assert_string_equal(names_of(options), "d/Z d/Z d/a.b d/a/x d/a0 d/link d/empty! ");

	write_file("list", "d/Z\n\nd/a\nlast");
	options = (struct options){ .files_from = "list" };
	assert_string_equal(names_of(options), "d/Z d/a/x last ");
	options.files_from = "none";
	assert_string_equal(names_of(options), "none! ");
	assert_return_code(system("rm -rf d list"), 0);
	assert_return_code(chdir(here), 0);
	assert_return_code(rmdir(folder), 0);
	free(here);
}

/* --- whole lines -------------------------------------------------------------- */

/* A pipe in packet mode keeps each write() apart. */
static void every_write_ends_with_a_line(void **state)
{
	static char line[3000], got[200000];
	struct outlet outlet;
	int ends[2];
	FILE *out;

	(void)state;
	assert_return_code(pipe2(ends, O_DIRECT | O_NONBLOCK), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
	out = outlet_open(&outlet, ends[1]);
	assert_non_null(out);
	memset(line, 'x', sizeof(line));
	for (unsigned i = 0; i < 40; i++)
		fprintf(out, "%.*s\n", 2000 + (int)i, line);   /* 80 KiB: over one buffer */
	fputs("no end", out);
	fflush(out);
	for (ssize_t length; (length = read(ends[0], got, sizeof(got))) > 0;)
		assert_true(length == 4096 || got[length - 1] == '\n');   /* a packet is a page */
	fclose(out);
	assert_int_equal(read(ends[0], got, sizeof(got)), 6);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summaries_add_in_any_order_and_grouping),
		cmocka_unit_test(minima_are_those_of_inputs_alone),
		cmocka_unit_test(shards_stay_the_same),
		cmocka_unit_test(folders_come_in_order_of_bytes),
		cmocka_unit_test(every_write_ends_with_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
