/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The memory map in force, memblock, the page-table pools, named areas. */
#include "core/replay_inside.h"

static uint32_t label_number(struct replay *replay, struct text words)
{
	struct text *slot;

	/* The last one told is the likeliest. */
	for (uint32_t i = replay->labels.count; i-- > 1;)
		if (text_equal(replay->labels.items[i], words))
			return i;
	slot = PUSH(replay, labels, LABELS_MAX);
	if (!slot)
		return 0;
	*slot = (struct text){ arena_copy(replay->arena, words), words.length };
	return replay->labels.count - 1;
}

/* --- memory map --------------------------------------------------------- */

static enum status set_map(struct replay *replay, struct range_map *map, const struct event *event)
{
	if (map->span_count >= MAP_SPANS_MAX) {
		replay->map_lost++;
		return ST_OK;
	}
	return set_range(map, event->u.map.bytes, event->u.map.type, event->at);
}

enum status replay_map_entry(struct replay *replay, const struct event *event)
{
	struct map_entry_record *record = PUSH(replay, map_entries, AREAS_MAX);
	enum map_view view = event->u.map.view;
	const struct span *clash;

	if (record)
		*record = (struct map_entry_record){ view, event->u.map.bytes, event->u.map.type,
						     event->at };
	if (view == VIEW_HOST) {
		replay->evidence |= EVIDENCE_HOST_MAP;
		return set_map(replay, &replay->host_map, event);
	}
	if (replay->map_fresh || view != replay->map_view || !(replay->evidence & EVIDENCE_MAP)) {
		range_map_clear(&replay->map_in_force);
		replay->map_fresh = false;
		replay->map_view = view;
	}
	replay->evidence |= EVIDENCE_MAP;
	clash = range_map_from(&replay->map_in_force, event->u.map.bytes.start.n);
	replay->map_clashes |= clash && clash->start < event->u.map.bytes.end.n &&
			       !replay_map_has(replay, event);
	if (view == VIEW_XEN && replay->platform == PLATFORM_UNKNOWN) {
		replay->platform = PLATFORM_XEN_PV;
		replay->platform_at = event->at;
	}
	return set_map(replay, &replay->map_in_force, event);
}

/* Changes (or drops) what is of type `from` in the range. */
enum status replay_map_edit(struct replay *replay, const struct event *event)
{
	uint64_t at = event->u.map_edit.bytes.start.n, end = event->u.map_edit.bytes.end.n;
	struct range_map *map = &replay->map_in_force;
	enum status status = ST_OK;
	const struct span *span;

	if (replay->map_edits++ >= AREAS_MAX || map->span_count >= MAP_SPANS_MAX) {
		replay->map_lost++;
		return ST_OK;
	}
	while (status == ST_OK && at < end && (span = range_map_from(map, at)) &&
	       span->start < end) {
		uint64_t from = span->start > at ? span->start : at;
		uint64_t to = span->end < end ? span->end : end;

		at = to;
		if (event->u.map_edit.from != MEMORY_ANY && span->value != event->u.map_edit.from)
			continue;
		if (event->kind == EV_MAP_REMOVED)
			status = range_map_remove(map, from, to);
		else
			status = set_range(map, paddr_range(from, to), event->u.map_edit.to,
					   event->at);
	}
	return status;
}

/* --- reservations ------------------------------------------------------- */

static struct pool *pool_for_reservation(struct replay *replay, struct paddr_range bytes)
{
	struct pfn_range frames = pfns_touched(bytes);

	for (uint32_t i = replay->pools.count; i-- > 0;) {
		struct pool *pool = &replay->pools.items[i];

		if (pool->kind == POOL_BUFFER && pool->plan.start.n == frames.start.n &&
		    paddr_range_empty(pool->reserved))
			return pool;
	}
	for (uint32_t i = replay->pools.count; i-- > 0;) {
		struct pool *pool = &replay->pools.items[i];

		if (pool->kind == POOL_BUFFER && pfn_range_overlap(pool->plan, frames) &&
		    paddr_range_empty(pool->reserved))
			return pool;
	}
	return NULL;
}

