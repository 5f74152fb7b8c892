/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads what xentrace(8) writes. Each CPU's records come in windows of its own,
 * in turns; the first pass finds the windows, the second reads all CPUs side by
 * side, the oldest record first:
 *
 *   file:    CPU 0, n bytes | records ... | CPU 1, m bytes | records ... | CPU 0, ...
 *   record:  u32: event 0-27, words 28-30, with TSC 31 | u64 TSC | words
 *
 * Of the entries of mmu_update Xen records their number alone; the one thing
 * told with its value is a direct store that was emulated (ptwr).
 *
 * Source: Xen xen/include/public/trace.h, xen/arch/x86/trace.c (later
 * xen/arch/x86/pv/trace.c), tools/xentrace/xentrace.c; 3.4 to 4.20. */
#include <stdio.h>

#include "formats/cursor.h"
#include "formats/input.h"
#include "formats/mmu_text.h"
#include "formats/xentrace.h"

#define EVENT_64 0x100u                 /* its words are 64-bit ones */
#define CLASS_MASK 0x0ffff000u

#define CPU_CHANGE 0x0001f003u
#define CPU_CHANGE_HEADER 0x2001f003u   /* two words, no TSC */
#define LOST_RECORDS 0x0001f001u
#define RUNSTATE_RUNNING 0x00021001u    /* bits 4-5: the new state; 0: running */
#define RUNSTATE_MASK 0x0fffffcfu       /* ... without the old state in 8-9 */
#define CONTINUE_RUNNING 0x00021002u
#define SCHED_SWITCH 0x0002800au        /* from domain, vcpu; to domain, vcpu */
#define SCHED_INFNEXT 0x0002800fu       /* domain, vcpu, times */
#define SCHED_INFCONT 0x00028011u

/* Paravirtual events: the number in the low byte, in one of two classes. */
#define PV_OLD 0x0020f000u              /* up to 4.2 */
#define PV_NEW 0x00201000u              /* from 4.3 on */
#define PV_SUBCALL 0x0020200eu
#define PV_HYPERCALL 1u
#define PV_PAGE_FAULT 4u
#define PV_PTWR 11u
#define PV_PTWR_PAE 12u
#define PV_HYPERCALL_V2 13u

#define CALL_MMU_UPDATE 1u
#define CALL_MULTICALL 13u
#define CALL_VA_MAPPING 14u
#define CALL_VA_MAPPING_OTHER 22u
#define CALL_MMUEXT_OP 26u
#define CALL_CONTINUED 0x80000000u      /* MMU_UPDATE_PREEMPTED: counted already */

const struct input_format input_xentrace;

/* --- the first pass: windows ----------------------------------------------- */

static enum likeness probe_xentrace(const unsigned char *bytes, size_t n)
{
	if (n < 12 || load_le(bytes, 4) != CPU_CHANGE_HEADER)
		return NOT_ALIKE;
	return SURELY;
}

/* Such a change of CPU can be: not just these four bytes in the middle of data. */
static bool is_cpu_change(const unsigned char *at)
{
	return load_le(at, 4) == CPU_CHANGE_HEADER && load_le(at + 4, 4) < XENTRACE_CPUS_MAX &&
	       !(load_le(at + 8, 4) % 4);
}

static void add_window(struct xentrace *trace, uint32_t id, uint64_t offset, uint64_t bytes)
{
	struct xentrace_window *window;
	struct xentrace_cpu *cpu = trace->by_id[id];

	if (!cpu) {
		cpu = trace->by_id[id] = ARENA_NEW(trace->reader->arena, struct xentrace_cpu);
		cpu->domain = DOMAIN_NONE;
		trace->cpus[trace->cpu_count++] = cpu;
	}
	if (trace->windows++ >= XENTRACE_WINDOWS_MAX) {
		trace->left_out += bytes;
		return;
	}
	window = ARENA_NEW(trace->reader->arena, struct xentrace_window);
	*window = (struct xentrace_window){ offset, bytes, NULL };
	if (cpu->last)
		cpu->last->next = window;
	else
		cpu->window = window;
	cpu->last = window;
}

static struct loc loc_at(const struct xentrace *trace, uint64_t offset, size_t length)
{
	return (struct loc){ .offset = offset, .length = (uint32_t)length,
			     .input = trace->reader->input->input };
}

