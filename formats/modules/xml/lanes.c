/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/lanes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADING 20.0
#define MAP_HEIGHT 12.0
#define USE_HEIGHT 18.0
#define RESERVED_HEIGHT 8.0
#define BETWEEN 3.0
#define AFTER 16.0
#define LEGEND_WIDTH 1140.0

static const struct shade_row {
	const char *class_name, *legend;
} shades[SHADE_COUNT] = {
	[SHADE_RAM] = { "ram", "RAM" },
	[SHADE_FIRMWARE] = { "firmware", "reserved by the firmware" },
	[SHADE_ACPI] = { "acpi", "ACPI" },
	[SHADE_KERNEL] = { "kernel", "kernel" },
	[SHADE_AREA] = { "area", "initrd and other named areas" },
	[SHADE_TABLE] = { "table", "page tables" },
	[SHADE_RO] = { "ro", "pool, read-only" },
	[SHADE_LEFT_RO] = { "left", "pool, unused, read-only" },
	[SHADE_RW] = { "rw", "pool, writable" },
	[SHADE_UNUSED] = { "unused", "pool, unused" },
	[SHADE_ODD] = { "odd", "pool, chosen; its use is not told" },
	[SHADE_RESERVED] = { "reserved", "early reservations" },
};

/* --- shapes ------------------------------------------------------------------ */

void lanes_line(struct lanes *lanes, const char *class_name, double x1, double y1, double x2,
		double y2)
{
	sheet_begin(lanes->sheet, "path");
	sheet_attribute(lanes->sheet, "class", class_name);
	sheet_attributef(lanes->sheet, "d", "M%.1f %.1fL%.1f %.1f", x1, y1, x2, y2);
	sheet_end(lanes->sheet);
}

void lanes_text(struct lanes *lanes, const char *class_name, double x, double y,
		const char *format, ...)
{
	char words[400];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	sheet_begin(lanes->sheet, "text");
	sheet_attribute(lanes->sheet, "class", class_name);
	sheet_attributef(lanes->sheet, "x", "%.1f", x);
	sheet_attributef(lanes->sheet, "y", "%.1f", y);
	sheet_puts(lanes->sheet, words);
	sheet_end(lanes->sheet);
}

