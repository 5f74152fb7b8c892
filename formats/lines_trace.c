/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of a text trace that stand behind no tracer's prefix: headers, what was lost,
 * and the events of tp_printk, which are printed alone.
 * Source: Linux kernel/trace/trace.c print_trace_line(), print_event_info(),
 * ftrace_dump(), output_printk(), tools/perf/util/event.c perf_event__fprintf_lost();
 * trace-cmd tracecmd/trace-read.c; 3.1 to 6.12. */
#include "formats/trace_inside.h"

static bool bare_event(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return trace_text_event(reader, line, line->message);
}

/* What follows are a tracer's lines. */
static bool header(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	reader->trace.open = true;
	reader->trace.headed |= *line->message.at == '#';
	return true;
}

/* "# entries-in-buffer/entries-written: 140080/250280   #P:4": the ring was too
 * small, and its oldest events were overwritten. */
static bool entries(struct reader *reader, const struct line *line, const struct match *match)
{
	uint64_t kept = match->numbers[0].value, written = match->numbers[1].value;

	reader->trace.open = true;
	if (written <= kept)
		return true;
	reader_diagnose(reader, line->at, "the trace's ring was too small: the first %llu of %llu "
			"events were overwritten (a larger trace_buf_size keeps them)",
			(unsigned long long)(written - kept), (unsigned long long)written);
	trace_lost(reader, line, LOSS_EVENTS, written - kept);
	return true;
}

/* "CPU:0 [LOST 1234 EVENTS]" */
static bool lost_events(struct reader *reader, const struct line *line, const struct match *match)
{
	trace_lost(reader, line, LOSS_EVENTS, match->number_count > 1 ? match->numbers[1].value : 0);
	return true;
}

/* "PERF_RECORD_LOST lost 12", of perf script --show-lost-events. */
static bool perf_lost(struct reader *reader, const struct line *line, const struct match *match)
{
	trace_lost(reader, line, LOSS_EVENTS, match->numbers[0].value);
	return true;
}

const struct line_shape lines_trace[] = {
	LINE("xen_mmu_<rest>", ENDS_NONE, bare_event),
	LINE("xen_mc_<rest>", ENDS_NONE, bare_event),
	LINE("mmuupd: <rest>", ENDS_NONE, bare_event),
	LINE("mmuext: <rest>", ENDS_NONE, bare_event),
	LINE("mcflush: <rest>", ENDS_NONE, bare_event),
	LINE("CPU:<d> [LOST <d> EVENTS]", ENDS_NONE, lost_events),
	LINE("CPU:<d> [LOST EVENTS]", ENDS_NONE, lost_events),
	LINE("CPU:<d> [<d> EVENTS DROPPED]", ENDS_NONE, lost_events),
	LINE("PERF_RECORD_LOST lost <d>", ENDS_NONE, perf_lost),
	LINE("# tracer: <rest>", ENDS_NONE, header),
	LINE("# entries-in-buffer/entries-written: <d>/<d> <rest>", ENDS_NONE, entries),
	LINE("Dumping ftrace buffer:", ENDS_NONE, header),
	LINE("cpus=<d>", ENDS_NONE, header),
};
