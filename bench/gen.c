/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes boot logs for the benchmark, the same ones for the same seed. Every
 * boot is healthy: pgtcheck judges it with exit status 0.
 *
 *   gen boot NBOOTS MINKB MAXKB SEED [DIR]   to stdout, or a file a boot in DIR
 *   gen ranges N SEED                        one boot with N reserved ranges
 *
 * A file that was written in small pieces reads 2 to 3 times slower from the
 * page cache, so pipe a large one: gen ... | dd bs=4M iflag=fullblock of=FILE */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIB (UINT64_C(1) << 20)
#define OUT_BYTES (4 << 20)

enum prefix { PREFIX_CLOCK, PREFIX_LEVEL, PREFIX_THREAD, PREFIX_SYSLOG, PREFIX_NONE, PREFIXES };
enum era { ERA_2_6_39, ERA_4_1, ERA_4_14, ERA_6_1, ERAS };

struct boot {
	enum prefix prefix;
	enum era era;
	uint64_t clock;            /* microseconds; stands until zones are laid out */
	bool running;              /* the clock runs */
	uint64_t low_top, high_top;/* ends of RAM below and above 4 GiB; 0: none */
	uint64_t next;             /* the allocator's: memory above it is taken */
	unsigned lines, memory_lines;
};

static uint64_t seed;
static char *text;                 /* the boot that is being written */
static size_t used, room;

/* splitmix64. */
static uint64_t rnd(void)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t below(uint64_t n)
{
	return rnd() % n;
}

static void die(const char *what)
{
	perror(what);
	exit(3);
}

/* Makes room for one more line. */
static void reserve_room(void)
{
	if (room - used >= 4096)
		return;
	room = room ? room * 2 : MIB;
	text = realloc(text, room);
	if (!text)
		die("gen");
}

static void start_line(struct boot *boot)
{
	unsigned s, us;

	reserve_room();
	boot->lines++;
	if (boot->running)
		boot->clock += below(9000);
	s = (unsigned)(boot->clock / 1000000);
	us = (unsigned)(boot->clock % 1000000);
	switch (boot->prefix) {
	case PREFIX_CLOCK:
		used += (size_t)sprintf(text + used, "[%5u.%06u] ", s, us);
		break;
	case PREFIX_LEVEL:
		used += (size_t)sprintf(text + used, "<6>[%5u.%06u] ", s, us);
		break;
	case PREFIX_THREAD:
		used += (size_t)sprintf(text + used, "[%5u.%06u][    T%u] ", s, us,
					boot->running ? 1 : 0);
		break;
	case PREFIX_SYSLOG:
		used += (size_t)sprintf(text + used, "Nov 23 12:%02u:%02u host kernel: [%5u.%06u] ",
					s / 60 % 60, s % 60, s, us);
		break;
	default:
		break;
	}
}

static void __attribute__((format(printf, 2, 3))) line(struct boot *boot, const char *format, ...)
{
	va_list args;

	start_line(boot);
	va_start(args, format);
	used += (size_t)vsprintf(text + used, format, args);
	va_end(args);
	text[used++] = '\n';
}

/* A line that tells of memory. */
#define memory(boot, ...) ((boot)->memory_lines++, line((boot), __VA_ARGS__))