/* "12 KiB": for people, rounded. */
static void size_words(char *words, size_t room, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double size = (double)bytes;
	unsigned unit = 0;

	for (; size >= 1024 && unit + 1 < ARRAY_LEN(units); unit++)
		size /= 1024;
	snprintf(words, room, size < 10 && unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

/* A range on its way to the drawing; neighbours too narrow to be told apart
 * grow into one. */
struct box {
	double left, right;
	enum shade shade;
	uint64_t start, end;
	const char *name;        /* of the first */
	uint32_t line, ranges;
};

static void put_title(struct lanes *lanes, const struct box *box)
{
	char size[32];

	size_words(size, sizeof(size), box->end - box->start);
	sheet_begin(lanes->sheet, "title");
	if (box->ranges > 1)
		sheet_printf(lanes->sheet, "%u ranges, the first: ", box->ranges);
	sheet_printf(lanes->sheet, "%s, 0x%" PRIx64 "-0x%" PRIx64 ", ", box->name, box->start, box->end);
	sheet_printf(lanes->sheet, "pfn 0x%" PRIx64 "-0x%" PRIx64 ", %s", box->start >> FRAME_SHIFT,
		     (box->end + 4095) >> FRAME_SHIFT, size);
	if (box->line)
		sheet_printf(lanes->sheet, " (line %u)", box->line);
	sheet_end(lanes->sheet);
}

static void put_box(struct lanes *lanes, const struct box *box, double y, double height)
{
	double width = box->right - box->left;

	if (!box->ranges)
		return;
	lanes->used[box->shade] = true;
	sheet_begin(lanes->sheet, "rect");
	sheet_attribute(lanes->sheet, "class", shades[box->shade].class_name);
	sheet_attributef(lanes->sheet, "x", "%.1f", box->left);
	sheet_attributef(lanes->sheet, "y", "%.1f", y);
	sheet_attributef(lanes->sheet, "width", "%.1f", width < 1 ? 1 : width);
	sheet_attributef(lanes->sheet, "height", "%.1f", height);
	put_title(lanes, box);
	sheet_end(lanes->sheet);
}

/* The widest stretch of the box, from `left` to `right`, that no mark crosses. */
static void beside_marks(const struct lanes *lanes, const struct box *box, double *left,
			 double *right)
{
	*left = *right = box->left;
	for (unsigned i = 0; i <= lanes->shown_count; i++) {
		double from = i ? lanes->shown[i - 1].at : box->left, to = box->right;

		if (from < box->left)
			continue;
		for (unsigned j = 0; j < lanes->shown_count; j++)
			if (lanes->shown[j].at > from && lanes->shown[j].at < to)
				to = lanes->shown[j].at;
		if (to - from > *right - *left) {
			*left = from;
			*right = to;
		}
	}
}

/* Words inside the box, or those before the comma, where they have room. */
static void put_inside(struct lanes *lanes, const struct box *box, double y, double height,
		       const char *words)
{
	size_t length = strlen(words);
	double left, right;

	beside_marks(lanes, box, &left, &right);
	if (right - left < CHARACTER_PIXELS * (double)length + 6)
		length = strcspn(words, ",");
	if (right - left < CHARACTER_PIXELS * (double)length + 6)
		return;
	lanes_text(lanes, box->shade == SHADE_RO ? "on" : box->shade == SHADE_LEFT_RO ? "on stripes" :
		   box->shade == SHADE_ODD || box->shade == SHADE_RW ? "in odds" : "in",
		   (left + right - CHARACTER_PIXELS * (double)length) / 2, y + height / 2 + 4, "%.*s",
		   (int)length, words);
}

/* False: outside of the axis. */
static bool make_box(const struct lanes *lanes, struct box *box, enum shade shade, uint64_t start,
		     uint64_t end, const char *name, uint32_t line)
{
	const struct axis *axis = lanes->axis;

	if (end <= axis->edges[0] || start >= axis->edges[axis->count - 1] || start >= end)
		return false;
	*box = (struct box){
		.left = axis_at(axis, start), .right = axis_at(axis, end), .shade = shade,
		.start = start, .end = end, .name = name, .line = line, .ranges = 1 };
	return true;
}

/* --- lanes ------------------------------------------------------------------- */

static enum shade shade_of_memory(uint32_t type)
{
	switch ((enum memory_type)type) {
	case MEMORY_RAM:
		return SHADE_RAM;
	case MEMORY_ACPI:
	case MEMORY_NVS:
		return SHADE_ACPI;
	default:
		return SHADE_FIRMWARE;
	}
}

typedef enum shade shader(const struct picture_span *span);
typedef const char *namer(const struct picture_span *span);

static enum shade shade_map(const struct picture_span *span)
{
	return shade_of_memory(span->value);
}

static const char *name_map(const struct picture_span *span)
{
	return memory_type_name((enum memory_type)span->value);
}

static enum shade shade_reserved(const struct picture_span *span)
{
	(void)span;
	return SHADE_RESERVED;
}

static const char *name_reserved(const struct picture_span *span)
{
	return *span->label ? span->label : "reserved";
}

static enum shade shade_table(const struct picture_span *span)
{
	(void)span;
	return SHADE_TABLE;
}

static const char *name_table(const struct picture_span *span)
{
	return *span->label ? span->label : "page tables";
}

/* What pools leave free of the box, where its words may stand. */
static struct box beside_pools(const struct lanes *lanes, const struct moment *moment,
			       struct box box)
{
	for (uint32_t i = 0; i < moment->pool_count; i++) {
		struct paddr_range plan = bytes_of(moment->pools[i].plan);
		struct box pool;

		if (!make_box(lanes, &pool, SHADE_RO, plan.start.n, plan.end.n, "", 0) ||
		    pool.left >= box.right || pool.right <= box.left)
			continue;
		if (pool.left - box.left > box.right - pool.right)
			box.right = pool.left;
		else
			box.left = pool.right;
	}
	return box;
}

/* Sorted spans; what is too narrow is drawn together with its neighbour. */
static void put_spans(struct lanes *lanes, const struct moment *moment, enum picture_layer layer,
		      double y, double height, shader *shade, namer *name)
{
	const struct picture_layer_list *list = &moment->layers[layer];
	struct box box = { .ranges = 0 }, next;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct picture_span *span = &list->items[i];

		if (!make_box(lanes, &next, shade(span), span->start, span->end, name(span),
			      span->at.line))
			continue;
		if (box.ranges && box.shade == next.shade && next.left - box.right < 0.6 &&
		    (next.right - next.left < LANES_NARROW || box.right - box.left < LANES_NARROW)) {
			box.right = next.right > box.right ? next.right : box.right;
			box.end = next.end;
			box.ranges++;
			continue;
		}
		put_box(lanes, &box, y, height);
		box = next;
	}
	put_box(lanes, &box, y, height);
	if (box.ranges && lanes->frames && box.shade == SHADE_TABLE) {
		struct box free = beside_pools(lanes, moment, box);

		put_inside(lanes, &free, y, height, box.name);
	}
}

static void put_areas(struct lanes *lanes, const struct moment *moment, double y)
{
	const struct picture_layer_list *list = &moment->layers[LAYER_AREAS];
	double labelled_to = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct picture_span *span = &list->items[i];
		struct box box;

		if (!make_box(lanes, &box, span->value == AREA_KERNEL ? SHADE_KERNEL : SHADE_AREA,
			      span->start, span->end, span->label, span->at.line))
			continue;
		put_box(lanes, &box, y, USE_HEIGHT);
		if (box.left < labelled_to)
			continue;   /* lies under another one's words */
		box = beside_pools(lanes, moment, box);
		put_inside(lanes, &box, y, USE_HEIGHT, span->label);
		labelled_to = box.right;
	}
}

