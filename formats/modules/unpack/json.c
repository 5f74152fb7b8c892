/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of dmesg --json, journalctl -o json (json-pretty, -sse, -seq), docker's
 * json-file driver and LAVA's YAML: of each line the message, and nothing else. A line
 * stays a line: in all of them a string ends on the line it begins on. An array of
 * bytes, of which json-pretty has each on a line of its own, is put on the first. Where
 * records follow each other on a line (jq -c), each is one.
 *
 *   {"log":"[    0.000000] Linux version\n","stream":"stdout","time":"..."}
 *   {"dmesg":[{"pri":5,"time":0.0,"msg":"Linux version"},{"pri":6,"time":0.0,"msg":"..."}]}
 *   "msg": "Linux version"
 *   - {"dt": "2026-11-23T12:00:00.123456", "lvl": "target", "msg": "Linux version"}
 *
 * Lines between that are no records are handed on. Not a reader of JSON in general, which
 * records that were cut need not be. */
#include "formats/modules/unpack/convert.h"

struct json_lines {
	struct converter converter;
	bool in_line;            /* its end is still to come, */
	bool plain;              /* and it is no record */
	bool in_bytes;           /* the array has begun, and goes on in the next line */
	bool said;               /* this line has had a message, */
	bool next;               /* and that record has ended */
	uint64_t newlines;       /* of its lines, to be put behind the message */
};

static bool is_message_key(struct text key)
{
	return text_equal(key, TEXT("MESSAGE")) || text_equal(key, TEXT("msg")) ||
	       text_equal(key, TEXT("log")) || text_equal(key, TEXT("message"));
}

static size_t skip_blanks(struct text line, size_t i)
{
	while (i < line.length && (line.at[i] == ' ' || line.at[i] == '\t'))
		i++;
	return i;
}

/* Behind the string that begins at `i`. */
static size_t end_of_string(struct text line, size_t i)
{
	for (i++; i < line.length && line.at[i] != '"'; i++)
		if (line.at[i] == '\\')
			i++;
	return i < line.length ? i + 1 : line.length;
}

/* Does a record end at `i`, and another begin? */
static bool record_ends(struct text line, size_t i)
{
	if (line.at[i] != '}')
		return false;
	i = skip_blanks(line, i + 1);
	if (i < line.length && line.at[i] == ',')
		i = skip_blanks(line, i + 1);
	return i < line.length && line.at[i] == '{';
}

/* Where the message's value begins, from `i` on, or line.length. *next: a record has ended
 * before it; else left. */
static size_t find_value(struct text line, size_t i, bool *next)
{
	size_t end, colon;

	while (i < line.length) {
		if (line.at[i] != '"') {
			*next |= record_ends(line, i++);
			continue;
		}
		end = end_of_string(line, i);
		colon = skip_blanks(line, end);
		if (end >= i + 2 && colon < line.length && line.at[colon] == ':' &&
		    is_message_key((struct text){ line.at + i + 1, end - i - 2 }))
			return skip_blanks(line, colon + 1);
		i = end;
	}
	return line.length;
}

/* A newline inside of a message would shift all line numbers. */
static void put_char(struct converter *converter, uint32_t character)
{
	converter_put_char(converter, character == '\n' || character == '\r' ? ' ' : character);
}

