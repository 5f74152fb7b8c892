/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The evidence of a finding as an excerpt of the log: its lines with what they
 * show, and the lines around them. */
#ifndef FORMATS_MODULES_XML_EXCERPT_H
#define FORMATS_MODULES_XML_EXCERPT_H

#include "core/report.h"
#include "formats/modules/xml/sheet.h"
#include "formats/source.h"

/* Lines around each line of evidence, unless --context says otherwise. */
#define EXCERPT_CONTEXT 2u

/* source may be NULL: then the lines cannot be quoted, and that is said. */
void excerpt_put(struct sheet *sheet, struct source *source, const struct finding *finding,
		 unsigned context);

#endif
