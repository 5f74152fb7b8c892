/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/picture.h"

/* --- copying out ------------------------------------------------------------- */

static void add(struct picture_layer_list *list, struct arena *arena, uint32_t room,
		struct picture_span span)
{
	if (!list->items)
		list->items = arena_alloc(arena, room * sizeof(*list->items));
	if (list->count < room)
		list->items[list->count++] = span;
	else
		list->more++;
}

static const char *label_of(struct picture *picture, struct arena *arena,
			    const struct replay *replay, uint32_t number)
{
	if (number >= LABELS_MAX)
		return "";
	if (!picture->labels)
		picture->labels = arena_alloc(arena, LABELS_MAX * sizeof(*picture->labels));
	if (!picture->labels[number])
		picture->labels[number] = arena_copy(arena, text_of(replay_label(replay, number)));
	return picture->labels[number];
}

/* Labels first, so that a list which is given back takes none along. */
static void copy_labels(struct picture *picture, struct arena *arena, const struct replay *replay)
{
	const struct range_map *maps[] = { &replay->reserved, &replay->tables };

	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		for (const struct span *s = range_map_from(maps[i], 0); s; s = range_map_next(maps[i], s))
			label_of(picture, arena, replay, s->value);
}

/* Spans that touch and are alike are one: where an edit has split them tells
 * nothing. `labelled`: the values are label numbers. */
static void copy_map(struct picture *picture, struct picture_layer_list *list,
		     struct arena *arena, const struct replay *replay,
		     const struct range_map *map, bool labelled)
{
	uint32_t room = map->span_count < PICTURE_SPANS_MAX ? (uint32_t)map->span_count :
			PICTURE_SPANS_MAX;
	const struct span *span = range_map_from(map, 0);

	while (span) {
		const struct span *next = range_map_next(map, span);
		uint64_t end = span->end;

		while (next && next->start == end && next->value == span->value) {
			end = next->end;
			next = range_map_next(map, next);
		}
		add(list, arena, room, (struct picture_span){
			.start = span->start, .end = end, .value = span->value, .at = span->at,
			.label = labelled ? label_of(picture, arena, replay, span->value) : "" });
		span = next;
	}
}

static void copy_areas(struct picture_layer_list *list, struct arena *arena,
		       const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->areas.count; i++) {
		const struct area_record *area = &replay->areas.items[i];

		if (area->bytes.start.n >= area->bytes.end.n)
			continue;
		add(list, arena, replay->areas.count, (struct picture_span){
			.start = area->bytes.start.n, .end = area->bytes.end.n,
			.value = area->area, .label = area_name(area->area), .at = area->at });
	}
}

/* Is the unused tail still write-protected? Only a Xen PV guest has to care.
 * See replay_pool_guard() for what each kernel does. */
static enum protection tail_protection(const struct replay *replay, const struct pool *pool)
{
	if (replay_is_not_pv(replay))
		return PROTECTION_UNTYPED;
	if (!replay_is_pv(replay))
		return PROTECTION_UNKNOWN;
	if (pool->rw_line_seen)
		return PROTECTION_RW;
	if (pool->kind != POOL_BUFFER)
		return PROTECTION_UNKNOWN;
	switch (replay_pool_guard(replay)) {
	case GUARD_TO_TOP:
		return PROTECTION_RO;
	case GUARD_TO_END:
	case GUARD_NONE_NEEDED:
		return PROTECTION_RW;
	case GUARD_UNKNOWN:
		break;
	}
	return PROTECTION_UNKNOWN;
}

static void copy_pools(struct moment *moment, struct arena *arena, const struct replay *replay)
{
	if (!replay->pools.count)
		return;
	moment->pools = arena_alloc(arena, replay->pools.count * sizeof(*moment->pools));
	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];

		if (pfn_range_empty(pool->plan))
			continue;
		moment->pools[moment->pool_count++] = (struct picture_pool){
			.number = pool->number, .kind = pool->kind, .plan = pool->plan,
			.used_end = pool->used_end,
			.used_end_known = pool->used_end_from != USED_UNKNOWN,
			.used = replay_is_not_pv(replay) ? PROTECTION_UNTYPED :
				replay_is_pv(replay) ? PROTECTION_RO : PROTECTION_UNKNOWN,
			.tail = tail_protection(replay, pool),
			.at = pool->planned_at };
	}
}

/* The spans of the list that touch [from, to), one after the other. */
static const struct picture_span *next_within(const struct picture_layer_list *list, uint32_t *at,
					      uint64_t from, uint64_t to)
{
	while (*at < list->count) {
		const struct picture_span *span = &list->items[(*at)++];

		if (span->start < to && span->end > from)
			return span;
	}
	return NULL;
}

bool picture_same(const struct picture_layer_list *a, const struct picture_layer_list *b,
		  uint64_t from, uint64_t to)
{
	uint32_t a_at = 0, b_at = 0;

	if (a->items == b->items && a->count == b->count && a->more == b->more)
		return true;
	for (;;) {
		const struct picture_span *x = next_within(a, &a_at, from, to);
		const struct picture_span *y = next_within(b, &b_at, from, to);

		if (!x || !y)
			return x == y && a->more == b->more;
		if (x->start != y->start || x->end != y->end || x->value != y->value ||
		    strcmp(x->label, y->label))
			return false;
	}
}

