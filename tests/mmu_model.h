/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A slow, plain model of the type engine's rules: arrays, a copy of everything before
 * each operation, put back when it is refused. It shares nothing with the engine but
 * the numbers of an operation. */
#ifndef TESTS_MMU_MODEL_H
#define TESTS_MMU_MODEL_H

#include <stdint.h>
#include <string.h>

#define FRAMES 28
#define SLOTS 6
/* Two of the hypervisor's own root slots are among them. */
static const unsigned slot_number[SLOTS] = { 0, 1, 255, 256, 271, 511 };

enum { NONE, L1, L2, L3, L4, WRITABLE };

struct frame {
	int type, count, ro;
	int pinned;
	uint64_t entry[SLOTS];
};

struct world {
	struct frame frame[FRAMES];
	int base, user_base;      /* frame, or -1 */
	int linear;               /* an operation touched a linear map: not modelled */
};

static int target_of(uint64_t entry)
{
	return (int)(entry >> 12 & 0xfffff);
}

static int want(struct world *w, int frame, int type);

/* Takes what an entry of a table names. 0: refused. */
static int take(struct world *w, int table, int level, uint64_t entry)
{
	int target = target_of(entry);

	if (!(entry & 1))
		return 1;
	if (level == 1) {
		if (entry & 2)
			return want(w, target, WRITABLE);
		w->frame[target].ro++;
		return 1;
	}
	if (entry & 0x80)
		return 0;
	if (target == table || (w->frame[target].count && w->frame[target].type == level)) {
		if (entry & 2)
			return 0;
		if (target != table)
			w->linear = 1;
		return 1;
	}
	return want(w, target, level - 1);
}

static int is_xens(int level, int slot)
{
	return level == 4 && slot_number[slot] >= 256 && slot_number[slot] <= 271;
}

static int want(struct world *w, int frame, int type)
{
	struct frame *f = &w->frame[frame];

	if (f->count && f->type != type)
		return 0;
	if (f->count++)
		return 1;
	f->type = type;
	if (type == WRITABLE)
		return 1;
	for (int slot = 0; slot < SLOTS; slot++)
		if (!is_xens(type, slot) && !take(w, frame, type, f->entry[slot]))
			return 0;
	return 1;
}

static void drop(struct world *w, int frame);

static void let_go(struct world *w, int table, int level, uint64_t entry)
{
	if (!(entry & 1))
		return;
	if (level == 1 && !(entry & 2))
		w->frame[target_of(entry)].ro--;
	else if (level == 1 || target_of(entry) != table)
		drop(w, target_of(entry));
}

static void drop(struct world *w, int frame)
{
	struct frame *f = &w->frame[frame];

	if (--f->count || f->type == WRITABLE)
		return;
	for (int slot = 0; slot < SLOTS; slot++)
		if (!is_xens(f->type, slot))
			let_go(w, frame, f->type, f->entry[slot]);
}

static int set(struct world *w, int table, int slot, uint64_t entry)
{
	struct frame *f = &w->frame[table];
	uint64_t old = f->entry[slot];

	if (!f->count || f->type == WRITABLE) {
		f->entry[slot] = entry;
		return 1;
	}
	if (is_xens(f->type, slot) || !take(w, table, f->type, entry))
		return 0;
	f->entry[slot] = entry;
	let_go(w, table, f->type, old);
	return 1;
}

static int load(struct world *w, int *base, int frame)
{
	int old = *base;

	if (old == frame)
		return 1;
	if (frame >= 0 && !want(w, frame, L4))
		return 0;
	*base = frame;
	if (old >= 0)
		drop(w, old);
	return 1;
}

/* A frame, or -1 where nothing is mapped. */
static int walk(const struct world *w, const int slots[4], int depth)
{
	int at = w->base;

	for (int i = 0; i < depth && at >= 0; i++) {
		uint64_t entry = w->frame[at].entry[slots[i]];

		at = entry & 1 ? target_of(entry) : -1;
	}
	return at;
}

#endif
