/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who speaks and how far the boot came: banner, command line, platform, named
 * areas, zones, the Memory: line, what is freed.
 * Source: Linux init/main.c, arch/x86/kernel/setup.c, arch/x86/mm/, mm/
 * page_alloc.c; 2.6.26 to 7.1 (forms and ends: FORMATS 3.3). */
#include "formats/reader.h"

static uint16_t small(uint64_t n)
{
	return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

/* "2.6.39-rc5", "6.1.0-56-amd64", "3.10.0-957.el7": numbers up to the third. */
static bool parse_version(struct text words, uint16_t *major, uint16_t *minor, uint16_t *patch,
			  int16_t *rc)
{
	uint64_t part[3] = { 0, 0, 0 };
	size_t i = 0;
	int n = 0;

	while (n < 3 && i < words.length && words.at[i] >= '0' && words.at[i] <= '9') {
		while (i < words.length && words.at[i] >= '0' && words.at[i] <= '9') {
			if (part[n] < 100000)
				part[n] = part[n] * 10 + (uint64_t)(words.at[i] - '0');
			i++;
		}
		n++;
		if (n < 3 && i < words.length && words.at[i] == '.')
			i++;
		else
			break;
	}
	*major = small(part[0]);
	*minor = small(part[1]);
	*patch = small(part[2]);
	*rc = -1;
	if (i + 3 < words.length && !memcmp(words.at + i, "-rc", 3)) {
		int value = 0;

		for (i += 3; i < words.length && words.at[i] >= '0' && words.at[i] <= '9'; i++)
			value = value < 1000 ? value * 10 + (words.at[i] - '0') : value;
		*rc = (int16_t)value;
	}
	return n >= 2;
}

static bool banner(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_KERNEL_STARTED);

	if (!parse_version(match->words[0], &event.u.kernel.major, &event.u.kernel.minor,
			   &event.u.kernel.patch, &event.u.kernel.rc))
		return false;
	event.u.kernel.words = match->words[0];
	reader_drop_pieces(reader);
	memset(&reader->state, 0, sizeof(reader->state));
	reader_emit(reader, &event);
	return true;
}

/* "Pid: 0, comm: swapper Not tainted 2.6.39-0-virtual #6": an oops names the
 * kernel when the banner is missing. */
static bool oops_version(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	struct event event = reader_event(line, EV_KERNEL_STARTED);
	struct text words = match->words[match->word_count - 1];
	const char *at = memmem(words.at, words.length, "ainted", 6);
	const char *end = words.at + words.length, *word;

	if (!at)
		return false;
	at += 6;
	/* "Tainted: G      D     2.6.39 #7": flags are single letters. */
	for (;; at = word) {
		while (at < end && (*at == ' ' || *at == ':'))
			at++;
		for (word = at; word < end && *word != ' '; word++)
			;
		if (at == end)
			return true;
		if (*at >= '0' && *at <= '9')
			break;
	}
	event.u.kernel.words = (struct text){ at, (size_t)(word - at) };
	event.u.kernel.by_oops = true;
	if (parse_version(event.u.kernel.words, &event.u.kernel.major, &event.u.kernel.minor,
			  &event.u.kernel.patch, &event.u.kernel.rc))
		reader_emit(reader, &event);
	return true;
}

static bool command_line(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	struct event event = reader_event(line, line->speaker == SPEAKER_XEN
					  ? EV_XEN_COMMAND_LINE : EV_COMMAND_LINE);

	event.u.words = match->words[0];
	reader_emit(reader, &event);
	return true;
}

static bool tell_platform(struct reader *reader, const struct line *line, enum platform platform)
{
	struct event event = reader_event(line, EV_PLATFORM_TOLD);

	event.u.platform = platform;
	reader_emit(reader, &event);
	return true;
}

/* "Booting paravirtualized kernel on Xen": PV. "... on Xen HVM", "on KVM", "on
 * bare hardware" are not. Source: Linux arch/x86/xen/enlighten*.c. */
static bool booting_on(struct reader *reader, const struct line *line, const struct match *match)
{
	struct text on = match->words[0];

	if (text_begins(on, TEXT("Xen PVH")))
		return tell_platform(reader, line, PLATFORM_XEN_PVH);
	if (text_begins(on, TEXT("Xen HVM")))
		return tell_platform(reader, line, PLATFORM_XEN_HVM);
	if (text_begins(on, TEXT("Xen")))
		return tell_platform(reader, line, PLATFORM_XEN_PV);
	if (text_begins(on, TEXT("bare hardware")))
		return tell_platform(reader, line, PLATFORM_NATIVE);
	return tell_platform(reader, line, PLATFORM_OTHER_VM);
}

