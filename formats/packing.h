/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which inputs hold a log inside: compressed, archived, encoded or wrapped in
 * records. Told by the first bytes, never by the name. Reading them is the work
 * of the module formats/modules/unpack/. */
#ifndef FORMATS_PACKING_H
#define FORMATS_PACKING_H

#include "core/text.h"

enum packing {
	PACKING_NONE,
	PACKING_GZIP, PACKING_XZ, PACKING_ZSTD, PACKING_BZIP2,
	PACKING_TAR, PACKING_ZIP, PACKING_MAIL, PACKING_MBOX,
	PACKING_UTF16, PACKING_JOURNAL, PACKING_JSON, PACKING_PSTORE,
	PACKING_COUNT,
};

/* Looks at the first bytes: some KiB, or all there are. PACKING_NONE for a plain
 * log costs a look at its first lines. */
enum packing packing_probe(const unsigned char *bytes, size_t n);
const char *packing_name(enum packing packing);   /* "gzip"; never NULL */

/* A block of 512 bytes with the right checksum; its name may be empty. */
bool packing_is_tar_header(const unsigned char *bytes, size_t n);

/* A NUL in every second place of ASCII text; in some of any text, when a byte order mark
 * stands first: no line could end without. Noise of a serial line may be a mark, too. */
bool packing_is_utf16(const unsigned char *bytes, size_t n);

/* May the line begin, hold, go on with or end a record of PACKING_JSON? An empty one may. */
bool packing_is_record(struct text line);

/* A serial line has bytes that nobody sent, and they may be a magic. What is packed has
 * some in its header that no text has: is there text `behind` it? */
bool packing_is_stray(struct text behind);

/* Does it hold members with names of their own? */
static inline bool packing_is_archive(enum packing packing)
{
	return packing >= PACKING_TAR && packing <= PACKING_MBOX;
}

#endif
