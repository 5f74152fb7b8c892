/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was judged and what was not, and why. */
#ifndef FORMATS_MODULES_XML_RULE_LISTS_H
#define FORMATS_MODULES_XML_RULE_LISTS_H

#include "core/report.h"
#include "formats/modules/xml/sheet.h"

void rule_lists_put(struct sheet *sheet, const struct boot_report *boot);

#endif
