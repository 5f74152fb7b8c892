/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The libvirt description of the domain contradicts what the guest printed: its
 * memory, its map, its command line, or what kind of guest it is.
 *
 *    description   memory 96 MiB        |=========|
 *    guest         Xen: [mem ..] usable |=================|   whose memory is it?
 *
 * Only what no setting in between can explain: ballooning takes memory away,
 * mem= hides some, a toolstack adds a few MiB. */
#include "core/rule.h"

const struct rule rule_domain_xml_mismatch;

typedef unsigned long long ull;

/* What toolstacks add to the map beyond the memory: 1 MiB in libxl, up to 8 in
 * xend. Source: Xen tools/libs/light libxl_internal.h LIBXL_MAXMEM_CONSTANT. */
#define SLACK_BYTES (UINT64_C(16) << 20)
#define LOW_MEMORY UINT64_C(0x100000)

static bool is_dom0(const struct replay *replay)
{
	if (replay->domain != DOMAIN_NONE)
		return replay->domain == 0;
	return replay->steps[STEP_XEN_BUILDS_DOM0].reached || (replay->evidence & EVIDENCE_LAYOUT);
}

static const char *kind_words(enum described_kind kind)
{
	switch (kind) {
	case DESCRIBED_PV:
		return "a PV guest (os/type xen)";
	case DESCRIBED_PVH:
		return "a PVH guest (os/type xenpvh)";
	case DESCRIBED_HVM:
		return "an HVM guest (os/type hvm)";
	case DESCRIBED_UNKNOWN:
		break;
	}
	return "no kind of guest";
}

/* The kind that the log tells; UNKNOWN: it does not, for sure. */
static enum described_kind kind_of(const struct replay *replay)
{
	switch (replay->platform) {
	case PLATFORM_XEN_PV:
		return DESCRIBED_PV;
	case PLATFORM_XEN_PVH:
		return DESCRIBED_PVH;
	case PLATFORM_XEN_HVM:
		return DESCRIBED_HVM;
	case PLATFORM_UNKNOWN:
	case PLATFORM_NATIVE:
	case PLATFORM_OTHER_VM:
		break;
	}
	return DESCRIBED_UNKNOWN;
}

static void tell_kind(const struct replay *replay, struct report *report)
{
	enum described_kind told = kind_of(replay), wanted = replay->described->kind;
	struct finding *f;

	/* An HVM guest may be started with PV or without: PVH alone is told by its
	 * own name, and HVM drivers by theirs. */
	if (told == DESCRIBED_UNKNOWN || wanted == DESCRIBED_UNKNOWN || told == wanted ||
	    !loc_known(replay->platform_at))
		return;
	f = finding_new(report, &rule_domain_xml_mismatch, replay->platform_at);
	finding_message(report, f, "the domain is described as %s, and the kernel runs as %s",
		kind_words(wanted), told == DESCRIBED_PV ? "a PV guest" :
		told == DESCRIBED_PVH ? "a PVH guest" : "an HVM guest");
	finding_note(report, f, replay->platform_at, "what the kernel runs on");
	f->facts = report_text(report, "kind %d, described %d", (int)told, (int)wanted);
}

/* RAM of the map as the guest was given it, before the kernel changed it. */
struct given_ram {
	uint64_t bytes;
	bool host_like;   /* ACPI ranges: of the firmware of a machine */
	bool plain;       /* RAM, and at most the hole below 1 MiB that the kernel cuts out */
	struct loc first, last;
};

static struct given_ram ram_of(const struct replay *replay)
{
	struct given_ram ram = { .plain = true };

	for (uint32_t i = 0; i < replay->map_entries.count; i++) {
		const struct map_entry_record *e = &replay->map_entries.items[i];

		if (e->view != VIEW_XEN && e->view != VIEW_FIRMWARE)
			continue;
		if (e->type == MEMORY_RAM) {
			ram.bytes += paddr_range_size(e->bytes);
			ram.last = e->at;
		} else {
			ram.host_like |= e->type == MEMORY_ACPI || e->type == MEMORY_NVS;
			ram.plain &= e->bytes.end.n <= LOW_MEMORY;
		}
		if (!loc_known(ram.first))
			ram.first = e->at;
	}
	return ram;
}

/* The kernel's own options for less memory than there is. */
static bool hides_memory(const struct replay *replay)
{
	return !replay->command_line || strstr(replay->command_line, "mem=") ||
	       strstr(replay->command_line, "memmap=");
}

static void tell_memory(const struct replay *replay, const struct given_ram *ram,
			struct report *report)
{
	const struct domain_description *told = replay->described;
	uint64_t most = told->memory_bytes, least = told->current_bytes;
	/* The hole for the BIOS is cut out of it. */
	uint64_t bytes = ram->bytes + 0x60000;
	struct finding *f;
	bool more;

