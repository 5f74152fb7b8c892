/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The formats of the module, one file each. */
#ifndef FORMATS_MODULES_XML_FORMATS_H
#define FORMATS_MODULES_XML_FORMATS_H

#include <libxml/xmlerror.h>

#include "formats/modules/xml/xml.h"

/* libxml2 would print what it finds, and that a stream fails; we say it ourselves. An
 * xmlStructuredErrorFunc, whose second argument is const since 2.12 only. */
void xml_keep_quiet(void *context, const xmlError *error);

extern const struct xml_format xml_junit, xml_junit_gitlab, xml_svg, xml_html;

/* domain.c; see struct xml_module. */
bool xml_domain_read(struct text words, struct domain_description *told, struct arena *arena,
		     const char **trouble);
/* junit_read.c */
bool xml_junit_read(FILE *in, junit_take *take, void *context, struct arena *arena,
		    const char **trouble);

#endif
