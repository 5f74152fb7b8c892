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

static const char *const loss_docs[] = {
#define L(kind, doc) doc,
	LOSSES(L)
#undef L
};

static const char *const audit_docs[] = {
#define A(kind, doc) doc,
	AUDITS(A)
#undef A
};

static const char *const mmu_op_names[] = {
#define M(kind, doc) #kind,
	MMU_OPS(M)
#undef M
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

const char *loss_doc(enum loss loss)
{
	ASSERT(loss < LOSS_COUNT);
	return loss_docs[loss];
}

const char *audit_doc(enum audit audit)
{
	ASSERT(audit < AUDIT_COUNT);
	return audit_docs[audit];
}

const char *area_name(enum area area)
{
	ASSERT(area < AREA_COUNT);
	return area_names[area];
}

const char *mmu_op_name(enum mmu_op_kind kind)
{
	ASSERT(kind < MMU_OP_COUNT);
	return mmu_op_names[kind];
}

/* Source: Intel SDM volume 3, "Exception and Interrupt Reference". */
const char *trap_name(uint8_t trap)
{
	switch (trap) {
	case 0:
		return "divide error";
	case 1:
		return "debug exception";
	case 2:
		return "non-maskable interrupt";
	case 3:
		return "breakpoint";
	case 6:
		return "invalid opcode";
	case 7:
		return "no FPU";
	case 8:
		return "double fault";
	case 10:
		return "invalid TSS";
	case 11:
		return "segment not present";
	case 12:
		return "stack fault";
	case 13:
		return "general protection fault";
	case TRAP_PAGE_FAULT:
		return "page fault";
	case 16:
		return "FPU error";
	case 17:
		return "misaligned access";
	case 18:
		return "machine check";
	default:
		return "exception";
	}
}

const char *memory_type_name(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM:
		return "RAM";
	case MEMORY_RESERVED:
		return "reserved";
	case MEMORY_ACPI:
		return "ACPI data";
	case MEMORY_NVS:
		return "ACPI NVS";
	case MEMORY_UNUSABLE:
		return "unusable";
	case MEMORY_PMEM:
		return "persistent memory";
	case MEMORY_PRAM:
		return "persistent memory (legacy)";
	case MEMORY_SOFT_RESERVED:
		return "soft reserved";
	case MEMORY_OTHER:
		return "other";
	case MEMORY_ANY:
		return "any";
	}
	return "other";
}
