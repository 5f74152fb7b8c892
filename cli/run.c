/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/against.h"
#include "cli/map.h"
#include "cli/members.h"
#include "cli/timeline.h"
#include "cli/traces.h"
#include "formats/input.h"
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

static bool wants_picture(const struct options *options)
{
	for (uint32_t i = 0; i < options->report_count; i++)
		if (options->reports[i].writer->wants_picture)
			return true;
	return options->writer->wants_picture;
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
	guest->judge.wants_picture = guest->wanted && wants_picture(options);
	guest->judge.observe_context = &run->timeline;
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
struct guest *run_guest_of(struct run *run, const struct event *event)
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
	for (size_t i = 0; i < rule_count && !options_want_all_rules(run->options); i++)
		boot->results[i].left_out = !options_want_rule(run->options, i);
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
		if (f->severity > SEV_NOTE || run->options->write.fail_on == SEV_NOTE ||
		    run->options->baseline || run->options->suppressions)
			return false;
		notes += options_show(run->options, f);
	}
	run->input.clean_boots_more++;
	run->input.notes_more += notes;
	arena_rewind(&run->arena, run->boot_mark);
	return true;
}

/* Are --timeline and --map wanted of the boot that the guest is in? Which one
 * is the last is not known before its end: --boot=last shows them all. */
static bool replay_asked(const struct run *run, const struct guest *guest)
{
	uint32_t boot = run->options->boot;

	return guest->wanted && !run->options->write.quiet &&
	       (boot == BOOT_ALL || boot == BOOT_LAST || boot == guest->boot_number);
}

static void draw_map(struct run *run, const struct guest *guest)
{
	if (run->options->map && replay_asked(run, guest))
		map_put(run->out, run->input.name, guest->boot_number, &guest->judge.replay);
}

/* --domain-xml describes one guest: of several it cannot be known which. */
static enum status give_description(struct run *run, struct guest *guest)
{
	struct event event = { .kind = EV_DOMAIN_DESCRIBED, .domain = guest->domain,
			       .u.described = run->given ? run->given->domain : NULL };
	uint32_t guests = run->guest_count - 1;

	if (!event.u.described || !guest->wanted)
		return ST_OK;
	if (guests > 1 && run->options->all_domains) {
		reader_diagnose(&run->reader, LOC_NONE, "several guests are in the input, and "
				"--domain-xml describes one: say which with --domain=dN");
		return ST_OK;
	}
	return judge_event(&guest->judge, &event);
}

static enum status end_boot(struct run *run, struct guest *guest)
{
	struct boot_report *boot;
	enum status status;
	bool xen_only;

	if (!guest->judge.begun)
		return ST_OK;
	status = give_description(run, guest);
	if (guest->judge.observe)
		timeline_close(&run->timeline, &guest->judge.replay);
	timeline_end(&run->timeline);
	if (!guest->map_drawn)
		draw_map(run, guest);
	guest->map_drawn = false;
	xen_only = guest != run->guests[0] &&
		   !loc_known(guest->judge.replay.first_kernel);
	if (status != ST_OK)
		return status;
	status = judge_end_boot(&guest->judge, &boot);
	if (boot && guest->wanted && !drop_clean_boot(run, boot))
		keep_boot(run, guest, boot, xen_only);
	return status;
}

static NEVER_INLINE enum status end_all_boots(struct run *run)
{
	enum status status = ST_OK;

	for (uint32_t i = 0; i < run->guest_count; i++) {
		enum status one = end_boot(run, run->guests[i]);

		if (status == ST_OK)
			status = one;
	}
	return status;
}

void run_begin_boot(struct run *run, struct guest *guest)
{
	guest->image = NULL;
	guest->judge.wants_facts = guest->wanted && (run->against || run->taking);
	run->boot_mark = arena_mark(&run->arena);
	run->diagnostics_then = run->input.diagnostic_count;
	if (guest->wanted)
		guest->boot_number = ++run->input.boot_count;
	if (guest != run->guests[0])
		replay_inherit_host(&guest->judge.replay, &run->guests[0]->judge.replay);
	guest->judge.observe = NULL;
	guest->judge.replay.mmu_watcher = NULL;
	if (!run->options->timeline || !replay_asked(run, guest))
		return;
	guest->judge.observe = timeline_event;
	guest->judge.replay.mmu_watcher = mmu_seen_judged;
	guest->judge.replay.mmu_watcher_context = &run->timeline.seen;
	timeline_boot(&run->timeline, run->input.name, guest->boot_number, guest->domain);
}

/* The reader's emit. */
static enum status take_event(void *context, const struct event *event)
{
	struct run *run = context;
	struct guest *guest = LIKELY(event->domain == DOMAIN_NONE) ? run->guests[0]
								  : run_guest_of(run, event);
	enum status status = ST_OK;

