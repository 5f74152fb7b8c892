/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a tracer prints before its event. The command takes 16 columns (8 in the
 * latency form), so all begins at a known place whatever a task calls itself:
 *
 *        bash-107     [000] d..1.    60.652497: xen_mmu_...     tracefs, 4 or 5 flags
 *        bash-107     (    107) [000] d..1.    60.652497: ...   with record-tgid
 *        bash-107   [000]    60.652497: xen_mmu_...:  ...       3.1, trace-cmd report
 *        bash-107   [000]    60.652497: (+26)    xen_mmu_...:   trace-cmd report --ts-diff
 *        bash-107     0d..1.    60.652497: xen_mmu_...:  ...    trace-cmd report -l
 *        bash     107 [000]    60.652497: xen:xen_mmu_...: ...  perf script
 *   <idle>-0         0d..2. 11166333us : xen_mmu_...            ftrace_dump
 *      1.015336450 x d0v0 ptwr l1e ...                          xenalyze --dump-all
 *
 * Source: Linux kernel/trace/trace_output.c trace_print_context(),
 * trace_print_lat_context(), 3.1 to 6.12; tools/perf/builtin-script.c;
 * trace-cmd lib/trace-cmd and tracecmd/trace-read.c; Xen
 * tools/xentrace/xenalyze.c dump_header(). */
#include <ctype.h>

#include "formats/hex.h"
#include "formats/trace_inside.h"

#define LATENCY_COMM_COLUMNS 8u
#define PREFIX_MIN 24u
#define HEAD_BYTES 4096u      /* of an input, looked at to recognise a trace */
#define HEAD_LINES 16u        /* in them, of which most are a tracer's */

struct prefix {
	const char *start, *event, *end;   /* event: NULL, not a tracer's line */
	unsigned bracket;                  /* column of the cpu's "[", or 0 */
	enum trace_dialect dialect;
	uint64_t cpu;
	uint16_t domain;
};

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && *at == ' ')
		at++;
	return at;
}

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && trace_is_digit(*at))
		at++;
	return at;
}

/* "(+26)    ": since the event before. */
static const char *skip_difference(const char *at, const char *end)
{
	const char *after;

	if (end - at < 4 || at[0] != '(' || (at[1] != '+' && at[1] != '-'))
		return at;
	after = skip_digits(at + 2, end);
	return after > at + 2 && after < end && *after == ')' ? skip_blanks(after + 1, end) : at;
}

/* "60.652497: " or, of another trace clock, "123456789: ". NULL: no time. */
static const char *take_time(const char *at, const char *end)
{
	const char *first = at;

	at = skip_digits(at, end);
	if (at == first)
		return NULL;
	if (at < end && *at == '.') {
		first = ++at;
		at = skip_digits(at, end);
		if (at == first)
			return NULL;
	}
	if (end - at < 3 || at[0] != ':' || at[1] != ' ')
		return NULL;
	return skip_difference(skip_blanks(at + 2, end), end);
}

/* "-107 (107) " or " 107/107 ", up to the "[" of the cpu. */
static const char *take_pid(const char *at, const char *end)
{
	const char *first;

	at = skip_blanks(at + 1, end);
	first = at;
	at = skip_digits(at, end);
	if (at == first)
		return NULL;
	if (at < end && *at == '/')
		at = skip_digits(at + 1, end);
	at = skip_blanks(at, end);
	if (at < end && *at == '(') {
		at = skip_blanks(at + 1, end);
		while (at < end && (trace_is_digit(*at) || *at == '-'))
			at++;
		if (at == end || *at++ != ')')
			return NULL;
		at = skip_blanks(at, end);
	}
	return at < end && *at == '[' ? at : NULL;
}

/* "[000] d..1.    60.652497: "; the flags may be missing. */
static void take_cpu_and_time(struct prefix *prefix, const char *at)
{
	const char *end = prefix->end;
	bool flags;

	prefix->bracket = (unsigned)(at - prefix->start);
	at = decimal_take(at + 1, end, &prefix->cpu);
	if (!at || end - at < 2 || at[0] != ']' || at[1] != ' ')
		return;
	at = skip_blanks(at + 1, end);
	flags = at < end && !trace_is_digit(*at);
	if (flags) {
		const char *first = at;

		while (at < end && *at != ' ')
			at++;
		if (at - first > 8)
			return;
		at = skip_blanks(at, end);
	}
	prefix->event = take_time(at, end);
	if (prefix->dialect == TRACE_FTRACE && !flags)
		prefix->dialect = TRACE_CMD;
}

