/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/traces.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/members.h"
#include "formats/input.h"
#include "formats/module.h"
#include "formats/probe.h"

/* Places in traces: numbers that no input has. */
#define TRACE_INPUTS (UINT32_C(1) << 31)

/* Whose operations they are: of the only guest there is, when the trace names none. */
static struct guest *traced_guest(struct run *run, const struct event *event)
{
	struct guest *guest = run_guest_of(run, event), *begun = NULL;
	uint32_t count = 0;

	if (!guest || guest->judge.begun || event->domain != DOMAIN_NONE)
		return guest;
	for (uint32_t i = 0; i < run->guest_count; i++) {
		if (run->guests[i]->judge.begun) {
			begun = run->guests[i];
			count++;
		}
	}
	return count == 1 ? begun : guest;
}

/* Not yet of the log's boot: what tells no operation is no trace. */
static void keep_kernel(struct run *run, const struct event *event)
{
	run->traced_kernel = *event;
	run->traced_kernel.u.kernel.by_oops = true;
	run->traced_kernel.u.kernel.words.at = arena_copy(&run->arena, event->u.kernel.words);
}

static enum status judge_traced(struct run *run, const struct event *event)
{
	struct guest *guest;

	if (UNLIKELY(run->trace != NULL)) {
		struct event kept = *event;

		kept.at.line = 0;   /* its lines are not the log's */
		mmutrace_put(run->trace, &kept);
	}
	guest = traced_guest(run, event);
	if (!guest)
		return ST_OK;
	if (!guest->judge.begun)
		run_begin_boot(run, guest);
	return judge_event(&guest->judge, event);
}

/* A banner in the trace begins no boot: it must be the log's (PGT064). */
static enum status judge_kernel(struct run *run)
{
	struct event kernel = run->traced_kernel;

	run->traced_kernel.kind = EV_COUNT;
	return kernel.kind == EV_COUNT ? ST_OK : judge_traced(run, &kernel);
}

/* A loss takes back the operation that stands for what was lost. */
static void count_traced(struct run *run, const struct event *event)
{
	if (event->kind == EV_MMU_OP)
		run->operations_traced++;
	else if (run->operations_traced)   /* in a damaged mmutrace it may be lost, too */
		run->operations_traced--;
}

/* The log told all but the operations. */
static enum status take_traced(void *context, const struct event *event)
{
	struct run *run = context;
	enum status status = ST_OK;

	if (event->kind == EV_KERNEL_STARTED)
		keep_kernel(run, event);
	if (!event_of_trace(event))
		return ST_OK;
	status = held_before_op(run);
	if (UNLIKELY(run->traced_kernel.kind != EV_COUNT) && status == ST_OK)
		status = judge_kernel(run);
	count_traced(run, event);
	return status == ST_OK ? judge_traced(run, event) : status;
}

static enum status trace_failed(struct run *run, const char *name, enum status status,
				const char *trouble)
{
	run->input.trouble = arena_printf(&run->arena, "--trace=%s: %s", name,
					  trouble ? trouble : status_sentence(status));
	return status;
}

/* --- one trace --------------------------------------------------------------- */

/* A trace of its own: the log's first block may still stand in the run's buffer. NULL:
 * no memory. */
static struct run_trace *new_trace(struct run *run, const char *name)
{
	struct run_trace *trace = ARENA_NEW(&run->arena, struct run_trace);
	uint32_t input = TRACE_INPUTS + run->trace_count++;

	trace->report = (struct input_report){ .input = input, .name = name, .format = "unread" };
	trace->source = (struct source){ .name = name, .fd = -1, .spool_fd = -1, .input = input,
					 .buffer = source_buffer_new() };
	return trace->source.buffer ? trace : NULL;
}

static void drop_trace(struct run_trace *trace)
{
	source_close(&trace->source);
	free(trace->source.buffer);
}

/* It becomes part of the input's report, and may be quoted. */
static void list_trace(struct run *run, struct run_trace *trace)
{
	struct input_report *report = &run->input;
	struct source *source = &run->source;
	struct run_trace **link = &run->traces;

	for (; *link; link = &(*link)->next) {
		report = &(*link)->report;
		source = &(*link)->source;
	}
	*link = trace;
	report->trace = &trace->report;
	source->next = &trace->source;
}

