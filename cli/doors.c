/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/doors.h"

#include <fcntl.h>
#include <unistd.h>

#include "cli/against.h"
#include "cli/sandbox.h"
#include "cli/starter.h"
#include "cli/traces.h"
#include "formats/module.h"
#include "formats/spool.h"

/* A failure is told by who needs it. */
static void load(const char *module)
{
	const char *trouble;

	if (module)
		(void)module_load(module, &trouble);
}

/* What is packed may hold anything. What a process apart needs is loaded there. */
void doors_open_all(void)
{
	load("unpack");
	for (size_t i = 0; i < input_count; i++)
		if (!input_table[i]->apart)
			load(input_table[i]->module);
}

/* Whose reader has something done in a process of its own: one at most. */
static const struct input_format *any_apart(void)
{
	for (size_t i = 0; i < input_count; i++)
		if (input_table[i]->apart)
			return input_table[i];
	return NULL;
}

/* This process goes on as another. Is there something to ask it for? */
static bool start_apart(struct run *run, const struct input_format *format)
{
	bool shows_progress = run->progress.out && run->progress.process == getpid();

	if (!format || !format->apart || !module_exists(format->module))
		return false;
	starter_start(format);
	if (shows_progress)
		run->progress.process = getpid();
	return true;
}

static void shut(struct run *run, bool asks)
{
	struct sandbox sandbox = { .readable = run->given ? run->given->folder : NULL,
				   .asks = asks, .progress = &source_progress };
	const char *missing;

	traces_open(run);
	missing = sandbox_missing(sandbox_enter(&sandbox, SANDBOX_ALL));
	if (missing && run->options->write.verbose)
		fprintf(stderr, "pgtcheck: sandbox: %s\n", missing);
}

void doors_shut_one(struct run *run, enum packing packing)
{
	bool any = packing || run->options->trace_count || run->against;
	const struct input_format *format = any ? NULL : run_format(run);
	bool asks = start_apart(run, any ? any_apart() : format);

	run->shut = NULL;
	if (any)
		doors_open_all();
	else if (format && !format->apart)
		load(format->module);
	if (any || !run->source.seekable || (format && format->module))
		spool_prepare();
	shut(run, asks);
}

void doors_shut_many(struct run *run, enum packing packing)
{
	bool asks = start_apart(run, any_apart());

	(void)packing;
	run->shut = NULL;
	doors_open_all();
	spool_prepare();
	shut(run, asks);
}

bool doors_wanted(const struct options *options)
{
	return !options->no_sandbox && sandbox_fits_build();
}

/* Standard input and output are the first process's. */
static void leave_standard_streams(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing < 0)
		return;
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	close(nothing);
}

/* Several processes read it, each from its start. */
static int own_baseline(const struct run *run)
{
	struct baseline *baseline = run->known ? &run->known->baseline : NULL;

	if (baseline && baseline->given && baseline->fd >= 0)
		baseline->fd = spool_again(baseline->fd);
	return baseline && baseline->given ? baseline->fd : -1;
}

void doors_shut_worker(struct run *run, int from, int to)
{
	const int keep[] = { from, to, run->against ? against_own(run->against) : from,
			     run->given ? run->given->image_fd : from, own_baseline(run) };

	if (!doors_wanted(run->options))
		return;
	leave_standard_streams();
	sandbox_close_others(keep, ARRAY_LEN(keep));
	spool_prepare();
	shut(run, start_apart(run, any_apart()));
}
