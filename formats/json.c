/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/json.h"

#include <inttypes.h>

#include "formats/printable.h"

static void put(struct json *json, const char *string)
{
	fputs_unlocked(string, json->out);
}

static void put_escaped(struct json *json, unsigned char byte)
{
	switch (byte) {
	case '"':
		put(json, "\\\"");
		return;
	case '\\':
		put(json, "\\\\");
		return;
	case '\n':
		put(json, "\\n");
		return;
	case '\t':
		put(json, "\\t");
		return;
	case '\r':
		put(json, "\\r");
		return;
	default:
		fprintf(json->out, "\\u%04x", byte);
	}
}

/* A character that no terminal should be sent (two or three bytes long), as its
 * number; a byte that is no character, as the sign for that. Returns its bytes. */
static size_t put_strange(struct json *json, const char *at, size_t left)
{
	size_t length = utf8_length(at, left);
	unsigned point;

	if (length != 2 && length != 3) {
		put(json, "\\ufffd");
		return 1;
	}
	point = (unsigned char)at[0] & (length == 2 ? 0x1f : 0x0f);
	for (size_t i = 1; i < length; i++)
		point = point << 6 | ((unsigned char)at[i] & 0x3f);
	fprintf(json->out, "\\u%04x", point);
	return length;
}

/* Bytes that may stand in a JSON string as they are. */
static size_t plain_length(const char *at, size_t left)
{
	unsigned char byte = (unsigned char)*at;

	if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f)
		return 0;
	return byte < 0x80 ? 1 : printable_length(at, left);
}

static void put_quoted(struct json *json, struct text value)
{
	size_t from = 0, to = 0;

	putc_unlocked('"', json->out);
	while (to < value.length) {
		size_t length = plain_length(value.at + to, value.length - to);

		if (length) {
			to += length;
			continue;
		}
		fwrite_unlocked(value.at + from, 1, to - from, json->out);
		if ((unsigned char)value.at[to] < 0x80)
			put_escaped(json, (unsigned char)value.at[to++]);
		else
			to += put_strange(json, value.at + to, value.length - to);
		from = to;
	}
	if (to > from)
		fwrite_unlocked(value.at + from, 1, to - from, json->out);
	putc_unlocked('"', json->out);
}

/* The comma and the key before a value. */
static void before_value(struct json *json, const char *key)
{
	if (json->comma)
		putc_unlocked(',', json->out);
	json->comma = true;
	if (!key)
		return;
	put_quoted(json, text_of(key));
	putc_unlocked(':', json->out);
}

static void open_with(struct json *json, const char *key, char bracket)
{
	before_value(json, key);
	putc_unlocked(bracket, json->out);
	json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
	putc_unlocked(bracket, json->out);
	json->comma = true;
}

void json_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void json_end_object(struct json *json)
{
	close_with(json, '}');
}

void json_array(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void json_end_array(struct json *json)
{
	close_with(json, ']');
}

void json_text(struct json *json, const char *key, struct text value)
{
	before_value(json, key);
	put_quoted(json, value);
}

void json_string(struct json *json, const char *key, const char *value)
{
	if (value)
		json_text(json, key, text_of(value));
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	before_value(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	before_value(json, key);
	put(json, value ? "true" : "false");
}

void json_hex(struct json *json, const char *key, uint64_t value)
{
	before_value(json, key);
	fprintf(json->out, "\"0x%" PRIx64 "\"", value);
}

void json_hash(struct json *json, const char *key, uint64_t value)
{
	before_value(json, key);
	fprintf(json->out, "\"%016" PRIx64 "\"", value);
}
