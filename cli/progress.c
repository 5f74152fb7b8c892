/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/progress.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "formats/screen.h"

/* Most inputs are read before anybody could read the line. */
#define FIRST_AFTER 1.0
#define THEN_EVERY 0.2
#define NAME_COLUMNS 30u

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct progress *progress, const uint64_t *events)
{
	if (!progress->out)
		return;
	progress->events = events;
	progress->started = now();
	progress->next = progress->started + FIRST_AFTER;
}

/* The end of a long name tells more than its beginning. */
static void put_name(const struct screen *screen, const char *name)
{
	size_t length = strlen(name);

	if (length > NAME_COLUMNS) {
		fputs("...", screen->out);
		name += length - (NAME_COLUMNS - 3);
	}
	screen_puts(screen, name);
}

static void put_done(FILE *out, uint64_t done, uint64_t total)
{
	bool giga = (total > done ? total : done) >= 1000000000;
	double unit = giga ? 1e9 : 1e6;

	fprintf(out, ": %.1f ", (double)done / unit);
	if (total >= done && total)
		fprintf(out, "of %.1f %s (%u %%)", (double)total / unit, giga ? "GB" : "MB",
			(unsigned)((double)done / (double)total * 100));
	else
		fputs(giga ? "GB" : "MB", out);
}

static void put_events(FILE *out, uint64_t events)
{
	if (events >= 1000000)
		fprintf(out, ", %.1f M events", (double)events / 1e6);
	else
		fprintf(out, ", %" PRIu64 " events", events);
}

void progress_step(struct progress *progress, const struct source *source)
{
	const struct screen screen = { .out = progress->out };
	double time;

	if (!progress->out || getpid() != progress->process)
		return;
	time = now();
	if (time < progress->next)
		return;
	progress->next = time + THEN_EVERY;
	progress->shown = true;
	putc('\r', progress->out);
	put_name(&screen, source->name);
	put_done(progress->out, source->bytes, source->size);
	put_events(progress->out, *progress->events);
	fprintf(progress->out, ", %.0f MB/s\033[K",
		(double)source->bytes / 1e6 / (time - progress->started));
	fflush(progress->out);
}

void progress_end(struct progress *progress)
{
	if (!progress->shown)
		return;
	fputs("\r\033[K", progress->out);
	fflush(progress->out);
	progress->shown = false;
}
