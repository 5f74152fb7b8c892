/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mkindex/mkindex.h"

struct candidate candidates[CANDIDATES_MAX];
unsigned candidate_count;
struct group groups[ROWS_MAX];
unsigned group_count;

/* ---- classes ---- */

static void add_to_group(struct row *row)
{
	for (row->group = 0; row->group < group_count; row->group++)
		if (!memcmp(groups[row->group].sets, row->sets, sizeof(row->sets)))
			return;
	memcpy(groups[group_count++].sets, row->sets, sizeof(row->sets));
}

/* How many byte combinations a line of either group would be let through by
 * mistake: small when one group is much like the other. */
static double merge_cost(unsigned a, unsigned b)
{
	double first = 1, second = 1, joined = 1;

	for (unsigned i = 0; i < KEY_BYTES; i++) {
		struct byte_set set = groups[a].sets[i];
		first *= set_size(&set);
		second *= set_size(&groups[b].sets[i]);
		set_join(&set, &groups[b].sets[i]);
		joined *= set_size(&set);
	}
	return joined - (first > second ? first : second);
}

static void merge_groups(unsigned a, unsigned b)
{
	for (unsigned i = 0; i < KEY_BYTES; i++)
		set_join(&groups[a].sets[i], &groups[b].sets[i]);
	groups[b] = groups[--group_count];
	for (unsigned r = 0; r < row_count; r++) {
		if (rows[r].group == b)
			rows[r].group = a;
		if (rows[r].group == group_count)
			rows[r].group = b;
	}
}

void group_classes(void)
{
	for (unsigned r = 0; r < row_count; r++) {
		rows[r].group = ROWS_MAX;
		if (rows[r].is_class)
			add_to_group(&rows[r]);
	}
	while (group_count > GROUPS_MAX) {
		unsigned best_a = 0, best_b = 1;
		for (unsigned a = 0; a < group_count; a++)
			for (unsigned b = a + 1; b < group_count; b++)
				if (merge_cost(a, b) < merge_cost(best_a, best_b)) {
					best_a = a;
					best_b = b;
				}
		merge_groups(best_a, best_b);
	}
}

/* ---- candidates ---- */

/* The bytes at `offset` of the lines that `row` can match, up to its first
 * capture or second blank. A blank stands for many: *blank is where the first one
 * is, when it is one of those bytes, else 0. */
static void window_of(unsigned row, unsigned offset, uint64_t *value, uint64_t *mask,
		      unsigned *blank)
{
	const char *p = rows[row].pattern;
	unsigned first = (unsigned)strcspn(p, "< \t"), sure = first;

	*value = *mask = *blank = 0;
	if (p[first] == ' ')
		sure = first + 1 + (unsigned)strcspn(p + first + 1, "< \t");
	for (unsigned i = 0; i < 8 && offset + i < sure; i++) {
		*value |= (uint64_t)(unsigned char)p[offset + i] << 8 * i;
		*mask |= UINT64_C(0xff) << 8 * i;
	}
	if (sure > first && first + 1 < offset + 8 && *mask)
		*blank = first;
}

/* How many pairs of rows a line cannot be of both of. */
static unsigned pairs_told(const uint16_t *list, unsigned count, unsigned offset)
{
	unsigned told = 0;

	for (unsigned i = 0; i < count; i++)
		for (unsigned j = i + 1; j < count; j++) {
			uint64_t a, b, mask_a, mask_b;
			unsigned blank;

			window_of(list[i], offset, &a, &mask_a, &blank);
			window_of(list[j], offset, &b, &mask_b, &blank);
			told += ((a ^ b) & mask_a & mask_b) != 0;
		}
	return told;
}

/* `from`: bytes before it are the key, and tell nothing. */
static void add_candidates(struct slot *slot, const uint16_t *list, unsigned count, unsigned from)
{
	unsigned best = 0;

	slot->window = from;
	for (unsigned offset = from; from && offset <= WINDOW_MAX; offset++) {
		unsigned told = pairs_told(list, count, offset);
		if (told > best) {
			best = told;
			slot->window = offset;
		}
	}
	slot->first = candidate_count;
	slot->count = count;
	if (count > ALIKE_MAX || candidate_count + count > CANDIDATES_MAX)
		fail("mkindex", 0, "too many rows begin alike");
	for (unsigned i = 0; i < count; i++, candidate_count++) {
		candidates[candidate_count].row = list[i];
		window_of(list[i], slot->window, &candidates[candidate_count].value,
			  &candidates[candidate_count].mask, &candidates[candidate_count].blank);
	}
	choose_tell(slot);
}

static int compare_pairs(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;   /* key, row */

	if (x[0] != y[0])
		return x[0] < y[0] ? -1 : 1;
	return (x[1] > y[1]) - (x[1] < y[1]);
}

/* The slot table, its size a power of two at most half full. */
void place_keys(struct slot *slots, unsigned *size)
{
	uint16_t list[ROWS_MAX];
	unsigned keys = 0;

	qsort(pairs, pair_count, sizeof(*pairs), compare_pairs);
	for (unsigned i = 0; i < pair_count; i++)
		keys += !i || pairs[i].key != pairs[i - 1].key;
	for (*size = 16; *size < 2 * keys; *size *= 2)
		;
	for (unsigned i = 0; i < pair_count;) {
		uint32_t key = pairs[i].key;
		unsigned at = (key * HASH_MULTIPLIER >> (32 - SLOT_BITS)) & (*size - 1);
		unsigned real = 0;
		struct slot *slot;

		while (slots[at].count || slots[at].prefix)
			at = (at + 1) & (*size - 1);
		slot = &slots[at];
		slot->key = key;
		for (; i < pair_count && pairs[i].key == key; i++) {
			if (rows[pairs[i].row].marker)
				slot->prefix = true;
			else
				list[real++] = (uint16_t)pairs[i].row;
		}
		add_candidates(slot, list, real, KEY_BYTES);
	}
}

/* May one line be of both groups? */
static bool groups_meet(unsigned a, unsigned b)
{
	for (unsigned i = 0; i < KEY_BYTES; i++) {
		bool common = false;

		for (unsigned byte = 0; byte < 256; byte++)
			common |= set_has(&groups[a].sets[i], byte) && set_has(&groups[b].sets[i], byte);
		if (!common)
			return false;
	}
	return true;
}

/* A reader looks up one group only: its list has the rows of every group that
 * such a line may belong to as well. */
void list_groups(void)
{
	uint16_t list[ROWS_MAX];

	for (unsigned g = 0; g < group_count; g++) {
		unsigned count = 0;
		for (unsigned r = 0; r < row_count; r++)
			if (rows[r].is_class && groups_meet(g, rows[r].group)) {
				if (rows[r].marker)
					groups[g].slot.prefix = true;
				else
					list[count++] = (uint16_t)r;
			}
		add_candidates(&groups[g].slot, list, count, 0);
	}
}
