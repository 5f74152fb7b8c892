/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Descriptors between processes: they arrive in order, errors among them; and when the
 * kernel lets no more be under way, they arrive later. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/passing.h"

static void they_arrive_in_order(void **state)
{
	int ends[2], pipes[2][2], sent[4], got[4];
	char byte = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(pipe(pipes[0]) | pipe(pipes[1]), 0);
	sent[0] = -ENOENT;
	sent[1] = pipes[0][1];
	sent[2] = -EACCES;
	sent[3] = pipes[1][1];
	assert_true(put_descriptors(ends[0], sent, 4));
	assert_true(get_descriptors(ends[1], got, 4));
	assert_int_equal(got[0], -ENOENT);
	assert_int_equal(got[2], -EACCES);
	assert_true(fcntl(got[1], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(got[1], "a", 1) + write(got[3], "b", 1), 2);
	assert_int_equal(read(pipes[0][0], &byte, 1), 1);
	assert_int_equal(byte, 'a');
	assert_int_equal(read(pipes[1][0], &byte, 1), 1);
	assert_int_equal(byte, 'b');
	/* Errors alone need no descriptor. */
	assert_true(put_descriptors(ends[0], sent, 1));
	assert_true(get_descriptors(ends[1], got, 1));
	assert_int_equal(got[0], -ENOENT);
	close(ends[0]);
	assert_false(get_descriptors(ends[1], got, 1));
}

/* Sends more descriptors than may be under way: about 20. */
static int send_many(int socket)
{
	struct rlimit few = { 40, 40 };
	int fds[PASSED_MAX], fd = open("/dev/null", O_RDONLY);

	for (size_t i = 0; i < PASSED_MAX; i++)
		fds[i] = fd;
	/* The kernel counts for a user, and root may always. */
	if (setrlimit(RLIMIT_NOFILE, &few) || (!getuid() && setuid(65534)))
		return 2;
	for (int i = 0; i < 8; i++)
		if (!put_descriptors(socket, fds, PASSED_MAX))
			return 1;
	return 0;
}

static void more_than_the_kernel_lets_pass_arrive_later(void **state)
{
	int ends[2], got[PASSED_MAX], status;
	pid_t child;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	child = fork();
	if (!child)
		_exit(send_many(ends[0]));
	usleep(200000);
	for (int i = 0; i < 8; i++) {
		assert_true(get_descriptors(ends[1], got, PASSED_MAX));
		for (size_t j = 0; j < PASSED_MAX; j++) {
			assert_true(got[j] >= 0);
			close(got[j]);
		}
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_arrive_in_order),
		cmocka_unit_test(more_than_the_kernel_lets_pass_arrive_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
