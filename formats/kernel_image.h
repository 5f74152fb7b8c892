/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a kernel's ELF image tells about its boot (--vmlinux): names behind
 * addresses, where its parts lie, what it asks of Xen. Made by
 * formats/modules/elf; addresses are those it was linked for. */
#ifndef FORMATS_KERNEL_IMAGE_H
#define FORMATS_KERNEL_IMAGE_H

#include "core/frame.h"

struct symbols;

/* Where the image's first physical byte would be mapped.
 * Source: Linux __START_KERNEL_map, arch/x86/include/asm/page_64_types.h. */
#define KERNEL_IMAGE_BASE UINT64_C(0xffffffff80000000)

struct kernel_image {
	const char *path;
	const char *build_id;        /* hex, or NULL */
	const char *version;         /* "6.1.0-56-amd64", or NULL */
	struct symbols *symbols;     /* NULL: none in the file, only its notes */
	struct vaddr_range image;    /* _text to _end, or the segments */
	struct vaddr_range brk;      /* __brk_base to __brk_limit; may be empty */
	/* Xen notes; UINT64_MAX, NULL: not told. Source: Xen include/public/elfnote.h. */
	uint64_t virt_base, paddr_offset, init_p2m;
	const char *features;
	/* The first segment of the kernel's mapping: where it was linked for, and its
	 * physical address as the file has it; UINT64_MAX: there is none. */
	uint64_t segment_virtual, segment_physical;
	/* The function that holds the address: its name, the address' distance from
	 * its start and its size (0: not told). NULL: none does. */
	const char *(*name_of)(const struct kernel_image *image, uint64_t address,
			       uint64_t *offset, uint64_t *size);
	/* The address of a symbol; false: there is none of that name. */
	bool (*address_of)(const struct kernel_image *image, const char *name,
			   uint64_t *address);
};

#endif
