/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the newlines of a block are: 128 bytes at a time where the machine can. */
#ifndef FORMATS_NEWLINES_H
#define FORMATS_NEWLINES_H

#include "core/base.h"

/* Bytes that are scanned in one go: the positions stay in the cache. */
#define NEWLINES_BYTES 16384u
/* Positions of that many bytes, and what a scanner writes too far. */
#define NEWLINES_ROOM (NEWLINES_BYTES + 64u)

/* Writes the positions of the newlines in [bytes, bytes + length), going up;
 * returns how many. length: up to NEWLINES_BYTES; 128 bytes of slack are readable
 * behind them. */
typedef unsigned (*newline_scanner)(const char *bytes, unsigned length, uint16_t *positions);

/* The fastest that this machine can run. */
newline_scanner newlines_scanner(void);
/* One that every machine can run: the other's oracle. */
unsigned newlines_plain(const char *bytes, unsigned length, uint16_t *positions);

#endif
