/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page-table pool was laid over memory that somebody else holds.
 *
 *    pool        |==== tables ====|..... tail .....|
 *    initrd   |------------|                             wiped by the tables
 *    later                             |-- initrd moved here: in order
 *
 * Only what was there before the pool counts against its whole plan; what
 * came later may lie in the tail. */
#include "core/rule.h"

const struct rule rule_pool_overlap;

/* Reservations that were in force when a pool was planned over them. */
struct state {
	struct {
		uint32_t pool;            /* index the pool will get */
		struct pfn_range frames;
		const char *owner;
		struct loc at;
	} taken[8];
	uint32_t count;
};

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct state *state = private;
	struct paddr_range plan = bytes_of(event->u.pool.plan);
	const struct span *span = range_map_from(&replay->reserved, plan.start.n);

	if (span && span == replay_own_reservation(replay, event->u.pool.plan))
		span = range_map_next(&replay->reserved, span);
	if (!span || span->start >= plan.end.n || state->count == ARRAY_LEN(state->taken))
		return;
	state->taken[state->count].pool = replay->pools.count;
	state->taken[state->count].frames = pfn_range_meet(event->u.pool.plan,
		pfns_touched(paddr_range(span->start, span->end)));
	state->taken[state->count].owner = arena_copy(report->arena,
		text_of(replay_label(replay, span->value)));
	state->taken[state->count].at = span->at;
	state->count++;
}

static void draw(const struct pool *pool, pfn_t frame, const char *owner, struct finding *f,
		 struct report *report)
{
	struct drawing *d = &f->drawing;

	d->wanted = pool->kind == POOL_BUFFER;
	d->plan = pool->plan;
	d->used_end = pool->used_end;
	d->used_end_known = pool->used_end_from != USED_UNKNOWN;
	if (d->used_end_known) {
		d->used_says = report_text(report, "%llu tables",
			(unsigned long long)pfn_range_size(pool_used(pool)));
		d->tail_says = report_text(report, "%llu unused",
			(unsigned long long)pfn_range_size(pool_tail(pool)));
	}
	d->mark_wanted = true;
	d->mark = frame;
	d->mark_says = report_text(report, "pfn 0x%llx: %s", (unsigned long long)frame.n, owner);
}

/* One finding for each pool: its first victim speaks, the others are notes. */
static void overlap(const struct pool *pool, struct pfn_range frames, const char *owner,
		    struct loc owner_at, struct finding **told_as, struct report *report)
{
	struct finding *f = *told_as;

	if (f) {
		finding_note(report, f, owner_at, "%s too, from frame 0x%llx on", owner,
			(unsigned long long)frames.start.n);
		return;
	}
	f = *told_as = finding_new(report, &rule_pool_overlap, pool->planned_at);
	if (f->more)
		return;
	f->where = frames;
	finding_at_most(f, pool->plan_certainty);
	finding_message(report, f, "page-table pool %u (0x%llx-0x%llx) overlaps %s from frame 0x%llx "
		"on, %llu frame%s", pool->number, (unsigned long long)pool->plan.start.n,
		(unsigned long long)pool->plan.end.n, owner, (unsigned long long)frames.start.n,
		(unsigned long long)pfn_range_size(frames), pfn_range_size(frames) == 1 ? "" : "s");
	finding_note(report, f, pool->planned_at, "the pool");
	finding_note(report, f, owner_at, "%s", owner);
	draw(pool, frames.start, owner, f, report);
	f->facts = report_text(report, "over %s", owner);
}

/* May an area be a victim, and which part of it? Not the kernel as Xen loaded
 * it: that includes brk space which the kernel lets go (3.6, 3.8: pools lie
 * there in order). Not the boot stack: nobody needs it once C code runs. */
static struct paddr_range victim_part(const struct area_record *area)
{
	struct paddr_range bytes = area->bytes;

