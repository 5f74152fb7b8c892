/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/formats.h"

void xml_keep_quiet(void *context, const xmlError *error)
{
	(void)context;
	(void)error;
}

static const struct xml_module functions = {
	.junit = &xml_junit,
	.junit_gitlab = &xml_junit_gitlab,
	.svg = &xml_svg,
	.html = &xml_html,
	.domain_read = xml_domain_read,
	.junit_read = xml_junit_read,
};

MODULE(xml, &functions);