static bool detected(struct reader *reader, const struct line *line, const struct match *match)
{
	struct text what = match->words[0];

	if (text_begins(what, TEXT("Xen PV")) && !text_begins(what, TEXT("Xen PVH")))
		return tell_platform(reader, line, PLATFORM_XEN_PV);
	if (text_begins(what, TEXT("Xen HVM")) || text_begins(what, TEXT("Xen PVHVM")))
		return tell_platform(reader, line, PLATFORM_XEN_HVM);
	if (text_begins(what, TEXT("Xen")))
		return true;   /* HVM or PVH: a later line tells */
	return tell_platform(reader, line, PLATFORM_OTHER_VM);
}

/* Raw console output of xen_start_kernel(), before any banner. */
static bool pv_entry(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return tell_platform(reader, line, PLATFORM_XEN_PV);
}

static bool step(struct reader *reader, const struct line *line, enum milestone step)
{
	struct event event = reader_event(line, EV_MILESTONE);

	event.u.milestone.step = step;
	reader_emit(reader, &event);
	return true;
}

static bool zones(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return step(reader, line, STEP_ZONES);
}

static bool node_map(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)line;
	reader->state.layout.nodes_left = (uint32_t)match->numbers[0].value;
	return true;
}

static bool node_memory(struct reader *reader, const struct line *line, struct paddr_range bytes)
{
	struct event event = reader_event(line, EV_NODE_MEMORY);

	event_set_range(&event, bytes, (struct text){ "", 0 }, false);
	reader_emit(reader, &event);
	return true;
}

static bool node_bytes(struct reader *reader, const struct line *line, const struct match *match)
{
	return !match->ranges[0].absurd &&
	       node_memory(reader, line, paddr_range(match->ranges[0].start, match->ranges[0].end));
}

/* "  0: 0x00000010 -> 0x0000009f": frames, the last one out. */
static bool node_frames(struct reader *reader, const struct line *line, const struct match *match)
{
	uint64_t start = match->numbers[1].value, end = match->numbers[2].value;

	if (!reader->state.layout.nodes_left || start >= end || end >= PFN_LIMIT)
		return false;
	reader->state.layout.nodes_left--;
	return node_memory(reader, line, paddr_range(start << FRAME_SHIFT, end << FRAME_SHIFT));
}

static bool memory_line(struct reader *reader, const struct line *line,
			const struct match *match)
{
	(void)match;
	return step(reader, line, STEP_MEMORY_LINE);
}

static bool userspace(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return step(reader, line, STEP_USERSPACE);
}

static bool power_off(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return step(reader, line, STEP_POWER_OFF);
}

static bool lowmem(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_KERNEL_BITS);

	(void)match;
	event.u.word_size.bits = 32;
	reader_emit(reader, &event);
	return true;
}

static bool area(struct reader *reader, const struct line *line, const struct match *match,
		 enum area which, bool relocation)
{
	struct event event = reader_event(line, EV_AREA_NAMED);

	if (match->ranges[0].absurd)
		return false;
	event.u.area.area = which;
	event.u.area.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	event.u.area.relocation = relocation;
	reader_emit(reader, &event);
	return true;
}

/* Printed by "%08llx", "%08lx" or "%#010llx": of fewer digits some are lost.
 * Source: Linux arch/x86/kernel/setup.c, 2.6.24-7.1. */
#define INITRD_DIGITS 8u

static bool initrd(struct reader *reader, const struct line *line, const struct match *match)
{
	if (match->ranges[0].digits < INITRD_DIGITS)
		return reader_tell_garbled(reader, line);
	return area(reader, line, match, AREA_INITRD, false);
}

static bool initrd_moved(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	struct match target = *match;

	if (match->range_count > 1)
		target.ranges[0] = match->ranges[1];
	return area(reader, line, &target, AREA_INITRD, true);
}

static bool node_data(struct reader *reader, const struct line *line, const struct match *match)
{
	return area(reader, line, match, AREA_NODE_DATA, false);
}

static bool crash_range(struct reader *reader, const struct line *line,
			const struct match *match)
{
	return area(reader, line, match, AREA_CRASHKERNEL, false);
}

