/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The questions that rules ask of a replay. Nothing here changes it. */
#include "core/replay.h"
#include "core/rule.h"

int kernel_compare(const struct kernel_version *v, unsigned major, unsigned minor, unsigned patch)
{
	if (v->major != major)
		return v->major < major ? -1 : 1;
	if (v->minor != minor)
		return v->minor < minor ? -1 : 1;
	if (v->patch != patch)
		return v->patch < patch ? -1 : 1;
	return v->rc >= 0 ? -1 : 0;
}

const struct pool *replay_pool_of(const struct replay *replay, pfn_t frame)
{
	for (uint32_t i = replay->pools.count; i-- > 0;)
		if (pfn_range_holds(replay->pools.items[i].plan, frame))
			return &replay->pools.items[i];
	return NULL;
}

enum pool_part pool_part_of(const struct pool *pool, pfn_t frame)
{
	if (!pfn_range_holds(pool->plan, frame))
		return PART_NONE;
	if (pool->used_end_from == USED_UNKNOWN)
		return PART_UNKNOWN;
	return frame.n < pool->used_end.n ? PART_USED : PART_TAIL;
}

/* Direct map and image mapping of x86-64.
 * Source: Linux Documentation/x86/x86_64/mm.txt; the base moved from
 * ffff880000000000 to ffff888000000000 in 4.20 (d52888aa2753), also in late
 * stable releases of 4.14 and 4.19. Xen PV does not randomise it. */
#define DIRECT_OLD UINT64_C(0xffff880000000000)
#define DIRECT_NEW UINT64_C(0xffff888000000000)
#define DIRECT_SPAN (UINT64_C(1) << 46)
#define IMAGE_64 UINT64_C(0xffffffff80000000)
#define IMAGE_64_SPAN (UINT64_C(1) << 30)
#define LOWMEM_32 UINT64_C(0xc0000000)

static bool direct_map_64(const struct replay *replay, uint64_t address, paddr_t *physical,
			  enum certainty *certainty)
{
	bool new_base = address >= DIRECT_NEW;

	if (address >= IMAGE_64 && address - IMAGE_64 < IMAGE_64_SPAN) {
		*physical = to_paddr(address - IMAGE_64);
		*certainty = replay_is_pv(replay) ? PROVED : INFERRED;   /* KASLR */
		return true;
	}
	if (address < DIRECT_OLD || address - DIRECT_OLD >= DIRECT_SPAN)
		return false;
	*certainty = PROVED;
	if (!replay->kernel.known) {
		*certainty = INFERRED;
	} else if (kernel_before(&replay->kernel, 4, 14, 0)) {
		new_base = false;
	} else if (kernel_from(&replay->kernel, 4, 20, 0)) {
		if (!new_base)
			return false;
		if (!replay_is_pv(replay))
			*certainty = INFERRED;   /* may be randomised */
	} else {
		*certainty = INFERRED;
	}
	*physical = to_paddr(address - (new_base ? DIRECT_NEW : DIRECT_OLD));
	return true;
}

bool bug_is_of_pin(const struct bug_record *bug)
{
	return !bug->warning && text_contains(text_of(bug->file), TEXT("linux/page-flags.h")) &&
	       (!strcmp(bug->function, "xen_pin_page") || !strcmp(bug->function, "xen_unpin_page"));
}

const struct span *replay_let_go(const struct replay *replay, pfn_t frame)
{
	uint64_t address = frame.n << FRAME_SHIFT;

	return range_map_at(&replay->reserved, address) ? NULL :
	       range_map_at(&replay->let_go, address);
}

bool replay_direct_map(const struct replay *replay, uint64_t address, paddr_t *physical,
		       enum certainty *certainty)
{
	if (address >> 32)
		return direct_map_64(replay, address, physical, certainty);
	if (replay->bits != 32 || address < LOWMEM_32)
		return false;
	*physical = to_paddr(address - LOWMEM_32);
	*certainty = address < UINT64_C(0xf7000000) ? PROVED : INFERRED;   /* vmalloc above */
	return true;
}

