/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/packing.h"

#include <string.h>

#include "core/text.h"
#include "formats/cursor.h"
#include "formats/pstore.h"

const char *packing_name(enum packing packing)
{
	static const char *const names[PACKING_COUNT] = {
		[PACKING_NONE] = "nothing", [PACKING_GZIP] = "gzip", [PACKING_XZ] = "xz",
		[PACKING_ZSTD] = "zstd", [PACKING_BZIP2] = "bzip2", [PACKING_TAR] = "tar",
		[PACKING_ZIP] = "zip", [PACKING_MAIL] = "mail", [PACKING_MBOX] = "mbox",
		[PACKING_UTF16] = "UTF-16", [PACKING_JOURNAL] = "journal export",
		[PACKING_JSON] = "JSON records", [PACKING_PSTORE] = "pstore records",
	};

	return names[packing];
}

/* A tar header is recognised by its checksum: old ones have no magic.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format". */
bool packing_is_tar_header(const unsigned char *bytes, size_t n)
{
	unsigned sum = 0;
	unsigned long told = 0;
	size_t i = 148;

	if (n < 512)
		return false;
	while (i < 156 && bytes[i] == ' ')
		i++;
	if (i == 156 || bytes[i] < '0' || bytes[i] > '7')
		return false;
	for (; i < 156 && bytes[i] >= '0' && bytes[i] <= '7'; i++)
		told = told * 8 + (bytes[i] - '0');
	for (i = 0; i < 512; i++)
		sum += bytes[i];
	/* Of itself it takes blanks. */
	for (i = 148; i < 156; i++)
		sum += ' ' - (unsigned)bytes[i];
	return sum == told;
}

/* Of ASCII, whatever the locale. */
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

bool packing_is_utf16(const unsigned char *bytes, size_t n)
{
	size_t zeros[2] = { 0, 0 };
	bool little, big;

	if (n < 2)
		return false;
	little = !memcmp(bytes, "\xff\xfe", 2);
	big = !memcmp(bytes, "\xfe\xff", 2);
	if (n < 16)
		return (little || big) && (n < 4 || bytes[2] || bytes[3]);
	if (!little && !big && bytes[0] && bytes[1])
		return false;
	if (n > 1024)
		n = 1024;
	for (size_t i = 0; i < n; i++)
		zeros[i & 1] += !bytes[i];
	/* FF FE 00 00 is UTF-32. */
	if (little || big)
		return (bytes[2] || bytes[3]) && zeros[little] * 50 > n && zeros[little] > zeros[big];
	return (zeros[0] * 10 > n * 4 || zeros[1] * 10 > n * 4) &&
	       (zeros[0] * 50 < n || zeros[1] * 50 < n);
}

static bool has(struct text text, const char *words)
{
	return memmem(text.at, text.length, words, strlen(words)) != NULL;
}

static struct text next_line(struct text *rest)
{
	const char *end = memchr(rest->at, '\n', rest->length);
	struct text line = { rest->at, end ? (size_t)(end - rest->at) : rest->length };
	size_t taken = line.length + (end != NULL);

	rest->at += taken;
	rest->length -= taken;
	return line;
}

static struct text skip_blanks(struct text line)
{
	while (line.length && (is_space(*line.at) || *line.at == '\036')) {
		line.at++;
		line.length--;
	}
	return line;
}

/* One of an array of bytes, of which json-pretty puts each on a line of its own. */
static bool is_number(struct text line)
{
	size_t i = 0;

	while (i < line.length && (is_digit(line.at[i]) || is_space(line.at[i]) || line.at[i] == ','))
		i++;
	return i == line.length;
}

bool packing_is_record(struct text line)
{
	line = skip_blanks(line);
	if (!line.length)
		return true;
	switch (*line.at) {
	case '{': case '}': case ']': case '"': case ',':
		return true;
	case '[':
		/* An array, not a clock: "[    0.000000] Linux version". */
		line = skip_blanks((struct text){ line.at + 1, line.length - 1 });
		return !line.length || *line.at == '{' || *line.at == '"';
	default:
		return text_begins(line, TEXT("data: {")) || text_begins(line, TEXT("- {\"dt\": ")) ||
		       is_number(line);
	}
}

/* What a shell or a logger prints before the first record. */
#define LINES_BEFORE 8u

/* Records of dmesg --json, journalctl -o json, json-pretty, json-sse, json-seq, of
 * docker's json-file driver and of LAVA. One alone among plain lines is a line of the log. */
static bool is_json(struct text head)
{
	struct text rest = head;
	unsigned records = 0, plain = 0;

	while (rest.length && records < 2 && (records || plain <= LINES_BEFORE)) {
		struct text line = skip_blanks(next_line(&rest));

		if (line.length && packing_is_record(line))
			records++;
		else if (line.length)
			plain++;
	}
	return records && (records > 1 || !plain) &&
	       (has(head, "\"MESSAGE\"") || has(head, "\"log\":\"") || has(head, "\"dmesg\"") ||
		has(head, "- {\"dt\": "));
}

/* A cursor that stands alone is no record. */
static bool is_journal(struct text head)
{
	return (text_begins(head, TEXT("__CURSOR=")) ||
		text_begins(head, TEXT("__REALTIME_TIMESTAMP="))) && has(head, "\nMESSAGE");
}

