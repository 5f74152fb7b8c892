/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One moment of a picture over an axis: a heading and three lanes (the memory
 * map, what is in use, what is reserved), and the frames that failed. */
#ifndef FORMATS_MODULES_XML_LANES_H
#define FORMATS_MODULES_XML_LANES_H

#include "core/picture.h"
#include "core/report.h"
#include "formats/modules/xml/axis.h"
#include "formats/modules/xml/sheet.h"
#include "formats/modules/xml/ticks.h"

#define MARKS_MAX 3u
#define LANES_NARROW 1.2   /* pixels: a narrower range is drawn together with its like */

struct mark {
	pfn_t frame;
	uint32_t line;           /* where it failed; shown from then on */
	const char *says;        /* the rule's name */
};

/* What is drawn, for the legend. */
enum shade {
	SHADE_RAM, SHADE_FIRMWARE, SHADE_ACPI, SHADE_KERNEL, SHADE_AREA, SHADE_TABLE,
	SHADE_RO, SHADE_LEFT_RO, SHADE_RW, SHADE_UNUSED, SHADE_ODD, SHADE_RESERVED, SHADE_COUNT
};

struct lanes {
	struct sheet *sheet;
	const struct axis *axis;
	const struct ticks *ticks;       /* of the axis: thin lines through the lanes */
	bool frames;             /* titles tell frame numbers, not bytes */
	bool bad;                /* the boot has a failure to show */
	const struct drawing *drawing;   /* what the worst finding knows of its pool; or NULL */
	uint32_t drawing_line;           /* known from this line on */
	struct mark marks[MARKS_MAX];
	unsigned mark_count;
	/* Those that the moment being drawn shows, and where. */
	struct shown_mark {
		const struct mark *mark;
		double at;
	} shown[MARKS_MAX];
	unsigned shown_count;
	bool used[SHADE_COUNT];
};

/* Draws the moment from y on, under a heading; returns the y below. */
double lanes_put(struct lanes *lanes, const struct moment *moment, const char *heading, bool bad,
		 double y);
/* The part of the pool in use, as far as the log tells by then. */
bool lanes_used_end(const struct lanes *lanes, const struct moment *moment,
		    const struct picture_pool *pool, pfn_t *used_end);
double lanes_row_height(const struct lanes *lanes);
/* What the shades that were used mean; returns the y below. */
double lanes_legend(struct lanes *lanes, double y);

void lanes_line(struct lanes *lanes, const char *class_name, double x1, double y1, double x2,
		double y2);
void lanes_text(struct lanes *lanes, const char *class_name, double x, double y,
		const char *format, ...) PRINTF_LIKE(5, 6);

#endif
