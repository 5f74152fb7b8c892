/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A copy of a pipe, its text, and two zip files in each other. */
#define SPARE_MAX 4u

static int spare[SPARE_MAX];
static unsigned spare_count;
static bool prepared, no_room;

static int open_file(void)
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

int spool_new(void)
{
	if (!prepared)
		return open_file();
	if (spare_count)
		return spare[--spare_count];
	return no_room ? -1 : memfd_create("pgtcheck", MFD_CLOEXEC);
}

void spool_free(int fd)
{
	if (fd < 0)
		return;
	if (prepared && spare_count < SPARE_MAX && !ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET))
		spare[spare_count++] = fd;
	else
		close(fd);
}

static bool copy(int from, int to)
{
	char block[8192];
	ssize_t got;

	while ((got = read(from, block, sizeof(block))) > 0)
		for (ssize_t at = 0, wrote; at < got; at += wrote) {
			wrote = write(to, block + at, (size_t)(got - at));
			if (wrote <= 0)
				return false;
		}
	return !got && !lseek(to, 0, SEEK_SET);
}

int spool_whole(int fd)
{
	struct stat about;
	int to, error;

	if (fd < 0 || (!fstat(fd, &about) && (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))))
		return fd;
	to = spool_new();
	if (to >= 0 && !copy(fd, to)) {
		error = errno;
		close(to);
		to = -1;
		errno = error;
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return to;
}

int spool_again(int fd)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void spool_prepare(void)
{
	int fd;

	while (spare_count < SPARE_MAX && (fd = open_file()) >= 0)
		spare[spare_count++] = fd;
	prepared = true;
	no_room = !spare_count;
}
