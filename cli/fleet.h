/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Many inputs, by processes:
 *
 *             names, 16 at a time          reports of a unit, whole
 *    names ---------------------> worker 1 -------------------------> in order of
 *                \--------------> worker N ------------------------/  the inputs
 *
 * A worker has the run as it was when it was forked, and nothing is shared but
 * the number of the input it is at: when it dies, that input gets its record
 * and the unit is done again by a new one. So the output is the same for any
 * number of workers, and one bad input never ends the batch. */
#ifndef CLI_FLEET_H
#define CLI_FLEET_H

#include "cli/names.h"
#include "cli/run.h"

#define FLEET_JOBS_MAX 256u

/* Reads, judges and reports all names. Fails with ST_MEMORY or ST_IO when there
 * can be no workers. */
MUST_USE enum status fleet_run(struct run *run, struct names *names);

#endif
