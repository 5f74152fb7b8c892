/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * GitHub's workflow commands: ::error file=..,line=..,title=..::message. GitHub
 * shows ten of a kind for each step; the others would vanish, so they are
 * counted in one last line.
 * Source: GitHub documentation, "Workflow commands for GitHub Actions";
 * actions/toolkit packages/core/src/command.ts (escapeData, escapeProperty). */
#include "formats/points.h"
#include "formats/printable.h"
#include "formats/quote.h"
#include "formats/tally.h"

#define SHOWN_OF_A_KIND 10u

static const char *const commands[LINE_KINDS_MAX] = {
	[SEV_NOTE] = "::notice", [SEV_WARNING] = "::warning", [SEV_ERROR] = "::error",
};

/* Percent signs and line ends in the message; in a property also what ends it.
 * Other bytes that a log viewer might obey become visible. */
static void put_escaped(FILE *out, const char *words, bool property)
{
	size_t left = strlen(words);

	while (left) {
		size_t length = printable_length(words, left);

		if (!length) {
			if (*words == '\n' || *words == '\r')
				fprintf(out, "%%%02X", *words);
			else
				fprintf(out, "\\x%02x", (unsigned char)*words);
			length = 1;
		} else if (*words == '%' || (property && (*words == ':' || *words == ','))) {
			fprintf(out, "%%%02X", *words);
		} else {
			fwrite_unlocked(words, 1, length, out);
		}
		words += length;
		left -= length;
	}
}

/* What is known from an earlier run shall not take a place from what is new. */
static const char *command_of(const struct finding *finding)
{
	return commands[finding->standing == STANDING_UNCHANGED ? SEV_NOTE : finding->severity];
}

static void put_finding(FILE *out, const struct input_report *input, struct source *source,
			const struct finding *finding)
{
	const char *name = report_file(input, finding->notes[0].at);

	while (name[0] == '.' && name[1] == '/')
		name += 2;
	fprintf(out, "%s file=", command_of(finding));
	put_escaped(out, name, true);
	if (finding->notes[0].at.line)
		fprintf(out, ",line=%u,col=%u", finding->notes[0].at.line,
			quote_column(source, &finding->notes[0]));
	fprintf(out, ",title=%s %s (%s)::", finding->rule->id, finding->rule->name,
		sureness(finding));
	put_escaped(out, finding->message, false);
	if (finding_fix(finding)) {
		fputs_unlocked("%0AFix: ", out);
		put_escaped(out, finding_fix(finding), false);
	}
	putc_unlocked('\n', out);
}

static void github_input(FILE *out, const struct write_options *options,
			 const struct input_report *input, struct source *source)
{
	struct point point = point_of(input, options, 0);

	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (f->shown)
				put_finding(out, input, source, f);
	for (const struct absent *absent = input->absent; absent; absent = absent->next) {
		fprintf(out, "%s file=", commands[SEV_NOTE]);
		put_escaped(out, input->name, true);
		fprintf(out, ",title=%s %s (absent)::no longer found\n", absent->rule->id,
			absent->rule->name);
	}
	if (point.result == POINT_PASS)
		return;
	fprintf(out, "%s file=", commands[point.result == POINT_SKIP ? SEV_WARNING : SEV_ERROR]);
	put_escaped(out, input->name, true);
	fprintf(out, ",title=%s::", point.result == POINT_ERROR ? "not read" : "no verdict");
	put_escaped(out, point.why, false);
	putc_unlocked('\n', out);
}

static unsigned github_kind_of(struct text line)
{
	for (unsigned kind = 0; kind < LINE_KINDS_MAX; kind++)
		if (text_begins(line, text_of(commands[kind])))
			return kind;
	return SEV_NOTE;
}

static void github_left_out(FILE *out, const uint32_t counts[LINE_KINDS_MAX])
{
	static const char *const words[] = { "notice", "warning", "error" };
	const char *separator = "";

	fputs_unlocked("pgtcheck: not shown one by one: ", out);
	for (unsigned kind = LINE_KINDS_MAX; kind-- > 0;) {
		if (!counts[kind])
			continue;
		fprintf(out, "%s%u more %s%s", separator, counts[kind], words[kind],
			counts[kind] == 1 ? "" : "s");
		separator = ", ";
	}
	putc_unlocked('\n', out);
}

const struct writer writer_github = {
	.name = "github",
	.title = "GitHub workflow commands: annotations of a step",
	.input = github_input,
	.kind_of = github_kind_of,
	.lines_of_a_kind = SHOWN_OF_A_KIND,
	.left_out = github_left_out,
};
