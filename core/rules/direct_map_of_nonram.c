/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The direct map covers what is not RAM.
 *
 *    memory map   |--- RAM ---|  hole  |-- reserved --|--- RAM ---|
 *    direct map   |================================|
 */
#include "core/rule.h"

const struct rule rule_direct_map_of_nonram;

/* Every kernel maps the first MiB as a whole. */
#define LOW_MEMORY UINT64_C(0x100000)

struct state {
	struct paddr_range first;     /* the first part that is no RAM */
	struct loc mapping_at, entry_at;
	enum certainty certainty;
	uint64_t bytes;
	uint32_t parts;
};

/* The next part of [*at, end) that is not RAM, moving *at past it. */
static bool next_nonram(const struct range_map *map, uint64_t *at, uint64_t end,
			struct paddr_range *part, struct loc *entry_at)
{
	while (*at < end) {
		const struct span *span = range_map_from(map, *at);
		uint64_t start = *at;

		*entry_at = LOC_NONE;
		if (span && span->start <= start) {
			*at = span->end;
			if (span->value == MEMORY_RAM)
				continue;
			*entry_at = span->at;
		} else {
			*at = span ? span->start : end;
		}
		*part = paddr_range(start, *at < end ? *at : end);
		return true;
	}
	return false;
}

/* Kernels to 3.8 map from 0 to the end of RAM by design. Memory that is
 * plugged in later, or that EFI needs, is not in the map. */
static bool concerns(const struct replay *replay)
{
	return kernel_from(&replay->kernel, 3, 9, 0) && (replay->evidence & EVIDENCE_MAP) &&
	       !replay->steps[STEP_ZONES].reached && !replay_setup_done(replay);
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	uint64_t at = event->u.mapping.bytes.start.n;
	struct state *state = private;
	struct paddr_range part;
	struct loc entry_at;

	(void)report;
	if (!concerns(replay))
		return;
	if (at < LOW_MEMORY)
		at = LOW_MEMORY;
	while (next_nonram(&replay->map_in_force, &at, event->u.mapping.bytes.end.n, &part,
			   &entry_at)) {
		/* A page that is RAM in part is another rule's matter. */
		if (pfn_range_empty(pfns_inside(part)))
			continue;
		state->bytes += paddr_range_size(part);
		if (state->parts++)
			continue;
		state->first = part;
		state->mapping_at = event->at;
		state->entry_at = entry_at;
		state->certainty = event->certainty;
	}
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;
	struct finding *f;

	(void)replay;
	if (!state->parts)
		return;
	f = finding_new(report, &rule_direct_map_of_nonram, state->mapping_at);
	f->where = pfns_touched(state->first);
	finding_at_most(f, state->certainty);
	finding_message(report, f, "the direct map covers 0x%llx-0x%llx, which is %s%s",
		(unsigned long long)state->first.start.n, (unsigned long long)state->first.end.n,
		loc_known(state->entry_at) ? "not RAM" : "a hole of the memory map",
		state->parts > 1 ? report_text(report, " (%u such parts, %llu KiB in all)",
			state->parts, (unsigned long long)state->bytes >> 10) : "");
	finding_note(report, f, state->entry_at, "what the memory map says of it");
	f->facts = loc_known(state->entry_at) ? "entry" : "hole";
}

const struct rule rule_direct_map_of_nonram = {
	.id = "PGT053",
	.name = "direct-map-of-nonram",
	.severity = SEV_WARNING,
	.scope = SCOPE_ALL,
	.title = "The direct map covers memory that is not RAM",
	.why = "the processor may read ahead through such a mapping, with the wrong cache type: "
	       "natively that can hang a device or raise a machine check; Xen refuses the entries",
	.fix = "844ab6f993b1 (Linux 3.7) maps RAM only; on a later kernel look at who changed the "
	       "map between the e820 lines and the mapping",
	.source = "Linux arch/x86/mm/init.c init_range_memory_mapping(), 3.9-7.1",
	.needs = "the memory map and the init_memory_mapping lines (printed to 4.2)",
	.roots = "PGT006 PGT050 PGT052",
	.bad = "BIOS-e820: [mem 0x000000001fe00000-0x000000001fffffff] reserved\n"
	       "init_memory_mapping: [mem 0x1fc00000-0x1fffffff]",
	.good = "BIOS-e820: [mem 0x000000001fe00000-0x000000001fffffff] reserved\n"
		"init_memory_mapping: [mem 0x1fc00000-0x1fdfffff]",
	.needs_any = { EVIDENCE_MAP | EVIDENCE_MAPPING },
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_MAPPING_STARTED),
	.on_event = on_event,
	.at_end = at_end,
};
