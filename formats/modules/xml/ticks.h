/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Labels over an axis that never overlap: offered in the order of their
 * importance, each takes a free place in one of a few rows or is left out. */
#ifndef FORMATS_MODULES_XML_TICKS_H
#define FORMATS_MODULES_XML_TICKS_H

#include "core/base.h"

#define TICKS_MAX 96u
#define TICK_WORDS 48u
/* Width of a character of the drawing's small monospace type, rounded up. */
#define CHARACTER_PIXELS 6.7

struct tick {
	double at;              /* where the line is drawn */
	double start, end;      /* of its label */
	unsigned row;           /* from 0, the nearest to the axis */
	char words[TICK_WORDS];
};

struct ticks {
	struct tick items[TICKS_MAX];
	unsigned count;
	unsigned rows;          /* how many rows there may be */
	unsigned rows_used;
	double left, right;     /* labels stay within */
};

/* False: there was no place for it. */
bool ticks_offer(struct ticks *ticks, double at, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
