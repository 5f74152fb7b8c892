/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/baseline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/memory.h"
#include "cli/recorded.h"
#include "core/rule.h"
#include "formats/module.h"
#include "formats/modules/xml/xml.h"
#include "formats/points.h"
#include "formats/screen.h"
#include "formats/spool.h"
#include "formats/tally.h"

#define BASELINE_BYTES_MAX (512ull * 1024 * 1024)   /* kept in memory */

static _Noreturn void out_of_memory(void *context)
{
	(void)context;
	fputs("pgtcheck: out of memory: the baseline is too large\n", stderr);
	_exit(status_code(EXIT_TROUBLE));
}

/* --- taking it in ------------------------------------------------------------- */

static const char *keep(struct baseline *baseline, const char *words)
{
	return words ? arena_copy(&baseline->arena, text_of(words)) : NULL;
}

/* The names come in runs. */
static const char *keep_file(struct baseline *baseline, const char *name)
{
	const char *kept;

	if (baseline->only_file && !strcmp(baseline->only_file, name))
		return baseline->only_file;
	kept = keep(baseline, name);
	baseline->several = baseline->only_file != NULL;
	baseline->only_file = kept;
	return kept;
}

static void add(struct baseline *baseline, const char *file, struct absent what)
{
	baseline->items = must_grow(baseline->items, baseline->count, sizeof(*baseline->items));
	baseline->items[baseline->count++] = (struct known_finding){
		.file = file, .fingerprint = what.fingerprint, .absent = what,
	};
}

static enum severity severity_of(const char *word, const struct rule *rule)
{
	for (int severity = SEV_NOTE; word && severity <= SEV_ERROR; severity++)
		if (!strcmp(word, severity_word((enum severity)severity)))
			return (enum severity)severity;
	return rule->severity;
}

static bool is_fingerprint(const char *words)
{
	return words && strlen(words) == 16 && strspn(words, "0123456789abcdef") == 16;
}

/* A suppressed one is not known: when its suppression ends it comes up again. A
 * rule that this version lacks finds nothing to compare with. */
static void take_finding(struct baseline *baseline, const struct json_module *json,
			 const void *record, const char *file)
{
	const char *id = json->string(record, "rule"), *digits = json->string(record, "fingerprint");
	const struct rule *rule = id ? rule_find(text_of(id)) : NULL;

	if (!rule || !is_fingerprint(digits) || json->string(record, "suppressed"))
		return;
	add(baseline, file, (struct absent){
		.rule = rule,
		.severity = severity_of(json->string(record, "severity"), rule),
		.message = keep(baseline, json->string(record, "message")),
		.fingerprint = strtoull(digits, NULL, 16),
	});
}

static void take_record(void *context, const struct json_module *json, const void *record,
			bool whole, uint64_t end)
{
	const char *type = json->string(record, "type"), *name = json->string(record, "file");
	struct baseline *baseline = context;
	const char *file;

	(void)whole;
	(void)end;
	if (!name || (strcmp(type, "finding") && strcmp(type, "file")))
		return;
	file = keep_file(baseline, name);
	if (!strcmp(type, "finding"))
		take_finding(baseline, json, record, file);
}

/* The module's: a testsuite, then its findings. */
static void take_testcase(void *context, const char *name, const char *id, uint64_t fingerprint)
{
	struct baseline *baseline = context;
	const struct rule *rule = id ? rule_find(text_of(id)) : NULL;
	const char *file = keep_file(baseline, name);

	if (rule)
		add(baseline, file, (struct absent){ .rule = rule, .severity = rule->severity,
						     .fingerprint = fingerprint });
}

/* --- the file --------------------------------------------------------------------- */

static void tell(FILE *errors, const char *path, const char *trouble)
{
	struct screen screen = { .out = errors };

	fputs("pgtcheck: --baseline: ", errors);
	screen_puts(&screen, path);
	fprintf(errors, ": %s\n", trouble);
}

/* XML begins with '<', JSON never does. False: *trouble. */
static bool is_xml(int fd, const char **trouble)
{
	unsigned char byte = ' ';
	off_t at = 0;
	ssize_t got;

	while ((got = pread(fd, &byte, 1, at++)) == 1 && strchr(" \t\r\n", byte) && byte)
		;
	if (got < 0)
		*trouble = strerror(errno);
	return got == 1 && byte == '<';
}

enum status baseline_open(struct baseline *baseline, const char *path, FILE *errors)
{
	const char *trouble = NULL;

