/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads the JUnit XML that junit.c has written, for a baseline. It comes back
 * through CI systems and may be anybody's: no network, no DTD, no entity, one
 * encoding, bounded size and depth. */
#include "formats/modules/xml/formats.h"

#include <errno.h>
#include <libxml/xmlreader.h>
#include <stdlib.h>

/* The page of 2,000 logs has some 20 MiB. */
#define JUNIT_BYTES_MAX (64u * 1024 * 1024)

static const char label[] = "fingerprint: ";
#define LABEL_LENGTH (sizeof(label) - 1)
#define DIGITS 16u

struct reading {
	xmlTextReader *reader;
	junit_take *take;
	void *context;
	char *file;            /* of the testsuite; libxml2's, or NULL */
	char rule[8];          /* of the testcase: "PGT001"; or empty */
	/* The line of text so far: no more than the longest one that counts. */
	char line[LABEL_LENGTH + DIGITS + 1];
	size_t length;
	bool suites;           /* the root is a <testsuites> of ours */
	uint64_t found;
};

static void end_line(struct reading *reading)
{
	char *digits = reading->line + LABEL_LENGTH;

	reading->line[reading->length < sizeof(reading->line) ? reading->length : 0] = '\0';
	if (reading->length == LABEL_LENGTH + DIGITS && *reading->rule && reading->file &&
	    !memcmp(reading->line, label, LABEL_LENGTH) &&
	    strspn(digits, "0123456789abcdef") == DIGITS) {
		reading->take(reading->context, reading->file, reading->rule,
			      strtoull(digits, NULL, 16));
		reading->found++;
	}
	reading->length = 0;
}

/* Long text comes in pieces. */
static void take_text(struct reading *reading, const char *words)
{
	for (; *words; words++) {
		if (*words == '\n') {
			end_line(reading);
			continue;
		}
		if (reading->length < sizeof(reading->line))
			reading->line[reading->length] = *words;
		reading->length++;
	}
}

static char *attribute(struct reading *reading, const char *name)
{
	return (char *)xmlTextReaderGetAttribute(reading->reader, (const xmlChar *)name);
}

/* "PGT001 rw-before-pin" */
static void take_case(struct reading *reading)
{
	char *name = attribute(reading, "name");
	size_t length = name ? strcspn(name, " ") : 0;

	*reading->rule = '\0';
	if (length && length < sizeof(reading->rule)) {
		memcpy(reading->rule, name, length);
		reading->rule[length] = '\0';
	}
	xmlFree(name);
}

static void take_element(struct reading *reading)
{
	const char *name = (const char *)xmlTextReaderConstLocalName(reading->reader);

	reading->length = 0;
	if (!strcmp(name, "testsuites") && xmlTextReaderDepth(reading->reader) == 0) {
		reading->suites = true;
	} else if (!strcmp(name, "testsuite")) {
		xmlFree(reading->file);
		reading->file = attribute(reading, "name");
		*reading->rule = '\0';
		if (reading->file)
			reading->take(reading->context, reading->file, NULL, 0);
	} else if (!strcmp(name, "testcase")) {
		take_case(reading);
	}
}

static void take_node(struct reading *reading)
{
	const xmlChar *text;

	switch (xmlTextReaderNodeType(reading->reader)) {
	case XML_READER_TYPE_ELEMENT:
		take_element(reading);
		break;
	case XML_READER_TYPE_END_ELEMENT:
		end_line(reading);
		break;
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
	case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
		text = xmlTextReaderConstValue(reading->reader);
		if (text)
			take_text(reading, (const char *)text);
		break;
	}
}

static char *read_all(FILE *in, size_t *bytes, const char **trouble)
{
	char *content = malloc(JUNIT_BYTES_MAX + 1);

	if (!content) {
		*trouble = "out of memory";
		return NULL;
	}
	*bytes = fread(content, 1, JUNIT_BYTES_MAX + 1, in);
	if (ferror(in))
		*trouble = strerror(errno ? errno : EIO);
	else if (*bytes > JUNIT_BYTES_MAX)
		*trouble = "larger than the JUnit XML that is read (64 MiB)";
	/* A DTD is where entities come from, and a NUL hides one in UTF-16. */
	else if (memchr(content, '\0', *bytes) || memmem(content, *bytes, "<!DOCTYPE", 9) ||
		 memmem(content, *bytes, "<!ENTITY", 8))
		*trouble = "has a DTD or is no UTF-8, unlike our JUnit XML: not read";
	return content;
}

/* An allocation that failed looks as if a part were absent. */
static bool memory_failed(void)
{
	const xmlError *last = xmlGetLastError();

	return last && last->code == XML_ERR_NO_MEMORY;
}

static void read_nodes(struct reading *reading, struct arena *arena, const char **trouble)
{
	int got;

	xmlTextReaderSetStructuredErrorHandler(reading->reader,
					       (xmlStructuredErrorFunc)xml_keep_quiet, NULL);
	while ((got = xmlTextReaderRead(reading->reader)) == 1)
		take_node(reading);
	if (got < 0)
		*trouble = arena_printf(arena, "line %d: not well-formed XML",
					xmlTextReaderGetParserLineNumber(reading->reader));
	else if (!reading->suites)
		*trouble = "not our JUnit XML: its root is no <testsuites>";
	xmlFree(reading->file);
}

bool xml_junit_read(FILE *in, junit_take *take, void *context, struct arena *arena,
		    const char **trouble)
{
	struct reading reading = { .take = take, .context = context };
	size_t bytes = 0;
	char *content = read_all(in, &bytes, trouble);

	if (content && !*trouble) {
		xmlResetLastError();
		/* The encoding is ours, whatever the file says. */
		reading.reader = xmlReaderForMemory(content, (int)bytes, NULL, "UTF-8",
			XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
		if (reading.reader)
			read_nodes(&reading, arena, trouble);
		else
			*trouble = "out of memory";
		xmlFreeTextReader(reading.reader);
		if (!*trouble && memory_failed())
			*trouble = "out of memory";
	}
	free(content);
	return !*trouble;
}
