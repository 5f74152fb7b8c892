/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The type engine against a slow, plain model of the same rules (mmu_model.h): random
 * operations on a small universe, no difference in answer, type, count, pin.
 *
 *   unit_mmu                 100,000 operations
 *   MMU_OPS=2000000 MMU_SEED=7 unit_mmu */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mmu.h"
#include "tests/mmu_model.h"

/* --- random operations ------------------------------------------------------- */

static uint64_t random_state;

static uint32_t chance(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 20) % below;
}

static uint64_t any_entry(void)
{
	uint64_t entry = (uint64_t)chance(FRAMES) << 12;

	entry |= chance(10) ? 1 : 0;
	entry |= chance(4) ? 2 : 0;
	entry |= (uint64_t)(chance(2) * 0x20 + chance(2) * 0x40 + chance(2) * 4);
	if (!chance(60))
		entry |= 0x80;
	if (!chance(3))
		entry |= UINT64_C(1) << 63;
	return chance(4) ? entry : 0;
}

/* The same few slots again and again, so that whole trees grow. */
static int any_slot(void)
{
	return (int)(chance(10) < 7 ? chance(2) : chance(SLOTS));
}

struct step { struct mmu_op op; int slots[4]; int slot; };

static struct step any_step(const struct world *w)
{
	struct step s = { .op = { .verdict = MMU_VERDICT_UNKNOWN, .has_ptr = true,
				  .foreign = DOMID_SELF_WORD } };
	uint32_t pick = chance(100);

	s.op.mfn = to_mfn(chance(FRAMES));
	s.op.pfn = to_pfn(MMU_NO_FRAME);
	s.op.val = any_entry();
	s.slot = any_slot();
	for (int i = 0; i < 4; i++)
		s.slots[i] = any_slot();
	if (pick < 55 || (pick < 75 && w->base < 0)) {
		s.op.kind = MMU_UPDATE;
		s.op.command = chance(5) ? MMU_NORMAL : MMU_PRESERVE_AD;
		s.op.ptr = s.op.mfn.n << 12 | (uint64_t)slot_number[s.slot] << 3;
	} else if (pick < 75) {
		s.op.kind = pick < 68 ? MMU_VA_MAPPING : MMU_STORE;
		for (int i = 0; i < 4; i++)
			s.op.ptr = s.op.ptr << 9 | slot_number[s.slots[i]];
		s.op.ptr = s.op.ptr << 12;
		if (s.op.kind == MMU_STORE)
			s.op.ptr |= (uint64_t)slot_number[s.slot] << 3;
	} else if (pick < 88) {
		s.op.kind = MMU_PIN;
		s.op.level = (uint8_t)(1 + chance(4));
	} else if (pick < 94) {
		s.op.kind = MMU_UNPIN;
	} else if (pick < 97) {
		s.op.kind = MMU_NEW_BASE;
	} else {
		s.op.kind = MMU_NEW_USER_BASE;
		if (!chance(3))
			s.op.mfn = to_mfn(0);
	}
	return s;
}

/* 1: taken, 0: refused, -1: makes no sense here. */
static int model_step(struct world *w, const struct step *s)
{
	int frame = (int)s->op.mfn.n, at;
	uint64_t entry = s->op.val;

	switch (s->op.kind) {
	case MMU_UPDATE:
		if (s->op.command == MMU_PRESERVE_AD)
			entry |= w->frame[frame].entry[s->slot] & 0x60;
		return set(w, frame, s->slot, entry);
	case MMU_VA_MAPPING:
		at = walk(w, s->slots, 3);
		return at < 0 ? 0 : set(w, at, s->slots[3], entry);
	case MMU_STORE:
		at = walk(w, s->slots, 4);
		return at < 0 ? -1 : set(w, at, s->slot, entry);
	case MMU_PIN:
		if (!want(w, frame, s->op.level) || w->frame[frame].pinned)
			return 0;
		return w->frame[frame].pinned = 1;
	case MMU_UNPIN:
		if (!w->frame[frame].pinned)
			return 0;
		w->frame[frame].pinned = 0;
		drop(w, frame);
		return 1;
	case MMU_NEW_BASE:
		return load(w, &w->base, frame);
	default:
		return load(w, &w->user_base, frame ? frame : -1);
	}
}

/* --- both ------------------------------------------------------------------------ */

static struct mmu_judgement last;
static int judgements;

