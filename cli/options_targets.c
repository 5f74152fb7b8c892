/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is written must replace neither what is read, for a log is evidence, nor anything
 * else that the same run writes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/options_inside.h"

#define TARGETS_MAX (REPORTS_MAX + 2u)

struct targets {
	const char *paths[TARGETS_MAX];
	size_t count;
};

static bool is_file(const char *path, struct stat *about)
{
	return !stat(path, about) && S_ISREG(about->st_mode);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The folder in which `path` is, and its name there. False: there is none. */
static bool find_folder(const char *path, struct stat *about, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	bool found = folder && !stat(folder, about);

	*name = slash ? slash + 1 : path;
	free(folder);
	return found;
}

/* Do two paths name one file, which need not be there yet? Devices and pipes take as much
 * as is written to them. */
static bool name_one(const char *a, const char *b)
{
	struct stat about_a, about_b;
	const char *name_a, *name_b;
	bool there_a = !stat(a, &about_a), there_b = !stat(b, &about_b);

	if (there_a || there_b)
		return there_a && there_b && S_ISREG(about_a.st_mode) && is_same(&about_a, &about_b);
	return find_folder(a, &about_a, &name_a) && find_folder(b, &about_b, &name_b) &&
	       is_same(&about_a, &about_b) && !strcmp(name_a, name_b);
}

static bool is_read(const struct options *options, const char *target)
{
	struct stat written, read;

	if (!is_file(target, &written))
		return false;
	for (size_t i = 0; i < options->input_count; i++)
		if (is_file(options->inputs[i], &read) && is_same(&written, &read))
			return true;
	return false;
}

static bool is_written_twice(const struct targets *targets, size_t i)
{
	for (size_t other = 0; other < i; other++)
		if (name_one(targets->paths[other], targets->paths[i]))
			return true;
	return false;
}

static struct targets targets_of(const struct options *options)
{
	struct targets targets = { .count = 0 };

	for (uint32_t i = 0; i < options->report_count; i++)
		targets.paths[targets.count++] = options->reports[i].path;
	if (options->write_baseline)
		targets.paths[targets.count++] = options->write_baseline;
	if (options->write_trace)
		targets.paths[targets.count++] = options->write_trace;
	return targets;
}

bool targets_fit(const struct options *options, FILE *errors)
{
	struct targets targets = targets_of(options);

	for (size_t i = 0; i < targets.count; i++) {
		const char *path = targets.paths[i], *trouble = NULL;

		if (!strcmp(path, "-"))
			trouble = "is no file to write: --format is for standard output, ./- for "
				  "a file of that name";
		else if (is_read(options, path))
			trouble = "is an input, and would be replaced";
		else if (is_written_twice(&targets, i))
			trouble = "is to be written twice, and only one would be kept";
		if (trouble) {
			fprintf(errors, "pgtcheck: %s: %s\n", path, trouble);
			return false;
		}
	}
	return true;
}
