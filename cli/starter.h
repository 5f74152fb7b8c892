/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Starts processes for a parser that may start none (cli/sandbox.h), to do what
 * formats/apart.h says. This process becomes the starter, and the parser is its child: so
 * it sees how the parser ends, and ends likewise. It holds nothing and parses nothing.
 *
 *    parser  --- a file to read, one to write --->  starter  --- fork --->  child
 *            <---------- how it ended ------------           <-- wait ---   doors shut,
 *                                                                           then works
 */
#ifndef CLI_STARTER_H
#define CLI_STARTER_H

#include "formats/input.h"

/* In a process with one thread, whose doors are to be shut, and which has loaded little
 * so far: all that it has mapped is mapped twice. For format->apart, whose module is loaded
 * where it is needed. Returns in its child, the parser; or, for want of processes, here,
 * and then apart_run() fails. */
void starter_start(const struct input_format *format);

#endif
