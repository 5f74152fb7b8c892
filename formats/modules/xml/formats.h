/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The formats of the module, one file each. */
#ifndef FORMATS_MODULES_XML_FORMATS_H
#define FORMATS_MODULES_XML_FORMATS_H

#include "formats/modules/xml/xml.h"

extern const struct xml_format xml_junit, xml_junit_gitlab, xml_svg, xml_html;

/* domain.c; see struct xml_module. */
bool xml_domain_read(struct text words, struct domain_description *told, struct arena *arena,
		     const char **trouble);
/* junit_read.c */
bool xml_junit_read(FILE *in, junit_take *take, void *context, struct arena *arena,
		    const char **trouble);

#endif
