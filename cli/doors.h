/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When the doors of cli/sandbox.h are shut, and what is fetched before: the modules
 * that the first bytes call for, and room for copies. */
#ifndef CLI_DOORS_H
#define CLI_DOORS_H

#include "cli/run.h"
#include "formats/packing.h"

bool doors_wanted(const struct options *options);
/* For run->shut, when one input is read by this process, or many of any kind. */
void doors_shut_one(struct run *run, enum packing packing);
void doors_shut_many(struct run *run, enum packing packing);
/* Before a process that will be given inputs of any kind is forked. */
void doors_open_all(void);
/* In such a process, after doors_open_all(): it keeps two descriptors and standard
 * error. */
void doors_shut_worker(struct run *run, int from, int to);

#endif
