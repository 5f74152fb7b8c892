/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Dom0 takes for RAM what the host's own map says is not. Dom0 sees the host's
 * map frame by frame: what is reserved there is mapped to itself here.
 *
 *    host   |---- RAM ----|-- reserved --|        |---- RAM ----|
 *    dom0   |---- RAM ---------|                               |-- extra RAM --|
 *                          ^ a device's memory                   in order
 */
#include "core/rule.h"

const struct rule rule_e820_view_mismatch;

/* The hole for the video memory and the BIOS is cut on purpose. */
#define LOW_MEMORY UINT64_C(0x100000)

static bool is_dom0(const struct replay *replay)
{
	if (replay->domain != DOMAIN_NONE)
		return replay->domain == 0;
	return replay->steps[STEP_XEN_BUILDS_DOM0].reached ||
	       (replay->evidence & EVIDENCE_LAYOUT);
}

/* From 6.12 on (and in stable trees) the kernel moves non-RAM that its own
 * image covers to another guest address, swaps the two in its map and says so.
 * Source: Linux arch/x86/xen/setup.c xen_do_remap_nonram(), d05208cf7f05. */
static bool moved_on_purpose(const struct replay *replay, uint64_t frames)
{
	for (uint32_t i = 0; i < replay->moved.count; i++)
		if (replay->moved.items[i].what == MOVE_REMAPPED &&
		    replay->moved.items[i].count >= frames)
			return true;
	return false;
}

struct mismatch {
	struct paddr_range first;    /* whole frames of it */
	struct loc guest_at, host_at;
	enum memory_type host_type;
	uint64_t frames, parts;
};

static void add(struct mismatch *m, const struct span *guest, const struct span *host)
{
	struct paddr_range both = paddr_range_meet(paddr_range(guest->start, guest->end),
						   paddr_range(host->start, host->end));
	struct pfn_range ram = pfns_inside(paddr_range(guest->start, guest->end));
	struct pfn_range frames = pfn_range_meet(ram, pfns_touched(both));

	if (pfn_range_empty(frames))
		return;
	m->frames += pfn_range_size(frames);
	if (m->parts++)
		return;
	m->first = bytes_of(frames);
	m->guest_at = guest->at;
	m->host_at = host->at;
	m->host_type = (enum memory_type)host->value;
}

/* Only what the host's map names counts: dom0's RAM above the host's last
 * entry, or in a hole of it, is where it keeps the memory it may get later. */
static struct mismatch compare(const struct replay *replay)
{
	struct mismatch m = { .parts = 0 };
	const struct span *guest, *host;

	for (guest = range_map_from(&replay->map_in_force, LOW_MEMORY); guest;
	     guest = range_map_next(&replay->map_in_force, guest)) {
		if (guest->value != MEMORY_RAM)
			continue;
		for (host = range_map_from(&replay->host_map, guest->start);
		     host && host->start < guest->end;
		     host = range_map_next(&replay->host_map, host))
			if (host->value != MEMORY_RAM && host->end > LOW_MEMORY)
				add(&m, guest, host);
	}
	return m;
}

static const char *type_words(enum memory_type type)
{
	switch (type) {
	case MEMORY_RESERVED: return "reserved";
	case MEMORY_ACPI: return "ACPI data";
	case MEMORY_NVS: return "ACPI NVS";
	case MEMORY_UNUSABLE: return "unusable";
	case MEMORY_RAM: case MEMORY_PMEM: case MEMORY_PRAM: case MEMORY_SOFT_RESERVED:
	case MEMORY_OTHER: case MEMORY_ANY:
		break;
	}
	return "not RAM";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	struct finding *f;
	struct mismatch m;

	(void)private;
	if (!is_dom0(replay) || replay->map_view == VIEW_FIRMWARE)
		return;
	m = compare(replay);
	if (!m.parts || moved_on_purpose(replay, m.frames))
		return;
	f = finding_new(report, &rule_e820_view_mismatch, m.guest_at);
	f->where = pfns_touched(m.first);
	finding_message(report, f, "dom0 takes 0x%llx-0x%llx for RAM, which is %s for the host%s",
		(unsigned long long)m.first.start.n, (unsigned long long)m.first.end.n,
		type_words(m.host_type), m.parts > 1
		? report_text(report, " (%llu such ranges, %llu frames in all)",
			      (unsigned long long)m.parts, (unsigned long long)m.frames)
		: "");
	finding_note(report, f, m.guest_at, "dom0's map");
	finding_note(report, f, m.host_at, "the host's map, which dom0 shares frame by frame");
	f->facts = report_text(report, "%s", type_words(m.host_type));
}

const struct rule rule_e820_view_mismatch = {
	.id = "PGT051",
	.name = "e820-view-mismatch",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "Dom0 takes for RAM what the host's memory map says is not",
	.why = "these guest frames stand for device or firmware memory; what the kernel stores "
	       "there is lost, or breaks the device, and Xen refuses page tables there",
	.fix = "24bdb0b62cc8 and 36bc251b87f8 place dom0's extra memory outside of what the host "
	       "reserves; on later kernels look at memmap= and mem= options",
	.source = "Linux arch/x86/xen/setup.c xen_memory_setup(), 2.6.37-7.1; Xen "
		  "XENMEM_machine_memory_map",
	.needs = "Xen's memory map and dom0's own",
	.bad = "(XEN)  000000001ffe0000 - 0000000020000000 (reserved)\n"
	       "Xen: 0000000000100000 - 0000000020000000 (usable)",
	.good = "(XEN)  000000001ffe0000 - 0000000020000000 (reserved)\n"
		"Xen: 0000000000100000 - 000000001ffe0000 (usable)",
	.needs_any = { EVIDENCE_HOST_MAP | EVIDENCE_MAP },
	.at_end = at_end,
};
