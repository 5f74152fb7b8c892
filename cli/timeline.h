/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --timeline: the replay, line by line, and what each did to the pool. */
#ifndef CLI_TIMELINE_H
#define CLI_TIMELINE_H

#include <stdio.h>

#include "cli/timeline_mmu.h"

/* An input line is one entry, however many events it gave. */
struct timeline {
	FILE *out;
	uint32_t trace_input;     /* the loc.input of the trace that is read beside the log */
	const char *trace;        /* its name, by which its lines are told; NULL: there is none */
	bool open;                /* the entry's line is not ended yet */
	struct loc at;            /* of the open entry */
	const char *word;         /* with which its last event began */
	struct frame_wanted frame;   /* --frame: only what concerns it */
	struct mmu_seen seen;
};

/* The heading of a boot. */
void timeline_boot(struct timeline *timeline, const char *input, uint32_t boot, uint16_t domain);
/* One event after it was applied; a judge's `observe`. context: a timeline. */
void timeline_event(void *context, const struct replay *replay, const struct event *event);
/* The boot is over. */
void timeline_close(struct timeline *timeline, const struct replay *replay);
/* Ends the open entry; before anything else is printed. */
void timeline_end(struct timeline *timeline);

#endif