	switch (area->area) {
	case AREA_INITRD: case AREA_P2M: case AREA_START_INFO:
	case AREA_CONSOLE_RING: case AREA_XENSTORE_RING: case AREA_CRASHKERNEL:
		return bytes;
	case AREA_XEN_TABLES:
		/* check_pt_base() may let go of up to three of the first. */
		bytes.start.n += 3 * FRAME_BYTES;
		if (bytes.start.n > bytes.end.n)
			bytes.start.n = bytes.end.n;
		return bytes;
	case AREA_KERNEL: case AREA_BOOT_STACK: case AREA_NODE_DATA: case AREA_TRAMPOLINE:
	case AREA_COUNT:
		break;
	}
	return paddr_range(0, 0);
}

/* Did the initrd move away before the pool came? Xen's kernels do that. */
static bool moved_before(const struct replay *replay, const struct area_record *area,
			 const struct pool *pool)
{
	for (uint32_t i = 0; i < replay->areas.count; i++) {
		const struct area_record *move = &replay->areas.items[i];

		if (area->area == AREA_INITRD && move->area == AREA_INITRD && move->relocation &&
		    move->sequence > area->sequence && move->sequence < pool->sequence)
			return true;
	}
	return false;
}

/* The frames of the pool that this area must not share: all of them when the
 * area was there first. The line "RAMDISK:" comes later than its reservation. */
static struct pfn_range guarded_part(const struct area_record *area, const struct pool *pool)
{
	bool first = area->sequence < pool->sequence ||
		     (area->area == AREA_INITRD && !area->relocation);

	if (first)
		return pool->plan;
	return pool->used_end_from == USED_UNKNOWN ? pfn_range(0, 0) : pool_used(pool);
}

/* What the area and the pool share against the rules, or an empty range. */
static struct pfn_range shared_with(const struct replay *replay, const struct area_record *area,
				    const struct pool *pool)
{
	struct paddr_range part = victim_part(area);
	const struct span *page;

	if (!pfn_range_overlap(pfns_touched(part), pool->plan) ||
	    moved_before(replay, area, pool))
		return pfn_range(0, 0);
	if (pool->kind == POOL_BUFFER)
		return pfn_range_meet(pfns_touched(part), guarded_part(area, pool));
	/* Of the brk pool only the pages handed out are known. What is placed
	 * later than the brk cannot lie there: nobody gives the brk away. */
	page = range_map_from(&replay->brk_pages, part.start.n);
	if (area->area == AREA_CRASHKERNEL || area->relocation || !page)
		return pfn_range(0, 0);
	return pfn_range_meet(pfns_touched(part), pfns_touched(paddr_range(page->start, page->end)));
}

/* A reservation, or another line on the same area, has told it. */
static bool told(const struct replay *replay, const struct state *state, uint32_t pool,
		 uint32_t area, struct pfn_range shared)
{
	for (uint32_t i = 0; i < state->count; i++)
		if (state->taken[i].pool == pool &&
		    pfn_range_overlap(state->taken[i].frames, shared))
			return true;
	for (uint32_t i = 0; i < area; i++)
		if (replay->areas.items[i].area == replay->areas.items[area].area &&
		    pfn_range_overlap(shared_with(replay, &replay->areas.items[i],
				      &replay->pools.items[pool]), shared))
			return true;
	return false;
}

/* "the initrd", but "Xen's page tables" */
static const char *owner_words(enum area area, struct report *report)
{
	if (area == AREA_XEN_TABLES)
		return area_name(area);
	return report_text(report, "the %s", area_name(area));
}

/* The kernel's own text, data and bss, from its symbols: without the brk, where a
 * pool may lie. */
static void against_image(const struct replay *replay, const struct pool *pool,
			  struct finding **told_as, struct report *report)
{
	struct pfn_range shared = pfn_range_meet(pool->plan, pfns_touched(replay->image.kernel));

