/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/module.h"
#include "formats/publish.h"
#include "formats/screen.h"
#include "formats/spool.h"

static void fail(struct output *output)
{
	if (output_works(output))
		output->error = errno ? errno : EIO;
}

/* Keeps the reason of the first failed write. */
static void check(struct output *output)
{
	if (ferror(output->file) || (output->late && ferror(output->late)))
		fail(output);
}

/* At the beginning: later, files may no longer be opened. Late parts are a small share of
 * a report: where there is no folder for them, they have room in memory. */
static FILE *open_late(void)
{
	int fd = spool_new();

	if (fd < 0)
		fd = memfd_create("pgtcheck", MFD_CLOEXEC);
	return fd < 0 ? NULL : fdopen(fd, "w+");
}

static void begin(struct output *output)
{
	const struct writer *writer = output->writer;

	if (writer->module && !module_load(writer->module, &output->trouble))
		return;
	errno = 0;
	if (writer->late)
		output->late = open_late();
	if (writer->late && !output->late)
		fail(output);
	if (writer->begin)
		writer->begin(output->file, &output->options);
	check(output);
}

void output_to_stream(struct output *output, const struct writer *writer,
		      const struct write_options *options, FILE *out)
{
	*output = (struct output){ .writer = writer, .options = *options, .file = out };
	begin(output);
}

/* --- files ----------------------------------------------------------------- */

/* A device, a pipe and the like are written as they are. */
static bool is_special(const char *path)
{
	struct stat about;

	return !stat(path, &about) && !S_ISREG(about.st_mode);
}

