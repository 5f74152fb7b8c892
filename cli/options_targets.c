/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is written must not replace what is read: a log is evidence. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/options_inside.h"

static bool is_file(const char *path, struct stat *about)
{
	return path && !stat(path, about) && S_ISREG(about->st_mode);
}

static bool is_read(const struct options *options, const char *target, FILE *errors)
{
	struct stat written, read;

	if (!is_file(target, &written))
		return false;
	for (size_t i = 0; i < options->input_count; i++) {
		if (!is_file(options->inputs[i], &read) || read.st_dev != written.st_dev ||
		    read.st_ino != written.st_ino)
			continue;
		fprintf(errors, "pgtcheck: %s: is an input, and would be replaced\n", target);
		return true;
	}
	return false;
}

bool targets_fit(const struct options *options, FILE *errors)
{
	for (uint32_t i = 0; i < options->report_count; i++)
		if (is_read(options, options->reports[i].path, errors))
			return false;
	return !is_read(options, options->write_baseline, errors) &&
	       !is_read(options, options->write_trace, errors);
}
