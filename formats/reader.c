/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the line families leave what they found. */
#include "formats/reader.h"

void reader_emit(struct reader *reader, const struct event *event)
{
	if (reader->status != ST_OK)
		return;
	reader->emitted++;
	reader->status = reader->emit(reader->context, event);
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