static void remember(void *context, const struct mmu_queued *queued,
		     const struct mmu_judgement *judgement)
{
	(void)context;
	(void)queued;
	last = *judgement;
	judgements++;
}

static void differ(uint64_t number, const struct step *s, const char *what, int frame,
		   long engine, long model)
{
	fprintf(stderr, "operation %llu %s mfn %llx ptr %llx val %llx level %u: %s of frame %d: "
		"engine %ld, model %ld\n", (unsigned long long)number, mmu_op_name(s->op.kind),
		(unsigned long long)s->op.mfn.n, (unsigned long long)s->op.ptr,
		(unsigned long long)s->op.val, s->op.level, what, frame, engine, model);
	fail();
}

static void compare(const struct mmu *mmu, const struct world *w, uint64_t number,
		    const struct step *s)
{
	for (int i = 0; i < FRAMES; i++) {
		const struct frame *f = &w->frame[i];
		struct mmu_state state;

		mmu_state_of(mmu, (uint64_t)i, &state);
		if ((int)state.count != f->count)
			differ(number, s, "count", i, state.count, f->count);
		if (f->count && (int)state.type != f->type)
			differ(number, s, "type", i, state.type, f->type);
		if ((int)state.pinned != f->pinned)
			differ(number, s, "pin", i, state.pinned, f->pinned);
		if ((int)state.ro != f->ro)
			differ(number, s, "read-only mappings", i, state.ro, f->ro);
		for (int slot = 0; slot < SLOTS; slot++)
			if (mmu_entry_of(mmu, (uint64_t)i, slot_number[slot]) != f->entry[slot])
				differ(number, s, "an entry", i,
				       (long)mmu_entry_of(mmu, (uint64_t)i, slot_number[slot]),
				       (long)f->entry[slot]);
	}
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *words = getenv(name);

	return words ? strtoull(words, NULL, 0) : otherwise;
}

/* One universe from its beginning; counts the refused. */
static uint64_t run_universe(uint64_t operations)
{
	static struct world w, before;
	/* The twin is watched by nobody and judges in batches, so that it takes the short
	 * way where it can. */
	struct mmu *mmu = mmu_new(true), *twin = mmu_new(true);
	uint64_t refused = 0;

	assert_non_null(mmu);
	assert_non_null(twin);
	memset(&w, 0, sizeof(w));
	w.base = w.user_base = -1;
	mmu_observe(mmu, remember, NULL, true);
	for (uint64_t n = 0; n < operations; n++) {
		struct step s = any_step(&w);
		int answer, contrary = !chance(20);

		before = w;
		w.linear = 0;
		answer = model_step(&w, &s);
		if (answer < 0 || w.linear) {
			w = before;
			continue;
		}
		if (!answer)
			w = before;
		/* Half carry the answer; some the contrary: refused for a reason
		 * that the rules do not know. */
		if (answer && contrary) {
			s.op.verdict = -1;
			w = before;
		} else if (chance(2)) {
			s.op.verdict = answer ? 0 : -22;
		}
		judgements = 0;
		mmu_queue(mmu, &s.op, &LOC_NONE, 0);
		mmu_flush(mmu);
		assert_int_equal(judgements, 1);
		if (last.answer == MMU_UNSURE || (last.answer == MMU_ACCEPT) != answer)
			differ(n, &s, "answer", (int)s.op.mfn.n, last.answer == MMU_ACCEPT, answer);
		compare(mmu, &w, n, &s);
		s.op.foreign = DOMID_SELF_WORD;
		mmu_queue(twin, &s.op, &LOC_NONE, 0);
		if (!chance(10)) {
			mmu_flush(twin);
			compare(twin, &w, n, &s);
		}
		refused += !answer;
	}
	mmu_flush(twin);
	assert_memory_equal(mmu_counts(mmu), mmu_counts(twin), sizeof(struct mmu_counts));
	mmu_free(mmu);
	mmu_free(twin);
	return refused;
}

static void like_the_model(void **state)
{
	uint64_t operations = number_from("MMU_OPS", 100000), done = 0, refused = 0;
	uint64_t seed = number_from("MMU_SEED", 39);

	(void)state;
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	while (done < operations) {
		uint64_t some = operations - done < 5000 ? operations - done : 5000;

		refused += run_universe(some);
		done += some;
	}
	/* A sequence in which little is refused would test little. */
	assert_true(refused > operations / 20);
	assert_true(refused < operations * 19 / 20);
}

/* --- what a late or lossy trace may and may not prove ------------------------------ */

