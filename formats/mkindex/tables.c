/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdarg.h>

#include "formats/mkindex/mkindex.h"

struct row rows[ROWS_MAX];
unsigned row_count, real_row_count;
char *families[FAMILIES_MAX];
unsigned family_count;

_Noreturn void fail(const char *file, unsigned line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: mkindex: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

struct scan {
	const char *file, *at;
	unsigned line;
};

static void scan_advance(struct scan *scan, size_t bytes)
{
	while (bytes--)
		if (*scan->at++ == '\n')
			scan->line++;
}

static void scan_skip(struct scan *scan)
{
	for (;;) {
		const char *end;

		if (isspace((unsigned char)*scan->at)) {
			scan_advance(scan, 1);
		} else if (!strncmp(scan->at, "/*", 2)) {
			end = strstr(scan->at, "*/");
			if (!end)
				fail(scan->file, scan->line, "a comment does not end");
			scan_advance(scan, (size_t)(end - scan->at) + 2);
		} else if (!strncmp(scan->at, "//", 2)) {
			scan_advance(scan, strcspn(scan->at, "\n"));
		} else {
			return;
		}
	}
}

static void scan_expect(struct scan *scan, const char *words)
{
	scan_skip(scan);
	if (strncmp(scan->at, words, strlen(words)))
		fail(scan->file, scan->line, "expected `%s', found `%.20s'", words, scan->at);
	scan_advance(scan, strlen(words));
}

static char unescape(struct scan *scan)
{
	char c = *scan->at;

	scan_advance(scan, 1);
	switch (c) {
	case '"': case '\\': case '\'': case '?': return c;
	case 't': return '\t';
	}
	fail(scan->file, scan->line, "escape `\\%c' is not known here", c);
}

/* One or more string literals side by side; the caller frees. */
static char *scan_strings(struct scan *scan)
{
	char text[512];
	size_t length = 0;

	scan_expect(scan, "\"");
	for (;;) {
		char c = *scan->at;
		if (!c || c == '\n')
			fail(scan->file, scan->line, "a string does not end");
		scan_advance(scan, 1);
		if (c == '"') {
			scan_skip(scan);
			if (*scan->at != '"')
				break;
			scan_advance(scan, 1);
			continue;
		}
		if (c == '\\')
			c = unescape(scan);
		if (length == sizeof(text) - 1)
			fail(scan->file, scan->line, "the pattern is too long");
		text[length++] = c;
	}
	return strndup(text, length);
}

static void check_pattern(const struct row *row)
{
	unsigned numbers = 0, ranges = 0, words = 0;

	for (const char *p = strchr(row->pattern, '<'); p; p = strchr(p + 1, '<')) {
		bool first = p == row->pattern;
		if (!strncmp(p, "<x>", 3) || !strncmp(p, "<d>", 3)) {
			numbers++;
			continue;
		}
		if (!strncmp(p, "<range>", 7)) {
			ranges++;
			continue;
		}
		if (strncmp(p, "<w>", 3) && strncmp(p, "<any>", 5) && strncmp(p, "<rest>", 6))
			fail(row->file, row->line, "unknown capture `%.8s'", p);
		if (!strncmp(p, "<rest>", 6) && p[6])
			fail(row->file, row->line, "<rest> is not the last thing");
		if (first)
			fail(row->file, row->line, "a pattern begins with a literal or a number");
		words++;
	}
	if (numbers > CAPTURES_MAX || ranges > RANGES_MAX || words > CAPTURES_MAX)
		fail(row->file, row->line, "too many captures");
	if (!row->pattern[0] || strchr(" \t", row->pattern[0]))
		fail(row->file, row->line, "the pattern begins with a blank, or is empty");
	if (!ranges != !strcmp(row->ends, "ENDS_NONE"))
		fail(row->file, row->line, "%s and %u <range> do not go together", row->ends, ranges);
}

static void scan_row(struct scan *scan, unsigned number)
{
	struct row *row = &rows[row_count];
	size_t length;

	if (row_count == ROWS_MAX)
		fail(scan->file, scan->line, "too many rows");
	row_count++;
	*row = (struct row){ .family = family_count, .number = number, .file = scan->file,
			     .line = scan->line };
	scan_expect(scan, "(");
	row->pattern = scan_strings(scan);
	scan_expect(scan, ",");
	scan_skip(scan);
	length = strcspn(scan->at, ", \t\n)");
	if (strncmp(scan->at, "ENDS_", 5) || length >= sizeof(row->ends))
		fail(scan->file, scan->line, "expected ENDS_...");
	memcpy(row->ends, scan->at, length);
	scan_advance(scan, length);
	scan_expect(scan, ",");
	scan_skip(scan);
	scan_advance(scan, strspn(scan->at, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_, "));
	scan_expect(scan, ")");
	check_pattern(row);
}

static char *read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t room = 1 << 20, got;
	char *text = malloc(room);

	if (!file || !text)
		fail(name, 0, "cannot be read");
	got = fread(text, 1, room - 1, file);
	if (got == room - 1 || ferror(file))
		fail(name, 0, "cannot be read, or is too large");
	fclose(file);
	text[got] = 0;
	return text;
}

/* "formats/lines_e820.c" gives "lines_e820"; the caller frees. */
static char *family_name(const char *file)
{
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	const char *dot = strrchr(base, '.');

	if (strncmp(base, "lines_", 6) || !dot || strcmp(dot, ".c"))
		fail(file, 0, "not a lines_NAME.c");
	return strndup(base, (size_t)(dot - base));
}

void read_family(const char *file)
{
	struct scan scan = { file, read_file(file), 1 };
	char *name = family_name(file), head[128];
	const char *table;
	unsigned number = 0;

	snprintf(head, sizeof(head), "\nconst struct line_shape %s[] = {", name);
	table = strstr(scan.at, head);
	if (!table)
		fail(file, 0, "no table `%s'", head + 1);
	if (family_count == FAMILIES_MAX)
		fail(file, 0, "too many families");
	scan_advance(&scan, (size_t)(table - scan.at) + strlen(head));
	for (scan_skip(&scan); strncmp(scan.at, "};", 2); scan_skip(&scan)) {
		scan_expect(&scan, "LINE");
		scan_row(&scan, number++);
		scan_expect(&scan, ",");
	}
	if (!number || number > UINT16_MAX)
		fail(file, scan.line, "the table is empty or too long");
	families[family_count++] = name;
}
