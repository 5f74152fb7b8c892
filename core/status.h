/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How an operation on the world ended. What went wrong inside an input is an
 * event or a diagnostic, never a status. */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include "core/base.h"

#define STATUSES(S) \
	S(OK, "done") \
	S(END, "no more input") \
	S(IO, "read or write error") \
	S(NOT_FOUND, "no such file") \
	S(LIMIT, "a limit was reached") \
	S(MEMORY, "out of memory") \
	S(USAGE, "wrong usage")

enum status {
#define S(name, sentence) ST_##name,
	STATUSES(S)
#undef S
};

/* The sentence of STATUSES; never NULL. */
const char *status_sentence(enum status status);

/* Exit statuses: what a caller of the program can rely on. The first that
 * applies of 2, 3, 1, 4, 0. */
enum exit_status {
	EXIT_CLEAN = 0,       /* read whole, evidence sufficient, nothing found */
	EXIT_FINDINGS = 1,    /* a finding at or above --fail-on */
	EXIT_USAGE = 2,       /* unknown option, format, rule */
	EXIT_TROUBLE = 3,     /* could not read or finish */
	EXIT_NO_VERDICT = 4,  /* read, but not enough evidence to judge */
};

/* What the program exits with. For `git bisect run` (--bisect) that is another
 * number: 0 and 1 stay; what is no verdict, for whatever reason, is 125 (skip this
 * commit); a wrong usage, which every commit would meet, ends the bisection.
 * Source: git-bisect(1), "Bisect run": 125 skips, above 127 aborts, else bad. */
enum { BISECT_SKIP = 125, BISECT_ABORT = 128 };
extern bool status_for_bisect;
int status_code(enum exit_status status);

#endif
