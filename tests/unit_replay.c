/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the replay makes of events, and the questions rules ask of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/replay.h"
#include "core/rule.h"

static struct arena arena;
static struct replay replay;
static uint32_t line_number;

static void out_of_memory(void *context)
{
	(void)context;
	abort();
}

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 24, out_of_memory, NULL);
	replay_init(&replay, &arena, DOMAIN_NONE);
	line_number = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	replay_release(&replay);
	arena_release(&arena);
	return 0;
}

static struct event event_of(enum event_kind kind)
{
	return (struct event){ .kind = kind, .domain = DOMAIN_NONE,
		.at = { .line = ++line_number, .length = 1 } };
}

static void apply(struct event event)
{
	assert_int_equal(replay_apply(&replay, &event), ST_OK);
}

static void kernel(uint16_t major, uint16_t minor, uint16_t patch, int16_t rc)
{
	struct event event = event_of(EV_KERNEL_STARTED);

	event.u.kernel.major = major;
	event.u.kernel.minor = minor;
	event.u.kernel.patch = patch;
	event.u.kernel.rc = rc;
	event.u.kernel.words = TEXT("x");
	apply(event);
}

static void platform(enum platform told)
{
	struct event event = event_of(EV_PLATFORM_TOLD);

	event.u.platform = told;
	apply(event);
}

static void range(enum event_kind kind, uint64_t from, uint64_t to, const char *label)
{
	struct event event = event_of(kind);

	event_set_range(&event, paddr_range(from, to), text_of(label), label[0] >= 'a');
	apply(event);
}

static void map_entry(uint64_t from, uint64_t to, enum memory_type type)
{
	struct event event = event_of(EV_MAP_ENTRY);

	event.u.map.view = VIEW_FIRMWARE;
	event.u.map.bytes = paddr_range(from, to);
	event.u.map.type = type;
	apply(event);
}

static void region(bool reserved, uint32_t index, uint32_t listed, uint64_t from, uint64_t to)
{
	struct event event = event_of(EV_DUMP_REGION);

	event.u.region.reserved = reserved;
	event.u.region.index = index;
	event.u.region.listed = listed;
	event.u.region.bytes = paddr_range(from, to);
	apply(event);
}

static void versions_compare(void **state)
{
	struct kernel_version rc = { .known = true, .major = 2, .minor = 6, .patch = 39, .rc = 5 };

	(void)state;
	assert_int_equal(kernel_compare(&rc, 2, 6, 39), -1);
	assert_true(kernel_from(&rc, 2, 6, 38));
	rc.rc = -1;
	assert_int_equal(kernel_compare(&rc, 2, 6, 39), 0);
	assert_true(kernel_before(&rc, 3, 0, 0));
	rc.known = false;
	assert_false(kernel_before(&rc, 3, 0, 0));
	assert_false(kernel_from(&rc, 2, 0, 0));
}

/* The two pools of 92bdaef7b2c5. */
static void the_estimate_is_the_kernels(void **state)
{
	(void)state;
	assert_int_equal(table_pages_for(paddr_range(0, 0x100000000)), 2053);
	assert_int_equal(table_pages_for(paddr_range(0, 0x1e0800000)), 3853);
	assert_int_equal(table_pages_for(paddr_range(0, 0)), 0);
}

static void edits_change_the_map_in_force(void **state)
{
	struct event update = event_of(EV_MAP_UPDATED), remove = event_of(EV_MAP_REMOVED);

	(void)state;
	map_entry(0, 0x9f000, MEMORY_RAM);
	map_entry(0x9f000, 0x100000, MEMORY_RESERVED);
	map_entry(0x100000, 0x200000, MEMORY_RAM);
	update.u.map_edit.bytes = paddr_range(0, 0x1000);
	update.u.map_edit.from = MEMORY_RAM;
	update.u.map_edit.to = MEMORY_RESERVED;
	apply(update);
	remove.u.map_edit.bytes = paddr_range(0x90000, 0x100000);
	remove.u.map_edit.from = MEMORY_RAM;
	apply(remove);
	assert_int_equal(range_map_at(&replay.map_in_force, 0)->value, MEMORY_RESERVED);
	assert_int_equal(range_map_at(&replay.map_in_force, 0x1000)->value, MEMORY_RAM);
	assert_null(range_map_at(&replay.map_in_force, 0x90000));
	assert_int_equal(range_map_at(&replay.map_in_force, 0x9f000)->value, MEMORY_RESERVED);
	/* An edit that ends before it starts, or touches another type, changes nothing. */
	update.u.map_edit.bytes = paddr_range(0x2000, 0x1000);
	apply(update);
	update.u.map_edit.bytes = paddr_range(0x9f000, 0xa0000);
	apply(update);
	assert_int_equal(range_map_at(&replay.map_in_force, 0x1fff)->value, MEMORY_RAM);
}

