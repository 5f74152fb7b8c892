/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inputs that hold others: each log inside is judged like a file, and an archive
 * gets a record of its own that says what else was in it. */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include "cli/run.h"
#include "formats/modules/unpack/unpack.h"
#include "formats/packing.h"

/* Judges and reports what run->source holds; its first block is read, and it was
 * recognised as `packing`. Closes it. */
void members_run(struct run *run, enum packing packing);

/* How much may come out of what is packed. */
struct unpack_limits members_limits(const struct options *options);

#endif