static void pool_reserved(struct replay *replay, const struct event *event)
{
	struct paddr_range bytes = event->u.range.bytes;
	struct pool *pool = pool_for_reservation(replay, bytes);
	struct pfn_range frames = pfns_touched(bytes);

	if (!pool)
		return;
	pool->reserved = bytes;
	pool->reserved_at = event->at;
	pool->used_end = frames.end;
	pool->used_end_from = event->u.range.listed_late ? USED_FROM_TABLE : USED_FROM_RESERVE;
}

/* The brk reservation: the first one by its owner that lies above the first MiB. */
static void note_brk(struct replay *replay, uint8_t owner, struct paddr_range bytes, struct loc at)
{
	if (!(owner & OWNER_BRK) || !paddr_range_empty(replay->brk) || bytes.start.n < 0x100000)
		return;
	replay->brk = bytes;
	replay->brk_at = at;
}

/* What page tables and the brk are kept account of besides. */
static NEVER_INLINE enum status note_owner(struct replay *replay, const struct event *event,
					   uint8_t owner, uint32_t label)
{
	struct paddr_range bytes = event->u.range.bytes;

	note_brk(replay, owner, bytes, event->at);
	if (!(owner & OWNER_TABLES) || paddr_range_empty(bytes))
		return ST_OK;
	if (owner & OWNER_POOL)
		pool_reserved(replay, event);
	return set_range(&replay->tables, bytes, label, event->at);
}

/* Until 3.13 the size is rounded up to the alignment.
 * Source: Linux mm/memblock.c memblock_alloc_base_nid(), 3.4-7.1. */
static bool is_as_requested(const struct replay *replay, struct paddr_range bytes)
{
	uint64_t size = replay->request.size_bytes, more = paddr_range_size(bytes) - size;

	return paddr_range_size(bytes) >= size && (!more || more < replay->request.align_bytes);
}

enum status replay_reserved(struct replay *replay, const struct event *event)
{
	struct paddr_range bytes = event->u.range.bytes;
	uint8_t owner = event->u.range.owner;
	enum status status;
	uint32_t label;

	replay->evidence |= EVIDENCE_MEMBLOCK;
	replay->reserved_by_caller |= event->u.range.by_caller;
	if (replay->request.open && event->u.range.by_caller && (owner & OWNER_MEMBLOCK) &&
	    is_as_requested(replay, bytes)) {
		label = replay->request.label;
		owner = replay->request.owner;
	} else {
		label = label_number(replay, event->u.range.label);
	}
	replay->request.open = false;
	if (owner & (OWNER_BRK | OWNER_TABLES)) {
		status = note_owner(replay, event, owner, label);
		if (status != ST_OK)
			return status;
	}
	return set_range(&replay->reserved, bytes, label, event->at);
}

enum status replay_released(struct replay *replay, const struct event *event)
{
	struct paddr_range bytes = event->u.range.bytes;
	const struct span *table = range_map_from(&replay->tables, bytes.start.n);
	enum status status;

	replay->evidence |= EVIDENCE_MEMBLOCK;
	if (table && table->start < bytes.end.n) {
		struct release_record *record = PUSH(replay, releases, INCIDENTS_MAX);

		if (record)
			*record = (struct release_record){ bytes,
				arena_copy(replay->arena, event->u.range.label), event->at,
				replay->sequence };
	}
	status = set_range(&replay->let_go, bytes, label_number(replay, event->u.range.label),
			   event->at);
	if (status != ST_OK && status != ST_LIMIT)
		return status;
	return range_map_remove(&replay->reserved, bytes.start.n, bytes.end.n);
}

void replay_requested(struct replay *replay, const struct event *event)
{
	replay->evidence |= EVIDENCE_MEMBLOCK;
	replay->request.open = true;
	replay->request.label = label_number(replay, event->u.request.label);
	replay->request.owner = owner_of_label(event->u.request.label);
	replay->request.at = event->at;
	replay->request.size_bytes = event->u.request.size_bytes;
	replay->request.align_bytes = event->u.request.align_bytes;
	replay->request.within = event->u.request.within;
}

