/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Work of a library that trusts its input, in a process of its own: what a damaged file
 * makes of it ends there, and takes no more memory, time and space than allowed.
 *
 * What parses a stranger's bytes may start no process (cli/sandbox.h). Then another does,
 * which was forked before and parses nothing (cli/starter.h). */
#ifndef FORMATS_APART_H
#define FORMATS_APART_H

#include <sys/types.h>

#include "core/base.h"

/* Reads `in`, a file, from its start, and writes `out`, an empty one; what it returns is
 * its exit status. careful: what is written shall be there although it dies. Its standard
 * error is nowhere. */
typedef int apart_work(int in, int out, bool careful);

/* Does it, and waits. How it ended, as waitpid() tells; -1: no process could be started. */
int apart_run(apart_work *work, int in, int out, bool careful);

/* Begins it; -1: no process could be started. */
pid_t apart_begin(apart_work *work, int in, int out, bool careful);

/* Does it instead; NULL: this process does. */
extern int (*apart_elsewhere)(int in, int out, bool careful);
/* Called in the new process before it begins: it shuts its doors. NULL: it has none. */
extern void (*apart_shut)(void);

#endif
