/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What kind of input this is, told by its first bytes. */
#ifndef FORMATS_PROBE_H
#define FORMATS_PROBE_H

#include "core/base.h"

/* "gzip", "ELF", "JPEG image", ..., "UTF-16 text", "binary data", "empty", or
 * PROBE_TEXT. Never NULL, never freed. More than the first block (some 4 KiB)
 * is not needed; a serial capture that begins with line noise is recognised
 * from more. */
const char *probe_format(const unsigned char *bytes, size_t n);

/* The one answer that in_text_run() reads; compare the pointers. */
extern const char PROBE_TEXT[];

#endif
