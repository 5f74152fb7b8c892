/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the description of a guest says of it (libvirt's domain XML), as far as
 * its log can agree or disagree. */
#ifndef CORE_DOMAIN_DESCRIPTION_H
#define CORE_DOMAIN_DESCRIPTION_H

#include "core/base.h"

enum described_kind { DESCRIBED_UNKNOWN, DESCRIBED_PV, DESCRIBED_PVH, DESCRIBED_HVM };

struct domain_description {
	const char *name;            /* or NULL */
	const char *hypervisor;      /* domain/@type: "xen", "kvm"; or NULL */
	enum described_kind kind;
	uint64_t memory_bytes;       /* the most the guest may have; 0: not told */
	uint64_t current_bytes;      /* what it was started with */
	uint64_t hotplug_bytes;      /* maxMemory; 0: none */
	uint32_t vcpus;              /* 0: not told */
	bool e820_host;              /* the guest gets the host's map */
	bool passthrough;
	uint32_t hostdevs;
	const char *kernel, *command_line;   /* of a direct boot; or NULL */
};

#endif
