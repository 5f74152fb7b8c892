/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/map.h"
#include "cli/timeline.h"
#include "formats/probe.h"
#include "formats/screen.h"

/* --- guests ---------------------------------------------------------------- */

/* Xen's own numbers, such as DOMID_IO and DOMID_IDLE, name no guest.
 * Source: Xen xen/include/public/xen.h, DOMID_FIRST_RESERVED. */
#define DOMID_FIRST_RESERVED 0x7ff0u

static void out_of_memory(void *context)
{
	struct run *run = context;

	longjmp(run->no_memory, 1);
}

static struct guest *new_guest(struct run *run, uint16_t domain)
{
	const struct options *options = run->options;
	struct guest *guest = malloc(sizeof(*guest));

	if (!guest)
		return NULL;
	guest->domain = domain;
	guest->wanted = options->all_domains ||
			options->domain == (domain == DOMAIN_NONE ? 0 : domain);
	guest->boot_number = 0;
	guest->map_drawn = false;
	judge_init(&guest->judge, &run->arena, domain, out_of_memory, run);
	if (options->timeline && guest->wanted && !options->write.quiet) {
		guest->judge.observe = timeline_event;
		guest->judge.observe_context = run->out;
	}
	run->guests[run->guest_count++] = guest;
	return guest;
}

static void free_guests(struct run *run, uint32_t keep)
{
	while (run->guest_count > keep) {
		struct guest *guest = run->guests[--run->guest_count];

		judge_release(&guest->judge);
		free(guest);
	}
}

/* An excerpt of one guest: its kernel's lines have no (dN), and Xen speaks of one
 * domain alone. They belong together, unless the host's own console is here. */
static bool adopts(struct run *run, const struct event *event)
{
	struct replay *first = &run->guests[0]->judge.replay;

	if (event->speaker != SPEAKER_XEN || run->guest_count > 1 || first->xen.on_console)
		return false;
	if (run->guests[0]->judge.begun && first->domain == event->domain)
		return true;
	if (first->domain != DOMAIN_NONE || loc_known(first->domain_crashed_at) ||
	    (first->evidence & EVIDENCE_XEN))
		return false;
	first->domain = event->domain;
	return true;
}

/* Whose event is it? NULL: there are too many domains, which is told. */
static struct guest *guest_of(struct run *run, const struct event *event)
{
	uint16_t domain = event->domain;
	struct guest *guest;

	if (domain == 0 || domain >= DOMID_FIRST_RESERVED || adopts(run, event))
		return run->guests[0];
	for (uint32_t i = 1; i < run->guest_count; i++)
		if (run->guests[i]->domain == domain)
			return run->guests[i];
	if (run->guest_count < DOMAINS_MAX) {
		guest = new_guest(run, domain);
		if (!guest)
			out_of_memory(run);
		return guest;
	}
	if (!run->domains_lost)
		reader_diagnose(&run->reader, event->at,
				"more than %u domains: d%u and others are not judged",
				DOMAINS_MAX, domain);
	run->domains_lost = true;
	return NULL;
}

/* --- boots ----------------------------------------------------------------- */

static void keep_boot(struct run *run, const struct guest *guest, struct boot_report *boot,
		      bool xen_only)
{
	struct ended_boot *ended = ARENA_NEW(&run->arena, struct ended_boot);
	struct ended_boot **link = &run->ended;

	boot->number = guest->boot_number;
	for (struct finding *f = boot->findings; f; f = f->next)
		f->shown = options_show(run->options, f);
	/* The last number first: guests end in another order than they begin, but
	 * only those that are running meanwhile come between. */
	while (*link && (*link)->boot->number > boot->number)
		link = &(*link)->next;
	*ended = (struct ended_boot){ boot, xen_only, *link };
	*link = ended;
}

/* From the first number on. */
static void turn_ended(struct run *run)
{
	struct ended_boot *ended = run->ended, *turned = NULL;

	while (ended) {
		struct ended_boot *next = ended->next;

		ended->next = turned;
		turned = ended;
		ended = next;
	}
	run->ended = turned;
}

/* One more clean boot in a long capture of one machine: counted, not kept. */
static bool drop_clean_boot(struct run *run, const struct boot_report *boot)
{
	uint32_t notes = 0;

	if (run->input.boot_count <= CLEAN_BOOTS_MAX || run->guest_count > 1 || boot->no_verdict ||
	    run->options->boot != BOOT_ALL || run->input.diagnostic_count != run->diagnostics_then)
		return false;
	for (const struct finding *f = boot->findings; f; f = f->next) {
		if (f->severity > SEV_NOTE || run->options->write.fail_on == SEV_NOTE)
			return false;
		notes += options_show(run->options, f);
	}
	run->input.clean_boots_more++;
	run->input.notes_more += notes;
	arena_rewind(&run->arena, run->boot_mark);
	return true;
}

static void draw_map(struct run *run, const struct guest *guest)
{
	if (run->options->map && guest->wanted && !run->options->write.quiet)
		map_put(run->out, run->input.name, guest->boot_number, &guest->judge.replay);
}

