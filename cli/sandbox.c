/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/sandbox.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base.h"
#include "core/limits.h"
#include "core/status.h"

/* --- Landlock ---------------------------------------------------------------- */

/* Source: Linux include/uapi/linux/landlock.h, 5.13 (ABI 1) to 6.15 (ABI 7). The C
 * library has no wrappers, and its headers may be older than the kernel. */
#define SYS_LANDLOCK_CREATE_RULESET 444
#define SYS_LANDLOCK_ADD_RULE 445
#define SYS_LANDLOCK_RESTRICT_SELF 446
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define ACCESS_READ_FILE (1ull << 2)
#define ACCESS_READ_DIR (1ull << 3)

struct landlock_ruleset { uint64_t files, network, scoped; };
struct landlock_path { uint64_t allowed; int32_t fd; } __attribute__((packed));

/* Everything that the kernel's ABI can refuse. */
static struct landlock_ruleset everything(long abi)
{
	struct landlock_ruleset all = { .files = (1ull << 13) - 1 };

	if (abi >= 2)
		all.files |= 1ull << 13;   /* links and renames between folders */
	if (abi >= 3)
		all.files |= 1ull << 14;   /* truncation */
	if (abi >= 4)
		all.network = 3;           /* TCP: bind, connect */
	if (abi >= 5)
		all.files |= 1ull << 15;   /* ioctl of devices */
	if (abi >= 6)
		all.scoped = 3;            /* abstract sockets, signals */
	return all;
}

static bool allow_reading(int ruleset, const char *path)
{
	struct landlock_path rule = { .allowed = ACCESS_READ_FILE };
	struct stat about;
	bool good;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return false;
	if (!fstat(rule.fd, &about) && S_ISDIR(about.st_mode))
		rule.allowed |= ACCESS_READ_DIR;
	good = !syscall(SYS_LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0u);
	close(rule.fd);
	return good;
}

static bool close_files(const char *readable)
{
	long abi = syscall(SYS_LANDLOCK_CREATE_RULESET, NULL, (size_t)0, CREATE_RULESET_VERSION);
	struct landlock_ruleset all;
	long ruleset;
	bool good;

	if (abi < 1)
		return false;
	all = everything(abi);
	ruleset = syscall(SYS_LANDLOCK_CREATE_RULESET, &all, sizeof(all), 0u);
	if (ruleset < 0)
		return false;
	good = (!readable || allow_reading((int)ruleset, readable)) &&
	       !syscall(SYS_LANDLOCK_RESTRICT_SELF, (int)ruleset, 0u);
	close((int)ruleset);
	return good;
}

/* --- seccomp ----------------------------------------------------------------- */

#ifdef HAVE_LIBSECCOMP
#include "syscall_filter.h"

static bool close_calls(const struct sandbox *sandbox)
{
	int variant = (sandbox->readable ? FILTER_READS : 0) | (sandbox->asks ? FILTER_ASKS : 0);

	return !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0u, &filters[variant]);
}
#else
static bool close_calls(const struct sandbox *sandbox)
{
	(void)sandbox;
	return false;
}
#endif

#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

/* --- limits ------------------------------------------------------------------ */

static const volatile uint64_t *progress;
static uint64_t progress_then;

/* By syscall(), like all here: to find a function of the C library costs a run more
 * than to call it. */
static bool limit_get(int which, struct rlimit64 *limit)
{
	return !syscall(SYS_prlimit64, 0, which, NULL, limit);
}

static bool limit_set(int which, const struct rlimit64 *limit)
{
	return !syscall(SYS_prlimit64, 0, which, limit, NULL);
}

/* SANDBOX_STALL_SECONDS more than the process has used. */
static bool limit_cpu(struct rlimit64 limit, rlim64_t used_seconds)
{
	limit.rlim_cur = used_seconds + SANDBOX_STALL_SECONDS;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return limit_set(RLIMIT_CPU, &limit);
}

/* So much CPU time is over. Were bytes read meanwhile? Then there is more of it. */
static void on_cpu_limit(int signal)
{
	static const char message[] =
		"pgtcheck: no byte of the input was read in " TEXT_OF(SANDBOX_STALL_SECONDS)
		" s of CPU time: given up\n";

	struct rlimit64 limit;

	(void)signal;
	if (*progress == progress_then) {
		if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0) {
			/* Nobody listens; the exit status still tells. */
		}
		_exit(EXIT_TROUBLE);
	}
	progress_then = *progress;
	if (limit_get(RLIMIT_CPU, &limit))
		(void)limit_cpu(limit, limit.rlim_cur);
}

/* A limit of the user's stays as it is. What the process has used so far is not asked for:
 * it begins. */
