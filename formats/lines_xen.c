/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hypervisor's console but for its page-type messages (lines_xenmm.c):
 * banner, memory map, the dom0 builder's layout, crashes.
 * Source: Xen xen/common/kernel.c, xen/arch/x86/{setup,e820,traps}.c,
 * domain_build.c and pv/dom0_build.c; 3.4 to 4.22. */
#include "formats/reader.h"

static bool banner(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_XEN_STARTED);
	struct text words = match->words[0], rest = match->words[1];
	uint32_t part[2] = { 0, 0 };
	size_t i = 0;

	for (int n = 0; n < 2; n++) {
		if (i >= words.length || words.at[i] < '0' || words.at[i] > '9')
			return false;
		while (i < words.length && words.at[i] >= '0' && words.at[i] <= '9' && part[n] < 1000)
			part[n] = part[n] * 10 + (uint32_t)(words.at[i++] - '0');
		if (n == 0 && (i >= words.length || words.at[i++] != '.'))
			return false;
	}
	event.u.xen.major = (uint16_t)part[0];
	event.u.xen.minor = (uint16_t)part[1];
	/* "Xen version 4.11.": an HVM guest names its host. Source: Linux
	 * arch/x86/xen/enlighten_hvm.c init_hvm_pv_info(). */
	if (words.at[words.length - 1] == '.' && line->speaker != SPEAKER_XEN) {
		event.u.xen.debug = -1;
		event.u.xen.words = (struct text){ words.at, words.length - 1 };
		reader_emit(reader, &event);
		return true;
	}
	event.speaker = SPEAKER_XEN;
	event.u.xen.debug = text_contains(rest, TEXT("debug=y")) ? 1
			  : text_contains(rest, TEXT("debug=n")) ? 0 : -1;
	event.u.xen.words = words;
	reader_drop_pieces(reader);
	memset(&reader->state, 0, sizeof(reader->state));
	reader_emit(reader, &event);
	return true;
}

/* "----[ Xen-4.1.0  x86_64  debug=y  Tainted:    C ]----": a crash dump tells
 * the build when the banner is missing. */
static bool crash_banner(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	struct event event = reader_event(line, EV_XEN_STARTED);
	uint32_t major = (uint32_t)match->numbers[0].value;
	uint32_t minor = (uint32_t)match->numbers[1].value;

	if (match->number_count < 2 || major > 99 || minor > 99)
		return false;
	event.speaker = SPEAKER_KERNEL;   /* does not begin another boot */
	event.u.xen.major = (uint16_t)major;
	event.u.xen.minor = (uint16_t)minor;
	event.u.xen.debug = text_contains(line->message, TEXT("debug=y")) ? 1
			  : text_contains(line->message, TEXT("debug=n")) ? 0 : -1;
	event.u.xen.words = (struct text){ "", 0 };
	reader_emit(reader, &event);
	return true;
}

static bool guest_level(struct reader *reader, const struct line *line,
			const struct match *match)
{
	struct event event = reader_event(line, EV_XEN_GUEST_LEVEL);

	event.u.all = text_begins(match->words[0], TEXT("All"));
	reader_emit(reader, &event);
	return true;
}

static bool host_map(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)line;
	(void)match;
	reader->state.xen.in_host_map = true;
	return true;
}

static bool host_entry(struct reader *reader, const struct line *line, const struct match *match)
{
	static const struct { const char *name; enum memory_type type; } types[] = {
		{ "usable", MEMORY_RAM }, { "reserved", MEMORY_RESERVED },
		{ "ACPI data", MEMORY_ACPI }, { "ACPI NVS", MEMORY_NVS },
		{ "unusable", MEMORY_UNUSABLE }, { "type", MEMORY_OTHER },
	};
	struct event event = reader_event(line, EV_MAP_ENTRY);

	if (!reader->state.xen.in_host_map || match->ranges[0].absurd)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!text_begins(match->words[0], text_of(types[i].name)))
			continue;
		event.u.map.view = VIEW_HOST;
		event.u.map.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
		event.u.map.type = types[i].type;
		reader_emit(reader, &event);
		return true;
	}
	return false;
}

static bool layout(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)line;
	(void)match;
	reader->state.xen.in_host_map = false;
	reader->state.xen.in_layout = true;
	return true;
}

static bool builds(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_MILESTONE);

	(void)match;
	reader->state.xen.in_layout = false;
	event.u.milestone.step = STEP_XEN_BUILDS_DOM0;
	reader_emit(reader, &event);
	return true;
}

static bool xen_done(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_MILESTONE);

	(void)match;
	event.u.milestone.step = STEP_XEN_DONE;
	reader_emit(reader, &event);
	return true;
}

static bool put_place(struct reader *reader, const struct line *line, const struct match *match,
		      enum area area, bool is_virtual)
{
	struct event event = reader_event(line, EV_AREA_NAMED);

