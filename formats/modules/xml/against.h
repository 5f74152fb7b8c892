/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A comparison with a good boot, as a section of the page. */
#ifndef FORMATS_MODULES_XML_AGAINST_H
#define FORMATS_MODULES_XML_AGAINST_H

#include "core/report.h"
#include "formats/modules/xml/sheet.h"

/* Nothing when the boot was compared with none. */
void against_put(struct sheet *sheet, const struct boot_report *boot);

#endif
