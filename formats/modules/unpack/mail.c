/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Mails and mboxes with something encoded in them: parts are members, attachments
 * with their names. A mail that stands as it is comes here not: it is read as text,
 * and its lines are the file's own.
 *
 *   [From ...]  header fields, blank line  (preamble) --B  header, blank line, body
 *   --B  ...  --B--  (epilogue)            [From ...]
 *
 * Source: RFC 2045 and 2046 (parts, encodings), 4155 (mbox). */
#include <ctype.h>
#include <stdio.h>

#include "formats/hex.h"
#include "formats/modules/unpack/convert.h"
#include "formats/modules/unpack/mail_name.h"

#define LEVELS_MAX 16u
#define BOUNDARY_BYTES 72u   /* 70 and the end */
#define FIELD_BYTES 4096u

/* What a line is to the structure of the mail. */
enum border { NONE, PART, CLOSE, MESSAGE, END };
enum encoding { IDENTITY, BASE64, QUOTED };

struct level {
	char boundary[BOUNDARY_BYTES];
	bool alternative;        /* the same in several forms */
};

/* What a header says of its body. */
struct header {
	char boundary[BOUNDARY_BYTES], name[MAIL_NAME_BYTES];
	enum encoding encoding;
	bool multipart, alternative, html, message;
};

struct mail {
	struct converter converter;
	struct level levels[LEVELS_MAX];
	unsigned depth, message, part;
	bool mbox, started;
	bool blank_before;       /* mbox: the line before was empty */
	enum border border;      /* the one that ended the last body; NONE: in a body */
	enum encoding encoding;
	uint32_t bits;           /* base64: what is not yet a byte */
	unsigned sextets;
	bool padded;             /* ... "=" was there: it is over */
};

/* --- lines ----------------------------------------------------------------- */

static enum border border_of(struct mail *mail, struct text line)
{
	bool blank_before = mail->blank_before;

	mail->blank_before = !line.length;
	if (mail->mbox && blank_before && text_begins(line, TEXT("From ")))
		return MESSAGE;
	if (!text_begins(line, TEXT("--")))
		return NONE;
	for (unsigned level = mail->depth; level-- > 0;) {
		struct text boundary = text_of(mail->levels[level].boundary);
		struct text rest = { line.at + 2, line.length - 2 };

		if (!text_begins(rest, boundary))
			continue;
		rest = (struct text){ rest.at + boundary.length, rest.length - boundary.length };
		if (text_begins(rest, TEXT("--"))) {
			mail->depth = level;
			return CLOSE;
		}
		if (!rest.length || *rest.at == ' ' || *rest.at == '\t') {
			mail->depth = level + 1;
			return PART;
		}
	}
	return NONE;
}

/* The next line; what it is to the mail. */
static enum border take_mail_line(struct layer *layer, struct text *line)
{
	bool whole;

	if (!feed_line(&layer->feed, line, &whole))
		return END;
	return border_of(layer->state, *line);
}

/* --- header ---------------------------------------------------------------- */

static bool same_word(struct text text, const char *word)
{
	return text.length >= strlen(word) && !strncasecmp(text.at, word, strlen(word));
}

static void take_field(struct header *header, const char *field)
{
	const char *value = strchr(field, ':');

	if (!value)
		return;
	for (value++; *value == ' ' || *value == '\t';)
		value++;
	if (!strncasecmp(field, "Content-Transfer-Encoding:", 26)) {
		header->encoding = same_word(text_of(value), "base64") ? BASE64 :
				   same_word(text_of(value), "quoted-printable") ? QUOTED : IDENTITY;
	} else if (!strncasecmp(field, "Content-Disposition:", 20)) {
		mail_name(value, "filename", header->name);
	} else if (!strncasecmp(field, "Content-Type:", 13)) {
		header->multipart = same_word(text_of(value), "multipart/") &&
				    mail_parameter(value, "boundary=", header->boundary, BOUNDARY_BYTES);
		header->alternative = same_word(text_of(value), "multipart/alternative");
		header->html = same_word(text_of(value), "text/html");
		header->message = same_word(text_of(value), "message/rfc822");
		if (!header->name[0])
			mail_name(value, "name", header->name);
	}
}

/* Reads a header up to its blank line. The border it met instead, or NONE. */
static enum border take_header(struct layer *layer, struct header *header)
{
	char field[FIELD_BYTES] = "";
	size_t length = 0;
	struct text line;

	*header = (struct header){ .encoding = IDENTITY };
	for (;;) {
		enum border border = take_mail_line(layer, &line);

		if (border != NONE)
			return border;
		if (!line.length || (*line.at != ' ' && *line.at != '\t')) {
			take_field(header, field);
			length = 0;
		}
		if (!line.length)
			return NONE;
		if (line.length > sizeof(field) - 1 - length)
			line.length = sizeof(field) - 1 - length;
		memcpy(field + length, line.at, line.length);
		length += line.length;
		field[length] = '\0';
	}
}

/* --- parts ----------------------------------------------------------------- */

static void name_part(struct layer *layer, const struct header *header)
{
	struct mail *mail = layer->state;
	int length = 0;

	mail->part++;
	if (mail->mbox)
		length = snprintf(layer->name, MEMBER_NAME_BYTES, "message %u!", mail->message);
	if (header->name[0])
		snprintf(layer->name + length, MAIL_NAME_BYTES, "%s", header->name);
	else
		snprintf(layer->name + length, MAIL_NAME_BYTES, "part %u", mail->part);
}

