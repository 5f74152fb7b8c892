/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --suppressions: findings that somebody has looked at and accepted, with the
 * reason, until a date. One line each, with no line number, so that it outlives
 * the next log:
 *
 *    PGT001 file=lab3-*.log range=0x3fdfe000-0x40000000 until=2027-06-30 # reason
 *    fp=7c1e5a0d9b3f4466 # reason */
#ifndef CLI_SUPPRESSIONS_H
#define CLI_SUPPRESSIONS_H

#include <stdio.h>

#include "core/report.h"
#include "core/rule.h"

#define SUPPRESSION_LINE_MAX 4096u             /* bytes of a line */
#define SUPPRESSIONS_MAX 10000u                /* entries */
#define SUPPRESSIONS_BYTES_MAX (4u * 1024 * 1024)

struct suppression {
	const struct rule *rule;       /* NULL: any; then there is a fingerprint */
	bool has_fingerprint, has_range;
	uint64_t fingerprint;
	struct paddr_range range;      /* the frames lie in it, whole */
	const char *file;              /* a glob, or NULL */
	uint32_t until;                /* 20270630: the last day; 0: for ever */
	const char *reason;            /* never empty */
	uint32_t line;                 /* where it stands, from 1 */
};

struct suppressions {
	const char *path;              /* NULL: none were given */
	struct suppression *items;
	uint32_t count;
	/* Which have fitted a finding; seen by all processes of a run. */
	volatile bool *used;
	uint32_t today;                /* 20261127 */
	char *text;                    /* what the items point into */
};

/* One line, which is cut up; without its line end. False: *entry is not set and
 * `trouble` says why. */
bool suppression_parse(char *line, struct suppression *entry, char *trouble, size_t room);

/* All of a file. EXIT_CLEAN, or the status that the run ends with, and told.
 * Always to be released. */
enum exit_status suppressions_read(struct suppressions *all, const char *path, uint32_t today,
				   FILE *errors);
void suppressions_release(struct suppressions *all);

/* Why the finding is suppressed, or NULL: it is not. */
const char *suppressions_find(const struct suppressions *all, const char *file,
			      const struct finding *finding);

/* Those that are no longer in force, and those that fitted nothing. */
void suppressions_tell(const struct suppressions *all, FILE *errors);

/* Does the name fit, or what follows one of its slashes? '*' is any bytes,
 * slashes too; '?' is one. No glob takes long. */
bool glob_fits(const char *glob, const char *name);

/* Today in UTC, or the day of SOURCE_DATE_EPOCH, as 20261127. 0: that is set and
 * is no number of seconds. `get`: getenv, or a test's. */
uint32_t today_of(char *(*get)(const char *name));

#endif