/* What else a kernel prints: # is a decimal digit, ~ a small number, @ a hex digit. */
static const char *const noise_lines[] = {
	"pci 0000:0#:1@.#: [@@@@:@@@@] type 00 class 0x0@0#00 conventional PCI endpoint",
	"pci 0000:0#:0@.#: reg 0x1#: [mem 0x@@@00000-0x@@@fffff 64bit pref]",
	"pci 0000:0#:1@.#: PME# supported from D0 D3hot D3cold",
	"pci 0000:00:1#.0: PCI bridge to [bus 0#-0#]",
	"pci 0000:00:1#.0:   bridge window [mem 0x@@@00000-0x@@@fffff]",
	"pcieport 0000:00:1#.0: AER: enabled with IRQ ~",
	"pci_bus 0000:0#: resource ~ [io  0x@@@0-0x@@@f window]",
	"usb #-#: new high-speed USB device number ~ using xhci_hcd",
	"usb #-#: New USB device found, idVendor=@@@@, idProduct=@@@@, bcdDevice= #.##",
	"usb #-#: New USB device strings: Mfr=#, Product=#, SerialNumber=#",
	"usb #-#: Product: USB Receiver model ~, Manufacturer: Example Devices",
	"hub #-#:1.0: ~ ports detected",
	"input: Example USB Keyboard as /devices/pci0000:00/0000:00:1#.#/usb#/#-#/input/input~",
	"hid-generic 0003:@@@@:@@@@.000#: input,hidraw#: USB HID v1.11 Keyboard [Example] on usb-0000",
	"ACPI: PCI Interrupt Link [LNK#] (IRQs # #~ ##) *##",
	"ACPI: \\_SB_.PCI0.LPCB.EC0_: EC: GPE=0x@@, IRQ=-1, EC_CMD/EC_SC=0x@@, EC_DATA=0x@@",
	"ACPI: Power Button [PWRB] registered as event source number ~",
	"ACPI: IRQ~ used by override.",
	"ata#: SATA max UDMA/133 abar m2048@0x@@@@@000 port 0x@@@@@#00 irq ~",
	"ata#: SATA link up 6.0 Gbps (SStatus 133 SControl 300)",
	"ata#.00: ATA-9: EXAMPLE SSD ~, FW@@@@, max UDMA/133",
	"ata#.00: ######### sectors, multi 16: LBA48 NCQ (depth 32), AA",
	"scsi #:0:0:0: Direct-Access     ATA      EXAMPLE SSD ~  @@@@ PQ: 0 ANSI: 5",
	"sd #:0:0:0: [sda] ######### 512-byte logical blocks: (~ GB/~ GiB)",
	"sd #:0:0:0: [sda] Write cache: enabled, read cache: enabled, doesn't support DPO or FUA",
	"nvme nvme#: ~/0/0 default/read/poll queues",
	"EXT4-fs (sda#): mounted filesystem @@@@@@@@-@@@@-@@@@-@@@@-@@@@@@@@@@@@ r/w with ordered data",
	"EXT4-fs (dm-#): re-mounted with options: errors=remount-ro,commit=~",
	"systemd[1]: Started systemd-udevd.service - Rule-based Manager for Device Events (~).",
	"systemd[1]: Mounting dev-hugepages.mount - Huge Pages File System...",
	"systemd[1]: Created slice system-getty@@.slice - Slice /system/getty number ~.",
	"systemd[1]: Listening on systemd-journald.socket - Journal Socket, queue of ~ entries.",
	"audit: type=1400 audit(17########.###:~): apparmor=\"STATUS\" operation=\"profile_load\"",
	"audit: type=1130 audit(17########.###:~): pid=1 uid=0 auid=4294967295 ses=4294967295 res=1",
	"x86/fpu: xstate_offset[#]: ~, xstate_sizes[#]: ~, in 'compacted' format",
	"x86/cpu: feature word ~ of processor ## reads 0x@@@@@@@@ after microcode revision 0x@@@",
	"smpboot: CPU ## is now online, APIC ID 0x@@, core ~ of package #",
	"clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x@@@@@@@@@@, max_idle_ns: ~ ns",
	"e1000e 0000:0#:00.# eth#: (PCI Express:2.5GT/s:Width x1) @@:@@:@@:@@:@@:@@",
	"e1000e 0000:0#:00.# eth#: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx",
	"IPv6: ADDRCONF(NETDEV_CHANGE): eth#: link becomes ready after ~ ms",
	"Bluetooth: hci#: Firmware revision #.# build ~ week ## 20##",
	"snd_hda_intel 0000:00:1@.#: bound 0000:0#:0#.# (ops i915_audio_component_bind_ops)",
	"thermal_sys: Registered thermal governor 'step_wise' for ~ zones",
	"tcp: Hash tables configured (established ~ bind ~)",
	"random: crng init done after ~ seeds",
	"loop: module loaded with ~ devices",
	"device-mapper: uevent: version 1.0.# on node ~",
	"rtc_cmos 00:0#: setting system clock to 2026-11-2#T1#:##:## UTC (17########)",
	"i2c i2c-#: Successfully instantiated SPD at 0x5# of module ~",
};

