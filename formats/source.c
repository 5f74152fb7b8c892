/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads with read(), never mmap(): a log that is truncated while we read it is
 * then short, not a SIGBUS, and pipes need no second way. */
#include "formats/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "formats/ahead.h"
#include "formats/redact.h"
#include "formats/spool.h"

volatile uint64_t source_progress;

char *source_buffer_new(void)
{
	return aligned_alloc(4096, SOURCE_BUFFER_BYTES);
}

/* /dev/kmsg gives one record for each read() and blocks after the last. */
static void prepare_device(struct source *source, const struct stat *about)
{
	source->is_kmsg = S_ISCHR(about->st_mode) && about->st_rdev == makedev(1, 11);
	if (source->is_kmsg)
		fcntl(source->fd, F_SETFL, O_RDONLY | O_NONBLOCK);
}

static enum status close_with(struct source *source, enum status status, const char *says,
			      const char **trouble)
{
	source_close(source);
	*trouble = says;
	return status;
}

int source_descriptor(const char *name)
{
	int fd;

	if (!strcmp(name, "-"))
		return STDIN_FILENO;
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

enum status source_open_fd(struct source *source, const char *name, int fd, const char **trouble)
{
	struct stat about;

	*source = (struct source){ .name = name, .fd = fd, .spool_fd = -1,
				   .buffer = source->buffer, .redact = source->redact,
				   .watch = source->watch, .watch_context = source->watch_context };
	if (fd < 0 || fstat(fd, &about)) {
		int error = fd < 0 ? -fd : errno;

		return close_with(source, error == ENOENT || error == ENOTDIR ? ST_NOT_FOUND : ST_IO,
				  strerror(error), trouble);
	}
	if (S_ISDIR(about.st_mode))
		return close_with(source, ST_NOT_FOUND, "is a directory", trouble);
	/* Files of /proc have no size; they are short at every read. */
	source->seekable = S_ISREG(about.st_mode) && about.st_size > 0 &&
			   (strcmp(name, "-") || lseek(fd, 0, SEEK_CUR) == 0);
	if (source->seekable) {
		source->size = (uint64_t)about.st_size;
		/* Advice only: a file system that refuses it reads as well. */
		if (source->size > READ_BYTES)
			(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		return ST_OK;
	}
	prepare_device(source, &about);
	return ST_OK;
}

enum status source_open(struct source *source, const char *name, const char **trouble)
{
	return source_open_fd(source, name, source_descriptor(name), trouble);
}

void source_open_stream(struct source *source, const char *name, struct stream *stream)
{
	*source = (struct source){ .name = name, .fd = -1, .spool_fd = -1, .stream = stream,
				   .buffer = source->buffer, .redact = source->redact,
				   .watch = source->watch, .watch_context = source->watch_context };
}

/* Appends to the spool. One that cannot be had or fails (a full disk) is given up:
 * then evidence lines of this input cannot be quoted, which is no reason not to
 * judge it. */
static void spool(struct source *source, const char *bytes, size_t count)
{
	while (source->spool_fd >= 0 && count) {
		ssize_t wrote = write(source->spool_fd, bytes, count);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			spool_free(source->spool_fd);
			source->spool_fd = -1;
			return;
		}
		bytes += wrote;
		count -= (size_t)wrote;
	}
}

/* May the failed read() be tried again? A pipe that its writer has made
 * non-blocking is not at its end when it is empty: wait. */
static bool read_again(const struct source *source)
{
	struct pollfd ready = { .fd = source->fd, .events = POLLIN };

	if (errno == EINTR)
		return true;
	if (source->is_kmsg)   /* EPIPE: what we were to read next is overwritten */
		return errno == EPIPE;
	return errno == EAGAIN && (poll(&ready, 1, -1) >= 0 || errno == EINTR);
}

/* All bytes are made once more, into a copy. */
static void make_copy(struct source *source)
{
	struct source_maker *maker = source->maker;
	struct stream *stream = maker->begin(maker);
	char bytes[16384];
	size_t got;

	source->maker = NULL;
	source->spool_fd = stream ? spool_new() : -1;
	while (source->spool_fd >= 0 && (got = stream_read(stream, bytes, sizeof(bytes))))
		spool(source, bytes, got);
	maker->end(maker);
}

/* What stands in the buffer goes to a file, unless it can be made again. */
static void spool_first_block(struct source *source)
{
	if (source->maker)
		source->kept = 0;
	if (!source->kept)
		return;
	source->spool_fd = spool_new();
	spool(source, source_data(source), source->kept);
	source->kept = 0;
}

enum status source_whole_fd(struct source *source, size_t first, int *fd, const char **trouble)
{
	size_t got = first;

	*fd = source->fd;
	if (source->seekable)
		return ST_OK;
	while (got == READ_BYTES) {
		enum status status = source_read(source, source_data(source), READ_BYTES, &got,
						 trouble);

		if (status != ST_OK)
			return status;
	}
	if (source->maker)
		make_copy(source);
	spool_first_block(source);
	*fd = source->spool_fd;
	if (*fd >= 0)
		return ST_OK;
	*trouble = "a binary input from a pipe needs room for a copy in TMPDIR";
	return ST_IO;
}

void source_stand_in(struct source *source, int fd)
{
	if (source->spool_fd >= 0)
		close(source->spool_fd);
	source->spool_fd = fd;
	source->seekable = false;
	source->maker = NULL;
	source->kept = 0;
}

/* Bytes that came: kept for source_reread(), and counted. */
static void keep(struct source *source, const char *into, size_t count)
{
	bool first = !source->bytes && into == source_data(source);

	source->bytes += count;
	source_progress += count;
	if (source->seekable || source->read_once)
		return;
	if (first)
		source->kept = count;
	else if (!source->maker)
		spool(source, into, count);
}

/* How many of the bytes the limits allow. */
static size_t within_limits(struct source *source, const char *bytes, size_t count)
{
	const char *at = bytes, *end = bytes + count;

	if (source->bytes_max && count > source->bytes_max - source->bytes) {
		stream_fail(&source->failure, ST_LIMIT, "has more than --max-bytes=%llu: the rest "
			    "is not read", (unsigned long long)source->bytes_max);
		end = bytes + (source->bytes_max - source->bytes);
	}
	while (source->line_max && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);

		if (length > source->line_max - source->line_bytes) {
			stream_fail(&source->failure, ST_LIMIT, "the line after byte %llu is longer "
				    "than --max-line=%u: it and the rest are not read",
				    (unsigned long long)(source->bytes + (size_t)(at - bytes)) -
				    source->line_bytes, source->line_max);
			return (size_t)(at - bytes);
		}
		source->line_bytes = newline ? 0 : source->line_bytes + (uint32_t)length;
		at = newline ? newline + 1 : end;
	}
	return (size_t)(end - bytes);
}

