/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A pool lies where nothing is mapped yet.
 *
 *    mapped before   |#############|
 *    being mapped    |............................................|
 *    pool                    |====|  in order    |====|  not mapped when taken
 *
 * 32-bit kernels write new tables through the direct map: death at the first
 * page. 64-bit ones up to 3.8 write them through a fixmap slot; from 2.6.39 to
 * 3.1 the pool is high on purpose. Then it matters to a Xen PV guest alone,
 * because the map that is being made covers the pool itself. */
#include "core/rule.h"

const struct rule rule_pool_above_mapped_limit;

/* The first frame of each pool that was not mapped when it was planned. */
struct state {
	pfn_t unmapped[POOLS_MAX];   /* 0: all mapped, or not known */
};

/* The first address of the plan that nothing maps yet; its end when all is
 * mapped. `earlier`: how many mapping lines came before the pool's own. */
static uint64_t first_unmapped(const struct replay *replay, struct paddr_range plan,
			       uint32_t earlier)
{
	uint64_t x = plan.start.n < replay->mapped_limit.n ? replay->mapped_limit.n : plan.start.n;
	bool moved = true;

	while (moved && x < plan.end.n) {
		moved = false;
		for (uint32_t i = 0; i < earlier; i++) {
			if (!paddr_range_holds(replay->mappings.items[i].bytes, to_paddr(x)))
				continue;
			x = replay->mappings.items[i].bytes.end.n;
			moved = true;
		}
	}
	return x < plan.end.n ? x : plan.end.n;
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct state *state = private;
	uint32_t mappings = replay->mappings.count;
	struct paddr_range plan = bytes_of(event->u.pool.plan);
	uint64_t unmapped;

	(void)report;
	/* The last mapping line must be the one that this pool is for. */
	if (replay->pools.count >= POOLS_MAX || !replay->mapped_limit.n || !mappings ||
	    replay->mappings.items[mappings - 1].bytes.end.n != event->u.pool.mapped_end.n)
		return;
	unmapped = first_unmapped(replay, plan, mappings - 1);
	if (unmapped < plan.end.n)
		state->unmapped[replay->pools.count] = pfn_of(to_paddr(unmapped));
}

struct verdict {
	enum severity severity;
	enum certainty certainty;
	const char *facts, *why, *fix;   /* why, fix: NULL is the rule's */
};

static const struct verdict unwritable = {
	SEV_ERROR, PROVED, "32-bit",
	"a 32-bit kernel fills new tables through the direct map: the first page of this pool is "
	"not there yet",
	"the pool must lie below max_pfn_mapped: a91d92875ee9 (Linux 3.0, 2.6.39.3)",
};
static const struct verdict badly_guarded = { SEV_WARNING, PROVED, "guard to end", NULL, NULL };
static const struct verdict well_guarded = {
	SEV_NOTE, PROVED, "guard to top",
	"by design from 2.6.39 to 3.1; the direct map that is being made covers the pool, whose "
	"frames must stay read-only up to its top",
	"",
};
static const struct verdict unexpected = {
	SEV_WARNING, INFERRED, "64-bit, not by design",
	"this kernel looks for its pool below the mapped limit only: the limit that it used is "
	"not the one that it printed",
	"look at what raises max_pfn_mapped between the line \"initial memory mapped\" and "
	"init_memory_mapping()",
};

static const struct verdict undecided = {
	SEV_NOTE, SUSPECTED, "3.2 or 3.3",
	"whether 3.2 and 3.3 place their pools high on purpose depends on the stable release: "
	"8548c84da2f4 brought them below the mapped limit again",
	"",
};