static void one(struct mmu *mmu, struct mmu_op op)
{
	op.foreign = DOMID_SELF_WORD;
	mmu_queue(mmu, &op, &LOC_NONE, 0);
	mmu_flush(mmu);
}

static struct mmu_op pin(uint64_t mfn, unsigned level, int verdict)
{
	return (struct mmu_op){ .kind = MMU_PIN, .mfn = { mfn }, .pfn = { MMU_NO_FRAME },
				.level = (uint8_t)level, .verdict = verdict };
}

static struct mmu_op update(uint64_t mfn, unsigned slot, uint64_t val, int verdict)
{
	return (struct mmu_op){ .kind = MMU_UPDATE, .has_ptr = true, .verdict = verdict,
				.ptr = mfn << 12 | slot << 3, .val = val,
				.mfn = { MMU_NO_FRAME }, .pfn = { MMU_NO_FRAME } };
}

static struct mmu *late(void)
{
	struct mmu *mmu = mmu_new(false);

	assert_non_null(mmu);
	mmu_observe(mmu, remember, NULL, true);
	return mmu;
}

static void unknown_stays_unknown(void **state)
{
	struct mmu *mmu = late();

	(void)state;
	one(mmu, pin(5, 1, MMU_VERDICT_UNKNOWN));
	assert_int_equal(last.answer, MMU_UNSURE);
	one(mmu, update(6, 0, 0x7063, MMU_VERDICT_UNKNOWN));
	assert_int_equal(last.answer, MMU_UNSURE);
	assert_int_equal(mmu_counts(mmu)->unanswered, 2);
	assert_int_equal(mmu_counts(mmu)->agreed, 0);
	mmu_free(mmu);
}

/* An accepted pin is learned; from then on the rules know. */
static void xens_answer_teaches(void **state)
{
	struct mmu *mmu = late();

	(void)state;
	one(mmu, pin(5, 1, 0));
	assert_int_equal(last.answer, MMU_UNSURE);
	one(mmu, pin(6, 1, 0));
	one(mmu, update(5, 3, 0x6063, -16));       /* maps the L1 at 6 writable */
	assert_int_equal(last.answer, MMU_REFUSE);
	assert_int_equal(last.breach, MMU_BREACH_TYPE);
	assert_int_equal(last.culprit, 6);
	assert_int_equal(last.saw, MMU_L1);
	assert_int_equal(last.wanted, MMU_WRITABLE);
	assert_int_equal(last.table, 5);
	assert_int_equal(last.slot, 3);
	one(mmu, update(5, 3, 0x6061, 0));         /* read-only is free */
	assert_int_not_equal(last.answer, MMU_REFUSE);
	assert_int_equal(mmu_counts(mmu)->agreed, 2);
	assert_int_equal(mmu_counts(mmu)->disagreed, 0);
	mmu_free(mmu);
}

static void disagreement_is_counted(void **state)
{
	struct mmu *mmu = late();
	struct mmu_state frame;

	(void)state;
	one(mmu, pin(5, 1, 0));
	one(mmu, pin(6, 1, 0));
	one(mmu, update(5, 3, 0x6063, 0));         /* no Xen does that */
	assert_int_equal(mmu_counts(mmu)->disagreed, 1);
	assert_true(mmu_state_of(mmu, 6, &frame));
	assert_int_equal(frame.type, MMU_WRITABLE);
	assert_false(frame.exact);
	mmu_free(mmu);
}

/* Entries of a page that is no table yet cost nothing until it becomes one. */
static void latent_entries_count_at_once(void **state)
{
	struct mmu *mmu = mmu_new(true);
	struct mmu_mapping found[4];
	struct mmu_state frame;

	(void)state;
	mmu_observe(mmu, remember, NULL, true);
	one(mmu, update(5, 0, 0x7063, 0));
	one(mmu, update(5, 9, 0x7063, 0));
	mmu_state_of(mmu, 7, &frame);
	assert_int_equal(frame.count, 0);
	assert_int_equal(mmu_mappings_of(mmu, 7, found, 4), 0);
	one(mmu, pin(5, 1, 0));
	mmu_state_of(mmu, 7, &frame);
	assert_int_equal(frame.type, MMU_WRITABLE);
	assert_int_equal(frame.count, 2);
	assert_int_equal(mmu_mappings_of(mmu, 7, found, 4), 2);
	assert_int_equal(found[1].slot, 9);
	one(mmu, pin(7, 1, -22));
	assert_int_equal(last.answer, MMU_REFUSE);
	assert_int_equal(last.saw_count, 2);
	mmu_free(mmu);
}

