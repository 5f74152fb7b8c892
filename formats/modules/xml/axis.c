/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/axis.h"

#include <stdlib.h>

#include "formats/modules/xml/sheet.h"

#define PAGE 4096.0

/* The logarithm to base 2, linear between powers: a picture needs no more, and
 * it is the same on every machine. */
static double log2_of(double number)
{
	double power = 0;

	for (; number >= 2; number /= 2)
		power++;
	return power + number - 1;
}

void axis_add(struct axis *axis, uint64_t edge)
{
	if (axis->count == axis->room) {
		axis->room = axis->room ? 2 * axis->room : 64;
		axis->edges = sheet_realloc(axis->edges, axis->room * sizeof(*axis->edges));
	}
	axis->edges[axis->count++] = edge;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void sort_unique(struct axis *axis)
{
	size_t kept = 0;

	qsort(axis->edges, axis->count, sizeof(*axis->edges), compare);
	for (size_t i = 0; i < axis->count; i++)
		if (!kept || axis->edges[i] != axis->edges[kept - 1])
			axis->edges[kept++] = axis->edges[i];
	axis->count = kept;
}

void axis_build(struct axis *axis, double left, double width, enum axis_scale scale,
		double narrowest, axis_weight *weight, void *context)
{
	double total = 0, x = left;
	size_t stretches;

	ASSERT(axis->count >= 2);
	sort_unique(axis);
	stretches = axis->count - 1;
	axis->left = left;
	axis->width = width;
	axis->places = sheet_realloc(axis->places, axis->count * sizeof(*axis->places));
	if (stretches && narrowest * (double)stretches > width / 2)
		narrowest = width / 2 / (double)stretches;
	/* First the weights, then where they lead. */
	for (size_t i = 0; i < stretches; i++) {
		double size = (double)(axis->edges[i + 1] - axis->edges[i]) / PAGE;
		double own = scale == AXIS_LINEAR ? size : 1 + log2_of(1 + size);

		axis->places[i] = own * weight(context, axis->edges[i], axis->edges[i + 1]);
		total += axis->places[i];
	}
	for (size_t i = 0; i < stretches; i++) {
		double share = total > 0 ? axis->places[i] / total : 1.0 / (double)stretches;

		axis->places[i] = x;
		x += narrowest + (width - narrowest * (double)stretches) * share;
	}
	axis->places[stretches] = left + width;
}

double axis_at(const struct axis *axis, uint64_t number)
{
	size_t low = 0, high = axis->count - 1;

	if (number <= axis->edges[0])
		return axis->places[0];
	if (number >= axis->edges[high])
		return axis->places[high];
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (axis->edges[middle] <= number)
			low = middle;
		else
			high = middle;
	}
	return axis->places[low] + (axis->places[high] - axis->places[low]) *
	       ((double)(number - axis->edges[low]) /
		(double)(axis->edges[high] - axis->edges[low]));
}

void axis_release(struct axis *axis)
{
	free(axis->edges);
	free(axis->places);
	*axis = (struct axis){ .edges = NULL };
}