static enum shade shade_of_protection(enum protection protection)
{
	switch (protection) {
	case PROTECTION_RO:
		return SHADE_RO;
	case PROTECTION_RW:
		return SHADE_RW;
	case PROTECTION_UNTYPED:
		return SHADE_TABLE;
	case PROTECTION_UNKNOWN:
		break;
	}
	return SHADE_ODD;
}

static const char *word_of_protection(enum protection protection)
{
	static const char *const words[] = {
		[PROTECTION_UNTYPED] = "", [PROTECTION_UNKNOWN] = ", use not told",
		[PROTECTION_RO] = ", read-only", [PROTECTION_RW] = ", writable",
	};

	return words[protection];
}

static void put_part(struct lanes *lanes, const struct picture_pool *pool, struct pfn_range part,
		     const char *what, enum protection protection, bool used, double y)
{
	struct paddr_range bytes = bytes_of(part);
	enum shade shade = shade_of_protection(protection);
	uint64_t pages = pfn_range_size(part);
	char words[120];
	struct box box;

	if (!used && protection == PROTECTION_UNTYPED)
		shade = SHADE_UNUSED;
	if (!used && protection == PROTECTION_RO)
		shade = SHADE_LEFT_RO;
	snprintf(words, sizeof(words), "pool %u, %s: %" PRIu64 " page%s%s", pool->number, what, pages,
		 pages == 1 ? "" : "s", word_of_protection(protection));
	if (!make_box(lanes, &box, shade, bytes.start.n, bytes.end.n, words, pool->at.line))
		return;
	put_box(lanes, &box, y, USE_HEIGHT);
	if (lanes->frames) {
		snprintf(words, sizeof(words), "%s: %" PRIu64 "%s", what, pages,
			 word_of_protection(protection));
		put_inside(lanes, &box, y, USE_HEIGHT, words);
	} else {
		snprintf(words, sizeof(words), "pool %u%s", pool->number,
			 strcmp(what, "end-top") ? "" : " tail");
		put_inside(lanes, &box, y, USE_HEIGHT, words);
	}
}

bool lanes_used_end(const struct lanes *lanes, const struct moment *moment,
		    const struct picture_pool *pool, pfn_t *used_end)
{
	const struct drawing *drawing = lanes->drawing;

	*used_end = pool->used_end;
	if (pool->used_end_known)
		return true;
	if (!drawing || !drawing->used_end_known || drawing->plan.start.n != pool->plan.start.n ||
	    moment->at.line < lanes->drawing_line || drawing->used_end.n > pool->plan.end.n)
		return false;
	*used_end = drawing->used_end;
	return true;
}

