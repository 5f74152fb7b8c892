/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A parser that a stranger's bytes have taken over: it tries what would do harm, and
 * is refused. What it needs for its work goes on. */
#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "cli/passing.h"
#include "core/base.h"
#include "core/status.h"
#include "tests/attempts.h"

static volatile uint64_t progress;

/* --- work: true, it goes on -------------------------------------------------------- */

static void *in_thread(void *argument) { *(int *)argument = 7; return NULL; }

static bool works(void)
{
	char bytes[4] = "";
	pthread_t thread;
	int number = 0;
	char *memory = malloc(8 << 20);
	FILE *stream;
	char *text = NULL;
	size_t length;

	if (!memory)
		return false;
	memset(memory, 1, 8 << 20);
	free(memory);
	if (pread(held, bytes, sizeof(bytes), 0) != 4 || memcmp(bytes, "\x7f" "ELF", 4))
		return false;
	if (pthread_create(&thread, NULL, in_thread, &number) || pthread_join(thread, NULL))
		return false;
	stream = open_memstream(&text, &length);
	if (!stream || fprintf(stream, "%d", number) != 1 || fclose(stream))
		return false;
	return number == 7 && !strcmp(text, "7");
}

/* --- in a process of its own ---------------------------------------------------------- */

/* What the child found: a bit for each attempt that was done, and what held. */
struct outcome { uint64_t done; unsigned hold; bool works; };

static struct outcome in_sandbox(const struct sandbox *sandbox, unsigned parts)
{
	struct outcome outcome = { 0 };
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (!child) {
		outcome.hold = sandbox_enter(sandbox, parts);
		outcome.works = works();
		for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
			if (attempts[i].refused_by & outcome.hold)
				outcome.done |= (uint64_t)attempts[i].succeeds() << i;
		_exit(write(ends[1], &outcome, sizeof(outcome)) != sizeof(outcome));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &outcome, sizeof(outcome)), sizeof(outcome));
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return outcome;
}

static void is_refused(unsigned parts, bool asks)
{
	struct sandbox sandbox = { .asks = asks, .progress = &progress };
	struct outcome outcome = in_sandbox(&sandbox, parts);

	if (outcome.hold != parts)
		print_message("not all of it can be tried here: %s\n",
			      sandbox_missing(SANDBOX_ALL & ~(parts & ~outcome.hold)));
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		if (outcome.done >> i & 1)
			fail_msg("it %s", attempts[i].what);
	assert_true(outcome.works);
}

/* A sanitizer's run-time makes calls of its own where a thread or process ends, which
 * the filter has to refuse; such a build has no sandbox. */
static void needs_a_build_with_a_sandbox(void)
{
	if (sandbox_fits_build())
		return;
	print_message("a sanitizer's build has no sandbox\n");
	skip();
}

static void all_is_refused(void **state)
{
	(void)state;
	needs_a_build_with_a_sandbox();
	is_refused(SANDBOX_FILES | SANDBOX_CALLS, false);
}

static void all_is_refused_to_what_may_ask(void **state)
{
	(void)state;
	needs_a_build_with_a_sandbox();
	is_refused(SANDBOX_FILES | SANDBOX_CALLS, true);
}

/* Does a descriptor arrive that was sent behind the doors? */
static bool can_send(bool asks)
{
	struct sandbox sandbox = { .asks = asks, .progress = &progress };
	int ends[2], got = -1, status;
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	child = fork();
	if (!child) {
		unsigned hold = sandbox_enter(&sandbox, SANDBOX_CALLS);

		_exit(!put_descriptors(ends[0], &held, 1) && hold);
	}
	close(ends[0]);
	(void)(get_descriptors(ends[1], &got, 1) && got >= 0 && !close(got));
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status == 0, got >= 0);
	return got >= 0;
}

static void only_what_may_ask_sends_descriptors(void **state)
{
	(void)state;
	needs_a_build_with_a_sandbox();
	assert_true(can_send(true));
	if (!sandbox_missing(SANDBOX_ALL & ~SANDBOX_CALLS) ||
	    strstr(sandbox_missing(SANDBOX_ALL & ~SANDBOX_CALLS), "this build"))
		return;
	assert_false(can_send(false));
}

static void landlock_alone_refuses_files(void **state)
{
	(void)state;
	is_refused(SANDBOX_FILES, false);
}

static void seccomp_alone_refuses_calls(void **state)
{
	(void)state;
	needs_a_build_with_a_sandbox();
	is_refused(SANDBOX_CALLS, false);
}

/* The attempts can fail for want of rights only: without a sandbox they are done. */
static void without_it_they_succeed(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
			if (attempts[i].harmless && !attempts[i].succeeds())
				_exit(1 + (int)i);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	unlink(other);
}

/* --- a folder that may be read ------------------------------------------------------- */

static bool can_list(const char *path)
{
	struct dirent **entries;

	return scandir(path, &entries, NULL, alphasort) > 0;
}

