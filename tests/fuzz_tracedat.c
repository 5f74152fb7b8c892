/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * trace.dat, decoded in this process. libtracecmd and libtraceevent die of some files, and
 * are not built for fuzzing: pgtcheck runs them in a process apart (formats/apart.h),
 * which may. Here a signal in their code, or in the C library on their behalf, ends the
 * decoding as that process' death does, and the text so far is judged; one in ours is
 * found. What a library has overwritten or never gave back stays so: libFuzzer does the
 * work in processes that it renews (-fork=1), and what it keeps of these counts only
 * when it is found again by the file alone:
 *
 *   build-fuzz/fuzz/tracedat build-fuzz/found/tracedat-crash-... */
#include "tests/fuzz.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/input.h"

/* Above all that are open. */
#define HIGH 100

static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL };
static struct sigaction before[ARRAY_LEN(deadly)];
static sigjmp_buf dead;

/* Interceptors of the sanitizer's that those libraries have called say nothing. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0:allocator_may_return_null=1:handle_segv=0:handle_sigbus=0:"
	       "handle_sigfpe=0:handle_abort=0:handle_sigill=0:max_allocation_size_mb=128";
}

const char *__asan_default_suppressions(void);
const char *__asan_default_suppressions(void)
{
	return "interceptor_via_lib:libtracecmd\ninterceptor_via_lib:libtraceevent\n";
}

enum whose { OURS, THEIRS, NOBODYS };

/* The sanitizer's own functions, which are part of this program, are named; ours are not. */
static enum whose owner_of(const void *code)
{
	Dl_info about, here;

	if (!dladdr(code, &about) || !dladdr((const void *)owner_of, &here))
		return NOBODYS;
	if (about.dli_fbase == here.dli_fbase)
		return about.dli_sname ? NOBODYS : OURS;
	return strstr(about.dli_fname, "/libtrace") ? THEIRS : NOBODYS;
}

/* The innermost of both decides. */
static bool is_ours(void)
{
	void *calls[64];
	int count = backtrace(calls, ARRAY_LEN(calls));

	/* This one and the handler are ours in any case. */
	for (int i = 2; i < count; i++)
		if (owner_of(calls[i]) != NOBODYS)
			return owner_of(calls[i]) == OURS;
	return false;
}

static void on_death(int signal)
{
	if (!is_ours())
		siglongjmp(dead, signal);
	/* Again, and this time it is told. */
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
		sigaction(deadly[i], &before[i], NULL);
}

static void watch(bool on)
{
	struct sigaction action = { .sa_handler = on_death, .sa_flags = SA_NODEFER };

	for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
		sigaction(deadly[i], on ? &action : &before[i], on ? &before[i] : NULL);
}

/* As waitpid() tells it. The library closes what it was given, or not, or standard input. */
static int decode_here(int in, int out, bool careful)
{
	const struct input_format *format = input_find(TEXT("trace.dat"));
	int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, HIGH), from = dup(in), to = dup(out), how;

	watch(true);
	how = sigsetjmp(dead, 1);
	if (!how)
		how = W_EXITCODE(format->apart(from, to, careful), 0);
	watch(false);
	close(from);
	close(to);
	dup2(input, STDIN_FILENO);
	close(input);
	return how;
}

const struct fuzz_target fuzz_target = {
	.options = { "--type=trace.dat", "-v" },
	.apart = decode_here,
};
