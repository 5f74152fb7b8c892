/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --against=GOOD: the boot that every other one is compared with. GOOD is opened
 * first, and read as any input is: behind the doors of cli/sandbox.h, by each process
 * that reads inputs. Of each domain the last boot with a verdict stays. */
#ifndef CLI_AGAINST_H
#define CLI_AGAINST_H

#include "cli/run.h"

struct against;

/* Opens options->against, and tells which reports will not show what moved. `given` is that
 * of the other boots. Fails with ST_IO, told on `errors`. */
MUST_USE enum status against_open(struct against **against, const struct options *options,
				  struct given *given, FILE *errors);
/* Reads it, the first time. NULL; or a sentence that says why there is nothing to compare
 * with, and lives as long as it. */
const char *against_read(struct against *against);
/* Another process has told what there was to tell of it. */
void against_hush(struct against *against);
/* In a process that was forked, before its doors are shut: a place in the file of its
 * own. Returns its descriptor; below 0: against_read() will say why there is none. */
int against_own(struct against *against);
void against_close(struct against *against);

/* In the run that reads GOOD, instead of reporting: an input was judged. */
void against_take(struct against *against, struct run *run);
/* In the other one: fills in the comparisons of the boots. */
void against_compare(struct against *against, struct run *run);

#endif
