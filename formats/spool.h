/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unlinked temporary files: copies of what cannot be sought, texts made from an
 * input. On a disk, in TMPDIR, as long as files may be opened. */
#ifndef FORMATS_SPOOL_H
#define FORMATS_SPOOL_H

/* An empty file, to write and read. -1: no room. */
int spool_new(void);
/* Gives it back; -1 is ignored. */
void spool_free(int fd);

/* A file that can be sought: this one, or when it is a pipe a copy of it, which it is then
 * closed for (unless it is standard input). -1 and errno: fd is below 0, or no room. */
int spool_whole(int fd);

/* The same file once more, with a place of its own, for a process that was forked; fd stays
 * open. -1 and errno. */
int spool_again(int fd);

/* Before files can no longer be opened (cli/sandbox.h): opens those that one input may
 * need at the same time. From then on spool_new() gives these, then files in memory. */
void spool_prepare(void);

#endif
