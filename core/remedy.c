/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/remedy.h"

/* Source of the releases: Linux arch/x86/mm/init.c and arch/x86/kernel/setup.c,
 * sampled 2.6.30-7.1; the BRK line was removed by 67d631b7c05e (5.8), the
 * mapping lines became pr_debug between 4.2 and 4.4. */

static bool is_domu(const struct replay *replay)
{
	return replay_is_pv(replay) && replay->domain != DOMAIN_NONE && replay->domain != 0;
}

static const char *pool_line(const struct kernel_version *v)
{
	return kernel_from(v, 3, 9, 0)
		? "kernels from 3.9 on have no pool of this kind, and print no such line"
		: "add ignore_loglevel (the line \"kernel direct mapping tables up to\" is "
		  "KERN_DEBUG)";
}

static const char *brk_lines(const struct kernel_version *v)
{
	if (kernel_from(v, 5, 8, 0))
		return "kernels from 5.8 on do not print these pages, and no boot option makes them";
	if (kernel_before(v, 3, 9, 0))
		return "kernels up to 3.8 take no page tables from the brk";
	return "add ignore_loglevel (the line \"BRK [..] PGTABLE\" is KERN_DEBUG, 3.9 to 5.7)";
}

static const char *mapping_lines(const struct kernel_version *v)
{
	if (kernel_before(v, 4, 3, 0))
		return "capture the kernel's whole log from its first line";
	return "build the kernel with -DDEBUG for arch/x86/mm/init.c: from 4.3 on the lines are "
	       "pr_debug, and come before dyndbg= is heard";
}

/* Not every version counts its patch level where 2.6 does. */
static const char *memblock_lines(const struct kernel_version *v)
{
	if (kernel_before(v, 2, 6, 37))
		return "capture the early-reservation list that kernels up to 2.6.36 print (\"early "
		       "reservations ==> bootmem\")";
	return "boot with memblock=debug ignore_loglevel";
}

static const char *page_type_messages(const struct replay *replay)
{
	const struct hypervisor *xen = &replay->xen;
	bool always = xen->known && (xen->major < 4 || (xen->major == 4 && xen->minor < 6));

	if (is_domu(replay))
		return "on the host, boot a debug build of Xen (up to 4.5 any build) with "
		       "guest_loglvl=all, and capture its console (serial or xl dmesg)";
	if (always)
		return "boot Xen with guest_loglvl=all and capture its console (serial or xl dmesg)";
	return "boot a debug build of Xen (debug=y; up to 4.5 any build) with guest_loglvl=all, and "
	       "capture its console (serial or xl dmesg)";
}

static const char *kernel_lines(const struct replay *replay)
{
	if (replay->evidence & EVIDENCE_XEN)
		return "capture the kernel's console too: earlyprintk=xen console=hvc0";
	return evidence_remedy(EVIDENCE_KERNEL);
}

const char *remedy_for(const struct replay *replay, enum evidence bit)
{
	const struct kernel_version *v = &replay->kernel;

	switch (bit) {
	case EVIDENCE_KERNEL:
		return kernel_lines(replay);
	case EVIDENCE_POOL:
		return pool_line(v);
	case EVIDENCE_BRK_LINES:
		return brk_lines(v);
	case EVIDENCE_MEMBLOCK:
		return memblock_lines(v);
	case EVIDENCE_MAPPING:
		return mapping_lines(v);
	case EVIDENCE_XEN_SPEAKS:
		return page_type_messages(replay);
	case EVIDENCE_XEN:
		if (is_domu(replay))
			return "on the host, capture Xen's console as well: serial or xl dmesg";
		break;
	case EVIDENCE_LAYOUT:
		if (is_domu(replay))
			return "Xen prints a layout for dom0 only";
		break;
	case EVIDENCE_MAPPED_LIMIT:
		if (kernel_from(v, 3, 9, 0))
			return "kernels from 3.9 on print no such line";
		break;
	case EVIDENCE_WX_CHECK:
		if (kernel_before(v, 4, 4, 0))
			return "kernels before 4.4 have no such check";
		break;
	default:
		break;
	}
	return evidence_remedy(bit);
}

unsigned remedy_distance(const struct replay *replay, uint32_t lacking)
{
	const struct kernel_version *v = &replay->kernel;
	unsigned distance = 0;

	if ((lacking & (EVIDENCE_POOL | EVIDENCE_MAPPED_LIMIT)) && kernel_from(v, 3, 9, 0))
		distance += 4;
	if ((lacking & EVIDENCE_BRK_LINES) && kernel_before(v, 3, 9, 0))
		distance += 4;
	if ((lacking & EVIDENCE_BRK_LINES) && kernel_from(v, 5, 8, 0))
		distance += 2;
	if ((lacking & EVIDENCE_MAPPING) && kernel_from(v, 4, 3, 0))
		distance += 1;
	/* Nobody can ask for a crash. */
	if (lacking & (EVIDENCE_PV_BUG | EVIDENCE_P2M_WORD | EVIDENCE_PIN_BUG))
		distance += 8;
	return distance;
}