static enum status end_boot(struct run *run, struct guest *guest)
{
	struct boot_report *boot;
	enum status status;
	bool xen_only;

	if (!guest->judge.begun)
		return ST_OK;
	if (!guest->map_drawn)
		draw_map(run, guest);
	guest->map_drawn = false;
	xen_only = guest != run->guests[0] &&
		   !(guest->judge.replay.evidence & EVIDENCE_KERNEL);
	status = judge_end_boot(&guest->judge, &boot);
	if (boot && guest->wanted && !drop_clean_boot(run, boot))
		keep_boot(run, guest, boot, xen_only);
	return status;
}

static enum status end_all_boots(struct run *run)
{
	enum status status = ST_OK;

	for (uint32_t i = 0; i < run->guest_count; i++) {
		enum status one = end_boot(run, run->guests[i]);

		if (status == ST_OK)
			status = one;
	}
	return status;
}

static void begin_boot(struct run *run, struct guest *guest)
{
	run->boot_mark = arena_mark(&run->arena);
	run->diagnostics_then = run->input.diagnostic_count;
	if (guest->wanted)
		guest->boot_number = ++run->input.boot_count;
	if (guest != run->guests[0])
		replay_inherit_host(&guest->judge.replay, &run->guests[0]->judge.replay);
	if (run->options->timeline && guest->wanted && !run->options->write.quiet)
		timeline_boot(run->out, run->input.name, guest->boot_number, guest->domain);
}

/* The reader's emit. */
static enum status take_event(void *context, const struct event *event)
{
	struct run *run = context;
	struct guest *guest = guest_of(run, event);
	enum status status = ST_OK;

	if (!guest)
		return ST_OK;
	if (guest->judge.begun && replay_is_next_boot(&guest->judge.replay, event)) {
		/* A host that starts again takes all its guests along. */
		status = event->kind == EV_XEN_STARTED ? end_all_boots(run) : end_boot(run, guest);
		if (status != ST_OK)
			return status;
	}
	if (!guest->judge.begun)
		begin_boot(run, guest);
	if (run->options->at_line && !guest->map_drawn && event->at.line > run->options->at_line) {
		draw_map(run, guest);
		guest->map_drawn = true;
	}
	return judge_event(&guest->judge, event);
}

/* Is this boot one of those that --boot asks for? */
static bool boot_asked(const struct run *run, const struct boot_report *boot)
{
	switch (run->options->boot) {
	case BOOT_ALL:
		return true;
	case BOOT_LAST:
		return boot->number == run->input.boot_count;
	default:
		return boot->number == run->options->boot;
	}
}

static bool has_blame(const struct boot_report *boot)
{
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->shown && f->severity > SEV_NOTE)
			return true;
	return false;
}

/* A domain that only Xen spoke of is no boot to be judged: it stays when it
 * has something to answer for, or when there is nothing else. */
static bool worth_listing(const struct run *run, const struct ended_boot *ended)
{
	return !ended->xen_only || has_blame(ended->boot) ||
	       (run->ended == ended && !ended->next);
}

/* Numbers those that are worth it, in order of appearance. */
static void number_boots(struct run *run)
{
	uint32_t skipped = 0;

	for (struct ended_boot *e = run->ended; e; e = e->next) {
		if (worth_listing(run, e)) {
			e->boot->number -= skipped;
		} else {
			e->boot->number = 0;
			skipped++;
		}
	}
	run->input.boot_count -= skipped;
}

static void list_boots(struct run *run)
{
	struct boot_report **tail = &run->input.boots;

	turn_ended(run);
	number_boots(run);
	for (struct ended_boot *e = run->ended; e; e = e->next) {
		if (!e->boot->number || !boot_asked(run, e->boot))
			continue;
		if (e->xen_only && has_blame(e->boot))
			e->boot->no_verdict = NULL;
		*tail = e->boot;
		tail = &e->boot->next;
	}
	*tail = NULL;
}

/* --- one input ------------------------------------------------------------- */

/* Bytes of another kind than text are named, not read: status 4, never 0. */
static enum status read_source(struct run *run)
{
	struct source *source = &run->source;
	enum status status;
	size_t got;

	status = source_read(source, source_data(source), READ_BYTES, &got, &run->input.trouble);
	if (status != ST_OK)
		return status;
	run->input.bytes = got;
	run->input.format = PROBE_TEXT;
	if (run->options->type == TYPE_AUTO)
		run->input.format = probe_format((unsigned char *)source_data(source), got);
	if (run->input.format != PROBE_TEXT)
		return ST_OK;
	return in_text_run(&run->reader, source, got, &run->input.trouble);
}

static enum status read_input(struct run *run)
{
	enum status status, ended;

	run->source.buffer = run->buffer;
	status = source_open(&run->source, run->input.name, &run->input.trouble);
	if (status != ST_OK)
		return status;
	status = read_source(run);
	/* What was understood before a failure is still worth telling. */
	ended = end_all_boots(run);
	return status == ST_OK ? ended : status;
}

static bool is_enough(const struct input_report *input)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		if (boot->no_verdict)
			return false;
	return input->boots != NULL || input->clean_boots_more;
}

