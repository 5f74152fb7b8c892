/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What all fuzz targets share: see tests/fuzz.h. */
#include "tests/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/run.h"
#include "formats/apart.h"

#define PIPE_BYTES (256u * 1024)

/* What one run wrote: a text for each format, and standard error. */
struct told {
	struct { char *bytes; size_t length; } outs[1 + REPORTS_MAX], errors;
	const struct writer *writers[1 + REPORTS_MAX];
	uint32_t count;
	uint32_t inputs;
	bool refused;
	enum exit_status status;
};

static struct options options;

static void fail(const char *what, const struct writer *writer)
{
	fprintf(stderr, "fuzz: %s%s%s\n", what, writer ? ": " : "", writer ? writer->name : "");
	abort();
}

static int no_process(int in, int out, bool careful)
{
	(void)in;
	(void)out;
	(void)careful;
	return -1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char *words[ARRAY_LEN(fuzz_target.options) + 5];
	int count = 0;

	(void)argc;
	(void)argv;
	words[count++] = strdup("pgtcheck");
	for (uint32_t i = 0; fuzz_target.options[i]; i++)
		words[count++] = strdup(fuzz_target.options[i]);
	words[count++] = strdup("--format");
	words[count++] = strdup(fuzz_target.format ? fuzz_target.format : "ndjson");
	words[count++] = strdup(fuzz_target.input ? fuzz_target.input : "-");
	options_parse(&options, count, words, stderr);
	if (options.action != ACTION_CHECK)
		fail("the target's options are wrong", NULL);
	apart_elsewhere = fuzz_target.apart ? fuzz_target.apart : no_process;
	return 0;
}

/* --- one run --------------------------------------------------------------- */

static FILE *stream_of(struct told *told, uint32_t index)
{
	FILE *file = open_memstream(&told->outs[index].bytes, &told->outs[index].length);

	if (!file)
		fail("out of memory", NULL);
	return file;
}

static void add_formats(struct run *run, struct told *told)
{
	for (size_t i = 0; i < writer_count; i++) {
		if (writer_table[i] == options.writer || run->output_count > REPORTS_MAX)
			continue;
		told->writers[run->output_count] = writer_table[i];
		output_to_stream(&run->outputs[run->output_count], writer_table[i], &options.write,
				 stream_of(told, run->output_count));
		run->output_count++;
	}
}

static void judge(struct told *told)
{
	struct run *run = calloc(1, sizeof(*run));
	struct known known;
	FILE *errors;

	*told = (struct told){ .writers = { options.writer } };
	errors = open_memstream(&told->errors.bytes, &told->errors.length);
	if (!run || !errors)
		fail("out of memory", NULL);
	if (known_open(&known, &options, errors) != EXIT_CLEAN ||
	    run_begin(run, &options, stream_of(told, 0), errors) != ST_OK)
		fail("a run cannot begin", NULL);
	run->known = &known;
	if (fuzz_target.all_formats)
		add_formats(run, told);
	run_input(run, options.inputs[0]);
	told->refused = fuzz_target.input && run->over;
	told->count = run->output_count;
	told->inputs = run->summary.inputs;
	told->status = run_end(run);
	known_release(&known);
	fclose(errors);
	free(run);
}

static void release(struct told *told)
{
	for (uint32_t i = 0; i < told->count; i++)
		free(told->outs[i].bytes);
	free(told->errors.bytes);
}

/* Standard input becomes a file, or a pipe, with the bytes. */
static void give_file(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) ||
	    dup2(fd, STDIN_FILENO) < 0)
		fail("no file", NULL);
	close(fd);
}

static void give_pipe(const uint8_t *bytes, size_t size)
{
	int ends[2];

	if (pipe(ends) || fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
	    write(ends[1], bytes, size) != (ssize_t)size || dup2(ends[0], STDIN_FILENO) < 0)
		fail("no pipe", NULL);
	close(ends[0]);
	close(ends[1]);
}

/* --- what must hold -------------------------------------------------------- */

static const char *json_value(const char *at, const char *end, unsigned depth);

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && strchr(" \t\n\r", *at) && *at)
		at++;
	return at;
}

/* Source: RFC 8259, 7. Returns the byte after the string; NULL: it is none. */
static const char *json_string(const char *at, const char *end)
{
	if (at == end || *at++ != '"')
		return NULL;
	for (; at < end && *at != '"'; at++) {
		if ((unsigned char)*at < ' ')
			return NULL;
		if (*at != '\\')
			continue;
		if (++at == end || !*at || !strchr("\"\\/bfnrtu", *at))
			return NULL;
		if (*at == 'u') {
			if (end - at < 5 || strspn(at + 1, "0123456789abcdefABCDEF") < 4)
				return NULL;
			at += 4;
		}
	}
	return at < end ? at + 1 : NULL;
}

