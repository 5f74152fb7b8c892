/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A report holds one boot in two logs: what "xl dmesg" says, and dom0's dmesg. Each
 * alone proves less, and may name another cause; so they are held back until the
 * report is read, and then judged as one log, the hypervisor's lines first. */
#ifndef CLI_HALVES_H
#define CLI_HALVES_H

#include "cli/run.h"

/* A log that is held back. */
struct half {
	char *name;              /* in the archive; NULL: none. Owned */
	char *bytes;             /* owned */
	size_t length;
	uint32_t lines;
};

struct halves {
	struct half xen, kernel;
};

/* Is what run_judge() has just judged one of the two, the first of its kind? Then it
 * is taken, and is to be reported later. `name`: of the member, in the archive. */
bool halves_take(struct halves *halves, struct run *run, const char *name);

/* Bytes in memory as a stream: one half, or both, a line end between them. */
struct halves_stream {
	struct stream stream;
	const struct half *parts[2];   /* NULL: none */
	unsigned part;
	size_t at;
};
void halves_stream_init(struct halves_stream *stream, const struct half *first,
			const struct half *second);

void halves_free(struct halves *halves);

#endif