static void only_the_folder_is_readable(void **state)
{
	struct sandbox sandbox = { .readable = folder, .progress = &progress };
	int status;
	pid_t child;

	(void)state;
	needs_a_build_with_a_sandbox();
	child = fork();
	if (!child) {
		unsigned hold = sandbox_enter(&sandbox, SANDBOX_FILES | SANDBOX_CALLS);
		bool reads = open(victim, O_RDONLY) >= 0 && can_list(folder);
		bool writes = open(victim, O_WRONLY) >= 0 || makes_a_file() || removes_a_file();

		/* Which files, only Landlock knows. */
		_exit(!reads || ((hold & SANDBOX_FILES) && (writes || reads_a_file() || can_list("/"))));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* --- descriptors ----------------------------------------------------------------------- */

static bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

struct ends { int first, last; };

static struct ends open_many(unsigned count, int flags)
{
	struct ends ends = { -1, -1 };

	for (unsigned i = 0; i < count; i++) {
		ends.last = open("/dev/null", O_RDONLY | flags);
		if (!i)
			ends.first = ends.last;
	}
	return ends;
}

static void inherited_descriptors_are_closed(void **state)
{
	/* Theirs that were there first, and ours; the limit of open files. */
	static const struct { unsigned theirs, ours; rlim_t limit; } tries[] = {
		{ 1, 1, 1024 }, { 1, 1, 20 }, { 3, 50, 1024 }, { 150, 50, 1024 },
	};
	struct sandbox sandbox = { .progress = &progress };
	int status;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		pid_t child = fork();

		if (!child) {
			struct rlimit limit = { tries[i].limit, tries[i].limit };
			struct ends theirs = open_many(tries[i].theirs, 0);
			struct ends ours = open_many(tries[i].ours, O_CLOEXEC);

			dup2(theirs.first, 900);
			dup2(theirs.first, ours.last + 1);
			setrlimit(RLIMIT_NOFILE, &limit);
			sandbox_enter(&sandbox, 0);
			_exit(is_open(theirs.first) || is_open(theirs.last) || is_open(900) ||
			      is_open(ours.last + 1) || !is_open(ours.first) ||
			      !is_open(ours.last) || !is_open(STDERR_FILENO));
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

static void all_others_are_closed(void **state)
{
	struct sandbox sandbox = { .progress = &progress };
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		struct ends many = open_many(300, O_CLOEXEC);
		int near = many.first + 5, far = many.last - 1;

		sandbox_close_others((const int[]){ far, near, far }, 3);
		sandbox_enter(&sandbox, 0);
		for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
			if (is_open(fd) != (fd == far || fd == near))
				_exit(1);
		_exit(!is_open(STDERR_FILENO));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* --- limits ------------------------------------------------------------------------------ */

static int status_after_cpu_limit(bool gets_on)
{
	struct sandbox sandbox = { .progress = &progress };
	int status;
	pid_t child = fork();

	if (!child) {
		int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

		sandbox_enter(&sandbox, SANDBOX_LIMITS);
		dup2(nothing, STDERR_FILENO);
		progress += gets_on;
		raise(SIGXCPU);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_loop_ends_with_status_3(void **state)
{
	(void)state;
	if (!sandbox_fits_build())
		skip();
	assert_int_equal(status_after_cpu_limit(false), EXIT_TROUBLE);
	assert_int_equal(status_after_cpu_limit(true), 0);
}

static void memory_is_bounded(void **state)
{
	struct sandbox sandbox = { .progress = &progress };
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		struct rlimit limit;

		if (!sandbox_fits_build())
			_exit(0);
		sandbox_enter(&sandbox, SANDBOX_LIMITS);
		_exit(getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY ||
		      limit.rlim_max == RLIM_INFINITY || malloc((size_t)limit.rlim_cur) ||
		      !malloc(1 << 28));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* --- kernels without it -------------------------------------------------------------------- */

/* As on a kernel that does not know the call. */
static void forget_call(unsigned number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static void an_old_kernel_carries_on(void **state)
{
	struct sandbox sandbox = { .progress = &progress };
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		unsigned hold;
		const char *says;

		forget_call(444);
		forget_call(SYS_seccomp);
		hold = sandbox_enter(&sandbox, SANDBOX_FILES | SANDBOX_CALLS);
		says = sandbox_missing(hold | SANDBOX_LIMITS);
		_exit(hold || !says || !strstr(says, "Landlock") || !strstr(says, "; "));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_null(sandbox_missing(SANDBOX_ALL));
	assert_non_null(strstr(sandbox_missing(SANDBOX_ALL & ~SANDBOX_FILES), "Landlock"));
	assert_non_null(sandbox_missing(SANDBOX_ALL & ~SANDBOX_LIMITS));
}

static int prepare(void **state)
{
	(void)state;
	return !attempts_prepare("/tmp");
}

static int clean_up(void **state)
{
	(void)state;
	unlink(victim);
	unlink(other);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_it_they_succeed),
		cmocka_unit_test(all_is_refused),
		cmocka_unit_test(all_is_refused_to_what_may_ask),
		cmocka_unit_test(only_what_may_ask_sends_descriptors),
		cmocka_unit_test(landlock_alone_refuses_files),
		cmocka_unit_test(seccomp_alone_refuses_calls),
		cmocka_unit_test(only_the_folder_is_readable),
		cmocka_unit_test(inherited_descriptors_are_closed),
		cmocka_unit_test(all_others_are_closed),
		cmocka_unit_test(a_loop_ends_with_status_3),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(an_old_kernel_carries_on),
	};

	return cmocka_run_group_tests(tests, prepare, clean_up);
}
