/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What -v adds to the human report: which rules spoke, which lacked what and
 * how to get it, and what was odd about the input. */
#ifndef FORMATS_HUMAN_RULES_H
#define FORMATS_HUMAN_RULES_H

#include "core/report.h"
#include "formats/screen.h"

void human_rules(const struct screen *screen, const struct boot_report *boot);
void human_diagnostics(const struct screen *screen, const struct input_report *input);

#endif