/* --- mail ------------------------------------------------------------------ */

static bool begins_like(struct text line, const char *lead)
{
	size_t length = strlen(lead);

	return line.length >= length && !strncasecmp(line.at, lead, length);
}

/* A header field: a name without blanks, then a colon. */
static bool is_field(struct text line)
{
	size_t i = 0;

	while (i < line.length && (is_letter(line.at[i]) || is_digit(line.at[i]) || line.at[i] == '-'))
		i++;
	return i && i < line.length && line.at[i] == ':';
}

static bool is_header(struct text rest)
{
	static const char *const usual[] = {
		"From:", "To:", "Subject:", "Date:", "Message-ID:", "Received:", "MIME-Version:",
		"Return-Path:", "Delivered-To:", "Content-Type:",
	};
	unsigned known = 0, fields = 0;

	while (rest.length) {
		struct text line = next_line(&rest);

		if (!line.length || *line.at == '\r')
			break;
		if (*line.at != ' ' && *line.at != '\t' && !is_field(line))
			return false;
		fields++;
		for (size_t i = 0; i < ARRAY_LEN(usual); i++)
			known += begins_like(line, usual[i]);
	}
	return fields >= 2 && known >= 2;
}

/* A mail whose text stands as it is needs no unpacking: its lines are then the
 * file's own. */
static bool is_encoded(struct text rest)
{
	while (rest.length) {
		struct text line = next_line(&rest);

		if (begins_like(line, "Content-Type: multipart/"))
			return true;
		if (begins_like(line, "Content-Transfer-Encoding:") &&
		    (has(line, "base64") || has(line, "BASE64") || has(line, "uoted-")))
			return true;
	}
	return false;
}

static enum packing probe_mail(struct text head)
{
	struct text rest = head;
	bool mbox = text_begins(head, TEXT("From "));

	if (mbox)
		next_line(&rest);
	if (!is_header(rest) || !is_encoded(rest))
		return PACKING_NONE;
	return mbox ? PACKING_MBOX : PACKING_MAIL;
}

/* --- magic ------------------------------------------------------------------- */

#define HEADER_BYTES_MAX 48u

/* An escape sequence of a console, too. */
static bool is_text(char c)
{
	return (c >= ' ' && c <= '~') || is_space(c) || c == '\b' || c == '\033';
}

bool packing_is_stray(struct text behind)
{
	size_t i = 0;

	while (i < behind.length && i < HEADER_BYTES_MAX && is_text(behind.at[i]))
		i++;
	return i && (i == behind.length || i == HEADER_BYTES_MAX);
}

static bool has_magic(struct text head, const char *magic, size_t length)
{
	return head.length >= length && !memcmp(head.at, magic, length) &&
	       !packing_is_stray((struct text){ head.at + length, head.length - length });
}
#define HAS_MAGIC(head, magic) has_magic((head), (magic), sizeof(magic) - 1)

/* Source: bzip2 1.0.8, compress.c BZ2_compressBlock(): pi, and for the end its root. */
static bool is_bzip2(struct text head)
{
	static const char block[] = "1AY&SY", end[] = "\x17\x72\x45\x38\x50\x90";
	size_t length = head.length < 10 ? head.length - 4 : 6;

	return head.length > 3 && !memcmp(head.at, "BZh", 3) && head.at[3] >= '1' && head.at[3] <= '9' &&
	       (!memcmp(head.at + 4, block, length) || !memcmp(head.at + 4, end, length));
}

/* Before its frames, pzstd writes others that a reader skips. lz4 has the same, and so the
 * next one tells. Source: RFC 8878, 3.1.2. */
static bool is_skippable_zstd(struct text head)
{
	while (head.length > 8 && ((unsigned char)*head.at & 0xf0) == 0x50 &&
	       !memcmp(head.at + 1, "\x2a\x4d\x18", 3)) {
		uint64_t skipped = 8 + load_le((const unsigned char *)head.at + 4, 4);

		if (skipped > head.length)
			return false;
		head = (struct text){ head.at + skipped, head.length - skipped };
		if (HAS_MAGIC(head, "\x28\xb5\x2f\xfd"))
			return true;
	}
	return false;
}

/* --- all ------------------------------------------------------------------- */

enum packing packing_probe(const unsigned char *bytes, size_t n)
{
	struct text head = { (const char *)bytes, n };

	if (HAS_MAGIC(head, "\x1f\x8b\x08"))
		return PACKING_GZIP;
	if (HAS_MAGIC(head, "\xfd" "7zXZ\0"))
		return PACKING_XZ;
	if (HAS_MAGIC(head, "\x28\xb5\x2f\xfd") || is_skippable_zstd(head))
		return PACKING_ZSTD;
	if (is_bzip2(head))
		return PACKING_BZIP2;
	if (HAS_MAGIC(head, "PK\3\4") || HAS_MAGIC(head, "PK\5\6"))
		return PACKING_ZIP;
	if (packing_is_tar_header(bytes, n))
		return PACKING_TAR;
	if (packing_is_utf16(bytes, n))
		return PACKING_UTF16;
	if (is_journal(head))
		return PACKING_JOURNAL;
	if (is_json(head))
		return PACKING_JSON;
	if (n && is_letter((char)*bytes))
		return pstore_begins(head) ? PACKING_PSTORE : probe_mail(head);
	return PACKING_NONE;
}
