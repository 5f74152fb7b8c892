/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is known of findings before the run: which are accepted (--suppressions),
 * and which an earlier run had (--baseline). */
#ifndef CLI_KNOWN_H
#define CLI_KNOWN_H

#include "cli/baseline.h"
#include "cli/options.h"
#include "cli/suppressions.h"

struct known {
	struct suppressions suppressions;
	struct baseline baseline;
};

/* Reads the suppressions, and opens the baseline, which is then to be read (baseline_read()).
 * EXIT_CLEAN, or the status that the run ends with, and told. Always to be released. */
enum exit_status known_open(struct known *known, const struct options *options, FILE *errors);
void known_release(struct known *known);

/* Says of each finding of the listed boots how it stands, and of the input what
 * is absent. A suppressed finding is no longer shown. */
void known_apply(struct known *known, const struct options *options, struct input_report *input);

/* Entries that are of no use. For a whole run over all inputs only. */
void known_tell(const struct known *known, const struct options *options, FILE *errors);

#endif
