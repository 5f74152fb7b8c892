/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Xen's type_info words, as printed by "Bad type (saw X != exp Y)".
 *
 *             63   61 60 59 58 57 56 55            0
 *    <= 3.4   |type | P | V |pae|part|lck|  count   |   3 bits of type
 *             63     60 59 58 57 56 55
 *    4.0-4.9  |  type   | P | V |pae|part|lck|count |   4 bits of type
 *             63   61 60 59 58 57 56 55
 *    >= 4.10  |type |lck| P | V |pae|part|nc | count|   3 bits of type
 *
 * Up to 3.3 the word is 32 bits wide even on 64-bit builds (printed with
 * leading zeros); 32-bit builds print 8 digits. Both are shifted up here.
 * Source: Xen xen/include/asm-x86/mm.h 3.4, 4.0, 4.9, 4.10, 4.17 (eb063a09b3,
 * 38edca187d, 1ae4be859b). */
#include "core/replay.h"

#define BIT64(n) (UINT64_C(1) << (n))

/* A word as 64 bits, and how far its count was shifted up. */
static uint64_t widen(struct type_word word, unsigned *shift)
{
	bool narrow = word.digits <= 8 || !(word.raw >> 32);

	*shift = narrow ? 32 : 0;
	return word.raw << *shift;
}

static enum type_layout layout_by_version(const struct hypervisor *xen)
{
	if (!xen->known)
		return LAYOUT_UNKNOWN;
	if (xen->major < 3 || (xen->major == 3 && xen->minor < 4))
		return LAYOUT_XEN_3_3;
	if (xen->major == 3)
		return LAYOUT_XEN_3_4;
	if (xen->major == 4 && xen->minor < 10)
		return LAYOUT_XEN_4_0;
	return LAYOUT_XEN_4_10;
}

static enum type_kind kind_of(unsigned type, bool four_bits)
{
	static const enum type_kind three[8] = {
		TYPE_NONE, TYPE_L1, TYPE_L2, TYPE_L3, TYPE_L4, TYPE_SEGDESC, TYPE_SHARED,
		TYPE_WRITABLE,
	};

	if (!four_bits)
		return three[type & 7];
	if (type == 7)
		return TYPE_WRITABLE;
	if (type == 8)
		return TYPE_SHARED;
	return type < 6 ? three[type] : TYPE_UNKNOWN;
}

static struct type_info decode_as(struct type_word word, enum type_layout layout)
{
	struct type_info info = { .layout = layout };
	unsigned shift;
	uint64_t w = widen(word, &shift);
	bool four_bits = layout == LAYOUT_XEN_4_0;
	bool old = layout == LAYOUT_XEN_3_3 || layout == LAYOUT_XEN_3_4;
	unsigned pinned = old ? 60 : 59;

	info.kind = kind_of((unsigned)(four_bits ? w >> 60 : w >> 61), four_bits);
	info.pinned = w & BIT64(pinned);
	info.validated = w & BIT64(pinned - 1);
	info.pae_l2 = w & BIT64(pinned - 2);
	info.partial = w & BIT64(pinned - 3);
	info.locked = w & BIT64(layout == LAYOUT_XEN_4_10 ? 60 : pinned - 4);
	info.count = (w & (BIT64(old ? 56 : 55) - 1)) >> shift;
	/* The lock holder counts for one reference while it holds the lock. */
	return info;
}

/* Can a frame be in this state? Not every set of bits makes sense:
 * 7400000000000001 is a writable page to 4.0-4.9, and to 4.10 an L3 table that
 * is locked without the locker's own reference. */
static bool is_plausible(struct type_info info)
{
	bool table = type_is_table(info.kind);

	if (!info.count || info.kind == TYPE_NONE || info.kind == TYPE_UNKNOWN)
		return false;
	if (info.pinned && (!table || !(info.validated || info.partial)))
		return false;
	if (info.pae_l2 && info.kind != TYPE_L2)
		return false;
	if (info.kind == TYPE_WRITABLE && (!info.validated || info.partial))
		return false;
	return !info.locked || (table && info.count > 1);
}

/* Without the version: the one layout that makes sense of the word. 32-bit
 * builds ended with 4.2. */
static enum type_layout the_plausible_one(struct type_word saw)
{
	static const enum type_layout layouts[] = { LAYOUT_XEN_3_4, LAYOUT_XEN_4_0,
						    LAYOUT_XEN_4_10 };
	enum type_layout found = LAYOUT_UNKNOWN;

	for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
		if (layouts[i] == LAYOUT_XEN_4_10 && saw.digits <= 8)
			continue;
		if (!is_plausible(decode_as(saw, layouts[i])))
			continue;
		if (found != LAYOUT_UNKNOWN)
			return LAYOUT_UNKNOWN;
		found = layouts[i];
	}
	return found;
}

enum type_layout type_layout_of(struct type_word saw, struct type_word expected,
				const struct hypervisor *xen)
{
	enum type_layout told = layout_by_version(xen);
	unsigned shift;
	unsigned want = (unsigned)(widen(expected, &shift) >> 60);
	bool three_bits_told = told == LAYOUT_XEN_3_3 || told == LAYOUT_XEN_3_4 ||
			       told == LAYOUT_XEN_4_10;

	/* `expected` is a bare type: an odd top digit cannot be a 3-bit one. */
	if (want & 1)
		return LAYOUT_XEN_4_0;
	if (shift && expected.digits > 8)
		return LAYOUT_XEN_3_3;
	if (want == 0x6 || want == 0xa || want == 0xc || want == 0xe ||
	    widen(saw, &shift) >> 60 == 0xe || widen(saw, &shift) >> 60 == 0xf) {
		if (three_bits_told)
			return told;
		return shift ? LAYOUT_XEN_3_3 : LAYOUT_XEN_4_10;
	}
	return told == LAYOUT_UNKNOWN ? the_plausible_one(saw) : told;
}

struct type_info type_decode(struct type_word word, enum type_layout layout)
{
	struct type_info four, three;

	if (layout != LAYOUT_UNKNOWN)
		return decode_as(word, layout);
	four = decode_as(word, LAYOUT_XEN_4_0);
	three = decode_as(word, LAYOUT_XEN_4_10);
	if (four.kind == three.kind)
		return three;
	three.kind = TYPE_UNKNOWN;
	three.layout = LAYOUT_UNKNOWN;
	return three;
}

const char *type_kind_name(enum type_kind kind)
{
	static const char *const names[] = {
		[TYPE_NONE] = "no type", [TYPE_L1] = "L1 table", [TYPE_L2] = "L2 table",
		[TYPE_L3] = "L3 table", [TYPE_L4] = "L4 table",
		[TYPE_SEGDESC] = "segment descriptor page", [TYPE_WRITABLE] = "writable",
		[TYPE_SHARED] = "shared page", [TYPE_UNKNOWN] = "a type that cannot be told",
	};

	ASSERT((size_t)kind < ARRAY_LEN(names));
	return names[kind];
}