/* --- pools -------------------------------------------------------------- */

static struct pool *pool_by_plan(struct replay *replay, struct pfn_range plan)
{
	for (uint32_t i = replay->pools.count; i-- > 0;) {
		struct pool *pool = &replay->pools.items[i];

		if (pool->kind == POOL_BUFFER && pool->plan.start.n == plan.start.n &&
		    pool->plan.end.n == plan.end.n)
			return pool;
	}
	return NULL;
}

void replay_pool_planned(struct replay *replay, const struct event *event)
{
	const struct span *own = replay_own_reservation(replay, event->u.pool.plan);
	struct pool *pool = pool_by_plan(replay, event->u.pool.plan);
	const struct mapping_record *mapping;

	replay->evidence |= EVIDENCE_POOL;
	/* A trace has told of it right before. */
	if (!pool || pool->mapped_end.n)
		pool = PUSH(replay, pools, POOLS_MAX);
	if (!pool)
		return;
	pool->kind = POOL_BUFFER;
	pool->number = replay->pools.count;
	pool->plan = event->u.pool.plan;
	pool->plan_certainty = event->certainty;
	pool->used_end = pool->plan.start;
	pool->mapped_end = event->u.pool.mapped_end;
	pool->planned_at = event->at;
	pool->sequence = replay->sequence;
	if (own) {
		pool->reserved = paddr_range(own->start, own->end);
		pool->reserved_at = own->at;
		pool->used_end = pfns_touched(pool->reserved).end;
		pool->used_end_from = USED_FROM_RESERVE;
	}
	if (!replay->mappings.count)
		return;
	mapping = &replay->mappings.items[replay->mappings.count - 1];
	if (mapping->bytes.end.n != pool->mapped_end.n)
		return;
	pool->mapping = mapping->bytes;
	pool->mapping_at = mapping->at;
	if (replay->pools.count > 1 && !loc_known(pool[-1].closed_at))
		pool[-1].closed_at = mapping->at;
}

/* A trace of the pool itself. That its hook ran says nothing of what it reserved. */
void replay_pool_state(struct replay *replay, const struct event *event)
{
	struct pool *pool = pool_by_plan(replay, event->u.pool_state.plan);
	bool starts = event->u.pool_state.step == POOL_ANNOUNCED;

	replay->evidence |= EVIDENCE_POOL;
	if (pfn_range_empty(event->u.pool_state.plan) || (starts && pool))
		return;
	if (!pool) {
		/* The kernel's own line is missing, or comes later. */
		pool = PUSH(replay, pools, POOLS_MAX);
		if (!pool)
			return;
		pool->kind = POOL_BUFFER;
		pool->number = replay->pools.count;
		pool->plan = event->u.pool_state.plan;
		pool->used_end = pool->plan.start;
		pool->planned_at = event->at;
		pool->sequence = replay->sequence;
	}
	if (starts || event->u.pool_state.used_end.n > pool->plan.end.n ||
	    event->u.pool_state.used_end.n < pool->plan.start.n)
		return;
	pool->used_end = event->u.pool_state.used_end;
	pool->used_end_from = USED_FROM_TRACE;
}

/* By its top, not by order: 2.6.39-rc7 prints the line of pool 1 after pool 2
 * was announced. */
void replay_tail_made_rw(struct replay *replay, const struct event *event)
{
	struct pfn_range frames = pfns_touched(event->u.bytes);

	/* Only Xen's own hook prints it. */
	if (replay->platform == PLATFORM_UNKNOWN) {
		replay->platform = PLATFORM_XEN_PV;
		replay->platform_at = event->at;
	}
	for (uint32_t i = replay->pools.count; i-- > 0;) {
		struct pool *pool = &replay->pools.items[i];

		if (pool->kind != POOL_BUFFER || pool->plan.end.n != frames.end.n)
			continue;
		pool->rw_line_seen = true;
		pool->made_rw = event->u.bytes;
		pool->rw_at = event->at;
		if (pool->used_end_from == USED_UNKNOWN) {
			pool->used_end = frames.start;
			pool->used_end_from = USED_FROM_RW_LINE;
		}
		return;
	}
}