/* How bad a high pool is for this kernel; NULL: by design, nothing at stake. */
static const struct verdict *weigh(const struct replay *replay)
{
	const struct kernel_version *v = &replay->kernel;
	enum pool_guard guard = replay_pool_guard(replay);

	if (replay->bits == 32)
		return &unwritable;
	if (guard == GUARD_TO_END && replay_is_pv(replay))
		return &badly_guarded;
	if (guard == GUARD_TO_TOP && replay_is_pv(replay) && !kernel_from(v, 3, 2, 0))
		return &well_guarded;
	if (kernel_from(v, 3, 2, 0) && kernel_before(v, 3, 4, 0))
		return &undecided;
	/* Development kernels of the 2.6.38 time already had high pools. */
	if ((kernel_before(v, 2, 6, 38) && v->patch < 38) || kernel_from(v, 3, 4, 0))
		return &unexpected;
	return NULL;
}

static void draw(const struct pool *pool, pfn_t unmapped, struct finding *f)
{
	f->drawing.wanted = f->severity != SEV_NOTE;
	f->drawing.plan = pool->plan;
	f->drawing.used_end = pool->used_end;
	f->drawing.used_end_known = pool->used_end_from != USED_UNKNOWN;
	f->drawing.mark_wanted = true;
	f->drawing.mark = unmapped;
	f->drawing.mark_says = "not mapped from here on";
}

static void above(const struct replay *replay, const struct pool *pool, pfn_t unmapped,
		  const struct verdict *verdict, struct report *report)
{
	struct finding *f = finding_new(report, &rule_pool_above_mapped_limit, pool->planned_at);

	if (f->more)
		return;
	f->severity = verdict->severity;
	f->why = verdict->why;
	f->fix = verdict->fix;
	f->facts = verdict->facts;
	finding_at_most(f, verdict->certainty);
	finding_at_most(f, pool->plan_certainty);
	f->where = pfn_range(unmapped.n, pool->plan.end.n);
	finding_message(report, f, "page-table pool %u (0x%llx-0x%llx) is not mapped from frame "
		"0x%llx on when its pages are taken", pool->number,
		(unsigned long long)pool->plan.start.n, (unsigned long long)pool->plan.end.n,
		(unsigned long long)unmapped.n);
	finding_note(report, f, pool->planned_at, "the pool");
	finding_note(report, f, replay->mapped_limit_at, "mapped before: frames below 0x%llx",
		(unsigned long long)(replay->mapped_limit.n >> FRAME_SHIFT));
	finding_note(report, f, pool->mapping_at, "what the pool is for");
	draw(pool, unmapped, f);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct verdict *verdict = weigh(replay);
	const struct state *state = private;

	for (uint32_t i = 0; verdict && i < replay->pools.count; i++)
		if (state->unmapped[i].n)
			above(replay, &replay->pools.items[i], state->unmapped[i], verdict, report);
}

const struct rule rule_pool_above_mapped_limit = {
	.id = "PGT007",
	.name = "pool-above-mapped-limit",
	.severity = SEV_ERROR,
	.scope = SCOPE_POOL_ERA,
	.title = "A page-table pool lies above what is mapped when its pages are taken",
	.why = "the pool is high, so the direct map that is being made reaches the pool itself; "
	       "its unused pages must not be mapped writable before they become tables",
	.fix = "b9269dc7bfdf (Linux 2.6.39) keeps the whole pool read-only; 14988a4d350c (2.6.39) "
	       "keeps pages that are no RAM out of max_pfn_mapped",
	.source = "Linux arch/x86/mm/init.c find_early_table_space(), init_32.c and init_64.c "
		  "alloc_low_page(), 2.6.37-3.8; 4b239f458c22",
	.needs = "the pool line with its init_memory_mapping line and \"initial memory mapped\"",
	.bad = "initial memory mapped : 0 - 01800000\n"
	       "init_memory_mapping: 0000000000000000-0000000030000000\n"
	       "kernel direct mapping tables up to 30000000 @ 2fe7d000-30000000",
	.good = "initial memory mapped : 0 - 01800000\n"
		"init_memory_mapping: 0000000000000000-0000000030000000\n"
		"kernel direct mapping tables up to 30000000 @ 17fb000-1800000",
	.roots = "PGT001",
	.needs_any = { EVIDENCE_POOL | EVIDENCE_MAPPING | EVIDENCE_MAPPED_LIMIT },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_POOL_PLANNED),
	.on_event = on_event,
	.at_end = at_end,
};
