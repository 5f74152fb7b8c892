/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Work in a process of its own, by the parser that may start none: it is done, its end is
 * told, and it has no more than it was given. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/sandbox.h"
#include "cli/starter.h"
#include "formats/source.h"

static volatile uint64_t progress;

/* --- works: the first byte of `in` says which --------------------------------------- */

static bool can_fork(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return child > 0;
}

/* Any besides those it was given and the standard three? */
static bool holds_more(int in, int out)
{
	struct stat about;

	for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
		if (fd != in && fd != out && !fstat(fd, &about))
			return true;
	return false;
}

static int work(int in, int out, bool careful)
{
	pid_t pid = getpid();
	char what = 0;

	if (pread(in, &what, 1, 0) != 1)
		return 99;
	switch (what) {
	case 'w':   /* writes */
		return write(out, careful ? "c" : "q", 1) == 1 ? 7 : 98;
	case 'd':   /* dies */
		signal(SIGILL, SIG_DFL);
		__builtin_trap();   /* raise() is refused */
	case 'f':
		return can_fork();
	case 'h':
		return holds_more(in, out);
	case 'm':   /* takes memory */
		return mmap(NULL, 3ull << 30, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
	default:    /* stays */
		if (write(out, &pid, sizeof(pid)) == sizeof(pid))
			poll(NULL, 0, 100000);
		return 0;
	}
}

/* --- in a parser ------------------------------------------------------------------------ */

static int out = -1;

static int ask(char what, bool careful)
{
	int in = memfd_create("in", MFD_CLOEXEC), how;

	if (in < 0 || write(in, &what, 1) != 1)
		_exit(90);
	how = apart_run(work, in, out, careful);
	close(in);
	return how;
}

static const struct input_format format = { .name = "none", .module = "tracecmd", .apart = work };

/* A parser behind its doors, when there are any. */
static void become_parser(bool doors)
{
	const struct sandbox sandbox = { .asks = true, .progress = &progress };

	if (!doors)
		return;
	starter_start(&format);
	(void)sandbox_enter(&sandbox, SANDBOX_ALL);
}

static void in_parser(bool doors, int (*checks)(bool doors))
{
	int status;
	pid_t child;

	out = memfd_create("out", MFD_CLOEXEC);
	assert_true(out >= 0);
	child = fork();
	if (!child) {
		become_parser(doors);
		_exit(checks(doors));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(out);
}

static int check_ends(bool doors)
{
	char word = 0;
	int how = ask('w', true);

	(void)doors;
	if (!WIFEXITED(how) || WEXITSTATUS(how) != 7)
		return 1;
	if (pread(out, &word, 1, 0) != 1 || word != 'c')
		return 2;
	/* One that dies, and one after it. */
	how = ask('d', false);
	if (!WIFSIGNALED(how) || WTERMSIG(how) != SIGILL)
		return 3;
	how = ask('w', false);
	return !WIFEXITED(how) || WEXITSTATUS(how) != 7 ? 4 : 0;
}

static int check_rights(bool doors)
{
	int how;

	if (sandbox_fits_build() && ask('m', false) != 0)
		return 1;
	if (!doors)
		return 0;
	how = ask('f', false);
	if (how && strstr(sandbox_missing(SANDBOX_ALL & ~SANDBOX_CALLS), "this build") == NULL)
		return 2;
	return ask('h', false) ? 3 : 0;
}

static void its_end_is_told(void **state)
{
	(void)state;
	in_parser(false, check_ends);
	in_parser(sandbox_fits_build(), check_ends);
}

static void it_has_what_it_was_given(void **state)
{
	(void)state;
	in_parser(false, check_rights);
	in_parser(sandbox_fits_build(), check_rights);
}

/* Nobody may have asked how it ended. */
static bool is_gone(pid_t pid)
{
	char path[40], line[256];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	for (int i = 0; i < 100; i++) {
		FILE *status = fopen(path, "r");
		bool gone = !status;

		while (status && fgets(line, sizeof(line), status))
			gone = gone || !strncmp(line, "State:\tZ", 8) || !strncmp(line, "State:\tX", 8);
		if (status)
			fclose(status);
		if (gone)
			return true;
		poll(NULL, 0, 20);
	}
	return false;
}

static void kill_one(bool parser_dies)
{
	pid_t starter, pids[2] = { 0 };   /* the worker, the parser */
	int status;

	out = memfd_create("out", MFD_CLOEXEC);
	starter = fork();
	if (!starter) {
		become_parser(true);
		pids[1] = getpid();
		if (pwrite(out, &pids[1], sizeof(pid_t), sizeof(pid_t)) == sizeof(pid_t))
			ask('s', false);
		_exit(1);
	}
	for (int i = 0; i < 500 && !pids[0]; i++) {
		poll(NULL, 0, 10);
		(void)!pread(out, pids, sizeof(pids), 0);
	}
	assert_true(pids[0] && pids[1] && pids[1] != starter);
	assert_int_equal(kill(pids[0], 0) | kill(pids[1], 0), 0);
	kill(parser_dies ? pids[1] : starter, SIGKILL);
	assert_int_equal(waitpid(starter, &status, 0), starter);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(is_gone(pids[0]));
	assert_true(is_gone(pids[1]));
	close(out);
}

static void all_end_together(void **state)
{
	(void)state;
	if (!sandbox_fits_build())
		skip();
	kill_one(true);
	kill_one(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_end_is_told),
		cmocka_unit_test(it_has_what_it_was_given),
		cmocka_unit_test(all_end_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