	if (pool->kind == POOL_BUFFER && !pfn_range_empty(shared) &&
	    (replay->evidence & EVIDENCE_SYMBOLS) && replay_image_is_fixed(replay))
		overlap(pool, shared, "the kernel's text, data or bss (--vmlinux)", pool->planned_at,
			told_as, report);
}

static void against_areas(const struct replay *replay, const struct state *state, uint32_t index,
			  struct finding **told_as, struct report *report)
{
	const struct pool *pool = &replay->pools.items[index];

	for (uint32_t i = 0; i < replay->areas.count; i++) {
		const struct area_record *area = &replay->areas.items[i];
		struct pfn_range shared = shared_with(replay, area, pool);

		if (!pfn_range_empty(shared) && !told(replay, state, index, i, shared))
			overlap(pool, shared, owner_words(area->area, report),
				area->at, told_as, report);
	}
}

/* Tables of an earlier pool. When that pool's reservation was in force, the
 * reservations have told it already. */
static void against_pools(const struct replay *replay, uint32_t index, struct finding **told_as,
			  struct report *report)
{
	const struct pool *pool = &replay->pools.items[index];

	for (uint32_t i = 0; i < index; i++) {
		const struct pool *other = &replay->pools.items[i];
		struct pfn_range shared = pfn_range_meet(pool_used(other), pool->plan);

		if (other->kind != POOL_BUFFER || pfn_range_empty(shared) ||
		    (other->used_end_from != USED_FROM_TABLE &&
		     other->used_end_from != USED_FROM_RW_LINE &&
		     other->used_end_from != USED_FROM_TRACE))
			continue;
		overlap(pool, shared, report_text(report, "the tables of pool %u", other->number),
			other->planned_at, told_as, report);
	}
}

static void against_reservations(const struct replay *replay, const struct state *state,
				 uint32_t index, struct finding **told_as, struct report *report)
{
	for (uint32_t i = 0; i < state->count; i++) {
		if (state->taken[i].pool != index)
			continue;
		overlap(&replay->pools.items[index], state->taken[i].frames,
			report_text(report, "the reservation \"%s\"", state->taken[i].owner),
			state->taken[i].at, told_as, report);
		/* A line that dropped the reservation may be among the lost. */
		if (replay_lost_lines(replay) || replay->disagreement)
			finding_at_most(*told_as, INFERRED);
	}
}

static const struct pool *pool_of_clash(const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (paddr_range_overlap(bytes_of(replay->pools.items[i].plan),
					replay->table_clash.bytes))
			return &replay->pools.items[i];
	return NULL;
}

/* 2.6.26 to 2.6.36 panic over it, and name both. */
static void gave_up(const struct replay *replay, struct report *report)
{
	struct paddr_range tables = replay->table_clash.bytes, other = replay->table_clash.other;
	const struct pool *pool = pool_of_clash(replay);
	struct finding *f = finding_new(report, &rule_pool_overlap, replay->table_clash.at);

	if (f->more)
		return;
	f->where = pfn_range_meet(pfns_touched(tables), pfns_touched(other));
	finding_message(report, f, "the page tables (PGTABLE, 0x%llx-0x%llx) overlap the reservation "
		"\"%s\" (0x%llx-0x%llx) from frame 0x%llx on, %llu frame%s, and the kernel gave up",
		(unsigned long long)tables.start.n, (unsigned long long)tables.end.n,
		replay->table_clash.owner, (unsigned long long)other.start.n,
		(unsigned long long)other.end.n, (unsigned long long)f->where.start.n,
		(unsigned long long)pfn_range_size(f->where), pfn_range_size(f->where) == 1 ? "" : "s");
	if (pool)
		finding_note(report, f, pool->planned_at, "pool %u", pool->number);
	f->why = "reserve_early() found the range of one in use by the other: the search for room for "
		 "the page tables came before the other's reservation, or did not look at it";
	f->facts = report_text(report, "early reservation clash with %s", replay->table_clash.owner);
}

