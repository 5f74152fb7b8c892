/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a boot leaves for a comparison. */
#include "core/compare.h"

/* --- events ------------------------------------------------------------------ */

static uint64_t mix(uint64_t key, uint64_t value)
{
	return (key ^ value) * UINT64_C(0x100000001b3);
}

static uint64_t mix_text(uint64_t key, struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		key = mix(key, (unsigned char)text.at[i]);
	return mix(key, text.length);
}

static uint64_t size_of(struct paddr_range bytes)
{
	return bytes.end.n - bytes.start.n;
}

#define BIT(kind) (UINT64_C(1) << EV_##kind)

/* Who speaks is compared by itself; sizes of the kernel are another with each
 * build; details and lists follow from what came before. */
static const uint64_t not_compared =
	BIT(KERNEL_STARTED) | BIT(XEN_STARTED) | BIT(COMMAND_LINE) | BIT(XEN_COMMAND_LINE) |
	BIT(XEN_GUEST_LEVEL) | BIT(KERNEL_BITS) | BIT(MAPPED_LIMIT) | BIT(ALLOC_REQUESTED) |
	BIT(DUMP_STARTED) | BIT(DUMP_REGION) | BIT(MULTICALL_ENTRY) | BIT(FAULT_DETAIL) |
	BIT(MMU_OP) | BIT(TABLE_AUDITED) | BIT(DUMP_WALKED) | BIT(IMAGE_GIVEN) |
	BIT(DOMAIN_DESCRIBED) | BIT(MESSAGES_LOST);

static uint64_t range_key(uint64_t key, const struct event *event)
{
	key = mix_text(key, event->u.range.label);
	if (event->u.range.owner & (OWNER_BLOCKS | OWNER_BRK))
		return key;
	/* In pages: strings are as long as a command line, small tables another with
	 * each build. */
	return mix(key, (size_of(event->u.range.bytes) + FRAME_BYTES - 1) / FRAME_BYTES);
}

static uint64_t key_of(const struct event *event)
{
	uint64_t key = mix(UINT64_C(0xcbf29ce484222325), event->kind);

	switch (event->kind) {
	case EV_PLATFORM_TOLD:
		return mix(key, event->u.platform);
	case EV_MILESTONE:
		return mix(key, event->u.milestone.step);
	case EV_MAP_ENTRY:
		key = mix(mix(key, event->u.map.view), event->u.map.type);
		return mix(key, size_of(event->u.map.bytes));
	case EV_MAP_UPDATED:
	case EV_MAP_REMOVED:
		key = mix(mix(key, event->u.map_edit.from), event->u.map_edit.to);
		return mix(key, size_of(event->u.map_edit.bytes));
	case EV_LAST_PFN:
		return mix(key, event->u.last.n);
	case EV_RANGE_RESERVED:
	case EV_RANGE_RELEASED:
	case EV_MEMORY_ADDED:
	case EV_MEMORY_REMOVED:
	case EV_RESERVED_LISTED:
	case EV_RANGE_SUBTRACTED:
		return range_key(key, event);
	case EV_MAPPING_STARTED:
	case EV_MAPPING_PART:
		return mix(mix(key, size_of(event->u.mapping.bytes)), event->u.mapping.page_bytes);
	case EV_POOL_PLANNED:
		return mix(key, event->u.pool.plan.end.n - event->u.pool.plan.start.n);
	case EV_POOL_TAIL_RW:
	case EV_TABLE_FROM_BRK:
		return mix(key, size_of(event->u.bytes));
	case EV_AREA_NAMED:
		return mix(mix(key, event->u.area.area), event->u.area.relocation);
	case EV_MEMORY_FREED:
		return mix(key, event->u.freed.what);
	case EV_FRAMES_MOVED:
		return mix(key, event->u.moved.what);
	case EV_COMPLAINT:
		return mix(mix(key, event->u.complaint.what), event->u.complaint.level);
	case EV_KERNEL_BUG:
	case EV_KERNEL_WARNING:
		return mix_text(key, event->u.bug.file);
	default:
		return key;
	}
}

void facts_event(struct boot_facts *facts, struct arena *arena, const struct event *event)
{
	struct fact_events *events = &facts->events[event->speaker];

	if (not_compared >> event->kind & 1)
		return;
	if (events->count == FACT_EVENTS_MAX) {
		events->more++;
		return;
	}
	if (events->count == events->room) {
		uint32_t room = events->room ? 2 * events->room : 64;
		struct fact_event *items = arena_alloc(arena, room * sizeof(*items));

		if (events->count)
			memcpy(items, events->items, events->count * sizeof(*items));
		events->items = items;
		events->room = room;
	}
	events->items[events->count++] = (struct fact_event){
		.key = key_of(event), .kind = event->kind, .at = event->at };
}

/* --- the end ----------------------------------------------------------------- */

struct copying {
	struct arena *arena;
	const struct replay *replay;
	const char **labels;    /* by number; NULL: not copied yet */
};

static const char *label_of(struct copying *copying, uint32_t number)
{
	if (number >= LABELS_MAX)
		return "";
	if (!copying->labels[number])
		copying->labels[number] = arena_copy(copying->arena,
			text_of(replay_label(copying->replay, number)));
	return copying->labels[number];
}

/* Touching spans that are alike are one: where an edit has split them tells nothing. */
static struct fact_ranges copy_ranges(struct copying *copying, const struct range_map *map,
				      bool labelled, bool valued)
{
	uint32_t room = map->span_count < FACT_RANGES_MAX ? (uint32_t)map->span_count :
			FACT_RANGES_MAX;
	struct fact_ranges ranges = { .items = arena_alloc(copying->arena,
							   (room + 1) * sizeof(*ranges.items)) };
	const struct span *span = range_map_from(map, 0);

	while (span) {
		struct fact_range range = { span->start, span->end, valued ? span->value : 0,
					    labelled ? label_of(copying, span->value) : "", span->at };
		uint32_t value = span->value;

		while ((span = range_map_next(map, span)) && span->start == range.end &&
		       ((!valued && !labelled) || span->value == value))
			range.end = span->end;
		if (ranges.count < room)
			ranges.items[ranges.count++] = range;
		else
			ranges.more++;
	}
	return ranges;
}

static const char *keep_text(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text_of(text)) : NULL;
}

void facts_end(struct boot_facts *facts, struct arena *arena, const struct replay *replay)
{
	struct copying copying = { arena, replay,
				   arena_alloc(replay->arena, LABELS_MAX * sizeof(char *)) };
	size_t pool_bytes = replay->pools.count * sizeof(*facts->pools);

	facts->bits = replay->bits;
	facts->kernel_at = replay->kernel.at;
	facts->command_line = keep_text(arena, replay->command_line);
	facts->command_line_at = replay->command_line_at;
	facts->xen_command_line = keep_text(arena, replay->xen_command_line);
	facts->map = copy_ranges(&copying, &replay->map_in_force, false, true);
	facts->reserved = copy_ranges(&copying, &replay->reserved, true, false);
	facts->tables = copy_ranges(&copying, &replay->tables, false, false);
	facts->mapped = copy_ranges(&copying, &replay->mapped, false, false);
	if (pool_bytes)
		facts->pools = memcpy(arena_alloc(arena, pool_bytes), replay->pools.items,
				      pool_bytes);
	facts->pool_count = replay->pools.count;
	memcpy(facts->steps, replay->steps, sizeof(facts->steps));
	facts->complaints = replay->complaints.count + replay->complaints.lost;
	if (replay->complaints.count)
		facts->first_complaint = replay->complaints.items[0].at;
}
