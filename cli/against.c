/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/against.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/compare.h"
#include "formats/redact.h"
#include "formats/screen.h"
#include "formats/spool.h"

/* Bytes of a line that are kept to be quoted. */
#define LINE_KEPT 400u
/* A comparison of the richest real logs takes some MiB. */
#define AGAINST_BYTES_MAX (256ull * 1024 * 1024)

static _Noreturn void out_of_memory(void *context)
{
	(void)context;
	fputs("pgtcheck: out of memory while comparing boots\n", stderr);
	_exit(status_code(EXIT_TROUBLE));
}

struct against {
	const char *name;         /* of GOOD */
	struct options options;   /* of its run */
	struct run run;           /* its arena holds the boots */
	struct arena kept;        /* names and lines */
	struct arena each;        /* comparisons of one input */
	int fd;                   /* of GOOD, or of a copy; -1: is read. Owned */
	FILE *nowhere;            /* of the run, as its output; owned */
	const char *trouble;      /* why there is nothing to compare with; or NULL */
	struct good_boot {
		const struct boot_report *boot;
		const char *name;
		bool cut;         /* what it was read from was not read to its end */
	} boots[DOMAINS_MAX];     /* one for each domain */
	uint32_t count;
};

/* The line as it is quoted, without its end. */
static const char *line_at(struct arena *arena, struct source *source, struct loc at)
{
	char line[LINE_KEPT];
	size_t length = source_quote(source, at, line, sizeof(line));

	while (length && (line[length - 1] == '\r' || line[length - 1] == '\n'))
		length--;
	return arena_copy(arena, (struct text){ line, length });
}

/* GOOD's bytes are gone when lines of it are quoted. */
static void keep_lines(struct against *against, struct run *run, struct boot_facts *facts)
{
	for (int speaker = 0; speaker < 2; speaker++)
		for (uint32_t i = 0; i < facts->events[speaker].count; i++) {
			struct fact_event *event = &facts->events[speaker].items[i];

			event->line = line_at(&against->kept, &run->source, event->at);
		}
}

static struct good_boot *place_of(struct against *against, uint16_t domain)
{
	for (uint32_t i = 0; i < against->count; i++)
		if (against->boots[i].boot->domain == domain)
			return &against->boots[i];
	return against->count < DOMAINS_MAX ? &against->boots[against->count] : NULL;
}

void against_take(struct against *against, struct run *run)
{
	const char *name = arena_copy(&against->kept, text_of(run->input.name));

	for (const struct boot_report *boot = run->input.boots; boot; boot = boot->next) {
		struct good_boot *place = boot->facts ? place_of(against, boot->domain) : NULL;

		if (!place || (place->boot && !place->boot->no_verdict && boot->no_verdict))
			continue;
		if (!place->boot)
			against->count++;
		*place = (struct good_boot){ boot, name, run->input.status != ST_OK };
	}
	for (uint32_t i = 0; i < against->count; i++)
		if (against->boots[i].name == name)
			keep_lines(against, run, against->boots[i].boot->facts);
}

static const char *redacted(struct arena *arena, const char *words)
{
	char *copy = words ? arena_copy(arena, text_of(words)) : NULL;

	if (copy)
		redact(copy, strlen(copy));
	return copy;
}

/* What the comparison quotes of the lines of the input. */
static void quote(struct against *against, struct run *run, struct comparison *comparison)
{
	for (uint32_t i = 0; i < comparison->divergence_count; i++) {
		struct divergence *divergence = &comparison->divergences[i];

		if (divergence->bad)
			divergence->bad_line = line_at(&against->each, &run->source,
						       divergence->bad->at);
	}
	for (uint32_t i = 0; i < comparison->count && run->options->redact; i++) {
		struct change *change = &comparison->changes[i];

		change->good = redacted(&against->each, change->good);
		change->bad = redacted(&against->each, change->bad);
	}
}

/* The boot of the same domain, or of the first when there is none. */
static const struct good_boot *good_for(const struct against *against,
					const struct boot_report *boot)
{
	for (uint32_t i = 0; i < against->count; i++)
		if (against->boots[i].boot->domain == boot->domain)
			return &against->boots[i];
	return &against->boots[0];
}

