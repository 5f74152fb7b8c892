/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Standard output for pipelines: every write() holds whole lines, however long
 * what was printed, so that a reader, a kill or another process that appends to
 * the same file never sees half a record. */
#ifndef CLI_OUTLET_H
#define CLI_OUTLET_H

#include <stdio.h>

struct outlet {
	int fd;
	char *held;            /* the beginning of a line; owned */
	size_t used, room;
};

/* A stream that writes to `fd`; fclose() writes the rest and leaves `fd` open.
 * NULL: out of memory. The outlet must outlive the stream. */
FILE *outlet_open(struct outlet *outlet, int fd);

#endif