bool fault_address(const struct fault_record *fault, uint64_t *address, struct loc *at)
{
	/* CR2 then holds the address of an earlier fault. */
	if (fault->trap != TRAP_PAGE_FAULT)
		return false;
	if (fault->address != UNKNOWN_NUMBER && fault->address && !fault->null_told) {
		*address = fault->address;
		*at = fault->at;
		return true;
	}
	if (fault->has_cr2 && fault->cr2) {
		*address = fault->cr2;
		*at = fault->cr2_at;
		return true;
	}
	/* Before shared_info is set up a PV kernel reads CR2 as 0: the address
	 * of a string store is in RDI. */
	if (fault->string_store && fault->has_rdi) {
		*address = fault->rdi;
		*at = fault->rdi_at;
		return true;
	}
	return false;
}

static uint64_t up(uint64_t n, unsigned shift)
{
	return (n >> shift) + !!(n & ((UINT64_C(1) << shift) - 1));
}

uint64_t table_pages_for(struct paddr_range bytes)
{
	uint64_t size = paddr_range_size(bytes);

	/* 8-byte entries, 512 a page; an entry maps 4 KiB, 2 MiB or 1 GiB. */
	return up(up(size, 30), 9) + up(up(size, 21), 9) + up(up(size, 12), 9);
}

uint64_t table_pages_2m_for(paddr_t end)
{
	return up(up(end.n, 30), 9) + up(up(end.n, 21), 9);
}

enum pool_guard replay_pool_guard(const struct replay *replay)
{
	const struct kernel_version *v = &replay->kernel;

	if (!v->known || !kernel_before(v, 3, 9, 0))
		return GUARD_UNKNOWN;
	if (v->major == 2 && v->minor == 6 && v->patch == 39 && v->rc >= 0)
		return v->rc <= 5 ? GUARD_TO_END : GUARD_TO_TOP;
	if (kernel_before(v, 2, 6, 39))
		return GUARD_NONE_NEEDED;
	return GUARD_TO_TOP;
}

bool replay_map_reaches_pool(const struct replay *replay, const struct pool *pool)
{
	struct paddr_range plan = bytes_of(pool->plan);
	struct paddr_range mapping = pool->mapping;

	if (replay->mapped_limit.n && plan.end.n <= replay->mapped_limit.n)
		return false;
	if (paddr_range_empty(mapping))
		mapping = paddr_range(0, pool->mapped_end.n);
	return paddr_range_overlap(mapping, plan);
}

const struct area_record *replay_area(const struct replay *replay, enum area area)
{
	for (uint32_t i = 0; i < replay->areas.count; i++)
		if (replay->areas.items[i].area == area)
			return &replay->areas.items[i];
	return NULL;
}

/* Complaints of a hypervisor about a guest's page tables come from PV guests
 * alone: it keeps no types for the others. */
bool replay_is_pv(const struct replay *replay)
{
	if (replay->platform == PLATFORM_XEN_PV)
		return true;
	return replay->platform == PLATFORM_UNKNOWN && (replay->evidence & EVIDENCE_XEN_SPEAKS);
}

bool replay_is_not_pv(const struct replay *replay)
{
	switch (replay->platform) {
	case PLATFORM_NATIVE: case PLATFORM_XEN_PVH: case PLATFORM_XEN_HVM:
	case PLATFORM_OTHER_VM:
		return true;
	case PLATFORM_XEN_PV:
		return false;
	case PLATFORM_UNKNOWN:
		break;
	}
	/* A PV guest prints "Xen:" before its map, never "BIOS-e820:". */
	return (replay->evidence & EVIDENCE_MAP) && replay->map_view == VIEW_FIRMWARE &&
	       !(replay->evidence & EVIDENCE_XEN);
}

bool replay_setup_done(const struct replay *replay)
{
	return replay->steps[STEP_MEMORY_LINE].reached ||
	       replay->steps[STEP_INIT_MEMORY_FREED].reached ||
	       replay->steps[STEP_USERSPACE].reached || replay->steps[STEP_POWER_OFF].reached;
}

bool replay_crashed(const struct replay *replay)
{
	if (loc_known(replay->domain_crashed_at) || replay->panics.count || replay->faults.count)
		return true;
	for (uint32_t i = 0; i < replay->bugs.count; i++)
		if (!replay->bugs.items[i].warning)
			return true;
	return false;
}

bool replay_map_has(const struct replay *replay, const struct event *event)
{
	const struct span *span = range_map_at(&replay->map_in_force, event->u.map.bytes.start.n);

	return span && !replay->map_fresh && replay->map_view == event->u.map.view &&
	       span->start == event->u.map.bytes.start.n && span->end == event->u.map.bytes.end.n &&
	       span->value == event->u.map.type;
}

