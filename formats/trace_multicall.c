/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Multicalls: what they carry as tracepoints and kprobes tell it, and in which order
 * it reaches Xen. See trace_event.c for what is taken from whom. */
#include <stdio.h>

#include "formats/hex.h"
#include "formats/trace_inside.h"

/* --- what waits for its batch ---------------------------------------------- */

static void emit_queued(struct event_line *e, uint32_t i)
{
	struct trace_queued *queued = &e->reader->trace.queue[i];
	struct event event = reader_event(e->line, EV_MMU_OP);

	event.at = queued->at;
	event.u.mmu = queued->op;
	e->reader->trace.emitted++;
	reader_emit(e->reader, &event);
}

static bool is_mmuext(const struct mmu_op *op)
{
	return op->kind != MMU_UPDATE && op->kind != MMU_MACHPHYS;
}

/* The first `most` queued ones of this cpu (of one hypercall: of_mmuext 1 or 0, any:
 * -1), in order. */
static void drain(struct event_line *e, uint64_t most, int of_mmuext)
{
	struct trace_state *trace = &e->reader->trace;
	uint32_t kept = 0, i;

	for (i = 0; i < trace->queued; i++) {
		if (most && trace->queue[i].cpu == trace->cpu &&
		    (of_mmuext < 0 || is_mmuext(&trace->queue[i].op) == of_mmuext)) {
			emit_queued(e, i);
			most--;
		} else {
			trace->queue[kept++] = trace->queue[i];
		}
	}
	trace->queued = kept;
}

void trace_end_walk(struct trace_state *trace)
{
	trace->walk = WALK_NONE;
	trace->walk_op26 = trace->walk_root = false;
	trace->walk_va = trace->walk_mfn = 0;
}

void trace_begin_walk(struct trace_state *trace, int walk, uint64_t pfn)
{
	trace_end_walk(trace);
	trace->walk = walk;
	trace->walk_pfn = pfn;
	trace->walk_cpu = trace->cpu;
}

/* --- multicalls ------------------------------------------------------------ */

static void pin(struct event_line *e, enum mmu_op_kind kind, uint8_t level, uint64_t mfn,
		uint64_t pfn)
{
	struct mmu_op op = trace_op(kind);

	op.level = level;
	op.mfn = to_mfn(mfn);
	op.pfn = to_pfn(pfn);
	trace_emit(e->reader, e->line, &op, INFERRED);
}

/* An op 14 of a walk: it names the table that the op 26 beside it pins. */
static void walk_va_mapping(struct event_line *e, uint64_t va, uint64_t value, bool root)
{
	struct trace_state *trace = &e->reader->trace;
	uint64_t pfn;

	if (!trace_direct_map(va, &pfn) || !(value & PRESENT))
		return;
	trace_emit_p2m(e, pfn, FRAME_OF(value));
	/* The kernel's own root was unpinned first, the user's with it; an L1's
	 * unpin stands before its op 14. */
	if (trace->walk == WALK_UNPIN && pfn != trace->walk_pfn && (root || trace->walk_op26))
		pin(e, MMU_UNPIN, root ? 4 : 1, FRAME_OF(value), pfn);
	trace->walk_op26 = false;
	trace->walk_va = va;
	trace->walk_mfn = FRAME_OF(value);
	trace->walk_root = root;
}

static void walk_pin(struct event_line *e)
{
	struct trace_state *trace = &e->reader->trace;
	uint64_t pfn;

	switch (trace->walk) {
	case WALK_NONE:
		break;
	case WALK_ALLOC:
	case WALK_PIN:
		if (trace_direct_map(trace->walk_va, &pfn))
			pin(e, MMU_PIN, trace->walk_root ? 4 : 1, trace->walk_mfn, pfn);
		trace->walk_va = 0;
		break;
	case WALK_RELEASE:
		pin(e, MMU_UNPIN, 1, MMU_NO_FRAME, trace->walk_pfn);
		trace_end_walk(trace);
		break;
	case WALK_UNPIN:
		if (!trace->walk_op26 && !trace->walk_va)   /* the first: the root itself */
			pin(e, MMU_UNPIN, 4, MMU_NO_FRAME, trace->walk_pfn);
		else
			trace->walk_op26 = true;
		break;
	}
}

