/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Xen built for dom0 lies where dom0's memory map has no RAM.
 *
 *    dom0 map      |---- RAM ----|-- NVS --|---- RAM ----|
 *    Xen built        |------ kernel ------|- p2m -|- tables -|
 *                                 ^ mapped to itself: the kernel's bytes vanish
 */
#include "core/rule.h"

const struct rule rule_builder_area_conflict;

static const struct {
	const char *word;      /* in "Xen hypervisor allocated WORD memory ..." */
	enum area area;
	const char *says;
} built[] = {
	{ "page table", AREA_XEN_TABLES, "page tables" },
	{ "p2m", AREA_P2M, "p2m list" },
	{ "initrd", AREA_INITRD, "initrd" },
	{ "ramdisk", AREA_INITRD, "initrd" },
	{ "kernel", AREA_KERNEL, "kernel" },
};

static const struct area_record *area_of_builder(const struct replay *replay, enum area area)
{
	for (uint32_t i = 0; i < replay->areas.count; i++)
		if (replay->areas.items[i].area == area && replay->areas.items[i].from_builder)
			return &replay->areas.items[i];
	return NULL;
}

/* The first entry of the host's map that is not RAM and meets the area. */
static const struct span *in_the_way(const struct replay *replay, struct paddr_range bytes)
{
	const struct span *span;

	for (span = range_map_from(&replay->host_map, bytes.start.n);
	     span && span->start < bytes.end.n; span = range_map_next(&replay->host_map, span))
		if (span->value != MEMORY_RAM)
			return span;
	return NULL;
}

static void add_places(const struct replay *replay, const struct area_record *area,
		       struct finding *f, struct report *report)
{
	const struct span *span;

	if (!area)
		return;
	f->where = pfns_touched(area->bytes);
	finding_note(report, f, area->at, "where Xen put it: guest frames 0x%llx-0x%llx",
		(unsigned long long)f->where.start.n, (unsigned long long)f->where.end.n);
	span = in_the_way(replay, area->bytes);
	if (span)
		finding_note(report, f, span->at, "what lies there on the host");
}

/* --- the kernel says so -------------------------------------------------- */

static void said(const struct replay *replay, const struct complaint_record *c,
		 struct report *report)
{
	struct finding *f = finding_new(report, &rule_builder_area_conflict, c->at);
	struct text words = text_of(c->words ? c->words : "");
	size_t i = 0;

	if (f->more)
		return;
	while (i < ARRAY_LEN(built) && !text_contains(words, text_of(built[i].word)))
		i++;
	finding_at_most(f, c->certainty);
	finding_message(report, f, "the %s that Xen built for this domain lies where its memory "
		"map has no RAM", i < ARRAY_LEN(built) ? built[i].says : "memory");
	finding_note(report, f, c->at, "said by the kernel, which stops here");
	if (i < ARRAY_LEN(built))
		add_places(replay, area_of_builder(replay, built[i].area), f, report);
	f->facts = report_text(report, "told %s", i < ARRAY_LEN(built) ? built[i].says : "?");
}

/* --- or an old kernel does not look -------------------------------------- */

/* Before 4.3 nobody looked; since then silence means that it fits, or was
 * moved. Only kernels whose version is known count. */
static void unseen(const struct replay *replay, struct report *report)
{
	for (size_t i = 0; i < ARRAY_LEN(built); i++) {
		const struct area_record *area = area_of_builder(replay, built[i].area);
		struct finding *f;

		if (i && built[i].area == built[i - 1].area)
			continue;
		if (!area || !in_the_way(replay, area->bytes))
			continue;
		f = finding_new(report, &rule_builder_area_conflict, area->at);
		if (f->more)
			return;
		f->severity = replay_crashed(replay) ? SEV_ERROR : SEV_WARNING;
		finding_at_most(f, INFERRED);
		f->raise = "a kernel from 4.3 on checks this itself and says so";
		finding_message(report, f, "the %s that Xen built for dom0 lies where the host's "
			"memory map has no RAM", built[i].says);
		add_places(replay, area, f, report);
		f->facts = report_text(report, "unseen %s", built[i].says);
	}
}

/* --- or it moved away in time -------------------------------------------- */

/* "initrd moved from": the conflict is solved. Older kernels and native ones
 * move an initrd for other reasons. */
static void moved_away(const struct replay *replay, struct report *report)
{
	if (!replay_is_pv(replay) || !kernel_from(&replay->kernel, 4, 3, 0))
		return;
	for (uint32_t i = 0; i < replay->areas.count; i++) {
		const struct area_record *area = &replay->areas.items[i];
		struct finding *f;

		if (area->area != AREA_INITRD || !area->relocation)
			continue;
		f = finding_new(report, &rule_builder_area_conflict, area->at);
		f->severity = SEV_NOTE;
		f->where = pfns_touched(area->bytes);
		finding_message(report, f, "the kernel moved the initrd out of a range that is no "
			"RAM in its memory map");
		f->why = "nothing is wrong: the initrd was copied before its place was given up";
		f->fix = "nothing to do";
		f->facts = "initrd moved";
		return;
	}
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	bool told = false;

	(void)private;
	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		if (replay->complaints.items[i].what != COMPLAINT_BUILDER_CONFLICT)
			continue;
		said(replay, &replay->complaints.items[i], report);
		told = true;
	}
	if (!told && kernel_before(&replay->kernel, 4, 3, 0))
		unseen(replay, report);
	if (!told)
		moved_away(replay, report);
}

const struct rule rule_builder_area_conflict = {
	.id = "PGT052",
	.name = "builder-area-conflict",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "Kernel, page tables, p2m list or initrd were built where the memory map has no RAM",
	.why = "dom0 sees the host's reserved and ACPI ranges at their own addresses; what Xen "
	       "loaded there before is hidden behind them",
	.fix = "Linux from 4.3 on moves p2m list, initrd and page tables away; d05208cf7f05 "
	       "(6.12, and stable) also moves ACPI ranges from under the kernel; before, build "
	       "the kernel with another CONFIG_PHYSICAL_START",
	.source = "Linux arch/x86/xen/setup.c xen_memory_setup(), xen_chk_is_e820_usable(), 4.3-7.1; "
		  "Qubes issue 8791",
	.needs = "the kernel's raw console lines (Xen's console carries them); to name the place, "
		 "Xen's layout of dom0 and its memory map",
	.bad = "Xen hypervisor allocated kernel memory conflicts with E820 map",
	.good = "Remapped 32 non-RAM page(s)",
	.needs_any = { EVIDENCE_KERNEL, EVIDENCE_LAYOUT | EVIDENCE_HOST_MAP },
	.at_end = at_end,
};
