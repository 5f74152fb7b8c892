/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/held.h"

#include "cli/run.h"
#include "formats/clock.h"
#include "formats/in_text.h"

/* Lines that tell a fact: the richest real log has 3,000. */
#define HELD_BYTES_MAX (64u << 20)
/* What a reader of lines may look at behind them. */
#define SLACK 64u
/* Stamps of one boot go back by less: CPUs take turns. */
#define BACK_MICROSECONDS 1000000u

struct held_line {
	struct text text;
	struct loc at;
	uint64_t time;
	struct held_line *next;
};

/* --- their time has come ----------------------------------------------------- */

static enum status judge_facts(void *context, const struct event *event)
{
	struct run *run = context;

	return event->kind == EV_MMU_OP ? ST_OK : run->held.emit(run, event);
}

static enum status judge_line(struct run *run, struct text text, struct loc at)
{
	struct held *held = &run->held;

	held->reader.input = &held->remarks;
	in_text_line(&held->reader, &held->xen_seen, text, at);
	if (held->keep_line)
		held->keep_line(run, text, at);
	return held->reader.status;
}

enum status held_until(struct run *run, uint64_t time)
{
	struct held *held = &run->held;
	enum status status = ST_OK;

	while (status == ST_OK && held->first && held->first->time <= time) {
		const struct held_line *line = held->first;

		held->first = line->next;
		status = judge_line(run, line->text, line->at);
	}
	if (!held->first)
		held->last = &held->first;
	return status;
}

/* --- waiting ------------------------------------------------------------------- */

/* What came before belongs to an earlier boot, and the trace to the last. */
static void clock_restarts(struct held *held)
{
	for (struct held_line *line = held->first; line; line = line->next)
		line->time = 0;
	held->clock = 0;
}

static void take_stamp(struct held *held, struct text line)
{
	uint64_t time;

	if (text_contains(line, TEXT("Linux version ")))
		clock_restarts(held);
	if (!clock_of(line, &time))
		return;
	held->log_timed |= time != 0;
	if (time + BACK_MICROSECONDS < held->clock)
		clock_restarts(held);
	if (time > held->clock)
		held->clock = time;
}

/* From here on the log is judged as it is read. */
static enum status give_up(struct run *run, const char *why)
{
	struct held *held = &run->held;

	held->on = false;
	held->why_not = why;
	run->reader.open_queue = held->open_queue;
	run->reader.keep_line = held->keep_line;
	return held_until(run, HELD_ALL);
}

/* The reader's keep_line. */
static void hold_line(void *context, struct text text, struct loc at)
{
	struct run *run = context;
	struct held *held = &run->held;
	struct held_line *line = ARENA_NEW(&run->arena, struct held_line);
	char *bytes = arena_alloc(&run->arena, text.length + SLACK);
	enum status status;

	take_stamp(held, text);
	memcpy(bytes, text.at, text.length);
	memset(bytes + text.length, 0, SLACK);
	*line = (struct held_line){ { bytes, text.length }, at, held->clock, NULL };
	*held->last = line;
	held->last = &line->next;
	held->bytes += text.length;
	if (held->bytes <= HELD_BYTES_MAX)
		return;
	status = give_up(run, "the log is too long");
	if (run->reader.status == ST_OK)
		run->reader.status = status;
}

static bool same_line(struct loc a, struct loc b)
{
	return a.line == b.line && a.offset == b.offset;
}

/* An operation in the log: the facts of its own line are not held yet. */
static enum status take_own_op(struct run *run, const struct event *event)
{
	struct held *held = &run->held;
	enum status status = give_up(run, "the log tells operations itself");

	if (status != ST_OK || !run->reader.raw.at || !event->at.line)
		return status;
	held->told = event->at;
	return judge_line(run, run->reader.raw, event->at);
}

/* The reader's emit. */
static enum status hold_event(void *context, const struct event *event)
{
	struct run *run = context;
	struct held *held = &run->held;
	enum status status = ST_OK;

	if (held->on && event->kind == EV_MMU_OP)
		status = take_own_op(run, event);
	else if (held->on && (!event->at.line || event->kind == EV_TABLE_AUDITED ||
			      event->kind == EV_DUMP_WALKED))
		status = give_up(run, "the log is no text");
	if (status != ST_OK)
		return status;
	if (event->kind != EV_MMU_OP && (held->on || (event->at.line && same_line(held->told, event->at))))
		return ST_OK;   /* with its line */
	return held->emit(run, event);
}

void held_begin(struct run *run)
{
	struct held *held = &run->held;

	*held = (struct held){ .on = true, .emit = run->reader.emit, .open_queue = run->reader.open_queue,
			       .keep_line = run->reader.keep_line, .reader = run->reader };
	held->last = &held->first;
	held->reader.emit = judge_facts;
	held->reader.open_queue = NULL;
	held->reader.keep_line = NULL;
	run->reader.emit = hold_event;
	run->reader.open_queue = NULL;
	run->reader.keep_line = hold_line;
	if (run->options->trace_count > 1)
		held->why_not = "there are several traces";
}

/* --- beside the trace ------------------------------------------------------------ */

static void tell_guests(struct run *run, bool in_order)
{
	for (uint32_t i = 0; i < run->guest_count; i++)
		run->guests[i]->judge.replay.in_order = in_order;
}

enum status held_before_op(struct run *run)
{
	struct held *held = &run->held;
	uint64_t time = HELD_ALL;
	enum status status;

	if (LIKELY(!held->first))
		return ST_OK;
	held->on = false;
	if (!held->why_not && held->log_timed && run->reader.raw.at &&
	    clock_of(run->reader.raw, &time))
		held->trace_timed = true;
	else if (!held->why_not)
		held->why_not = held->log_timed ? "its operations have no time stamps"
						: "the lines of the log have no time stamps";
	status = held_until(run, held->why_not ? HELD_ALL : time);
	tell_guests(run, held_in_order(held));
	return status;
}

const char *held_order(const struct held *held)
{
	return held->why_not ? held->why_not : held_in_order(held) ? NULL :
	       "the log tells nothing of page tables";
}
