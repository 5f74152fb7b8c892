/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay.h"

#include "core/rule.h"

/* Appends a zeroed item to a list of the replay; NULL (and counted as lost)
 * when the list is full. */
static void *list_push(struct arena *arena, void **items, uint32_t *count, uint32_t *room,
		       uint32_t *lost, size_t item_bytes, uint32_t max)
{
	if (*count >= max) {
		(*lost)++;
		return NULL;
	}
	if (*count == *room) {
		uint32_t more = *room ? *room * 2 : 8;
		void *bigger = arena_alloc(arena, more * item_bytes);

		if (*count)
			memcpy(bigger, *items, *count * item_bytes);
		*items = bigger;
		*room = more;
	}
	return memset((char *)*items + (*count)++ * item_bytes, 0, item_bytes);
}

#define PUSH(r, list, max) \
	((__typeof__((r)->list.items))list_push((r)->arena, (void **)&(r)->list.items, \
		&(r)->list.count, &(r)->list.room, &(r)->list.lost, \
		sizeof(*(r)->list.items), (max)))

/* --- one boot after the other ------------------------------------------- */

static void begin(struct replay *replay, struct arena *arena, uint16_t domain)
{
	replay->arena = arena;
	replay->domain = domain;
	replay->xen.debug = -1;
	replay->xen.guest_level_all = -1;
	replay->kernel.rc = -1;
	*PUSH(replay, labels, LABELS_MAX) = "known from the dump";
}

void replay_init(struct replay *replay, struct arena *arena, uint16_t domain)
{
	memset(replay, 0, sizeof(*replay));
	begin(replay, arena, domain);
}

void replay_reset(struct replay *replay, struct arena *arena, uint16_t domain)
{
	struct replay old = *replay;

	range_map_clear(&old.map_in_force);
	range_map_clear(&old.host_map);
	range_map_clear(&old.memory);
	range_map_clear(&old.reserved);
	range_map_clear(&old.brk_pages);
	range_map_clear(&old.tables);
	range_map_clear(&old.mapped);
	range_map_clear(&old.dump.memory);
	range_map_clear(&old.dump.reserved);
	memset(replay, 0, sizeof(*replay));
	replay->map_in_force = old.map_in_force;
	replay->host_map = old.host_map;
	replay->memory = old.memory;
	replay->reserved = old.reserved;
	replay->brk_pages = old.brk_pages;
	replay->tables = old.tables;
	replay->mapped = old.mapped;
	replay->dump.memory = old.dump.memory;
	replay->dump.reserved = old.dump.reserved;
	begin(replay, arena, domain);
}

void replay_release(struct replay *replay)
{
	range_map_release(&replay->map_in_force);
	range_map_release(&replay->host_map);
	range_map_release(&replay->memory);
	range_map_release(&replay->reserved);
	range_map_release(&replay->brk_pages);
	range_map_release(&replay->tables);
	range_map_release(&replay->mapped);
	range_map_release(&replay->dump.memory);
	range_map_release(&replay->dump.reserved);
}

void replay_inherit_host(struct replay *replay, const struct replay *from)
{
	const struct span *span;

	replay->xen = from->xen;
	replay->evidence |= from->evidence & (EVIDENCE_XEN | EVIDENCE_HOST_MAP);
	if (from->xen_command_line)
		replay->xen_command_line = arena_copy(replay->arena, text_of(from->xen_command_line));
	if (from->xen.words)
		replay->xen.words = arena_copy(replay->arena, text_of(from->xen.words));
	for (span = range_map_from(&from->host_map, 0); span;
	     span = range_map_next(&from->host_map, span))
		if (range_map_set(&replay->host_map, span) != ST_OK)
			return;   /* the guest's own judgement does not rest on it */
}

/* --- labels ------------------------------------------------------------- */

static uint32_t label_number(struct replay *replay, struct text words)
{
	const char **slot;

	for (uint32_t i = replay->labels.count; i-- > 1;)
		if (text_equal(text_of(replay->labels.items[i]), words))
			return i;
	slot = PUSH(replay, labels, LABELS_MAX);
	if (!slot)
		return 0;
	*slot = arena_copy(replay->arena, words);
	return replay->labels.count - 1;
}

const char *replay_label(const struct replay *replay, uint32_t label)
{
	return label < replay->labels.count ? replay->labels.items[label] : "?";
}

