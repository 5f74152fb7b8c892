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

char *source_buffer_new(void)
{
	return aligned_alloc(4096, SOURCE_BUFFER_BYTES);
}

/* An unlinked file for what cannot be read twice, or -1: then evidence lines
 * of this input cannot be quoted, which is no reason not to judge it. */
static int open_spool(void)
{
	const char *folder = getenv("TMPDIR");
	char name[4096];
	int fd, length;

	if (!folder || !*folder)
		folder = "/tmp";
#ifdef O_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	length = snprintf(name, sizeof(name), "%s/pgtcheck-XXXXXX", folder);
	if (length < 0 || (size_t)length >= sizeof(name))
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
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

enum status source_open(struct source *source, const char *name, const char **trouble)
{
	struct stat about;
	bool is_stdin = !strcmp(name, "-");

	*source = (struct source){ .name = name, .fd = -1, .spool_fd = -1,
				   .buffer = source->buffer };
	source->fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (source->fd < 0 || fstat(source->fd, &about))
		return close_with(source, errno == ENOENT || errno == ENOTDIR ? ST_NOT_FOUND : ST_IO,
				  strerror(errno), trouble);
	if (S_ISDIR(about.st_mode))
		return close_with(source, ST_NOT_FOUND, "is a directory", trouble);
	/* Files of /proc have no size; they are short at every read. */
	source->seekable = S_ISREG(about.st_mode) && about.st_size > 0 &&
			   (!is_stdin || lseek(source->fd, 0, SEEK_CUR) == 0);
	if (source->seekable) {
		/* Advice only: a file system that refuses it reads as well. */
		(void)posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		return ST_OK;
	}
	prepare_device(source, &about);
	source->spool_fd = open_spool();
	return ST_OK;
}

/* Appends to the spool; one that fails (a full disk) is given up. */
static void spool(struct source *source, const char *bytes, size_t count)
{
	while (source->spool_fd >= 0 && count) {
		ssize_t wrote = write(source->spool_fd, bytes, count);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			close(source->spool_fd);
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

enum status source_read(struct source *source, char *into, size_t room, size_t *got,
			const char **trouble)
{
	*got = 0;
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
		spool(source, into + *got, (size_t)count);
		*got += (size_t)count;
		source->bytes += (uint64_t)count;
		/* A regular file is short at its end alone. */
		if (source->seekable)
			break;
	}
	return ST_OK;
}

size_t source_reread(struct source *source, struct loc at, char *into, size_t room)
{
	int fd = source->seekable ? source->fd : source->spool_fd;
	size_t want = at.length < room ? at.length : room, got = 0;

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

void source_close(struct source *source)
{
	if (source->fd > STDIN_FILENO)
		close(source->fd);
	if (source->spool_fd >= 0)
		close(source->spool_fd);
	source->fd = source->spool_fd = -1;
}
