/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/xentrace.h"

#include "formats/cursor.h"

struct loc xentrace_loc(const struct xentrace *trace, const struct xentrace_cpu *cpu)
{
	return (struct loc){
		.offset = cpu->window->offset + cpu->taken - (uint64_t)(cpu->end - cpu->at),
		.length = cpu->bytes,
		.input = trace->reader->input->input,
	};
}

void xentrace_short(struct xentrace *trace, const struct xentrace_cpu *cpu, const char *what)
{
	struct loc at = xentrace_loc(trace, cpu);

	reader_diagnose(trace->reader, at, "at byte %llu: a %s record of %u words is too short",
			(unsigned long long)at.offset, what, cpu->words);
}

/* Reads on until a whole record may stand at cpu->at. */
static void read_ahead(struct xentrace *trace, struct xentrace_cpu *cpu)
{
	size_t left = (size_t)(cpu->end - cpu->at), got;
	uint64_t more = cpu->window->bytes - cpu->taken;
	struct loc where = { .input = trace->reader->input->input };

	if (!cpu->ahead)
		cpu->ahead = arena_alloc(trace->reader->arena, XENTRACE_AHEAD_BYTES + 64);
	if (left)
		memmove(cpu->ahead, cpu->at, left);
	if (more > XENTRACE_AHEAD_BYTES - left)
		more = XENTRACE_AHEAD_BYTES - left;
	where.offset = cpu->window->offset + cpu->taken;
	where.length = (uint32_t)more;
	got = source_reread(trace->source, where, (char *)cpu->ahead + left, (size_t)more);
	if (got < more) {
		reader_diagnose(trace->reader, where, "at byte %llu: cannot be read again",
				(unsigned long long)where.offset);
		/* What is not there is not looked for again. */
		cpu->window->bytes = cpu->taken + got;
	}
	cpu->taken += got;
	cpu->at = cpu->ahead;
	cpu->end = cpu->ahead + left + got;
}

/* Leaves out what remains of the window. */
static void leave_window(struct xentrace *trace, struct xentrace_cpu *cpu, const char *why)
{
	struct loc at = xentrace_loc(trace, cpu);

	if (why) {
		at.length = 4;
		reader_diagnose(trace->reader, at, "at byte %llu: %s; %llu bytes of this CPU left out",
				(unsigned long long)at.offset, why,
				(unsigned long long)(cpu->window->offset + cpu->window->bytes -
						     at.offset));
		trace->damaged = true;
	}
	cpu->window = cpu->window->next;
	cpu->taken = 0;
	cpu->at = cpu->end = cpu->ahead;
}

static inline size_t record_size(uint32_t header)
{
	return 4 + 8 * (size_t)(header >> 31) + 4 * (size_t)(header >> 28 & 7);
}

/* Every event has a class, and TSC 0 was before the machine ran. */
static inline bool can_be(uint32_t header)
{
	return header & 0x0ffff000;
}

/* The record at cpu->at, whole. */
static inline void take_header(struct xentrace_cpu *cpu, uint32_t header)
{
	uint64_t tsc = load_le(cpu->at + 4, 8);

	cpu->event = header & 0x0fffffff;
	cpu->words = header >> 28 & 7;
	cpu->bytes = (uint32_t)record_size(header);
	cpu->word = cpu->at + cpu->bytes - 4 * cpu->words;
	if (header >> 31 && tsc > cpu->tsc)
		cpu->tsc = tsc;
}

/* next_record() of one that can be and stands right here; false: another is to be found. */
static inline bool next_here(struct xentrace_cpu *cpu)
{
	uint32_t header;

	if (UNLIKELY(cpu->end - cpu->at < (long)(cpu->bytes + XENTRACE_RECORD_BYTES_MAX)))
		return false;
	header = (uint32_t)load_le(cpu->at + cpu->bytes, 4);
	if (UNLIKELY(!can_be(header)))
		return false;
	cpu->at += cpu->bytes;
	take_header(cpu, header);
	return true;
}

/* Takes the header of the CPU's next record. False: it has no more. */
static bool next_record(struct xentrace *trace, struct xentrace_cpu *cpu)
{
	if (cpu->bytes)   /* there is no place yet before the first */
		cpu->at += cpu->bytes;
	cpu->bytes = 0;
	while (cpu->window) {
		size_t there = (size_t)(cpu->end - cpu->at);
		uint32_t header;

		if (there < XENTRACE_RECORD_BYTES_MAX && cpu->taken < cpu->window->bytes) {
			read_ahead(trace, cpu);
			continue;
		}
		if (!there) {
			leave_window(trace, cpu, NULL);
			continue;
		}
		header = there >= 4 ? (uint32_t)load_le(cpu->at, 4) : 0;
		if (record_size(header) <= there && can_be(header)) {
			take_header(cpu, header);
			return true;
		}
		leave_window(trace, cpu, record_size(header) > there ? "a record is cut"
			     : "there can be no such record");
	}
	return false;
}

/* The CPU with the oldest record, and how old the next one's is. Of records of
 * one time the CPU that came first in the file. */
static void choose(struct xentrace *trace)
{
	trace->now = NULL;
	trace->now_until = UINT64_MAX;
	for (uint32_t i = 0; i < trace->cpu_count; i++) {
		struct xentrace_cpu *cpu = trace->cpus[i];

		if (!trace->now || cpu->tsc < trace->now->tsc) {
			trace->now_until = trace->now ? trace->now->tsc : UINT64_MAX;
			trace->now = cpu;
		} else if (cpu->tsc < trace->now_until) {
			trace->now_until = cpu->tsc;
		}
	}
}

/* A CPU without more records; the others keep their order. */
static void drop(struct xentrace *trace, const struct xentrace_cpu *gone)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < trace->cpu_count; i++)
		if (trace->cpus[i] != gone)
			trace->cpus[kept++] = trace->cpus[i];
	trace->cpu_count = kept;
}

struct xentrace_cpu *xentrace_next(struct xentrace *trace)
{
	struct xentrace_cpu *cpu = trace->now;

	if (LIKELY(cpu && next_here(cpu))) {
		if (UNLIKELY(cpu->tsc > trace->now_until))
			choose(trace);
		return trace->now;
	}
	if (!trace->started) {
		uint32_t kept = 0;

		for (uint32_t i = 0; i < trace->cpu_count; i++)
			if (next_record(trace, trace->cpus[i]))
				trace->cpus[kept++] = trace->cpus[i];
		trace->cpu_count = kept;
		trace->started = true;
		choose(trace);
	} else if (!cpu) {
		return NULL;
	} else if (!next_record(trace, cpu)) {
		drop(trace, cpu);
		choose(trace);
	} else if (cpu->tsc > trace->now_until) {
		choose(trace);
	}
	return trace->now;
}