enum status replay_table_from_brk(struct replay *replay, const struct event *event)
{
	struct pfn_range frames = pfns_touched(event->u.bytes);
	struct pool *pool = NULL;
	enum status status;

	replay->evidence |= EVIDENCE_BRK_LINES;
	for (uint32_t i = 0; i < replay->pools.count && !pool; i++)
		if (replay->pools.items[i].kind == POOL_BRK)
			pool = &replay->pools.items[i];
	if (!pool) {
		pool = PUSH(replay, pools, POOLS_MAX);
		if (!pool)
			return ST_OK;
		pool->kind = POOL_BRK;
		pool->number = replay->pools.count;
		pool->plan = frames;
		pool->planned_at = event->at;
		pool->sequence = replay->sequence;
	}
	if (frames.start.n < pool->plan.start.n)
		pool->plan.start = frames.start;
	if (frames.end.n > pool->plan.end.n)
		pool->plan.end = frames.end;
	if (frames.end.n > pool->used_end.n)
		pool->used_end = frames.end;
	pool->used_end_from = USED_FROM_BRK;
	status = set_range(&replay->brk_pages, event->u.bytes, 0, event->at);
	if (status != ST_OK)
		return status;
	return set_range(&replay->tables, event->u.bytes,
			 label_number(replay, TEXT("BRK PGTABLE")), event->at);
}

enum status replay_mapping_started(struct replay *replay, const struct event *event)
{
	struct mapping_record *record = PUSH(replay, mappings, AREAS_MAX);

	replay->evidence |= EVIDENCE_MAPPING;
	if (replay->mmu)
		mmu_direct_map(replay->mmu, pfns_inside(event->u.mapping.bytes));
	if (record)
		*record = (struct mapping_record){ event->u.mapping.bytes, event->at,
						   event->certainty, replay->sequence };
	return set_range(&replay->mapped, event->u.mapping.bytes, 0, event->at);
}

/* Where the kernel image mapping begins. Source: Linux
 * arch/x86/include/asm/page_64_types.h __START_KERNEL_map; 32-bit: PAGE_OFFSET. */
#define IMAGE_BASE_64 UINT64_C(0xffffffff80000000)
#define IMAGE_BASE_32 UINT64_C(0xc0000000)

/* The builder tells where the kernel lies twice: as a paddr and as an address. */
static bool named_by_builder(const struct replay *replay, enum area area, struct paddr_range bytes)
{
	for (uint32_t i = 0; i < replay->areas.count; i++)
		if (replay->areas.items[i].from_builder && replay->areas.items[i].area == area &&
		    replay->areas.items[i].bytes.start.n == bytes.start.n)
			return true;
	return false;
}

void replay_area_named(struct replay *replay, const struct event *event)
{
	struct paddr_range bytes = event->u.area.bytes;
	struct area_record *record;

	if (event->u.area.is_virtual) {
		uint64_t base = bytes.start.n >= IMAGE_BASE_64 ? IMAGE_BASE_64
			      : bytes.start.n >> 32 ? UINT64_MAX : IMAGE_BASE_32;

		replay->evidence |= EVIDENCE_LAYOUT;
		/* From 3.19 on the p2m list has an address of its own, outside
		 * the image mapping (XEN_ELFNOTE_INIT_P2M): no paddr to tell. */
		if (bytes.start.n < base)
			return;
		bytes = paddr_range(bytes.start.n - base, bytes.end.n - base);
	}
	if (event->u.area.by_builder && named_by_builder(replay, event->u.area.area, bytes))
		return;
	record = PUSH(replay, areas, AREAS_MAX);
	if (record)
		*record = (struct area_record){ event->u.area.area, bytes,
			event->u.area.relocation, event->u.area.by_builder, event->at,
			replay->sequence };
}
