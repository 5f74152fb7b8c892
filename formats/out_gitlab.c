/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * GitLab's code-quality report: an array of issues. GitLab takes two issues
 * with one fingerprint for one, so ours is joined with the file, the boot and
 * the number among its likes; the line stays out of it.
 * Source: GitLab documentation, "Code Quality report format". */
#include <inttypes.h>
#include <stdlib.h>

#include "formats/json.h"
#include "formats/plain.h"
#include "formats/points.h"
#include "formats/tally.h"

static void gitlab_begin(FILE *out, const struct write_options *options)
{
	(void)options;
	fputs_unlocked("[\n", out);
}

static const char *severity_of(const struct finding *finding)
{
	switch (finding->severity) {
	case SEV_ERROR:
		return finding->certainty == PROVED ? "critical" : "major";
	case SEV_WARNING:
		return "minor";
	case SEV_NOTE:
		break;
	}
	return "info";
}

/* GitLab wants a path as its repository has it, not a URI. */
static const char *path_of(const char *name)
{
	while (name[0] == '.' && name[1] == '/')
		for (name += 2; *name == '/';)
			name++;
	return name;
}

static void put_issue(FILE *out, const char *description, const char *check,
		      const char *fingerprint, const char *severity, const char *path,
		      uint32_t line)
{
	struct json json = { .out = out };

	json_object(&json, NULL);
	json_string(&json, "description", description);
	json_string(&json, "check_name", check);
	json_string(&json, "fingerprint", fingerprint);
	json_string(&json, "severity", severity);
	json_object(&json, "location");
	json_string(&json, "path", path_of(path));
	json_object(&json, "lines");
	json_number(&json, "begin", line ? line : 1);
	json_end_object(&json);
	json_end_object(&json);
	json_end_object(&json);
}

static uint64_t hash_of(const char *words)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *words; words++)
		hash = (hash ^ (unsigned char)*words) * UINT64_C(0x100000001b3);
	return hash;
}

/* How many findings with this fingerprint stand before it in its boot. */
static uint32_t alike_before(const struct boot_report *boot, const struct finding *finding)
{
	uint32_t alike = 0;

	for (const struct finding *f = boot->findings; f != finding; f = f->next)
		alike += f->shown && f->fingerprint == finding->fingerprint;
	return alike;
}

static void put_finding(FILE *out, const struct input_report *input,
			const struct boot_report *boot, const struct finding *finding)
{
	char fingerprint[80], *description = NULL;

	snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64 "-%016" PRIx64 "-%u-%u",
		 finding->fingerprint, hash_of(path_of(input->name)), boot->number,
		 alike_before(boot, finding));
	if (asprintf(&description, "%s [%s, %s]", finding->message, finding->rule->name,
		     sureness(finding)) < 0)
		description = NULL;
	put_issue(out, description ? description : finding->message, finding->rule->id, fingerprint,
		  severity_of(finding), report_file(input, finding->notes[0].at),
		  finding->notes[0].at.line);
	free(description);
}

static void gitlab_input(FILE *out, const struct write_options *options,
			 const struct input_report *input, struct source *source)
{
	struct point point = point_of(input, options, 0);
	const char *between = "";
	char fingerprint[40];

	(void)source;
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (!f->shown)
				continue;
			fputs_unlocked(between, out);
			put_finding(out, input, boot, f);
			between = ",\n";
		}
	if (point.result == POINT_PASS)
		return;
	/* What was not judged is no pass: it is an issue as well. */
	fputs_unlocked(between, out);
	snprintf(fingerprint, sizeof(fingerprint), "verdict-%016" PRIx64,
		 hash_of(path_of(input->name)));
	put_issue(out, point.why, point.result == POINT_ERROR ? "not-read" : "no-verdict", fingerprint,
		  point.result == POINT_ERROR ? "major" : "minor", input->name, 1);
}

static void gitlab_end(FILE *out, const struct write_options *options,
		       const struct summary *summary)
{
	(void)options;
	(void)summary;
	fputs_unlocked("\n]\n", out);
}

const struct writer writer_gitlab = {
	.name = "gitlab",
	.title = "GitLab code quality: an array of issues",
	.begin = gitlab_begin,
	.input = gitlab_input,
	.between = ",\n",
	.end = gitlab_end,
};
