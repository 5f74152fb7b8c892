/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/publish.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct { const char *temporary, *path; } planned[PUBLISH_MAX];
static unsigned planned_count;
static bool left;

int (*publish_elsewhere)(int number, bool keep);

static void on_signal(int number)
{
	for (unsigned i = 0; i < planned_count; i++)
		if (planned[i].temporary)
			unlink(planned[i].temporary);
	signal(number, SIG_DFL);
	raise(number);
}

static void on_signals(void (*handler)(int))
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (signal(numbers[i], handler) == SIG_IGN)   /* as nohup wants it */
			signal(numbers[i], SIG_IGN);
}

static void at_exit(void)
{
	if (!left)
		publish_drop_all();
}

int publish_plan(const char *temporary, const char *path)
{
	if (planned_count == PUBLISH_MAX)
		return -1;
	if (!planned_count) {
		on_signals(on_signal);
		(void)atexit(at_exit);
	}
	planned[planned_count].temporary = temporary;
	planned[planned_count].path = path;
	return (int)planned_count++;
}

bool publish_end(int number, bool keep)
{
	const char *temporary;
	int failed;

	ASSERT(number >= 0);
	ASSERT((unsigned)number < planned_count);
	if (publish_elsewhere) {
		errno = publish_elsewhere(number, keep);
		return !errno;
	}
	temporary = planned[number].temporary;
	if (!temporary)
		return true;
	failed = keep ? rename(temporary, planned[number].path) : unlink(temporary);
	if (!failed || !keep)
		planned[number].temporary = NULL;
	return !failed;
}

int publish_planned(void)
{
	return (int)planned_count;
}

void publish_leave(void)
{
	left = true;
	if (planned_count)
		on_signals(SIG_DFL);
}

void publish_drop_all(void)
{
	for (unsigned i = 0; i < planned_count; i++)
		(void)publish_end((int)i, false);
}
