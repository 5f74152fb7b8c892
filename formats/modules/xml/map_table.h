/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the strip shows at the end, as a table: for those who read rather than
 * hover, and for searching. */
#ifndef FORMATS_MODULES_XML_MAP_TABLE_H
#define FORMATS_MODULES_XML_MAP_TABLE_H

#include "core/picture.h"
#include "formats/modules/xml/sheet.h"

void map_table_put(struct sheet *sheet, const struct picture *picture);

#endif
