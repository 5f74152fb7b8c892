/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A trace.dat as text, by libtracecmd: a line for each record, in the order and
 * form of `trace-cmd report -R`. The fields of page-table events are read raw,
 * never from the library's own text, which cannot print them; other events have
 * no more than their name. */
#ifndef FORMATS_MODULES_TRACECMD_H
#define FORMATS_MODULES_TRACECMD_H

#include <stdio.h>

enum tracecmd_outcome {
	TRACECMD_DONE,
	TRACECMD_NO_TRACE,     /* cannot be opened: damaged, or of an unknown version */
	TRACECMD_NO_WRITE,
	TRACECMD_NO_MODULE,    /* by who calls it */
};

struct tracecmd_module {
	/* Takes fd, whose place is at the trace's start, and closes it. */
	enum tracecmd_outcome (*decode)(int fd, FILE *out);
};

#endif
