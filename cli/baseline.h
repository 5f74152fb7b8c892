/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --baseline: the findings of an earlier run, of which only new ones count. A
 * finding is known when its fingerprint is, in whatever file and however often:
 * that is what a fingerprint means. What is missing now is told of the file of
 * the same name; a baseline of one file is compared with every input. */
#ifndef CLI_BASELINE_H
#define CLI_BASELINE_H

#include <stdio.h>

#include "core/report.h"

struct xml_module;

struct known_finding {
	const char *file;
	uint64_t fingerprint;
	struct absent absent;
	uint32_t stamp;            /* the comparison in which it was found last */
};

struct baseline {
	bool given;
	const char *path;
	int fd;                        /* opened, and not read yet; or -1. Owned */
	const struct xml_module *xml;  /* it is XML; NULL: JSON */
	FILE *errors;                  /* where lines that are no records are told; or NULL */
	const char *trouble;           /* why it is of no use; or NULL */
	struct arena arena;
	struct known_finding *items;   /* by file, then fingerprint; none twice */
	size_t count;
	uint64_t *fingerprints;        /* sorted, none twice */
	size_t fingerprint_count;
	const char *only_file;         /* of which the baseline is; NULL: of several */
	bool several;
	uint32_t stamp;
};

/* Opens an ndjson, json or JUnit XML of ours. Fails with ST_IO, and told. Always to be
 * released. */
MUST_USE enum status baseline_open(struct baseline *baseline, const char *path, FILE *errors);
/* Reads it, the first time: it comes back from elsewhere and may be anybody's, so behind the
 * doors of cli/sandbox.h. NULL; or a sentence that says why it is of no use, which lives as
 * long as it. */
const char *baseline_read(struct baseline *baseline);
void baseline_release(struct baseline *baseline);

/* Sets finding->standing. */
void baseline_stand(const struct baseline *baseline, struct finding *finding);
/* Sets input->absent: what the baseline has of this file and its boots have not,
 * although the rule was judged on one. They are the baseline's, and stand until
 * the next call. */
void baseline_find_absent(struct baseline *baseline, struct input_report *input);

#endif