/* 2.6.24 panics over it, without a word on whose the other range is. */
static void reserved_twice(const struct replay *replay, struct report *report)
{
	struct pfn_range frames = pfns_touched(replay->table_clash.bytes);
	struct finding *f;

	f = finding_new(report, &rule_pool_overlap, replay->table_clash.at);
	if (f->more)
		return;
	finding_at_most(f, INFERRED);
	f->where = frames;
	finding_message(report, f, "the page-table pool (0x%llx-0x%llx) overlaps memory that was "
		"reserved before, and the kernel gave up", (unsigned long long)frames.start.n,
		(unsigned long long)frames.end.n);
	finding_note(report, f, replay->table_clash.at, "%llu pages: as many as the tables of all "
		"memory take with 2 MiB pages", (unsigned long long)pfn_range_size(frames));
	f->why = "reserve_early() found the range of the page tables in use. The search for it leaves "
		 "out the kernel, its bss and the initrd, but compares bytes: what ends inside a "
		 "page shares that page with the tables";
	f->fix = "round the start that find_early_table_space() gets up to a whole page; see what "
		 "ends at or after the first frame (System.map: _end)";
	f->raise = "a kernel from 2.6.26 on: it tells the names of both ranges";
	f->facts = "early reservation clash";
}

/* The kernel's own word that two owners meet. */
static void against_clash(const struct replay *replay, struct finding *told_as,
			  struct report *report)
{
	if (!loc_known(replay->table_clash.at))
		return;
	if (told_as)
		finding_note(report, told_as, replay->table_clash.at, "here the kernel gave up over it");
	else if (replay->table_clash.owner)
		gave_up(replay, report);
	else
		reserved_twice(replay, report);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;
	struct finding *clash_told_as = NULL;

	for (uint32_t i = 0; i < replay->pools.count; i++) {
		struct finding *told_as = NULL;

		against_reservations(replay, state, i, &told_as, report);
		against_areas(replay, state, i, &told_as, report);
		against_image(replay, &replay->pools.items[i], &told_as, report);
		if (replay->pools.items[i].kind == POOL_BUFFER)
			against_pools(replay, i, &told_as, report);
		if (told_as && pfn_range_overlap(told_as->where, pfns_touched(replay->table_clash.other)))
			clash_told_as = told_as;
	}
	against_clash(replay, clash_told_as, report);
}

const struct rule rule_pool_overlap = {
	.id = "PGT005",
	.name = "pool-overlap",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "A page-table pool overlaps memory that was in use before",
	.why = "new page tables wipe what lies there (initrd, p2m list, other tables), and the old "
	       "owner's next write destroys page tables",
	.fix = "reserve the other range before init_memory_mapping() looks for space: "
	       "early_reserve_initrd() for an initrd, memblock_reserve() in the platform's setup "
	       "for the rest; check that the loader and the memory map agree",
	.source = "Linux arch/x86/mm/init.c find_early_table_space(), 2.6.30-3.8; "
		  "kernel/early_res.c __reserve_early(); Xen "
		  "xen/arch/x86/domain_build.c and pv/dom0_build.c (dom0 layout)",
	.needs = "the pool or BRK lines, and for each possible victim its own line: RAMDISK:, the "
		 "dom0 layout on Xen's console, memblock=debug for reservations",
	.bad = "RAMDISK: 1fd00000 - 1ff00000\n"
	       "kernel direct mapping tables up to 20000000 @ 1fe00000-20000000",
	.good = "RAMDISK: 1fb00000 - 1fd00000\n"
		"kernel direct mapping tables up to 20000000 @ 1fe00000-20000000",
	.roots = "PGT003 PGT006 PGT050 PGT052",
	.needs_any = { EVIDENCE_POOL, EVIDENCE_BRK_LINES },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_POOL_PLANNED),
	.on_event = on_event,
	.at_end = at_end,
};