static bool watch_cpu(const struct sandbox *sandbox)
{
	struct rlimit64 limit;

	if (!limit_get(RLIMIT_CPU, &limit))
		return false;
	if (limit.rlim_cur != RLIM64_INFINITY)
		return true;
	progress = sandbox->progress;
	progress_then = *progress;
	return signal(SIGXCPU, on_cpu_limit) != SIG_ERR && limit_cpu(limit, 0);
}

static bool limit_memory(void)
{
	struct rlimit64 limit;

	if (!limit_get(RLIMIT_AS, &limit))
		return false;
	if (limit.rlim_max > SANDBOX_MEMORY_BYTES)
		limit.rlim_max = SANDBOX_MEMORY_BYTES;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return limit_set(RLIMIT_AS, &limit);
}

/* --- descriptors --------------------------------------------------------------- */

/* Source: Linux include/uapi/asm-generic/unistd.h, 5.9. */
#define SYS_CLOSE_RANGE 436

/* Closes first, first + 1, ... last. */
static void close_all(unsigned first, unsigned last)
{
	struct rlimit64 limit;

	if (first > last || !syscall(SYS_CLOSE_RANGE, first, last, 0u))
		return;
	/* An older kernel. */
	if (limit_get(RLIMIT_NOFILE, &limit) && last >= limit.rlim_cur)
		last = (unsigned)limit.rlim_cur;
	for (; first <= last; first++)
		close((int)first);
}

#define FIRST (STDERR_FILENO + 1u)

/* Closes those of [first, first + SANDBOX_OURS_MAX) that came through exec: ours have
 * FD_CLOEXEC. Returns how many. */
static unsigned close_theirs(unsigned first)
{
	struct pollfd numbers[SANDBOX_OURS_MAX];
	unsigned closed = 0;
	bool polled;

	for (unsigned i = 0; i < SANDBOX_OURS_MAX; i++)
		numbers[i] = (struct pollfd){ .fd = (int)(first + i) };
	polled = poll(numbers, SANDBOX_OURS_MAX, 0) >= 0;
	for (unsigned i = 0; i < SANDBOX_OURS_MAX; i++) {
		if ((polled && numbers[i].revents & POLLNVAL) ||
		    syscall(SYS_fcntl, numbers[i].fd, F_GETFD))
			continue;   /* there is none, or it is ours */
		close(numbers[i].fd);
		closed++;
	}
	return closed;
}

/* A number that is ours was the lowest free one when we took it: of those below it fewer
 * than SANDBOX_OURS_MAX are free or ours. (To list /proc/self/fd takes ten times as
 * long as this.) */
static void close_inherited(void)
{
	unsigned first = FIRST, others = 0;

	while (others < SANDBOX_OURS_MAX) {
		others += SANDBOX_OURS_MAX - close_theirs(first);
		first += SANDBOX_OURS_MAX;
	}
	close_all(first, ~0u);
}

static bool nothing_inherited;

void sandbox_close_others(const int *keep, size_t count)
{
	unsigned first = FIRST;

	for (;;) {
		unsigned next = ~0u;

		for (size_t i = 0; i < count; i++)
			if (keep[i] >= (int)first && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		close_all(first, next - (next != ~0u));
		if (next == ~0u)
			break;
		first = next + 1;
	}
	nothing_inherited = true;
}

/* --- all ----------------------------------------------------------------------- */

unsigned sandbox_enter(const struct sandbox *sandbox, unsigned parts)
{
	unsigned hold = 0;

	if (!nothing_inherited)
		close_inherited();
	if ((parts & SANDBOX_LIMITS) && watch_cpu(sandbox) && limit_memory())
		hold |= SANDBOX_LIMITS;
	if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul))
		return hold;
	if ((parts & SANDBOX_FILES) && close_files(sandbox->readable))
		hold |= SANDBOX_FILES;
	if ((parts & SANDBOX_CALLS) && close_calls(sandbox))
		hold |= SANDBOX_CALLS;
	return hold;
}

const char *sandbox_missing(unsigned parts)
{
#ifdef HAVE_LIBSECCOMP
#define NO_CALLS "the kernel takes no filter of system calls (seccomp)"
#else
#define NO_CALLS "this build has no filter of system calls (libseccomp)"
#endif
#define NO_FILES "the kernel has no Landlock (Linux 5.13 and later)"

	switch (SANDBOX_ALL & ~parts) {
	case 0:
		return NULL;
	case SANDBOX_FILES:
		return NO_FILES;
	case SANDBOX_CALLS:
		return NO_CALLS;
	case SANDBOX_FILES | SANDBOX_CALLS:
		return NO_FILES "; " NO_CALLS;
	default:
		return "limits of memory and time cannot be set";
	}
}

bool sandbox_fits_build(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return false;
#else
	return true;
#endif
#else
	return true;
#endif
}
