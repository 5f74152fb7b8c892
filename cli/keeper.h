/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two processes for one run, when files must be opened or named after the doors of
 * cli/sandbox.h are shut:
 *
 *    keeper (first process)        "next?"         parser (its child)
 *    knows names, opens inputs  <------------   reads, judges, writes into
 *    gives reports their names  ------------>   what was opened for it
 *                                 descriptor
 *
 * The keeper reads no input. It only opens what the user named and only gives files
 * the names that were planned before. A run over one input without --report needs
 * no keeper; many inputs have the fleet. */
#ifndef CLI_KEEPER_H
#define CLI_KEEPER_H

#include "cli/names.h"

/* Forks, and returns in the parser. The keeper ends with the parser's status. False:
 * there can be no second process (errno). */
bool keeper_start(struct names *names);

/* In the parser, instead of names_next(): the next input's name and its descriptor, or
 * -errno; the name is valid until the next call. *any: there is one. Fails with ST_IO
 * when the keeper is gone. */
MUST_USE enum status keeper_next(struct names *names, struct input_name *input, int *fd,
				 bool *any);

#endif
