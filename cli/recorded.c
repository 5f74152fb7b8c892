/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/recorded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/module.h"
#include "formats/records.h"

/* The brackets and commas of the format json stand around whole records. */
static size_t bare_length(const char *line, size_t length)
{
	while (length && strchr("\n\r ,", line[length - 1]))
		length--;
	return length == 1 && (*line == '[' || *line == ']') ? 0 : length;
}

/* False: out of memory. */
static bool take_line(struct recorded *recorded, const char *line, size_t length,
		      uint64_t number, uint64_t end)
{
	size_t bare = bare_length(line, length);
	bool no_memory;
	void *record;

	if (!bare)
		return true;
	record = recorded->json->parse(line, bare, &no_memory);
	if (no_memory) {
		if (record)
			recorded->json->release(record);
		return false;
	}
	if (record && recorded->json->string(record, "type") &&
	    recorded->json->number(record, "schema") == RECORDS_SCHEMA) {
		recorded->records++;
		recorded->take(recorded->context, recorded->json, record,
			       line[length - 1] == '\n', end);
	} else if (!recorded->strange++) {
		recorded->strange_line = number;
	}
	if (record)
		recorded->json->release(record);
	return true;
}

/* Like getline(), but of lines with a bound. Returns the bytes of the line,
 * 0 at the end, or when there is no memory. */
static size_t read_line(FILE *in, char **line, size_t *room, bool *no_memory)
{
	size_t length = 0;
	int byte;

	while ((byte = getc_unlocked(in)) != EOF) {
		if (length == *room && length < RECORD_BYTES_MAX) {
			char *more = realloc(*line, *room ? 2 * *room : 4096);

			*no_memory = !more;
			if (!more)
				return 0;
			*line = more;
			*room = *room ? 2 * *room : 4096;
		}
		if (length < *room)
			(*line)[length++] = (char)byte;
		if (byte == '\n')
			break;
	}
	return length;
}

enum status recorded_read_from(struct recorded *recorded, FILE *in, const char **trouble)
{
	uint64_t number = 0, end = 0;
	size_t length, room = 0;
	char *line = NULL;
	bool failed, no_memory = false;

	recorded->json = module_load("json", trouble);
	while (recorded->json && !no_memory && (length = read_line(in, &line, &room, &no_memory))) {
		end += length;
		no_memory = !take_line(recorded, line, length, ++number, end);
	}
	failed = ferror(in);
	if (failed)
		*trouble = strerror(errno);
	if (no_memory)
		*trouble = "out of memory";
	free(line);
	return failed || no_memory || !recorded->json ? ST_IO : ST_OK;
}

enum status recorded_read(struct recorded *recorded, const char *file, const char **trouble)
{
	FILE *in = strcmp(file, "-") ? fopen(file, "re") : stdin;
	enum status status;

	if (!in) {
		*trouble = strerror(errno);
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	}
	status = recorded_read_from(recorded, in, trouble);
	if (in != stdin)
		fclose(in);
	return status;
}