	if (UNLIKELY(run->trace != NULL))
		mmutrace_put(run->trace, event);
	if (!guest)
		return ST_OK;
	if (guest->judge.begun && replay_is_next_boot(&guest->judge.replay, event)) {
		/* A host that starts again takes all its guests along. */
		status = event->kind == EV_XEN_STARTED ? end_all_boots(run) : end_boot(run, guest);
		if (status != ST_OK)
			return status;
	}
	if (!guest->judge.begun)
		run_begin_boot(run, guest);
	if (run->options->at_line && !guest->map_drawn && event->at.line > run->options->at_line) {
		timeline_end(&run->timeline);
		draw_map(run, guest);
		guest->map_drawn = true;
	}
	if (UNLIKELY(run->given != NULL))
		return given_judge(run, guest, event);
	return judge_event(&guest->judge, event);
}

/* The reader's open_queue. */
static struct mmu_queue *open_queue(void *context, const struct event *event)
{
	struct run *run = context;
	struct guest *guest;

	if (run->trace || run->options->at_line)
		return NULL;
	guest = run_guest_of(run, event);
	return guest ? judge_open_queue(&guest->judge, event) : NULL;
}

/* The reader's keep_line. */
static void take_line(void *context, struct text line, struct loc at)
{
	struct run *run = context;

	mmutrace_put_line(run->trace, line, at, run->options->redact);
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
		if (run->input.unread && !e->boot->no_verdict)
			e->boot->no_verdict = run->input.unread;
		*tail = e->boot;
		tail = &e->boot->next;
	}
	*tail = NULL;
}

/* --- one input ------------------------------------------------------------- */

/* Reads the first block. */
static enum status open_input(struct run *run, int fd)
{
	struct source *source = &run->source;
	enum status status;

	source->buffer = run->buffer;
	status = source_open_fd(source, run->input.name, fd, &run->input.trouble);
	if (status != ST_OK)
		return status;
	source->bytes_max = run->options->max_bytes;
	source->line_max = run->options->max_line;
	return source_read(source, source_data(source), READ_BYTES, &run->first,
			   &run->input.trouble);
}

const struct input_format *run_format(struct run *run)
{
	if (!run->format && run->input.status == ST_OK)
		run->format = run->options->type ? run->options->type :
			      input_recognise((unsigned char *)source_data(&run->source),
					      run->first);
	return run->format;
}

/* Bytes of a kind that nobody reads are named: status 4, never 0. */
static enum status read_source(struct run *run)
{
	struct source *source = &run->source;
	const unsigned char *bytes = (unsigned char *)source_data(source);
	const struct input_format *format = run_format(run);
	enum status status = ST_OK;

	run->input.bytes = run->first;
	run->input.format = format ? format->name : probe_format(bytes, run->first);
	source->words = format ? format->words : NULL;
	if (format)
		status = format->read(&run->reader, source, run->first, &run->input.trouble);
	return status == ST_OK ? source_failure(source, &run->input.trouble) : status;
}

static enum status judge_source(struct run *run)
{
	enum status status, ended;

	run->source.input = run->source.quoted = run->input.input;
	if (run->given) {
		run->reader.image = run->given->image;
		run->reader.image_folder = run->given->folder;
	}
	if (run->options->trace_count)
		held_begin(run);
	status = read_source(run);
	if (run->options->trace_count)
		status = traces_read(run, status);
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
			if (finding_is_open(f) && f->severity >= run->options->write.fail_on)
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

static void watch_source(void *context, const struct source *source)
{
	struct run *run = context;

	progress_step(&run->progress, source);
}

void run_reset(struct run *run, const char *name)
{
	run->input = (struct input_report){
		.input = (uint32_t)run->summary.inputs,
		.name = name,
		.format = "unread",
	};
	run->format = NULL;
	run->ended = NULL;
	run->domains_lost = false;
	run->traces = NULL;
	run->trace_count = 0;
	run->operations_traced = 0;
	run->source = (struct source){ .name = name, .fd = -1, .spool_fd = -1,
				       .redact = run->options->redact,
				       .watch = watch_source, .watch_context = run };
	progress_begin(&run->progress, &run->reader.emitted);
	run->reader = (struct reader){
		.emit = take_event,
		.open_queue = open_queue,
		.keep_line = run->trace ? take_line : NULL,
		.context = run,
		.input = &run->input,
		.arena = &run->arena,
	};
}

void run_judge(struct run *run)
{
	if (run->input.status != ST_OK) {
		;   /* there is nothing to read */
	} else if (!setjmp(run->no_memory)) {
		run->input.status = judge_source(run);
	} else {
		/* What was being judged is lost; boots that had ended stay. */
		free_guests(run, 0);
		run->input.status = ST_MEMORY;
		run->input.trouble = "out of memory: the input needs more than one may take";
	}
	progress_end(&run->progress);
	list_boots(run);
	if (run->known)
		known_apply(run->known, run->options, &run->input);
	run->input.verdict = verdict_of(run);
}

void run_done(struct run *run)
{
	source_close(&run->source);
	traces_close(run);
	free_guests(run, 1);
	if (!run->taking)
		arena_reset(&run->arena);
	if (!run->guest_count && !new_guest(run, DOMAIN_NONE))
		run->over = "out of memory";
}

/* What holds a log inside, unless the user knows better. */
static enum packing packing_of(const struct run *run)
{
	if (run->input.status != ST_OK || run->options->type)
		return PACKING_NONE;
	return packing_probe((unsigned char *)source_data(&run->source), run->first);
}

const char *run_prepare(struct run *run)
{
	const char *trouble = given_read(run->given);

	if (!trouble && run->known && run->known->baseline.given)
		trouble = baseline_read(&run->known->baseline);
	return trouble || !run->against ? trouble : against_read(run->against);
}

void run_input_fd(struct run *run, const char *name, int fd)
{
	enum packing packing;

	if (!run_goes_on(run))
		return;
	run_reset(run, name);
	run->input.status = open_input(run, fd);
	packing = packing_of(run);
	if (run->shut)
		run->shut(run, packing);
	run->over = run_prepare(run);
	if (run->over) {
		run_done(run);
		return;
	}
	if (packing != PACKING_NONE) {
		members_run(run, packing);
		return;
	}
	run_judge(run);
	run_report(run);
	run_done(run);
}

void run_input(struct run *run, const char *name)
{
	run_input_fd(run, name, source_descriptor(name));
}

void run_failed(struct run *run, const char *name, const char *trouble)
{
	if (!run_goes_on(run))
		return;
	run_reset(run, name);
	run->input.status = ST_IO;
	run->input.trouble = trouble;
	run_judge(run);
	run_report(run);
	run_done(run);
}

/* --- the run --------------------------------------------------------------- */

/* The line would stand between the lines of a timeline. */
static void begin_progress(struct run *run)
{
	const struct options *options = run->options;

	if (options->no_progress || run->errors != stderr || !isatty(STDERR_FILENO) ||
	    (options->timeline && isatty(STDOUT_FILENO)))
		return;
	run->progress.out = run->errors;
	run->progress.process = getpid();
}

/* The user's own run has one that comes with the program: two system calls less. */
static char *buffer_of(const struct run *run)
{
	static _Alignas(4096) char own[SOURCE_BUFFER_BYTES];

	return run->taking ? source_buffer_new() : own;
}

/* What the options name is opened, in the order in which it is needed. */
static enum status begin(struct run *run)
{
	const struct options *options = run->options;
	const char *trouble;
	enum status status = run->taking ? ST_OK : given_open(&run->given, options, run->errors);

