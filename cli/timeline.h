/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --timeline: the replay, event by event, and what each did to the pool. */
#ifndef CLI_TIMELINE_H
#define CLI_TIMELINE_H

#include <stdio.h>

#include "core/replay.h"

/* The heading of a boot. */
void timeline_boot(FILE *out, const char *input, uint32_t boot, uint16_t domain);
/* One event after it was applied; a judge's `observe`. context: the FILE. */
void timeline_event(void *context, const struct replay *replay, const struct event *event);

#endif
