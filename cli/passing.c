/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/passing.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base.h"
#include "core/status.h"

/* Milliseconds to wait for others' descriptors to arrive. */
#define SEND_TRIES 10000u

void end_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(EXIT_TROUBLE);
}

bool put_bytes(int fd, const void *bytes, size_t count)
{
	const char *at = bytes;

	while (count) {
		ssize_t wrote = write(fd, at, count);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		at += wrote;
		count -= (size_t)wrote;
	}
	return true;
}

bool get_bytes(int fd, void *bytes, size_t count)
{
	char *at = bytes;

	while (count) {
		ssize_t got = read(fd, at, count);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		count -= (size_t)got;
	}
	return true;
}

/* The numbers as bytes, and with them the descriptors among them. */
struct passing {
	struct msghdr message;
	struct iovec bytes;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(PASSED_MAX * sizeof(int))];
	} control;
};

static void prepare(struct passing *passing, int *fds, size_t count)
{
	ASSERT(count <= PASSED_MAX);
	memset(passing, 0, sizeof(*passing));
	passing->bytes = (struct iovec){ fds, count * sizeof(*fds) };
	passing->message.msg_iov = &passing->bytes;
	passing->message.msg_iovlen = 1;
	passing->message.msg_control = passing->control.room;
	passing->message.msg_controllen = sizeof(passing->control.room);
}

/* A user may have no more descriptors under way than a process may hold; those of
 * others arrive in a moment. */
static bool send_again(unsigned *tries)
{
	if (errno == EINTR)
		return true;
	return errno == ETOOMANYREFS && (*tries)++ < SEND_TRIES && !poll(NULL, 0, 1);
}

static ssize_t send_all(int socket, const int *fds, size_t count)
{
	struct passing passing;
	struct cmsghdr *header;
	size_t passed = 0;
	unsigned tries = 0;
	ssize_t sent;
	int all[PASSED_MAX];

	memcpy(all, fds, count * sizeof(*fds));
	prepare(&passing, all, count);
	header = CMSG_FIRSTHDR(&passing.message);
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			memcpy(CMSG_DATA(header) + passed++ * sizeof(int), &fds[i], sizeof(int));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(passed * sizeof(int));
	passing.message.msg_controllen = passed ? CMSG_SPACE(passed * sizeof(int)) : 0;
	do
		sent = sendmsg(socket, &passing.message, MSG_NOSIGNAL);
	while (sent < 0 && send_again(&tries));
	return sent;
}

bool put_descriptors(int socket, const int *fds, size_t count)
{
	ssize_t want = (ssize_t)(count * sizeof(*fds));
	int refused[PASSED_MAX];

	if (send_all(socket, fds, count) == want)
		return true;
	if (errno != ETOOMANYREFS)
		return false;
	/* The other side waits for an answer in any case. */
	for (size_t i = 0; i < count; i++)
		refused[i] = fds[i] < 0 ? fds[i] : -ETOOMANYREFS;
	return send_all(socket, refused, count) == want;
}

bool get_descriptors(int socket, int *fds, size_t count)
{
	struct passing passing;
	struct cmsghdr *header;
	size_t passed = 0, taken = 0;
	ssize_t got;

	prepare(&passing, fds, count);
	do
		got = recvmsg(socket, &passing.message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)passing.bytes.iov_len)
		return false;
	header = CMSG_FIRSTHDR(&passing.message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		passed = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (size_t i = 0; i < count; i++) {
		if (fds[i] < 0)
			continue;
		/* A process that may hold no more of them gets fewer. */
		if (taken < passed)
			memcpy(&fds[i], CMSG_DATA(header) + taken++ * sizeof(int), sizeof(int));
		else
			fds[i] = -EMFILE;
	}
	return true;
}