void against_compare(struct against *against, struct run *run)
{
	arena_reset(&against->each);
	for (struct boot_report *boot = run->input.boots; boot; boot = boot->next) {
		const struct good_boot *good = good_for(against, boot);
		struct comparison *comparison;

		if (!boot->facts)
			continue;
		comparison = compare_boots(&against->each, good->boot, boot);
		comparison->good_name = good->name;
		quote(against, run, comparison);
		boot->against = comparison;
	}
}

/* As the user wants inputs read, but nothing is told of it. */
static struct options options_for(const struct options *options)
{
	struct options own = *options;

	own.against = NULL;
	own.report_count = 0;
	own.trace_count = 0;   /* of the boot that is compared */
	own.timeline = own.map = false;
	own.at_line = 0;
	own.write_trace = NULL;
	own.suppressions = own.baseline = own.write_baseline = NULL;
	own.write.quiet = true;
	own.summary = SUMMARY_NOT;
	return own;
}

/* --- GOOD ------------------------------------------------------------------- */

/* Their names, each once. Returns how many. */
static unsigned put_formats(FILE *errors, const struct options *options, bool telling)
{
	unsigned count = 0;

	for (size_t i = 0; i < writer_count; i++) {
		const struct writer *writer = writer_table[i];
		bool used = writer == options->writer;

		for (uint32_t r = 0; r < options->report_count; r++)
			used = used || writer == options->reports[r].writer;
		if (writer->tells_against != telling || !(used || telling))
			continue;
		if (errors)
			fprintf(errors, "%s%s", count ? ", " : "", writer->name);
		count++;
	}
	return count;
}

/* Nobody shall look for it in vain. */
static void tell_where_not(const struct options *options, FILE *errors)
{
	if (options->write.quiet || !put_formats(NULL, options, false))
		return;
	fputs("pgtcheck: --against: what moved is not shown by ", errors);
	put_formats(errors, options, false);
	fputs("; it is by ", errors);
	put_formats(errors, options, true);
	putc('\n', errors);
}

/* Many processes may want to read it. */
static int open_good(const char *name)
{
	int fd = source_descriptor(name);

	if (fd < 0)
		errno = -fd;
	return spool_whole(fd);
}

static const char *fails(struct against *against, const char *why)
{
	against->trouble = arena_printf(&against->kept, "--against: %s: %s", against->name, why);
	return against->trouble;
}

static enum status begin(struct against *against, const struct options *options,
			 struct given *given, FILE *errors)
{
	against->options = options_for(options);
	against->name = options->against;
	arena_init(&against->kept, AGAINST_BYTES_MAX, out_of_memory, NULL);
	arena_init(&against->each, AGAINST_BYTES_MAX, out_of_memory, NULL);
	against->fd = open_good(against->name);
	against->run.taking = against;
	against->run.given = given;
	against->nowhere = against->fd < 0 ? NULL : fopen("/dev/null", "we");
	if (against->nowhere)
		return run_begin(&against->run, &against->options, against->nowhere, errors);
	fputs("pgtcheck: ", errors);
	screen_puts(&(struct screen){ .out = errors }, fails(against, strerror(errno)));
	putc('\n', errors);
	return ST_IO;
}

enum status against_open(struct against **result, const struct options *options,
			 struct given *given, FILE *errors)
{
	struct against *against = calloc(1, sizeof(*against));
	enum status status = against ? begin(against, options, given, errors) : ST_MEMORY;

	*result = NULL;
	if (status == ST_OK) {
		tell_where_not(options, errors);
		*result = against;
		return ST_OK;
	}
	if (against) {
		if (against->nowhere)
			fclose(against->nowhere);
		arena_release(&against->kept);
		arena_release(&against->each);
	}
	free(against);
	return status;
}

const char *against_read(struct against *against)
{
	int fd = against->fd;

	if (fd < 0)
		return against->trouble;
	against->fd = -1;
	run_input_fd(&against->run, against->name, fd);
	for (uint32_t i = 0; i < against->count; i++)
		if (against->boots[i].cut)
			return fails(against, "its boot is not read to the end");
	return against->count ? NULL : fails(against, "no boot is in it");
}

int against_own(struct against *against)
{
	against->fd = spool_again(against->fd);
	if (against->fd < 0)
		fails(against, "it cannot be opened again by way of /proc");
	return against->fd;
}

void against_hush(struct against *against)
{
	against->run.errors = against->nowhere;
}

void against_close(struct against *against)
{
	if (!against)
		return;
	run_end(&against->run);
	fclose(against->nowhere);
	arena_release(&against->kept);
	arena_release(&against->each);
	free(against);
}
