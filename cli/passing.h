/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes and descriptors between processes. */
#ifndef CLI_PASSING_H
#define CLI_PASSING_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>

#define PASSED_MAX 32u

/* In a child of `parent`, right after fork(): whatever ends the parent ends it too. */
void end_with(pid_t parent);

/* All of the bytes, through a pipe or a socket. False: the other side is gone. */
bool put_bytes(int fd, const void *bytes, size_t count);
bool get_bytes(int fd, void *bytes, size_t count);

/* Up to PASSED_MAX descriptors through a stream socket. One below 0 stands for an
 * error and arrives as it is. What was sent is still the sender's to close. */
bool put_descriptors(int socket, const int *fds, size_t count);
bool get_descriptors(int socket, int *fds, size_t count);

#endif
