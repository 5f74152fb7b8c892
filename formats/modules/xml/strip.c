/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *    marks_of()      the frames that failed
 *    put_panel()     an axis with its labels, and a row for each moment:
 *        all of memory, then the window that choose_window() finds
 *    put_legend() */
#include "formats/modules/xml/strip.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/rule.h"
#include "formats/modules/xml/axis.h"
#include "formats/modules/xml/lanes.h"
#include "formats/modules/xml/ticks.h"

#define LEFT 78.0          /* names of the lanes stand before it */
#define RIGHT 14.0
#define TICK_ROW 14.0
#define EDGES_MAX 600u     /* more would leave no pixel for each */

/* --- what is interesting --------------------------------------------------- */

/* A fault begins some lines before the one that names the frame. */
#define FAULT_LINES 40u

static uint32_t line_of_failure(const struct picture *picture, uint32_t line)
{
	for (uint32_t i = 0; i < picture->count; i++) {
		const struct moment *moment = &picture->moments[i];

		if (moment->bad && moment->at.line <= line && line - moment->at.line <= FAULT_LINES)
			return moment->at.line;
	}
	return line;
}

static void add_mark(struct lanes *lanes, const struct picture *picture,
		     const struct finding *finding)
{
	const struct drawing *drawing = &finding->drawing;
	pfn_t frame = drawing->wanted && drawing->mark_wanted ? drawing->mark :
		      finding->where.start;

	if (!drawing->mark_wanted && pfn_range_empty(finding->where))
		return;
	if (lanes->mark_count == MARKS_MAX)
		return;
	for (unsigned i = 0; i < lanes->mark_count; i++)
		if (lanes->marks[i].frame.n == frame.n)
			return;
	lanes->marks[lanes->mark_count++] = (struct mark){
		.frame = frame, .line = line_of_failure(picture, finding->notes[0].at.line),
		.says = finding->rule->name };
}

/* Root causes first; warnings only where there is no error. */
static void marks_of(struct lanes *lanes, const struct boot_report *boot)
{
	for (int severity = SEV_ERROR; severity >= SEV_WARNING && !lanes->mark_count; severity--)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (f->shown && (int)f->severity == severity && !f->cause)
				add_mark(lanes, boot->picture, f);
}

/* The pool of the worst finding that has one. */
static void drawing_of(struct lanes *lanes, const struct boot_report *boot)
{
	for (int severity = SEV_ERROR; severity >= SEV_WARNING; severity--)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (lanes->drawing || !f->shown || (int)f->severity != severity ||
			    !f->drawing.wanted || pfn_range_empty(f->drawing.plan))
				continue;
			lanes->drawing = &f->drawing;
			lanes->drawing_line = f->notes[0].at.line;
		}
}

static void widen(uint64_t *from, uint64_t *to, uint64_t start, uint64_t end)
{
	*from = start < *from ? start : *from;
	*to = end > *to ? end : *to;
}

/* The window to scale: the pool of the worst finding, else the neighbourhood of
 * its frame, else the pool chosen last. */
static bool choose_window(const struct lanes *lanes, const struct boot_report *boot,
			  struct paddr_range *window)
{
	const struct moment *last = &boot->picture->moments[boot->picture->count - 1];
	struct pfn_range frames = { { 0 }, { 0 } };

	if (lanes->drawing)
		frames = lanes->drawing->plan;
	if (pfn_range_empty(frames) && lanes->mark_count) {
		uint64_t frame = lanes->marks[0].frame.n;

		frames.start.n = frame > 16 ? frame - 16 : 0;
		frames.end.n = frame + 17;
	}
	if (pfn_range_empty(frames) && last->pool_count)
		frames = last->pools[last->pool_count - 1].plan;
	if (pfn_range_empty(frames))
		return false;
	*window = bytes_of(frames);
	return true;
}

/* --- axes -------------------------------------------------------------------- */

static void add_edges(struct axis *axis, const struct picture_layer_list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		axis_add(axis, list->items[i].start);
		axis_add(axis, list->items[i].end);
	}
}