/* No change of CPU where one must be: goes on to the next that can be. */
static void find_cpu_change(struct xentrace *trace, struct cursor *cursor)
{
	uint64_t start = cursor->offset;

	while (cursor_have(cursor, 12) && !is_cpu_change(cursor->at))
		cursor_skip(cursor, 4);
	if (!cursor_have(cursor, 12))
		cursor_skip(cursor, (uint64_t)(cursor->end - cursor->at));
	reader_diagnose(trace->reader, loc_at(trace, start, 4),
			"at byte %llu: no change of CPU where one must be; %llu bytes left out",
			(unsigned long long)start, (unsigned long long)(cursor->offset - start));
	trace->damaged = true;
}

static void find_windows(struct xentrace *trace, struct cursor *cursor)
{
	while (cursor_have(cursor, 1)) {
		uint64_t start = cursor->offset, bytes;
		uint32_t id;

		if (!cursor_have(cursor, 12) || !is_cpu_change(cursor->at)) {
			find_cpu_change(trace, cursor);
			continue;
		}
		id = (uint32_t)load_le(cursor->at + 4, 4);
		bytes = load_le(cursor->at + 8, 4);
		cursor_skip(cursor, 12);
		cursor_skip(cursor, bytes);
		if (cursor->short_read) {
			reader_diagnose(trace->reader, loc_at(trace, start, 12),
					"at byte %llu: %llu bytes of CPU %u should follow, %llu do: "
					"the trace is cut", (unsigned long long)start,
					(unsigned long long)bytes, id,
					(unsigned long long)(cursor->offset - start - 12));
			bytes = cursor->offset - start - 12;
			trace->cut = true;
		}
		if (bytes)
			add_window(trace, id, start + 12, bytes);
	}
	if (trace->left_out)
		reader_diagnose(trace->reader, LOC_NONE, "more than %u windows: %llu bytes left out",
				XENTRACE_WINDOWS_MAX, (unsigned long long)trace->left_out);
}

/* --- what records mean ----------------------------------------------------- */

#define NO_OP { .verdict = MMU_VERDICT_UNKNOWN, .foreign = DOMID_SELF_WORD, \
		.mfn = { MMU_NO_FRAME }, .pfn = { MMU_NO_FRAME } }

static void emit_op(struct xentrace *trace, const struct mmu_op *op, uint16_t domain,
		    const struct loc *at)
{
	/* Without a record of the scheduler nobody knows whose it is. */
	enum certainty certainty = domain == DOMAIN_NONE ? INFERRED : PROVED;

	if (UNLIKELY(!reader_queue_op(trace->reader, op, SPEAKER_XEN, domain, at)))
		reader_emit_op_slowly(trace->reader, op, SPEAKER_XEN, domain, certainty, at);
}

static void emit_loss(struct xentrace *trace)
{
	struct event event = { .kind = EV_MESSAGES_LOST, .certainty = PROVED, .speaker = SPEAKER_XEN,
			       .domain = trace->unseen_domain, .at = trace->unseen_at,
			       .u.lost.what = LOSS_EVENTS };

	trace->unseen_lost = false;
	reader_emit(trace->reader, &event);
}

/* Tells of operations whose entries no record has, before the next that has. */
static void tell_lost(struct xentrace *trace)
{
	struct mmu_op op = NO_OP;

	if (!trace->unseen)
		return;
	op.kind = MMU_OPS_LOST;
	op.flags = trace->unseen_count < UINT32_MAX ? (uint32_t)trace->unseen_count : UINT32_MAX;
	trace->unseen = false;
	trace->unseen_count = 0;
	emit_op(trace, &op, trace->unseen_domain, &trace->unseen_at);
	if (trace->unseen_lost)
		emit_loss(trace);
}

static void unseen(struct xentrace *trace, const struct xentrace_cpu *cpu, uint64_t count)
{
	if (trace->unseen_domain != cpu->domain)
		tell_lost(trace);
	if (!trace->unseen) {
		trace->unseen_domain = cpu->domain;
		trace->unseen_at = xentrace_loc(trace, cpu);
	}
	trace->unseen = true;
	trace->unseen_count += count;
}

/* False: it has too few words. */
static bool ptwr_op(const struct xentrace_cpu *cpu, bool wide, struct mmu_op *op)
{
	*op = (struct mmu_op)NO_OP;
	if (cpu->words < (wide ? 6u : 4u))
		return false;
	op->kind = MMU_PTWR;
	/* Recorded when it is done. Source: Xen xen/arch/x86/mm.c ptwr_emulated_update() (later
	 * pv/ro-page-fault.c), 4.1 to 4.20. */
	op->verdict = 0;
	op->has_ptr = true;
	op->val = load_le(cpu->word, 8);
	op->ptr = load_le(cpu->word + 8, wide ? 8 : 4);
	return true;
}