/* What did not change since the moment before takes no memory of its own. */
static void copy_layer(struct picture *picture, struct moment *moment, struct arena *arena,
		       const struct replay *replay, enum picture_layer layer)
{
	struct picture_layer_list *list = &moment->layers[layer];
	struct arena_mark mark = arena_mark(arena);

	switch (layer) {
	case LAYER_MAP:
		copy_map(picture, list, arena, replay, &replay->map_in_force, false);
		break;
	case LAYER_AREAS:
		copy_areas(list, arena, replay);
		break;
	case LAYER_RESERVED:
		copy_map(picture, list, arena, replay, &replay->reserved, true);
		break;
	case LAYER_TABLES:
		copy_map(picture, list, arena, replay, &replay->tables, true);
		break;
	case LAYER_COUNT:
		break;
	}
	if (moment == picture->moments || !picture_same(&moment[-1].layers[layer], list, 0, UINT64_MAX))
		return;
	*list = moment[-1].layers[layer];
	arena_rewind(arena, mark);
}

static bool same_line(struct loc a, struct loc b)
{
	return a.line == b.line && a.offset == b.offset;
}

static void keep(struct picture *picture, struct arena *arena, const struct replay *replay,
		 struct loc at, const char *says, bool bad)
{
	struct moment *moment = &picture->moments[picture->count];

	/* What one line tells is one moment. */
	if (picture->count && same_line(moment[-1].at, at)) {
		moment--;
		says = arena_printf(arena, "%s; %s", moment->says, says);
		bad |= moment->bad;
	} else {
		picture->count++;
	}
	*moment = (struct moment){ .at = at, .says = says, .bad = bad };
	copy_labels(picture, arena, replay);
	for (enum picture_layer layer = 0; layer < LAYER_COUNT; layer++)
		copy_layer(picture, moment, arena, replay, layer);
	copy_pools(moment, arena, replay);
}

/* --- which moments tell something -------------------------------------------- */

/* How many moments of a kind are kept. Together they leave room for the last. */
static const uint8_t kept_max[EV_COUNT] = {
	[EV_LAST_PFN] = 1, [EV_MAPPING_STARTED] = 1, [EV_POOL_PLANNED] = 3, [EV_POOL_TAIL_RW] = 2,
	[EV_RANGE_RESERVED] = 2, [EV_TABLE_FROM_BRK] = 1, [EV_MILESTONE] = 1, [EV_COMPLAINT] = 1,
	[EV_KERNEL_BUG] = 1, [EV_FAULT] = 1, [EV_PANIC] = 1,
};

static bool is_failure(enum event_kind kind)
{
	return kind == EV_COMPLAINT || kind == EV_KERNEL_BUG || kind == EV_FAULT || kind == EV_PANIC;
}

/* Did the line give away the only page tables known so far? */
static bool first_tables(const struct replay *replay, const struct event *event)
{
	const struct span *span = range_map_from(&replay->tables, 0);

	return span && replay->tables.span_count == 1 && same_line(span->at, event->at);
}

/* What the event did, in words; NULL: it tells nothing for a picture. */
static const char *words_of(struct arena *arena, const struct replay *replay,
			    const struct event *event)
{
	uint32_t pools = replay->pools.count, faults = replay->faults.count;

	switch (event->kind) {
	case EV_LAST_PFN:
		return "the memory map is known";
	case EV_MAPPING_STARTED:
		return "the direct map begins to grow";
	case EV_POOL_PLANNED:
		return pools ? arena_printf(arena, "page-table pool %u chosen",
					    replay->pools.items[pools - 1].number) : NULL;
	case EV_POOL_TAIL_RW:
		return "the unused part of the pool is made writable again";
	case EV_RANGE_RESERVED:
		for (uint32_t i = 0; i < pools; i++)
			if (same_line(replay->pools.items[i].reserved_at, event->at))
				return "the used part of the pool is reserved";
		return first_tables(replay, event) ? "the first page tables are allocated" : NULL;
	case EV_TABLE_FROM_BRK:
		return "the first page tables are taken from the brk";
	case EV_MILESTONE:
		return event->u.milestone.step == STEP_MEMORY_LINE ?
		       "page-table set-up is over" : NULL;
	case EV_COMPLAINT:
		return "the hypervisor refuses an operation";
	case EV_KERNEL_BUG:
		return "the kernel stops at a BUG";
	case EV_FAULT:   /* but for a BUG's own exception */
		return faults && same_line(replay->faults.items[faults - 1].at, event->at) ?
		       "the kernel faults" : NULL;
	case EV_PANIC:
		return "the kernel panics";
	default:
		return NULL;
	}
}

void picture_event(struct picture *picture, struct arena *arena, const struct replay *replay,
		   const struct event *event)
{
	const char *words;

	if (picture->kept[event->kind] >= kept_max[event->kind])
		return;
	words = words_of(arena, replay, event);
	if (!words)
		return;
	picture->kept[event->kind]++;
	keep(picture, arena, replay, event->at, words, is_failure(event->kind));
}

void picture_end(struct picture *picture, struct arena *arena, const struct replay *replay)
{
	ASSERT(picture->count < MOMENTS_MAX);
	keep(picture, arena, replay, replay->last, "the end of the log", false);
}
