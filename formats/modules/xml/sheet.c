/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/sheet.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/status.h"
#include "formats/modules/xml/formats.h"
#include "formats/printable.h"

_Noreturn void sheet_no_memory(void)
{
	fputs("pgtcheck: out of memory while writing XML\n", stderr);
	_exit(status_code(EXIT_TROUBLE));
}

void *sheet_realloc(void *old, size_t bytes)
{
	void *block = realloc(old, bytes);

	if (!block)
		sheet_no_memory();
	return block;
}

/* libxml2 fails when the stream does, or for lack of memory. */
static void check(const struct sheet *sheet, int result)
{
	if (result < 0 && !ferror(sheet->out))
		sheet_no_memory();
}

static int write_bytes(void *context, const char *bytes, int length)
{
	size_t written = fwrite(bytes, 1, (size_t)length, context);

	return written == (size_t)length ? length : -1;
}

void sheet_open(struct sheet *sheet, FILE *out)
{
	xmlOutputBufferPtr buffer;

	xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)xml_keep_quiet);
	buffer = xmlOutputBufferCreateIO(write_bytes, NULL, out, NULL);
	sheet->out = out;
	sheet->writer = buffer ? xmlNewTextWriter(buffer) : NULL;
	if (!sheet->writer)
		sheet_no_memory();
}

void sheet_close(struct sheet *sheet)
{
	const xmlError *last;

	check(sheet, xmlTextWriterEndDocument(sheet->writer));
	xmlFreeTextWriter(sheet->writer);
	/* Text that cannot be escaped for lack of memory is left out as if all were well. */
	last = xmlGetLastError();
	if (last && last->code == XML_ERR_NO_MEMORY)
		sheet_no_memory();
}

/* --- legal characters -------------------------------------------------------- */

/* Bytes at `at` that may stand as they are. U+FFFE and U+FFFF are good UTF-8 but
 * no XML. Source: XML 1.0, production 2 (Char). */
static size_t legal_length(const char *at, size_t left)
{
	if (*at == '\n' || *at == '\t')
		return 1;
	if (left >= 3 && !memcmp(at, "\xef\xbf", 2) && (unsigned char)at[2] >= 0xbe)
		return 0;
	return printable_length(at, left);
}

/* A legal copy, to be freed: one byte makes four at most. */
static char *legal_copy(struct text words)
{
	char *copy = sheet_realloc(NULL, words.length * 4 + 1), *to = copy;

	for (size_t i = 0; i < words.length;) {
		size_t length = legal_length(words.at + i, words.length - i);

		if (length) {
			memcpy(to, words.at + i, length);
			to += length;
			i += length;
		} else {
			to += sprintf(to, "\\x%02x", (unsigned char)words.at[i++]);
		}
	}
	*to = '\0';
	return copy;
}

/* --- elements ------------------------------------------------------------------ */

void sheet_begin(struct sheet *sheet, const char *element)
{
	check(sheet, xmlTextWriterStartElement(sheet->writer, BAD_CAST element));
}

void sheet_end(struct sheet *sheet)
{
	check(sheet, xmlTextWriterEndElement(sheet->writer));
}

void sheet_end_full(struct sheet *sheet)
{
	check(sheet, xmlTextWriterFullEndElement(sheet->writer));
}

void sheet_attribute(struct sheet *sheet, const char *name, const char *value)
{
	char *legal = legal_copy(text_of(value));

	check(sheet, xmlTextWriterWriteAttribute(sheet->writer, BAD_CAST name, BAD_CAST legal));
	free(legal);
}

void sheet_attribute_raw(struct sheet *sheet, const char *name, const char *value)
{
	check(sheet, xmlTextWriterStartAttribute(sheet->writer, BAD_CAST name));
	check(sheet, xmlTextWriterWriteRaw(sheet->writer, BAD_CAST value));
	check(sheet, xmlTextWriterEndAttribute(sheet->writer));
}

void sheet_text(struct sheet *sheet, struct text words)
{
	char *legal = legal_copy(words);

	check(sheet, xmlTextWriterWriteString(sheet->writer, BAD_CAST legal));
	free(legal);
}

static char *formatted(const char *format, va_list args)
{
	char *words;

	if (vasprintf(&words, format, args) < 0)
		sheet_no_memory();
	return words;
}

void sheet_attributef(struct sheet *sheet, const char *name, const char *format, ...)
{
	char *words;
	va_list args;

	va_start(args, format);
	words = formatted(format, args);
	va_end(args);
	sheet_attribute(sheet, name, words);
	free(words);
}

void sheet_printf(struct sheet *sheet, const char *format, ...)
{
	char *words;
	va_list args;

	va_start(args, format);
	words = formatted(format, args);
	va_end(args);
	sheet_puts(sheet, words);
	free(words);
}

void sheet_element(struct sheet *sheet, const char *element, const char *class_name,
		   const char *words)
{
	sheet_begin(sheet, element);
	if (class_name)
		sheet_attribute(sheet, "class", class_name);
	sheet_puts(sheet, words);
	sheet_end_full(sheet);
}

void sheet_raw(struct sheet *sheet, const char *markup)
{
	check(sheet, xmlTextWriterWriteRaw(sheet->writer, BAD_CAST markup));
}
