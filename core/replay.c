/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay_inside.h"

#include <stddef.h>

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
	*PUSH(replay, labels, LABELS_MAX) = TEXT("known from the dump");
}

void replay_init(struct replay *replay, struct arena *arena, uint16_t domain)
{
	memset(replay, 0, sizeof(*replay));
	begin(replay, arena, domain);
}

/* The maps stand at the end, side by side. */
#define FIRST_MAP offsetof(struct replay, map_in_force)
_Static_assert((sizeof(struct replay) - FIRST_MAP) % sizeof(struct range_map) == 0, "maps alone");

static struct range_map *next_map(struct replay *replay, struct range_map *map)
{
	map = map ? map + 1 : &replay->map_in_force;
	return (char *)map < (char *)(replay + 1) ? map : NULL;
}

void replay_reset(struct replay *replay, struct arena *arena, uint16_t domain)
{
	mmu_observer *watcher = replay->mmu_watcher;
	void *context = replay->mmu_watcher_context;

	mmu_free(replay->mmu);
	for (struct range_map *map = NULL; (map = next_map(replay, map)) != NULL;)
		range_map_clear(map);
	memset(replay, 0, FIRST_MAP);
	replay->mmu_watcher = watcher;
	replay->mmu_watcher_context = context;
	begin(replay, arena, domain);
}

void replay_release(struct replay *replay)
{
	mmu_free(replay->mmu);
	replay->mmu = NULL;
	for (struct range_map *map = NULL; (map = next_map(replay, map)) != NULL;)
		range_map_release(map);
}

void replay_inherit_host(struct replay *replay, const struct replay *from)
{
	replay->xen = from->xen;
	replay->evidence |= from->evidence & (EVIDENCE_XEN | EVIDENCE_HOST_MAP | EVIDENCE_XEN_VERSION);
	if (from->xen_command_line)
		replay->xen_command_line = arena_copy(replay->arena, text_of(from->xen_command_line));
	if (from->xen.words)
		replay->xen.words = arena_copy(replay->arena, text_of(from->xen.words));
	if (range_map_copy(&replay->host_map, &from->host_map) != ST_OK)
		return;   /* the guest's own judgement does not rest on it */
}

const char *replay_label(const struct replay *replay, uint32_t label)
{
	return label < replay->labels.count ? replay->labels.items[label].at : "?";
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
	replay_mmu_kernel_started(replay);
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
	replay->evidence |= EVIDENCE_XEN_VERSION;
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

/* A trace given with the log stands elsewhere, and has no lines once both are one
 * mmutrace. */
bool replay_is_of_log(const struct replay *replay, struct loc at)
{
	return at.input == replay->first.input && (at.line || !replay->first.line);
}

/* Events that may be no line of a log. */
#define MAY_BE_NO_LINE (EVENT_BIT(EV_TABLE_AUDITED) | EVENT_BIT(EV_DUMP_WALKED) | \
			EVENT_BIT(EV_IMAGE_GIVEN) | EVENT_BIT(EV_DOMAIN_DESCRIBED) | \
			EVENT_BIT(EV_MMU_OP) | EVENT_BIT(EV_POOL_STATE) | EVENT_BIT(EV_MESSAGES_LOST))

static NEVER_INLINE void place_other(struct replay *replay, const struct event *event)
{
	bool of_trace = event_of_trace(event);

	/* A dump's page tables are no line of a kernel, nor is what was given. */
	if (event->kind == EV_TABLE_AUDITED || event->kind == EV_DUMP_WALKED ||
	    event->kind == EV_IMAGE_GIVEN || event->kind == EV_DOMAIN_DESCRIBED)
		return;
	if (!loc_known(replay->first))
		replay->first = event->at;
	if (replay_is_of_log(replay, event->at))
		replay->last = event->at;
	if (event->speaker == SPEAKER_XEN) {
		/* Xen's own trace is no console. */
		if (!of_trace)
			replay->evidence |= EVIDENCE_XEN;
		return;
	}
	/* A trace has no kernel lines: that no panic stands in it says nothing. */
	if (!of_trace && event->kind != EV_POOL_STATE)
		replay->evidence |= EVIDENCE_KERNEL;
	if (!loc_known(replay->first_kernel))
		replay->first_kernel = event->at;
	replay->last_kernel = event->at;
}