static bool hex(struct text line, size_t i, unsigned digits, uint32_t *number)
{
	*number = 0;
	for (size_t end = i + digits; i < end; i++) {
		char c = i < line.length ? line.at[i] : '\0';

		if (c >= '0' && c <= '9')
			*number = *number << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*number = *number << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* "\u00e9", and pairs of them above U+FFFF. `i` is behind the "\u". */
static size_t put_escaped_char(struct converter *converter, struct text line, size_t i)
{
	uint32_t character, low;

	if (!hex(line, i, 4, &character))
		return i;
	i += 4;
	if (character >= 0xd800 && character < 0xdc00 && i + 1 < line.length &&
	    line.at[i] == '\\' && line.at[i + 1] == 'u' && hex(line, i + 2, 4, &low) &&
	    low >= 0xdc00 && low < 0xe000) {
		character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
		i += 6;
	}
	put_char(converter, character);
	return i;
}

static void put_string(struct converter *converter, struct text line, size_t i)
{
	/* The last four are YAML's. */
	static const char names[] = "bfnrteav0", means[] = "\b\f\n\r\t\033\a\v";
	uint32_t byte;

	while (i < line.length && line.at[i] != '"') {
		const char *name;

		if (line.at[i] != '\\' || i + 1 >= line.length) {
			converter_put(converter, (unsigned char)line.at[i++]);
			continue;
		}
		i += 2;
		name = strchr(names, line.at[i - 1]);
		if (line.at[i - 1] == 'u')
			i = put_escaped_char(converter, line, i);
		else if (line.at[i - 1] == 'x' && hex(line, i, 2, &byte)) {
			put_char(converter, byte);
			i += 2;
		} else if (name && *name)
			put_char(converter, (unsigned char)means[name - names]);
		else
			converter_put(converter, (unsigned char)line.at[i - 1]);
	}
}

/* "[ 72, 101, 108 ]": the journal's way with bytes that are no UTF-8. False: it goes on. */
static bool put_bytes(struct converter *converter, struct text line, size_t i)
{
	while (i < line.length && line.at[i] != ']') {
		uint32_t byte = 0;
		bool any = false;

		for (; i < line.length && line.at[i] >= '0' && line.at[i] <= '9'; i++) {
			byte = (byte * 10 + (uint32_t)(line.at[i] - '0')) & 0xff;
			any = true;
		}
		if (any)
			converter_put(converter, byte == '\n' ? ' ' : (unsigned char)byte);
		else
			i++;
	}
	return i < line.length;
}

static void trim(struct converter *converter)
{
	while (converter->end && converter->bytes[converter->end - 1] == ' ')
		converter->end--;
}

/* Of a record its first message. */
static void put_messages(struct json_lines *json, struct text line)
{
	struct converter *converter = &json->converter;
	size_t value = 0;

	while (!json->in_bytes && (value = find_value(line, value, &json->next)) < line.length) {
		if (json->said && !json->next) {
			value = line.at[value] == '"' ? end_of_string(line, value) : value + 1;
			continue;
		}
		if (json->said) {
			trim(converter);
			converter_put(converter, '\n');
		}
		if (line.at[value] == '"') {
			put_string(converter, line, value + 1);
			value = end_of_string(line, value);
		} else if (line.at[value] == '[') {
			json->in_bytes = !put_bytes(converter, line, ++value);
		}
		json->said = true;
		json->next = false;
	}
}

static void put_line(struct json_lines *json, struct text line, bool whole)
{
	struct converter *converter = &json->converter;

	put_messages(json, line);
	if (json->in_bytes) {
		json->newlines += whole;
		return;
	}
	trim(converter);
	if (whole || !converter->end)
		converter_put(converter, whole ? '\n' : ' ');
	json->said &= !whole;
}

/* Of a line that is longer than the feed holds: up to where its last record but one ends
 * and the last begins; or all of it. */
static size_t whole_records(struct text line)
{
	size_t end = line.length;

	for (size_t i = 0; i < line.length; i++) {
		if (line.at[i] == '"')
			i = end_of_string(line, i) - 1;
		else if (record_ends(line, i))
			end = i;
	}
	return end;
}

static void put_plain(struct converter *converter, struct text line, bool whole)
{
	for (size_t i = 0; i < line.length; i++)
		converter_put(converter, (unsigned char)line.at[i]);
	if (whole)
		converter_put(converter, '\n');
}

static void take_line(struct json_lines *json, struct text line, bool whole)
{
	json->in_line = !whole;
	if (json->plain) {
		put_plain(&json->converter, line, whole);
	} else if (json->in_bytes) {
		json->in_bytes = !put_bytes(&json->converter, line, 0);
		json->newlines += whole;
	} else {
		put_line(json, line, whole);
	}
}

static void put_newlines(struct json_lines *json)
{
	for (; !json->in_bytes && json->newlines && json->converter.end < FEED_BYTES; json->newlines--)
		converter_put(&json->converter, '\n');
}

static bool json_more(struct layer *layer)
{
	struct json_lines *json = layer->state;
	struct text line;
	bool whole;

	while (!json->converter.end && (json->in_bytes || !json->newlines)) {
		if (!feed_line(&layer->feed, &line, &whole)) {
			json->in_bytes = false;
			break;
		}
		if (!json->in_line)
			json->plain = !packing_is_record(line);
		if (json->plain && json->in_bytes) {
			/* The array was cut: its lines come first. */
			feed_back(&layer->feed, (size_t)((const char *)feed_at(&layer->feed) - line.at));
			json->in_bytes = false;
			break;
		}
		if (!whole && line.length == FEED_BYTES && !json->plain) {
			size_t length = whole_records(line);

			feed_back(&layer->feed, line.length - length);
			line.length = length;
		}
		take_line(json, line, whole);
	}
	put_newlines(json);
	return json->converter.end != 0;
}

static bool json_open(struct layer *layer)
{
	((struct json_lines *)layer->state)->converter.more = json_more;
	return true;
}

const struct layer_kind json_layer = {
	.state_bytes = sizeof(struct json_lines),
	.open = json_open,
	.read = converter_read,
};