static void take_ptwr(struct xentrace *trace, const struct xentrace_cpu *cpu, bool wide)
{
	struct loc at = xentrace_loc(trace, cpu);
	struct mmu_op op;

	if (!ptwr_op(cpu, wide, &op)) {
		xentrace_short(trace, cpu, "ptwr_emulation");
		return;
	}
	tell_lost(trace);
	trace->seen.ptwr++;
	emit_op(trace, &op, cpu->domain, &at);
}

/* count: how many operations the call has; of a call whose record does not say,
 * HYPERCALL_UNCOUNTED. */
#define HYPERCALL_UNCOUNTED UINT32_MAX

static void take_call(struct xentrace *trace, const struct xentrace_cpu *cpu, uint32_t op,
		      uint32_t count)
{
	bool told = count != HYPERCALL_UNCOUNTED, continued = told && count & CALL_CONTINUED;
	uint64_t operations = told && !continued ? count : 0;

	switch (op) {
	case CALL_MMU_UPDATE:
		trace->seen.mmu_updates++;
		trace->seen.updates += operations;
		break;
	case CALL_MMUEXT_OP:
		trace->seen.mmuext_ops++;
		trace->seen.extended += operations;
		break;
	case CALL_VA_MAPPING:
	case CALL_VA_MAPPING_OTHER:
		trace->seen.va_mappings++;
		operations = 1;
		break;
	case CALL_MULTICALL:
		trace->seen.multicalls++;
		return;
	default:
		return;
	}
	if (!continued)
		unseen(trace, cpu, operations);
}

/* The second form (4.3 on): bits 0-19 of the first word are the call, 20-31 say
 * which of six arguments follow and how wide each is. */
static void take_call_v2(struct xentrace *trace, const struct xentrace_cpu *cpu)
{
	uint32_t first = cpu->words ? (uint32_t)load_le(cpu->word, 4) : 0;
	uint32_t op = first & 0xfffff, count = HYPERCALL_UNCOUNTED;
	unsigned at = 1;

	if (!cpu->words) {
		xentrace_short(trace, cpu, "hypercall");
		return;
	}
	for (uint32_t arg = 0, widths = first >> 20; widths; arg++, widths >>= 2) {
		unsigned width = widths & 3;

		if (!width)
			continue;
		if (at + width > cpu->words || width > 2) {
			xentrace_short(trace, cpu, "hypercall");
			return;
		}
		if (arg == 1)
			count = (uint32_t)load_le(cpu->word + 4 * at, 4);
		at += width;
	}
	take_call(trace, cpu, op, count);
}

static void take_pv(struct xentrace *trace, const struct xentrace_cpu *cpu, uint32_t event)
{
	bool wide = event & EVENT_64;

	switch (event & 0xff) {
	case PV_HYPERCALL:
		/* eip and eax; the first wide one has 3 words. */
		if (cpu->words < (wide ? 3u : 2u))
			xentrace_short(trace, cpu, "hypercall");
		else
			take_call(trace, cpu, (uint32_t)load_le(cpu->word + (wide ? 8 : 4), 4),
				  HYPERCALL_UNCOUNTED);
		break;
	case PV_HYPERCALL_V2:
		take_call_v2(trace, cpu);
		break;
	case PV_PAGE_FAULT:
		trace->seen.page_faults++;
		break;
	case PV_PTWR:
		take_ptwr(trace, cpu, true);
		break;
	case PV_PTWR_PAE:
		take_ptwr(trace, cpu, false);
		break;
	}
}

/* Who runs on this CPU from here on. */
static void take_domain(struct xentrace_cpu *cpu, unsigned word, unsigned shift)
{
	if (cpu->words > word)
		cpu->domain = (uint16_t)(load_le(cpu->word + 4 * word, 4) >> shift);
}

static void take_lost(struct xentrace *trace, const struct xentrace_cpu *cpu)
{
	uint32_t count = cpu->words ? (uint32_t)load_le(cpu->word, 4) : 0;

	reader_diagnose(trace->reader, xentrace_loc(trace, cpu),
			"at byte %llu: Xen lost %u records here (a larger buffer: xentrace -S)",
			(unsigned long long)xentrace_loc(trace, cpu).offset, count);
	trace->seen.lost += count;
	tell_lost(trace);
	unseen(trace, cpu, 0);
	trace->unseen_lost = true;
}