/* "Reserving 128MB of memory at 1888MB for crashkernel (System RAM: 2047MB)" */
static bool crash_megabytes(struct reader *reader, const struct line *line,
			    const struct match *match)
{
	struct match bytes = *match;
	uint64_t size = match->numbers[0].value, start = match->numbers[1].value;

	if (size > UINT32_MAX || start > UINT32_MAX)
		return false;
	bytes.range_count = 1;
	bytes.ranges[0].start = start << 20;
	bytes.ranges[0].end = (start + size) << 20;
	bytes.ranges[0].absurd = false;
	return area(reader, line, &bytes, AREA_CRASHKERNEL, false);
}

static bool trampoline(struct reader *reader, const struct line *line,
		       const struct match *match)
{
	struct match bytes = *match;

	bytes.range_count = 1;
	bytes.ranges[0].start = match->numbers[1].value;
	bytes.ranges[0].end = match->numbers[1].value + match->numbers[2].value;
	bytes.ranges[0].absurd = bytes.ranges[0].end < bytes.ranges[0].start;
	return area(reader, line, &bytes, AREA_TRAMPOLINE, false);
}

/* "Freeing unused kernel memory: 2824K (ffffffff82a00000 - ffffffff82cc2000)" */
static bool freeing(struct reader *reader, const struct line *line, const struct match *match,
		    enum freed what)
{
	struct event event = reader_event(line, EV_MEMORY_FREED);

	event.u.freed.what = what;
	if (match->number_count)
		event.u.freed.size_bytes = match->numbers[0].value * 1024;
	if (match->range_count && !match->ranges[0].absurd)
		event.u.freed.where = vaddr_range(match->ranges[0].start, match->ranges[0].end);
	reader_emit(reader, &event);
	return true;
}

static bool freeing_init(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	return freeing(reader, line, match, FREED_INIT);
}

static bool freeing_initrd(struct reader *reader, const struct line *line,
			   const struct match *match)
{
	return freeing(reader, line, match, FREED_INITRD);
}

/* "bootconsole [earlyser0] enabled": what a console prints first, and no kernel says twice
 * in a row. Two consoles on one line do: from here on each line stands twice. */
static bool console_enabled(struct reader *reader, const struct line *line,
			    const struct match *match)
{
	uint32_t before = reader->console.line;
	size_t length = match->words[0].length < sizeof(reader->console.name) - 1 ?
			match->words[0].length : sizeof(reader->console.name) - 1;
	char name[sizeof(reader->console.name)] = "";

	if (!text_begins(match->words[1], TEXT("enabled")))
		return true;
	memcpy(name, match->words[0].at, length);
	if (!reader->doubled && before && line->at.line == before + 1 &&
	    !memcmp(name, reader->console.name, sizeof(name)))
		reader->doubled = 1;
	reader->console.line = line->at.line;
	memcpy(reader->console.name, name, sizeof(name));
	return true;
}

static bool moved_by(struct reader *reader, const struct line *line, uint64_t bytes)
{
	struct event event = reader_event(line, EV_KERNEL_MOVED);

	event.u.moved_bytes = bytes;
	reader_emit(reader, &event);
	return true;
}

/* "Kernel Offset: 0x400000 from 0xffffffff81000000 (relocation range: ...)", at a panic */
static bool kernel_offset(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	return moved_by(reader, line, match->numbers[0].value);
}

static bool no_offset(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return moved_by(reader, line, 0);
}

