/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/rule.h"

#include <strings.h>

static bool same_word(struct text typed, const char *word)
{
	return strlen(word) == typed.length && !strncasecmp(word, typed.at, typed.length);
}

const struct rule *rule_find(struct text id_or_name)
{
	for (size_t i = 0; i < rule_count; i++)
		if (same_word(id_or_name, rule_table[i]->id) ||
		    same_word(id_or_name, rule_table[i]->name))
			return rule_table[i];
	return NULL;
}

size_t rule_index(const struct rule *rule)
{
	size_t index = 0;

	while (index < rule_count && rule_table[index] != rule)
		index++;
	ASSERT(index < rule_count);
	return index;
}

/* What a boot can be asked for, and how to get it. In order of the bits of
 * enum evidence. Remedies follow "boot with", "capture", "add": they are
 * sentences without a subject, so that they stand after a colon. */
static const struct evidence_text {
	const char *name, *remedy;
} evidence_texts[] = {
	/* EVIDENCE_KERNEL */
	{ "kernel lines",
	  "capture the kernel's console too: earlyprintk=xen (dom0) or "
	  "earlyprintk=serial,ttyS0,115200 (native)" },
	/* EVIDENCE_MAP */
	{ "memory map",
	  "capture from power-on and add ignore_loglevel, so that the e820 lines are kept" },
	/* EVIDENCE_POOL. KERN_DEBUG in every kernel that has the line. */
	{ "pool line",
	  "add ignore_loglevel (the line \"kernel direct mapping tables up to\" is KERN_DEBUG)" },
	/* EVIDENCE_BRK_LINES. 3.9 to 5.7; no distribution kernel prints them later. */
	{ "BRK lines",
	  "use a kernel 3.9 to 5.7 with ignore_loglevel; later ones do not print BRK pages" },
	/* EVIDENCE_MEMBLOCK */
	{ "memblock lines", "boot with memblock=debug ignore_loglevel" },
	/* EVIDENCE_MAPPING. pr_debug from 4.4 on. */
	{ "direct-map lines",
	  "use a kernel up to 4.2, or a later one built with -DDEBUG for arch/x86/mm/init.c "
	  "(the lines come before dyndbg= is heard); add ignore_loglevel" },
	/* EVIDENCE_XEN */
	{ "Xen console",
	  "capture Xen's console as well: serial (com1=115200,8n1 console=com1) or xl dmesg" },
	/* EVIDENCE_XEN_SPEAKS */
	{ "Xen page-type messages",
	  "boot a debug build of Xen (debug=y; up to 4.5 any build) with guest_loglvl=all, and "
	  "capture its console (serial or xl dmesg)" },
	/* EVIDENCE_LAYOUT */
	{ "dom0 layout",
	  "boot Xen with loglvl=all and capture its console from power-on" },
	/* EVIDENCE_HOST_MAP */
	{ "Xen's memory map",
	  "boot Xen with loglvl=all and capture its console from power-on" },
	/* EVIDENCE_TRACE */
	{ "value-level trace",
	  "boot a kernel that prints every mmu_update (see pgtcheck-capture(7))" },
	/* EVIDENCE_SETUP_END */
	{ "end of page-table set-up",
	  "capture on until the \"Memory:\" line, or until the crash" },
	/* EVIDENCE_SYMBOLS */
	{ "symbols", "give the kernel's vmlinux with its symbols" },
	/* EVIDENCE_DUMP */
	{ "memory dump", "take a dump: xl dump-core DOMAIN FILE, or kdump" },
	/* EVIDENCE_DOMAIN_XML */
	{ "domain description", "give the domain's libvirt XML: virsh dumpxml DOMAIN" },
	/* EVIDENCE_WX_CHECK */
	{ "W+X check", "boot a kernel (4.4 on) with CONFIG_DEBUG_WX=y, up to the start of init" },
	/* EVIDENCE_MAPPED_LIMIT */
	{ "mapped limit",
	  "add ignore_loglevel (the line \"initial memory mapped\" is KERN_DEBUG, to 3.8)" },
	/* EVIDENCE_PV_BUG */
	{ "BUG in the PV page-table code",
	  "a kernel prints it when the hypervisor refuses a page table and it dies of that" },
	/* EVIDENCE_P2M_WORD */
	{ "P2M failure told by Linux", "a kernel prints it when it happens" },
	/* EVIDENCE_ANSWERS */
	{ "Xen's answers in a trace",
	  "boot a kernel that prints every mmu_update with Xen's answer (see pgtcheck-capture(7))" },
	/* EVIDENCE_PIN_BUG */
	{ "BUG over a page that was being pinned", "a kernel prints it when it happens" },
	/* EVIDENCE_ENTRIES */
	{ "trace whose entries can be judged",
	  "trace every mmu_update from the boot's first operation on, with Xen's answers and "
	  "addresses that are not hidden (see pgtcheck-capture(7)), and give the boot's log" },
	/* EVIDENCE_PINS */
	{ "trace whose pins can be judged",
	  "trace every mmuext_op from the boot's first operation on, with Xen's answers and machine "
	  "frames (see pgtcheck-capture(7)), and give the boot's log" },
	/* EVIDENCE_XEN_VERSION */
	{ "Xen's version",
	  "capture the guest's log from its first line (\"Xen version:\"), or Xen's console from "
	  "power-on" },
};

static const struct evidence_text *evidence_text_of(enum evidence bit)
{
	unsigned index = (unsigned)__builtin_ctz((unsigned)bit);

	_Static_assert(EVIDENCE_LAST == 1u << (ARRAY_LEN(evidence_texts) - 1),
		       "every evidence bit has its text");
	ASSERT(index < ARRAY_LEN(evidence_texts));
	return &evidence_texts[index];
}

const char *evidence_name(enum evidence bit)
{
	return evidence_text_of(bit)->name;
}

const char *evidence_remedy(enum evidence bit)
{
	return evidence_text_of(bit)->remedy;
}

const char *scope_words(enum scope scope)
{
	switch (scope) {
	case SCOPE_ALL:
		return "every boot";
	case SCOPE_PV:
		return "Xen PV guests";
	case SCOPE_POOL_ERA:
		return "kernels up to 3.8";
	case SCOPE_PV_POOL_ERA:
		return "Xen PV guests, kernels up to 3.8";
	case SCOPE_BRK_ERA:
		return "kernels from 3.9 on";
	case SCOPE_PV_BRK_ERA:
		return "Xen PV guests, kernels from 3.9 on";
	case SCOPE_PV_32BIT:
		return "32-bit Xen PV guests";
	case SCOPE_GUEST:
		return "Xen guests whose description is given";
	case SCOPE_INPUT:
		return "the input itself";
	}
	return "";
}
