/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A record of a trace has 28 bytes and is a line of about 100; a compressed trace has some
 * 30 times its bytes. */
#define MEMORY_BYTES (2ull << 30)
#define OUT_RATIO 1000ull
#define OUT_BYTES (64ull << 20)
#define BYTES_PER_SECOND (1ull << 20)
#define SECONDS_LEAST 60u

int (*apart_elsewhere)(int in, int out, bool careful);
void (*apart_shut)(void);

static void limit(int what, uint64_t most)
{
	struct rlimit now;

	if (getrlimit(what, &now))
		return;
	if (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)
		now.rlim_cur = now.rlim_max = most;
	setrlimit(what, &now);
}

static void set_limits(int in)
{
	struct stat about;
	uint64_t bytes = fstat(in, &about) ? 0 : (uint64_t)about.st_size;

#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_DATA, MEMORY_BYTES);
#endif
	limit(RLIMIT_FSIZE, OUT_BYTES + bytes * OUT_RATIO);
	limit(RLIMIT_CPU, SECONDS_LEAST + bytes / BYTES_PER_SECOND);
	limit(RLIMIT_CORE, 0);
}

static _Noreturn void child(apart_work *work, int in, int out, bool careful)
{
	int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nothing < 0 || dup2(nothing, STDERR_FILENO) < 0)
		close(STDERR_FILENO);
	close(nothing);
	set_limits(in);
	if (apart_shut)
		apart_shut();
	_exit(work(in, out, careful));
}

pid_t apart_begin(apart_work *work, int in, int out, bool careful)
{
	pid_t pid = fork();

	if (!pid)
		child(work, in, out, careful);
	return pid;
}

int apart_run(apart_work *work, int in, int out, bool careful)
{
	pid_t pid, ended;
	int how = 0;

	if (apart_elsewhere)
		return apart_elsewhere(in, out, careful);
	pid = apart_begin(work, in, out, careful);
	do
		ended = pid < 0 ? -1 : waitpid(pid, &how, 0);
	while (ended < 0 && pid > 0 && errno == EINTR);
	return ended < 0 ? -1 : how;
}
