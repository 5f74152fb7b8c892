/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plain reader: one line after the other, every row tried. */
#include "formats/in_text.h"

#include "formats/line_index.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

static void skip(struct text *t, size_t n)
{
	t->at += n;
	t->length -= n;
}

/* "mm.c:2466:d0 ", "arch/x86/mm.c:2940:d0v0 " */
static bool take_source_tag(struct text *t, struct line *line)
{
	const char *end = t->at + t->length;
	const char *colon = memchr(t->at, ':', t->length < 48 ? t->length : 48);
	const char *p;
	uint32_t domain = 0;

	if (!colon || colon < t->at + 3 || memcmp(colon - 2, ".c", 2))
		return false;
	for (p = colon + 1; p < end && *p != ':'; p++)
		if ((*p < '0' || *p > '9') && *p != 'x')
			return false;
	if (end - p < 3 || p[1] != 'd' || p[2] < '0' || p[2] > '9')
		return false;
	for (p += 2; p < end && *p >= '0' && *p <= '9' && domain < 100000; p++)
		domain = domain * 10 + (uint32_t)(*p - '0');
	while (p < end && *p != ' ')
		p++;
	line->xen_source = true;
	line->speaker = SPEAKER_XEN;
	line->domain = domain < DOMAIN_NONE ? (uint16_t)domain : DOMAIN_NONE;
	skip(t, (size_t)(p - t->at));
	return true;
}

/* "[    0.000000] ", "<6>": a bracket that holds a number with a point. */
static bool take_stamp(struct text *t)
{
	char close = *t->at == '[' ? ']' : '>';
	const char *end = memchr(t->at, close, t->length < 34 ? t->length : 34);

	if (!end || (close == ']' && !memchr(t->at, '.', (size_t)(end - t->at))) ||
	    (close == '>' && end - t->at > 4))
		return false;
	skip(t, (size_t)(end + 1 - t->at));
	return true;
}

void line_strip(struct text raw, struct line *line)
{
	struct text t = raw;
	bool more = true;

	line->speaker = SPEAKER_KERNEL;
	line->domain = DOMAIN_NONE;
	line->xen_source = false;
	while (more) {
		while (t.length && is_blank(*t.at))
			skip(&t, 1);
		more = false;
		if (text_begins(t, TEXT("(XEN) "))) {
			line->speaker = SPEAKER_XEN;
			skip(&t, 6);
			more = true;
		} else if (text_begins(t, TEXT("(early) "))) {
			skip(&t, 8);
			more = true;
		} else if (t.length && (*t.at == '[' || *t.at == '<')) {
			more = take_stamp(&t);
		} else {
			more = take_source_tag(&t, line);
		}
	}
	while (t.length && is_blank(t.at[t.length - 1]))
		t.length--;
	line->message = t;
}

static void dispatch(struct reader *reader, struct line *line)
{
	struct match match;
	struct text left;
	bool lead;

	for (unsigned i = 0; i < line_row_count && reader->status == ST_OK; i++) {
		const struct line_shape *shape =
			&line_families[line_rows[i].family][line_rows[i].row];

		if (!shape_match(shape, line->message, &match, &left, &lead) ||
		    !shape->handle(reader, line, &match))
			continue;
		if (left.length > 3) {
			line->message = left;
			dispatch(reader, line);
		}
		return;
	}
}

enum status in_text_run(struct reader *reader, struct source *source, size_t first,
			const char **trouble)
{
	char *data = source_data(source), *start = data, *end = data + first;
	struct line line = { .at = { .input = reader->input->input } };
	enum status status = ST_OK;
	uint64_t offset = 0;
	bool last = first < READ_BYTES;

	while (status == ST_OK && reader->status == ST_OK) {
		char *newline = memchr(start, '\n', (size_t)(end - start));
		size_t length = (size_t)((newline ? newline : end) - start), got;

		if (newline || (last && length)) {
			uint64_t before = reader->emitted;

			reader->input->lines++;
			line.at.line++;
			line.at.offset = offset;
			line.at.length = (uint32_t)(length < LINE_BYTES_MAX ? length : LINE_BYTES_MAX);
			line_strip((struct text){ start, line.at.length }, &line);
			dispatch(reader, &line);
			reader->input->lines_used += reader->emitted > before;
			offset += length + (newline != NULL);
			start = newline ? newline + 1 : end;
			continue;
		}
		if (last)
			break;
		if (length > LINE_BYTES_MAX) {
			reader_diagnose(reader, line.at, "a line is longer than %u bytes", LINE_BYTES_MAX);
			offset += length;
			length = 0;
		}
		memmove(data - length, start, length);
		start = data - length;
		status = source_read(source, data, READ_BYTES, &got, trouble);
		end = data + got;
		last = got < READ_BYTES;
	}
	reader->input->bytes = offset;
	reader->input->format = reader->emitted ? "text log" : "text";
	return status == ST_OK ? reader->status : status;
}
