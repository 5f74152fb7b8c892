/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An entry takes RAM for device memory, or asks for device memory that the
 * domain may not have.
 *
 *    e820 gap of the guest  --identity-->  host RAM      pg_owner=32753
 *                                                        (Xen's I/O domain)
 */
#include "core/complaints.h"

const struct rule rule_ram_as_iomem;

/* Bits of an entry from here on are above all memory and devices of x86 hosts:
 * 256 TiB. */
#define HIGH_BIT 48u
#define FOUR_GIB (UINT64_C(1) << 32)

static bool is_io_owner(const struct refusal *r)
{
	return r->entry && r->entry->pg_owner == DOMAIN_IO && !r->put_right;
}

/* Drivers of dom0 look at device pages that Xen keeps for itself (interrupt
 * controllers, MSI-X tables); that is no fault of the page tables. Above all
 * that the host has, the number is no address at all. */
static bool may_be_device(const struct replay *replay, const struct complaint_record *c)
{
	const struct span *span;
	uint64_t top = FOUR_GIB;

	if (c->domain != 0 && c->domain != DOMAIN_NONE)
		return false;
	if (c->mfn >> 40)
		return false;
	if (!(replay->evidence & EVIDENCE_HOST_MAP))
		return true;
	for (span = range_map_from(&replay->host_map, 0); span;
	     span = range_map_next(&replay->host_map, span))
		if (span->end > top)
			top = span->end;
	return c->mfn << FRAME_SHIFT < top;
}

static void tell_owner(const struct replay *replay, const struct alike *alike,
		       struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_ram_as_iomem, r, report);
	const struct span *span;

	if (!f)
		return;
	finding_message(report, f, "an entry takes machine frame 0x%llx for device memory, but it "
		"is RAM", (unsigned long long)r->entry->mfn);
	span = range_map_at(&replay->host_map, r->entry->mfn << FRAME_SHIFT);
	if (span && span->value == MEMORY_RAM)
		finding_note(report, f, span->at, "the host has RAM there");
	if (r->entry->entry & (1u << 10))
		f->facts = "io owner, bit 10";
	else
		f->facts = "io owner";
	alike_close(alike, f, report);
}

static void tell_mmio(const struct replay *replay, const struct alike *alike, bool device,
		      struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_ram_as_iomem, r, report);

	if (!f)
		return;
	finding_message(report, f, "an entry names 0x%llx, %s", (unsigned long long)r->first->mfn,
		device ? "a device page that this domain may not map"
		       : "a frame that is neither memory nor a device page of this domain");
	if (device) {
		f->severity = SEV_WARNING;
		finding_at_most(f, INFERRED);
		f->why = "Xen keeps some device pages for itself, and drivers that look at them get "
			 "nothing; a wrong frame number in the direct map looks the same";
		f->raise = "the address that was being mapped: a driver's ioremap, or the direct map";
	} else if (r->first->mfn >> (HIGH_BIT - FRAME_SHIFT)) {
		f->why = report_text(report, "bit %u of the entry is set: no host has memory or "
			"devices that high. The rest of the number, 0x%llx, may be the frame that "
			"was meant", 63 - (unsigned)__builtin_clzll(r->first->mfn) + FRAME_SHIFT,
			(unsigned long long)(r->first->mfn &
				((UINT64_C(1) << (HIGH_BIT - FRAME_SHIFT)) - 1)));
		f->fix = "look at what builds the entry, not at the memory map: a wrong physical "
			 "mask, an encryption bit, a not-present (inverted) entry made present, or "
			 "memory that is overwritten";
	} else {
		f->why = "the frame number in the entry is garbage, or the kernel maps a hole of its "
			 "memory map one to one that is no hole of the host";
	}
	f->facts = device ? "device" : "no frame";
	alike_close(alike, f, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct alike owner = { .times = 0 }, device = { .times = 0 }, bad = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	(void)state;
	while (refusal_next(replay, &i, &refusal)) {
		if (is_io_owner(&refusal))
			alike_add(&owner, &refusal, refusal.entry->mfn);
		else if (refusal.first->what == COMPLAINT_MMIO)
			alike_add(may_be_device(replay, refusal.first) ? &device : &bad, &refusal,
				  refusal.first->mfn);
	}
	if (owner.times)
		tell_owner(replay, &owner, report);
	if (device.times)
		tell_mmio(replay, &device, true, report);
	if (bad.times)
		tell_mmio(replay, &bad, false, report);
}

const struct rule rule_ram_as_iomem = {
	.id = "PGT033",
	.name = "ram-as-iomem",
	.severity = SEV_ERROR,
	.scope = SCOPE_PV,
	.title = "An entry takes RAM for device memory, or device memory the domain may not have",
	.why = "the guest maps a hole of its memory map one to one, as if it were device memory, "
	       "and the host has RAM there: the guest's map and the host's do not agree",
	.fix = "2f14ddc3a714 and 86b32122fd54 (Linux 2.6.39) keep the hole out of RAM; for a domU "
	       "with devices pass the host's map (e820_host=1)",
	.source = "Xen xen/arch/x86/mm.c get_page_from_l1e(), DOMID_IO, 3.4-4.20; "
		  "Linux 2f14ddc3a714, 86b32122fd54; QubesOS issue 331",
	.needs = "the hypervisor's console with page-type messages (guest_loglvl=all; from Xen 4.6 a "
		 "debug build), or a trace with Xen's answers: a refused update for the I/O domain",
	.bad = "(XEN) mm.c:888:d9 Error getting mfn 120000 (pfn 7a2c1) from L1 entry "
	       "8000000120000673 for l1e_owner=9, pg_owner=32753",
	.good = "(XEN) d0: Forcing read-only access to MFN fed00\n"
		"(the HPET: said in every healthy boot of a debug build)",
	.roots = "PGT051 PGT023",
	.needs_any = { EVIDENCE_XEN_SPEAKS, EVIDENCE_ANSWERS },
	.page_table_evidence = true,
	.at_end = at_end,
};
