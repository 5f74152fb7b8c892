/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz targets: one file tests/fuzz_NAME.c each, which make finds.
 *
 *   make fuzz T=NAME [SECONDS=60] [FUZZ_ARGS=...]
 *
 * The bytes are judged as `pgtcheck OPTIONS -` would, first as a file, then through
 * a pipe, in a build in which every limit is small. Beyond the sanitizers' word:
 * there is one record for the input (at least one for what holds members); the
 * status is 0, 1, 3 or 4; JSON is JSON, the screen shows printable bytes alone; and
 * both runs say the same. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_target {
	const char *options[8];   /* as typed, up to a NULL; without -f */
	const char *format;       /* NULL: ndjson */
	/* Read instead of the bytes, which an option names as /dev/stdin; the run may then
	 * refuse to begin. NULL: the bytes are the input. */
	const char *input;
	bool all_formats;         /* every writer, not ndjson alone */
	/* Does the work of formats/apart.h. NULL: nobody does, for libFuzzer would take the
	 * death of another process for its own. */
	int (*apart)(int in, int out, bool careful);
	/* Changes the bytes before they are judged, so that a checksum does not
	 * stop them at the door; or NULL. */
	void (*mend)(unsigned char *bytes, size_t size);
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
/* What standard output says of the bytes, from a file: malloc'ed, ends with a NUL. */
char *fuzz_report(const unsigned char *bytes, size_t size);

/* Each target defines it. */
extern const struct fuzz_target fuzz_target;

#endif
