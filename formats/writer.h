/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A writer turns reports into one output format. One file formats/out_NAME.c
 * defines `const struct writer writer_NAME`; make finds it.
 *
 *    begin | part part ... | middle | late part, late part ... | end
 *
 * A part is made from its input alone, never from what was written before: so
 * parts can be made anywhere, in any order, and are joined in the order of the
 * inputs. Nothing is kept in memory but the part at hand. */
#ifndef FORMATS_WRITER_H
#define FORMATS_WRITER_H

#include <stdio.h>

#include "core/report.h"
#include "core/rule.h"
#include "formats/source.h"
#include "formats/summary.h"

struct write_options {
	bool color;
	unsigned columns;        /* of the terminal; 0: not known */
	bool verbose;            /* -v: why rules were not checked, diagnostics */
	bool quiet;              /* -q: nothing but trouble */
	unsigned context;        /* --context=N: log lines around the evidence */
	enum severity fail_on;   /* and fail_never */
	bool fail_never;
};

#define LINE_KINDS_MAX 3u

/* What joining parts needs to remember; all zero at the beginning. */
struct writer_join {
	bool any, any_late;              /* a part that is not empty was joined */
	uint64_t inputs;                 /* whose part was joined */
	uint32_t seen[LINE_KINDS_MAX];   /* lines of each kind so far, kept or not */
};

struct writer {
	const char *name;        /* "human", as typed after --format= */
	const char *title;       /* one line for --help */
	const char *module;      /* what it needs (formats/module.h), or NULL */
	bool one_input;          /* the format has room for one input only */
	bool numbered;           /* parts hold marks of formats/number.h */
	bool wants_picture;      /* boot_report.picture is drawn */
	bool tells_against;      /* boot_report.against is told */
	/* begin and end may be NULL. input is called once for each input, in
	 * order; `source` (may be NULL, when it could not be opened) gives its
	 * lines again. Write errors are seen by ferror() of `out`. */
	void (*begin)(FILE *out, const struct write_options *options);
	void (*input)(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source);
	void (*end)(FILE *out, const struct write_options *options,
		    const struct summary *summary);
	/* Stands between two parts that are not empty, late ones too; or NULL. */
	const char *between;
	/* A second part of the input, which stands after all first ones; or NULL. */
	void (*late)(FILE *out, const struct write_options *options,
		     const struct input_report *input);
	const char *middle;      /* goes before the late parts */
	/* The kind of a line of a part, below LINE_KINDS_MAX; only the first
	 * `lines_of_a_kind` of each are kept. NULL: all lines are. */
	unsigned (*kind_of)(struct text line);
	uint32_t lines_of_a_kind;
	/* Tells at the end how many lines were left out; with kind_of only. */
	void (*left_out)(FILE *out, const uint32_t counts[LINE_KINDS_MAX]);
};

extern const struct writer *const writer_table[];
extern const size_t writer_count;
const struct writer *writer_find(struct text name);

/* May its parts go to the report as they are made? Otherwise each is made
 * first, and joined whole. */
static inline bool writer_streams(const struct writer *writer)
{
	return !writer->between && !writer->kind_of && !writer->numbered;
}
void writer_join_part(const struct writer *writer, struct writer_join *join, FILE *out,
		      struct text part);
/* The late part of the input whose part was joined last. */
void writer_join_late(const struct writer *writer, struct writer_join *join, FILE *out,
		      struct text part);
/* After all parts, before `end`. */
void writer_join_end(const struct writer *writer, const struct writer_join *join, FILE *out);

#endif