static void take_record(struct xentrace *trace, struct xentrace_cpu *cpu)
{
	uint32_t event = cpu->event;

	if ((event & CLASS_MASK & ~EVENT_64) == PV_NEW || (event & CLASS_MASK) == PV_OLD) {
		take_pv(trace, cpu, event);
		return;
	}
	if (event == PV_SUBCALL)
		take_call_v2(trace, cpu);
	else if (event == LOST_RECORDS)
		take_lost(trace, cpu);
	else if (event == SCHED_SWITCH)
		take_domain(cpu, 2, 0);
	else if (event == SCHED_INFNEXT || event == SCHED_INFCONT)
		take_domain(cpu, 0, 0);
	else if (event == CONTINUE_RUNNING ||
		 ((event & RUNSTATE_MASK & ~0x300u) == RUNSTATE_RUNNING && !(event & 0x30)))
		take_domain(cpu, 0, 16);
}

/* --- in words ---------------------------------------------------------------- */

static const char *call_name(uint32_t op)
{
	switch (op) {
	case CALL_MMU_UPDATE: return "mmu_update";
	case CALL_MULTICALL: return "multicall";
	case CALL_VA_MAPPING: return "update_va_mapping";
	case CALL_VA_MAPPING_OTHER: return "update_va_mapping_otherdomain";
	case CALL_MMUEXT_OP: return "mmuext_op";
	default: return "hypercall";
	}
}

static int call_words(const struct xentrace_cpu *cpu, char *into, size_t room)
{
	bool second = (cpu->event & 0xff) != PV_HYPERCALL, wide = cpu->event & EVENT_64;
	uint32_t first = cpu->words ? (uint32_t)load_le(cpu->word, 4) : 0, op = first & 0xfffff;

	if (!second)
		op = cpu->words > (wide ? 2 : 1) ? (uint32_t)load_le(cpu->word + (wide ? 8 : 4), 4) : 0;
	return snprintf(into, room, "%s: what it asks for is not in the trace", call_name(op));
}

/* A record alone: nobody knows who ran then. */
static size_t words_xentrace(const unsigned char *record, size_t bytes, char *into, size_t room)
{
	uint32_t header = bytes >= 4 ? (uint32_t)load_le(record, 4) : 0;
	struct xentrace_cpu cpu = { .event = header & 0x0fffffff, .words = header >> 28 & 7,
				    .domain = DOMAIN_NONE };
	size_t at = 4 + 8 * (size_t)(header >> 31);
	bool wide = cpu.event & EVENT_64;
	struct mmu_op op;
	int length;

	if (at + 4 * (size_t)cpu.words > bytes || !header)
		return 0;
	cpu.word = record + at;
	if (cpu.event == LOST_RECORDS)
		length = snprintf(into, room, "Xen lost %u records here",
				  cpu.words ? (uint32_t)load_le(cpu.word, 4) : 0);
	else if ((cpu.event & 0xff) != PV_PTWR && (cpu.event & 0xff) != PV_PTWR_PAE)
		length = call_words(&cpu, into, room);
	else if (ptwr_op(&cpu, wide, &op))
		length = mmu_text(&op, into, room);
	else
		return 0;
	return length < 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1;
}

/* --- the whole ------------------------------------------------------------- */

static void tell_all(struct xentrace *trace)
{
	const struct xentrace_seen *seen = &trace->seen;

	reader_diagnose(trace->reader, LOC_NONE,
			"xentrace: %llu emulated stores with their values; without entries, which Xen "
			"does not record: %llu calls of mmu_update (%llu updates), %llu of mmuext_op "
			"(%llu operations), %llu of update_va_mapping; %llu multicalls, %llu page "
			"faults, %llu records lost",
			(unsigned long long)seen->ptwr, (unsigned long long)seen->mmu_updates,
			(unsigned long long)seen->updates, (unsigned long long)seen->mmuext_ops,
			(unsigned long long)seen->extended, (unsigned long long)seen->va_mappings,
			(unsigned long long)seen->multicalls, (unsigned long long)seen->page_faults,
			(unsigned long long)seen->lost);
}

static enum status read_xentrace(struct reader *reader, struct source *source, size_t first,
				 const char **trouble)
{
	struct xentrace *trace = ARENA_NEW(reader->arena, struct xentrace);
	struct xentrace_cpu *cpu;
	struct cursor cursor;

	trace->reader = reader;
	trace->source = source;
	cursor_init(&cursor, source, first, trouble);
	reader->input->format = input_xentrace.name;
	find_windows(trace, &cursor);
	reader->input->bytes = cursor.offset;
	while (reader->status == ST_OK && (cpu = xentrace_next(trace)))
		take_record(trace, cpu);
	tell_lost(trace);
	tell_all(trace);
	reader->input->lines_used = reader->emitted;
	return cursor.status == ST_OK ? reader->status : cursor.status;
}

const struct input_format input_xentrace = {
	.name = "xentrace",
	.title = "binary trace of Xen: emulated stores, counts of operations",
	.probe = probe_xentrace,
	.read = read_xentrace,
	.words = words_xentrace,
};
