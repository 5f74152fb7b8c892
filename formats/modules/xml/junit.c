/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JUnit: a testsuite for each input, a testcase for each point of it
 * (formats/points.h), so that passes show too.
 * Source: jenkinsci/xunit-plugin, junit-10.xsd; a testcase has no `file` there,
 * but GitLab wants it. */
#include <inttypes.h>
#include <stdlib.h>

#include "formats/modules/xml/formats.h"
#include "formats/modules/xml/sheet.h"
#include "formats/number.h"
#include "formats/plain.h"
#include "formats/points.h"

static void junit_begin(FILE *out, const struct write_options *options)
{
	(void)options;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pgtcheck\">\n", out);
}

static void junit_end(FILE *out, const struct write_options *options,
		      const struct summary *summary)
{
	(void)options;
	(void)summary;
	fputs("</testsuites>\n", out);
}

static void put_property(struct sheet *sheet, const char *name, const char *value)
{
	if (!value)
		return;
	sheet_begin(sheet, "property");
	sheet_attribute(sheet, "name", name);
	sheet_attribute(sheet, "value", value);
	sheet_end(sheet);
}

/* What was understood of the boots. Several boots repeat the names. */
static void put_properties(struct sheet *sheet, const struct input_report *input)
{
	sheet_begin(sheet, "properties");
	put_property(sheet, "format", input->format);
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		put_property(sheet, "kernel", boot->kernel);
		put_property(sheet, "platform", boot->platform);
		put_property(sheet, "xen", boot->xen);
		put_property(sheet, "evidence", boot->evidence);
		put_property(sheet, "ended", boot->how_it_ended);
	}
	for (const struct absent *absent = input->absent; absent; absent = absent->next) {
		char words[80];

		snprintf(words, sizeof(words), "%s %s, fingerprint %016" PRIx64, absent->rule->id,
			 absent->rule->name, absent->fingerprint);
		put_property(sheet, "absent", words);
	}
	sheet_end(sheet);
}

/* The findings of the point that fail, or those that do not; each ends with its
 * fingerprint. Returns how many. */
static unsigned put_findings(struct sheet *sheet, const struct input_report *input,
			     struct source *source, const struct write_options *options,
			     const struct rule *rule, bool failing)
{
	unsigned count = 0;

	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			char *words;

			if (f->rule != rule || !f->shown || finding_fails(f, options) != failing)
				continue;
			if (!count++ && !failing)
				sheet_begin(sheet, "system-out");
			words = plain_finding_text(input, boot, f, source);
			if (!words)
				sheet_no_memory();
			sheet_printf(sheet, "%sfingerprint: %016" PRIx64 "\n", words, f->fingerprint);
			free(words);
		}
	return count;
}

static void put_result(struct sheet *sheet, const struct input_report *input,
		       struct source *source, const struct write_options *options,
		       const struct point *point)
{
	static const char *const elements[] = {
		[POINT_FAIL] = "failure", [POINT_SKIP] = "skipped", [POINT_ERROR] = "error",
	};

	if (point->result != POINT_PASS) {
		sheet_begin(sheet, elements[point->result]);
		sheet_attribute(sheet, "message", point->why);
		if (point->result == POINT_FAIL) {
			sheet_attribute(sheet, "type", point->name);
			put_findings(sheet, input, source, options, point->rule, true);
		}
		sheet_end(sheet);
	}
	if (point->rule && put_findings(sheet, input, source, options, point->rule, false))
		sheet_end(sheet);
}

static void put_case(struct sheet *sheet, const struct input_report *input,
		     struct source *source, const struct write_options *options,
		     const struct point *point, bool with_file)
{
	sheet_begin(sheet, "testcase");
	sheet_attributef(sheet, "name", "%s %s", point->id, point->name);
	sheet_attribute(sheet, "classname", input->name);
	if (with_file)
		sheet_attribute(sheet, "file", input->name);
	put_result(sheet, input, source, options, point);
	sheet_end(sheet);
}

static void put_suite(FILE *out, const struct write_options *options,
		      const struct input_report *input, struct source *source, bool with_file)
{
	unsigned count[POINT_ERROR + 1] = { 0 };
	struct sheet sheet;

	for (size_t i = 0; i < point_count(); i++)
		count[point_of(input, options, i).result]++;
	sheet_open(&sheet, out);
	xmlTextWriterSetIndent(sheet.writer, 1);
	sheet_begin(&sheet, "testsuite");
	sheet_attribute(&sheet, "name", input->name);
	sheet_attributef(&sheet, "tests", "%zu", point_count());
	sheet_attributef(&sheet, "failures", "%u", count[POINT_FAIL]);
	sheet_attributef(&sheet, "errors", "%u", count[POINT_ERROR]);
	sheet_attributef(&sheet, "skipped", "%u", count[POINT_SKIP]);
	sheet_attribute_raw(&sheet, "id", NUMBER_FROM_0);
	put_properties(&sheet, input);
	for (size_t i = 0; i < point_count(); i++) {
		struct point point = point_of(input, options, i);

		put_case(&sheet, input, source, options, &point, with_file);
	}
	sheet_end(&sheet);
	sheet_close(&sheet);
}

static void junit_input(FILE *out, const struct write_options *options,
			const struct input_report *input, struct source *source)
{
	put_suite(out, options, input, source, false);
}

static void junit_gitlab_input(FILE *out, const struct write_options *options,
			       const struct input_report *input, struct source *source)
{
	put_suite(out, options, input, source, true);
}

const struct xml_format xml_junit = {
	.begin = junit_begin, .input = junit_input, .end = junit_end,
};

const struct xml_format xml_junit_gitlab = {
	.begin = junit_begin, .input = junit_gitlab_input, .end = junit_end,
};
