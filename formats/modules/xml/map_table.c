/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/map_table.h"

#include <inttypes.h>

static void put_row(struct sheet *sheet, uint64_t start, uint64_t end, const char *layer,
		    const char *name, uint32_t line)
{
	sheet_begin(sheet, "tr");
	sheet_begin(sheet, "td");
	sheet_printf(sheet, "0x%" PRIx64 "-0x%" PRIx64, start, end);
	sheet_end(sheet);
	sheet_begin(sheet, "td");
	sheet_printf(sheet, "%" PRIu64, (end - start + 4095) / 4096);
	sheet_end(sheet);
	sheet_element(sheet, "td", NULL, layer);
	sheet_element(sheet, "td", NULL, name);
	sheet_begin(sheet, "td");
	if (line)
		sheet_printf(sheet, "%u", line);
	sheet_end_full(sheet);
	sheet_end(sheet);
}

static void put_layer(struct sheet *sheet, const struct picture_layer_list *list, const char *layer,
		      bool typed)
{
	for (uint32_t i = 0; i < list->count; i++)
		put_row(sheet, list->items[i].start, list->items[i].end, layer,
			typed ? memory_type_name((enum memory_type)list->items[i].value) :
			list->items[i].label, list->items[i].at.line);
	if (list->more) {
		sheet_begin(sheet, "tr");
		sheet_begin(sheet, "td");
		sheet_attribute(sheet, "colspan", "5");
		sheet_printf(sheet, "and %u more ranges (%s)", list->more, layer);
		sheet_end(sheet);
		sheet_end(sheet);
	}
}

static void put_pools(struct sheet *sheet, const struct moment *moment)
{
	for (uint32_t i = 0; i < moment->pool_count; i++) {
		const struct picture_pool *pool = &moment->pools[i];
		char name[100];

		snprintf(name, sizeof(name), pool->used_end_known ? "pool %u, used to pfn 0x%" PRIx64 :
			 "pool %u, use not told", pool->number, pool->used_end.n);
		put_row(sheet, pool->plan.start.n << FRAME_SHIFT, pool->plan.end.n << FRAME_SHIFT,
			"page tables", name, pool->at.line);
	}
}

void map_table_put(struct sheet *sheet, const struct picture *picture)
{
	static const char *const heads[] = { "bytes", "pages", "layer", "what", "line" };
	const struct moment *last = &picture->moments[picture->count - 1];

	sheet_begin(sheet, "details");
	sheet_attribute(sheet, "class", "map");
	sheet_begin(sheet, "summary");
	sheet_printf(sheet, "The ranges as a table, as of line %u", last->at.line);
	sheet_end(sheet);
	sheet_begin(sheet, "table");
	sheet_begin(sheet, "tr");
	for (unsigned i = 0; i < ARRAY_LEN(heads); i++)
		sheet_element(sheet, "th", NULL, heads[i]);
	sheet_end(sheet);
	put_layer(sheet, &last->layers[LAYER_MAP], "memory map", true);
	put_layer(sheet, &last->layers[LAYER_AREAS], "in use", false);
	put_pools(sheet, last);
	put_layer(sheet, &last->layers[LAYER_TABLES], "page tables", false);
	put_layer(sheet, &last->layers[LAYER_RESERVED], "reserved", false);
	sheet_end(sheet);
	sheet_end(sheet);
}
