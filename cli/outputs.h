/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where reports go: standard output, and the files of --report. A file appears
 * under its name whole and on the disk, or not at all: it is written beside
 * its place, then renamed. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include <stdio.h>

#include "formats/writer.h"

#define REPORTS_MAX 16u   /* --report options; there are fewer formats */

struct output {
	const struct writer *writer;
	const char *path;           /* as typed; NULL: standard output */
	struct write_options options;
	FILE *file;
	char *target;               /* what path leads to; owned, or NULL */
	char *temporary;            /* what becomes `target`; owned, or NULL: written in place */
	int number;                 /* ... formats/publish.h */
	FILE *late;                 /* late parts, in an unlinked file; NULL: the format has none */
	struct writer_join join;
	bool any;                   /* an input was reported */
	int error;                  /* errno of the first failure, or 0 */
	const char *trouble;        /* in words, when errno does not say it; or NULL */
};

/* A report to `out`, which output_end() closes. */
void output_to_stream(struct output *output, const struct writer *writer,
		      const struct write_options *options, FILE *out);
/* A report to a file. Failures are kept for output_end() to tell. */
void output_to_file(struct output *output, const struct writer *writer,
		    const struct write_options *options, const char *path);
/* False: nothing that is written would arrive. */
static inline bool output_works(const struct output *output)
{
	return !output->error && !output->trouble;
}
void output_input(struct output *output, const struct input_report *input,
		  struct source *source);
/* The same in two steps, which may be taken by two processes: what the input is
 * in the report goes to the stream `parts`, marked with the output's index; and
 * parts of any number of inputs are joined to the outputs they are marked with. */
void output_make_parts(const struct output *output, uint32_t index,
		       const struct input_report *input, struct source *source, FILE *parts);
void output_take_parts(struct output *outputs, uint32_t count, struct text parts);
/* Ends, closes and publishes the report; false, and told on `errors` (or NULL), when it
 * could not be written. Then no file appears. */
bool output_end(struct output *output, const struct summary *summary, FILE *errors);

#endif
