/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A scale for addresses where what matters is seen: edges are given, and every
 * stretch between two of them gets room of its own.
 *
 *    edges   0      9f000  100000              7f2fd000    7f700000
 *    x       |------|......|-------------------|###########|
 *
 * Inside a stretch the scale is linear. */
#ifndef FORMATS_MODULES_XML_AXIS_H
#define FORMATS_MODULES_XML_AXIS_H

#include "core/base.h"

struct axis {
	uint64_t *edges;      /* owned; sorted, unique after axis_build() */
	double *places;       /* x of each edge; owned */
	size_t count, room;
	double left, width;   /* pixels */
};

enum axis_scale {
	AXIS_LOGARITHM,       /* of a stretch's size: memories */
	AXIS_LINEAR,          /* true to scale, but for what would be too narrow */
};

/* How much room a stretch deserves besides its size; 0: the least there is. */
typedef double axis_weight(void *context, uint64_t start, uint64_t end);

/* An all-zero struct is an empty axis. */
void axis_add(struct axis *axis, uint64_t edge);
/* narrowest: pixels that every stretch gets where the width allows it. */
void axis_build(struct axis *axis, double left, double width, enum axis_scale scale,
		double narrowest, axis_weight *weight, void *context);
/* Pixels; what lies outside is put to the ends. */
double axis_at(const struct axis *axis, uint64_t number);
void axis_release(struct axis *axis);

#endif