const struct span *replay_own_reservation(const struct replay *replay, struct pfn_range plan)
{
	const struct span *span = range_map_at(&replay->reserved, bytes_of(plan).start.n);

	if (!span || span->start != bytes_of(plan).start.n || span->end > bytes_of(plan).end.n ||
	    !(owner_of_label(text_of(replay_label(replay, span->value))) & OWNER_POOL))
		return NULL;
	return span;
}

/* A copy is among the last of its kind. */
#define COPIES_AMONG 64u

static bool is_planned(const struct replay *replay, const struct event *event)
{
	uint32_t i = replay->pools.count;

	while (i-- > 0 && i + COPIES_AMONG >= replay->pools.count) {
		const struct pool *pool = &replay->pools.items[i];

		if (pool->kind == POOL_BUFFER && pool->plan.start.n == event->u.pool.plan.start.n &&
		    pool->plan.end.n == event->u.pool.plan.end.n &&
		    pool->mapped_end.n == event->u.pool.mapped_end.n)
			return true;
	}
	return false;
}

static bool is_being_mapped(const struct replay *replay, const struct event *event)
{
	uint32_t i = replay->mappings.count;

	while (i-- > 0 && i + COPIES_AMONG >= replay->mappings.count) {
		struct paddr_range bytes = replay->mappings.items[i].bytes;

		if (bytes.start.n == event->u.mapping.bytes.start.n &&
		    bytes.end.n == event->u.mapping.bytes.end.n)
			return true;
	}
	return false;
}

bool replay_tells_again(const struct replay *replay, const struct event *event)
{
	if (event->kind == EV_POOL_PLANNED)
		return is_planned(replay, event);
	return event->kind == EV_MAPPING_STARTED && is_being_mapped(replay, event);
}

static bool has_kernel_memory_facts(const struct replay *replay)
{
	return (replay->evidence & (EVIDENCE_MAP | EVIDENCE_MEMBLOCK | EVIDENCE_POOL |
				    EVIDENCE_MAPPING)) || replay_setup_done(replay);
}

bool replay_begins_boot(const struct replay *replay, const struct event *event)
{
	switch (event->kind) {
	case EV_KERNEL_STARTED:
		if (event->u.kernel.by_oops)
			return false;
		return (replay->kernel.known && !replay->kernel.by_oops) || has_kernel_memory_facts(replay);
	case EV_XEN_STARTED:
		return event->speaker == SPEAKER_XEN &&
		       (replay->xen.on_console || replay->kernel.known ||
			has_kernel_memory_facts(replay));
	case EV_MILESTONE:
		/* A second firmware map without a banner: an excerpt of two boots. */
		return event->u.milestone.step == STEP_MAP_HEADER &&
		       event->u.milestone.view == VIEW_FIRMWARE &&
		       replay->steps[STEP_MAP_HEADER].reached &&
		       ((replay->evidence & (EVIDENCE_POOL | EVIDENCE_MAPPING)) ||
			replay_setup_done(replay));
	case EV_MAPPED_LIMIT:
		/* Said once in a boot: an excerpt of two, one below the other. Where lines
		 * stand twice, a banner does before this one. */
		return replay->mapped_limit.n && replay->mappings.count &&
		       (!replay->kernel.known || replay->mapped_limit.n != event->u.limit.n);
	default:
		return false;
	}
}

bool replay_image_is_fixed(const struct replay *replay)
{
	const char *words = replay->command_line ? replay->command_line : "";

	if (replay_is_pv(replay))
		return true;
	if (strstr(words, "elfcorehdr="))
		return false;
	return kernel_before(&replay->kernel, 3, 14, 0) || strstr(words, "nokaslr") ||
	       (replay->offset.known && !replay->offset.bytes);
}

bool replay_image_offset(const struct replay *replay, uint64_t *bytes)
{
	*bytes = replay->offset.bytes;
	return replay->offset.known || replay_image_is_fixed(replay);
}

bool replay_lost_lines(const struct replay *replay)
{
	for (enum loss what = 0; replay->losses && what < LOSS_COUNT; what++)
		if (replay->losses[what].count && !loss_of_trace(what))
			return true;
	return false;
}
