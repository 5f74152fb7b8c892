/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --trace: the log's lines wait until the trace is read, so that both are judged in the
 * order of their time stamps:
 *
 *    log    ..... [0.37] ..... [1.2] Freeing ..... [60.6] .....
 *                     \              \                  \
 *    trace             |  0.38: op .. |  60.65: op ..    |
 *
 * A line without a stamp goes with the one before it. Where one of the two has no
 * stamps, the log is judged first. */
#ifndef CLI_HELD_H
#define CLI_HELD_H

#include "formats/reader.h"

struct run;
struct held_line;

struct held {
	bool on;                       /* lines are waiting, or will */
	struct held_line *first, **last;
	size_t bytes;
	uint64_t clock;                /* of the last line; microseconds */
	bool log_timed, trace_timed;   /* they have stamps */
	const char *why_not;           /* they cannot be put in order; or NULL */
	struct loc told;               /* this line's facts were judged; or LOC_NONE */
	struct reader reader;          /* of the lines, when their time has come */
	struct input_report remarks;   /* that it makes: made before, too */
	bool xen_seen;
	/* The reader's own. */
	enum status (*emit)(void *context, const struct event *event);
	struct mmu_queue *(*open_queue)(void *context, const struct event *event);
	void (*keep_line)(void *context, struct text line, struct loc at);
};

/* Before the log is read: from here on its lines wait. */
void held_begin(struct run *run);
/* Judges the lines up to a time; HELD_ALL: all of them. */
#define HELD_ALL UINT64_MAX
MUST_USE enum status held_until(struct run *run, uint64_t time);
/* An operation of a trace comes: the lines before it are judged. */
MUST_USE enum status held_before_op(struct run *run);
/* The first trace is over: in what order they were judged, in one sentence. */
const char *held_order(const struct held *held);
static inline bool held_in_order(const struct held *held)
{
	return held->log_timed && held->trace_timed && !held->why_not;
}

#endif