static void noise(struct boot *boot)
{
	static const char hex[] = "0123456789abcdef";
	const char *from = noise_lines[below(ARRAY_LEN(noise_lines))];
	uint64_t bits = rnd();
	unsigned left = 16;
	char *to;

	start_line(boot);
	to = text + used;
	for (; *from; from++) {
		if (left < 3) {
			bits = rnd();
			left = 16;
		}
		if (*from == '#' || *from == '@') {
			*to++ = hex[*from == '#' ? (bits & 15) * 10 / 16 : bits & 15];
			bits >>= 4;
			left--;
		} else if (*from == '~') {
			to += sprintf(to, "%u", (unsigned)(bits & 4095));
			bits >>= 12;
			left -= 3;
		} else {
			*to++ = *from;
		}
	}
	*to++ = '\n';
	used = (size_t)(to - text);
}

static void e820(struct boot *boot, uint64_t start, uint64_t end, const char *type)
{
	if (boot->era == ERA_2_6_39)
		memory(boot, " BIOS-e820: %016" PRIx64 " - %016" PRIx64 " (%s)", start, end, type);
	else
		memory(boot, "BIOS-e820: [mem 0x%016" PRIx64 "-0x%016" PRIx64 "] %s", start, end - 1,
		       type);
}

/* One reservation; `who` is a caller, or a label of 2.6.39. */
static void reserved(struct boot *boot, uint64_t start, uint64_t end, const char *who)
{
	switch (boot->era) {
	case ERA_2_6_39:
		memory(boot, "    memblock_x86_reserve_range: [0x%08" PRIx64 "-0x%08" PRIx64 "] %16s",
		       start, end - 1, who);
		break;
	case ERA_4_1:
		memory(boot, "memblock_reserve: [0x%014" PRIx64 "-0x%014" PRIx64 "] flags 0x0 %s",
		       start, end - 1, who);
		break;
	default:
		memory(boot, "memblock_reserve: [0x%016" PRIx64 "-0x%016" PRIx64 "] %s", start,
		       end - 1, who);
		break;
	}
}

/* One allocation from the top of what is free. */
static void allocate(struct boot *boot, uint64_t bytes, uint64_t align)
{
	static const char *const callers[] = {
		"sparse_init_nid+0x8d/0x34d", "pcpu_setup_first_chunk+0x2ff/0x7af",
		"alloc_bootmem_cpumask_var+0x28/0x5b", "firmware_map_add_early+0x29/0x53",
		"register_nosave_region+0x53/0xd5", "e820__reserve_resources+0x2a/0x1b0",
	};
	const char *caller = callers[below(ARRAY_LEN(callers))];

	boot->next = (boot->next - bytes) & ~(align - 1);
	if (boot->era == ERA_6_1)
		memory(boot, "memblock_alloc_try_nid: %" PRIu64 " bytes align=0x%" PRIx64
		       " nid=-1 from=0x0000000000000000 max_addr=0x0000000000000000 %s",
		       bytes, align, caller);
	else if (boot->era != ERA_2_6_39)
		memory(boot, "memblock_virt_alloc_try_nid: %" PRIu64 " bytes align=0x%" PRIx64
		       " nid=-1 from=0x0 max_addr=0x0 %s", bytes, align, caller);
	reserved(boot, boot->next, boot->next + bytes,
		 boot->era == ERA_2_6_39 ? "BOOTMEM" :
		 boot->era == ERA_6_1 ? "memblock_alloc_range_nid+0xb0/0x13d" :
					"memblock_alloc_range_nid+0x2f/0x3d");
}

static void banner(struct boot *boot)
{
	static const char *const versions[ERAS] = { "2.6.39", "4.1.52", "4.14.336", "6.1.0-56-amd64" };

	line(boot, "Linux version %s (build@host) (gcc version 12.2.0 (Debian 12.2.0-14)) #1 SMP "
	     "Mon Nov 23 12:00:00 UTC 2026", versions[boot->era]);
	memory(boot, "Command line: BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro memblock=debug "
	       "ignore_loglevel console=ttyS0,115200");
}

