/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --skip-done: the inputs that an earlier run has finished. */
#ifndef CLI_DONE_H
#define CLI_DONE_H

#include <stddef.h>

/* The names with a whole file record in `file`, in no order, `count` of them;
 * the array and the names are the caller's. What is torn is told on standard
 * error and its input is not done. A file that cannot be read ends the program
 * with status 3; one that is not there yet has done nothing. */
char **done_names(const char *file, size_t *count);

#endif
