/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a whole run found, in numbers that only add, and in minima and maxima:
 * the summaries of parts of a fleet, added in any order and grouping, are the
 * summary of all of it. */
#ifndef FORMATS_SUMMARY_H
#define FORMATS_SUMMARY_H

#include "core/judge.h"

struct summary {
	uint64_t inputs, boots;
	uint64_t errors, warnings, notes;   /* shown findings, consequences too */
	/* See struct tally; zero without --suppressions and --baseline. */
	uint64_t suppressed, found_new, unchanged, absent;
	uint64_t by_verdict[5];             /* inputs by exit status */
	uint64_t bytes, lines;              /* read */
	/* Of one input; the minima count only when there are inputs. */
	uint64_t bytes_min, bytes_max, lines_min, lines_max;
	/* By rule, in rule_table order: shown findings, and inputs with one. */
	uint64_t rule_findings[RULES_MAX], rule_inputs[RULES_MAX];
	enum exit_status verdict;           /* the first that applies of 2, 3, 1, 4, 0 */
};

/* The first that applies of 2, 3, 1, 4, 0. */
enum exit_status worse_status(enum exit_status a, enum exit_status b);

/* Adds one judged input. */
void summary_add_input(struct summary *to, const struct input_report *input);
/* Associative and commutative; an all-zero summary changes nothing. */
void summary_add(struct summary *to, const struct summary *from);

#endif