static void lost_operations_prove_nothing(void **state)
{
	struct mmu *mmu = late();

	(void)state;
	one(mmu, pin(5, 1, 0));
	one(mmu, pin(6, 1, 0));
	one(mmu, (struct mmu_op){ .kind = MMU_OPS_LOST, .mfn = { MMU_NO_FRAME },
				  .pfn = { MMU_NO_FRAME } });
	one(mmu, update(5, 3, 0x6063, 0));
	assert_int_equal(last.answer, MMU_UNSURE);
	assert_int_equal(mmu_counts(mmu)->disagreed, 0);
	mmu_free(mmu);
}

/* What a table held is not known when its page was writable since; nor does another that
 * is kept in the same memory hold it. */
static void contents_do_not_outlive_a_table(void **state)
{
	struct mmu *mmu = late();

	(void)state;
	one(mmu, pin(5, 1, 0));
	one(mmu, update(5, 3, 0x9063, 0));
	one(mmu, (struct mmu_op){ .kind = MMU_UNPIN, .mfn = { 5 }, .pfn = { MMU_NO_FRAME } });
	assert_int_equal(mmu_entry_of(mmu, 5, 3), 0x9063);
	one(mmu, pin(6, 1, 0));
	one(mmu, update(6, 0, 0x5063, 0));
	assert_int_equal(mmu_entry_of(mmu, 5, 3), MMU_UNKNOWN_ENTRY);
	one(mmu, update(8, 4, 0, 0));
	assert_int_equal(mmu_entry_of(mmu, 8, 3), MMU_UNKNOWN_ENTRY);
	assert_int_equal(mmu_entry_of(mmu, 8, 4), 0);
	one(mmu, update(5, 7, 0, 0));
	assert_int_equal(mmu_entry_of(mmu, 5, 3), MMU_UNKNOWN_ENTRY);
	assert_int_equal(mmu_entry_of(mmu, 8, 7), MMU_UNKNOWN_ENTRY);
	mmu_free(mmu);
}

/* The invalid frame is refused, and that is no reason to doubt anything. */
static void the_invalid_frame_is_refused(void **state)
{
	struct mmu *mmu = late();

	(void)state;
	one(mmu, pin(5, 1, 0));
	one(mmu, update(5, 3, 0x800ffffffffff063, -22));
	assert_int_equal(last.answer, MMU_REFUSE);
	assert_int_equal(last.breach, MMU_BREACH_OWNER);
	assert_int_equal(mmu_counts(mmu)->agreed_refused, 1);
	assert_int_equal(mmu_counts(mmu)->disagreed, 0);
	mmu_free(mmu);
}

static void absurd_frames_are_no_allocation(void **state)
{
	struct mmu *mmu = late();
	struct loc at;

	(void)state;
	one(mmu, pin(UINT64_C(1) << 40, 1, 0));
	assert_int_equal(last.answer, MMU_UNSURE);
	assert_int_equal(last.doubt, MMU_DOUBT_BOUND);
	one(mmu, update(5, 0, 0x000fffffffffe063, 0));
	assert_true(mmu_lost(mmu, &at) >= 1);
	mmu_free(mmu);
}

/* --- the short way ----------------------------------------------------------------- */

#define DIRECT_MAP UINT64_C(0xffff888000000000)
#define PFN_OF(mfn) ((mfn) + 0x100)

#define TABLES 10             /* frames below it: the others have no contents */

static uint64_t any_address(void)
{
	uint64_t page = PFN_OF(chance(TABLES)), va = 0;

	if (chance(3))
		return DIRECT_MAP + (page << 12) + slot_number[any_slot()] * 8;
	for (int i = 0; i < 4; i++)
		va = va << 9 | (chance(9) ? 0 : slot_number[any_slot()]);
	return va << 12 | slot_number[any_slot()] * 8;
}

static uint64_t any_late_entry(void)
{
	uint64_t entry = any_entry();

	return entry && chance(2) ? entry % (TABLES << 12) : entry;
}

static uint64_t any_slot_address(void)
{
	return (uint64_t)chance(TABLES) << 12 | slot_number[any_slot()] * 8;
}

