/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The line that a tracer prints most, in a row:
 *
 *        bash-107     [000] d..1.    60.652497: xen_mmu_set_pte: ptep .. pteval .. (raw ..) */
#include "formats/trace_inside.h"
#include "formats/usual.h"

#ifdef DIGITS_AT_ONCE
#define STORE_BYTES 85u

/* STORE_BYTES of it: nothing but columns to compare, and numbers of sixteen digits. */
static ALWAYS_INLINE bool read_store(const char *at, uint64_t *ptr, uint64_t *raw)
{
	struct digits first, guest, last;

	if (memcmp(at, "xen_mmu_set_pte: ptep ", 22) || memcmp(at + 38, " pteval ", 8) ||
	    memcmp(at + 62, " (raw ", 6) || at[84] != ')')
		return false;
	first = digits_at(at + 22);
	guest = digits_at(at + 46);
	last = digits_at(at + 68);
	if (!digits_are_hex(first, guest, last))
		return false;
	*ptr = digits_hex_16(first);
	*raw = digits_hex_16(last);
	return trace_is_pointer(*ptr);
}

/* trace_op(MMU_STORE) of an L1 entry. */
static const struct mmu_op store_form = {
	.kind = MMU_STORE,
	.level = 1,
	.has_ptr = true,
	.partial = true,
	.foreign = DOMID_SELF_WORD,
	.verdict = MMU_VERDICT_UNKNOWN,
	.mfn = { MMU_NO_FRAME },
	.pfn = { MMU_NO_FRAME },
};

static void tell(struct reader *reader, unsigned count)
{
	reader->trace.tracepoints = true;
	reader->trace.emitted += count;
}

bool trace_usual_event(struct reader *reader, const struct line *line, struct text event)
{
	struct mmu_op op = store_form;

	if (event.length != STORE_BYTES || !read_store(event.at, &op.ptr, &op.val))
		return false;
	tell(reader, 1);
	reader_emit_op(reader, line, &op);
	return true;
}

unsigned trace_usual_lines(struct reader *reader, const struct usual_lines *lines)
{
	const struct trace_columns columns = reader->trace.columns;
	const struct learned prefix = *lines->prefix;
	struct mmu_queue *queue = reader->queue;
	struct mmu_queued *place;
	const char *line = lines->line, *at = NULL;
	uint64_t ptr, val;
	unsigned i;

	if (!columns.event || !reader_may_queue(reader, &store_form, SPEAKER_KERNEL, DOMAIN_NONE))
		return 0;
	place = &queue->items[queue->count];
	for (i = 0; i < lines->count; i++) {
		const char *end = lines->bytes + lines->ends[i];
		const char *message = line;

		if (prefix.mask && behind_prefix(&prefix, line, end))
			message += prefix.length;
		if (end - message != (long)(columns.event + STORE_BYTES) ||
		    !trace_stands_as(columns, message) ||
		    !read_store(message + columns.event, &ptr, &val))
			break;
		usual_put(place, lines, i, line, end, &store_form, ptr, val);
		place = mmu_queue_next(queue, place);
		at = message;
		line = end + 1;
	}
	queue->count = (uint32_t)(place - queue->items);
	if (!i)
		return 0;
	reader->trace.cpu = trace_cpu_of(columns, at);
	reader->trace.lines += i;
	reader->emitted += i;
	reader->input->lines_used += i;
	tell(reader, i);
	return i;
}
#else
bool trace_usual_event(struct reader *reader, const struct line *line, struct text event)
{
	(void)reader;
	(void)line;
	(void)event;
	return false;
}

unsigned trace_usual_lines(struct reader *reader, const struct usual_lines *lines)
{
	(void)reader;
	(void)lines;
	return 0;
}
#endif
