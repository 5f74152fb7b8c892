/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How to get the evidence that a rule lacked, on the kernel, the hypervisor and
 * the platform that the boot shows. */
#ifndef CORE_REMEDY_H
#define CORE_REMEDY_H

#include "core/replay.h"
#include "core/rule.h"

/* A phrase that stands after a colon; a string constant, never NULL. Where this
 * kernel cannot give the evidence it says so. */
const char *remedy_for(const struct replay *replay, enum evidence bit);

/* How far out of reach evidence is on this kernel: 0 when a boot option gives
 * it. Of two ways to judge a rule people are told the nearer one. */
unsigned remedy_distance(const struct replay *replay, uint32_t lacking);

#endif
