/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay_inside.h"

/* Appends a zeroed item to a list of the replay; NULL (and counted as lost)
 * when the list is full. */
void *list_push(struct arena *arena, void **items, uint32_t *count, uint32_t *room,
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

const char *replay_label(const struct replay *replay, uint32_t label)
{
	return label < replay->labels.count ? replay->labels.items[label] : "?";
}

enum milestone replay_last_step(const struct replay *replay, bool *known)
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

void replay_reach(struct replay *replay, enum milestone milestone, struct loc at)
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

/* --- who speaks --------------------------------------------------------- */

static void kernel_started(struct replay *replay, const struct event *event)
{
	if (event->u.kernel.by_oops && replay->kernel.known)
		return;
	replay->kernel = (struct kernel_version){ true, event->u.kernel.major,
		event->u.kernel.minor, event->u.kernel.patch, event->u.kernel.rc,
		arena_copy(replay->arena, event->u.kernel.words), event->at,
		event->u.kernel.by_oops };
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
		replay_reach(replay, event->u.milestone.step, event->at);
		break;
	case EV_MAP_ENTRY: return replay_map_entry(replay, event);
	case EV_MAP_UPDATED: case EV_MAP_REMOVED: return replay_map_edit(replay, event);
	case EV_LAST_PFN:
		if (event->u.last.n > replay->last_pfn.n) {
			replay->last_pfn = event->u.last;
			replay->last_pfn_at = event->at;
		}
		break;
	case EV_RANGE_RESERVED: case EV_RESERVED_LISTED: return replay_reserved(replay, event);
	case EV_RANGE_RELEASED: return replay_released(replay, event);
	case EV_MEMORY_ADDED:
		return set_range(&replay->memory, event->u.range.bytes, 0, event->at);
	case EV_MEMORY_REMOVED:
		return range_map_remove(&replay->memory, event->u.range.bytes.start.n,
					event->u.range.bytes.end.n);
	case EV_ALLOC_REQUESTED: replay_requested(replay, event); break;
	case EV_DUMP_STARTED: replay_open_dump(replay, event->at, false); break;
	case EV_DUMP_REGION: return replay_dump_region(replay, event);
	case EV_RANGE_SUBTRACTED: return replay_subtracted(replay, event);
	case EV_RANGE_ABSURD: break;
	case EV_MAPPED_LIMIT:
		replay->mapped_limit = event->u.limit;
		replay->mapped_limit_at = event->at;
		break;
	case EV_MAPPING_STARTED: return replay_mapping_started(replay, event);
	case EV_MAPPING_PART: break;
	case EV_POOL_PLANNED: replay_pool_planned(replay, event); break;
	case EV_POOL_TAIL_RW: replay_tail_made_rw(replay, event); break;
	case EV_TABLE_FROM_BRK: return replay_table_from_brk(replay, event);
	case EV_AREA_NAMED: replay_area_named(replay, event); break;
	case EV_MEMORY_FREED: {
		struct freed_record *freed = PUSH(replay, freed, INCIDENTS_MAX);

		if (event->u.freed.what == FREED_INIT)
			replay_reach(replay, STEP_INIT_MEMORY_FREED, event->at);
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
	case EV_COMPLAINT: replay_complained(replay, event); break;
	case EV_DOMAIN_CRASHED: replay_domain_crashed(replay, event); break;
	case EV_MULTICALL_FAILED: replay_multicall_failed(replay, event); break;
	case EV_MULTICALL_ENTRY: replay_multicall_entry(replay, event); break;
	case EV_FAULT: replay_faulted(replay, event); break;
	case EV_FAULT_DETAIL: replay_fault_detailed(replay, event); break;
	case EV_KERNEL_BUG: case EV_KERNEL_WARNING: replay_bug_hit(replay, event); break;
	case EV_PANIC: replay_panicked(replay, event); break;
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
		status = replay_close_dump(replay);
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
