/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Dumps in makedumpfile's own format, compressed page by page: named, and what to
 * give instead is said. makedumpfile refuses -E for them.
 * Source: makedumpfile makedumpfile.c initial(), 1.5 to 1.7. */
#include "formats/input.h"

#define KDUMP "KDUMP   "
#define DISKDUMP "DISKDUMP"
#define FLAT "makedumpfile\0"

static bool begins(const unsigned char *bytes, size_t n, const char *lead, size_t length)
{
	return n >= length && !memcmp(bytes, lead, length);
}

static enum likeness probe_kdump(const unsigned char *bytes, size_t n)
{
	return begins(bytes, n, KDUMP, 8) || begins(bytes, n, DISKDUMP, 8) ||
	       begins(bytes, n, FLAT, 13) ? SURELY : NOT_ALIKE;
}

static enum status read_kdump(struct reader *reader, struct source *source, size_t first,
			      const char **trouble)
{
	bool flat = begins((const unsigned char *)source_data(source), first, FLAT, 13);

	reader->input->format = flat ? "flattened kdump" : "compressed kdump";
	*trouble = flat ?
		   "a flattened dump of makedumpfile -F: put it in order first, with "
		   "makedumpfile -R DUMP <THIS" :
		   "a compressed dump of makedumpfile, which makedumpfile itself cannot turn into "
		   "ELF: give its log (makedumpfile --dump-dmesg THIS LOG); for its page tables too, "
		   "have kdump write ELF (core_collector makedumpfile -E -d 31)";
	return ST_IO;
}

const struct input_format input_kdump = {
	.name = "kdump",
	.title = "makedumpfile's compressed dump (says what to give instead)",
	.probe = probe_kdump,
	.read = read_kdump,
};
