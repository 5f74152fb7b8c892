/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/known.h"

#include <stdlib.h>

static enum exit_status read_suppressions(struct known *known, const char *path, FILE *errors)
{
	uint32_t today = today_of(getenv);

	if (today)
		return suppressions_read(&known->suppressions, path, today, errors);
	fputs("pgtcheck: SOURCE_DATE_EPOCH is set, and is no number of seconds\n", errors);
	return EXIT_USAGE;
}

enum exit_status known_open(struct known *known, const struct options *options, FILE *errors)
{
	enum exit_status status = EXIT_CLEAN;

	*known = (struct known){ .baseline.given = false };
	if (options->suppressions)
		status = read_suppressions(known, options->suppressions, errors);
	if (status == EXIT_CLEAN && options->baseline &&
	    baseline_open(&known->baseline, options->baseline, errors) != ST_OK)
		status = EXIT_TROUBLE;
	return status;
}

void known_release(struct known *known)
{
	suppressions_release(&known->suppressions);
	baseline_release(&known->baseline);
}

/* The absent are known of a whole input, and of all rules that are shown. */
static bool sees_all(const struct options *options)
{
	return options->boot == BOOT_ALL && options->all_domains;
}

static void apply_to(struct known *known, const char *file, struct finding *finding)
{
	if (!finding->shown)
		return;
	if (known->baseline.given)
		baseline_stand(&known->baseline, finding);
	finding->suppressed = suppressions_find(&known->suppressions, file, finding);
	finding->shown = !finding->suppressed;
}

void known_apply(struct known *known, const struct options *options, struct input_report *input)
{
	for (struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (struct finding *f = boot->findings; f; f = f->next)
			apply_to(known, input->name, f);
	if (known->baseline.given && sees_all(options))
		baseline_find_absent(&known->baseline, input);
}

void known_tell(const struct known *known, const struct options *options, FILE *errors)
{
	/* Other parts of the fleet may need what this one does not. */
	if (known->suppressions.path && !options->write.quiet && !options->shard_count &&
	    !options->skip_done)
		suppressions_tell(&known->suppressions, errors);
}