	event.u.area.area = area;
	event.u.area.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	event.u.area.by_builder = true;
	event.u.area.is_virtual = is_virtual;
	if (!paddr_range_empty(event.u.area.bytes))
		reader_emit(reader, &event);
	return true;
}

static bool place(struct reader *reader, const struct line *line, const struct match *match,
		  enum area area)
{
	if (!reader->state.xen.in_layout || match->ranges[0].absurd)
		return false;
	return put_place(reader, line, match, area, true);
}

/* "Dom0 kernel: 64-bit, PAE, lsb, paddr 0x1000000 -> 0x2a00000": its paddr, from the
 * ELF header. Source: Xen xen/arch/x86/domain_build.c construct_dom0() to 4.9,
 * pv/dom0_build.c dom0_construct_pv() from 4.10. */
static bool dom0_kernel(struct reader *reader, const struct line *line, const struct match *match)
{
	if (line->speaker != SPEAKER_XEN || match->ranges[0].absurd)
		return false;
	return put_place(reader, line, match, AREA_KERNEL, false);
}

#define PLACE(name, the_area) \
	static bool name(struct reader *reader, const struct line *line, \
			 const struct match *match) \
	{ \
		return place(reader, line, match, the_area); \
	}

PLACE(loaded_kernel, AREA_KERNEL)
PLACE(init_ramdisk, AREA_INITRD)
PLACE(p2m, AREA_P2M)
PLACE(start_info, AREA_START_INFO)
PLACE(xenstore_ring, AREA_XENSTORE_RING)
PLACE(console_ring, AREA_CONSOLE_RING)
PLACE(page_tables, AREA_XEN_TABLES)
PLACE(boot_stack, AREA_BOOT_STACK)

static bool crashed(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_DOMAIN_CRASHED);

	if (match->number_count && match->numbers[0].value < DOMAIN_NONE)
		event.domain = (uint16_t)match->numbers[0].value;
	event.u.words = line->message;
	reader_emit(reader, &event);
	return true;
}

/* "Unhandled invalid opcode fault/trap [#6] on VCPU 0 [ec=0000]": a fault that
 * the guest has no handler for yet; Xen ends the domain for it.
 * Source: Xen xen/arch/x86/traps.c do_guest_trap(), create_bounce_frame(). */
static bool no_handler(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_DOMAIN_CRASHED);

	(void)match;
	event.u.words = line->message;
	reader_emit(reader, &event);
	return true;
}

/* The hypervisor itself dies, and every boot on it. */
static bool xen_panic(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_PANIC);

	(void)match;
	if (line->speaker != SPEAKER_XEN)
		return false;
	event.u.words = TEXT("the hypervisor itself");
	reader_emit(reader, &event);
	return true;
}

/* Where the hypervisor's own fault was; its page walk came before.
 * Source: Xen xen/arch/x86/traps.c do_page_fault(). */
static bool xen_fault(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_PANIC);

	(void)match;
	if (line->speaker != SPEAKER_XEN)
		return false;
	event.u.words = line->message;
	reader_emit(reader, &event);
	return true;
}

/* Debug key q: the domain, then its frames when they are fewer than ten.
 * Source: Xen xen/arch/x86/domain.c dump_pageframe_info(), 3.4-4.20. */
static bool pages_of(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)line;
	if (match->numbers[0].value < DOMAIN_NONE)
		reader->state.xen.pages_of = (uint16_t)(match->numbers[0].value + 1);
	return true;
}

static bool page_listed(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_FRAME_LISTED);

	if (line->speaker != SPEAKER_XEN)
		return false;
	event.u.listed.owner = (uint16_t)(reader->state.xen.pages_of - 1);
	event.u.listed.mfn = match->numbers[0].value;
	event.u.listed.count_info = match->numbers[1].value;
	event.u.listed.type = (struct type_word){ match->numbers[2].value, match->numbers[2].digits };
	reader_emit(reader, &event);
	return true;
}

/* "d0v0: unhandled page fault (ec=0003)", "Unhandled page fault fault/trap
 * [#14, ec=0003]", "Unhandled: vec 14, #PF[0003]": Xen saw the guest's fault. */
static bool unhandled_fault(struct reader *reader, const struct line *line,
			    const struct match *match)
{
	struct event event = reader_event(line, EV_FAULT);

	event.u.fault.address = UNKNOWN_NUMBER;
	event.u.fault.trap = TRAP_PAGE_FAULT;
	reader_emit(reader, &event);
	event = reader_event(line, EV_FAULT_DETAIL);
	event.u.detail.what = DETAIL_CODE;
	event.u.detail.number = match->numbers[match->number_count - 1].value;
	reader_emit(reader, &event);
	return true;
}

