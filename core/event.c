/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/event.h"

static const char *const names[] = {
#define E(kind, doc) #kind,
	EVENTS(E)
#undef E
};

static const char *const docs[] = {
#define E(kind, doc) doc,
	EVENTS(E)
#undef E
};

static const char *const complaint_docs[] = {
#define C(kind, doc) doc,
	COMPLAINTS(C)
#undef C
};

static const char *const area_names[AREA_COUNT] = {
	[AREA_KERNEL] = "kernel image",
	[AREA_INITRD] = "initrd",
	[AREA_P2M] = "p2m list",
	[AREA_START_INFO] = "start info",
	[AREA_XEN_TABLES] = "Xen's page tables",
	[AREA_BOOT_STACK] = "boot stack",
	[AREA_CONSOLE_RING] = "console ring",
	[AREA_XENSTORE_RING] = "xenstore ring",
	[AREA_NODE_DATA] = "node data",
	[AREA_CRASHKERNEL] = "crash kernel",
	[AREA_TRAMPOLINE] = "trampoline",
};

const char *event_name(enum event_kind kind)
{
	ASSERT(kind < EV_COUNT);
	return names[kind];
}

const char *event_doc(enum event_kind kind)
{
	ASSERT(kind < EV_COUNT);
	return docs[kind];
}

const char *complaint_doc(enum complaint complaint)
{
	ASSERT(complaint < COMPLAINT_COUNT);
	return complaint_docs[complaint];
}

const char *area_name(enum area area)
{
	ASSERT(area < AREA_COUNT);
	return area_names[area];
}