/* What real traces are made of, told late and in part. */
static struct mmu_op any_late_op(void)
{
	static const int32_t verdicts[] = { 0, 0, 0, MMU_VERDICT_UNKNOWN, MMU_VERDICT_UNKNOWN, -22 };
	struct mmu_op op = { .verdict = verdicts[chance(6)], .has_ptr = true,
			     .foreign = chance(50) ? DOMID_SELF_WORD : 3,
			     .mfn = { chance(FRAMES) }, .pfn = { MMU_NO_FRAME }, .val = any_late_entry() };
	uint32_t pick = chance(100);

	if (!chance(30))
		op.val = chance(2) ? MMU_UNKNOWN_ENTRY : op.val & ~UINT64_C(1);
	op.partial = op.verdict == MMU_VERDICT_UNKNOWN && chance(2);
	if (pick < 40) {
		op.kind = MMU_UPDATE;
		op.command = chance(9) ? MMU_NORMAL : MMU_PRESERVE_AD;
		op.ptr = any_slot_address();
	} else if (pick < 75) {
		op.kind = pick < 60 ? MMU_STORE : pick < 65 ? MMU_PTWR : MMU_VA_MAPPING;
		op.ptr = any_address();
		op.has_ptr = chance(20) != 0;
	} else if (pick < 85) {
		op.kind = pick < 82 ? MMU_PIN : MMU_UNPIN;
		op.level = (uint8_t)(1 + chance(3) % 3 * chance(2));
	} else if (pick < 87) {
		op.kind = MMU_NEW_BASE;
		op.vcpu = chance(4) == 0;
		op.mfn = to_mfn(chance(8) ? chance(TABLES) : MMU_NO_FRAME);
	} else {
		op.kind = pick < 91 ? MMU_TABLE_TAKEN : pick < 93 ? MMU_TABLE_DROPPED : MMU_P2M;
		op.pfn = to_pfn(chance(9) ? PFN_OF(op.mfn.n) : PFN_OF(chance(FRAMES)));
	}
	return op;
}

static void same_mappings(const struct mmu *a, const struct mmu *b, uint64_t mfn)
{
	struct mmu_mapping found[64], other[64];
	uint32_t count = mmu_mappings_of(a, mfn, found, 64);

	memset(found, 0, sizeof(found));
	memset(other, 0, sizeof(other));
	assert_int_equal(mmu_mappings_of(a, mfn, found, 64), count);
	assert_int_equal(mmu_mappings_of(b, mfn, other, 64), count);
	for (uint32_t i = 0; i < count && i < 64; i++) {
		assert_int_equal(found[i].table, other[i].table);
		assert_int_equal(found[i].slot, other[i].slot);
		assert_int_equal(found[i].entry, other[i].entry);
		assert_int_equal(found[i].at.offset, other[i].at.offset);
	}
}

static void same_state(const struct mmu *a, const struct mmu *b)
{
	assert_memory_equal(mmu_counts(a), mmu_counts(b), sizeof(struct mmu_counts));
	for (uint64_t mfn = 0; mfn < FRAMES; mfn++) {
		struct mmu_state state, other;

		memset(&state, 0, sizeof(state));
		memset(&other, 0, sizeof(other));
		assert_int_equal(mmu_state_of(a, mfn, &state), mmu_state_of(b, mfn, &other));
		assert_memory_equal(&state, &other, sizeof(state));
		assert_int_equal(mmu_is_guests(a, mfn), mmu_is_guests(b, mfn));
		for (int slot = 0; slot < SLOTS; slot++)
			assert_int_equal(mmu_entry_of(a, mfn, slot_number[slot]),
					 mmu_entry_of(b, mfn, slot_number[slot]));
		same_mappings(a, b, mfn);
	}
}

/* Of one trace, one engine is watched and judges each operation alone, the long way;
 * the other judges in batches, the short way where it can. */
static void late_universe(uint64_t operations, bool from_start)
{
	struct mmu *watched = late(), *quick = mmu_new(false);
	struct mmu_op op = any_late_op();

	assert_non_null(quick);
	for (int i = 0; from_start && i < 2; i++) {
		struct mmu *mmu = i ? watched : quick;

		mmu_direct_map(mmu, pfn_range(0x100, 0x110));
		mmu_set_from_start(mmu, true);
	}
	for (uint64_t n = 0; n < operations; n++) {
		struct loc at = { .offset = n, .line = (uint32_t)n + 1 };

		/* Operations of one form come in runs. */
		if (!chance(12) || op.kind > MMU_STORE)
			op = any_late_op();
		op.val = chance(30) ? any_late_entry() : op.val;
		op.ptr = op.kind == MMU_UPDATE ? any_slot_address() : any_address();
		mmu_queue(watched, &op, &at, 0);
		mmu_flush(watched);
		mmu_queue(quick, &op, &at, 0);
		if (chance(40))
			continue;
		mmu_flush(quick);
		same_state(watched, quick);
	}
	mmu_free(watched);
	mmu_free(quick);
}

