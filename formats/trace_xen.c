/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Events of `xenalyze --dump-all`. Xen's own trace has the value of a store that it
 * emulated (ptwr) and, of a hypercall, only how many entries it had: that such
 * operations happened is told once, until a value is told again.
 *
 * Source: Xen tools/xentrace/xenalyze.c hypercall_v2_process(),
 * pv_ptwr_emulation_process(), process_lost_records(); 4.6 to 4.20. */
#include "formats/hex.h"
#include "formats/trace_inside.h"

static const char *hex_behind(struct text event, struct text words, uint64_t *value)
{
	const char *end = event.at + event.length;
	const char *at = memmem(event.at, event.length, words.at, words.length);

	at = at ? hex_take(at + words.length, end, value) : NULL;
	return at && (at == end || *at == ' ') ? at : NULL;
}

/* "ptwr l1e 800000013b90c965 eip ffffffff812d12c5 addr ffff888011619d48" */
static void ptwr(struct reader *reader, const struct line *line, struct text event)
{
	struct mmu_op op = trace_op(MMU_PTWR);

	if (!hex_behind(event, TEXT("l1e "), &op.val) || !hex_behind(event, TEXT("addr "), &op.ptr)) {
		reader_diagnose(reader, line->at, "this ptwr event could not be read: cut or garbled");
		return;
	}
	op.has_ptr = true;
	op.verdict = 0;   /* printed when it was done */
	trace_emit(reader, line, &op, PROVED);
	reader->trace.count_only_told = false;
}

/* "hypercall  1 (mmu_update) 4 updates[ (preempted)]" */
static void hypercall(struct reader *reader, const struct line *line, struct text event)
{
	struct mmu_op op = trace_op(MMU_OPS_LOST);
	const char *end = event.at + event.length, *at;
	uint64_t number, count = 0;

	for (at = event.at + 9; at < end && *at == ' ';)
		at++;
	at = hex_take(at, end, &number);
	if (!at || (number != 1 && number != 14 && number != 22 && number != 26) ||
	    reader->trace.count_only_told)
		return;
	at = memchr(at, ')', (size_t)(end - at));
	if (at && end - at > 2 && decimal_take(at + 2, end, &count) && count <= UINT32_MAX)
		op.flags = (uint32_t)count;
	trace_emit(reader, line, &op, PROVED);
	reader->trace.count_only_told = true;
}

/* "lost_records count 12 d0v0 (cur d0v0) first_tsc 123" */
static void lost_records(struct reader *reader, const struct line *line, struct text event)
{
	const char *at = memmem(event.at, event.length, "count ", 6);
	uint64_t count;

	if (!at || !decimal_take(at + 6, event.at + event.length, &count))
		count = 0;
	trace_lost(reader, line, LOSS_EVENTS, count);
	reader->trace.count_only_told = true;
}

void trace_text_xenalyze(struct reader *reader, const struct line *line, struct text event)
{
	if (text_begins(event, TEXT("hypercall ")))
		hypercall(reader, line, event);
	else if (text_begins(event, TEXT("ptwr ")))
		ptwr(reader, line, event);
	else if (text_begins(event, TEXT("lost_records ")))
		lost_records(reader, line, event);
}
