/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --map: memory as the replay knows it, in order of addresses. */
#ifndef CLI_MAP_H
#define CLI_MAP_H

#include <stdio.h>

#include "core/replay.h"

void map_put(FILE *out, const char *input, uint32_t boot, const struct replay *replay);

#endif
