/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/redact.h"

#include <ctype.h>

#include "core/base.h"
#include "core/text.h"

/* A line being redacted; `at` is where the next thing may begin. */
struct line { char *bytes; size_t length; };

static unsigned char byte_at(const struct line *line, size_t at)
{
	return at < line->length ? (unsigned char)line->bytes[at] : 0;
}

static bool is_word_byte(unsigned char byte)
{
	return isalnum(byte) || byte == '_' || byte >= 0x80;
}

static void mask(struct line *line, size_t from, size_t to)
{
	for (; from < to; from++)
		if (is_word_byte(byte_at(line, from)))
			line->bytes[from] = 'x';
}

static size_t skip(const struct line *line, size_t at, int (*is)(int))
{
	while (is(byte_at(line, at)))
		at++;
	return at;
}

static bool stands_at(const struct line *line, size_t at, const char *words)
{
	size_t length = strlen(words);

	return at + length <= line->length && !strncasecmp(line->bytes + at, words, length);
}

/* --- addresses of networks --------------------------------------------------------- */

/* Behind an address d.d.d.d at `at`, or 0. */
static size_t end_of_ipv4(const struct line *line, size_t at)
{
	size_t start = at;

	for (unsigned part = 0; part < 4; part++) {
		size_t end = skip(line, at, isdigit);
		unsigned value = 0;

		if (end == at || end - at > 3)
			return 0;
		for (size_t i = at; i < end; i++)
			value = 10 * value + byte_at(line, i) - '0';
		if (value > 255)
			return 0;
		at = end;
		if (part < 3 && byte_at(line, at++) != '.')
			return 0;
	}
	/* "1.2.3.4.5" and "2.6.32.12-0.7-xen" are versions. */
	if (byte_at(line, at) == '.' && isdigit(byte_at(line, at + 1)))
		return 0;
	return byte_at(line, at) == '-' && stands_at(line, start, "2.6.") ? 0 : at;
}

/* "Linux version 2.6.39.4": four numbers that are no address. */
static bool is_version(const struct line *line, size_t at)
{
	static const char *const leads[] = { "version ", "Linux ", "tainted ", "kernel " };

	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		size_t length = strlen(leads[i]);

		if (at >= length && stands_at(line, at - length, leads[i]))
			return true;
	}
	return false;
}

/* `groups` groups of `digits` hex digits. */
static size_t end_of_groups(const struct line *line, size_t at, unsigned groups, unsigned digits,
			    unsigned char separator)
{
	for (unsigned group = 0; group < groups; group++) {
		for (unsigned digit = 0; digit < digits; digit++)
			if (!isxdigit(byte_at(line, at++)))
				return 0;
		if (group < groups - 1 && byte_at(line, at++) != separator)
			return 0;
	}
	return is_word_byte(byte_at(line, at)) ||
	       (byte_at(line, at) == separator && isxdigit(byte_at(line, at + 1))) ? 0 : at;
}

/* "00:16:3e:7f:aa:0b", with dashes, and "0016.3e7f.aa0b" as switches print it. */
static size_t end_of_mac(const struct line *line, size_t at)
{
	unsigned char separator = byte_at(line, at + 2);

	if (separator == ':' || separator == '-')
		return end_of_groups(line, at, 6, 2, separator);
	return end_of_groups(line, at, 3, 4, '.');
}

/* Groups of up to four digits, eight of them or with one "::". */
static size_t end_of_ipv6(const struct line *line, size_t at)
{
	unsigned groups = 0, digits = 0, doubles = 0;
	size_t end = at;

	for (;; end++) {
		if (isxdigit(byte_at(line, end))) {
			groups += !digits;
			if (++digits > 4)
				return 0;
		} else if (byte_at(line, end) == ':') {
			doubles += byte_at(line, end + 1) == ':';
			digits = 0;
		} else {
			break;
		}
	}
	if (end > at && byte_at(line, end - 1) == ':' && !(doubles && byte_at(line, end - 2) == ':'))
		end--;   /* a colon of the sentence */
	if (is_word_byte(byte_at(line, end)) || !groups)
		return 0;
	return (doubles == 1 && groups <= 7 && groups >= 1) || (!doubles && groups == 8) ? end : 0;
}

static size_t end_of_address(const struct line *line, size_t at)
{
	size_t end = is_version(line, at) ? 0 : end_of_ipv4(line, at);

	if (!end)
		end = end_of_mac(line, at);
	/* In the middle of "a:b" no IPv6 address begins. */
	if (!end && (!at || byte_at(line, at - 1) != ':'))
		end = end_of_ipv6(line, at);
	return end;
}

/* --- what is named ------------------------------------------------------------------ */

/* Words after which a name of a machine, a person or a device stands. */
static const struct lead {
	const char *words;
	bool quoted_too;       /* blanks, ':' and '=' may come before the name */
} leads[] = {
	{ "/home/", false }, { "/Users/", false }, { "\\Users\\", false }, { "/export/home/", false },
	{ "hostname", true }, { "host name", true }, { "nodename", true }, { "machine_id", true },
	{ "serial number", true }, { "serialnumber", true }, { "serial no", true }, { "serial#", true },
	{ "serial=", false }, { "S/N", true }, { " SN", true }, { "uuid", true },
	{ "Set hostname to", true }, { "nfsroot=", false }, { "user=", false },
};

static bool is_between(unsigned char byte)
{
	return byte == ' ' || byte == ':' || byte == '=' || byte == '.' || byte == '"' ||
	       byte == '<' || byte == '\'' || byte == '\t' || byte == '#';
}

static bool ends_name(unsigned char byte)
{
	return !is_word_byte(byte) && byte != '-' && byte != '.';
}

