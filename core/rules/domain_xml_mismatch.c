/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The libvirt description of the domain contradicts the map that the guest
 * printed: its memory, e820_host, or what kind of guest it is.
 *
 * Only the description's reader is missing: EVIDENCE_DOMAIN_XML is never set
 * yet, so this rule says what it needs and is never judged. */
#include "core/rule.h"

const struct rule rule_domain_xml_mismatch;

const struct rule rule_domain_xml_mismatch = {
	.id = "PGT057",
	.name = "domain-xml-mismatch",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "The libvirt description of the domain contradicts the memory map that it printed",
	.why = "the guest was built with another amount of memory, another map or as another kind "
	       "of guest than its description says: whoever debugs by the description looks at "
	       "the wrong machine",
	.fix = "compare virsh dumpxml with the running domain; restart the domain after an edit",
	.source = "libvirt docs/formatdomain (memory, os/type, features/xen/e820_host)",
	.needs = "the domain's libvirt XML, which cannot be read yet, and its memory map",
	.bad = "<memory unit='KiB'>524288</memory>\n"
	       "Xen: [mem 0x0000000000100000-0x000000000fffffff] usable",
	.good = "<memory unit='KiB'>262144</memory>\n"
		"Xen: [mem 0x0000000000100000-0x000000000fffffff] usable",
	.needs_any = { EVIDENCE_DOMAIN_XML | EVIDENCE_MAP },
};