/* Of the ranges of `least` bytes or more; one edge is between neighbours. */
static size_t count_edges(const struct picture_layer_list *list, uint64_t least)
{
	uint64_t before = UINT64_MAX;
	size_t edges = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		if (list->items[i].end - list->items[i].start < least)
			continue;
		edges += 1 + (list->items[i].start != before);
		before = list->items[i].end;
	}
	return edges;
}

/* Where there is no room for all ranges, the larger ones have it. */
static void add_edges_of_larger(struct axis *axis, const struct picture_layer_list *list)
{
	size_t room = axis->count < EDGES_MAX ? EDGES_MAX - axis->count : 0;
	uint64_t least = 1;

	while (count_edges(list, least) > room)
		least *= 2;
	for (uint32_t i = 0; i < list->count; i++) {
		if (list->items[i].end - list->items[i].start < least)
			continue;
		axis_add(axis, list->items[i].start);
		axis_add(axis, list->items[i].end);
	}
}

static void add_pool_edges(struct axis *axis, const struct moment *moment)
{
	for (uint32_t i = 0; i < moment->pool_count; i++) {
		axis_add(axis, moment->pools[i].plan.start.n << FRAME_SHIFT);
		axis_add(axis, moment->pools[i].used_end.n << FRAME_SHIFT);
		axis_add(axis, moment->pools[i].plan.end.n << FRAME_SHIFT);
	}
}

/* Pools are what it is all about; a stretch where nothing is needs no room. */
static double overview_weight(void *context, uint64_t start, uint64_t end)
{
	const struct picture *picture = context;
	const struct moment *last = &picture->moments[picture->count - 1];

	for (uint32_t i = 0; i < last->pool_count; i++)
		if (start >= last->pools[i].plan.start.n << FRAME_SHIFT &&
		    end <= last->pools[i].plan.end.n << FRAME_SHIFT)
			return 2;
	for (unsigned layer = 0; layer < LAYER_COUNT; layer++) {
		const struct picture_layer_list *list = &last->layers[layer];
		uint32_t low = 0, high = list->count;

		if (layer == LAYER_AREAS) {   /* not sorted */
			for (uint32_t i = 0; i < list->count; i++)
				if (list->items[i].start < end && list->items[i].end > start)
					return 1;
			continue;
		}
		while (low < high) {
			uint32_t middle = (low + high) / 2;

			if (list->items[middle].end > start)
				high = middle;
			else
				low = middle + 1;
		}
		if (low < list->count && list->items[low].start < end)
			return 1;
	}
	return 0;
}

static void build_overview(struct axis *axis, struct picture *picture)
{
	const struct moment *last = &picture->moments[picture->count - 1];

	for (uint32_t i = 0; i < picture->count; i++)
		add_pool_edges(axis, &picture->moments[i]);
	if (axis->count + 2 * last->layers[LAYER_AREAS].count <= EDGES_MAX)
		add_edges(axis, &last->layers[LAYER_AREAS]);
	add_edges_of_larger(axis, &last->layers[LAYER_MAP]);
	if (axis->count + 2 * last->layers[LAYER_RESERVED].count <= EDGES_MAX / 2)
		add_edges(axis, &last->layers[LAYER_RESERVED]);
	/* Ranges that found no edges still set the ends. */
	for (unsigned layer = 0; layer < LAYER_COUNT; layer++) {
		const struct picture_layer_list *list = &last->layers[layer];
		uint64_t from = UINT64_MAX, to = 0;

		for (uint32_t i = 0; i < list->count; i++)
			widen(&from, &to, list->items[i].start, list->items[i].end);
		if (list->count) {
			axis_add(axis, from);
			axis_add(axis, to);
		}
	}
	if (axis->count >= 2)
		axis_build(axis, LEFT, STRIP_WIDTH - LEFT - RIGHT, AXIS_LOGARITHM, 6,
			   overview_weight, picture);
}

static double even_weight(void *context, uint64_t start, uint64_t end)
{
	(void)context;
	(void)start;
	(void)end;
	return 1;
}

