/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/passing.h"
#include "cli/sandbox.h"
#include "core/status.h"
#include "formats/module.h"
#include "formats/source.h"

static int to_starter = -1;

/* --- in the starter ------------------------------------------------------------ */

static int to_parser;
static pid_t starter, parser;
static const char *module;   /* that the work needs */

/* In its child, which has what the parser gave and nothing else. */
static void shut(void)
{
	const struct sandbox sandbox = { .progress = &source_progress };

	const char *trouble;

	end_with(starter);
	prctl(PR_SET_NAME, "pgtcheck-apart");
	(void)module_load(module, &trouble);   /* the work says so */
	close(to_parser);
	(void)sandbox_enter(&sandbox, SANDBOX_ALL);
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void on_child(int signal) { (void)signal; }

/* SIGCHLD is blocked but where this waits: either may end first. No signal tells the child
 * of the parser's death. */
static int wait_for(pid_t child)
{
	struct pollfd gone = { .fd = to_parser };
	sigset_t none;
	int how = -1;

	sigemptyset(&none);
	while (child > 0 && !waitpid(child, &how, WNOHANG))
		if (ppoll(&gone, 1, NULL, &none) > 0)
			kill(child, SIGKILL);
	return how;
}

static bool serve(apart_work *work)
{
	unsigned char careful;
	int fds[2], how = -1;

	if (!get_bytes(to_parser, &careful, 1) || !get_descriptors(to_parser, fds, 2))
		return false;
	if (fds[0] >= 0 && fds[1] >= 0)
		how = wait_for(apart_begin(work, fds[0], fds[1], careful));
	close_all(fds, 2);
	return put_bytes(to_parser, &how, sizeof(how));
}

/* As the parser did. */
static _Noreturn void end(void)
{
	const struct rlimit no_core = { 0, 0 };
	int how = 0;

	while (waitpid(parser, &how, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(how)) {
		setrlimit(RLIMIT_CORE, &no_core);
		signal(WTERMSIG(how), SIG_DFL);
		kill(getpid(), WTERMSIG(how));
	}
	_exit(WIFEXITED(how) ? WEXITSTATUS(how) : EXIT_TROUBLE);
}

static _Noreturn void start_all(const struct input_format *format)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t children;

	for (int fd = STDIN_FILENO; nothing >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(nothing, fd);
	sandbox_close_others(&to_parser, 1);
	prctl(PR_SET_NAME, "pgtcheck-starts");
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	signal(SIGPIPE, SIG_IGN);   /* the parser may be gone */
	signal(SIGCHLD, on_child);
	apart_shut = shut;
	module = format->module;
	while (serve(format->apart))
		;
	end();
}

/* --- in the parser ------------------------------------------------------------- */

static int ask(int in, int out, bool careful)
{
	const int fds[] = { in, out };
	unsigned char byte = careful;
	int how;

	if (put_bytes(to_starter, &byte, 1) && put_descriptors(to_starter, fds, 2) &&
	    get_bytes(to_starter, &how, sizeof(how)))
		return how;
	return -1;
}

void starter_start(const struct input_format *format)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		apart_elsewhere = ask;
		return;
	}
	fflush(NULL);
	starter = getpid();
	parser = fork();
	if (parser > 0) {
		to_parser = ends[0];
		start_all(format);
	}
	if (!parser)
		end_with(starter);
	close(ends[0]);
	to_starter = ends[1];
	apart_elsewhere = ask;
}
