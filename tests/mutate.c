/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *   mutate [-s SEED] [-n ROUNDS] [-c CUT-BYTES] [-t] FILE...
 *
 * Damages logs and judges them, with all that tests/fuzz.h promises: after every byte
 * (files up to CUT-BYTES), bits flipped, lines lost, doubled, moved, of another file,
 * numbers of others. Then lines far from the evidence alone: how often is the verdict
 * the same? -t: does the time grow with the size alone? Last line: "N passed, N
 * failed". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/base.h"
#include "tests/fuzz.h"

#define LINES_MAX 100000u
/* Lines between the damage and what a finding quotes. */
#define FAR 3u

struct file { unsigned char *bytes; size_t size; };
struct lines { struct { size_t at, length; } each[LINES_MAX]; size_t count; };

static uint64_t state;
static uint64_t judged, kept_verdict, far_damages;

/* xorshift64*: the same everywhere. */
static size_t any(size_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return below ? (size_t)((state * 0x2545f4914f6cdd1dull >> 11) % below) : 0;
}

static struct file read_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	struct file file = { NULL, 0 };
	size_t got;

	while (in && (file.bytes = realloc(file.bytes, file.size + 65536)) &&
	       (got = fread(file.bytes + file.size, 1, 65536, in)) > 0)
		file.size += got;
	if (!in || !file.bytes) {
		perror(path);
		exit(2);
	}
	fclose(in);
	return file;
}

static void split(const struct file *file, struct lines *lines)
{
	size_t at = 0;

	lines->count = 0;
	while (at < file->size && lines->count < LINES_MAX) {
		const unsigned char *end = memchr(file->bytes + at, '\n', file->size - at);
		size_t length = end ? (size_t)(end - file->bytes) - at + 1 : file->size - at;

		lines->each[lines->count].at = at;
		lines->each[lines->count++].length = length;
		at += length;
	}
}

static void judge(const unsigned char *bytes, size_t size)
{
	LLVMFuzzerTestOneInput(bytes, size);
	judged++;
}

/* --- damage -------------------------------------------------------------------- */

static void cut_everywhere(const struct file *file)
{
	for (size_t size = 0; size <= file->size; size++)
		judge(file->bytes, size);
}

static void flip(struct file *copy)
{
	for (size_t i = 1 + any(8); i && copy->size; i--)
		copy->bytes[any(copy->size)] ^= (unsigned char)(1u << any(8));
}

/* Writes lines in another order, some twice, some not, some of `other`. */
static size_t reorder(const struct file *file, const struct lines *lines, const struct file *other,
		      unsigned char *into, size_t room)
{
	size_t used = 0, first = any(lines->count), count = any(8), how = any(4);

	for (size_t i = 0; i < lines->count; i++) {
		const unsigned char *from = file->bytes + lines->each[i].at;
		size_t length = lines->each[i].length, times = 1;

		if (i >= first && i <= first + count) {
			size_t j = first + any(count + 1);

			if (how == 0)
				times = 0;
			else if (how == 1)
				times = 2 + any(3);
			else if (how == 2 && j < lines->count) {
				from = file->bytes + lines->each[j].at;
				length = lines->each[j].length;
			} else if (how == 3 && other->size > 200) {
				length = 1 + any(200);
				from = other->bytes + any(other->size - length);
			}
		}
		for (; times && used + length <= room; times--) {
			memcpy(into + used, from, length);
			used += length;
		}
	}
	return used;
}

static void damage(const struct file *file, const struct lines *lines, const struct file *other)
{
	size_t room = 2 * file->size + 4096;
	struct file copy = { malloc(room), 0 };

	if (!copy.bytes)
		exit(2);
	copy.size = reorder(file, lines, other, copy.bytes, room);
	if (any(2))
		flip(&copy);
	judge(copy.bytes, copy.size);
	free(copy.bytes);
}

/* --- far from the evidence --------------------------------------------------------- */

/* Rules that were found, and the lines that prove them, of an ndjson report. */
struct verdict { char rules[2048]; bool near[LINES_MAX]; bool any; };

static void note_lines(const char *list, struct verdict *verdict)
{
	while (*list && *list != ']') {
		unsigned long line = strtoul(list, (char **)(uintptr_t)&list, 10);

		for (unsigned long i = line > FAR ? line - FAR : 0; i <= line + FAR; i++)
			if (i < LINES_MAX)
				verdict->near[i] = true;
		while (*list == ',')
			list++;
	}
}

