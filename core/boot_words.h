/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a boot was, in people's words: the first line of a report and the
 * reason for a missing verdict. */
#ifndef CORE_BOOT_WORDS_H
#define CORE_BOOT_WORDS_H

#include "core/replay.h"
#include "core/report.h"

/* Fills everything of `boot` that is told by the replay's last state; results
 * and has_evidence must be there. Strings are made in `keep`: the replay's own
 * memory ends with the boot. */
void boot_describe(struct boot_report *boot, const struct replay *replay, struct arena *keep);

#endif