static void read_stream(struct source *source, char *into, size_t room, size_t *got)
{
	struct stream *from = source->ahead ? source->ahead : source->stream;

	while (*got < room) {
		size_t count = stream_read(from, into + *got, room - *got);

		*got += count;
		if (!count)
			break;
	}
	if (*got < room && from->status != ST_OK)
		stream_fail(&source->failure, from->status, "%s", from->trouble);
}

static enum status read_file(struct source *source, char *into, size_t room, size_t *got,
			     const char **trouble)
{
	while (*got < room) {
		ssize_t count = read(source->fd, into + *got, room - *got);

		if (count < 0 && read_again(source))
			continue;
		if (count < 0 && !(source->is_kmsg && errno == EAGAIN)) {
			*trouble = strerror(errno);
			return ST_IO;
		}
		if (count <= 0)
			break;
		*got += (size_t)count;
		/* A regular file is short at its end alone. */
		if (source->seekable)
			break;
	}
	return ST_OK;
}

enum status source_read(struct source *source, char *into, size_t room, size_t *got,
			const char **trouble)
{
	enum status status = ST_OK;

	*got = 0;
	if (source->failure.status != ST_OK)
		return ST_OK;
	spool_first_block(source);
	/* More than one block: worth a thread. */
	if (source->stream && source->bytes && !source->ahead)
		source->ahead = ahead_start(source->stream);
	if (source->stream)
		read_stream(source, into, room, got);
	else
		status = read_file(source, into, room, got, trouble);
	if (source->bytes_max || source->line_max)
		*got = within_limits(source, into, *got);
	keep(source, into, *got);
	if (source->watch)
		source->watch(source->watch_context, source);
	return status;
}

uint64_t source_skip(struct source *source, uint64_t n)
{
	if (!source->seekable || source->bytes_max || source->line_max ||
	    source->size <= source->bytes)
		return 0;
	if (n > source->size - source->bytes)
		n = source->size - source->bytes;
	if (lseek(source->fd, (off_t)n, SEEK_CUR) < 0)
		return 0;
	source->bytes += n;
	source_progress += n;
	return n;
}

enum status source_failure(const struct source *source, const char **trouble)
{
	if (source->failure.status != ST_OK)
		*trouble = source->failure.trouble;
	return source->failure.status;
}

struct source *source_of(struct source *source, struct loc at)
{
	struct source *one = source;

	while (one && one->input != at.input)
		one = one->next;
	return one ? one : source;
}

size_t source_reread(struct source *first, struct loc at, char *into, size_t room)
{
	struct source *source = source_of(first, at);
	size_t want = at.length < room ? at.length : room, got = 0;
	int fd;

	if (source->kept) {
		if (at.offset >= source->kept)
			return 0;
		if (want > source->kept - at.offset)
			want = source->kept - (size_t)at.offset;
		memcpy(into, source_data(source) + at.offset, want);
		return want;
	}
	if (source->maker)
		make_copy(source);
	fd = source->seekable ? source->fd : source->spool_fd;
	while (fd >= 0 && got < want) {
		ssize_t count = pread(fd, into + got, want - got, (off_t)(at.offset + got));
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		got += (size_t)count;
	}
	return got;
}

/* Of a record, the most that is put into words. */
#define RECORD_BYTES 4096u

size_t source_quote(struct source *source, struct loc at, char *into, size_t room)
{
	const struct source *holder = source_of(source, at);
	char record[RECORD_BYTES];
	size_t got;

	if (holder->words) {
		got = source_reread(source, at, record, sizeof(record));
		got = holder->words((unsigned char *)record, got, into, room);
	} else {
		got = source_reread(source, at, into, room);
	}
	if (source->redact)
		redact(into, got);
	return got;
}

void source_end_stream(struct source *source)
{
	ahead_stop(source->ahead);
	source->ahead = source->stream = NULL;
}

void source_close(struct source *source)
{
	source_end_stream(source);
	if (source->fd > STDIN_FILENO)
		close(source->fd);
	spool_free(source->spool_fd);
	source->fd = source->spool_fd = -1;
}
