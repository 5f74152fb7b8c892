/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A boot's memory over time, as SVG: all of it on a scale where every range is
 * seen, then what matters most (the pool with its start, end and top, or the
 * neighbourhood of the frame that failed) to scale.
 *
 *               0       100000          7f2fd000
 *    line 203   the direct map begins to grow
 *      memory   [ RAM ][x][ RAM                        ]
 *      in use       [kernel]             [ pool 1      ]
 *      reserved     [      ]             [      ]
 *    line 206   the hypervisor refuses an operation
 *      ...                                      ^ pfn 0x7f6e8
 */
#ifndef FORMATS_MODULES_XML_STRIP_H
#define FORMATS_MODULES_XML_STRIP_H

#include "core/picture.h"
#include "core/report.h"
#include "formats/modules/xml/sheet.h"

#define STRIP_WIDTH 1160.0

/* What goes inside an <svg>: STRIP_WIDTH wide, *height high; empty and 0 when
 * the boot told nothing that can be drawn. malloc'ed: give it back with free(). */
char *strip_markup(const struct boot_report *boot, double *height);

/* What strip_markup() refers to, once a document: a style sheet for light and
 * dark, and the patterns. Plain ASCII that needs no escaping. */
extern const char strip_style[], strip_patterns[];

#endif
