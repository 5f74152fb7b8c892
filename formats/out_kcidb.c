/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * KCIDB 5.3: one test run for each input. The schema wants a build_id, and no log tells
 * it: "pgtcheck:unknown" stands there until the submitter names the build (pgtcheck(1)).
 * Source: kernelci/kcidb-io, kcidb_io/schema/v05_03.py. */
#include <inttypes.h>
#include <stdlib.h>

#include "formats/json.h"
#include "formats/plain.h"
#include "formats/points.h"
#include "formats/tally.h"

/* The schema's maxLength of log_excerpt, in characters. */
#define EXCERPT_MAX 16384u

static void kcidb_begin(FILE *out, const struct write_options *options)
{
	(void)options;
	fputs_unlocked("{\"version\":{\"major\":5,\"minor\":3},\n\"tests\":[\n", out);
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (; length; length--)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

/* The same for the same log, another one for another. */
static uint64_t id_of(const struct input_report *input)
{
	uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), input->name, strlen(input->name));
	uint64_t numbers[] = { input->bytes, input->lines, input->lines_used };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		for (unsigned shift = 0; shift < 64; shift += 8) {
			unsigned char byte = (unsigned char)(numbers[i] >> shift);

			hash = mix(hash, &byte, 1);
		}
	return hash;
}

/* PASS: judged and nothing that counts. DONE: read, but no verdict. */
static const char *status_of(const struct input_report *input)
{
	switch (input->verdict) {
	case EXIT_FINDINGS:
		return "FAIL";
	case EXIT_TROUBLE:
	case EXIT_USAGE:
		return "ERROR";
	case EXIT_CLEAN:
	case EXIT_NO_VERDICT:
		break;
	}
	/* --inconclusive=pass makes status 0 of it, not a verdict. */
	return why_no_verdict(input) ? "DONE" : "PASS";
}

static const struct finding *worst(const struct input_report *input,
				   const struct boot_report **of)
{
	const struct finding *worst = NULL;

	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (!f->shown || shown_cause(f) || f->severity == SEV_NOTE)
				continue;
			if (worst && f->severity <= worst->severity)
				continue;
			worst = f;
			*of = boot;
		}
	return worst;
}

static void put_comment(struct json *json, const struct input_report *input,
			const struct write_options *options, const struct finding *finding)
{
	struct point point = point_of(input, options, 0);

	if (finding)
		json_string(json, "comment", finding->message);
	else if (point.result == POINT_PASS)
		json_string(json, "comment", tally_input(input).suppressed ?
			    "no error but what is suppressed" : "no error found in the page tables");
	else
		json_string(json, "comment", point.why);
}

static void put_excerpt(struct json *json, const struct input_report *input,
			struct source *source, const struct boot_report *boot,
			const struct finding *finding)
{
	char *words = plain_finding_text(input, boot, finding, source);
	size_t length = words ? strlen(words) : 0;

	if (length)
		json_text(json, "log_excerpt",
			  (struct text){ words, length < EXCERPT_MAX ? length : EXCERPT_MAX });
	free(words);
}

static void put_findings(struct json *json, const struct input_report *input)
{
	json_array(json, "findings");
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (!f->shown && !f->suppressed)
				continue;
			json_object(json, NULL);
			json_string(json, "rule", f->rule->id);
			json_string(json, "name", f->rule->name);
			json_string(json, "severity", severity_word(f->severity));
			json_string(json, "certainty", certainty_word(f->certainty));
			json_number(json, "boot", boot->number);
			if (f->notes[0].at.line)
				json_number(json, "line", f->notes[0].at.line);
			else
				json_number(json, "offset", f->notes[0].at.offset);
			json_string(json, "message", f->message);
			json_hash(json, "fingerprint", f->fingerprint);
			json_string(json, "state", standing_word(f->standing));
			json_string(json, "suppressed", f->suppressed);
			json_end_object(json);
		}
	json_end_array(json);
}

/* What an earlier run had found, and this one has not. */
static void put_absent(struct json *json, const struct input_report *input)
{
	if (!input->absent)
		return;
	json_array(json, "absent");
	for (const struct absent *absent = input->absent; absent; absent = absent->next) {
		json_object(json, NULL);
		json_string(json, "rule", absent->rule->id);
		json_string(json, "name", absent->rule->name);
		json_hash(json, "fingerprint", absent->fingerprint);
		json_string(json, "state", "absent");
		json_end_object(json);
	}
	json_end_array(json);
}

static void put_misc(struct json *json, const struct input_report *input)
{
	struct tally tally = tally_input(input);

	json_object(json, "misc");
	json_string(json, "file", input->name);
	json_string(json, "pgtcheck_version", VERSION);
	if (input->boots) {
		json_string(json, "kernel", input->boots->kernel);
		json_string(json, "platform", input->boots->platform);
		json_string(json, "xen", input->boots->xen);
	}
	json_number(json, "rules_judged", tally.judged);
	json_number(json, "rules_not_checked", tally.not_checked);
	put_findings(json, input);
	put_absent(json, input);
	json_end_object(json);
}

static void kcidb_input(FILE *out, const struct write_options *options,
			const struct input_report *input, struct source *source)
{
	const struct boot_report *boot = NULL;
	const struct finding *finding = worst(input, &boot);
	struct json json = { .out = out };
	char id[40];

	snprintf(id, sizeof(id), "pgtcheck:%016" PRIx64, id_of(input));
	json_object(&json, NULL);
	json_string(&json, "id", id);
	json_string(&json, "origin", "pgtcheck");
	json_string(&json, "build_id", "pgtcheck:unknown");
	json_string(&json, "path", "pgtcheck");
	json_string(&json, "status", status_of(input));
	put_comment(&json, input, options, finding);
	if (finding)
		put_excerpt(&json, input, source, boot, finding);
	put_misc(&json, input);
	json_end_object(&json);
}

static void kcidb_end(FILE *out, const struct write_options *options,
		      const struct summary *summary)
{
	(void)options;
	(void)summary;
	fputs_unlocked("\n]}\n", out);
}

const struct writer writer_kcidb = {
	.name = "kcidb",
	.title = "KCIDB 5.3: one test run a log",
	.begin = kcidb_begin,
	.input = kcidb_input,
	.between = ",\n",
	.end = kcidb_end,
};