	*baseline = (struct baseline){ .given = true, .path = path, .errors = errors };
	arena_init(&baseline->arena, BASELINE_BYTES_MAX, out_of_memory, NULL);
	baseline->fd = spool_whole(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
	if (baseline->fd < 0)
		trouble = strerror(errno);
	else if (is_xml(baseline->fd, &trouble))
		baseline->xml = module_load("xml", &trouble);
	else if (!trouble)
		(void)module_load("json", &trouble);
	if (!trouble)
		return ST_OK;
	tell(errors, path, trouble);
	return ST_IO;
}

static void read_records(struct baseline *baseline, FILE *in, const char **trouble)
{
	struct recorded recorded = { .take = take_record, .context = baseline };

	if (recorded_read_from(&recorded, in, trouble) != ST_OK)
		return;
	*trouble = NULL;
	if (!recorded.records)
		*trouble = "holds no record of ours (it is to be -f ndjson, json or junit)";
	else if (recorded.strange && baseline->errors)
		fprintf(baseline->errors, "pgtcheck: --baseline: %s:%" PRIu64 ": %" PRIu64
			" line%s no whole record: ignored\n", baseline->path, recorded.strange_line,
			recorded.strange, recorded.strange == 1 ? " is" : "s are");
}

/* --- putting it in order ------------------------------------------------------------ */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_file(const void *a, const void *b)
{
	const struct known_finding *left = a, *right = b;
	int order = strcmp(left->file, right->file);

	return order ? order : compare_numbers(left->fingerprint, right->fingerprint);
}

static int by_number(const void *a, const void *b)
{
	return compare_numbers(*(const uint64_t *)a, *(const uint64_t *)b);
}

static void put_in_order(struct baseline *baseline)
{
	size_t kept = 0, numbers = 0;

	if (!baseline->count)
		return;
	qsort(baseline->items, baseline->count, sizeof(*baseline->items), by_file);
	for (size_t i = 0; i < baseline->count; i++)
		if (!kept || by_file(&baseline->items[kept - 1], &baseline->items[i]))
			baseline->items[kept++] = baseline->items[i];
	baseline->count = kept;
	baseline->fingerprints = must(calloc(kept + 1, sizeof(*baseline->fingerprints)));
	for (size_t i = 0; i < kept; i++)
		baseline->fingerprints[i] = baseline->items[i].fingerprint;
	qsort(baseline->fingerprints, kept, sizeof(*baseline->fingerprints), by_number);
	for (size_t i = 0; i < kept; i++)
		if (!numbers || baseline->fingerprints[numbers - 1] != baseline->fingerprints[i])
			baseline->fingerprints[numbers++] = baseline->fingerprints[i];
	baseline->fingerprint_count = numbers;
}

const char *baseline_read(struct baseline *baseline)
{
	const char *why = NULL;
	FILE *in;

	if (baseline->fd < 0)
		return baseline->trouble;
	in = must(fdopen(baseline->fd, "r"));
	baseline->fd = -1;
	if (baseline->xml)
		baseline->xml->junit_read(in, take_testcase, baseline, &baseline->arena, &why);
	else
		read_records(baseline, in, &why);
	fclose(in);
	if (why)
		baseline->trouble = arena_printf(&baseline->arena, "--baseline: %s: %s",
						 baseline->path, why);
	else
		put_in_order(baseline);
	return baseline->trouble;
}

void baseline_release(struct baseline *baseline)
{
	if (!baseline->given)
		return;
	if (baseline->fd >= 0)
		close(baseline->fd);
	arena_release(&baseline->arena);
	free(baseline->items);
	free(baseline->fingerprints);
}

/* --- comparing ------------------------------------------------------------------------ */

void baseline_stand(const struct baseline *baseline, struct finding *finding)
{
	bool known = baseline->fingerprint_count &&
		     bsearch(&finding->fingerprint, baseline->fingerprints,
			     baseline->fingerprint_count, sizeof(uint64_t), by_number);

	finding->standing = known ? STANDING_UNCHANGED : STANDING_NEW;
}

/* The first item of the file; all of its items follow. */
static size_t first_of(const struct baseline *baseline, const char *file)
{
	size_t low = 0, high = baseline->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(baseline->items[middle].file, file) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Findings that are left out are there as well. */
static void mark_found(struct baseline *baseline, const char *file,
		       const struct input_report *input)
{
	baseline->stamp++;
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next) {
			struct known_finding key = { .file = file, .fingerprint = f->fingerprint };
			struct known_finding *found = bsearch(&key, baseline->items, baseline->count,
							      sizeof(key), by_file);

			if (found)
				found->stamp = baseline->stamp;
		}
}

void baseline_find_absent(struct baseline *baseline, struct input_report *input)
{
	const char *file = baseline->several ? input->name : baseline->only_file;
	const struct absent **tail = &input->absent;

	if (!baseline->count || input->status != ST_OK || why_no_verdict(input))
		return;
	mark_found(baseline, file, input);
	for (size_t i = first_of(baseline, file); i < baseline->count; i++) {
		struct known_finding *known = &baseline->items[i];

		if (strcmp(known->file, file))
			break;
		if (known->stamp == baseline->stamp ||
		    tally_rule(input, rule_index(known->absent.rule)) != JUDGED)
			continue;
		known->absent.next = NULL;
		*tail = &known->absent;
		tail = &known->absent.next;
	}
}