/* Masks a name from `at` on; returns where it ends. */
static size_t mask_name(struct line *line, size_t at)
{
	size_t end = at;

	while (!ends_name(byte_at(line, end)))
		end++;
	mask(line, at, end);
	return end;
}

/* What ends so names a secret: "rd.luks.key=", "ADMIN_PASSWORD=". */
static const char *const secrets[] = {
	"password=", "passwd=", "passphrase=", "pass=", "secret=", "token=", "key=", "psk=",
};

static size_t after_secret_lead(const struct line *line, size_t at)
{
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		if (stands_at(line, at, secrets[i]))
			return at + strlen(secrets[i]);
	return 0;
}

/* Of a secret the punctuation goes, too. */
static size_t mask_all(struct line *line, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++)
		line->bytes[at] = 'x';
	return to;
}

/* Masks a value from `at` on, in quotes or up to a blank; returns where it ends. */
static size_t mask_secret(struct line *line, size_t at)
{
	unsigned char quote = byte_at(line, at);
	size_t end;

	if (quote != '"' && quote != '\'')
		quote = ' ';
	else
		at++;
	for (end = at; end < line->length && byte_at(line, end) != quote &&
	     byte_at(line, end) >= ' '; end++)
		;
	/* A quote that opened the words before. */
	if (quote == ' ' && end > at && (byte_at(line, end - 1) == '"' || byte_at(line, end - 1) == '\''))
		end--;
	return mask_all(line, at, end);
}

/* Where "//" stands: the last '@' of "//user:password@host", or 0. */
static size_t at_sign_of_url(const struct line *line, size_t at)
{
	size_t found = 0;

	if (!stands_at(line, at, "//"))
		return 0;
	for (at += 2; byte_at(line, at) > ' ' && byte_at(line, at) != '"'; at++)
		if (byte_at(line, at) == '@')
			found = at;
	return found;
}

static size_t after_lead(const struct line *line, size_t at)
{
	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		size_t next = at + strlen(leads[i].words);

		if (!stands_at(line, at, leads[i].words))
			continue;
		if (!leads[i].quoted_too)
			return next;
		if (!is_between(byte_at(line, next)))
			continue;
		while (is_between(byte_at(line, next)))
			next++;
		return next;
	}
	return 0;
}

/* The fifth field of ip=: client:server:gateway:mask:HOST, when the client is
 * left out or already masked. */
static void mask_ip_host(struct line *line, size_t at)
{
	for (unsigned colons = 0; at < line->length && byte_at(line, at) != ' '; at++) {
		if (byte_at(line, at) != ':')
			continue;
		if (++colons == 4) {
			mask_name(line, at + 1);
			return;
		}
	}
}

/* --- lines ------------------------------------------------------------------------------ */

static bool is_clock(const struct line *line, size_t at)
{
	static const char shape[] = "dd:dd:dd";

	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? !isdigit(byte_at(line, at + i)) : byte_at(line, at + i) != ':')
			return false;
	return true;
}

/* "Mar  3 10:11:12 HOST kernel:", "2026-03-03T10:11:12.123+01:00 HOST kernel:". */
static void mask_syslog_host(struct line *line)
{
	bool month = isalpha(byte_at(line, 0)) && isalpha(byte_at(line, 1)) &&
		     isalpha(byte_at(line, 2)) && byte_at(line, 3) == ' ';
	size_t at = month ? 7 : 11, host, end;

	if (!month && (byte_at(line, 4) != '-' || byte_at(line, 7) != '-'))
		return;
	if (!is_clock(line, at))
		return;
	while (at < line->length && byte_at(line, at) != ' ')
		at++;
	host = at + 1;
	for (end = host; !ends_name(byte_at(line, end)); end++)
		;
	/* One word, and then who speaks. */
	if (end > host && byte_at(line, end) == ' ' && is_word_byte(byte_at(line, end + 1)))
		mask(line, host, end);
}

static void redact_line(struct line *line)
{
	bool fresh = true;   /* nothing of a word is before `at` */

	mask_syslog_host(line);
	for (size_t at = 0; at < line->length;) {
		size_t end = fresh && byte_at(line, at) != ' ' ? end_of_address(line, at) : 0;
		size_t name = after_lead(line, at), secret = after_secret_lead(line, at);
		size_t url = at_sign_of_url(line, at);

		if (byte_at(line, at) == 'i' && fresh && stands_at(line, at, "ip="))
			mask_ip_host(line, at + 3);
		if (end) {
			mask(line, at, end);
		} else if (secret) {
			end = mask_secret(line, secret);
		} else if (url) {
			mask_all(line, at + 2, url);
			end = mask_name(line, url + 1);
		} else if (name) {
			end = mask_name(line, name);
		} else if (byte_at(line, at) == '@' && is_word_byte(byte_at(line, at + 1)) && at &&
			   is_word_byte(byte_at(line, at - 1))) {
			size_t user = at;

			while (user && (!ends_name(byte_at(line, user - 1)) ||
					(byte_at(line, user - 1) == ':' && user > 1 &&
					 !ends_name(byte_at(line, user - 2)))))
				user--;
			mask(line, user, at);
			end = mask_name(line, at + 1);
		} else {
			end = at + 1;
		}
		fresh = !is_word_byte(byte_at(line, end - 1)) && byte_at(line, end - 1) != '.';
		at = end;
	}
}

void redact(char *bytes, size_t length)
{
	while (length) {
		char *end = memchr(bytes, '\n', length);
		struct line line = { bytes, end ? (size_t)(end - bytes) : length };

		redact_line(&line);
		bytes += line.length + (end != NULL);
		length -= line.length + (end != NULL);
	}
}
