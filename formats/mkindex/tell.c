/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Of rows that begin alike, which to try: one byte of the line tells. */
#include "formats/mkindex/mkindex.h"

/* By the byte's low five bits: a bit for each candidate that a line with it may be of. */
uint32_t tells[TELLS_MAX][32];
unsigned tells_count;

static void add_bytes(uint32_t *told, const char *bytes, uint32_t bit)
{
	for (; *bytes; bytes++)
		told[*bytes & 31] |= bit;
}

/* Adds a row's bit to each byte that its lines can have at `offset`. */
static void add_row(uint32_t *told, const char *pattern, unsigned offset, uint32_t bit)
{
	unsigned literal = (unsigned)strcspn(pattern, "< \t");

	if (offset < literal) {
		told[pattern[offset] & 31] |= bit;
	} else if (!offset) {
		add_bytes(told, "0123456789", bit);
		add_bytes(told, pattern[1] == 'd' ? "-" : "abcdef", bit);
	} else {
		for (unsigned i = 0; i < 32; i++)
			told[i] |= bit;
	}
}

/* What a byte at `offset` tells. Returns how many rows are left to try, added up over the
 * rows that a line may be of. */
static double tell_at(const struct slot *slot, unsigned offset, uint32_t *told)
{
	double left = 0;

	memset(told, 0, 32 * sizeof(*told));
	for (unsigned i = 0; i < slot->count; i++)
		add_row(told, rows[candidates[slot->first + i].row].pattern, offset, UINT32_C(1) << i);
	for (unsigned i = 0; i < slot->count; i++) {
		unsigned bytes = 0, tried = 0;

		for (unsigned byte = 0; byte < 32; byte++)
			if (told[byte] >> i & 1) {
				bytes++;
				tried += (unsigned)__builtin_popcount(told[byte]);
			}
		left += (double)tried / bytes;
	}
	return left;
}

void choose_tell(struct slot *slot)
{
	double best = slot->count + 1.0;
	uint32_t told[32];

	best *= slot->count;
	for (unsigned offset = 0; slot->count > 1 && offset <= TELL_AT_MAX; offset++) {
		double left = tell_at(slot, offset, told);

		if (left < best) {
			best = left;
			slot->tell_at = offset;
		}
	}
	tell_at(slot, slot->count > 1 ? slot->tell_at : TELL_AT_MAX, told);
	for (slot->tells = 0; slot->tells < tells_count; slot->tells++)
		if (!memcmp(tells[slot->tells], told, sizeof(told)))
			return;
	if (tells_count == TELLS_MAX)
		fail("mkindex", 0, "too many keys");
	memcpy(tells[tells_count++], told, sizeof(told));
}