static void va_mapping(struct event_line *e, const uint64_t *args, bool foreign)
{
	struct mmu_op op = trace_op(MMU_VA_MAPPING);
	struct trace_state *trace = &e->reader->trace;

	if (trace->walk != WALK_NONE && trace->cpu == trace->walk_cpu && !trace->mmuext_seen)
		walk_va_mapping(e, args[0], args[1], args[2] & UVMF_TLB_FLUSH);
	op.has_ptr = true;
	op.ptr = args[0];
	op.val = args[1];
	op.flags = (uint32_t)args[2];
	if (foreign)
		op.foreign = (uint16_t)args[3];
	trace_emit(e->reader, e->line, &op, PROVED);
}

/* "ARRAY[00, d0, ...]": 48 bytes in memory's order, as trace-cmd prints six longs. */
static bool read_array(const struct event_line *e, uint64_t *args)
{
	const char *at = trace_find_field(e, TEXT("args"));
	uint64_t byte;

	if (!at || e->end - at < 6 || memcmp(at, "ARRAY[", 6))
		return false;
	at += 6;
	for (unsigned i = 0; i < 48; i++) {
		at = hex_take(at, e->end, &byte);
		if (!at || e->end - at < 1 || byte > 0xff || (*at != ',' && *at != ']'))
			return false;
		args[i / 8] |= byte << (i % 8 * 8);
		for (at++; at < e->end && *at == ' ';)
			at++;
	}
	return true;
}

/* "op 14(update_va_mapping) args [ffff888006e52000, 8000000126e52061, 0, 0, 0, 0]" */
static bool read_call(const struct event_line *e, uint64_t *op, uint64_t *args)
{
	const char *at = e->at, *end = e->end;

	if (e->fields)
		return trace_field(e, TEXT("op"), op) && read_array(e, args);
	if (end - at < 4 || memcmp(at, "op ", 3))
		return false;
	at = decimal_take(at + 3, end, op);
	if (at && *op != 1 && *op != 14 && *op != 22 && *op != 26)
		return true;
	at = at ? memchr(at, '[', (size_t)(end - at)) : NULL;
	for (unsigned i = 0; at && i < 6; i++) {
		at = hex_take(at + 1, end, &args[i]);
		if (!at || at == end || *at != (i < 5 ? ',' : ']'))
			return false;
		at++;
	}
	return at != NULL;
}

void trace_mc_entry(struct event_line *e)
{
	struct trace_state *trace = &e->reader->trace;
	uint64_t op = 0, args[6] = { 0 };

	if (!read_call(e, &op, args)) {
		trace_garbled(e);
		return;
	}
	if (op == 26) {
		if (trace->walk != WALK_NONE && trace->cpu == trace->walk_cpu &&
		    !trace->mmuext_seen)
			walk_pin(e);
		return;
	}
	if (op != 14 && op != 22)
		return;
	/* From here on, all is told as it is queued; so is what waits. */
	if (trace->va_from == VA_MCFLUSH)
		drain(e, UINT64_MAX, -1);
	trace->va_from = VA_MC_ENTRY;
	va_mapping(e, args, op == 22);
}

/* A walk is one batch, that may be flushed in between: what comes after it, or in
 * the next one, is no part of it. */
void trace_mc_issue(struct event_line *e)
{
	if (e->reader->trace.walk_cpu == e->reader->trace.cpu)
		trace_end_walk(&e->reader->trace);
}

void trace_mc_batch(struct event_line *e)
{
	if (e->reader->trace.walk_va || e->reader->trace.walk_op26)
		trace_mc_issue(e);
}

/* --- kprobes --------------------------------------------------------------- */

/* Now, or when its batch goes out. */
static void emit_or_queue(struct event_line *e, const struct mmu_op *op)
{
	struct trace_state *trace = &e->reader->trace;

	if (trace->va_from != VA_MCFLUSH) {
		trace_emit(e->reader, e->line, op, PROVED);
		return;
	}
	if (!trace->queue)
		trace->queue = arena_alloc(e->reader->arena, TRACE_QUEUE_MAX * sizeof(*trace->queue));
	if (trace->queued == TRACE_QUEUE_MAX) {
		uint32_t cpu = trace->cpu;

		/* No batch is that long: its mcflush was lost. */
		trace->cpu = trace->queue[0].cpu;
		drain(e, UINT64_MAX, -1);
		trace->cpu = cpu;
	}
	trace->queue[trace->queued++] = (struct trace_queued){ *op, e->line->at, trace->cpu };
}