static void put_pools(struct lanes *lanes, const struct moment *moment, double y)
{
	for (uint32_t i = 0; i < moment->pool_count; i++) {
		const struct picture_pool *pool = &moment->pools[i];
		struct pfn_range used = { pool->plan.start, { 0 } };
		struct pfn_range tail = { { 0 }, pool->plan.end };

		if (lanes_used_end(lanes, moment, pool, &used.end)) {
			tail.start = used.end;
		} else {
			put_part(lanes, pool, pool->plan, "start-top", PROTECTION_UNKNOWN, false, y);
			continue;
		}
		if (!pfn_range_empty(used))
			put_part(lanes, pool, used, "start-end", pool->used, true, y);
		if (!pfn_range_empty(tail))
			put_part(lanes, pool, tail, "end-top", pool->tail, false, y);
	}
}

/* Stretches that no range of the map holds. */
static void put_holes(struct lanes *lanes, const struct picture_layer_list *map, double y)
{
	const struct axis *axis = lanes->axis;
	uint64_t at = axis->edges[0], end = axis->edges[axis->count - 1];

	for (uint32_t i = 0; i <= map->count; i++) {
		uint64_t next = i < map->count ? map->items[i].start : end;

		if (next > end)
			next = end;
		if (next > at)
			lanes_line(lanes, "hole", axis_at(axis, at), y, axis_at(axis, next), y);
		if (i < map->count && map->items[i].end > at)
			at = map->items[i].end;
	}
}

/* --- frames that failed ------------------------------------------------------ */

static void find_shown(struct lanes *lanes, const struct moment *moment)
{
	const struct axis *axis = lanes->axis;

	lanes->shown_count = 0;
	for (unsigned i = 0; i < lanes->mark_count; i++) {
		const struct mark *mark = &lanes->marks[i];
		uint64_t start = mark->frame.n << FRAME_SHIFT;

		if (mark->line > moment->at.line || start < axis->edges[0] ||
		    start >= axis->edges[axis->count - 1])
			continue;
		lanes->shown[lanes->shown_count++] = (struct shown_mark){
			mark, (axis_at(axis, start) + axis_at(axis, start + 4096)) / 2 };
	}
}

static void put_mark(struct lanes *lanes, const struct shown_mark *shown, double top, double bottom)
{
	lanes_line(lanes, "mark", shown->at, top, shown->at, bottom);
	sheet_begin(lanes->sheet, "path");
	sheet_attribute(lanes->sheet, "class", "markhead");
	sheet_attributef(lanes->sheet, "d", "M%.1f %.1fl5 8h-10z", shown->at, bottom);
	sheet_begin(lanes->sheet, "title");
	sheet_printf(lanes->sheet, "pfn 0x%" PRIx64 ": %s (line %u)", shown->mark->frame.n,
		     shown->mark->says, shown->mark->line);
	sheet_end(lanes->sheet);
	sheet_end(lanes->sheet);
}

struct stretch { double left, right; };

/* Within the axis, beside all heads, and beside the labels so far? */
static bool is_free(const struct lanes *lanes, struct stretch place, const struct stretch *labels,
		    unsigned label_count)
{
	const struct axis *axis = lanes->axis;

	if (place.left < axis->left || place.right > axis->left + axis->width)
		return false;
	for (unsigned i = 0; i < lanes->shown_count; i++)
		if (lanes->shown[i].at > place.left - 8 && lanes->shown[i].at < place.right + 8)
			return false;
	for (unsigned i = 0; i < label_count; i++)
		if (labels[i].left < place.right + 8 && labels[i].right > place.left - 8)
			return false;
	return true;
}

/* On the right of its head, or on the left; in full, or the number alone. */
static bool place_label(const struct lanes *lanes, double head, double width,
			const struct stretch *labels, unsigned label_count, struct stretch *place)
{
	*place = (struct stretch){ head + 10, head + 10 + width };
	if (is_free(lanes, *place, labels, label_count))
		return true;
	*place = (struct stretch){ head - 10 - width, head - 10 };
	return is_free(lanes, *place, labels, label_count);
}