static void begin_message(struct mail *mail)
{
	mail->depth = mail->part = 0;
	mail->message++;
}

/* Takes a header in. True: a body follows that is a member. */
static bool begin_body(struct layer *layer, const struct header *header)
{
	struct mail *mail = layer->state;

	mail->encoding = header->encoding;
	mail->bits = mail->sextets = 0;
	mail->padded = false;
	mail->converter.at = mail->converter.end = 0;
	if (header->multipart && mail->depth < LEVELS_MAX) {
		struct level *level = &mail->levels[mail->depth++];

		memcpy(level->boundary, header->boundary, BOUNDARY_BYTES);
		level->alternative = header->alternative;
		return false;   /* a preamble, if anything */
	}
	if (header->html && mail->depth && mail->levels[mail->depth - 1].alternative)
		return false;   /* the plain form says the same */
	name_part(layer, header);
	return true;
}

static bool mail_next(struct layer *layer)
{
	struct mail *mail = layer->state;
	struct header header;
	struct text line;

	if (!mail->started && !mail->mbox) {
		mail->border = MESSAGE;
		begin_message(mail);
	}
	mail->started = true;
	for (;;) {
		while (mail->border == NONE || mail->border == CLOSE) {
			mail->border = take_mail_line(layer, &line);
			if (mail->border == MESSAGE)
				begin_message(mail);
		}
		if (mail->border == END) {
			if (!feed_failed(&layer->feed, &layer->whole) && mail->depth)
				stream_fail(&layer->whole, ST_IO, "mail: ends before its last "
					    "part does: the rest is missing");
			return false;
		}
		do {
			mail->border = take_header(layer, &header);
			if (mail->border == MESSAGE)
				begin_message(mail);
		} while (mail->border == NONE && header.message && header.encoding == IDENTITY);
		if (mail->border == NONE && begin_body(layer, &header))
			return true;
	}
}

/* --- bodies ---------------------------------------------------------------- */

static void decode_base64(struct layer *layer, struct mail *mail, struct text line)
{
	for (size_t i = 0; i < line.length && !mail->padded; i++) {
		int value = mail_base64((unsigned char)line.at[i]);

		mail->padded = line.at[i] == '=';
		if (mail->padded || isspace((unsigned char)line.at[i]))
			continue;
		if (value < 0) {
			stream_fail(&layer->out, ST_IO, "mail: the base64 is damaged before byte %llu",
				    (unsigned long long)layer->feed.offset);
			return;
		}
		mail->bits = mail->bits << 6 | (uint32_t)value;
		if (mail->sextets++ % 4)
			converter_put(&mail->converter,
				      (unsigned char)(mail->bits >> (6 - 2 * ((mail->sextets - 1) % 4))));
	}
}

static void decode_quoted(struct mail *mail, struct text line)
{
	while (line.length && (line.at[line.length - 1] == ' ' || line.at[line.length - 1] == '\t'))
		line.length--;
	for (size_t i = 0; i < line.length; i++) {
		int high = -1, low = -1;

		if (line.at[i] != '=') {
			converter_put(&mail->converter, (unsigned char)line.at[i]);
			continue;
		}
		if (i + 1 == line.length)
			return;   /* the line goes on */
		if (i + 2 < line.length) {
			high = hex_digit(line.at[i + 1]);
			low = hex_digit(line.at[i + 2]);
		}
		if (high < 0 || low < 0) {   /* as it stands: RFC 2045, 6.7 */
			converter_put(&mail->converter, '=');
			continue;
		}
		converter_put(&mail->converter, (unsigned char)(high << 4 | low));
		i += 2;
	}
	converter_put(&mail->converter, '\n');
}

static bool mail_more(struct layer *layer)
{
	struct mail *mail = layer->state;
	struct text line;

	while (mail->border == NONE && !mail->converter.end && layer->out.status == ST_OK) {
		mail->border = take_mail_line(layer, &line);
		if (mail->border == MESSAGE)
			begin_message(mail);
		if (mail->border == END && mail->depth && !feed_failed(&layer->feed, &layer->out))
			stream_fail(&layer->out, ST_IO, "mail: ends inside of this part: the rest "
				    "is missing");
		if (mail->border != NONE)
			break;
		if (mail->encoding == BASE64)
			decode_base64(layer, mail, line);
		else if (mail->encoding == QUOTED)
			decode_quoted(mail, line);
		else
			for (size_t i = 0; i <= line.length; i++)
				converter_put(&mail->converter, i == line.length ? '\n' :
					      (unsigned char)line.at[i]);
	}
	return mail->converter.end != 0;
}

static bool mail_open(struct layer *layer)
{
	struct mail *mail = layer->state;

	mail->converter.more = mail_more;
	return true;
}

static bool mbox_open(struct layer *layer)
{
	struct mail *mail = layer->state;

	mail->mbox = mail->blank_before = true;
	return mail_open(layer);
}

const struct layer_kind mail_layer = {
	.state_bytes = sizeof(struct mail),
	.open = mail_open,
	.next = mail_next,
	.read = converter_read,
};

const struct layer_kind mbox_layer = {
	.state_bytes = sizeof(struct mail),
	.open = mbox_open,
	.next = mail_next,
	.read = converter_read,
};
