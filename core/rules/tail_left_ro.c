/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The unused tail of a closed pool stays read-only, and its next owner writes.
 *
 *    start            end                  top
 *    |==== tables ====|...... tail: RO .....|     "setting RW the range end - top"
 *                          ^ node data               never came for this pool
 */
#include "core/rule.h"

const struct rule rule_tail_left_ro;

struct state {
	/* Healthy owners cleared memory in the tail of pool i: it was writable. */
	bool tail_was_written[POOLS_MAX];
};

/* Who zeroes what it reserves, and would die at once in a read-only tail.
 * __alloc_memory_core_early() clears first and prints afterwards. */
/* The part of the pool that nobody made writable; empty when in order. */
static struct pfn_range left_ro(const struct pool *pool)
{
	struct pfn_range tail = pool_tail(pool);

	if (pool->used_end_from == USED_UNKNOWN)
		tail = pool->plan;
	if (!pool->rw_line_seen)
		return tail;
	/* A line that begins above the reserved end leaves the frames between. */
	tail.end = pfns_touched(pool->made_rw).start;
	if (pool->used_end_from == USED_FROM_RW_LINE || pfn_range_empty(tail))
		tail.end = tail.start;
	return tail;
}

static bool concerns(const struct replay *replay, const struct pool *pool)
{
	return pool->kind == POOL_BUFFER && replay_pool_guard(replay) != GUARD_NONE_NEEDED &&
	       replay_map_reaches_pool(replay, pool) && !pfn_range_empty(left_ro(pool));
}

/* Node data prints its reservation, then clears it: a later event of the same
 * boot means that the clearing went well. */
static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct state *state = private;

	(void)report;
	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (pfn_range_overlap(left_ro(&replay->pools.items[i]),
				      pfns_touched(event->u.range.bytes)))
			state->tail_was_written[i] = true;
}

static const char *owner_at(const struct replay *replay, uint64_t address, struct loc *at)
{
	const struct span *span = range_map_at(&replay->reserved, address);

	for (uint32_t i = 0; i < replay->areas.count; i++) {
		const struct area_record *area = &replay->areas.items[i];

		if (area->area == AREA_NODE_DATA && paddr_range_holds(area->bytes, to_paddr(address))) {
			*at = area->at;
			return "node data";
		}
	}
	if (!span || !span->value)
		return NULL;
	*at = span->at;
	return replay_label(replay, span->value);
}

/* Without the reservation, is page `page` of the pool surely past what its
 * mapping needs? */
static bool past_estimate(const struct pool *pool, pfn_t frame)
{
	uint64_t needed;

	if (paddr_range_empty(pool->mapping))
		return false;
	needed = table_pages_for(pool->mapping);
	return frame.n - pool->plan.start.n >= needed + 1;
}

static void draw(const struct pool *pool, pfn_t frame, bool mark, struct finding *f,
		 struct report *report)
{
	struct drawing *d = &f->drawing;

	d->wanted = true;
	d->plan = pool->plan;
	d->used_end = pool->used_end;
	d->used_end_known = pool->used_end_from != USED_UNKNOWN;
	if (d->used_end_known) {
		d->used_says = report_text(report, "%llu tables, RO",
			(unsigned long long)pfn_range_size(pool_used(pool)));
		d->tail_says = report_text(report, "%llu pages, left RO",
			(unsigned long long)pfn_range_size(pool_tail(pool)));
	}
	d->mark_wanted = mark;
	d->mark = frame;
	d->mark_says = report_text(report, "%llu below the top",
		(unsigned long long)(pool->plan.end.n - frame.n));
}

static const struct pool *other_made_rw(const struct replay *replay, const struct pool *pool)
{
	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (replay->pools.items[i].rw_line_seen && &replay->pools.items[i] != pool)
			return &replay->pools.items[i];
	return NULL;
}

static void add_pool_notes(const struct replay *replay, const struct pool *pool,
			   struct finding *f, struct report *report)
{
	const struct pool *other = other_made_rw(replay, pool);

	if (pool->used_end_from == USED_UNKNOWN && !paddr_range_empty(pool->mapping))
		finding_note(report, f, pool->planned_at, "pool %u: mapping 0x%llx-0x%llx takes about "
			"%llu of its %llu pages, the first ones", pool->number,
			(unsigned long long)pool->mapping.start.n,
			(unsigned long long)pool->mapping.end.n,
			(unsigned long long)table_pages_for(pool->mapping),
			(unsigned long long)pfn_range_size(pool->plan));
	else
		finding_note(report, f, pool->planned_at, "pool %u", pool->number);
	if (loc_known(pool->reserved_at))
		finding_note(report, f, pool->reserved_at, "its used part ends here: the rest is the tail");
	if (pool->rw_line_seen)
		finding_note(report, f, pool->rw_at, "made writable too late: frames below stay read-only");
	else if (other)
		finding_note(report, f, other->rw_at, "only pool %u was made writable again",
			other->number);
}

/* CR2 reads 0 that early: the address is in RDI. When the log was cut before the
 * "Code:" line that shows a string store, that is a guess. */
static bool written_address(const struct fault_record *fault, uint64_t *address, struct loc *at,
			    enum certainty *certainty)
{
	*certainty = PROVED;
	if (fault_address(fault, address, at))
		return true;
	if (!fault->has_rdi || fault->instruction_told)
		return false;
	*certainty = SUSPECTED;
	*address = fault->rdi;
	*at = fault->rdi_at;
	return true;
}