	if (status == ST_OK && options->against)
		status = against_open(&run->against, options, run->given, run->errors);
	if (status != ST_OK)
		return status;
	if (options->write_trace) {
		run->trace = mmutrace_create(options->write_trace, &trouble);
		if (!run->trace) {
			fprintf(run->errors, "pgtcheck: %s: %s\n", options->write_trace, trouble);
			return ST_IO;
		}
	}
	run->buffer = buffer_of(run);
	if (!run->buffer)
		return ST_MEMORY;
	arena_init(&run->arena, ARENA_BYTES_MAX, out_of_memory, run);
	if (setjmp(run->no_memory) || !new_guest(run, DOMAIN_NONE))
		return ST_MEMORY;
	begin_progress(run);
	run_begin_reports(run);
	return ST_OK;
}

static void release(struct run *run)
{
	free_guests(run, 0);
	arena_release(&run->arena);
	against_close(run->against);
	if (run->taking)
		free(run->buffer);
	else
		given_close(run->given);
}

enum status run_begin(struct run *run, const struct options *options, FILE *out, FILE *errors)
{
	const char *trouble = "";
	enum status status;

	run->options = options;
	run->out = out;
	run->timeline.out = out;
	run->timeline.frame = options->frame;
	run->errors = errors;
	status = begin(run);
	if (status == ST_OK)
		return ST_OK;
	/* The file keeps what it had. */
	if (run->trace && mmutrace_finish(run->trace, false, &trouble) != ST_OK)
		fprintf(errors, "pgtcheck: %s: %s\n", options->write_trace, trouble);
	release(run);
	return status;
}

/* --write-trace: the file gets its name when all was read and there is an
 * operation to keep. */
static void finish_trace(struct run *run)
{
	bool keep = mmutrace_written(run->trace) && !run->summary.by_verdict[EXIT_TROUBLE];
	const char *trouble = "no page-table operation was read: not written";
	enum status status = mmutrace_finish(run->trace, keep, &trouble);

	run->trace = NULL;
	if (keep && status == ST_OK)
		return;
	if (run->summary.by_verdict[EXIT_TROUBLE])
		trouble = "the input could not be read: not written";
	fprintf(run->errors, "pgtcheck: %s: %s\n", run->options->write_trace, trouble);
	run->summary.verdict = worse_status(run->summary.verdict, EXIT_TROUBLE);
}

enum exit_status run_end(struct run *run)
{
	if (run->over) {
		fputs("pgtcheck: ", run->errors);
		screen_puts(&(struct screen){ .out = run->errors }, run->over);
		putc('\n', run->errors);
		run->summary.verdict = worse_status(run->summary.verdict, EXIT_TROUBLE);
	}
	if (run->trace)
		finish_trace(run);
	run_end_reports(run);
	release(run);
	return run->summary.verdict;
}