static void firmware_map(struct boot *boot)
{
	memory(boot, "%sBIOS-provided physical RAM map:", boot->era == ERA_4_1 ? "e820: " : "");
	e820(boot, 0, 0x9fc00, "usable");
	e820(boot, 0x9fc00, 0xa0000, "reserved");
	e820(boot, 0xf0000, 0x100000, "reserved");
	e820(boot, 0x100000, boot->low_top, "usable");
	e820(boot, boot->low_top, boot->low_top + 0x20000, "reserved");
	e820(boot, 0xfffc0000, UINT64_C(0x100000000), "reserved");
	if (boot->high_top)
		e820(boot, UINT64_C(0x100000000), boot->high_top, "usable");
	line(boot, "NX (Execute Disable) protection: active");
	line(boot, "DMI: Example Standard PC, BIOS 1.16.%u 04/01/2024", (unsigned)below(9));
	if (boot->era == ERA_2_6_39) {
		memory(boot, "e820 update range: 0000000000000000 - 0000000000010000 (usable) ==> (reserved)");
		memory(boot, "e820 remove range: 00000000000a0000 - 0000000000100000 (usable)");
	} else {
		memory(boot, "e820: update [mem 0x00000000-0x00000fff] usable ==> reserved");
		memory(boot, "e820: remove [mem 0x000a0000-0x000fffff] usable");
	}
	memory(boot, "%slast_pfn = 0x%" PRIx64 " max_arch_pfn = 0x400000000",
	       boot->era == ERA_4_1 ? "e820: " : "",
	       (boot->high_top ? boot->high_top : boot->low_top) >> 12);
}

/* The direct mapping and its tables, as each kernel tells of them. */
static void direct_mapping(struct boot *boot)
{
	uint64_t top = boot->low_top, large = top & ~(2 * MIB - 1);
	uint64_t pool = boot->next - 0x3000, brk = 0x2600000;

	switch (boot->era) {
	case ERA_2_6_39:
		memory(boot, "initial memory mapped : 0 - 20000000");
		reserved(boot, 0x9d000, 0x9f000, "TRAMPOLINE");
		memory(boot, "init_memory_mapping: %016x-%016" PRIx64, 0, top);
		memory(boot, " 0000000000 - %010" PRIx64 " page 2M", large);
		memory(boot, " %010" PRIx64 " - %010" PRIx64 " page 4k", large, top);
		memory(boot, "kernel direct mapping tables up to %" PRIx64 " @ %" PRIx64 "-%" PRIx64,
		       top, pool, top);
		reserved(boot, pool, top, "PGTABLE");
		boot->next = pool;
		break;
	case ERA_4_1:
		memory(boot, "init_memory_mapping: [mem 0x00000000-0x000fffff]");
		memory(boot, " [mem 0x00000000-0x000fffff] page 4k");
		for (int i = 0; i < 3; i++, brk += 0x1000)
			memory(boot, "BRK [0x%08" PRIx64 ", 0x%08" PRIx64 "] PGTABLE", brk, brk + 0xfff);
		memory(boot, "init_memory_mapping: [mem 0x%08" PRIx64 "-0x%08" PRIx64 "]", large, top - 1);
		memory(boot, " [mem 0x%08" PRIx64 "-0x%08" PRIx64 "] page 4k", large, top - 1);
		memory(boot, "BRK [0x%08" PRIx64 ", 0x%08" PRIx64 "] PGTABLE", brk, brk + 0xfff);
		memory(boot, "init_memory_mapping: [mem 0x00100000-0x%08" PRIx64 "]", large - 1);
		memory(boot, " [mem 0x00100000-0x001fffff] page 4k");
		memory(boot, " [mem 0x00200000-0x%08" PRIx64 "] page 2M", large - 1);
		break;
	case ERA_4_14:
		for (int i = 0; i < 6; i++, brk += 0x1000)
			memory(boot, "BRK [0x%08" PRIx64 ", 0x%08" PRIx64 "] PGTABLE", brk, brk + 0xfff);
		break;
	default:
		for (int i = 0; i < 5; i++) {
			boot->next -= 0x1000;
			memory(boot, "memblock_phys_alloc_range: 4096 bytes align=0x1000 from=0x%016"
			       PRIx64 " max_addr=0x%016" PRIx64 " alloc_low_pages+0x137/0x160",
			       UINT64_C(0x100000), boot->high_top ? boot->high_top : top);
			reserved(boot, boot->next, boot->next + 0x1000,
				 "memblock_alloc_range_nid+0xb0/0x13d");
		}
		break;
	}
}