static void add_within(struct axis *axis, uint64_t edge, uint64_t from, uint64_t to)
{
	if (edge > from && edge < to)
		axis_add(axis, edge);
}

static void build_window(struct axis *axis, const struct picture *picture,
			 const struct lanes *lanes, struct paddr_range window)
{
	uint64_t pages = (window.end.n - window.start.n) >> FRAME_SHIFT;
	uint64_t margin = (pages / 12 + 2) << FRAME_SHIFT;
	uint64_t from = window.start.n > margin ? window.start.n - margin : 0;
	uint64_t to = window.end.n + margin;

	axis_add(axis, from);
	axis_add(axis, to);
	axis_add(axis, window.start.n);
	axis_add(axis, window.end.n);
	for (uint32_t i = 0; i < picture->count; i++)
		for (uint32_t p = 0; p < picture->moments[i].pool_count; p++) {
			const struct picture_pool *pool = &picture->moments[i].pools[p];
			pfn_t used_end;

			lanes_used_end(lanes, &picture->moments[i], pool, &used_end);
			add_within(axis, used_end.n << FRAME_SHIFT, from, to);
			add_within(axis, pool->plan.start.n << FRAME_SHIFT, from, to);
			add_within(axis, pool->plan.end.n << FRAME_SHIFT, from, to);
		}
	for (unsigned i = 0; i < lanes->mark_count; i++) {
		add_within(axis, lanes->marks[i].frame.n << FRAME_SHIFT, from, to);
		add_within(axis, (lanes->marks[i].frame.n + 1) << FRAME_SHIFT, from, to);
	}
	axis_build(axis, LEFT, STRIP_WIDTH - LEFT - RIGHT, AXIS_LINEAR, 14, even_weight, NULL);
}

/* --- labels of an axis ----------------------------------------------------- */

static void offer_pools(struct ticks *ticks, const struct lanes *lanes,
			const struct moment *moment, bool frames)
{
	const struct axis *axis = lanes->axis;

	for (uint32_t i = 0; i < moment->pool_count; i++) {
		const struct picture_pool *pool = &moment->pools[i];
		pfn_t edges[] = { pool->plan.start, pool->used_end, pool->plan.end };
		bool known = lanes_used_end(lanes, moment, pool, &edges[1]);
		static const char *const names[] = { "start ", "end ", "top " };

		for (unsigned e = 0; e < ARRAY_LEN(edges); e++) {
			uint64_t byte = edges[e].n << FRAME_SHIFT;

			if (e == 1 && (!known || edges[1].n == pool->plan.end.n))
				continue;
			if (byte < axis->edges[0] || byte > axis->edges[axis->count - 1])
				continue;
			if (frames)
				ticks_offer(ticks, axis_at(axis, byte), "%s0x%" PRIx64, names[e], edges[e].n);
			else
				ticks_offer(ticks, axis_at(axis, byte), "%" PRIx64, byte);
		}
	}
}

static void offer_list(struct ticks *ticks, const struct axis *axis,
		       const struct picture_layer_list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		ticks_offer(ticks, axis_at(axis, list->items[i].start), "%" PRIx64,
			    list->items[i].start);
		ticks_offer(ticks, axis_at(axis, list->items[i].end), "%" PRIx64,
			    list->items[i].end);
	}
}

static void put_ticks(struct lanes *lanes, const struct ticks *ticks, double top)
{
	double base = top + TICK_ROW * ticks->rows_used;

	for (unsigned i = 0; i < ticks->count; i++)
		lanes_line(lanes, "grid", ticks->items[i].at,
			   base - TICK_ROW * ticks->items[i].row, ticks->items[i].at, base + 4);
	for (unsigned i = 0; i < ticks->count; i++)
		lanes_text(lanes, "x halo", ticks->items[i].start,
			   base - TICK_ROW * ticks->items[i].row - 3, "%s", ticks->items[i].words);
}

/* --- panels ------------------------------------------------------------------ */