/* "mmuupd: (xen_extend_mmu_update+0x0/0xd0) ptr=0x12513a910 val=0x125142067" */
void trace_mmuupd(struct event_line *e)
{
	struct mmu_op op = trace_op(MMU_UPDATE);
	uint64_t ptr;

	if (!trace_field(e, TEXT("ptr"), &ptr) || !trace_field(e, TEXT("val"), &op.val)) {
		trace_garbled(e);
		return;
	}
	op.command = (enum mmu_command)(ptr & 3);
	op.has_ptr = true;
	op.ptr = ptr & ~UINT64_C(3);
	if (op.command == MMU_CMD_MACHPHYS) {
		op.kind = MMU_MACHPHYS;
		op.mfn = to_mfn(ptr >> FRAME_SHIFT);
		op.pfn = to_pfn(op.val);
	}
	emit_or_queue(e, &op);
}

/* "mmuext: (xen_extend_mmuext_op+0x0/0xd0) cmd=5 mfn=0x13f0d9" */
void trace_mmuext(struct event_line *e)
{
	struct trace_state *trace = &e->reader->trace;
	struct mmu_op op = trace_op(MMU_PIN);
	uint64_t command, mfn;

	if (!trace_field(e, TEXT("cmd"), &command) || !trace_field(e, TEXT("mfn"), &mfn)) {
		trace_garbled(e);
		return;
	}
	trace->mmuext_seen = true;
	op.mfn = to_mfn(mfn);
	op.vcpu = (uint8_t)trace->cpu;
	switch (command) {
	case 0: case 1: case 2: case 3:
		op.level = (uint8_t)(command + 1);
		break;
	case 4:
		op.kind = MMU_UNPIN;
		break;
	case 5: case 15:
		op.kind = command == 5 ? MMU_NEW_BASE : MMU_NEW_USER_BASE;
		/* The line before it, write_cr3, had the pfn. */
		if (trace->base.known && mfn)
			trace_emit_p2m(e, trace->base.pfn, mfn);
		trace->base.known = false;
		break;
	default:
		return;   /* TLB, caches, LDT: no page tables */
	}
	emit_or_queue(e, &op);
}

/* "op0", "a0", ... */
static bool numbered(const struct event_line *e, const char *word, unsigned number,
		     uint64_t *value)
{
	char name[16];

	snprintf(name, sizeof(name), "%s%u", word, number);
	return trace_field(e, text_of(name), value);
}

/* "mcflush: (..) n=2 op0=26 a0=.. b0=.. c0=.. op1=14 a1=.. b1=.. c1=..": the first n
 * of the buffer are this batch, the others are left from batches before. */
void trace_mcflush(struct event_line *e)
{
	struct trace_state *trace = &e->reader->trace;
	uint64_t live, op, args[6] = { 0 };
	unsigned i;

	if (!trace_field(e, TEXT("n"), &live)) {
		trace_garbled(e);
		return;
	}
	if (trace->va_from == VA_NOBODY)
		trace->va_from = VA_MCFLUSH;
	if (trace->va_from != VA_MCFLUSH)
		return;
	for (i = 0; i < live; i++) {
		if (!numbered(e, "op", i, &op) || !numbered(e, "a", i, &args[0]) ||
		    !numbered(e, "b", i, &args[1]) || !numbered(e, "c", i, &args[2]))
			break;
		if (op == 14)
			va_mapping(e, args, false);
		else if (op == 1 || op == 26)
			drain(e, args[1], op == 26);
	}
	/* What the probe does not show comes before or between what waits. */
	if (i < live) {
		struct mmu_op lost = trace_op(MMU_OPS_LOST);

		lost.flags = live - i < UINT32_MAX ? (uint32_t)(live - i) : 0;
		trace_emit(e->reader, e->line, &lost, PROVED);
	}
	drain(e, UINT64_MAX, -1);
}

void trace_text_end(struct reader *reader)
{
	struct line line = { .domain = DOMAIN_NONE };
	struct event_line e = { .reader = reader, .line = &line };

	for (uint32_t i = 0; i < reader->trace.queued; i++)
		emit_queued(&e, i);
	reader->trace.queued = 0;
}
