/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One input after the other:
 *
 *    source --> reader --> events --> the judge of their domain --> boots
 *                                                  |
 *    exit status <-- summary <-- writer <-- input_report
 *
 * One bad input never ends the run: it gets its record and status 3. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <setjmp.h>

#include "cli/given.h"
#include "cli/held.h"
#include "cli/known.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/timeline.h"
#include "formats/mmutrace.h"
#include "formats/packing.h"
#include "formats/reader.h"
#include "formats/source.h"

struct against;   /* cli/against.h */

/* One domain of a host, or the native machine: its boots, one after another. */
struct guest {
	struct judge judge;
	uint16_t domain;
	bool wanted;               /* --domain */
	uint32_t boot_number;      /* of the boot being judged */
	const struct kernel_image *image;   /* --vmlinux: of the kernel of this boot, or NULL */
	bool map_drawn;            /* --at: in this boot */
};

/* A boot that is over, and what the list of boots must know of it. */
struct ended_boot {
	struct boot_report *boot;
	bool xen_only;             /* no kernel line: another domain Xen spoke of */
	struct ended_boot *next;
};

/* A trace that is read into the input's last boot. */
struct run_trace {
	struct input_report report;
	struct source source;
	struct run_trace *next;
};

/* What --trace names: a file, or a member of an archive. */
struct named_trace {
	int fd;                    /* or -errno */
	const char *member;        /* behind "!", a pattern; or NULL */
};

struct run {
	const struct options *options;
	FILE *out, *errors;
	char *buffer;              /* of the source being read; owned if `taking` */
	struct arena arena;        /* the input's: its reports live here */
	/* [0] is dom0 or native; made once, kept over inputs. The others are
	 * made on first use and end with the input. */
	struct guest *guests[DOMAINS_MAX];
	uint32_t guest_count;
	jmp_buf no_memory;
	/* the input being read */
	struct reader reader;
	struct source source;
	size_t first;              /* bytes of it that are read and stand in the buffer */
	const struct input_format *format;   /* of it; NULL: not looked at, or none */
	struct input_report input;
	struct named_trace named_traces[TRACES_MAX];   /* traces_open() */
	bool traces_opened;
	struct run_trace *traces;      /* given with it, by --trace; in the arena */
	uint32_t trace_count;          /* that were begun */
	struct held held;              /* lines of the log that wait for a trace's */
	struct event traced_kernel;    /* the banner of the trace being read, until it tells an
	                                * operation; COUNT: none */
	struct ended_boot *ended;      /* the last number first, until they are listed */
	struct arena_mark boot_mark;   /* of the arena, before the boot being judged */
	uint32_t diagnostics_then;     /* ... and the diagnostics made before it */
	uint64_t operations_traced;   /* in all of them */
	bool domains_lost;         /* more than DOMAINS_MAX: told once */
	/* the whole run */
	struct against *against;       /* --against; or NULL. Owned */
	struct against *taking;        /* this run reads GOOD, for it; else NULL */
	struct given *given;           /* --vmlinux, --domain-xml; or NULL. Owned unless `taking` */
	struct mmutrace_writer *trace; /* --write-trace; or NULL */
	struct known *known;           /* --suppressions, --baseline; or NULL */
	struct summary summary;
	/* Standard output unless -q, then --report, then --write-baseline. */
	struct output outputs[2 + REPORTS_MAX];
	uint32_t output_count;
	FILE *parts;               /* in a worker: where parts go instead; else NULL */
	const char *over;          /* why nothing more can be read or written; or NULL */
	/* Called once, when the first bytes of an input are read and nothing is made of
	 * them yet; or NULL. cli/doors.h. */
	void (*shut)(struct run *run, enum packing packing);
	struct timeline timeline;
	struct progress progress;
};

/* Whose event is it? NULL: there are too many domains, which is told. */
struct guest *run_guest_of(struct run *run, const struct event *event);
/* The first event of another boot of the guest comes. */
void run_begin_boot(struct run *run, struct guest *guest);

/* *run is all zeros. Fails with ST_MEMORY; or ST_IO when the trace cannot be made, which
 * is told. */
MUST_USE enum status run_begin(struct run *run, const struct options *options, FILE *out,
			       FILE *errors);
/* Reads, judges and reports one input ("-": standard input). */
void run_input(struct run *run, const char *name);
/* The same with its descriptor, or -errno (formats/source.h). */
void run_input_fd(struct run *run, const char *name, int fd);
/* In each process that reads inputs, behind its doors, before the first: what the options
 * name is read, once. NULL; or why nothing can be judged, a sentence that lives as long
 * as the run. */
const char *run_prepare(struct run *run);
/* The record of an input that cannot be read at all; why, in one sentence. */
void run_failed(struct run *run, const char *name, const char *trouble);
/* What another process has read and judged: its parts of the reports (see
 * output_take_parts()) and what goes to standard error. */
void run_add(struct run *run, const struct summary *summary, struct text parts, struct text errors);

/* The steps of run_input(), for what holds several inputs: a new record; the judgement
 * of run->source, of which run->first bytes are read (none when input.status is not
 * ST_OK); what is told of it; the end of it, in any case. */
bool run_goes_on(const struct run *run);   /* does anybody read what would be told? */
void run_reset(struct run *run, const char *name);
void run_judge(struct run *run);
void run_report(struct run *run);
/* What the first bytes say, or --type does; NULL: none of ours. */
const struct input_format *run_format(struct run *run);
void run_done(struct run *run);

/* The summary; closes `out`. Returns the exit status. */
enum exit_status run_end(struct run *run);

/* Of run_begin() and run_end(): the reports, in cli/run_reports.c. */
void run_begin_reports(struct run *run);
void run_end_reports(struct run *run);

#endif
