/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JUnit XML; see formats/modules/xml/junit.c. */
#include "formats/modules/xml/xml.h"

static void junit_begin(FILE *out, const struct write_options *options)
{
	xml_module()->junit->begin(out, options);
}

static void junit_input(FILE *out, const struct write_options *options,
			const struct input_report *input, struct source *source)
{
	xml_module()->junit->input(out, options, input, source);
}

static void junit_end(FILE *out, const struct write_options *options,
		      const struct summary *summary)
{
	xml_module()->junit->end(out, options, summary);
}

const struct writer writer_junit = {
	.name = "junit",
	.title = "JUnit XML: one testsuite a log, one testcase a rule",
	.module = "xml",
	.numbered = true,
	.begin = junit_begin,
	.input = junit_input,
	.end = junit_end,
};

static void junit_gitlab_input(FILE *out, const struct write_options *options,
			       const struct input_report *input, struct source *source)
{
	xml_module()->junit_gitlab->input(out, options, input, source);
}

const struct writer writer_junit_gitlab = {
	.name = "junit:gitlab",
	.title = "the same with file=, which GitLab shows and Jenkins refuses",
	.module = "xml",
	.numbered = true,
	.begin = junit_begin,
	.input = junit_gitlab_input,
	.end = junit_end,
};