/* The rest of an array or an object, after its bracket. */
static const char *json_members(const char *at, const char *end, bool object, unsigned depth)
{
	char close = object ? '}' : ']';

	at = skip_blanks(at, end);
	if (at < end && *at == close)
		return at + 1;
	for (;;) {
		if (object) {
			at = json_string(skip_blanks(at, end), end);
			at = at ? skip_blanks(at, end) : NULL;
			if (!at || at == end || *at++ != ':')
				return NULL;
		}
		at = json_value(at, end, depth);
		at = at ? skip_blanks(at, end) : NULL;
		if (!at || at == end || (*at != ',' && *at != close))
			return NULL;
		if (*at++ == close)
			return at;
	}
}

static const char *json_value(const char *at, const char *end, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null" };
	const char *start = at = skip_blanks(at, end);

	if (at == end || depth > 64)
		return NULL;
	if (*at == '"')
		return json_string(at, end);
	if (*at == '{' || *at == '[')
		return json_members(at + 1, end, *at == '{', depth + 1);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if ((size_t)(end - at) >= strlen(words[i]) &&
		    !memcmp(at, words[i], strlen(words[i])))
			return at + strlen(words[i]);
	while (at < end && *at && strchr("+-.0123456789eE", *at))
		at++;
	return at > start ? at : NULL;
}

/* One value, or one in each line. */
static void check_json(const struct writer *writer, const char *bytes, size_t length)
{
	const char *at = bytes, *end = bytes + length;

	while (at && at < end) {
		at = json_value(at, end, 0);
		at = at ? skip_blanks(at, end) : NULL;
	}
	if (!at)
		fail("not JSON", writer);
}

static void check_printable(const struct writer *writer, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)bytes[i] < ' ' && bytes[i] != '\n') || bytes[i] == 0x7f)
			fail("a control byte", writer);
}

static bool is_any_of(const struct writer *writer, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(writer->name, *names))
			return true;
	return false;
}

static uint32_t count_files(const char *bytes)
{
	uint32_t count = 0;

	while ((bytes = strstr(bytes, "\"type\":\"file\""))) {
		bytes++;
		count++;
	}
	return count;
}

static void check(const struct told *told)
{
	static const char *const json[] = { "json", "ndjson", "sarif", "gitlab", "kcidb", NULL };
	static const char *const screens[] = { "human", "gcc", "github", "tap", "ktap", NULL };

	if (told->status != EXIT_CLEAN && told->status != EXIT_FINDINGS &&
	    told->status != EXIT_TROUBLE && told->status != EXIT_NO_VERDICT)
		fail("a strange status", NULL);
	if (!told->inputs || (options.type && told->inputs != 1))
		fail("not one record", NULL);
	for (uint32_t i = 0; i < told->count; i++) {
		const struct writer *writer = told->writers[i];

		if (is_any_of(writer, json))
			check_json(writer, told->outs[i].bytes, told->outs[i].length);
		if (is_any_of(writer, screens))
			check_printable(writer, told->outs[i].bytes, told->outs[i].length);
		if (!strcmp(writer->name, "ndjson") &&
		    count_files(told->outs[i].bytes) != told->inputs)
			fail("not one file record for each input", writer);
	}
	check_printable(NULL, told->errors.bytes, told->errors.length);
}

static void compare(const struct told *one, const struct told *two)
{
	if (one->status != two->status || one->count != two->count)
		fail("a pipe has another status than a file", NULL);
	for (uint32_t i = 0; i < one->count; i++) {
		if (one->outs[i].length == two->outs[i].length &&
		    !memcmp(one->outs[i].bytes, two->outs[i].bytes, one->outs[i].length))
			continue;
		fprintf(stderr, "--- file\n%s\n--- pipe\n%s\n", one->outs[i].bytes, two->outs[i].bytes);
		fail("a pipe says other things than a file", one->writers[i]);
	}
}

char *fuzz_report(const unsigned char *bytes, size_t size)
{
	struct told told;
	char *report;

	give_file(bytes, size);
	judge(&told);
	report = told.outs[0].bytes;
	told.outs[0].bytes = NULL;
	release(&told);
	return report;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	unsigned char *mended = malloc(size + 1);
	struct told as_file, as_pipe;

	if (!mended)
		fail("out of memory", NULL);
	memcpy(mended, bytes, size);
	if (fuzz_target.mend)
		fuzz_target.mend(mended, size);
	give_file(mended, size);
	judge(&as_file);
	if (!as_file.refused)
		check(&as_file);
	if (!fuzz_target.input && size && size <= PIPE_BYTES) {
		give_pipe(mended, size);
		judge(&as_pipe);
		compare(&as_file, &as_pipe);
		release(&as_pipe);
	}
	release(&as_file);
	free(mended);
	return 0;
}
