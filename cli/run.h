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

#include "cli/options.h"
#include "formats/in_text.h"

/* One domain of a host, or the native machine: its boots, one after another. */
struct guest {
	struct judge judge;
	uint16_t domain;
	bool wanted;               /* --domain */
	uint32_t boot_number;      /* of the boot being judged */
	bool map_drawn;            /* --at: in this boot */
};

/* A boot that is over, and what the list of boots must know of it. */
struct ended_boot {
	struct boot_report *boot;
	bool xen_only;             /* no kernel line: another domain Xen spoke of */
	struct ended_boot *next;
};

struct run {
	const struct options *options;
	FILE *out, *errors;
	char *buffer;              /* of the source being read; owned */
	struct arena arena;        /* the input's: its reports live here */
	/* [0] is dom0 or native; made once, kept over inputs. The others are
	 * made on first use and end with the input. */
	struct guest *guests[DOMAINS_MAX];
	uint32_t guest_count;
	jmp_buf no_memory;
	/* the input being read */
	struct reader reader;
	struct source source;
	struct input_report input;
	struct ended_boot *ended;      /* the last number first, until they are listed */
	struct arena_mark boot_mark;   /* of the arena, before the boot being judged */
	uint32_t diagnostics_then;     /* ... and the diagnostics made before it */
	bool domains_lost;         /* more than DOMAINS_MAX: told once */
	/* the whole run */
	struct summary summary;
	int write_error;           /* errno of the first failed write, or 0 */
};

/* Fails with ST_MEMORY. */
MUST_USE enum status run_begin(struct run *run, const struct options *options, FILE *out,
			       FILE *errors);
/* Reads, judges and reports one input ("-": standard input). */
void run_input(struct run *run, const char *name);
/* The summary; closes `out`. Returns the exit status. */
enum exit_status run_end(struct run *run);

#endif
