/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A writer turns reports into one output format. One file formats/out_NAME.c
 * defines `const struct writer writer_NAME`; make finds it. */
#ifndef FORMATS_WRITER_H
#define FORMATS_WRITER_H

#include <stdio.h>

#include "core/report.h"
#include "core/rule.h"
#include "formats/source.h"

struct write_options {
	bool color;
	bool verbose;            /* -v: why rules were not checked, diagnostics */
	bool quiet;              /* -q: nothing but trouble */
	unsigned context;        /* --context=N: log lines around the evidence */
	enum severity fail_on;   /* and fail_never */
	bool fail_never;
};

struct summary {
	uint32_t inputs, boots;
	uint32_t errors, warnings, notes;   /* shown findings, consequences too */
	uint32_t by_verdict[5];             /* inputs by exit status */
	enum exit_status verdict;           /* of the run */
};

struct writer {
	const char *name;        /* "human", as typed after --format= */
	const char *title;       /* one line for --help */
	/* begin and end may be NULL. input is called once for each input, in
	 * order; `source` (may be NULL, when it could not be opened) gives its
	 * lines again. Write errors are seen by ferror() of `out`. */
	void (*begin)(FILE *out, const struct write_options *options);
	void (*input)(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source);
	void (*end)(FILE *out, const struct write_options *options,
		    const struct summary *summary);
};

extern const struct writer *const writer_table[];
extern const size_t writer_count;
const struct writer *writer_find(struct text name);

#endif