/* Within what the axis shows. */
static bool same_state(const struct lanes *lanes, const struct moment *a, const struct moment *b)
{
	const struct axis *axis = lanes->axis;
	struct paddr_range seen = paddr_range(axis->edges[0], axis->edges[axis->count - 1]);

	for (unsigned layer = 0; layer < LAYER_COUNT; layer++)
		if (!picture_same(&a->layers[layer], &b->layers[layer], seen.start.n,
				  seen.end.n))
			return false;
	for (uint32_t i = a->pool_count; i < b->pool_count; i++)
		if (paddr_range_overlap(bytes_of(b->pools[i].plan), seen))
			return false;
	for (uint32_t i = 0; i < a->pool_count && i < b->pool_count; i++) {
		struct paddr_range plan = bytes_of(a->pools[i].plan);
		pfn_t a_end, b_end;

		if (!paddr_range_overlap(plan, seen))
			continue;
		if (lanes_used_end(lanes, a, &a->pools[i], &a_end) !=
		    lanes_used_end(lanes, b, &b->pools[i], &b_end) || a_end.n != b_end.n ||
		    a->pools[i].tail != b->pools[i].tail)
			return false;
	}
	for (unsigned i = 0; i < lanes->mark_count; i++)
		if (lanes->marks[i].line > a->at.line && lanes->marks[i].line <= b->at.line)
			return false;
	return true;
}

#define HEADING_MAX 150u   /* characters that fit above the lanes */

/* A row for each state: moments between which nothing changed share one. */
static double put_rows(struct lanes *lanes, const struct picture *picture, uint32_t first,
		       double y)
{
	for (uint32_t i = first; i < picture->count;) {
		const struct moment *moment = &picture->moments[i];
		char heading[HEADING_MAX + 1];
		size_t at = 0;
		bool bad = false;

		do {
			const struct moment *next = &picture->moments[i];
			char words[HEADING_MAX + 1];

			snprintf(words, sizeof(words), "%sline %u: %s", at ? "; " : "", next->at.line,
				 next->says);
			if (at && (at + strlen(words) > HEADING_MAX || !same_state(lanes, moment, next)))
				break;
			strcpy(heading + at, words);
			at += strlen(words);
			bad |= next->bad;
		} while (++i < picture->count);
		y = lanes_put(lanes, moment, heading, bad, y);
	}
	return y;
}

static double put_panel(struct lanes *lanes, const struct picture *picture, uint32_t first,
			struct ticks *ticks, const char *title, const char *scale, double y)
{
	double top;

	lanes_text(lanes, "h", 0, y + 14, "%s", title);
	lanes_text(lanes, "f", 0, y + 30, "%s", scale);
	top = y + 38;
	y = top + TICK_ROW * ticks->rows_used + 4;
	lanes->ticks = ticks;
	put_ticks(lanes, ticks, top);
	return put_rows(lanes, picture, first, y) + 6;
}

/* Ranges of the memory map that lanes_put() may draw together. */
static uint32_t count_unseen(const struct axis *axis, const struct picture_layer_list *map)
{
	uint32_t unseen = 0;

	for (uint32_t i = 0; i < map->count; i++)
		unseen += axis_at(axis, map->items[i].end) - axis_at(axis, map->items[i].start) <
			  LANES_NARROW;
	return unseen;
}

static double put_overview(struct lanes *lanes, struct picture *picture, double y)
{
	const struct moment *last = &picture->moments[picture->count - 1];
	struct ticks ticks = { .left = LEFT, .right = STRIP_WIDTH - 2, .rows = 2 };
	struct axis axis = { .edges = NULL };
	char scale[240] = "Addresses in bytes (hex). Not to scale: a length grows with the logarithm "
			  "of its size, so that every range is seen; dots: nothing is there.";
	uint32_t unseen;

	build_overview(&axis, picture);
	if (axis.count < 2) {
		axis_release(&axis);
		return y;
	}
	lanes->axis = &axis;
	lanes->frames = false;
	ticks_offer(&ticks, axis.places[0], "%" PRIx64, axis.edges[0]);
	ticks_offer(&ticks, axis.places[axis.count - 1], "%" PRIx64, axis.edges[axis.count - 1]);
	offer_pools(&ticks, lanes, last, false);
	offer_list(&ticks, &axis, &last->layers[LAYER_AREAS]);
	ticks.rows = 1;
	offer_list(&ticks, &axis, &last->layers[LAYER_MAP]);
	unseen = count_unseen(&axis, &last->layers[LAYER_MAP]);
	if (unseen)
		snprintf(scale, sizeof(scale), "Addresses in bytes (hex). Not to scale: a length grows "
			 "with the logarithm of its size; %u small ranges of the memory map are "
			 "drawn together; dots: nothing is there.", unseen);
	y = put_panel(lanes, picture, 0, &ticks, "Memory over time", scale, y);
	axis_release(&axis);
	return y;
}