static bool is_blamed(const struct run *run)
{
	if (run->options->write.fail_never)
		return false;
	for (const struct boot_report *boot = run->input.boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (f->shown && f->severity >= run->options->write.fail_on)
				return true;
	return false;
}

static enum exit_status verdict_of(const struct run *run)
{
	if (run->input.status != ST_OK)
		return EXIT_TROUBLE;
	if (is_blamed(run))
		return EXIT_FINDINGS;
	return is_enough(&run->input) ? EXIT_CLEAN : run->options->inconclusive;
}

/* The first that applies of 2, 3, 1, 4, 0. */
static enum exit_status worse(enum exit_status a, enum exit_status b)
{
	static const uint8_t rank[] = {
		[EXIT_CLEAN] = 0, [EXIT_NO_VERDICT] = 1, [EXIT_FINDINGS] = 2,
		[EXIT_TROUBLE] = 3, [EXIT_USAGE] = 4,
	};

	return rank[a] >= rank[b] ? a : b;
}

static void add_to_summary(struct run *run)
{
	struct summary *summary = &run->summary;

	for (const struct boot_report *boot = run->input.boots; boot; boot = boot->next) {
		summary->boots++;
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (!f->shown)
				continue;
			summary->errors += f->severity == SEV_ERROR;
			summary->warnings += f->severity == SEV_WARNING;
			summary->notes += f->severity == SEV_NOTE;
		}
	}
	summary->boots += run->input.clean_boots_more;
	summary->notes += run->input.notes_more;
	summary->inputs++;
	summary->by_verdict[run->input.verdict]++;
	summary->verdict = worse(summary->verdict, run->input.verdict);
}

static void tell_trouble(struct run *run)
{
	const char *trouble = run->input.trouble;

	fprintf(run->errors, "pgtcheck: ");
	screen_puts(&(struct screen){ .out = run->errors }, run->input.name);
	fprintf(run->errors, ": %s\n", trouble ? trouble : status_sentence(run->input.status));
}

static void note_write_error(struct run *run)
{
	if (ferror(run->out) && !run->write_error)
		run->write_error = errno ? errno : EIO;
}

static void report_input(struct run *run)
{
	const struct options *options = run->options;

	list_boots(run);
	run->input.verdict = verdict_of(run);
	if (run->input.status != ST_OK)
		tell_trouble(run);
	add_to_summary(run);
	errno = 0;
	if (!options->write.quiet)
		options->writer->input(run->out, &options->write, &run->input, &run->source);
	note_write_error(run);
}

static void reset_input(struct run *run, const char *name)
{
	run->input = (struct input_report){
		.input = run->summary.inputs,
		.name = name,
		.format = "unread",
	};
	run->ended = NULL;
	run->domains_lost = false;
	run->source = (struct source){ .name = name, .fd = -1, .spool_fd = -1 };
	run->reader = (struct reader){
		.emit = take_event,
		.context = run,
		.input = &run->input,
		.arena = &run->arena,
	};
}

void run_input(struct run *run, const char *name)
{
	/* The reader of a closed pipe wants no more. */
	if (run->write_error)
		return;
	reset_input(run, name);
	if (!setjmp(run->no_memory)) {
		run->input.status = read_input(run);
	} else {
		/* What was being judged is lost; boots that had ended stay. */
		free_guests(run, 0);
		run->input.status = ST_MEMORY;
		run->input.trouble = "out of memory: the input needs more than one may take";
	}
	report_input(run);
	source_close(&run->source);
	free_guests(run, 1);
	arena_reset(&run->arena);
	if (!run->guest_count && !new_guest(run, DOMAIN_NONE))
		run->write_error = ENOMEM;
}

/* --- the run --------------------------------------------------------------- */

enum status run_begin(struct run *run, const struct options *options, FILE *out, FILE *errors)
{
	memset(run, 0, sizeof(*run));
	run->options = options;
	run->out = out;
	run->errors = errors;
	run->buffer = source_buffer_new();
	if (!run->buffer)
		return ST_MEMORY;
	arena_init(&run->arena, ARENA_BYTES_MAX, out_of_memory, run);
	if (setjmp(run->no_memory) || !new_guest(run, DOMAIN_NONE))
		return ST_MEMORY;
	if (options->writer->begin && !options->write.quiet)
		options->writer->begin(out, &options->write);
	return ST_OK;
}

static void tell_write_error(struct run *run)
{
	fprintf(run->errors, "pgtcheck: cannot write the report: %s\n", strerror(run->write_error));
	run->summary.verdict = worse(run->summary.verdict, EXIT_TROUBLE);
}

enum exit_status run_end(struct run *run)
{
	const struct options *options = run->options;

	if (options->writer->end && !options->write.quiet && !run->write_error)
		options->writer->end(run->out, &options->write, &run->summary);
	errno = 0;
	if ((fflush(run->out) || ferror(run->out) || fclose(run->out)) && !run->write_error)
		run->write_error = errno ? errno : EIO;
	if (run->write_error)
		tell_write_error(run);
	free_guests(run, 0);
	arena_release(&run->arena);
	free(run->buffer);
	return run->summary.verdict;
}
