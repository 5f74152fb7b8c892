/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/unpack/mail_name.h"

#include <ctype.h>
#include <stdio.h>

#include "core/base.h"
#include "formats/hex.h"

bool mail_parameter(const char *field, const char *key, char *value, size_t room)
{
	const char *at = strcasestr(field, key);
	size_t length;

	/* "name=" also ends "filename=". */
	while (at && (at == field || (!isspace((unsigned char)at[-1]) && at[-1] != ';')))
		at = strcasestr(at + 1, key);
	if (!at)
		return false;
	at += strlen(key);
	length = *at == '"' ? strcspn(++at, "\"") : strcspn(at, "; \t");
	if (!length || length >= room)
		return false;
	memcpy(value, at, length);
	value[length] = '\0';
	return true;
}

int mail_base64(unsigned char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *digit = c ? strchr(digits, c) : NULL;

	return digit ? (int)(digit - digits) : -1;
}

/* --- a name that is being made ------------------------------------------------ */

enum charset { UTF_8, LATIN_1, STRANGE };

struct naming {
	char name[MAIL_NAME_BYTES];
	size_t length;
	enum charset charset;
};

/* Windows' own is Latin-1 from 0xa0 on, and what stands below there is a control byte in
 * the other. */
static enum charset charset_of(const char *word, size_t length)
{
	static const struct { const char *name; enum charset charset; } known[] = {
		{ "utf-8", UTF_8 }, { "utf8", UTF_8 }, { "us-ascii", UTF_8 },
		{ "iso-8859-1", LATIN_1 }, { "windows-1252", LATIN_1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i].name) == length && !strncasecmp(known[i].name, word, length))
			return known[i].charset;
	return STRANGE;
}

static void put(struct naming *naming, unsigned char byte)
{
	char bytes[2] = { (char)byte };
	size_t count = 1;

	if (byte < ' ' || byte == 0x7f || (byte >= 0x80 && naming->charset == STRANGE) ||
	    (byte >= 0x80 && byte < 0xa0 && naming->charset == LATIN_1)) {
		bytes[0] = '?';
	} else if (byte >= 0x80 && naming->charset == LATIN_1) {
		bytes[0] = (char)(0xc0 | byte >> 6);
		bytes[1] = (char)(0x80 | (byte & 0x3f));
		count = 2;
	}
	if (naming->length + count >= MAIL_NAME_BYTES)
		return;
	memcpy(naming->name + naming->length, bytes, count);
	naming->length += count;
}

static void put_escaped(struct naming *naming, char escape, const char *at, const char *end)
{
	for (; at < end; at++) {
		int high = *at == escape && end - at > 2 ? hex_digit(at[1]) : -1;
		int low = high < 0 ? -1 : hex_digit(at[2]);

		put(naming, low < 0 ? (unsigned char)*at : (unsigned char)(high << 4 | low));
		at += low < 0 ? 0 : 2;
	}
}

/* --- RFC 2047 ------------------------------------------------------------------- */

static void put_base64(struct naming *naming, const char *at, const char *end)
{
	uint32_t bits = 0;
	unsigned sextets = 0;

	for (; at < end && mail_base64((unsigned char)*at) >= 0; at++) {
		bits = bits << 6 | (uint32_t)mail_base64((unsigned char)*at);
		if (sextets++ % 4)
			put(naming, (unsigned char)(bits >> (6 - 2 * ((sextets - 1) % 4))));
	}
}

static void put_quoted(struct naming *naming, char *at, const char *end)
{
	for (char *blank = at; blank < end; blank++)
		if (*blank == '_')
			*blank = ' ';
	put_escaped(naming, '=', at, end);
}

/* "=?charset*language?B?text?=" at `word`: puts it, and returns what follows; NULL: it is
 * none. */
static char *put_encoded(struct naming *naming, char *word)
{
	char *charset = word + 2, *how, *text, *end;
	size_t length;

	if (strncmp(word, "=?", 2) || !(how = strchr(charset, '?')) ||
	    !how[1] || how[2] != '?')
		return NULL;
	text = how + 3;
	end = strchr(text, '?');
	if (!end || end[1] != '=' || !strchr("BbQq", how[1]))
		return NULL;
	length = strcspn(charset, "*?");
	naming->charset = charset_of(charset, length);
	if (how[1] == 'B' || how[1] == 'b')
		put_base64(naming, text, end);
	else
		put_quoted(naming, text, end);
	return end + 2;
}

/* Blanks between two encoded words are no part of the name. */
static void put_words(struct naming *naming, char *at)
{
	bool after_encoded = false;

	while (*at) {
		char *word = at + strspn(at, " \t"), *next;

		next = put_encoded(naming, after_encoded ? word : at);
		after_encoded = next != NULL;
		naming->charset = UTF_8;
		if (!next) {
			put(naming, (unsigned char)*at);
			next = at + 1;
		}
		at = next;
	}
}

/* --- RFC 2231 ------------------------------------------------------------------- */

/* "utf-8'en'a%20b": the charset stands in front of the first section only. */
static void put_extended(struct naming *naming, const char *value, bool first)
{
	const char *quote = first ? strchr(value, '\'') : NULL, *text;

	text = quote ? strchr(quote + 1, '\'') : NULL;
	if (text)
		naming->charset = charset_of(value, (size_t)(quote - value));
	text = text ? text + 1 : value;
	put_escaped(naming, '%', text, text + strlen(text));
}

/* A section of a long value, key*0*= or key*0=: the star at the end says encoded. */
static bool put_section(struct naming *naming, const char *field, const char *key, unsigned number)
{
	char words[32], value[MAIL_NAME_BYTES];

	snprintf(words, sizeof(words), "%s*%u*=", key, number);
	if (mail_parameter(field, words, value, sizeof(value))) {
		put_extended(naming, value, !number);
		return true;
	}
	snprintf(words, sizeof(words), "%s*%u=", key, number);
	if (!mail_parameter(field, words, value, sizeof(value)))
		return false;
	for (const char *at = value; *at; at++)
		put(naming, (unsigned char)*at);
	return true;
}

void mail_name(const char *field, const char *key, char *name)
{
	struct naming naming = { .charset = UTF_8 };
	char words[32], value[MAIL_NAME_BYTES * 2];

	snprintf(words, sizeof(words), "%s*=", key);
	if (mail_parameter(field, words, value, sizeof(value)))
		put_extended(&naming, value, true);
	for (unsigned i = 0; !naming.length || i; i++)
		if (!put_section(&naming, field, key, i))
			break;
	snprintf(words, sizeof(words), "%s=", key);
	if (!naming.length && mail_parameter(field, words, value, sizeof(value)))
		put_words(&naming, value);
	if (naming.length)
		memcpy(name, naming.name, naming.length + 1);
}