/* Functions inside memblock: their caller is the one who asked. */
static bool is_memblock_inside(struct text label)
{
	return text_begins(label, TEXT("memblock_")) ||
	       text_begins(label, TEXT("__alloc_memory_core_early"));
}

/* Who gives page-table pages away. "PGTABLE" to 3.2 by name, then by caller.
 * Source: Linux arch/x86/mm/init.c, init_64.c (spp_getpage) 2.6.30-7.1. */
static bool is_table_giver(struct text label)
{
	static const char *const givers[] = {
		"PGTABLE", "native_pagetable_reserve", "alloc_low_pages", "alloc_low_page",
		"spp_getpage",
	};

	for (size_t i = 0; i < ARRAY_LEN(givers); i++)
		if (text_equal(label, text_of(givers[i])))
			return true;
	return false;
}

static bool is_pool_reservation(struct text label)
{
	return text_equal(label, TEXT("PGTABLE")) ||
	       text_equal(label, TEXT("native_pagetable_reserve"));
}

/* --- small helpers ------------------------------------------------------ */

static enum status set_range(struct range_map *map, struct paddr_range bytes, uint32_t value,
			     struct loc at)
{
	struct span span = { bytes.start.n, bytes.end.n, value, 0, at };

	return range_map_set(map, &span);
}

static enum milestone last_step(const struct replay *replay, bool *known)
{
	enum milestone last = STEP_MAP_HEADER;
	uint32_t newest = 0;

	*known = false;
	for (int i = 0; i <= STEP_POWER_OFF; i++) {
		const struct step *step = &replay->steps[i];

		if (step->reached && (!*known || step->sequence >= newest)) {
			last = (enum milestone)i;
			newest = step->sequence;
			*known = true;
		}
	}
	return last;
}

static void reach(struct replay *replay, enum milestone milestone, struct loc at)
{
	struct step *step = &replay->steps[milestone];

	if (step->reached)
		return;
	*step = (struct step){ true, at, replay->sequence };
	if (milestone < STEP_DIRECT_MAP_DONE || milestone == STEP_XEN_BUILDS_DOM0 ||
	    milestone == STEP_XEN_DONE)
		return;
	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (!loc_known(replay->pools.items[i].closed_at))
			replay->pools.items[i].closed_at = at;
}

/* --- the kernel's own lists: the oracle --------------------------------- */

static bool inside(const struct range_map *inner, const struct range_map *outer, uint64_t *first)
{
	const struct span *span;
	uint64_t end;

	for (span = range_map_from(inner, 0); span; span = range_map_next(inner, span))
		if (range_map_first_gap(outer, span->start, span->end, first, &end))
			return false;
	return true;
}

/* Whole pages of each contiguous run, as memblock_trim_memory() leaves them.
 * Source: Linux mm/memblock.c memblock_trim_memory(), 3.6-7.1; before, the
 * e820 entries were rounded when added (arch/x86/kernel/e820.c). */
static enum status trim_to_pages(struct range_map *map)
{
	const struct span *span = range_map_from(map, 0);
	enum status status = ST_OK;

	while (span && status == ST_OK) {
		uint64_t start = span->start, end = span->end;
		const struct span *next;
		struct pfn_range whole;

		while ((next = range_map_next(map, span)) && next->start == end) {
			end = next->end;
			span = next;
		}
		whole = pfns_inside(paddr_range(start, end));
		if (whole.start.n << FRAME_SHIFT > start)
			status = range_map_remove(map, start, whole.start.n << FRAME_SHIFT);
		if (status == ST_OK && whole.end.n << FRAME_SHIFT < end)
			status = range_map_remove(map, whole.end.n << FRAME_SHIFT, end);
		span = range_map_from(map, end);
	}
	return status;
}

static void disagree(struct replay *replay, const char *what, uint64_t where, bool ours)
{
	if (replay->disagreement)
		return;
	replay->first_disagreement = replay->dump.at;
	replay->disagreement = arena_printf(replay->arena,
		"the kernel's own list and the lines before it differ at 0x%llx (%s, %s)",
		(unsigned long long)where, what,
		ours ? "in the lines only" : "in the list only");
}

static enum status take_list(struct range_map *mine, const struct range_map *listed)
{
	enum status status = ST_OK;
	const struct span *span;
	uint64_t at = 0;