static bool wrote_there(const struct replay *replay, const struct fault_record *fault,
			struct report *report)
{
	enum certainty certainty, address_certainty;
	const struct pool *pool;
	uint64_t address;
	const char *owner;
	struct loc at, owner_line = LOC_NONE, traced;
	struct finding *f;
	struct note *note;
	paddr_t physical;
	pfn_t frame;

	if (!fault_is_ro_write(fault) || !written_address(fault, &address, &at, &address_certainty) ||
	    !replay_direct_map(replay, address, &physical, &certainty))
		return false;
	frame = pfn_of(physical);
	pool = replay_pool_of(replay, frame);
	if (!pool || pool->kind != POOL_BUFFER || !pfn_range_holds(left_ro(pool), frame))
		return false;
	owner = owner_at(replay, physical.n, &owner_line);
	f = finding_new(report, &rule_tail_left_ro, fault->has_code ? fault->code_at : fault->at);
	f->where = pfn_range(frame.n, frame.n + 1);
	finding_at_most(f, certainty);
	finding_at_most(f, address_certainty);
	if (address_certainty == SUSPECTED)
		f->raise = "the rest of the register dump: its Code: line tells which register was used";
	if (pool->used_end_from == USED_UNKNOWN) {
		finding_at_most(f, past_estimate(pool, frame) ? INFERRED : SUSPECTED);
		f->raise = "memblock=debug prints where the pool's used part ends";
	}
	finding_message(report, f, "%s at frame 0x%llx was placed in the unused tail of page-table "
		"pool %u (0x%llx-0x%llx), which was left read-only", owner ? owner : "memory",
		(unsigned long long)frame.n, pool->number,
		(unsigned long long)pool->plan.start.n, (unsigned long long)pool->plan.end.n);
	note = finding_note(report, f, f->notes[0].at, NULL);
	note_caret(report, note, "0003", "write to a present, write-protected page");
	note = finding_note(report, f, at, NULL);
	note_caret(report, note, report_text(report, "%llx", (unsigned long long)address),
		"the address: pfn 0x%llx", (unsigned long long)frame.n);
	finding_note(report, f, owner_line, "the new owner");
	if (replay_traced_read_only(replay, frame, &traced))
		finding_note(report, f, traced, "the trace maps the frame read-only here, and no later "
			"operation makes it writable");
	add_pool_notes(replay, pool, f, report);
	draw(pool, frame, true, f, report);
	f->facts = other_made_rw(replay, pool) ? "fault, another pool made RW" : "fault";
	return true;
}

static void latent(const struct replay *replay, const struct pool *pool, struct report *report)
{
	struct pfn_range tail = left_ro(pool);
	struct finding *f;

	/* Only where the switch that prints the missing line is seen on: the
	 * pool's own line has the same level. */
	if (pool->used_end_from == USED_UNKNOWN || !loc_known(pool->closed_at))
		return;
	f = finding_new(report, &rule_tail_left_ro, pool->planned_at);
	if (f->more)
		return;
	f->severity = SEV_WARNING;
	finding_at_most(f, INFERRED);
	f->where = tail;
	finding_message(report, f, "the tail of page-table pool %u, %llu pages from frame 0x%llx, "
		"was not made writable again", pool->number,
		(unsigned long long)pfn_range_size(tail), (unsigned long long)tail.start.n);
	add_pool_notes(replay, pool, f, report);
	draw(pool, tail.start, false, f, report);
	f->why = "nobody wrote there in this boot; the next owner of these pages dies on its "
		 "first write";
	f->facts = "latent";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	struct state *state = private;
	bool found = false;

	for (uint32_t i = 0; i < replay->faults.count && !found; i++)
		found = wrote_there(replay, &replay->faults.items[i], report);
	if (found || !replay_is_pv(replay) || replay_pool_guard(replay) != GUARD_TO_TOP)
		return;
	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (concerns(replay, &replay->pools.items[i]) && !state->tail_was_written[i])
			latent(replay, &replay->pools.items[i], report);
}

const struct rule rule_tail_left_ro = {
	.id = "PGT002",
	.name = "tail-left-ro",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV_POOL_ERA,
	.title = "The unused tail of a page-table pool stays read-only and is then written",
	.why = "the whole pool was write-protected so that its pages can become tables; what was "
	       "not used went back to the allocator without being made writable again",
	.fix = "279b706bf800 (Linux 2.6.39): x86_init.mapping.pagetable_reserve gives every "
	       "pool's tail back writable; a backport of b9269dc7bfdf needs it too",
	.source = "Linux arch/x86/xen/mmu.c xen_mapping_pagetable_reserve(), 2.6.39-3.8; "
		  "92bdaef7b2c5",
	.needs = "the pool line (KERN_DEBUG); memblock=debug to know where the used part ends when "
		 "the \"setting RW\" line is missing. A trace adds the entry that left the frame "
		 "read-only",
	.bad = "kernel direct mapping tables up to 20000000 @ 1fe00000-20000000\n"
	       "  NODE_DATA [000000001fffb000 - 000000001fffffff]\n"
	       "Oops: 0003 [#1] SMP\n"
	       "RDX: 0000000000000000 RSI: 0000000000000000 RDI: ffff88001fffb000",
	.good = "kernel direct mapping tables up to 20000000 @ 1fe00000-20000000\n"
		"xen: setting RW the range 1fff0000 - 20000000",
	.roots = "PGT003",
	.needs_any = { EVIDENCE_POOL | EVIDENCE_SETUP_END },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_RANGE_RESERVED),
	.owners = OWNER_CLEARS,
	.on_event = on_event,
	.at_end = at_end,
};
