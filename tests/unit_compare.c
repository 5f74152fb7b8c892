/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * core/compare: what counts as moved between two boots, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/compare.h"
#include "core/judge.h"

static void no_memory(void *context)
{
	(void)context;
	abort();
}

struct machine {
	struct arena keep;
	struct judge judge;
	uint32_t line;
};

static void begin(struct machine *machine)
{
	memset(machine, 0, sizeof(*machine));
	arena_init(&machine->keep, 1u << 26, no_memory, NULL);
	judge_init(&machine->judge, &machine->keep, DOMAIN_NONE, no_memory, NULL);
	machine->judge.wants_facts = true;
}

static struct boot_report *end(struct machine *machine)
{
	struct boot_report *boot;

	assert_int_equal(judge_end_boot(&machine->judge, &boot), ST_OK);
	assert_non_null(boot->facts);
	return boot;
}

static void release(struct machine *machine)
{
	judge_release(&machine->judge);
	arena_release(&machine->keep);
}

static void tell(struct machine *machine, struct event event)
{
	event.at = (struct loc){ .line = ++machine->line, .offset = machine->line * 80,
				 .length = 79 };
	event.domain = DOMAIN_NONE;
	assert_int_equal(judge_event(&machine->judge, &event), ST_OK);
}

static void ram(struct machine *machine, uint64_t start, uint64_t end)
{
	tell(machine, (struct event){ .kind = EV_MAP_ENTRY, .u.map = {
		.view = VIEW_FIRMWARE, .bytes = paddr_range(start, end), .type = MEMORY_RAM } });
}

static void reserve(struct machine *machine, uint64_t start, uint64_t end, const char *label)
{
	struct event event = { .kind = EV_RANGE_RESERVED };

	event_set_range(&event, paddr_range(start, end), text_of(label), true);
	tell(machine, event);
}

static void plan(struct machine *machine, uint64_t start, uint64_t top)
{
	tell(machine, (struct event){ .kind = EV_POOL_PLANNED, .u.pool = {
		.plan = { { start }, { top } }, .mapped_end = { top << FRAME_SHIFT } } });
}

/* A boot of `pages` of RAM, its pool at the top, and a caller's table. */
static struct boot_report *boot(struct machine *machine, uint64_t pages, uint64_t table_bytes)
{
	begin(machine);
	ram(machine, 0, pages << FRAME_SHIFT);
	plan(machine, pages - 0x20, pages);
	reserve(machine, 0x100000, 0x100000 + table_bytes, "alloc_large_system_hash");
	return end(machine);
}

static const struct change *find(const struct comparison *comparison, enum change_section section,
				 const char *what)
{
	for (uint32_t i = 0; i < comparison->count; i++)
		if (comparison->changes[i].section == section &&
		    !strcmp(comparison->changes[i].what, what))
			return &comparison->changes[i];
	return NULL;
}

static void equal_boots_have_no_change(void **state)
{
	struct machine a, b;
	struct comparison *comparison;

	(void)state;
	comparison = compare_boots(&b.keep, boot(&a, 0x8000, 0x4000), boot(&b, 0x8000, 0x4000));
	assert_int_equal(comparison->count, 0);
	assert_int_equal(comparison->divergence_count, 0);
	release(&a);
	release(&b);
}

static void what_changed_is_told_and_where(void **state)
{
	const struct boot_report *good, *bad;
	struct comparison *comparison;
	const struct change *change;
	struct machine a, b;

	(void)state;
	good = boot(&a, 0x8000, 0x4000);
	bad = boot(&b, 0x7000, 0x8000);
	comparison = compare_boots(&b.keep, good, bad);
	change = find(comparison, CHANGED_MAP, "entry");
	assert_non_null(change);
	assert_int_equal(change->kind, CHANGE_RESIZED);
	assert_string_equal(change->good, "RAM [0-0x8000000), 128 MiB");
	assert_string_equal(change->bad, "RAM [0-0x7000000), 112 MiB");
	assert_int_equal(change->bad_at.line, 1);
	change = find(comparison, CHANGED_POOL, "pool 1");
	assert_non_null(change);
	assert_non_null(strstr(change->bad, "[0x6fe0-0x7000), 32 pages"));
	change = find(comparison, CHANGED_RESERVED, "alloc_large_system_hash");
	assert_non_null(change);
	assert_int_equal(change->kind, CHANGE_RESIZED);
	assert_false(change->slight);
	/* The map is the first thing that differs. */
	assert_int_equal(comparison->divergence_count, 1);
	assert_int_equal(comparison->divergences[0].good->at.line, 1);
	release(&a);
	release(&b);
}

/* Addresses that only shift are no divergence; who moved is told, and how large. */
static void a_shift_is_no_divergence(void **state)
{
	struct comparison *comparison;
	const struct change *change;
	struct boot_report *good;
	struct machine a, b;

	(void)state;
	begin(&a);
	begin(&b);
	for (uint64_t i = 0; i < 300; i++) {
		reserve(&a, 0x100000 + i * 0x2000, 0x101000 + i * 0x2000, "spp_getpage");
		reserve(&b, 0x900000 + i * 0x2000, 0x901000 + i * 0x2000, "spp_getpage");
	}
	reserve(&a, 0x10000, 0x10047, "setup_arch");
	reserve(&b, 0x10000, 0x10073, "setup_arch");
	good = end(&a);
	comparison = compare_boots(&b.keep, good, end(&b));
	assert_int_equal(comparison->divergence_count, 0);
	change = find(comparison, CHANGED_RESERVED, "spp_getpage");
	assert_non_null(change);
	assert_int_equal(change->kind, CHANGE_MOVED);
	assert_non_null(strstr(change->good, "1200 KiB in 300 ranges"));
	change = find(comparison, CHANGED_RESERVED, "setup_arch");
	assert_non_null(change);
	assert_true(change->slight);
	release(&a);
	release(&b);
}

/* The largest first, then what only moved; what is too much is counted. */
static void reservations_are_ordered_and_bounded(void **state)
{
	struct comparison *comparison;
	struct boot_report *good;
	struct machine a, b;
	char label[32];

	(void)state;
	begin(&a);
	begin(&b);
	reserve(&a, 0x1000, 0x2000, "stays");
	reserve(&b, 0x1000, 0x2000, "stays");
	reserve(&a, 0x3000, 0x40000, "moves");
	reserve(&b, 0x4000, 0x41000, "moves");
	for (uint64_t i = 0; i < 300; i++) {
		snprintf(label, sizeof(label), "caller_%u", (unsigned)i);
		reserve(&b, 0x100000 + i * 0x100000, 0x101000 + i * 0x101000, label);
	}
	good = end(&a);
	comparison = compare_boots(&b.keep, good, end(&b));
	assert_int_equal(comparison->count, CHANGES_OF_RESERVED);
	assert_int_equal(comparison->more, 301 - CHANGES_OF_RESERVED);
	assert_null(find(comparison, CHANGED_RESERVED, "stays"));
	for (uint32_t i = 1; i < comparison->count; i++) {
		const struct change *change = &comparison->changes[i];

		assert_true(change[-1].weight_bytes >= change->weight_bytes ||
			    change->kind == CHANGE_MOVED);
	}
	assert_int_equal(comparison->changes[comparison->count - 1].kind, CHANGE_MOVED);
	release(&a);
	release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_boots_have_no_change),
		cmocka_unit_test(what_changed_is_told_and_where),
		cmocka_unit_test(a_shift_is_no_divergence),
		cmocka_unit_test(reservations_are_ordered_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
