/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --trace: traces of the boot that the log is of, read after the log. */
#ifndef CLI_TRACES_H
#define CLI_TRACES_H

#include "cli/run.h"

/* Opens them: before the doors of cli/sandbox.h are shut, or when they are read. */
void traces_open(struct run *run);
/* Reads all of them into the boots that the log leaves open, unless the log could not be
 * read, and judges what of it is held (cli/held.h). A failure is told as the
 * input's own, in run->input.trouble. */
MUST_USE enum status traces_read(struct run *run, enum status log);
/* After the report: what it quotes is no longer to be had. */
void traces_close(struct run *run);

/* A trace is of one boot, so of one log; and standard input is read once. False: it
 * is told on `errors`. */
bool traces_fit(const struct options *options, FILE *errors);

#endif
