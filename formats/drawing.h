/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page-table pool on one line, drawn to scale:
 *
 *     = pool  |====start-end: 1004 tables, RO====|...end-top: 23 pages, RW...|
 *             0x7f2fd                                            top: 0x7f700
 *                                                   ^ pfn 0x7f6e8, first page past end
 */
#ifndef FORMATS_DRAWING_H
#define FORMATS_DRAWING_H

#include "core/report.h"
#include "formats/screen.h"

void drawing_put(const struct screen *screen, const struct drawing *drawing, unsigned gutter);

#endif