/* The rights of the file that is replaced, or those of any new file. */
static mode_t mode_of(const char *path)
{
	struct stat about;
	mode_t mask;

	if (!stat(path, &about))
		return about.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static FILE *open_temporary(struct output *output)
{
	FILE *file;
	int fd;

	output->target = realpath(output->path, NULL);   /* a link stays one */
	if (!output->target)
		output->target = strdup(output->path);
	if (!output->target || asprintf(&output->temporary, "%s.XXXXXX", output->target) < 0) {
		output->temporary = NULL;
		return NULL;
	}
	fd = mkostemp(output->temporary, O_CLOEXEC);
	if (fd < 0) {
		free(output->temporary);
		output->temporary = NULL;
		return NULL;
	}
	output->number = publish_plan(output->temporary, output->target);
	file = output->number < 0 || fchmod(fd, mode_of(output->target)) ? NULL : fdopen(fd, "w");
	if (!file)
		close(fd);
	return file;
}

void output_to_file(struct output *output, const struct writer *writer,
		    const struct write_options *options, const char *path)
{
	*output = (struct output){ .writer = writer, .path = path, .options = *options };
	output->options.color = false;
	output->options.columns = 0;
	output->options.quiet = false;
	errno = 0;
	output->file = is_special(path) ? fopen(path, "we") : open_temporary(output);
	if (output->file)
		begin(output);
	else
		fail(output);
}

/* --- parts ----------------------------------------------------------------- */

/* A part in memory; NULL: no memory. Owned by the caller. */
static char *make_part(const struct output *output, const struct input_report *input,
		       struct source *source, bool late, size_t *length)
{
	char *bytes = NULL;
	FILE *part = open_memstream(&bytes, length);

	if (!part)
		return NULL;
	if (late)
		output->writer->late(part, &output->options, input);
	else
		output->writer->input(part, &output->options, input, source);
	if (!(ferror(part) | fclose(part)))
		return bytes;
	free(bytes);
	return NULL;
}

static void join_part(struct output *output, bool late, struct text part)
{
	errno = 0;
	if (late)
		writer_join_late(output->writer, &output->join, output->late, part);
	else
		writer_join_part(output->writer, &output->join, output->file, part);
	check(output);
}

/* False: there is no room for one more input, or nobody wants it. */
static bool takes_one_more(struct output *output)
{
	if (output->writer->one_input && output->any)
		output->trouble = "this format has room for one input only (html takes many)";
	output->any = true;
	return output_works(output);
}

static void make_and_join(struct output *output, const struct input_report *input,
			  struct source *source, bool late)
{
	size_t length = 0;
	char *bytes;

	errno = 0;
	bytes = make_part(output, input, source, late, &length);
	if (bytes)
		join_part(output, late, (struct text){ bytes, length });
	else
		fail(output);
	free(bytes);
}

void output_input(struct output *output, const struct input_report *input,
		  struct source *source)
{
	const struct writer *writer = output->writer;

	/* After its member, an archive has nothing of its own to show. */
	if (writer->one_input && output->any && input->members.all)
		return;
	if (!takes_one_more(output))
		return;
	errno = 0;
	if (writer_streams(writer))
		writer->input(output->file, &output->options, input, source);
	else
		make_and_join(output, input, source, false);
	check(output);
	if (writer->late)
		make_and_join(output, input, source, true);
}

/* --- parts from elsewhere ----------------------------------------------------- */

struct part_head {
	uint32_t output;       /* index */
	bool late;
	size_t length;         /* of the bytes that follow */
};

static void put_part(const struct output *output, uint32_t index, bool late,
		     const struct input_report *input, struct source *source, FILE *parts)
{
	struct part_head head = { .output = index, .late = late };
	char *bytes = make_part(output, input, source, late, &head.length);

	if (!bytes)
		exit(status_code(EXIT_TROUBLE));   /* the first process says what that means */
	fwrite(&head, sizeof(head), 1, parts);
	fwrite(bytes, 1, head.length, parts);
	free(bytes);
}

void output_make_parts(const struct output *output, uint32_t index,
		       const struct input_report *input, struct source *source, FILE *parts)
{
	put_part(output, index, false, input, source, parts);
	if (output->writer->late)
		put_part(output, index, true, input, source, parts);
}

static struct text after(struct text text, size_t count)
{
	return (struct text){ text.at + count, text.length - count };
}

void output_take_parts(struct output *outputs, uint32_t count, struct text parts)
{
	struct part_head head;

	while (parts.length) {
		ASSERT(parts.length >= sizeof(head));
		memcpy(&head, parts.at, sizeof(head));
		parts = after(parts, sizeof(head));
		ASSERT(head.output < count);
		ASSERT(head.length <= parts.length);
		if (head.late ? output_works(&outputs[head.output]) :
		    takes_one_more(&outputs[head.output]))
			join_part(&outputs[head.output], head.late,
				  (struct text){ parts.at, head.length });
		parts = after(parts, head.length);
	}
}

static void append_late(struct output *output)
{
	char block[8192];
	size_t got;

	fputs(output->writer->middle, output->file);
	if (!output->late)
		return;
	rewind(output->late);
	while ((got = fread(block, 1, sizeof(block), output->late)) > 0)
		fwrite(block, 1, got, output->file);
}

/* --- the end --------------------------------------------------------------- */

static void finish(struct output *output, const struct summary *summary)
{
	const struct writer *writer = output->writer;

	errno = 0;
	writer_join_end(writer, &output->join, output->file);
	if (writer->late)
		append_late(output);
	if (writer->end)
		writer->end(output->file, &output->options, summary);
	check(output);
	if (fflush(output->file))
		fail(output);
	/* A pipe or a terminal has no disk to wait for. */
	if (output->temporary && fsync(fileno(output->file)))
		fail(output);
}

static void tell(const struct output *output, FILE *errors)
{
	struct screen screen = { .out = errors };

	fputs("pgtcheck: cannot write the report", errors);
	if (output->path) {
		putc(' ', errors);
		screen_puts(&screen, output->path);
	} else if (output->trouble) {
		fprintf(errors, " as %s", output->writer->name);
	}
	fprintf(errors, ": %s\n", output->trouble ? output->trouble : strerror(output->error));
}

bool output_end(struct output *output, const struct summary *summary, FILE *errors)
{
	if (output_works(output))
		finish(output, summary);
	errno = 0;
	if (output->file && fclose(output->file))
		fail(output);
	if (output->late)
		fclose(output->late);
	errno = 0;
	if (output->temporary && output_works(output) && !publish_end(output->number, true))
		fail(output);
	if (output->temporary && !output_works(output))
		(void)publish_end(output->number, false);
	free(output->temporary);
	free(output->target);
	if (!output_works(output) && errors)
		tell(output, errors);
	return output_works(output);
}