/* " L1[0x0c2] = 801000000660f065 000000000000660f": the walk's last entry. */
static bool walk_entry(struct reader *reader, const struct line *line,
		       const struct match *match)
{
	struct event event = reader_event(line, EV_FAULT_DETAIL);

	event.u.detail.what = DETAIL_PTE;
	event.u.detail.level = (uint8_t)(line->message.at[1] - '0');
	event.u.detail.number = match->numbers[1].value;
	reader_emit(reader, &event);
	return true;
}

static bool walk_from(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_FAULT);

	event.u.fault.address = match->numbers[0].value;
	event.u.fault.trap = TRAP_PAGE_FAULT;
	reader_emit(reader, &event);
	return true;
}

const struct line_shape lines_xen[] = {
	LINE("Xen version <w> <rest>", ENDS_NONE, banner),
	LINE("----[ Xen-<d>.<d><rest>", ENDS_NONE, crash_banner),
	LINE("Guest Loglevel: <rest>", ENDS_NONE, guest_level),
	LINE("Xen-e820 RAM map:", ENDS_NONE, host_map),
	LINE("Initial Xen-e820 RAM map:", ENDS_NONE, host_map),
	LINE("Multiboot-e820 RAM map:", ENDS_NONE, host_map),
	LINE("Multiboot-e801 RAM map:", ENDS_NONE, host_map),
	LINE("EFI RAM map:", ENDS_NONE, host_map),
	LINE("PVH-e820 RAM map:", ENDS_NONE, host_map),
	LINE("Xenstore ring: <range>", ENDS_EXCLUSIVE, xenstore_ring),
	LINE("[<range>] (<rest>", ENDS_INCLUSIVE, host_entry),
	LINE("<range> (<rest>", ENDS_EXCLUSIVE, host_entry),
	LINE("*** LOADING DOMAIN 0 ***", ENDS_NONE, builds),
	LINE("*** Building a PV Dom<d> ***", ENDS_NONE, builds),
	LINE("VIRTUAL MEMORY ARRANGEMENT:", ENDS_NONE, layout),
	LINE("Dom0 kernel: <any>paddr <range>", ENDS_EXCLUSIVE, dom0_kernel),
	LINE("Loaded kernel: <range>", ENDS_EXCLUSIVE, loaded_kernel),
	LINE("Init. ramdisk: <range>", ENDS_EXCLUSIVE, init_ramdisk),
	LINE("Phys-Mach map: <range>", ENDS_EXCLUSIVE, p2m),
	LINE("Start info: <range>", ENDS_EXCLUSIVE, start_info),
	LINE("Console ring: <range>", ENDS_EXCLUSIVE, console_ring),
	LINE("Page tables: <range>", ENDS_EXCLUSIVE, page_tables),
	LINE("Boot stack: <range>", ENDS_EXCLUSIVE, boot_stack),
	LINE("Freed <d>kB init memory<rest>", ENDS_NONE, xen_done),
	LINE("Domain <d> (vcpu#<d>) crashed on cpu#<d>:", ENDS_NONE, crashed),
	LINE("Domain <d> reported crashed by domain <d> on cpu#<d>:", ENDS_NONE, crashed),
	LINE("domain_crash called from <rest>", ENDS_NONE, crashed),
	LINE("domain_crash_sync called from <rest>", ENDS_NONE, crashed),
	LINE("Unhandled page fault fault/trap [#<d>] on VCPU <d> [ec=<x>]", ENDS_NONE,
	     unhandled_fault),
	LINE("Unhandled page fault fault/trap [#<d>, ec=<x>]", ENDS_NONE, unhandled_fault),
	LINE("Unhandled: vec <d>, #PF[<x>]", ENDS_NONE, unhandled_fault),
	LINE("unhandled page fault (ec=<x>)", ENDS_NONE, unhandled_fault),
	LINE("reserved bit in page table (ec=<x>)", ENDS_NONE, unhandled_fault),
	LINE("Unhandled <any> fault/trap [#<rest>", ENDS_NONE, no_handler),
	LINE("Unhandled: vec <d>, <rest>", ENDS_NONE, no_handler),
	LINE("Panic on CPU <d>:", ENDS_NONE, xen_panic),
	LINE("Faulting linear address: <x>", ENDS_NONE, xen_fault),
	LINE("Memory pages belonging to domain <d>:", ENDS_NONE, pages_of),
	LINE("DomPage <x>: caf=<x>, taf=<x>", ENDS_NONE, page_listed),
	LINE("Pagetable walk from <x>:", ENDS_NONE, walk_from),
	LINE("L4[<x>] = <x> <rest>", ENDS_NONE, walk_entry),
	LINE("L3[<x>] = <x> <rest>", ENDS_NONE, walk_entry),
	LINE("L2[<x>] = <x> <rest>", ENDS_NONE, walk_entry),
	LINE("L1[<x>] = <x> <rest>", ENDS_NONE, walk_entry),
};
