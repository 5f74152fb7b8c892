/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sums over the boots of one input, so that every writer and the exit status
 * count alike. */
#ifndef FORMATS_TALLY_H
#define FORMATS_TALLY_H

#include "core/report.h"

struct tally {
	uint32_t by_severity[SEV_ERROR + 1];   /* shown findings, consequences too */
	/* Suppressed ones; of those shown, the new and the known ones; absent ones. */
	uint32_t suppressed, new, unchanged, absent;
	uint32_t judged, not_checked, not_applicable;   /* rules */
	uint32_t left_out;             /* of the judged ones: the user does not want them */
};

struct tally tally_input(const struct input_report *input);

/* "proved", "proved, new", "proved, unchanged", "proved, suppressed" */
const char *sureness(const struct finding *finding);
/* "new", "unchanged"; NULL: there is no baseline. */
const char *standing_word(enum standing standing);

/* A rule over several boots: judged when one boot could judge it, not
 * applicable when it made sense on none. Without a boot: not checked. */
enum judgement tally_rule(const struct input_report *input, size_t rule);

/* The shown finding that explains this one, or NULL: it is a root here. */
const struct finding *shown_cause(const struct finding *finding);

#endif
