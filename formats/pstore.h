/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a dying kernel leaves in pstore: its log in pieces, each a file with a first
 * line of its own, the newest lines in part 1.
 *
 *   Oops#1 Part1          Oops#1 Part2              Oops#1 Part2
 *   <6>[    0.2] last     <6>[    0.1] first   -->  <6>[    0.1] first
 *                                                   Oops#1 Part1
 *                                                   <6>[    0.2] last
 *
 * An oops and the panic after it leave the log twice: what the second tells again is
 * left out. Source: Linux fs/pstore/platform.c, pstore_dump(); kernel/printk/printk.c,
 * kmsg_dump_get_buffer(). */
#ifndef FORMATS_PSTORE_H
#define FORMATS_PSTORE_H

#include "core/text.h"

/* A computer's whole pstore is much smaller. */
#define PSTORE_BYTES_MAX (4u * 1024 * 1024)

/* Does it begin with such a line? */
bool pstore_begins(struct text head);

/* The pieces in the order in which the lines were printed, and a line of our own where a
 * part is missing. Malloc'ed; NULL: out of memory. *length: of the result. */
char *pstore_in_order(struct text pieces, size_t *length);

#endif