static void put_marks(struct lanes *lanes, double top, double bottom)
{
	struct stretch labels[MARKS_MAX];
	unsigned label_count = 0;

	for (unsigned i = 0; i < lanes->shown_count; i++)
		put_mark(lanes, &lanes->shown[i], top, bottom);
	for (unsigned i = 0; i < lanes->shown_count; i++) {
		const struct mark *mark = lanes->shown[i].mark;
		char words[2][96];

		snprintf(words[0], sizeof(words[0]), "pfn 0x%" PRIx64 " %s", mark->frame.n, mark->says);
		snprintf(words[1], sizeof(words[1]), "pfn 0x%" PRIx64, mark->frame.n);
		for (unsigned form = 0; form < 2; form++) {
			double width = CHARACTER_PIXELS * (double)strlen(words[form]);

			if (!place_label(lanes, lanes->shown[i].at, width, labels, label_count,
					 &labels[label_count]))
				continue;
			lanes_text(lanes, "bad halo", labels[label_count++].left, bottom + 11, "%s",
				   words[form]);
			break;
		}
	}
}

/* --- a row --------------------------------------------------------------------- */

double lanes_row_height(const struct lanes *lanes)
{
	(void)lanes;
	return HEADING + MAP_HEIGHT + USE_HEIGHT + RESERVED_HEIGHT + 2 * BETWEEN + AFTER;
}

/* Thin lines at the labelled edges, through the lanes only. */
static void put_grid(struct lanes *lanes, double top, double bottom)
{
	for (unsigned i = 0; i < lanes->ticks->count; i++)
		lanes_line(lanes, "grid", lanes->ticks->items[i].at, top, lanes->ticks->items[i].at,
			   bottom);
}

double lanes_put(struct lanes *lanes, const struct moment *moment, const char *heading, bool bad,
		 double y)
{
	double map = y + HEADING, use = map + MAP_HEIGHT + BETWEEN;
	double reserved = use + USE_HEIGHT + BETWEEN;

	find_shown(lanes, moment);
	lanes_text(lanes, bad && lanes->bad ? "t bad" : "t", lanes->axis->left, map - 6, "%s", heading);
	put_grid(lanes, map - 2, reserved + RESERVED_HEIGHT + 2);
	lanes_text(lanes, "f", 0, map + MAP_HEIGHT - 2, "memory");
	lanes_text(lanes, "f", 0, use + USE_HEIGHT - 5, "in use");
	lanes_text(lanes, "f", 0, reserved + RESERVED_HEIGHT, "reserved");
	put_holes(lanes, &moment->layers[LAYER_MAP], map + MAP_HEIGHT / 2);
	put_spans(lanes, moment, LAYER_MAP, map, MAP_HEIGHT, shade_map, name_map);
	put_areas(lanes, moment, use);
	put_spans(lanes, moment, LAYER_TABLES, use, USE_HEIGHT, shade_table, name_table);
	put_pools(lanes, moment, use);
	put_spans(lanes, moment, LAYER_RESERVED, reserved, RESERVED_HEIGHT, shade_reserved,
		  name_reserved);
	put_marks(lanes, map - 2, reserved + RESERVED_HEIGHT + 1);
	return y + lanes_row_height(lanes);
}

double lanes_legend(struct lanes *lanes, double y)
{
	double x = 0;

	for (unsigned i = 0; i < SHADE_COUNT; i++) {
		double width = 24 + CHARACTER_PIXELS * (double)strlen(shades[i].legend) + 14;

		if (!lanes->used[i])
			continue;
		if (x + width > LEGEND_WIDTH) {
			x = 0;
			y += 20;
		}
		sheet_begin(lanes->sheet, "rect");
		sheet_attribute(lanes->sheet, "class", shades[i].class_name);
		sheet_attributef(lanes->sheet, "x", "%.1f", x);
		sheet_attributef(lanes->sheet, "y", "%.1f", y + 4);
		sheet_attribute(lanes->sheet, "width", "18");
		sheet_attribute(lanes->sheet, "height", "11");
		sheet_end(lanes->sheet);
		lanes_text(lanes, "f", x + 24, y + 14, "%s", shades[i].legend);
		x += width;
	}
	return y + 26;
}
