/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What parses a stranger's bytes can do nothing else:
 *
 *     open input, spools, reports          a compromised parser can only
 *     load modules                         use what it holds
 *               |                                     |
 *    -----------+--- sandbox_enter() -----------------+-------------------
 *               v                                     v
 *     read() ... parse ... judge ... write()    open  -> refused, Landlock
 *                                               exec, fork, connect, kill,
 *                                               mmap to run -> refused, seccomp
 *                                               memory, time -> bounded
 *
 * Landlock holds for files (Linux 5.13 and later; for TCP from 6.7 on), seccomp for
 * system calls (where libseccomp was there when pgtcheck was built). Descriptors that
 * the program was started with are closed but for the standard ones. */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sandbox {
	const char *readable;   /* a file or folder whose files may still be opened to be
	                         * read; or NULL */
	bool asks;              /* descriptors may be sent to a process that it knows already */
	/* Changes as long as the work gets on; CPU time is bounded by it. Not NULL. */
	const volatile uint64_t *progress;
};

#define SANDBOX_FILES 0x1u   /* Landlock */
#define SANDBOX_CALLS 0x2u   /* seccomp */
#define SANDBOX_LIMITS 0x4u  /* of memory and CPU time; a loop ends with status 3 */
#define SANDBOX_ALL 0x7u

/* So many files a process of ours has open at a time, unless it has called
 * sandbox_close_others(): up to 16 traces, 18 reports, and a few more. */
#define SANDBOX_OURS_MAX 64u

/* For the rest of the process, which has one thread so far. Returns those of
 * `parts` that hold now; a kernel without one carries on. */
unsigned sandbox_enter(const struct sandbox *sandbox, unsigned parts);

/* Closes all descriptors above standard error but these: afterwards none is inherited. */
void sandbox_close_others(const int *keep, size_t count);

/* What does not hold, in one sentence, when sandbox_enter(..., SANDBOX_ALL) has
 * returned `parts`; NULL: nothing is missing. */
const char *sandbox_missing(unsigned parts);

/* Is this a build that the sandbox would break: a sanitizer's, which opens files
 * and traces itself when it ends? */
bool sandbox_fits_build(void);

#endif
