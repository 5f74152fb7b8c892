/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Options about many inputs, and about one among others. */
#include <sched.h>
#include <stdlib.h>

#include "cli/fleet.h"
#include "cli/options_inside.h"

bool set_files_from(struct parse *parse, const char *value)
{
	parse->options->files_from = value;
	return true;
}

bool set_null(struct parse *parse, const char *value)
{
	(void)value;
	return parse->options->null_ended = true;
}

bool set_recursive(struct parse *parse, const char *value)
{
	(void)value;
	return parse->options->recursive = true;
}

/* Those that this process may run on: a batch system gives a part of a node. */
static uint32_t processors(void)
{
	cpu_set_t set;
	int count = 1;

	if (!sched_getaffinity(0, sizeof(set), &set))
		count = CPU_COUNT(&set);
	return count < (int)FLEET_JOBS_MAX ? (uint32_t)count : FLEET_JOBS_MAX;
}

bool set_jobs(struct parse *parse, const char *value)
{
	if (strcmp(value, "auto"))
		return number(parse, value, 1, FLEET_JOBS_MAX, &parse->options->jobs);
	parse->options->jobs = processors();
	return true;
}

/* "K/N": K from 1 to N. */
bool set_shard(struct parse *parse, const char *value)
{
	struct options *options = parse->options;
	const char *slash = strchr(value, '/');
	char shard[16];

	if (!slash || (size_t)(slash - value) >= sizeof(shard)) {
		fprintf(parse->errors, "pgtcheck: --%s: '%s' is not K/N, such as 1/8\n",
			parse->name, value);
		return false;
	}
	memcpy(shard, value, (size_t)(slash - value));
	shard[slash - value] = '\0';
	return number(parse, slash + 1, 1, UINT32_MAX, &options->shard_count) &&
	       number(parse, shard, 1, options->shard_count, &options->shard);
}

bool set_summary(struct parse *parse, const char *value)
{
	static const struct word words[] = { { "only", SUMMARY_ONLY } };
	int picked = SUMMARY_TOO;

	if (value && !PICK(parse, value, words, &picked))
		return false;
	parse->options->summary = (enum summary_when)picked;
	return true;
}

bool set_merge(struct parse *parse, const char *value)
{
	(void)value;
	parse->options->action = ACTION_MERGE;
	return true;
}

bool set_skip_done(struct parse *parse, const char *value)
{
	parse->options->skip_done = value;
	return true;
}

bool set_redact(struct parse *parse, const char *value)
{
	(void)value;
	return parse->options->redact = true;
}

bool set_bisect(struct parse *parse, const char *value)
{
	(void)value;
	return parse->options->bisect = true;
}

bool set_against(struct parse *parse, const char *value)
{
	parse->options->against = value;
	return true;
}