static void the_short_way_is_no_other(void **state)
{
	uint64_t operations = number_from("MMU_OPS", 100000);
	uint64_t seed = number_from("MMU_SEED", 39);

	(void)state;
	random_state = seed * UINT64_C(0xd1342543de82ef95) | 1;
	for (uint64_t done = 0; done < operations; done += 2000)
		late_universe(2000, chance(3) == 0);
}

/* Frame 0x20 is a page of the direct map, announced and never made read-only; that it is
 * refused as a table tells whether the engine takes the trace to begin with the boot. */
static bool takes_for_the_start(const struct mmu_op *ops, size_t count)
{
	struct mmu *mmu = mmu_new(false);
	struct mmu_op pin = { .kind = MMU_PIN, .level = 1, .verdict = MMU_VERDICT_UNKNOWN,
			      .mfn = to_mfn(0x20), .pfn = to_pfn(MMU_NO_FRAME) };
	struct mmu_op taken = { .kind = MMU_TABLE_TAKEN, .level = 1, .mfn = to_mfn(0x20),
				.pfn = to_pfn(0x20) };
	struct loc at = { .line = 1 };
	bool refused;

	assert_non_null(mmu);
	mmu_set_maps_writable(mmu);
	for (size_t i = 0; i < count; i++)
		mmu_queue(mmu, &ops[i], &at, 0);
	mmu_direct_map(mmu, pfn_range(0, 0x100));
	mmu_queue(mmu, &taken, &at, 0);
	mmu_queue(mmu, &pin, &at, 0);
	mmu_flush(mmu);
	refused = mmu_counts(mmu)->untold_refused > 0;
	mmu_free(mmu);
	return refused;
}

static void the_start_is_shown(void **state)
{
	struct mmu_op ops[] = {
		{ .kind = MMU_VA_MAPPING, .has_ptr = true, .ptr = UINT64_C(0xffffffff81a0a000),
		  .val = 0xa061 },
		{ .kind = MMU_PIN, .level = 4, .mfn = to_mfn(0xa) },
		{ .kind = MMU_UNPIN, .mfn = to_mfn(0xb) },
		{ .kind = MMU_PIN, .level = 3, .mfn = to_mfn(0xc) },
		{ .kind = MMU_NEW_BASE, .mfn = to_mfn(0xa) },
	};

	(void)state;
	assert_true(takes_for_the_start(ops, ARRAY_LEN(ops)));
	/* The beginning is missing; a step of it is. */
	assert_false(takes_for_the_start(ops + 1, ARRAY_LEN(ops) - 1));
	assert_false(takes_for_the_start(ops + 2, ARRAY_LEN(ops) - 2));
	assert_false(takes_for_the_start(ops, ARRAY_LEN(ops) - 1));
	/* A process: two roots; the root that is unpinned is its own. */
	ops[3].level = 4;
	assert_false(takes_for_the_start(ops, ARRAY_LEN(ops)));
	ops[3].level = 3;
	ops[2].mfn = to_mfn(0xa);
	assert_false(takes_for_the_start(ops, ARRAY_LEN(ops)));
	ops[2].mfn = to_mfn(0xb);
	ops[4].mfn = to_mfn(0xd);
	assert_false(takes_for_the_start(ops, ARRAY_LEN(ops)));
	ops[4].mfn = to_mfn(0xa);
	ops[4].verdict = -22;
	assert_false(takes_for_the_start(ops, ARRAY_LEN(ops)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_the_model),
		cmocka_unit_test(the_short_way_is_no_other),
		cmocka_unit_test(unknown_stays_unknown),
		cmocka_unit_test(xens_answer_teaches),
		cmocka_unit_test(disagreement_is_counted),
		cmocka_unit_test(the_start_is_shown),
		cmocka_unit_test(latent_entries_count_at_once),
		cmocka_unit_test(lost_operations_prove_nothing),
		cmocka_unit_test(contents_do_not_outlive_a_table),
		cmocka_unit_test(the_invalid_frame_is_refused),
		cmocka_unit_test(absurd_frames_are_no_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
