/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The number of a part's input, from 0, is known only when all inputs before it are
 * done, maybe by other processes. The part of a writer that is `numbered` holds a mark
 * in its place, and joining puts the number. A mark stands between two NUMBER_MARK,
 * a byte that no report has: whatever comes from a log is made printable. */
#ifndef FORMATS_NUMBER_H
#define FORMATS_NUMBER_H

#include <stdint.h>
#include <stdio.h>

#include "core/text.h"

#define NUMBER_MARK "\1"
#define NUMBER_FROM_0 NUMBER_MARK "1+0" NUMBER_MARK
#define NUMBER_FROM_1 NUMBER_MARK "1+1" NUMBER_MARK
/* Words that the part of the first input alone has; no digit begins them. */
#define NUMBER_FIRST_ONLY(words) NUMBER_MARK words NUMBER_MARK

/* The number times `each`, plus `more`. */
void number_put_mark(FILE *out, size_t each, size_t more);
/* The part with what its marks stand for. */
void number_put(FILE *out, struct text part, uint64_t number);

#endif
