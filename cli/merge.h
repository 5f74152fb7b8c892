/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --merge: one summary of what many runs have written. */
#ifndef CLI_MERGE_H
#define CLI_MERGE_H

#include "cli/options.h"

/* Adds up the inputs, which are ndjson or json of ours, and prints the summary
 * to `out`. A summary stands for the file records before it; those that none
 * follows, as after a kill, are counted one by one. Returns the worst status
 * recorded, or EXIT_TROUBLE. */
enum exit_status merge_files(const struct options *options, FILE *out);

/* The summary for a person. */
void summary_page(FILE *out, const struct write_options *options, const struct summary *summary);

#endif
