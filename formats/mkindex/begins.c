/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines that are of no row. */
#include "formats/mkindex/mkindex.h"

/* Some of a line's first bytes, as its first two call for, are hashed, and a byte tells
 * whether any row begins so. The fewer rows begin with the two, the more bytes; where a
 * number may stand, the seventh byte tells more than the third. */
uint64_t begin_mask[BEGINNINGS];
bool begins[1u << BEGIN_BITS];

#define FIRST(n) (UINT64_MAX >> (64 - 8 * (n)))
#define NUMBER (FIRST(2) | UINT64_C(0xff) << 48)
static const uint64_t masks[] = { FIRST(1), FIRST(2), FIRST(3), FIRST(4), FIRST(5), FIRST(6),
				  FIRST(7), FIRST(8), NUMBER };
#define MASKS (sizeof(masks) / sizeof(*masks))
static double begin_variants[MASKS][1u << 16];   /* by mask, first two bytes */

static bool masked(uint64_t mask, unsigned byte)
{
	return mask >> 8 * byte & 1;
}

/* Bytes at which the hot loop looks closer, whatever the rows are. */
unsigned always(unsigned byte)
{
	/* Blanks; what begins a clock, a level, a quoted or diffed line; control
	 * bytes and line noise. */
	if (byte < 0x20 || byte >= 0x7f || strchr(" [(<>+-|{", (int)byte))
		return byte == '\n' ? 0 : CLASS_AGAIN;
	return 0;
}

static double variants_of(const struct path *path, uint64_t mask)
{
	double variants = 1;

	for (unsigned i = 2; i < path->bytes; i++)
		if (masked(mask, i))
			variants *= set_size(&path->sets[i]);
	return variants;
}

static void take_begin_variants(struct path *path)
{
	for (unsigned m = 0; m < MASKS; m++) {
		double variants = variants_of(path, masks[m]);

		for (unsigned first = 0; first < 256; first++)
			for (unsigned second = 0; second < 256 && set_has(&path->sets[0], first); second++)
				if (set_has(&path->sets[1], second))
					begin_variants[m][first | second << 8] += variants;
	}
}

static void add_begins(const struct path *path, unsigned depth, uint64_t begin)
{
	uint64_t mask = depth < 2 ? FIRST(2) : begin_mask[begin & (BEGINNINGS - 1)];

	if (depth == path->bytes) {
		begins[(begin & mask) * BEGIN_MULTIPLIER >> (64 - BEGIN_BITS)] = true;
		return;
	}
	for (unsigned byte = 0; byte < 256; byte++) {
		if (!set_has(&path->sets[depth], byte))
			continue;
		add_begins(path, depth + 1, begin | (uint64_t)byte << 8 * depth);
		if (!masked(mask, depth))
			break;   /* any will do */
	}
}

static void take_begins(struct path *path)
{
	add_begins(path, 0, 0);
}

/* All ways that lines can begin which are worth more than a glance. */
static void walk_begins(void (*take)(struct path *path))
{
	struct path path = { .bytes = BEGIN_BYTES, .take = take };

	for (unsigned r = 0; r < row_count; r++) {
		walk(&path, rows[r].pattern, false, 0);
		path.no_letters |= !strncmp(rows[r].pattern, "<x>", 3) ||
				   !strncmp(rows[r].pattern, "<range>", 7);
	}
}

/* How many variants a mask has, of the first two bytes that have most of those that are
 * of one kind. */
static double most_variants(unsigned m, unsigned kind)
{
	double most = 0;

	for (unsigned two = kind; two < 1u << 16; two += BEGINNINGS)
		if (begin_variants[m][two] > most)
			most = begin_variants[m][two];
	return most;
}

/* The mask of most bytes that has few. */
static uint64_t choose_mask(unsigned kind)
{
	unsigned m = MASKS - 2;

	if (always(kind & 0xff))
		return FIRST(1);
	while (m > 1 && most_variants(m, kind) > BEGIN_VARIANTS_MAX)
		m--;
	return m < 6 && most_variants(MASKS - 1, kind) <= BEGIN_VARIANTS_MAX ? NUMBER : masks[m];
}

void index_begins(void)
{
	walk_begins(take_begin_variants);
	for (unsigned kind = 0; kind < BEGINNINGS; kind++)
		begin_mask[kind] = choose_mask(kind);
	walk_begins(take_begins);
	for (unsigned byte = 0; byte < 256; byte++)
		if (always(byte))
			begins[byte * BEGIN_MULTIPLIER >> (64 - BEGIN_BITS)] = true;
}
