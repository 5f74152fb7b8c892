/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODULES_ELF_IMAGE_H
#define MODULES_ELF_IMAGE_H

#include "core/arena.h"
#include "formats/kernel_image.h"

/* See struct elf_module. */
struct kernel_image *image_open(const char *path, struct arena *arena, const char **trouble);
struct kernel_image *image_read(int fd, const char *path, struct arena *arena,
				const char **trouble);
/* A build-id in hex is so long: linkers write 8 to 20 bytes, notes hold up to 32. */
#define BUILD_ID_DIGITS_MIN 8u
#define BUILD_ID_DIGITS_MAX 64u

/* The image of a build-id, hex digits only: FOLDER/.build-id/ab/cdef.debug, else the first
 * file of the folder that has it, by name. NULL: none has. *misnamed: the first has another
 * than its name says, or none; or NULL. */
struct kernel_image *image_in_folder(const char *folder, struct text build_id,
				     struct arena *arena, const char **misnamed);

/* payload.c: the ELF image inside a bzImage, unpacked into an unlinked file.
 * -1: `fd` holds none, or its compression is not built in; *trouble says so. */
int payload_open(int fd, const char **trouble);
/* Does the file begin as a bzImage does? */
bool payload_is_there(int fd);

/* The release that a bzImage's header tells: "6.1.0-56-amd64"; or NULL. */
const char *payload_version(int fd, struct arena *arena);

#endif