static void a_pool_lives(void **state)
{
	struct event pool = event_of(EV_POOL_PLANNED), rw = event_of(EV_POOL_TAIL_RW);
	const struct pool *p;

	(void)state;
	kernel(2, 6, 39, -1);
	pool.u.pool.plan = pfn_range(0x100, 0x180);
	pool.u.pool.mapped_end = to_paddr(0x200000);
	apply(pool);
	p = replay_pool_of(&replay, to_pfn(0x17f));
	assert_non_null(p);
	assert_int_equal(pool_part_of(p, to_pfn(0x100)), PART_UNKNOWN);
	range(EV_RANGE_RESERVED, 0x100000, 0x140000, "PGTABLE");
	assert_int_equal(pool_part_of(p, to_pfn(0x13f)), PART_USED);
	assert_int_equal(pool_part_of(p, to_pfn(0x140)), PART_TAIL);
	assert_int_equal(pool_part_of(p, to_pfn(0x180)), PART_NONE);
	rw.u.bytes = paddr_range(0x140000, 0x180000);
	apply(rw);
	assert_true(p->rw_line_seen);
	assert_true(replay_is_pv(&replay));
	assert_true(range_map_covers(&replay.tables, 0x100000, 0x140000));
}

/* memblock's own functions reserve for the one who asked in the line before. */
static void a_request_names_its_owner(void **state)
{
	struct event request = event_of(EV_ALLOC_REQUESTED);

	(void)state;
	request.u.request.size_bytes = 4096;
	request.u.request.label = TEXT("alloc_low_pages");
	apply(request);
	range(EV_RANGE_RESERVED, 0x1000, 0x2000, "memblock_alloc_range_nid");
	assert_true(range_map_covers(&replay.tables, 0x1000, 0x2000));
	range(EV_RANGE_RESERVED, 0x3000, 0x4000, "memblock_alloc_range_nid");
	assert_false(range_map_covers(&replay.tables, 0x3000, 0x4000));
}

static void dumps_are_compared(void **state)
{
	struct event step = event_of(EV_MILESTONE);

	(void)state;
	range(EV_RANGE_RESERVED, 0x5000, 0x6000, "a");
	apply(event_of(EV_DUMP_STARTED));
	region(false, 0, 1, 0x1000, 0x100000);
	region(true, 0, 1, 0x4000, 0x6000);      /* more than the lines told: the first may */
	range(EV_RANGE_RESERVED, 0x8000, 0x9000, "b");
	assert_int_equal(replay.dumps_agreed, 1);
	assert_string_equal(replay_label(&replay, range_map_at(&replay.reserved, 0x4000)->value),
			    "known from the dump");
	apply(event_of(EV_DUMP_STARTED));
	region(false, 0, 1, 0x1000, 0x100000);
	region(true, 0, 2, 0x4000, 0x6000);
	region(true, 1, 2, 0x8000, 0x9000);
	range(EV_RANGE_RELEASED, 0x8000, 0x9000, "");
	assert_int_equal(replay.dumps_agreed, 2);
	apply(event_of(EV_DUMP_STARTED));
	region(false, 0, 1, 0x1000, 0x100000);
	region(true, 0, 1, 0x4000, 0x7000);      /* a line is missing */
	step.u.milestone.step = STEP_ZONES;
	apply(step);
	assert_int_equal(replay.dumps_compared, 3);
	assert_int_equal(replay.dumps_agreed, 2);
	assert_non_null(replay.disagreement);
	/* The kernel's list is taken over. */
	assert_true(range_map_covers(&replay.reserved, 0x4000, 0x7000));
}

