/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A comparison with a good boot, on one screen. */
#ifndef FORMATS_HUMAN_AGAINST_H
#define FORMATS_HUMAN_AGAINST_H

#include "core/report.h"
#include "formats/screen.h"

/* `all`: every row, however many. */
void human_against(const struct screen *screen, const struct boot_report *boot, bool all);

#endif