static enum status read_first(struct run *run, struct run_trace *trace, size_t *got,
			      const char **trouble)
{
	struct source *source = &trace->source;

	source->input = trace->report.input;
	source->bytes_max = run->options->max_bytes;
	source->line_max = run->options->max_line;
	return source_read(source, source_data(source), READ_BYTES, got, trouble);
}

/* The first bytes are read. */
static enum status read_bytes(struct run *run, struct run_trace *trace, size_t got,
			      const char **trouble)
{
	struct source *source = &trace->source;
	struct input_report *report = &trace->report;
	const unsigned char *bytes = (unsigned char *)source_data(source);
	const struct input_format *format = input_recognise(bytes, got);
	enum status status = ST_OK;

	run->timeline.trace = report->name;
	run->timeline.trace_input = report->input;
	run->reader.input = report;
	run->reader.emit = take_traced;
	run->reader.open_queue = NULL;
	run->reader.queue = NULL;
	run->reader.keep_line = NULL;
	run->reader.emitted = 0;
	run->reader.raw = (struct text){ NULL, 0 };
	memset(&run->reader.state, 0, sizeof(run->reader.state));
	trace_text_next(&run->reader.trace);
	run->traced_kernel.kind = EV_COUNT;
	report->bytes = got;
	report->format = format ? format->name : probe_format(bytes, got);
	source->words = format ? format->words : NULL;
	if (format)
		status = format->read(&run->reader, source, got, trouble);
	return status == ST_OK ? source_failure(source, trouble) : status;
}

/* --- packed ones ------------------------------------------------------------- */

/* What an archive holds beside a trace is not read as one. */
static enum status read_member(struct run *run, const char *name,
			       const struct unpack_member *member, const char **trouble)
{
	const char *full = *member->name ? arena_printf(&run->arena, "%s!%s", name, member->name)
					 : name;
	struct run_trace *trace = new_trace(run, full);
	uint64_t before = run->operations_traced;
	enum status status;
	size_t got;

	if (!trace)
		return ST_MEMORY;
	source_open_stream(&trace->source, full, member->stream);
	trace->report.packing = *member->packing ? arena_copy(&run->arena, text_of(member->packing))
						 : NULL;
	status = read_first(run, trace, &got, trouble);
	if (status == ST_OK)
		status = read_bytes(run, trace, got, trouble);
	source_end_stream(&trace->source);
	if (run->operations_traced > before || !*member->name)
		list_trace(run, trace);
	else
		drop_trace(trace);
	return status;
}

static bool is_wanted(const char *pattern, const char *name)
{
	return !pattern || !*name || !fnmatch(pattern, name, 0);
}

static enum status read_members(struct run *run, const struct unpack_module *module,
				struct unpack *unpack, const char *name, const char *pattern,
				const char **trouble)
{
	struct unpack_member member;
	enum status status = ST_OK;
	uint32_t more;

	while (status == ST_OK && module->next(unpack, &member) == ST_OK)
		if (is_wanted(pattern, member.name))
			status = read_member(run, name, &member, trouble);
	if (status != ST_OK)
		return status;
	*trouble = module->trouble(unpack, &status, &more);
	if (*trouble)
		*trouble = arena_copy(&run->arena, text_of(*trouble));
	return status;
}

/* `packed` holds the first block; it is read to its end, and is not quoted. */
static enum status read_packed(struct run *run, struct run_trace *packed,
			       enum packing packing, size_t got, const char *pattern,
			       const char **trouble)
{
	const struct unpack_module *module = module_load("unpack", trouble);
	struct unpack_limits limits = members_limits(run->options);
	struct unpack *unpack;
	enum status status;

	if (!module)
		return ST_NOT_FOUND;
	packed->report.format = packing_name(packing);
	packed->source.read_once = true;
	packed->source.kept = 0;
	unpack = module->open(&packed->source, got, &limits);
	if (!unpack)
		return ST_MEMORY;
	status = read_members(run, module, unpack, packed->report.name, pattern, trouble);
	module->close(unpack);
	return status;
}

/* --- all of them ------------------------------------------------------------- */

/* "cap.tar!trace.txt", unless a file has that name. */
static struct named_trace open_named(const char *name)
{
	struct named_trace named = { source_descriptor(name), NULL };
	const char *mark = strchr(name, '!');
	char *file;

	if (named.fd != -ENOENT || !mark || mark == name)
		return named;
	file = strndup(name, (size_t)(mark - name));
	if (file)
		named = (struct named_trace){ source_descriptor(file), mark + 1 };
	free(file);
	return named;
}

