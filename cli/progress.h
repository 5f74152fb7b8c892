/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line at a terminal while a long input is read, gone when it is over:
 *
 *   trace.mmu: 1.2 of 3.4 GB (35 %), 51.2 M events, 870 MB/s
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdio.h>

#include "formats/source.h"

struct progress {
	FILE *out;               /* a terminal; NULL: nothing is shown */
	long process;            /* who may write: workers keep quiet */
	const uint64_t *events;  /* made so far */
	double started;          /* seconds */
	double next;             /* when the line is due again */
	bool shown;
};

/* An input begins. */
void progress_begin(struct progress *progress, const uint64_t *events);
/* A block was read. */
void progress_step(struct progress *progress, const struct source *source);
/* Nothing stands on the terminal's line any more. */
void progress_end(struct progress *progress);

#endif
