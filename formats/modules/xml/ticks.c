/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/ticks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define GAP 10.0   /* between two labels of a row */

static bool is_free(const struct ticks *ticks, unsigned row, double start, double end)
{
	for (unsigned i = 0; i < ticks->count; i++) {
		const struct tick *other = &ticks->items[i];

		if (other->row == row && start < other->end + GAP && other->start < end + GAP)
			return false;
	}
	return true;
}

bool ticks_offer(struct ticks *ticks, double at, const char *format, ...)
{
	struct tick tick = { .at = at };
	double width;
	va_list args;

	if (ticks->count == TICKS_MAX)
		return false;
	va_start(args, format);
	vsnprintf(tick.words, sizeof(tick.words), format, args);
	va_end(args);
	/* One label for a place: the first one offered. */
	for (unsigned i = 0; i < ticks->count; i++)
		if (at - ticks->items[i].at < 0.5 && ticks->items[i].at - at < 0.5)
			return true;
	width = CHARACTER_PIXELS * (double)strlen(tick.words);
	tick.start = at - width / 2;
	if (tick.start + width > ticks->right)
		tick.start = ticks->right - width;
	if (tick.start < ticks->left)
		tick.start = ticks->left;
	tick.end = tick.start + width;
	for (tick.row = 0; tick.row < ticks->rows; tick.row++) {
		if (!is_free(ticks, tick.row, tick.start, tick.end))
			continue;
		if (tick.row >= ticks->rows_used)
			ticks->rows_used = tick.row + 1;
		ticks->items[ticks->count++] = tick;
		return true;
	}
	return false;
}
