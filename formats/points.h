/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An input as test points, for the formats of test harnesses: one that asks
 * whether it was read and says enough, then one for each rule, in the order of
 * rule_table. Their number is the same for every input. */
#ifndef FORMATS_POINTS_H
#define FORMATS_POINTS_H

#include "formats/writer.h"

enum point_result {
	POINT_PASS,
	POINT_FAIL,    /* counts for exit status 1 */
	POINT_SKIP,    /* not judged, or no verdict: nothing is known */
	POINT_ERROR,   /* the input could not be read */
};

struct point {
	enum point_result result;
	const struct rule *rule;   /* NULL: the point of the input itself */
	const char *id, *name;     /* "PGT001", "rw-before-pin" */
	char why[512];             /* of FAIL, SKIP and ERROR: one line */
};

static inline size_t point_count(void)
{
	return 1 + rule_count;
}
/* number: from 0. */
struct point point_of(const struct input_report *input, const struct write_options *options,
		      size_t number);

/* Does the finding count for exit status 1? */
bool finding_fails(const struct finding *finding, const struct write_options *options);
/* Why there is no verdict on one of the boots, or on the whole; NULL: there is. */
const char *why_no_verdict(const struct input_report *input);

#endif