static void node_data(struct boot *boot)
{
	uint64_t end = boot->next;

	boot->next -= 0x5000;
	reserved(boot, boot->next, end, boot->era == ERA_2_6_39 ? "NODE_DATA" :
		 boot->era == ERA_6_1 ? "memblock_alloc_range_nid+0xb0/0x13d" :
					"memblock_alloc_range_nid+0x2f/0x3d");
	if (boot->era == ERA_2_6_39)
		memory(boot, "  NODE_DATA [%016" PRIx64 " - %016" PRIx64 "]", boot->next, end - 1);
	else
		memory(boot, "NODE_DATA(0) allocated [mem 0x%" PRIx64 "-0x%" PRIx64 "]", boot->next,
		       end - 1);
}

static void zones(struct boot *boot)
{
	uint64_t low = boot->low_top;

	if (boot->era == ERA_2_6_39) {
		memory(boot, "Zone PFN ranges:");
		line(boot, "  DMA      0x00000010 -> 0x00001000");
		line(boot, "  DMA32    0x00001000 -> 0x00100000");
		line(boot, "  Normal   empty");
		return;
	}
	memory(boot, "Zone ranges:");
	line(boot, "  DMA      [mem 0x0000000000001000-0x0000000000ffffff]");
	line(boot, "  DMA32    [mem 0x0000000001000000-0x%016" PRIx64 "]",
	     boot->high_top ? UINT64_C(0xffffffff) : low - 1);
	if (boot->high_top)
		line(boot, "  Normal   [mem 0x0000000100000000-0x%016" PRIx64 "]", boot->high_top - 1);
	else
		line(boot, "  Normal   empty");
	line(boot, "Movable zone start for each node");
}

static void memory_summary(struct boot *boot)
{
	uint64_t all = (boot->low_top + (boot->high_top ? boot->high_top - (UINT64_C(1) << 32) : 0)) >> 10;

	if (boot->era == ERA_2_6_39)
		memory(boot, "Memory: %" PRIu64 "k/%" PRIu64 "k available (1821k kernel code, 452k absent, "
		       "13588k reserved, 2489k data, 364k init)", all - 14040, all);
	else
		memory(boot, "Memory: %" PRIu64 "K/%" PRIu64 "K available (14343K kernel code, 2338K rwdata, "
		       "9132K rodata, 2824K init, 17344K bss, 62416K reserved, 0K cma-reserved)",
		       all - 62416, all);
}

static void boot_start(struct boot *boot, enum prefix prefix, enum era era)
{
	memset(boot, 0, sizeof(*boot));
	boot->prefix = prefix;
	boot->era = era;
	used = 0;
}

