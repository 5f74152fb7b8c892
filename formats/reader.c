/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the line families leave what they found. */
#include "formats/reader.h"

/* An operation of a trace: true when it went the short way. */
static NEVER_INLINE bool queue_event(struct reader *reader, const struct event *event)
{
	if (reader->open_queue &&
	    !reader_may_queue(reader, &event->u.mmu, event->speaker, event->domain)) {
		reader->queue = reader->open_queue(reader->context, event);
		reader->queue_speaker = event->speaker;
		reader->queue_domain = event->domain;
	}
	return reader_queue_op(reader, &event->u.mmu, event->speaker, event->domain, &event->at);
}

void reader_emit(struct reader *reader, const struct event *event)
{
	if (UNLIKELY(reader->status != ST_OK))
		return;
	if (event->kind == EV_MMU_OP && queue_event(reader, event))
		return;
	reader->facts += !event_of_trace(event);
	reader->queue = NULL;
	if (UNLIKELY(event->kind == EV_KERNEL_STARTED))
		trace_text_version(&reader->trace, event->u.kernel.major, event->u.kernel.minor);
	reader->emitted++;
	reader->status = reader->emit(reader->context, event);
}

void reader_emit_op_slowly(struct reader *reader, const struct mmu_op *op, enum speaker speaker,
			   uint16_t domain, enum certainty certainty, const struct loc *at)
{
	reader_emit(reader, &(struct event){
		.kind = EV_MMU_OP, .certainty = certainty, .speaker = speaker, .domain = domain,
		.at = *at, .u.mmu = *op,
	});
}

void reader_drop_pieces(struct reader *reader)
{
	if (reader->state.e820.wants != MAP_LINE_WHOLE)
		reader_diagnose(reader, reader->state.e820.event.at, "a memory map line ends before "
				"its type, and no line that follows has it: not read");
	reader->state.e820.wants = MAP_LINE_WHOLE;
}

bool reader_tell_garbled(struct reader *reader, const struct line *line)
{
	struct text words = line->message;

	reader_diagnose(reader, line->at, "a line like \"%.*s\" could not be read: cut or garbled",
			(int)(words.length < 40 ? words.length : 40), words.at);
	return true;
}

void reader_diagnose(struct reader *reader, struct loc at, const char *format, ...)
{
	struct diagnostic **tail = &reader->input->diagnostics, *diagnostic;
	va_list args;

	if (reader->input->diagnostic_count++ >= DIAGNOSTICS_MAX)
		return;
	while (*tail)
		tail = &(*tail)->next;
	diagnostic = ARENA_NEW(reader->arena, struct diagnostic);
	diagnostic->at = at;
	va_start(args, format);
	diagnostic->says = arena_vprintf(reader->arena, format, args);
	va_end(args);
	*tail = diagnostic;
}
