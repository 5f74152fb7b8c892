/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a parser that a stranger's bytes have taken over may try. */
#ifndef TESTS_ATTEMPTS_H
#define TESTS_ATTEMPTS_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/sandbox.h"

static char folder[256];
static char victim[300], other[300];
static int held = -1;          /* open before: one that may be used */
static int listener = -1;
static struct sockaddr_in address;

/* --- attempts: true, it was done -------------------------------------------------- */

static bool reads_a_file(void) { return open("/etc/passwd", O_RDONLY) >= 0; }
static bool lists_a_folder(void) { return open("/", O_RDONLY | O_DIRECTORY) >= 0; }
static bool reads_by_its_descriptor(void)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", held);
	return open(name, O_RDONLY) >= 0;
}
static bool makes_a_file(void) { return open(other, O_WRONLY | O_CREAT, 0600) >= 0; }
static bool overwrites_a_file(void) { return open(victim, O_WRONLY | O_TRUNC) >= 0; }
static bool truncates_a_file(void) { return !truncate(victim, 0); }
static bool removes_a_file(void) { return !unlink(victim); }
static bool renames_a_file(void) { return !rename(victim, other); }
static bool links_a_file(void) { return !symlink("/etc/passwd", other); }
static bool makes_a_folder(void) { return !mkdir(other, 0700); }
static bool makes_a_socket(void) { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }
static bool connects(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address));
}
static bool asks_a_name_server(void) { return socket(AF_INET, SOCK_DGRAM, 0) >= 0; }
static bool forks(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return child > 0;
}
static bool forks_fast(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (!child)
		_exit(0);
	return child > 0;
}
static bool executes(void)
{
	char *const words[] = { (char *)"true", NULL };

	execve("/bin/true", words, NULL);
	return false;
}
/* Of what it holds open: no path is looked up. */
static bool executes_a_descriptor(void)
{
	char *const words[] = { (char *)"true", NULL };

	return !syscall(SYS_execveat, held, "", words, NULL, AT_EMPTY_PATH);
}
static bool kills(void) { return !kill(getppid(), 0); }
static bool traces(void) { return !ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); }
static bool runs_what_it_wrote(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0) != MAP_FAILED;
}
static bool turns_memory_into_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED && !mprotect(page, 4096, PROT_READ | PROT_EXEC);
}
static bool types_into_a_terminal(void)
{
	int fd = STDIN_FILENO;
	char byte = 'x';

	/* Refused before the kernel asks whether it is a terminal. */
	return ioctl(fd, 0x5412 /* TIOCSTI */, &byte) == 0 || errno == ENOTTY;
}

static const struct attempt {
	const char *what;
	bool (*succeeds)(void);
	unsigned refused_by;   /* any of these parts */
	bool harmless;         /* also where nothing refuses it */
} attempts[] = {
#define FILES_AND_CALLS (SANDBOX_FILES | SANDBOX_CALLS)
	{ "reads a file", reads_a_file, FILES_AND_CALLS, true },
	{ "lists a folder", lists_a_folder, FILES_AND_CALLS, true },
	{ "reads by its descriptor", reads_by_its_descriptor, FILES_AND_CALLS, true },
	{ "makes a file", makes_a_file, FILES_AND_CALLS, true },
	{ "overwrites a file", overwrites_a_file, FILES_AND_CALLS, true },
	{ "truncates a file", truncates_a_file, SANDBOX_CALLS, false },   /* Landlock: from 6.2 on */
	{ "removes a file", removes_a_file, FILES_AND_CALLS, false },
	{ "renames a file", renames_a_file, FILES_AND_CALLS, false },
	{ "links a file", links_a_file, FILES_AND_CALLS, false },
	{ "makes a folder", makes_a_folder, FILES_AND_CALLS, false },
	{ "makes a socket", makes_a_socket, SANDBOX_CALLS, true },
	{ "connects", connects, SANDBOX_CALLS, true },                   /* Landlock: from 6.7 on */
	{ "asks a name server", asks_a_name_server, SANDBOX_CALLS, false },
	{ "forks", forks, SANDBOX_CALLS, true },
	{ "forks fast", forks_fast, SANDBOX_CALLS, true },
	{ "executes", executes, FILES_AND_CALLS, false },
	{ "executes a descriptor", executes_a_descriptor, SANDBOX_CALLS, false },
	{ "kills", kills, SANDBOX_CALLS, true },
	{ "traces", traces, SANDBOX_CALLS, false },
	{ "runs what it wrote", runs_what_it_wrote, SANDBOX_CALLS, true },
	{ "turns memory into code", turns_memory_into_code, SANDBOX_CALLS, true },
	{ "types into a terminal", types_into_a_terminal, SANDBOX_CALLS, false },
};

/* Before the doors are shut. False: it cannot be tried here. */
static bool attempts_prepare(const char *in)
{
	socklen_t length = sizeof(address);
	int fd;

	snprintf(folder, sizeof(folder), "%s/pgtcheck-sandbox-XXXXXX", in);
	if (!mkdtemp(folder))
		return false;
	snprintf(victim, sizeof(victim), "%s/victim", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	fd = open(victim, O_WRONLY | O_CREAT, 0600);
	close(fd);
	held = open("/bin/true", O_RDONLY | O_CLOEXEC);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address = (struct sockaddr_in){ .sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return fd >= 0 && held >= 0 && listener >= 0 &&
	       !bind(listener, (struct sockaddr *)&address, sizeof(address)) &&
	       !listen(listener, 4) &&
	       !getsockname(listener, (struct sockaddr *)&address, &length);
}

#endif
