/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest that fits its memory to the host's map gives away frames in use.
 *
 *    guest frames   |--- RAM ---|--- in a hole of the host ---|
 *    built there                    |- initrd -|
 *                               |<-- released, or mapped 1:1 -->|
 */
#include "core/rule.h"

const struct rule rule_remap_in_use;

static const char *move_words(enum frames_move what)
{
	switch (what) {
	case MOVE_RELEASED: return "released to Xen";
	case MOVE_POPULATED: return "given new memory";
	case MOVE_IDENTITY: return "mapped 1:1 to the machine";
	case MOVE_REMAPPED: return "remapped";
	}
	return "moved";
}

/* What stands there from before the kernel's first instruction. What it moved
 * itself ("relocation") is where it is because of the map. */
static bool stands_there(const struct area_record *area)
{
	if (area->relocation)
		return false;
	switch (area->area) {
	case AREA_KERNEL: case AREA_INITRD: case AREA_P2M: case AREA_START_INFO:
	case AREA_XEN_TABLES: case AREA_BOOT_STACK: case AREA_CONSOLE_RING:
	case AREA_XENSTORE_RING:
		return true;
	case AREA_NODE_DATA: case AREA_CRASHKERNEL: case AREA_TRAMPOLINE: case AREA_COUNT:
		break;
	}
	return false;
}

static const struct area_record *victim(const struct replay *replay, struct pfn_range frames)
{
	for (uint32_t i = 0; i < replay->areas.count; i++)
		if (stands_there(&replay->areas.items[i]) &&
		    pfn_range_overlap(frames, pfns_touched(replay->areas.items[i].bytes)))
			return &replay->areas.items[i];
	return NULL;
}

static void moved(const struct replay *replay, const struct moved_record *move,
		  const struct area_record *area, struct report *report)
{
	struct finding *f = finding_new(report, &rule_remap_in_use, move->at);

	if (f->more)
		return;
	f->where = pfn_range_meet(move->frames, pfns_touched(area->bytes));
	finding_at_most(f, INFERRED);
	/* A kernel that lives on had moved the contents before. */
	if (!replay_crashed(replay))
		f->severity = SEV_WARNING;
	finding_message(report, f, "frames 0x%llx-0x%llx of the %s were %s while in use",
		(unsigned long long)f->where.start.n, (unsigned long long)f->where.end.n,
		area_name(area->area), move_words(move->what));
	finding_note(report, f, move->at, "the range that was %s", move_words(move->what));
	finding_note(report, f, area->at, "what stands there");
	f->facts = report_text(report, "%s %s", area_name(area->area), move_words(move->what));
	f->raise = "a dump of the p2m list, or the same boot with a smaller dom0_mem=";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	(void)private;
	for (uint32_t i = 0; i < replay->moved.count; i++) {
		const struct moved_record *move = &replay->moved.items[i];
		const struct area_record *area = victim(replay, move->frames);

		if (area && !pfn_range_empty(move->frames) && move->count)
			moved(replay, move, area, report);
	}
}

const struct rule rule_remap_in_use = {
	.id = "PGT055",
	.name = "remap-in-use",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "Guest frames that hold the kernel, the initrd or Xen's tables are given away",
	.why = "a PV kernel releases the frames that fall into holes of the host's map, or maps "
	       "them to the machine; what was built there is lost",
	.fix = "Linux from 4.3 on moves p2m list and initrd out of the way first; before, give "
	       "dom0 less memory (dom0_mem=) or place the initrd elsewhere",
	.source = "Linux arch/x86/xen/setup.c xen_set_identity_and_remap(), 2.6.37-4.2; xen-devel, "
		  "January 2015 (remapping of areas in use)",
	.needs = "the ranges that the kernel releases or maps 1:1 (to 3.16), and Xen's layout or "
		 "the RAMDISK line",
	.roots = "PGT052",
	.bad = "(XEN)  Init. ramdisk: ffffffff82000000->ffffffff82a00000\n"
	       "Freeing  2000-2800 pfn range: 2048 pages freed",
	.good = "(XEN)  Init. ramdisk: ffffffff82000000->ffffffff82a00000\n"
		"Freeing  9f-100 pfn range: 97 pages freed",
	.needs_any = { EVIDENCE_LAYOUT | EVIDENCE_KERNEL, EVIDENCE_MEMBLOCK },
	.at_end = at_end,
};