const struct line_shape lines_layout[] = {
	LINE("Linux version <w> <rest>", ENDS_NONE, banner),
	LINE("Pid: <d>, comm: <rest>", ENDS_NONE, oops_version),
	LINE("CPU: <d> PID: <d> Comm: <rest>", ENDS_NONE, oops_version),
	LINE("CPU: <d> UID: <d> PID: <d> Comm: <rest>", ENDS_NONE, oops_version),
	LINE("bootconsole [<w>] <rest>", ENDS_NONE, console_enabled),
	LINE("console [<w>] <rest>", ENDS_NONE, console_enabled),
	LINE("printk: bootconsole [<w>] <rest>", ENDS_NONE, console_enabled),
	LINE("printk: console [<w>] <rest>", ENDS_NONE, console_enabled),
	LINE("printk: legacy bootconsole [<w>] <rest>", ENDS_NONE, console_enabled),
	LINE("printk: legacy console [<w>] <rest>", ENDS_NONE, console_enabled),
	LINE("Kernel Offset: disabled", ENDS_NONE, no_offset),
	LINE("Kernel Offset: <x> from <x> <rest>", ENDS_NONE, kernel_offset),
	LINE("Command line: <rest>", ENDS_NONE, command_line),
	LINE("Kernel command line: <rest>", ENDS_NONE, command_line),
	LINE("Booting paravirtualized kernel on <rest>", ENDS_NONE, booting_on),
	LINE("Booting kernel on <rest>", ENDS_NONE, booting_on),
	LINE("Hypervisor detected: <rest>", ENDS_NONE, detected),
	LINE("mapping kernel into physical memory", ENDS_NONE, pv_entry),
	LINE("about to get started...", ENDS_NONE, pv_entry),
	LINE("Zone ranges:", ENDS_NONE, zones),
	LINE("Zone PFN ranges:", ENDS_NONE, zones),
	LINE("early_node_map[<d>] active PFN ranges", ENDS_NONE, node_map),
	LINE("<d>: <x> -> <x>", ENDS_NONE, node_frames),
	LINE("node <d>: [mem <range>]", ENDS_INCLUSIVE, node_bytes),
	LINE("Memory: <d>k/<d>k available <rest>", ENDS_NONE, memory_line),
	LINE("Memory: <d>K/<d>K available <rest>", ENDS_NONE, memory_line),
	LINE("Run <w> as init process", ENDS_NONE, userspace),
	LINE("reboot: Power down", ENDS_NONE, power_off),
	LINE("Power down.", ENDS_NONE, power_off),
	LINE("<d>MB LOWMEM available.", ENDS_NONE, lowmem),
	LINE("virtual kernel memory layout:", ENDS_NONE, lowmem),
	LINE("RAMDISK: [mem <range>]", ENDS_INCLUSIVE, initrd),
	LINE("RAMDISK: <range>", ENDS_EXCLUSIVE, initrd),
	LINE("Allocated new RAMDISK: [mem <range>]", ENDS_INCLUSIVE, initrd_moved),
	LINE("Allocated new RAMDISK: <range>", ENDS_EXCLUSIVE, initrd_moved),
	/* Inclusive in the old form too: FORMATS 0.4. */
	LINE("Move RAMDISK from [mem <range>] to [mem <range>]", ENDS_INCLUSIVE, initrd_moved),
	LINE("Move RAMDISK from <range> to <range>", ENDS_INCLUSIVE, initrd_moved),
	/* Prints the end one past the last byte in spite of "[mem": FORMATS 4.1. */
	LINE("initrd moved from [mem <range>] to [mem <range>]", ENDS_EXCLUSIVE, initrd_moved),
	LINE("NODE_DATA [mem <range>]<rest>", ENDS_INCLUSIVE, node_data),
	LINE("NODE_DATA [<range>]<rest>", ENDS_INCLUSIVE, node_data),
	LINE("NODE_DATA(<d>) allocated [mem <range>]", ENDS_INCLUSIVE, node_data),
	LINE("Reserving <d>MB of memory at <d>MB for crashkernel <rest>", ENDS_NONE,
	     crash_megabytes),
	LINE("Reserving <d>MB of low memory at <d>MB for crashkernel <rest>", ENDS_NONE,
	     crash_megabytes),
	LINE("crashkernel reserved: <range> <rest>", ENDS_EXCLUSIVE, crash_range),
	LINE("crashkernel low memory reserved: <range> <rest>", ENDS_EXCLUSIVE, crash_range),
	LINE("Base memory trampoline at [<x>] <x> size <d>", ENDS_NONE, trampoline),
	LINE("Freeing unused kernel memory: <d>k freed", ENDS_NONE, freeing_init),
	LINE("Freeing unused kernel memory: <d>K (<range>)", ENDS_EXCLUSIVE, freeing_init),
	LINE("Freeing unused kernel memory: <d>K", ENDS_NONE, freeing_init),
	LINE("Freeing unused kernel image memory: <d>K", ENDS_NONE, freeing_init),
	LINE("Freeing unused kernel image (initmem) memory: <d>K", ENDS_NONE, freeing_init),
	LINE("Freeing initrd memory: <d>k freed", ENDS_NONE, freeing_initrd),
	LINE("Freeing initrd memory: <d>K (<range>)", ENDS_EXCLUSIVE, freeing_initrd),
	LINE("Freeing initrd memory: <d>K", ENDS_NONE, freeing_initrd),
};