/* Lines about memory stand early, but a real share (6.8 %) of the whole. */
static void one_boot(uint64_t min_bytes, uint64_t max_bytes)
{
	uint64_t bytes = min_bytes + below(max_bytes - min_bytes + 1);
	unsigned wanted = (unsigned)(bytes / 87 * 68 / 1000);
	struct boot boot;

	boot_start(&boot, (enum prefix)below(PREFIXES), (enum era)below(ERAS));
	boot.low_top = (0x200 + below(0xa00)) * MIB - 0x20000;
	if (boot.era >= ERA_4_14 && below(2))
		boot.high_top = (UINT64_C(4096) + 256 * (1 + below(128))) * MIB;
	boot.next = boot.high_top ? boot.high_top : boot.low_top;
	banner(&boot);
	firmware_map(&boot);
	direct_mapping(&boot);
	line(&boot, "ACPI: RSDP 0x00000000000F59D0 000014 (v00 BOCHS )");
	for (int i = 0; i < 6; i++)
		line(&boot, "ACPI: SSD%d 0x00000000%08X %06X (v01 BOCHS  BXPC     00000001 BXPC 00000001)",
		     i, (unsigned)(boot.low_top + 0x1000 * i), (unsigned)below(0x8000));
	line(&boot, "No NUMA configuration found");
	node_data(&boot);
	zones(&boot);
	while (boot.memory_lines + 1 < wanted) {
		allocate(&boot, below(4) ? 8 + below(4096) : 4096 * (1 + below(64)),
			 below(3) ? 0x40 : 0x1000);
		if (!below(3))
			noise(&boot);
	}
	memory_summary(&boot);
	boot.running = true;
	while (used < bytes)
		noise(&boot);
}

static void boots(uint64_t count, uint64_t min_bytes, uint64_t max_bytes, const char *dir)
{
	char path[4096];

	for (uint64_t i = 0; i < count; i++) {
		FILE *out = stdout;

		one_boot(min_bytes, max_bytes);
		if (dir) {
			snprintf(path, sizeof(path), "%s/%06" PRIu64 ".log", dir, i);
			out = fopen(path, "w");
			if (!out)
				die(path);
			setvbuf(out, NULL, _IONBF, 0);
		}
		if (fwrite(text, 1, used, out) != used || (dir && fclose(out)))
			die(dir ? path : "standard output");
	}
}

/* Pages in random order, none beside another: no two reservations merge. */
static void ranges(uint64_t count)
{
	uint64_t base = (UINT64_C(1) << 32) + 16 * MIB;
	uint32_t *order = malloc(count * sizeof(*order));
	struct boot boot;

	if (!order)
		die("gen");
	for (uint64_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	for (uint64_t i = count - 1; i > 0; i--) {
		uint64_t j = below(i + 1);
		uint32_t was = order[i];

		order[i] = order[j];
		order[j] = was;
	}
	boot_start(&boot, PREFIX_CLOCK, ERA_6_1);
	boot.low_top = 0x7ffe0000;
	boot.high_top = (base + count * 0x2000 + 64 * MIB) & ~(2 * MIB - 1);
	boot.next = boot.high_top;
	banner(&boot);
	firmware_map(&boot);
	direct_mapping(&boot);
	node_data(&boot);
	for (uint64_t i = 0; i < count; i++)
		reserved(&boot, base + order[i] * UINT64_C(0x2000),
			 base + order[i] * UINT64_C(0x2000) + 0x1000, "memblock_alloc_range_nid+0xb0/0x13d");
	zones(&boot);
	memory_summary(&boot);
	if (fwrite(text, 1, used, stdout) != used)
		die("standard output");
	free(order);
}

static uint64_t number(const char *word)
{
	char *end;
	uint64_t n = strtoull(word, &end, 10);

	if (!*word || *end) {
		fprintf(stderr, "gen: %s: not a number\n", word);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOFBF, OUT_BYTES);
	if ((argc == 6 || argc == 7) && !strcmp(argv[1], "boot") &&
	    number(argv[4]) >= number(argv[3])) {
		seed = number(argv[5]);
		boots(number(argv[2]), number(argv[3]) * 1024, number(argv[4]) * 1024, argv[6]);
	} else if (argc == 4 && !strcmp(argv[1], "ranges") && number(argv[2]) > 0 &&
		   number(argv[2]) <= UINT32_MAX) {
		seed = number(argv[3]);
		ranges(number(argv[2]));
	} else {
		fputs("usage: gen boot NBOOTS MINKB MAXKB SEED [DIR]\n"
		      "       gen ranges N SEED\n"
		      "Pipe what is large: gen ... | dd bs=4M iflag=fullblock of=FILE\n", stderr);
		return 2;
	}
	if (fflush(stdout))
		die("standard output");
	free(text);
	return 0;
}