	/* What the list does not hold was released without a line. */
	while (status == ST_OK && (span = range_map_from(mine, at))) {
		uint64_t start = span->start, end = span->end, gap, gap_end;

		if (start < at)
			start = at;
		at = end;
		if (range_map_first_gap(listed, start, end, &gap, &gap_end)) {
			status = range_map_remove(mine, gap, gap_end);
			at = gap_end;
		}
	}
	for (span = range_map_from(listed, 0); span && status == ST_OK;
	     span = range_map_next(listed, span))
		status = range_map_fill(mine, span);
	return status;
}

static enum status close_subtract(struct replay *replay)
{
	struct dump_state *dump = &replay->dump;
	struct range_map frames = { 0 };
	enum status status = ST_OK;
	uint64_t where;
	bool ours;

	/* The list names whole frames. */
	for (const struct span *span = range_map_from(&replay->reserved, 0);
	     span && status == ST_OK; span = range_map_next(&replay->reserved, span))
		status = set_range(&frames, bytes_of(pfns_touched(paddr_range(span->start,
			span->end))), 0, span->at);
	if (status == ST_OK) {
		replay->dumps_seen++;
		replay->dumps_compared++;
		if (range_map_same_union(&frames, &dump->reserved, &where, &ours))
			replay->dumps_agreed++;
		else
			disagree(replay, "Subtract list", where, ours);
	}
	range_map_release(&frames);
	return status;
}

static enum status compare_memory(struct replay *replay, bool *equal)
{
	struct dump_state *dump = &replay->dump;
	enum status status;
	uint64_t where;
	bool ours;

	if (!replay->memory.span_count)
		return take_list(&replay->memory, &dump->memory);
	status = trim_to_pages(&replay->memory);
	if (status != ST_OK)
		return status;
	if (range_map_same_union(&replay->memory, &dump->memory, &where, &ours))
		return ST_OK;
	*equal = false;
	disagree(replay, "memory", where, ours);
	return take_list(&replay->memory, &dump->memory);
}

static enum status compare_reserved(struct replay *replay, bool first, bool *equal)
{
	struct dump_state *dump = &replay->dump;
	uint64_t where = 0;
	bool ours = true, same;

	same = first ? inside(&replay->reserved, &dump->reserved, &where)
		     : range_map_same_union(&replay->reserved, &dump->reserved, &where, &ours);
	if (!same) {
		*equal = false;
		disagree(replay, "reserved", where, ours);
	}
	return take_list(&replay->reserved, &dump->reserved);
}

static enum status close_dump(struct replay *replay)
{
	struct dump_state *dump = &replay->dump;
	enum status status;
	bool equal = true;

	if (!dump->open)
		return ST_OK;
	dump->open = false;
	if (!dump->regions)
		return ST_OK;
	if (dump->subtract)
		return close_subtract(replay);
	status = compare_memory(replay, &equal);
	if (status == ST_OK)
		status = compare_reserved(replay, !replay->dumps_seen, &equal);
	replay->dumps_seen++;
	replay->dumps_compared++;
	replay->dumps_agreed += equal;
	return status;
}

static void open_dump(struct replay *replay, struct loc at, bool subtract)
{
	struct dump_state *dump = &replay->dump;

	range_map_clear(&dump->memory);
	range_map_clear(&dump->reserved);
	dump->open = true;
	dump->subtract = subtract;
	dump->at = at;
	dump->regions = 0;
}

static enum status dump_region(struct replay *replay, const struct event *event)
{
	struct dump_state *dump = &replay->dump;

	if (!dump->open || dump->subtract)
		return ST_OK;   /* its header is missing: not a list to compare with */
	dump->regions++;
	return set_range(event->u.region.reserved ? &dump->reserved : &dump->memory,
			 event->u.region.bytes, 0, event->at);
}

static enum status subtracted(struct replay *replay, const struct event *event)
{
	struct dump_state *dump = &replay->dump;

	if (!dump->open || !dump->subtract)
		open_dump(replay, event->at, true);
	dump->regions++;
	return set_range(&dump->reserved, bytes_of(pfns_touched(event->u.range.bytes)), 0,
			 event->at);
}

/* --- memory map --------------------------------------------------------- */

static enum status map_entry(struct replay *replay, const struct event *event)
{
	struct map_entry_record *record = PUSH(replay, map_entries, AREAS_MAX);
	enum map_view view = event->u.map.view;