/* The first moment at which the window holds something to see. */
static uint32_t first_moment(const struct picture *picture, struct paddr_range window)
{
	uint32_t i = 0;

	for (; i + 1 < picture->count; i++)
		for (uint32_t p = 0; p < picture->moments[i].pool_count; p++)
			if (paddr_range_overlap(bytes_of(picture->moments[i].pools[p].plan), window))
				return i;
	for (i = 0; i < picture->count; i++)
		if (picture->moments[i].bad)
			return i ? i - 1 : 0;
	return picture->count > 2 ? picture->count - 2 : 0;
}

static double put_window(struct lanes *lanes, const struct boot_report *boot, double y)
{
	struct ticks ticks = { .left = LEFT, .right = STRIP_WIDTH - 2, .rows = 3 };
	const struct picture *picture = boot->picture;
	const struct moment *last = &picture->moments[picture->count - 1];
	struct axis axis = { .edges = NULL };
	struct paddr_range window;
	char title[120];

	if (!choose_window(lanes, boot, &window))
		return y;
	build_window(&axis, picture, lanes, window);
	lanes->axis = &axis;
	lanes->frames = true;
	offer_pools(&ticks, lanes, last, true);
	for (unsigned i = 0; i < lanes->mark_count; i++)
		if (pfn_range_holds(pfns_touched(window), lanes->marks[i].frame))
			ticks_offer(&ticks, axis_at(&axis, lanes->marks[i].frame.n << FRAME_SHIFT),
				    "0x%" PRIx64, lanes->marks[i].frame.n);
	ticks_offer(&ticks, axis_at(&axis, window.start.n), "0x%" PRIx64, window.start.n >> FRAME_SHIFT);
	ticks_offer(&ticks, axis_at(&axis, window.end.n), "0x%" PRIx64, window.end.n >> FRAME_SHIFT);
	snprintf(title, sizeof(title), "Frames 0x%" PRIx64 "-0x%" PRIx64 ", enlarged",
		 window.start.n >> FRAME_SHIFT, window.end.n >> FRAME_SHIFT);
	y = put_panel(lanes, picture, first_moment(picture, window), &ticks, title,
		      "Frame numbers (hex). To scale, but nothing is narrower than a few pixels.", y);
	axis_release(&axis);
	return y;
}

/* --- the strip ----------------------------------------------------------------- */

char *strip_markup(const struct boot_report *boot, double *height)
{
	struct lanes lanes = { .bad = false };
	char *bytes = NULL;
	size_t length = 0;
	struct sheet sheet;
	FILE *out;
	double y = 0;

	out = open_memstream(&bytes, &length);
	if (!out)
		return sheet_realloc(NULL, SIZE_MAX);   /* tells and ends */
	sheet_open(&sheet, out);
	lanes.sheet = &sheet;
	if (boot->picture && boot->picture->count) {
		marks_of(&lanes, boot);
		drawing_of(&lanes, boot);
		lanes.bad = lanes.mark_count > 0;
		y = put_overview(&lanes, boot->picture, 0);
		if (y > 0)
			y = lanes_legend(&lanes, put_window(&lanes, boot, y));
	}
	sheet_close(&sheet);
	fclose(out);
	*height = y;
	return bytes;
}