static inline void place_line(struct replay *replay, const struct event *event)
{
	/* One more line of the kernel. */
	if (LIKELY(event->speaker == SPEAKER_KERNEL && (replay->evidence & EVIDENCE_KERNEL) &&
		   loc_known(replay->first) && !(MAY_BE_NO_LINE & EVENT_BIT(event->kind)) && event->at.line &&
		   event->at.input == replay->first.input))
		replay->last = replay->last_kernel = event->at;
	else
		place_other(replay, event);
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

static void lost(struct replay *replay, enum loss what, struct loc at)
{
	struct loss_record *loss;

	if (!replay->losses)
		replay->losses = arena_alloc(replay->arena, LOSS_COUNT * sizeof(*loss));
	loss = &replay->losses[what];
	if (!loss->count++)
		loss->first = at;
}

static enum status apply(struct replay *replay, const struct event *event)
{
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
	case EV_NODE_MEMORY: replay_node_memory(replay, event); break;
	case EV_RANGE_ABSURD: case EV_FRAME_LISTED: break;
	case EV_MAPPED_LIMIT:
		replay->evidence |= EVIDENCE_MAPPED_LIMIT;
		replay->mapped_limit = event->u.limit;
		replay->mapped_limit_at = event->at;
		break;
	case EV_MAPPING_STARTED: return replay_mapping_started(replay, event);
	case EV_MAPPING_PART: break;
	case EV_POOL_PLANNED: replay_pool_planned(replay, event); break;
	case EV_POOL_STATE: replay_pool_state(replay, event); break;
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
	case EV_RANGE_CLASHED: replay_clashed(replay, event); break;
	case EV_PANIC: replay_panicked(replay, event); break;
	case EV_WX_FOUND:
		replay->evidence |= EVIDENCE_WX_CHECK;
		wx = PUSH(replay, wx, INCIDENTS_MAX);
		if (wx)
			*wx = (struct wx_record){ event->u.wx.address, event->u.wx.pages,
						  event->u.wx.passed, event->at };
		break;
	case EV_MMU_OP: replay_mmu_op(replay, event); break;
	case EV_TABLE_AUDITED:
		replay_table_audited(replay, event);
		break;
	case EV_DUMP_WALKED:
		replay_dump_walked(replay, event);
		break;
	case EV_KERNEL_MOVED:
		replay->offset.known = true;
		replay->offset.bytes = event->u.moved_bytes;
		break;
	case EV_IMAGE_GIVEN:
		replay->image.kernel = event->u.image.kernel;
		replay->image.brk = event->u.image.brk;
		replay->evidence |= event->u.image.symbols ? EVIDENCE_SYMBOLS : 0;
		break;
	case EV_DOMAIN_DESCRIBED:
		replay->described = event->u.described;
		replay->evidence |= EVIDENCE_DOMAIN_XML;
		break;
	case EV_MESSAGES_LOST:
		lost(replay, event->u.lost.what, event->at);
		break;
	case EV_COUNT:
		ASSERT(event->kind < EV_COUNT);
	}
	return ST_OK;
}

enum status replay_apply(struct replay *replay, const struct event *event)
{
	enum status status;

	if (UNLIKELY(replay->queue_open))
		replay_count_queued(replay);
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
	replay_mmu_finish(replay);
	/* A list that the input's end cut cannot be compared. */
	replay->dump.open = false;
	if (xen_would_speak(&replay->xen))
		replay->evidence |= EVIDENCE_XEN_SPEAKS;
	if (replay_setup_done(replay) || replay_crashed(replay))
		replay->evidence |= EVIDENCE_SETUP_END;
	return ST_OK;
}
