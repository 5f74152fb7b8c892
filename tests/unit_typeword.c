/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Xen's type words: the vectors of FORMATS 5.3 and of the corpus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/replay.h"

static struct type_word word(const char *digits)
{
	struct type_word w = { 0, 0 };

	for (; *digits; digits++, w.digits++)
		w.raw = w.raw << 4 | (uint64_t)(*digits <= '9' ? *digits - '0' : *digits - 'a' + 10);
	return w;
}

static struct hypervisor version(unsigned major, unsigned minor)
{
	return (struct hypervisor){ .known = major != 0, .major = (uint16_t)major,
				    .minor = (uint16_t)minor };
}

/* major 0: the version is not told. */
static const struct vector {
	const char *saw, *expected;
	unsigned major, minor;
	enum type_layout layout;
	enum type_kind saw_kind, expected_kind;
	bool pinned, validated, locked;
	uint64_t count;
} vectors[] = {
	/* The seed: an odd top digit is a 4-bit type, whoever says so. */
	{ "7400000000000001", "1000000000000000", 0, 0, LAYOUT_XEN_4_0, TYPE_WRITABLE, TYPE_L1,
	  false, true, false, 1 },
	{ "7400000000000010", "1000000000000000", 4, 1, LAYOUT_XEN_4_0, TYPE_WRITABLE, TYPE_L1,
	  false, true, false, 16 },
	{ "1400000000000002", "7000000000000000", 0, 0, LAYOUT_XEN_4_0, TYPE_L1, TYPE_WRITABLE,
	  false, true, false, 2 },
	{ "1c00000000000002", "7000000000000000", 4, 1, LAYOUT_XEN_4_0, TYPE_L1, TYPE_WRITABLE,
	  true, true, false, 2 },
	/* 4.10 and later, with the banner. */
	{ "e400000000000001", "2000000000000000", 4, 17, LAYOUT_XEN_4_10, TYPE_WRITABLE, TYPE_L1,
	  false, true, false, 1 },
	{ "2c00000000000001", "e000000000000000", 4, 17, LAYOUT_XEN_4_10, TYPE_L1, TYPE_WRITABLE,
	  true, true, false, 1 },
	{ "2c00000000000001", "4000000000000000", 4, 17, LAYOUT_XEN_4_10, TYPE_L1, TYPE_L2,
	  true, true, false, 1 },
	{ "8c00000000000001", "e000000000000000", 4, 13, LAYOUT_XEN_4_10, TYPE_L4, TYPE_WRITABLE,
	  true, true, false, 1 },
	/* A store to a pinned L1: bit 60 is the lock, its holder counts for one. */
	{ "3c00000000000002", "e000000000000000", 4, 17, LAYOUT_XEN_4_10, TYPE_L1, TYPE_WRITABLE,
	  true, true, true, 2 },
	/* Being validated. */
	{ "2000000000000001", "e000000000000000", 4, 17, LAYOUT_XEN_4_10, TYPE_L1, TYPE_WRITABLE,
	  false, false, false, 1 },
	/* The same without a banner: e fixes three bits. */
	{ "e400000000000001", "8000000000000000", 0, 0, LAYOUT_XEN_4_10, TYPE_WRITABLE, TYPE_L4,
	  false, true, false, 1 },
	/* 3.4: pinned is bit 60, validated 59. */
	{ "3800000000000001", "e000000000000000", 3, 4, LAYOUT_XEN_3_4, TYPE_L1, TYPE_WRITABLE,
	  true, true, false, 1 },
	/* 32-bit builds, and 3.3 on 64 bit: one word of 32 bits. */
	{ "28000001", "e0000000", 3, 3, LAYOUT_XEN_3_3, TYPE_L1, TYPE_WRITABLE,
	  false, true, false, 1 },
	{ "58000001", "e0000000", 3, 3, LAYOUT_XEN_3_3, TYPE_L2, TYPE_WRITABLE,
	  true, true, false, 1 },
	{ "00000000e8000001", "0000000060000000", 0, 0, LAYOUT_XEN_3_3, TYPE_WRITABLE, TYPE_L3,
	  false, true, false, 1 },
	/* Ambiguous wanted types, no banner: only one layout makes sense of the
	 * page's own word ... */
	{ "7400000000000001", "2000000000000000", 0, 0, LAYOUT_XEN_4_0, TYPE_WRITABLE, TYPE_L2,
	  false, true, false, 1 },
	{ "1c00000000000001", "4000000000000000", 0, 0, LAYOUT_XEN_4_0, TYPE_L1, TYPE_L4,
	  true, true, false, 1 },
	{ "5400000000000001", "2000000000000000", 0, 0, LAYOUT_XEN_4_0, TYPE_SEGDESC, TYPE_L2,
	  false, true, false, 1 },
};

static void decodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct hypervisor xen = version(v->major, v->minor);
		enum type_layout layout = type_layout_of(word(v->saw), word(v->expected), &xen);
		struct type_info saw = type_decode(word(v->saw), layout);

		print_message("%s != %s\n", v->saw, v->expected);
		assert_int_equal(layout, v->layout);
		assert_int_equal(saw.kind, v->saw_kind);
		assert_int_equal(type_decode(word(v->expected), layout).kind, v->expected_kind);
		assert_int_equal(saw.pinned, v->pinned);
		assert_int_equal(saw.validated, v->validated);
		assert_int_equal(saw.locked, v->locked);
		assert_int_equal(saw.count, v->count);
	}
}

/* ... and where two do, nothing is claimed. */
static void keeps_silent_when_two_readings_differ(void **state)
{
	struct hypervisor xen = version(0, 0);
	struct type_word saw = word("2c00000000000001"), expected = word("4000000000000000");
	enum type_layout layout = type_layout_of(saw, expected, &xen);
	struct type_info info = type_decode(saw, layout);

	(void)state;
	assert_int_equal(layout, LAYOUT_UNKNOWN);
	assert_int_equal(info.kind, TYPE_UNKNOWN);
	assert_int_equal(info.layout, LAYOUT_UNKNOWN);
	assert_int_equal(type_decode(saw, LAYOUT_XEN_4_0).kind, TYPE_L2);
	assert_int_equal(type_decode(saw, LAYOUT_XEN_4_10).kind, TYPE_L1);
}

static void names_every_kind(void **state)
{
	(void)state;
	for (int kind = TYPE_NONE; kind <= TYPE_UNKNOWN; kind++)
		assert_non_null(type_kind_name((enum type_kind)kind));
	assert_string_equal(type_kind_name(TYPE_L1), "L1 table");
	assert_string_equal(type_kind_name(TYPE_WRITABLE), "writable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),
		cmocka_unit_test(keeps_silent_when_two_readings_differ),
		cmocka_unit_test(names_every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