	if (told->hotplug_bytes > most)
		most = told->hotplug_bytes;
	if (!most || !ram->bytes || !loc_known(ram->last) || replay->map_lost)
		return;
	more = ram->bytes > most + SLACK_BYTES;
	if (!more && (bytes + SLACK_BYTES >= least || hides_memory(replay)))
		return;
	f = finding_new(report, &rule_domain_xml_mismatch, ram->last);
	finding_message(report, f, "the guest's map has %llu MiB of RAM, and its description says %llu "
		"MiB (%s)", (ull)(bytes >> 20), (ull)((more ? most : least) >> 20),
		more ? "memory" : "currentMemory");
	finding_note(report, f, ram->last, "the last range of RAM in the map that the guest was given");
	f->facts = more ? "more memory" : "less memory";
}

static void tell_map(const struct replay *replay, const struct given_ram *ram,
		     struct report *report)
{
	const struct domain_description *told = replay->described;
	struct finding *f;

	if (replay->platform != PLATFORM_XEN_PV || told->kind != DESCRIBED_PV || replay->map_lost ||
	    !loc_known(ram->last))
		return;
	/* Without e820_host a PV guest's map is one piece of RAM that begins at 0; with
	 * it, the host's firmware shows. xl turns it on for a guest with a PCI device. */
	if (ram->host_like && !told->e820_host && !told->hostdevs && !told->passthrough) {
		f = finding_new(report, &rule_domain_xml_mismatch, ram->first);
		finding_message(report, f, "the guest was given the host's memory map, and its "
			"description has no e820_host");
		finding_note(report, f, ram->first, "ACPI ranges follow: a plain PV guest's map has "
			"none");
		f->facts = "host's map";
	} else if (ram->plain && told->e820_host) {
		f = finding_new(report, &rule_domain_xml_mismatch, ram->last);
		finding_message(report, f, "the guest was given a plain memory map, and its description "
			"has e820_host");
		finding_at_most(f, INFERRED);
		finding_note(report, f, ram->last, "the last range: the host's map would have others "
			"than RAM below 4 GiB");
		f->facts = "plain map";
	}
}

/* The kernel's command line without the blanks at its ends. */
static void tell_command_line(const struct replay *replay, struct report *report)
{
	const char *told = replay->described->command_line;
	struct text wanted = text_of(told ? told : "");
	struct finding *f;

	while (wanted.length && (unsigned char)*wanted.at <= ' ')
		wanted.at++, wanted.length--;
	while (wanted.length && (unsigned char)wanted.at[wanted.length - 1] <= ' ')
		wanted.length--;
	/* A long one is cut by the log's line, one with odd blanks by the toolstack. */
	if (!wanted.length || wanted.length > 512 || !replay->command_line ||
	    memchr(wanted.at, '\n', wanted.length) || text_contains(wanted, TEXT("  ")) ||
	    text_contains(text_of(replay->command_line), wanted))
		return;
	f = finding_new(report, &rule_domain_xml_mismatch, replay->command_line_at);
	finding_message(report, f, "the kernel was started with another command line than the "
		"description has: \"%.*s\"", wanted.length > 120 ? 120 : (int)wanted.length, wanted.at);
	finding_note(report, f, replay->command_line_at, "what the kernel was given");
	f->facts = "command line";
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct given_ram ram = ram_of(replay);

	(void)state;
	if (!replay->described || is_dom0(replay))
		return;   /* libvirt describes guests */
	tell_kind(replay, report);
	tell_memory(replay, &ram, report);
	tell_map(replay, &ram, report);
	tell_command_line(replay, report);
}

const struct rule rule_domain_xml_mismatch = {
	.id = "PGT057",
	.name = "domain-xml-mismatch",
	.severity = SEV_WARNING,
	.scope = SCOPE_GUEST,
	.title = "The libvirt description of the domain contradicts what the guest printed",
	.why = "the guest was built with another amount of memory, another map or as another kind "
	       "of guest than its description says: whoever debugs by the description looks at "
	       "the wrong machine",
	.fix = "compare virsh dumpxml with the running domain; restart the domain after an edit",
	.source = "libvirt docs/formatdomain (memory, os/type, features/xen/e820_host); Xen "
		  "tools/libs/light/libxl_x86.c libxl__arch_domain_create(), "
		  "tools/xl/xl_parse.c parse_config_data()",
	.needs = "the domain's libvirt XML (--domain-xml) and the guest's memory map",
	.bad = "<memory unit='KiB'>524288</memory>\n"
	       "Xen: [mem 0x0000000000100000-0x000000000fffffff] usable",
	.good = "<memory unit='KiB'>262144</memory>\n"
		"Xen: [mem 0x0000000000100000-0x000000000fffffff] usable",
	.needs_any = { EVIDENCE_DOMAIN_XML | EVIDENCE_MAP },
	.at_end = at_end,
};
