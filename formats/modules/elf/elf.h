/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What needs libelf: memory dumps, and the symbols of a kernel. */
#ifndef MODULES_ELF_ELF_H
#define MODULES_ELF_ELF_H

#include <stdio.h>

#include "formats/kernel_image.h"
#include "formats/reader.h"

struct dump;

struct elf_module {
	/* Opens the dump in `fd` (not owned; sought by pread() alone). NULL: it is
	 * none, or of no use; *trouble says why. Lives in the reader's arena. */
	struct dump *(*dump_open)(struct reader *reader, int fd, uint64_t size_bytes,
				  const char **trouble);
	/* "xl dump-core of a PV guest", "vmcore", ... */
	const char *(*dump_format)(const struct dump *dump);
	/* Bytes of memory that the file should hold and does not: it is cut. */
	uint64_t (*dump_cut)(const struct dump *dump);
	/* errno of a read of the file that failed so far: what it should have given is
	 * missing. 0: none did. */
	int (*dump_read_error)(const struct dump *dump);
	/* Writes the kernel's log as dmesg prints it. False: there is none, and
	 * *trouble says what is missing. */
	bool (*dump_log)(struct dump *dump, FILE *out, const char **trouble);
	/* Emits what the kernel's early variables tell, walks the live page tables
	 * and emits what is wrong with them; each fact is also a line of `out`, whose next byte is `offset`, in line `line`. */
	void (*dump_audit)(struct dump *dump, FILE *out, uint64_t offset, uint32_t line);
	/* Reads a kernel (vmlinux, a .debug file, a bzImage) in full. NULL: *trouble
	 * says why. Lives in `arena`. */
	struct kernel_image *(*image_open)(const char *path, struct arena *arena,
					   const char **trouble);
	/* The same from a file that is open, by pread() alone; it is closed. */
	struct kernel_image *(*image_read)(int fd, const char *path, struct arena *arena,
					   const char **trouble);
};

#endif