/* A list that has lost a line takes nothing away. */
static void a_dump_with_a_line_lost_is_not_taken(void **state)
{
	(void)state;
	range(EV_RANGE_RESERVED, 0x5000, 0x6000, "a");
	apply(event_of(EV_DUMP_STARTED));
	region(false, 0, 1, 0x1000, 0x100000);
	region(true, 1, 2, 0x8000, 0x9000);
	range(EV_RANGE_RESERVED, 0xa000, 0xb000, "b");
	assert_int_equal(replay.dumps_seen, 0);
	assert_string_equal(replay.disagreement, "the kernel's own list (reserved) is not whole");
	assert_true(range_map_covers(&replay.reserved, 0x5000, 0x6000));
	assert_true(range_map_covers(&replay.memory, 0x1000, 0x100000));
	apply(event_of(EV_DUMP_STARTED));
	region(false, 0, 2, 0x1000, 0x8000);   /* the last is lost */
	region(true, 0, 1, 0xa000, 0xb000);
	range(EV_RANGE_RELEASED, 0xa000, 0xb000, "");
	assert_int_equal(replay.dumps_seen, 1);
	assert_true(range_map_covers(&replay.memory, 0x1000, 0x100000));
	assert_false(range_map_covers(&replay.reserved, 0x5000, 0x6000));
}

static void addresses_of_the_direct_map(void **state)
{
	enum certainty certainty;
	paddr_t physical;

	(void)state;
	kernel(2, 6, 39, -1);
	platform(PLATFORM_XEN_PV);
	assert_true(replay_direct_map(&replay, 0xffff88000fffd000, &physical, &certainty));
	assert_int_equal(physical.n, 0xfffd000);
	assert_int_equal(certainty, PROVED);
	assert_true(replay_direct_map(&replay, 0xffffffff81000000, &physical, &certainty));
	assert_int_equal(physical.n, 0x1000000);
	assert_false(replay_direct_map(&replay, 0xffffc90000000000, &physical, &certainty));
	assert_false(replay_direct_map(&replay, 0x1000, &physical, &certainty));
	kernel(6, 1, 0, -1);
	assert_true(replay_direct_map(&replay, 0xffff88800009c000, &physical, &certainty));
	assert_int_equal(physical.n, 0x9c000);
	assert_false(replay_direct_map(&replay, 0xffff88000009c000, &physical, &certainty));
}

/* An early PV oops reads CR2 as 0: the address of a string store is in RDI. */
static void the_address_of_a_fault(void **state)
{
	struct fault_record fault = { .address = 0, .null_told = true, .trap = TRAP_PAGE_FAULT,
		.has_code = true, .code = 3, .has_cr2 = true, .has_rdi = true, .rdi = 0xffff880000001000 };
	uint64_t address;
	struct loc at;

	(void)state;
	assert_true(fault_is_ro_write(&fault));
	assert_false(fault_address(&fault, &address, &at));
	fault.string_store = true;
	assert_true(fault_address(&fault, &address, &at));
	assert_int_equal(address, 0xffff880000001000);
	fault.cr2 = 0xffff880000002000;
	assert_true(fault_address(&fault, &address, &at));
	assert_int_equal(address, 0xffff880000002000);
	fault.trap = 6;
	assert_false(fault_address(&fault, &address, &at));
	fault.code = 2;
	assert_false(fault_is_ro_write(&fault));
}

static void boots_are_told_apart(void **state)
{
	struct event banner = event_of(EV_KERNEL_STARTED), xen = event_of(EV_XEN_STARTED);

	(void)state;
	xen.speaker = SPEAKER_XEN;
	assert_false(replay_is_next_boot(&replay, &xen));
	xen.u.xen.words = TEXT("4.1.0");
	apply(xen);
	assert_false(replay_is_next_boot(&replay, &banner));   /* dom0 of this Xen */
	kernel(3, 6, 0, -1);
	assert_true(replay_is_next_boot(&replay, &banner));
	assert_true(replay_is_next_boot(&replay, &xen));
	banner.u.kernel.by_oops = true;
	assert_false(replay_is_next_boot(&replay, &banner));
}

int main(void)
{
#define WITH_REPLAY(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		WITH_REPLAY(versions_compare),
		WITH_REPLAY(the_estimate_is_the_kernels),
		WITH_REPLAY(edits_change_the_map_in_force),
		WITH_REPLAY(a_pool_lives),
		WITH_REPLAY(a_request_names_its_owner),
		WITH_REPLAY(dumps_are_compared),
		WITH_REPLAY(a_dump_with_a_line_lost_is_not_taken),
		WITH_REPLAY(addresses_of_the_direct_map),
		WITH_REPLAY(the_address_of_a_fault),
		WITH_REPLAY(boots_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
