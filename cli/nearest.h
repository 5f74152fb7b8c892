/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * "did you mean": the name that is nearest to what was typed. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include "core/text.h"

struct nearest {
	struct text typed;
	const char *name;      /* best so far, or NULL */
	unsigned distance;     /* edits between the two */
};

/* Offers one more name; kept when it is nearer than those before and near
 * enough to be a slip of the fingers. */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
