/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/outlet.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base.h"

/* A line that is longer, such as a whole document, is written in parts. */
#define OUTLET_LINE_BYTES_MAX (16u * 1024 * 1024)

/* May the failed write() be tried again? A pipe that another process has made
 * non-blocking is full now, not broken. */
static bool write_again(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	return errno == EINTR ||
	       (errno == EAGAIN && (poll(&ready, 1, -1) >= 0 || errno == EINTR));
}

static bool write_all(int fd, const char *bytes, size_t count)
{
	while (count) {
		ssize_t wrote = write(fd, bytes, count);

		if (wrote < 0 && write_again(fd))
			continue;
		if (wrote <= 0)
			return false;
		bytes += wrote;
		count -= (size_t)wrote;
	}
	return true;
}

static bool hold(struct outlet *outlet, const char *bytes, size_t count)
{
	if (count > outlet->room - outlet->used) {
		size_t room = 2 * (outlet->used + count);
		char *held = realloc(outlet->held, room);

		if (!held)
			return false;
		outlet->held = held;
		outlet->room = room;
	}
	memcpy(outlet->held + outlet->used, bytes, count);
	outlet->used += count;
	return true;
}

static bool let_go(struct outlet *outlet)
{
	size_t count = outlet->used;

	outlet->used = 0;
	return write_all(outlet->fd, outlet->held, count);
}

/* What is held and the whole lines of `bytes` in one write(). */
static bool pass_lines(struct outlet *outlet, const char *bytes, size_t count)
{
	if (!outlet->used)
		return write_all(outlet->fd, bytes, count);
	return hold(outlet, bytes, count) && let_go(outlet);
}

static ssize_t outlet_write(void *cookie, const char *bytes, size_t count)
{
	struct outlet *outlet = cookie;
	const char *end = memrchr(bytes, '\n', count);
	size_t whole = end ? (size_t)(end - bytes) + 1 : 0;

	if (whole && !pass_lines(outlet, bytes, whole))
		return 0;
	if (count > whole && !hold(outlet, bytes + whole, count - whole))
		return 0;
	if (outlet->used > OUTLET_LINE_BYTES_MAX && !let_go(outlet))
		return 0;
	return (ssize_t)count;
}

static int outlet_close(void *cookie)
{
	struct outlet *outlet = cookie;
	bool good = let_go(outlet);

	free(outlet->held);
	outlet->held = NULL;
	return good ? 0 : EOF;
}

FILE *outlet_open(struct outlet *outlet, int fd)
{
	static const cookie_io_functions_t functions = {
		.write = outlet_write, .close = outlet_close,
	};

	*outlet = (struct outlet){ .fd = fd };
	return fopencookie(outlet, "w", functions);
}
