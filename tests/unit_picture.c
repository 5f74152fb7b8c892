/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * core/picture: which moments of a boot are kept, and what of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/picture.h"

struct boot {
	struct arena arena, keep;
	struct replay replay;
	struct picture picture;
	uint32_t line;
};

static void no_memory(void *context)
{
	(void)context;
	abort();
}

static void begin(struct boot *boot)
{
	memset(boot, 0, sizeof(*boot));
	arena_init(&boot->arena, 1u << 24, no_memory, NULL);
	arena_init(&boot->keep, 1u << 24, no_memory, NULL);
	replay_init(&boot->replay, &boot->arena, DOMAIN_NONE);
}

static void end(struct boot *boot)
{
	replay_release(&boot->replay);
	arena_release(&boot->arena);
	arena_release(&boot->keep);
}

static void tell(struct boot *boot, struct event event)
{
	event.at = (struct loc){ .line = ++boot->line, .offset = boot->line * 80, .length = 79 };
	event.domain = DOMAIN_NONE;
	assert_int_equal(replay_apply(&boot->replay, &event), ST_OK);
	picture_event(&boot->picture, &boot->keep, &boot->replay, &event);
}

static void reserve(struct boot *boot, uint64_t start, uint64_t end, const char *label)
{
	struct event event = { .kind = EV_RANGE_RESERVED };

	event_set_range(&event, paddr_range(start, end), text_of(label), false);
	tell(boot, event);
}

static void plan(struct boot *boot, uint64_t start, uint64_t top)
{
	tell(boot, (struct event){ .kind = EV_POOL_PLANNED, .u.pool = {
		.plan = { { start }, { top } }, .mapped_end = { top << FRAME_SHIFT } } });
}

static void test_pool_life(void **state)
{
	const struct moment *moments;
	struct boot boot;

	(void)state;
	begin(&boot);
	tell(&boot, (struct event){ .kind = EV_MAP_ENTRY, .u.map = {
		.view = VIEW_FIRMWARE, .bytes = paddr_range(0, 0x8000000), .type = MEMORY_RAM } });
	reserve(&boot, 0x1000000, 0x1200000, "TEXT DATA BSS");
	plan(&boot, 0x100, 0x200);
	reserve(&boot, 0x100000, 0x180000, "PGTABLE");
	picture_end(&boot.picture, &boot.keep, &boot.replay);
	moments = boot.picture.moments;

	assert_int_equal(boot.picture.count, 2);   /* the end is told by the line of the last */
	assert_string_equal(moments[0].says, "page-table pool 1 chosen");
	assert_int_equal(moments[0].pool_count, 1);
	assert_false(moments[0].pools[0].used_end_known);
	assert_int_equal(moments[0].layers[LAYER_RESERVED].count, 1);
	assert_string_equal(moments[0].layers[LAYER_RESERVED].items[0].label, "TEXT DATA BSS");
	assert_true(moments[1].pools[0].used_end_known);
	assert_int_equal(moments[1].pools[0].used_end.n, 0x180);
	assert_int_equal(moments[1].layers[LAYER_RESERVED].count, 2);
	/* The map did not change: both moments share it. */
	assert_ptr_equal(moments[0].layers[LAYER_MAP].items, moments[1].layers[LAYER_MAP].items);
	assert_int_equal(moments[1].layers[LAYER_MAP].count, 1);
	end(&boot);
}

static void test_moments_are_bounded(void **state)
{
	struct boot boot;

	(void)state;
	begin(&boot);
	for (uint32_t i = 0; i < 100; i++) {
		plan(&boot, 0x1000 + i * 0x100, 0x1080 + i * 0x100);
		reserve(&boot, (0x1000 + i * 0x100) << FRAME_SHIFT, (0x1010 + i * 0x100) << FRAME_SHIFT,
			"PGTABLE");
		tell(&boot, (struct event){ .kind = EV_MAPPING_STARTED, .u.mapping = {
			.bytes = paddr_range(0, 0x1000000) } });
		tell(&boot, (struct event){ .kind = EV_PANIC, .u.words = TEXT("x") });
		tell(&boot, (struct event){ .kind = EV_FAULT, .u.fault = { .address = 1 } });
		tell(&boot, (struct event){ .kind = EV_COMPLAINT });
		tell(&boot, (struct event){ .kind = EV_LAST_PFN, .u.last = { 0x8000 } });
		tell(&boot, (struct event){ .kind = EV_MILESTONE, .u.milestone.step = STEP_MEMORY_LINE });
	}
	tell(&boot, (struct event){ .kind = EV_MAP_ENTRY, .u.map = {
		.view = VIEW_FIRMWARE, .bytes = paddr_range(0, 0x8000000), .type = MEMORY_RAM } });
	picture_end(&boot.picture, &boot.keep, &boot.replay);
	assert_true(boot.picture.count <= MOMENTS_MAX);
	assert_string_equal(boot.picture.moments[boot.picture.count - 1].says, "the end of the log");
	end(&boot);
}

static void test_spans_are_bounded(void **state)
{
	const struct picture_layer_list *list;
	struct boot boot;

	(void)state;
	begin(&boot);
	for (uint64_t i = 0; i < PICTURE_SPANS_MAX + 10; i++)
		reserve(&boot, i << 20, (i << 20) + 4096, "x");
	picture_end(&boot.picture, &boot.keep, &boot.replay);
	list = &boot.picture.moments[boot.picture.count - 1].layers[LAYER_RESERVED];
	assert_int_equal(list->count, PICTURE_SPANS_MAX);
	assert_int_equal(list->more, 10);
	end(&boot);
}

static void test_same(void **state)
{
	struct picture_span a[] = { { .start = 1, .end = 5, .label = "" }, { .start = 7, .end = 9, .label = "" } };
	struct picture_span b[] = { { .start = 1, .end = 5, .label = "" }, { .start = 7, .end = 8, .label = "" } };
	struct picture_layer_list x = { a, 2, 0 }, y = { b, 2, 0 };

	(void)state;
	assert_false(picture_same(&x, &y, 0, UINT64_MAX));
	assert_true(picture_same(&x, &y, 0, 7));
	assert_false(picture_same(&x, &y, 6, 8));
	y.count = 1;
	assert_false(picture_same(&x, &y, 0, UINT64_MAX));
	assert_true(picture_same(&x, &y, 0, 6));
	y.more = 1;
	assert_false(picture_same(&x, &y, 0, 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool_life),
		cmocka_unit_test(test_moments_are_bounded),
		cmocka_unit_test(test_spans_are_bounded),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