void traces_open(struct run *run)
{
	for (uint32_t i = 0; !run->traces_opened && i < run->options->trace_count; i++)
		run->named_traces[i] = open_named(run->options->traces[i]);
	run->traces_opened = true;
}

/* From its start, when there are several logs; a pipe has none. */
static int fd_of(int fd)
{
	if (fd <= STDIN_FILENO)
		return fd;
	(void)lseek(fd, 0, SEEK_SET);
	fd = dup(fd);
	return fd < 0 ? -errno : fd;
}

/* "cap.tar" of "cap.tar!trace.txt". */
static const char *file_of(struct run *run, const char *name, const struct named_trace *named)
{
	if (!named->member)
		return name;
	return arena_copy(&run->arena, (struct text){ name, (size_t)(named->member - 1 - name) });
}

static enum status read_trace(struct run *run, struct run_trace *trace,
			      const struct named_trace *named, const char **trouble)
{
	enum status status = source_open_fd(&trace->source, trace->report.name, fd_of(named->fd),
					    trouble);
	enum packing packing;
	size_t got;

	if (status == ST_OK)
		status = read_first(run, trace, &got, trouble);
	if (status != ST_OK)
		return status;
	packing = packing_probe((unsigned char *)source_data(&trace->source), got);
	if (packing != PACKING_NONE)
		return read_packed(run, trace, packing, got, named->member, trouble);
	if (named->member) {
		*trouble = "is no archive: there is no member in it";
		return ST_NOT_FOUND;
	}
	status = read_bytes(run, trace, got, trouble);
	/* A file that is named is the boot's, whatever it tells. */
	return status == ST_OK ? judge_kernel(run) : status;
}

/* How the trace that was listed last and the log were put together. */
static void tell_order(struct run *run)
{
	const char *why_not = held_order(&run->held);
	struct run_trace *last = run->traces;

	while (last->next)
		last = last->next;
	run->reader.input = &last->report;
	if (why_not)
		reader_diagnose(&run->reader, LOC_NONE, "read after the log, not in order of time: %s",
				why_not);
	else
		reader_diagnose(&run->reader, LOC_NONE,
				"the log and these operations are in the order of their time stamps");
}

enum status traces_read(struct run *run, enum status log)
{
	enum status status = log, rest;

	traces_open(run);
	for (uint32_t i = 0; i < run->options->trace_count && status == ST_OK; i++) {
		const struct named_trace *named = &run->named_traces[i];
		const char *name = run->options->traces[i], *trouble = NULL;
		struct run_trace *trace = new_trace(run, file_of(run, name, named));
		struct run_trace *listed = run->traces;
		uint64_t before = run->operations_traced;

		if (!trace)
			return trace_failed(run, name, ST_MEMORY, NULL);
		status = read_trace(run, trace, named, &trouble);
		if (status != ST_OK)
			status = trace_failed(run, name, status, trouble);
		/* What was packed is told by its members, if there are any. */
		if (trace->source.read_once && run->traces != listed)
			drop_trace(trace);
		else
			list_trace(run, trace);
		if (!run->input.unread && run->operations_traced == before)
			run->input.unread = "no page-table operation was read from the trace that "
					    "--trace names";
		if (status == ST_OK)
			status = held_until(run, HELD_ALL);
		if (run->traces && run->operations_traced > before)
			tell_order(run);
	}
	rest = held_until(run, HELD_ALL);
	return status == ST_OK ? rest : status;
}

void traces_close(struct run *run)
{
	for (struct run_trace *trace = run->traces; trace; trace = trace->next)
		drop_trace(trace);
	run->traces = NULL;
	run->source.next = NULL;
}

bool traces_fit(const struct options *options, FILE *errors)
{
	uint32_t piped = 0;

	if (!options->trace_count)
		return true;
	if (options->input_count > 1) {
		fputs("pgtcheck: --trace goes with one FILE, the log of the same boot\n", errors);
		return false;
	}
	for (uint32_t i = 0; i < options->trace_count; i++)
		piped += !strcmp(options->traces[i], "-");
	piped += !options->input_count || !strcmp(options->inputs[0], "-");
	if (piped > 1)
		fputs("pgtcheck: --trace: standard input is the log already; name a file\n", errors);
	return piped <= 1;
}
