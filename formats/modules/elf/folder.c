/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds a kernel's image by its build-id, where the user says. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "formats/modules/elf/image.h"

/* Files of a folder that are looked into: /boot and debug folders have few. */
#define FILES_MAX 256u

static bool has_id(const struct kernel_image *image, struct text id)
{
	return image && image->build_id && text_equal(text_of(image->build_id), id);
}

/* The image in the file if it is the one; else nothing of it is kept. */
static struct kernel_image *try_file(const char *path, struct text id, struct arena *arena,
				     bool *is_there)
{
	struct arena_mark mark = arena_mark(arena);
	struct kernel_image *image;
	const char *trouble;

	image = image_open(path, arena, &trouble);
	*is_there = image != NULL;
	if (has_id(image, id))
		return image;
	arena_rewind(arena, mark);
	return NULL;
}

/* FOLDER/.build-id/ab/cdef....debug, as distributions install debug symbols. */
static const char *path_in_tree(const char *folder, struct text id, struct arena *arena)
{
	return arena_printf(arena, "%s/.build-id/%.2s/%.*s.debug", folder, id.at,
			    (int)id.length - 2, id.at + 2);
}

struct kernel_image *image_in_folder(const char *folder, struct text build_id,
				     struct arena *arena, const char **misnamed)
{
	const char *path = path_in_tree(folder, build_id, arena);
	struct kernel_image *found;
	struct dirent **entries;
	bool is_there;
	int count;

	found = try_file(path, build_id, arena, &is_there);
	*misnamed = is_there && !found ? path : NULL;
	count = found ? 0 : scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (!found && i < (int)FILES_MAX && !strncmp(entries[i]->d_name, "vmlinu", 6))
			found = try_file(arena_printf(arena, "%s/%s", folder, entries[i]->d_name),
					 build_id, arena, &is_there);
		free(entries[i]);
	}
	if (count > 0)
		free(entries);
	return found;
}