/* "xen:" or "kprobes:" before the event's own name. */
static void skip_system(struct prefix *prefix)
{
	const char *at = prefix->event;

	if (!at)
		return;
	while (at < prefix->end && *at != ':' && *at != ' ')
		at++;
	if (prefix->end - at > 1 && at[0] == ':' && at[1] != ' ')
		prefix->event = at + 1;
}

/* "<idle>-0         0d..2. 11166333us : " and "...us+: "; trace-cmd's time is as ever. */
static void take_latency(struct prefix *prefix)
{
	const char *at = prefix->start + LATENCY_COMM_COLUMNS, *end = prefix->end, *first;

	prefix->dialect = TRACE_FTRACE;
	first = ++at;
	at = skip_digits(at, end);
	if (at == first || at == end || *at != ' ')
		return;
	at = decimal_take(skip_blanks(at, end), end, &prefix->cpu);
	if (!at)
		return;
	first = at;
	while (at < end && *at != ' ')
		at++;
	if (at - first < 3 || at - first > 8)
		return;
	first = skip_blanks(at, end);
	prefix->event = take_time(first, end);
	if (prefix->event) {
		prefix->dialect = TRACE_CMD;
		return;
	}
	at = skip_digits(first, end);
	if (at == first || end - at < 6 || at[0] != 'u' || at[1] != 's' || at[3] != ':' ||
	    at[4] != ' ')
		return;
	prefix->event = skip_blanks(at + 5, end);
}

/* "]  1.015336450 -x- d0v0 ", "                x d32768v0 "; "d?v?" for none. */
static void take_xenalyze(struct prefix *prefix)
{
	const char *at = prefix->start, *end = prefix->end, *first;
	uint64_t domain = DOMAIN_NONE;

	if (*at == ']')
		at++;
	at = skip_blanks(at, end);
	if (at < end && trace_is_digit(*at)) {
		at = skip_digits(at, end);
		if (at == end || *at != '.')
			return;
		first = ++at;
		at = skip_digits(at, end);
		if (at - first != 9)
			return;
		at = skip_blanks(at, end);
	} else if (at - prefix->start < 14) {
		return;
	}
	first = at;
	while (at < end && (*at == '-' || *at == 'x' || *at == '|' || *at == '.'))
		at++;
	if (at == first || end - at < 7 || at[0] != ' ' || at[1] != 'd')
		return;
	at += 2;
	if (*at == '?')
		at++;
	else if (!(at = decimal_take(at, end, &domain)))
		return;
	if (end - at < 4 || *at != 'v')
		return;
	at++;
	at = *at == '?' ? at + 1 : skip_digits(at, end);
	if (at == end || *at != ' ')
		return;
	prefix->dialect = TRACE_XENALYZE;
	prefix->domain = domain < DOMAIN_NONE ? (uint16_t)domain : DOMAIN_NONE;
	prefix->event = skip_blanks(at, end);
}

/* "bash-107 [000] d..1. 60.652497: ": somebody has taken the blanks at the line's start.
 * Only what stands between the task and the event tells. */
static bool take_unpadded(struct prefix *prefix)
{
	const char *start = prefix->start;
	size_t length = (size_t)(prefix->end - start);
	const char *cpu = memchr(start, '[', length < 40 ? length : 40), *at = cpu;

	if (!cpu || *start == ' ' || prefix->event)
		return false;
	while (at > start && at[-1] == ' ')
		at--;
	if (at == cpu)
		return false;
	while (at > start && trace_is_digit(at[-1]))
		at--;
	if (at - start < 2 || at[-1] != '-' || !trace_is_digit(*at))
		return false;
	prefix->dialect = TRACE_FTRACE;
	take_cpu_and_time(prefix, cpu);
	return prefix->event != NULL;
}

static inline void take_apart(struct prefix *prefix)
{
	const char *start = prefix->start, *at;

	if (start[TRACE_COMM_COLUMNS] == '-' || start[TRACE_COMM_COLUMNS] == ' ') {
		prefix->dialect = start[TRACE_COMM_COLUMNS] == '-' ? TRACE_FTRACE : TRACE_PERF;
		at = take_pid(start + TRACE_COMM_COLUMNS, prefix->end);
		if (at)
			take_cpu_and_time(prefix, at);
		if (at && prefix->dialect == TRACE_PERF)
			skip_system(prefix);
		if (prefix->event)
			return;
	}
	if (take_unpadded(prefix))
		return;
	if (start[LATENCY_COMM_COLUMNS] == '-' && trace_is_digit(start[LATENCY_COMM_COLUMNS + 1]))
		take_latency(prefix);
	else
		take_xenalyze(prefix);
}

