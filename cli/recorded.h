/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records that an earlier run has written, as ndjson or json, read again. */
#ifndef CLI_RECORDED_H
#define CLI_RECORDED_H

#include <stdio.h>

#include "core/status.h"
#include "formats/modules/json/json.h"

/* Bytes of one record; the longest of ours have some hundred KiB. */
#define RECORD_BYTES_MAX (64u * 1024 * 1024)

struct recorded {
	const struct json_module *json;
	/* Called with each record. whole: its line is ended, so that it was
	 * written to its end. end: the offset behind its line. */
	void (*take)(void *context, const struct json_module *json, const void *record,
		     bool whole, uint64_t end);
	void *context;
	/* What was found on the way. */
	uint64_t records, strange;     /* lines that are no records of ours */
	uint64_t strange_line;         /* the first of them, from 1 */
};

/* Reads `file` ("-": standard input). Fails with ST_NOT_FOUND or ST_IO and
 * *trouble; records before a failure have been taken. */
MUST_USE enum status recorded_read(struct recorded *recorded, const char *file,
				   const char **trouble);
/* The same of what is open, and stays so. */
MUST_USE enum status recorded_read_from(struct recorded *recorded, FILE *in, const char **trouble);

#endif
