/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/tracecmd/tracecmd.h"

#include <stdbool.h>
#include <string.h>

#include <trace-cmd.h>

#include "formats/module.h"

#define BUFFERS_MAX 64
#define NAME_MAX_BYTES 48
#define FIELD_BYTES_MAX 4096

/* The kernel's page-table tracepoints, and kprobes by the names that
 * pgtcheck-formats(5) gives them. */
static bool is_ours(const char *name)
{
	return !strncmp(name, "xen_mmu_", 8) || !strncmp(name, "xen_mc_", 7) ||
	       !strcmp(name, "mmuupd") || !strcmp(name, "mmuext") || !strcmp(name, "mcflush");
}

/* Names come from the file: no more than a word of text. */
static int put_name(FILE *out, const char *name)
{
	int length = 0;

	for (; name && *name && length < NAME_MAX_BYTES; name++, length++)
		putc_unlocked(*name > ' ' && *name < 0x7f ? *name : '?', out);
	return length;
}

static void pad(FILE *out, int width)
{
	while (width-- > 0)
		putc_unlocked(' ', out);
}

/* "ARRAY[68, 44, ...]": its bytes in memory's order, as trace-cmd prints them. */
static void put_array(FILE *out, const unsigned char *bytes, int size)
{
	fputs_unlocked("ARRAY[", out);
	for (int i = 0; i < size; i++)
		fprintf(out, "%s%02x", i ? ", " : "", bytes[i]);
	putc_unlocked(']', out);
}

static void put_field(FILE *out, const struct tep_format_field *field,
		      const struct tep_record *record)
{
	unsigned long long value;

	if (field->offset < 0 || field->size <= 0 || field->size > FIELD_BYTES_MAX ||
	    field->offset > record->size - field->size)
		return;   /* not in the record: the reader says which one lacks it */
	putc_unlocked(' ', out);
	put_name(out, field->name);
	putc_unlocked('=', out);
	if (field->flags & TEP_FIELD_IS_ARRAY || field->size > 8)
		put_array(out, (unsigned char *)record->data + field->offset, field->size);
	else if (!tep_read_number_field((struct tep_format_field *)field, record->data, &value))
		fprintf(out, "0x%llx", value);
}

/* "  sh-191   [000]    48.764959: " */
static void put_prefix(FILE *out, struct tep_handle *tep, struct tep_record *record)
{
	int pid = record->size >= 8 ? tep_data_pid(tep, record) : -1;
	const char *comm = tep_data_comm_from_pid(tep, pid);
	int length = (int)strnlen(comm ? comm : "", 16);

	pad(out, 16 - length);
	put_name(out, comm);
	fprintf(out, "-%-5d [%03d] %5llu.%06llu: ", pid, record->cpu, record->ts / 1000000000,
		record->ts / 1000 % 1000000);
}

static int put_record(struct tracecmd_input *trace, struct tep_record *record, int cpu,
		      void *context)
{
	struct tep_handle *tep = tracecmd_get_tep(trace);
	struct tep_event *event = NULL;
	FILE *out = context;

	if (record->missed_events > 0)
		fprintf(out, "CPU:%d [%lld EVENTS DROPPED]\n", cpu, record->missed_events);
	else if (record->missed_events < 0)
		fprintf(out, "CPU:%d [LOST EVENTS]\n", cpu);
	put_prefix(out, tep, record);
	if (record->size >= 8)
		event = tep_find_event_by_record(tep, record);
	put_name(out, event ? event->name : "UNKNOWN");
	putc_unlocked(':', out);
	if (event && event->name && is_ours(event->name))
		for (struct tep_format_field *f = event->format.fields; f; f = f->next)
			put_field(out, f, record);
	putc_unlocked('\n', out);
	return ferror_unlocked(out) ? -1 : 0;
}

static void put_all(struct tracecmd_input *trace, FILE *out)
{
	struct tracecmd_input *buffers[BUFFERS_MAX] = { trace };
	int count = 1, more = tracecmd_buffer_instances(trace);

	for (int i = 0; i < more && count < BUFFERS_MAX; i++) {
		buffers[count] = tracecmd_buffer_instance_handle(trace, i);
		count += buffers[count] != NULL;
	}
	tracecmd_iterate_events_multi(buffers, count, put_record, out);
	for (int i = 1; i < count; i++)
		tracecmd_close(buffers[i]);
}

static enum tracecmd_outcome decode(int fd, FILE *out)
{
	struct tracecmd_input *trace;

	tracecmd_set_loglevel(TEP_LOG_NONE);
	/* Plugins would only make text; some run code of their own on bad input. */
	trace = tracecmd_open_fd(fd, TRACECMD_FL_LOAD_NO_PLUGINS);
	if (!trace)
		return TRACECMD_NO_TRACE;
	fprintf(out, "cpus=%d\n", tep_get_cpus(tracecmd_get_tep(trace)));
	put_all(trace, out);
	tracecmd_close(trace);
	return fflush(out) || ferror(out) ? TRACECMD_NO_WRITE : TRACECMD_DONE;
}

static const struct tracecmd_module functions = { decode };

MODULE(tracecmd, &functions);