static void learn(struct trace_state *trace, const struct prefix *prefix)
{
	size_t event = (size_t)(prefix->event - prefix->start);

	trace->columns.event = 0;
	if (prefix->bracket && prefix->start[TRACE_COMM_COLUMNS] == '-' && event < 128 &&
	    prefix->bracket + 14 < event && prefix->event[-1] == ' ' &&
	    prefix->event[-2] == ':' && prefix->event[-9] == '.') {
		trace->columns = (struct trace_columns){ (uint16_t)prefix->bracket, (uint16_t)event };
	}
}

/* A tracer's line for sure: its event is one of ours, or any at all in a trace
 * that was recognised before. */
static bool take_event(struct reader *reader, const struct line *line, struct prefix *prefix)
{
	struct trace_state *trace = &reader->trace;
	struct text event = { prefix->event, (size_t)(prefix->end - prefix->event) };

	trace->cpu = (uint32_t)prefix->cpu;
	if (prefix->dialect == TRACE_XENALYZE) {
		struct line here = *line;

		here.speaker = SPEAKER_XEN;
		here.domain = prefix->domain;
		trace_text_xenalyze(reader, &here, event);
	} else if (!trace_text_event(reader, line, event)) {
		if (!trace->open)
			return false;
		trace_text_unread(reader, line, event);
	}
	if (trace->dialect <= TRACE_BARE)
		trace->dialect = prefix->dialect == TRACE_CMD && trace->headed ? TRACE_FTRACE
									       : prefix->dialect;
	trace->open = true;
	trace->lines++;
	return true;
}

bool trace_text_line(struct reader *reader, const struct line *line, struct text text)
{
	struct trace_state *trace = &reader->trace;
	struct prefix prefix = { .start = text.at, .end = text.at + text.length };
	struct trace_columns columns = trace->columns;

	if (columns.event && text.length > columns.event && trace_stands_as(columns, text.at)) {
		struct text event = { text.at + columns.event, text.length - columns.event };

		trace->cpu = trace_cpu_of(columns, text.at);
		if (!trace_text_event(reader, line, event))
			trace_text_unread(reader, line, event);
		trace->lines++;
		return true;
	}
	if (text.length < PREFIX_MIN)
		return false;
	take_apart(&prefix);
	if (!prefix.event || prefix.event == prefix.end || !take_event(reader, line, &prefix))
		return false;
	learn(trace, &prefix);
	return true;
}

/* --- the last line ---------------------------------------------------------- */

/* "val=0x800000013b19c": are there digits to come? Not of Xen's answer, which stands last
 * where it is told. */
static bool ends_in_number(struct text line)
{
	const char *at = line.at + line.length;

	while (at > line.at && isxdigit((unsigned char)at[-1]))
		at--;
	if (at == line.at + line.length || at - line.at < 4 || !memcmp(at - 4, "ret=", 4))
		return false;
	return at[-1] == '=' || at[-1] == ' ' || (at[-1] == 'x' && at[-2] == '0');
}

bool trace_text_cut(struct reader *reader, struct text line, uint64_t offset, uint32_t number)
{
	static const struct text leads[] = {
		TEXT("xenmmu: "), TEXT("pgtrace: "), TEXT("mmuupd: "), TEXT("mmuext: "),
		TEXT("mcflush: "), TEXT("xen_mmu_"), TEXT("xen_mc_"),
	};

	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		if (!text_contains(line, leads[i]) || !ends_in_number(line))
			continue;
		reader_diagnose(reader, (struct loc){ .offset = offset, .line = number,
				.length = (uint32_t)line.length, .input = reader->input->input },
				"the input ends in this line, maybe within its last number: what it "
				"tells is left out");
		return true;
	}
	return false;
}

/* --- recognising --------------------------------------------------------- */

static bool is_header(struct text line)
{
	return text_begins(line, TEXT("# tracer: ")) || text_begins(line, TEXT("cpus=")) ||
	       text_begins(line, TEXT("scan_for_new_pcpu: "));
}

void trace_text_begin(struct reader *reader, const char *bytes, size_t length)
{
	const char *end = bytes + (length < HEAD_BYTES ? length : HEAD_BYTES);
	unsigned lines = 0, traced = 0, others = 0;

	while (bytes < end && lines < HEAD_LINES) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		struct prefix prefix = { .start = bytes, .end = newline };

		if (!newline)
			break;
		if (is_header((struct text){ bytes, (size_t)(newline - bytes) })) {
			reader->trace.open = true;
			return;
		}
		/* Behind so many others only a header can tell. */
		if (others < HEAD_LINES / 2 && newline - bytes >= (long)PREFIX_MIN)
			take_apart(&prefix);
		traced += prefix.event != NULL;
		lines += *bytes != '#';
		others += *bytes != '#' && !prefix.event;
		bytes = newline + 1;
	}
	reader->trace.open = traced >= 2 && traced * 2 > lines;
}
