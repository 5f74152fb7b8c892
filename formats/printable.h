/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which bytes of strangers (log lines, file names) may go to a terminal or
 * into a document as they are. Knows no output format. */
#ifndef FORMATS_PRINTABLE_H
#define FORMATS_PRINTABLE_H

#include "core/text.h"

/* Bytes of the well-formed UTF-8 character at `at` (1 to 4), or 0: a stray
 * byte, an overlong form, a surrogate, above U+10FFFF, or cut off by `left`.
 * ASCII, control characters included, is 1. */
size_t utf8_length(const char *at, size_t left);

/* Bytes that may be shown as they stand, at least 1; 0: this byte must be
 * escaped. Control characters never pass, neither ASCII nor C1 (a terminal
 * obeys both), nor the marks that reverse the order of text. */
size_t printable_length(const char *at, size_t left);

#endif
