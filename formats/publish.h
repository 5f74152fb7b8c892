/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files that are written beside their place and get their name when they are whole.
 * What writes them may have lost the right to rename (cli/sandbox.h); then another
 * process does it, which knows the names from before. */
#ifndef FORMATS_PUBLISH_H
#define FORMATS_PUBLISH_H

#include "core/base.h"

#define PUBLISH_MAX 32u

/* Remembers both names, which stay the caller's and stay as they are until
 * publish_end(). Returns the number to give there; -1: there are too many. From then on
 * SIGHUP, SIGINT, SIGTERM and exit() remove what has no name yet before they end the
 * process. */
int publish_plan(const char *temporary, const char *path);
/* keep: it takes its name; else it is removed. False: errno says why. */
bool publish_end(int number, bool keep);
int publish_planned(void);   /* numbers below it were given */
/* Removes what was not ended: its writer is dead. */
void publish_drop_all(void);
/* In a process that was forked: the other one does that; this one ends alone. */
void publish_leave(void);

/* Does the work instead, with a number and keep; returns 0 or an errno. NULL: this
 * process does it. */
extern int (*publish_elsewhere)(int number, bool keep);

#endif