	if (record)
		*record = (struct map_entry_record){ view, event->u.map.bytes, event->u.map.type,
						     event->at };
	if (view == VIEW_HOST) {
		replay->evidence |= EVIDENCE_HOST_MAP;
		return set_range(&replay->host_map, event->u.map.bytes, event->u.map.type,
				 event->at);
	}
	if (replay->map_fresh || view != replay->map_view || !(replay->evidence & EVIDENCE_MAP)) {
		range_map_clear(&replay->map_in_force);
		replay->map_fresh = false;
		replay->map_view = view;
	}
	replay->evidence |= EVIDENCE_MAP;
	if (view == VIEW_XEN && replay->platform == PLATFORM_UNKNOWN) {
		replay->platform = PLATFORM_XEN_PV;
		replay->platform_at = event->at;
	}
	return set_range(&replay->map_in_force, event->u.map.bytes, event->u.map.type, event->at);
}

/* Changes (or drops) what is of type `from` in the range. */
static enum status map_edit(struct replay *replay, const struct event *event)
{
	uint64_t at = event->u.map_edit.bytes.start.n, end = event->u.map_edit.bytes.end.n;
	struct range_map *map = &replay->map_in_force;
	enum status status = ST_OK;
	const struct span *span;

	while (status == ST_OK && (span = range_map_from(map, at)) && span->start < end) {
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

/* The brk reservation: named BRK to 3.2, then the first one of setup_arch()
 * (reserve_brk() is inlined there) that lies above the first MiB.
 * Source: Linux arch/x86/kernel/setup.c reserve_brk(), 2.6.30-7.1. */
static void note_brk(struct replay *replay, struct text label, struct paddr_range bytes,
		     struct loc at)
{
	if (!paddr_range_empty(replay->brk) || bytes.start.n < 0x100000)
		return;
	if (!text_equal(label, TEXT("BRK")) && !text_equal(label, TEXT("setup_arch")) &&
	    !text_equal(label, TEXT("reserve_brk")))
		return;
	replay->brk = bytes;
	replay->brk_at = at;
}

static enum status reserved(struct replay *replay, const struct event *event)
{
	struct paddr_range bytes = event->u.range.bytes;
	struct text label = event->u.range.label;
	uint32_t number;
	enum status status;

	replay->evidence |= EVIDENCE_MEMBLOCK;
	replay->reserved_by_caller |= event->u.range.by_caller;
	if (replay->request.open && event->u.range.by_caller && is_memblock_inside(label) &&
	    paddr_range_size(bytes) >= replay->request.size_bytes) {
		number = replay->request.label;
		label = text_of(replay_label(replay, number));
	} else {
		number = label_number(replay, label);
	}
	replay->request.open = false;
	note_brk(replay, label, bytes, event->at);
	if (is_table_giver(label) && !paddr_range_empty(bytes)) {
		if (is_pool_reservation(label))
			pool_reserved(replay, event);
		status = set_range(&replay->tables, bytes, number, event->at);
		if (status != ST_OK)
			return status;
	}
	return set_range(&replay->reserved, bytes, number, event->at);
}

static enum status released(struct replay *replay, const struct event *event)
{
	struct paddr_range bytes = event->u.range.bytes;
	const struct span *table = range_map_from(&replay->tables, bytes.start.n);

	replay->evidence |= EVIDENCE_MEMBLOCK;
	if (table && table->start < bytes.end.n) {
		struct release_record *record = PUSH(replay, releases, INCIDENTS_MAX);

		if (record)
			*record = (struct release_record){ bytes,
				arena_copy(replay->arena, event->u.range.label), event->at,
				replay->sequence };
	}
	return range_map_remove(&replay->reserved, bytes.start.n, bytes.end.n);
}

static void requested(struct replay *replay, const struct event *event)
{
	replay->evidence |= EVIDENCE_MEMBLOCK;
	replay->request.open = true;
	replay->request.label = label_number(replay, event->u.request.label);
	replay->request.at = event->at;
	replay->request.size_bytes = event->u.request.size_bytes;
	replay->request.within = event->u.request.within;
}

/* --- pools -------------------------------------------------------------- */

static void pool_planned(struct replay *replay, const struct event *event)
{
	struct pool *pool = PUSH(replay, pools, POOLS_MAX);
	const struct mapping_record *mapping;

	replay->evidence |= EVIDENCE_POOL;
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

/* By its top, not by order: 2.6.39-rc7 prints the line of pool 1 after pool 2
 * was announced. */
static void tail_made_rw(struct replay *replay, const struct event *event)
{
	struct pfn_range frames = pfns_touched(event->u.bytes);

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

static enum status table_from_brk(struct replay *replay, const struct event *event)
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

static enum status mapping_started(struct replay *replay, const struct event *event)
{
	struct mapping_record *record = PUSH(replay, mappings, AREAS_MAX);

	replay->evidence |= EVIDENCE_MAPPING;
	if (record)
		*record = (struct mapping_record){ event->u.mapping.bytes, event->at,
						   event->certainty, replay->sequence };
	return set_range(&replay->mapped, event->u.mapping.bytes, 0, event->at);
}

/* Where the kernel image mapping begins. Source: Linux
 * arch/x86/include/asm/page_64_types.h __START_KERNEL_map; 32-bit: PAGE_OFFSET. */
#define IMAGE_BASE_64 UINT64_C(0xffffffff80000000)
#define IMAGE_BASE_32 UINT64_C(0xc0000000)

static void area_named(struct replay *replay, const struct event *event)
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
	record = PUSH(replay, areas, AREAS_MAX);
	if (record)
		*record = (struct area_record){ event->u.area.area, bytes,
			event->u.area.relocation, event->u.area.is_virtual, event->at,
			replay->sequence };
}

/* --- failures ----------------------------------------------------------- */

static bool said_by_release_builds(enum complaint what)
{
	return what == COMPLAINT_BUILDER_CONFLICT || what == COMPLAINT_OWNER ||
	       what == COMPLAINT_L1TF;
}

static void complained(struct replay *replay, const struct event *event)
{
	struct complaint_record *record;

	replay->complaint_count[event->u.complaint.what]++;
	if (!said_by_release_builds(event->u.complaint.what))
		replay->evidence |= EVIDENCE_XEN_SPEAKS | EVIDENCE_XEN;
	record = PUSH(replay, complaints, INCIDENTS_MAX);
	if (!record)
		return;
	record->what = event->u.complaint.what;
	record->level = event->u.complaint.level;
	record->saw = event->u.complaint.saw;
	record->expected = event->u.complaint.expected;
	record->mfn = event->u.complaint.mfn;
	record->pfn = event->u.complaint.pfn;
	record->entry = event->u.complaint.entry;
	record->code = event->u.complaint.code;
	record->l1e_owner = event->u.complaint.l1e_owner;
	record->pg_owner = event->u.complaint.pg_owner;
	record->domain = event->domain;
	record->words = arena_copy(replay->arena, event->u.complaint.words);
	record->certainty = event->certainty;
	record->at = event->at;
	record->sequence = replay->sequence;
	record->phase = last_step(replay, &record->phase_known);
}

/* Lines that a fault's register dump may span. */
#define FAULT_LINES 120u

static struct fault_record *open_fault(const struct replay *replay, struct loc at)
{
	struct fault_record *fault;

	if (!replay->fault_open || !replay->faults.count)
		return NULL;
	fault = &replay->faults.items[replay->faults.count - 1];
	return at.line - fault->at.line <= FAULT_LINES ? fault : NULL;
}

static struct fault_record *new_fault(struct replay *replay, struct loc at)
{
	struct fault_record *fault = PUSH(replay, faults, INCIDENTS_MAX);

	replay->fault_open = fault != NULL;
	if (!fault)
		return NULL;
	fault->at = at;
	fault->address = UNKNOWN_NUMBER;
	fault->sequence = replay->sequence;
	fault->phase = last_step(replay, &fault->phase_known);
	return fault;
}

static void faulted(struct replay *replay, const struct event *event)
{
	struct fault_record *fault = open_fault(replay, event->at);

	/* Xen tells one fault in two lines: the code, then the walk. */
	if (!fault || fault->address != UNKNOWN_NUMBER || event->u.fault.address == UNKNOWN_NUMBER ||
	    event->speaker != SPEAKER_XEN)
		fault = new_fault(replay, event->at);
	if (!fault)
		return;
	fault->address = event->u.fault.address;
	fault->null_told = event->u.fault.null;
}

static void fault_detailed(struct replay *replay, const struct event *event)
{
	struct fault_record *fault = open_fault(replay, event->at);
	uint64_t number = event->u.detail.number;

	if (!fault && event->u.detail.what == DETAIL_CODE)
		fault = new_fault(replay, event->at);
	if (!fault)
		return;
	switch (event->u.detail.what) {
	case DETAIL_CODE:
		if (!fault->has_code) {
			fault->has_code = true;
			fault->code = (uint32_t)number;
			fault->code_at = event->at;
		}
		break;
	case DETAIL_CR2:
		if (!fault->has_cr2) {
			fault->has_cr2 = true;
			fault->cr2 = number;
			fault->cr2_at = event->at;
		}
		break;
	case DETAIL_RDI:
		if (!fault->has_rdi) {
			fault->has_rdi = true;
			fault->rdi = number;
			fault->rdi_at = event->at;
		}
		break;
	case DETAIL_RIP:
		if (!fault->has_rip) {
			fault->has_rip = true;
			fault->rip = number;
			fault->rip_symbol = arena_copy(replay->arena, event->u.detail.words);
			fault->rip_at = event->at;
		}
		break;
	case DETAIL_CR3:
		break;
	case DETAIL_PTE:
		fault->has_walk = true;
		fault->walk_entry = number;
		/* Xen prints level by level, from the top. */
		fault->walk_above = event->u.detail.above ? event->u.detail.above : fault->walk_last;
		fault->walk_last = number;
		fault->walk_level = event->u.detail.level;
		fault->walk_at = event->at;
		break;
	case DETAIL_STRING_STORE:
		if (!fault->string_store) {
			fault->string_store = true;
			fault->string_store_at = event->at;
		}
		break;
	}
}

static void bug_hit(struct replay *replay, const struct event *event)
{
	struct bug_record *record = PUSH(replay, bugs, INCIDENTS_MAX);

	if (!record)
		return;
	record->warning = event->kind == EV_KERNEL_WARNING;
	record->file = arena_copy(replay->arena, event->u.bug.file);
	record->line = event->u.bug.line;
	record->function = arena_copy(replay->arena, event->u.bug.function);
	record->at = event->at;
	record->sequence = replay->sequence;
}

/* Panics that only say that there is no userland: the boot is over, and its
 * page tables are in order. */
static bool is_userland_panic(struct text words)
{
	return text_contains(words, TEXT("No init found")) ||
	       text_contains(words, TEXT("No working init")) ||
	       text_contains(words, TEXT("Unable to mount root")) ||
	       text_contains(words, TEXT("Attempted to kill init")) ||
	       text_contains(words, TEXT("Requested init")) ||
	       text_contains(words, TEXT("sysrq triggered"));
}

static void panicked(struct replay *replay, const struct event *event)
{
	struct words_record *record;

	if (is_userland_panic(event->u.words)) {
		reach(replay, STEP_USERSPACE, event->at);
		return;
	}
	record = PUSH(replay, panics, INCIDENTS_MAX);
	if (record)
		*record = (struct words_record){ arena_copy(replay->arena, event->u.words),
						 event->at, replay->sequence };
}

static void multicall_failed(struct replay *replay, const struct event *event)
{
	struct multicall_record *record = PUSH(replay, multicalls, INCIDENTS_MAX);

	if (!record)
		return;
	record->failed = event->u.multicall.failed;
	record->total = event->u.multicall.total;
	record->cpu = event->u.multicall.cpu;
	record->at = event->at;
	record->sequence = replay->sequence;
	record->phase = last_step(replay, &record->phase_known);
	record->first_call = replay->calls.count;
}

static void multicall_entry(struct replay *replay, const struct event *event)
{
	struct call_record *call = PUSH(replay, calls, INCIDENTS_MAX);

	if (!call)
		return;
	*call = (struct call_record){ event->u.call.index, event->u.call.total, event->u.call.op,
		event->u.call.argument, event->u.call.result, event->at };
	if (replay->multicalls.count)
		replay->multicalls.items[replay->multicalls.count - 1].call_count++;
}

/* --- who speaks --------------------------------------------------------- */

static void kernel_started(struct replay *replay, const struct event *event)
{
	replay->kernel = (struct kernel_version){ true, event->u.kernel.major,
		event->u.kernel.minor, event->u.kernel.patch, event->u.kernel.rc,
		arena_copy(replay->arena, event->u.kernel.words), event->at };
}

static void xen_started(struct replay *replay, const struct event *event)
{
	struct hypervisor *xen = &replay->xen;

	if (event->speaker == SPEAKER_XEN)
		xen->on_console = true;
	if (event->u.xen.debug >= 0)
		xen->debug = event->u.xen.debug;
	if (xen->known)
		return;
	xen->known = true;
	xen->major = event->u.xen.major;
	xen->minor = event->u.xen.minor;
	xen->words = event->u.xen.words.length
		   ? arena_copy(replay->arena, event->u.xen.words)
		   : arena_printf(replay->arena, "%u.%u", xen->major, xen->minor);
	xen->at = event->at;
}

static void xen_command_line(struct replay *replay, const struct event *event)
{
	struct text words = event->u.words;

	replay->xen_command_line = arena_copy(replay->arena, words);
	replay->xen_command_line_at = event->at;
	if (text_contains(words, TEXT("guest_loglvl=all")))
		replay->xen.guest_level_all = 1;
	else if (replay->xen.guest_level_all < 0)
		replay->xen.guest_level_all = 0;
}

static void command_line(struct replay *replay, const struct event *event)
{
	replay->command_line = arena_copy(replay->arena, event->u.words);
	replay->command_line_at = event->at;
	replay->memblock_debug = text_contains(event->u.words, TEXT("memblock=debug"));
}

static void platform_told(struct replay *replay, const struct event *event)
{
	if (replay->platform != PLATFORM_UNKNOWN && event->u.platform == PLATFORM_OTHER_VM)
		return;
	replay->platform = event->u.platform;
	replay->platform_at = event->at;
}

static void place_line(struct replay *replay, const struct event *event)
{
	if (!loc_known(replay->first))
		replay->first = event->at;
	replay->last = event->at;
	if (event->speaker == SPEAKER_XEN) {
		replay->evidence |= EVIDENCE_XEN;
		return;
	}
	replay->evidence |= EVIDENCE_KERNEL;
	if (!loc_known(replay->first_kernel))
		replay->first_kernel = event->at;
	replay->last_kernel = event->at;
}

/* Events that end a MEMBLOCK dump or a Subtract list: a kernel's own next word
 * on memory. */
static bool ends_dump(const struct replay *replay, const struct event *event)
{
	switch (event->kind) {
	case EV_RANGE_RESERVED: case EV_RANGE_RELEASED: case EV_MEMORY_ADDED:
	case EV_MEMORY_REMOVED: case EV_ALLOC_REQUESTED: case EV_POOL_PLANNED:
	case EV_MAPPING_STARTED: case EV_DUMP_STARTED: case EV_MAPPED_LIMIT:
		return true;
	case EV_MILESTONE:
		return event->u.milestone.step >= STEP_DIRECT_MAP_DONE &&
		       event->speaker == SPEAKER_KERNEL;
	case EV_RANGE_SUBTRACTED:
		return !replay->dump.subtract;
	default:
		return false;
	}
}

static enum status apply(struct replay *replay, const struct event *event)
{
	struct words_record *record;
	struct wx_record *wx;

	switch (event->kind) {
	case EV_KERNEL_STARTED: kernel_started(replay, event); break;
	case EV_XEN_STARTED: xen_started(replay, event); break;
	case EV_COMMAND_LINE: command_line(replay, event); break;
	case EV_XEN_COMMAND_LINE: xen_command_line(replay, event); break;
	case EV_XEN_GUEST_LEVEL: replay->xen.guest_level_all = event->u.all; break;
	case EV_PLATFORM_TOLD: platform_told(replay, event); break;
	case EV_KERNEL_BITS:
		if (event->u.word_size.bits)
			replay->bits = event->u.word_size.bits;
		replay->pae |= event->u.word_size.pae;
		break;
	case EV_MILESTONE:
		if (event->u.milestone.step == STEP_MAP_HEADER)
			replay->map_fresh = true;
		reach(replay, event->u.milestone.step, event->at);
		break;
	case EV_MAP_ENTRY: return map_entry(replay, event);
	case EV_MAP_UPDATED: case EV_MAP_REMOVED: return map_edit(replay, event);
	case EV_LAST_PFN:
		if (event->u.last.n > replay->last_pfn.n) {
			replay->last_pfn = event->u.last;
			replay->last_pfn_at = event->at;
		}
		break;
	case EV_RANGE_RESERVED: case EV_RESERVED_LISTED: return reserved(replay, event);
	case EV_RANGE_RELEASED: return released(replay, event);
	case EV_MEMORY_ADDED:
		return set_range(&replay->memory, event->u.range.bytes, 0, event->at);
	case EV_MEMORY_REMOVED:
		return range_map_remove(&replay->memory, event->u.range.bytes.start.n,
					event->u.range.bytes.end.n);
	case EV_ALLOC_REQUESTED: requested(replay, event); break;
	case EV_DUMP_STARTED: open_dump(replay, event->at, false); break;
	case EV_DUMP_REGION: return dump_region(replay, event);
	case EV_RANGE_SUBTRACTED: return subtracted(replay, event);
	case EV_RANGE_ABSURD: break;
	case EV_MAPPED_LIMIT:
		replay->mapped_limit = event->u.limit;
		replay->mapped_limit_at = event->at;
		break;
	case EV_MAPPING_STARTED: return mapping_started(replay, event);
	case EV_MAPPING_PART: break;
	case EV_POOL_PLANNED: pool_planned(replay, event); break;
	case EV_POOL_TAIL_RW: tail_made_rw(replay, event); break;
	case EV_TABLE_FROM_BRK: return table_from_brk(replay, event);
	case EV_AREA_NAMED: area_named(replay, event); break;
	case EV_MEMORY_FREED: {
		struct freed_record *freed = PUSH(replay, freed, INCIDENTS_MAX);

		if (event->u.freed.what == FREED_INIT)
			reach(replay, STEP_INIT_MEMORY_FREED, event->at);
		if (freed)
			*freed = (struct freed_record){ event->u.freed.what,
				event->u.freed.where, event->u.freed.size_bytes, event->at,
				replay->sequence };
		break;
	}
	case EV_FRAMES_MOVED: {
		struct moved_record *moved = PUSH(replay, moved, AREAS_MAX);

		if (moved)
			*moved = (struct moved_record){ event->u.moved.what,
				event->u.moved.frames, event->u.moved.count, event->at };
		break;
	}
	case EV_COMPLAINT: complained(replay, event); break;
	case EV_DOMAIN_CRASHED:
		if (!loc_known(replay->domain_crashed_at))
			replay->domain_crashed_at = event->at;
		/* The registers that follow are the guest's. */
		if (!open_fault(replay, event->at))
			new_fault(replay, event->at);
		break;
	case EV_MULTICALL_FAILED: multicall_failed(replay, event); break;
	case EV_MULTICALL_ENTRY: multicall_entry(replay, event); break;
	case EV_FAULT: faulted(replay, event); break;
	case EV_FAULT_DETAIL: fault_detailed(replay, event); break;
	case EV_KERNEL_BUG: case EV_KERNEL_WARNING: bug_hit(replay, event); break;
	case EV_PANIC: panicked(replay, event); break;
	case EV_WX_FOUND:
		replay->evidence |= EVIDENCE_WX_CHECK;
		wx = PUSH(replay, wx, INCIDENTS_MAX);
		if (wx)
			*wx = (struct wx_record){ event->u.wx.address, event->u.wx.pages,
						  event->u.wx.passed, event->at };
		break;
	case EV_MESSAGES_LOST:
		record = PUSH(replay, lost_messages, INCIDENTS_MAX);
		if (record)
			*record = (struct words_record){ arena_copy(replay->arena,
				event->u.words), event->at, replay->sequence };
		break;
	case EV_COUNT:
		ASSERT(event->kind < EV_COUNT);
	}
	return ST_OK;
}

enum status replay_apply(struct replay *replay, const struct event *event)
{
	enum status status;

	place_line(replay, event);
	if (replay->dump.open && ends_dump(replay, event)) {
		status = close_dump(replay);
		if (status != ST_OK)
			return status;
	}
	status = apply(replay, event);
	replay->sequence++;
	return status;
}

/* Will page-type messages be seen on this console? From 4.6 only debug builds
 * print them, before that all; always at the guest's log level.
 * Source: Xen 28fbff96c1; xen/include/xen/lib.h gdprintk(). */
static bool xen_would_speak(const struct hypervisor *xen)
{
	bool old = xen->major < 4 || (xen->major == 4 && xen->minor <= 5);

	return xen->known && xen->on_console && (old || xen->debug == 1) &&
	       xen->guest_level_all == 1;
}

enum status replay_finish(struct replay *replay)
{
	/* A list that the input's end cut cannot be compared. */
	replay->dump.open = false;
	if (xen_would_speak(&replay->xen))
		replay->evidence |= EVIDENCE_XEN_SPEAKS;
	if (replay_setup_done(replay) || replay_crashed(replay))
		replay->evidence |= EVIDENCE_SETUP_END;
	return ST_OK;
}
