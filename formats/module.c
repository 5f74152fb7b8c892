/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base.h"

#define MODULES_MAX 16

static const struct module *loaded[MODULES_MAX];
static const char *refused[MODULES_MAX];   /* why; a second attempt may not even look */

static const struct module_row *find_row(const char *name, size_t *index)
{
	for (*index = 0; *index < module_count; ++*index)
		if (!strcmp(module_table[*index].name, name))
			return &module_table[*index];
	return NULL;
}

/* Places relative to the program's folder, so that an installed tree can be
 * moved; the absolute one is for programs that were copied out of theirs. */
static const char *const places[] = {
	"%s/modules/pgtcheck-%s.so", "%s/build/modules/pgtcheck-%s.so",
	"%s/../lib/pgtcheck/pgtcheck-%s.so",
};

static bool program_folder(char *folder, size_t room)
{
	ssize_t length = readlink("/proc/self/exe", folder, room - 1);
	char *slash;

	if (length <= 0)
		return false;
	folder[length] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

/* Writes the first place where the module's file is. */
static bool find_file(const char *name, char *path, size_t room)
{
	char folder[PATH_MAX];

	if (program_folder(folder, sizeof(folder)))
		for (size_t i = 0; i < ARRAY_LEN(places); i++) {
			int length = snprintf(path, room, places[i], folder, name);

			if (length > 0 && (size_t)length < room && !access(path, R_OK))
				return true;
		}
	snprintf(path, room, "%s/pgtcheck-%s.so", MODULE_DIR, name);
	return !access(path, R_OK);
}

static const struct module *open_module(const char *name, const char **trouble)
{
	char path[PATH_MAX + 64], symbol[64];
	const struct module *module;
	void *handle;

	if (!find_file(name, path, sizeof(path))) {
		*trouble = "the module for it is not installed";
		return NULL;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	snprintf(symbol, sizeof(symbol), "pgtcheck_module_%s", name);
	module = handle ? dlsym(handle, symbol) : NULL;
	if (!module) {
		*trouble = "the module for it cannot be loaded (is its library installed?)";
		return NULL;
	}
	if (strcmp(module->version, VERSION)) {
		*trouble = "the module for it is of another version";
		return NULL;
	}
	return module;
}

/* Static: of one module after the other, but a row's words are the same each time. */
static const char *not_built(const struct module_row *row)
{
	static char words[MODULES_MAX][160];
	char *sentence = words[row - module_table];
	size_t first = strcspn(row->lacks, " ");

	snprintf(sentence, sizeof(words[0]), "this build has no module for it: it was built "
		 "without %.*s%s%s", (int)first, row->lacks, row->lacks[first] ? " and" : "",
		 row->lacks + first);
	return sentence;
}

const void *module_load(const char *name, const char **trouble)
{
	const struct module_row *row;
	size_t i;

	row = find_row(name, &i);
	ASSERT(row);
	ASSERT(i < MODULES_MAX);
	if (row->linked)
		return row->linked->functions;
	if (!row->built) {
		*trouble = not_built(row);
		return NULL;
	}
	if (!loaded[i] && !refused[i])
		loaded[i] = open_module(name, &refused[i]);
	*trouble = refused[i];
	return loaded[i] ? loaded[i]->functions : NULL;
}

int module_exists(const char *name)
{
	const struct module_row *row;
	char path[PATH_MAX + 64];
	size_t i;

	row = find_row(name, &i);
	if (!row || !row->built)
		return 0;
	return row->linked || find_file(name, path, sizeof(path));
}