static void take_verdict(const char *report, struct verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	while ((report = strstr(report, "{\"type\":\"finding\""))) {
		const char *end = strchr(report, '\n');
		const char *rule = strstr(report, "\"rule\":\"");
		const char *severity = strstr(report, "\"severity\":\"");
		const char *lines = strstr(report, "\"evidence_lines\":[");

		if (rule && severity && severity < end && strncmp(severity + 12, "note", 4) &&
		    strlen(verdict->rules) + 8 < sizeof(verdict->rules)) {
			strncat(verdict->rules, rule + 8, 6);
			strcat(verdict->rules, " ");
			verdict->any = true;
		}
		if (lines && lines < end)
			note_lines(lines + 18, verdict);
		report = end ? end : report + 1;
	}
}

/* One line that no finding quotes, nor its neighbours, is garbled. */
static void damage_far(const struct file *file, const struct lines *lines)
{
	static struct verdict before, after;
	struct file copy = { malloc(file->size + 1), file->size };
	size_t line = any(lines->count);
	char *report = fuzz_report(file->bytes, file->size);

	take_verdict(report, &before);
	free(report);
	if (copy.bytes && before.any && !before.near[line + 1]) {
		memcpy(copy.bytes, file->bytes, file->size);
		for (size_t i = 0; i + 1 < lines->each[line].length; i++)
			if (!any(3))
				copy.bytes[lines->each[line].at + i] = (unsigned char)(' ' + any(95));
		report = fuzz_report(copy.bytes, copy.size);
		take_verdict(report, &after);
		free(report);
		far_damages++;
		kept_verdict += !strcmp(before.rules, after.rules);
	}
	free(copy.bytes);
}

/* --- time and memory ------------------------------------------------------------------ */

static double seconds_of(const struct file *file, size_t times)
{
	struct file many = { malloc(file->size * times + 1), file->size * times };
	clock_t begin;

	if (!many.bytes)
		exit(2);
	for (size_t i = 0; i < times; i++)
		memcpy(many.bytes + i * file->size, file->bytes, file->size);
	begin = clock();
	free(fuzz_report(many.bytes, many.size));
	free(many.bytes);
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* Ten times as much takes ten times as long, and no more than half as much again. */
static bool is_linear(const char *path, const struct file *file)
{
	size_t times = 1 + 400000 / (file->size + 1);
	double one = 1e9, ten = 1e9;

	for (int i = 0; i < 3; i++) {
		double now = seconds_of(file, times), then = seconds_of(file, 10 * times);

		one = now < one ? now : one;
		ten = then < ten ? then : ten;
	}
	if (ten <= 15 * one + 0.02)
		return true;
	printf("%s: %zu times takes %.3f s, ten times that %.3f s\n", path, times, one, ten);
	return false;
}

static long peak_mib(void)
{
	struct rusage used;

	return getrusage(RUSAGE_SELF, &used) ? 0 : used.ru_maxrss / 1024;
}

int main(int argc, char **argv)
{
	static struct lines lines;
	unsigned rounds = 4, seed = 1, passed = 0, failed = 0;
	size_t cut_bytes = 0;
	bool timed = false;
	int option;

	LLVMFuzzerInitialize(&argc, &argv);
	optind = 0;   /* glibc: begin anew */
	while ((option = getopt(argc, argv, "s:n:c:t")) != -1)
		switch (option) {
		case 's': seed = (unsigned)atoi(optarg); break;
		case 'n': rounds = (unsigned)atoi(optarg); break;
		case 'c': cut_bytes = (size_t)atol(optarg); break;
		case 't': timed = true; break;
		default: return 2;
		}
	for (int i = optind; i < argc; i++) {
		struct file file = read_file(argv[i]);
		struct file other = read_file(argv[optind + (int)((unsigned)(i * 7) %
								  (unsigned)(argc - optind))]);

		state = 0x9e3779b97f4a7c15ull * (seed + (unsigned)i);
		split(&file, &lines);
		if (file.size <= cut_bytes)
			cut_everywhere(&file);
		for (unsigned round = 0; round < rounds && lines.count; round++) {
			damage(&file, &lines, &other);
			damage_far(&file, &lines);
		}
		passed++;
		if (timed && !is_linear(argv[i], &file))
			failed++;
		free(file.bytes);
		free(other.bytes);
	}
	printf("%llu damaged inputs judged; verdict unchanged by %llu of %llu damages to a line "
	       "at least %u lines from all evidence; peak %ld MiB\n", (unsigned long long)judged,
	       (unsigned long long)kept_verdict, (unsigned long long)far_damages, FAR + 1, peak_mib());
	if (far_damages > 50 && kept_verdict * 100 < far_damages * 90) {
		puts("damage far from the evidence changes the verdict too often");
		failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
