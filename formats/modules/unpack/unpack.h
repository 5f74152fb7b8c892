/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inputs that hold others: what is in them comes out one after the other.
 *
 *   file --> feed --> gzip --> feed --> tar --> feed --> (a log)
 *                    layer             layer             member
 *
 * Each layer reads the one below and gives a stream; archives give one for each
 * member. Nothing is written but an unlinked temporary file (a zip inside of
 * something is read out of order), and no name from inside is ever opened. */
#ifndef FORMATS_MODULES_UNPACK_UNPACK_H
#define FORMATS_MODULES_UNPACK_UNPACK_H

#include "formats/source.h"

struct unpack_limits {
	uint64_t bytes;          /* that come out, all layers together */
	uint32_t members;        /* of all archives in one operand */
	uint32_t depth;          /* layers above each other */
	uint32_t ratio;          /* what comes out to what was read */
};

struct unpack_member {
	const char *name;        /* "a.tar!b.log" without the operand; "" when nothing on
	                          * the way has names. As it stands: not printable */
	const char *packing;     /* "tar in gzip" */
	struct stream *stream;   /* until the next call; may have failed at once */
	bool ordered;            /* pieces that were put in order: its lines are no file's */
};

struct unpack;

struct unpack_module {
	/* Reads `source` from its start: a file that can be sought with pread(), several
	 * times if need be; of others the first bytes stand in the buffer, and are
	 * copied. Keep it open and its read_once set. NULL: out of memory. */
	struct unpack *(*open)(struct source *source, size_t first,
			       const struct unpack_limits *limits);
	/* The next member that is no archive itself. ST_END: there are no more. */
	enum status (*next)(struct unpack *unpack, struct unpack_member *member);
	/* What went wrong between members, first: a damaged directory, a limit.
	 * NULL: nothing. `*more`: how many others. */
	const char *(*trouble)(const struct unpack *unpack, enum status *status, uint32_t *more);
	uint64_t (*bytes)(const struct unpack *unpack);   /* of `source`, read so far */
	/* "tar in gzip", of the archive itself; "" when there is none. */
	const char *(*packing)(const struct unpack *unpack);
	void (*close)(struct unpack *unpack);
};

#endif
