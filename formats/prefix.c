/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stands before a message: clocks, levels, callers, consoles, syslog,
 * mail. In any order and as often as they occur:
 *
 *   > > Nov 23 12:00:00 host kernel: [    0.000000][    T0] message
 *   (XEN) [2026-11-23 12:00:00] arch/x86/mm.c:2940:d0v0 message
 *   (d1) [    0.000000] message                                     */
#include "formats/in_text.h"

#include "formats/mess.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip(struct text *t, size_t n)
{
	t->at += n;
	t->length -= n;
}

/* The character `i` of the text; NUL past its end. */
static char peek(struct text t, size_t i)
{
	return i < t.length ? t.at[i] : '\0';
}

/* "\033[32m" */
static bool take_escape(struct text *t)
{
	skip(t, mess_escape(*t, 0));
	return true;
}

/* A decimal number at *i; false when there is none. */
static bool number_at(struct text t, size_t *i, uint32_t *number)
{
	size_t first = *i;

	*number = 0;
	for (; is_digit(peek(t, *i)); (*i)++)
		if (*number < 1000000)
			*number = *number * 10 + (uint32_t)(t.at[*i] - '0');
	return *i > first;
}

static uint16_t domain_of(uint32_t number)
{
	return number < DOMAIN_NONE ? (uint16_t)number : DOMAIN_NONE;
}

/* "(XEN) ", "(d1) ", "(early) ", and "HVM1: " after the first. */
static bool take_console(struct text *t, struct line *line)
{
	uint32_t number;
	size_t i = 2;

	if (text_begins(*t, TEXT("(XEN)"))) {
		line->speaker = SPEAKER_XEN;
		skip(t, 5);
		return true;
	}
	if (text_begins(*t, TEXT("(early) "))) {
		skip(t, 8);
		return true;
	}
	if (peek(*t, 0) == '(' && peek(*t, 1) == 'd' && number_at(*t, &i, &number) &&
	    peek(*t, i) == ')') {
		line->speaker = SPEAKER_KERNEL;
		line->domain = domain_of(number);
		skip(t, i + 1);
		return true;
	}
	i = 3;
	if (line->speaker == SPEAKER_XEN && text_begins(*t, TEXT("HVM")) &&
	    number_at(*t, &i, &number) && peek(*t, i) == ':') {
		line->speaker = SPEAKER_KERNEL;
		line->domain = domain_of(number);
		skip(t, i + 1);
		return true;
	}
	return false;
}

/* "[    0.000000]", "[    0.000000 <    0.000123>]", "[    T0]", "[2026-11-23 12:00:00]", "[+0.000000]", "[Nov23 12:00]", "[Mon
 * Nov 23 12:00:00 2026]", the same with " <    0.000123>", after (XEN) "[0000001234567890]" too; but never
 * "[mem 0x..]" or "[0001000000-000153ffff]", which are facts. */
static bool take_bracket(struct text *t, const struct line *line)
{
	const char *end;
	size_t length, points = 0, colons = 0, digits = 0, letters = 0, others = 0;

	/* The kernel's clock, far the most common. */
	if (t->length > 14 && t->at[13] == ']' && t->at[6] == '.' && is_digit(t->at[5]) &&
	    is_digit(t->at[7]) && is_digit(t->at[12])) {
		skip(t, 14);
		return true;
	}
	end = memchr(t->at, ']', t->length < 48 ? t->length : 48);
	if (!end || peek(*t, 0) != '[')
		return false;
	length = (size_t)(end - t->at) - 1;
	for (size_t i = 1; i <= length; i++) {
		char c = t->at[i];

		points += c == '.';
		colons += c == ':';
		digits += is_digit(c);
		letters += is_letter(c);
		others += !is_digit(c) && !is_letter(c) && !strchr(" .:-+,T<>", c);
	}
	if (!digits || others)
		return false;
	if ((points && !letters) || (colons >= 2 && (!letters || length == 24 || t->at[25] == ' ')) ||
	    (letters == 3 && colons == 1 && length >= 11 && length <= 12) ||
	    (letters == 1 && digits + letters < length + 1 &&
	     (memchr(t->at, 'T', length) || memchr(t->at, 'C', length)) && !points && !colons) ||
	    (line->speaker == SPEAKER_XEN && length == 16 && digits + letters == 16)) {
		skip(t, length + 2);
		return true;
	}
	return false;
}

bool line_has_clock(struct text t)
{
	size_t i = 1;

	if (peek(t, 0) != '[')
		return false;
	while (peek(t, i) == ' ')
		i++;
	while (is_digit(peek(t, i)))
		i++;
	return peek(t, i) == '.' && peek(t, i + 7) == ']';
}

/* "<6>" */
static bool take_level(struct text *t)
{
	uint32_t number;
	size_t i = 1;

	if (peek(*t, 0) != '<' || !number_at(*t, &i, &number) || i > 4 || peek(*t, i) != '>')
		return false;
	skip(t, i + 1);
	return true;
}

/* "6,123,456,-;text" and "6,123,456,-,caller=T1;text" of /dev/kmsg. */
static bool take_kmsg(struct text *t)
{
	const char *end;
	uint32_t number;
	size_t i = 0;

	for (int n = 0; n < 3; n++)
		if (!number_at(*t, &i, &number) || peek(*t, i++) != ',')
			return false;
	end = memchr(t->at, ';', t->length < 80 ? t->length : 80);
	if (!end)
		return false;
	skip(t, (size_t)(end + 1 - t->at));
	return true;
}

/* Skips to what follows "kernel:" (or "kernel[1]:") when that is the next word
 * but one or two: after a syslog clock stands the host, then the program. */
static bool take_program(struct text *t, size_t i)
{
	for (int words = 0; words < 3; words++) {
		struct text rest;

		while (peek(*t, i) == ' ')
			i++;
		rest = (struct text){ t->at + i, t->length - i };
		if (text_begins(rest, TEXT("kernel:"))) {
			skip(t, i + 7);
			return true;
		}
		while (i < t->length && t->at[i] != ' ')
			i++;
		if (i >= t->length)
			return false;
	}
	return false;
}

/* "lab-1 kernel: " is what "journalctl -o short-monotonic" has behind the clock. Hosts
 * are written small; "Booting kernel: " and Xen's "Dom0 kernel: " are messages. */
static bool take_host(struct text *t)
{
	size_t i = 0;

	while (i < 64 && ((peek(*t, i) >= 'a' && peek(*t, i) <= 'z') || is_digit(peek(*t, i)) ||
			  peek(*t, i) == '-' || peek(*t, i) == '.'))
		i++;
	if (!i || !text_begins((struct text){ t->at + i, t->length - i }, TEXT(" kernel: ")))
		return false;
	skip(t, i + 9);
	return true;
}

static size_t behind_word(struct text t, size_t i)
{
	while (peek(t, i) == ' ')
		i++;
	while (i < t.length && t.at[i] != ' ')
		i++;
	return i;
}

/* Where a service's log holds a console, "host qemu-run[812]: " stands before what
 * begins like one; elsewhere it is a program that speaks. */
static size_t behind_service(struct text t, size_t i)
{
	size_t host = behind_word(t, i), name = behind_word(t, host);
	struct text rest;

	if (t.at[host - 1] == ':' || t.at[name - 1] != ':' || peek(t, name) != ' ')
		return 0;
	rest = (struct text){ t.at + name + 1, t.length - name - 1 };
	return line_has_clock(rest) || peek(rest, 0) == '<' || text_begins(rest, TEXT("(XEN) ")) ||
	       text_begins(rest, TEXT("(d")) ? name + 1 : 0;
}

/* A collector's clock of `i` bytes: with a host and the kernel's name, with those of a
 * service, or alone. */
static bool take_stamp(struct text *t, struct line *line, size_t i)
{
	size_t service;

	if (take_program(t, i))
		return true;
	service = behind_service(*t, i);
	line->stamped = !service;
	skip(t, service ? service : i);
	return true;
}

/* Behind "2026-11-23T12:00:00.123456789Z", also with a blank or a comma in it and with a
 * zone; or 0. */
static size_t behind_iso(struct text t)
{
	size_t i = 19;

	if (t.length < 20 || t.at[4] != '-' || t.at[7] != '-' || (t.at[10] != 'T' && t.at[10] != ' ') ||
	    t.at[13] != ':' || t.at[16] != ':' || !is_digit(t.at[18]))
		return 0;
	if (t.at[i] == '.' || t.at[i] == ',')
		for (i++; is_digit(peek(t, i)); i++)
			;
	if (peek(t, i) == 'Z')
		i++;
	else if (peek(t, i) == '+' || peek(t, i) == '-')
		for (i++; is_digit(peek(t, i)) || peek(t, i) == ':'; i++)
			;
	return peek(t, i) == ' ' ? i : 0;
}

/* " stdout F " of a container's log (CRI), " 01O " of GitLab's, behind the clock. */
static size_t behind_stream(struct text t, size_t i)
{
	struct text rest = { t.at + i, t.length - i };

	if (text_begins(rest, TEXT(" stdout F ")) || text_begins(rest, TEXT(" stderr F ")))
		return i + 9;
	if (rest.length > 5 && is_digit(rest.at[1]) && is_digit(rest.at[2]) &&
	    (rest.at[3] == 'O' || rest.at[3] == 'E') && rest.at[4] == ' ')
		return i + 4;
	return i;
}

/* "Nov 23 12:00:00 host kernel: ", the same with ".123456",
 * "2026-11-23T12:00:00.123+01:00 host kernel: ", "Mon 2026-11-23 12:00:00 UTC host
 * kernel: ", "1700000000.123456 host kernel: ", "20:50:54,534 INFO kernel:",
 * "kernel: "; the first two and ISO dates also alone. */
static bool take_syslog(struct text *t, struct line *line)
{
	size_t i;

	if (text_begins(*t, TEXT("kernel: "))) {
		skip(t, 8);
		return true;
	}
	if (t->length > 16 && is_letter(t->at[0]) && t->at[3] == ' ' && t->at[6] == ' ' &&
	    t->at[9] == ':' && t->at[12] == ':' && (t->at[15] == ' ' || t->at[15] == '.')) {
		for (i = 15; peek(*t, i) == '.' || is_digit(peek(*t, i)); i++)
			;
		return take_stamp(t, line, i);
	}
	if (t->length > 24 && is_letter(t->at[0]) && t->at[3] == ' ' && t->at[8] == '-' &&
	    t->at[11] == '-' && t->at[14] == ' ' && t->at[17] == ':')
		return take_program(t, 23);
	if (t->length > 20 && is_digit(t->at[0]) && t->at[10] == '.' && is_digit(t->at[11]) &&
	    t->at[17] == ' ')
		return take_program(t, 17);
	if (is_digit(t->at[0]) && (i = behind_iso(*t)) != 0)
		return take_stamp(t, line, behind_stream(*t, i));
	if (t->length > 13 && is_digit(t->at[0]) && t->at[2] == ':' && t->at[5] == ':' &&
	    t->at[8] == ',')
		return take_program(t, 12);
	return take_host(t);
}

/* "    MESSAGE=" of journalctl -o verbose */
static bool take_field(struct text *t)
{
	if (!text_begins(*t, TEXT("MESSAGE=")))
		return false;
	skip(t, 8);
	return true;
}

/* "kern  :info  : " of dmesg -x */
static bool take_facility(struct text *t)
{
	if (t->length < 15 || t->at[6] != ':' || t->at[13] != ':' || t->at[14] != ' ' ||
	    !is_letter(t->at[0]))
		return false;
	skip(t, 15);
	return true;
}

/* "> ", ">> ", ">" of mail; "+[", "-[", "< [", "> [" of diff. */
static bool take_quote(struct text *t)
{
	char first = peek(*t, 0), second = peek(*t, 1);

	if (first == '>' || (first == '<' && second == ' ') ||
	    ((first == '+' || first == '-') && (second == '[' || second == ' '))) {
		skip(t, 1);
		return true;
	}
	return false;
}

/* "mm.c:2466:d0 ", "arch/x86/mm.c:2940:d0v0 ", "mm.c:xxxx:d0 ", "mm.c:12: "; "d0v0 " and
 * "d0:v0: " after (XEN). */
static bool take_source_tag(struct text *t, struct line *line)
{
	const char *colon = memchr(t->at, ':', t->length < 48 ? t->length : 48);
	uint32_t number;
	size_t i = 1;

	if (peek(*t, 0) == 'd' && number_at(*t, &i, &number) && line->speaker == SPEAKER_XEN &&
	    (peek(*t, i) == 'v' || (peek(*t, i) == ':' && peek(*t, i + 1) == 'v'))) {
		while (i < t->length && t->at[i] != ' ')
			i++;
	} else if (colon && colon - t->at >= 3 && !memcmp(colon - 2, ".c", 2)) {
		i = (size_t)(colon + 1 - t->at);
		while (is_digit(peek(*t, i)) || peek(*t, i) == 'x')
			i++;
		if (peek(*t, i++) != ':')
			return false;
		number = DOMAIN_NONE;
		if (peek(*t, i) == 'd') {
			i++;
			if (peek(*t, i) != '[' && !number_at(*t, &i, &number))
				return false;
		}
		while (i < t->length && t->at[i] != ' ')
			i++;
	} else {
		return false;
	}
	line->xen_source = true;
	line->speaker = SPEAKER_XEN;
	line->domain = domain_of(number);
	skip(t, i);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

static bool take_one(struct text *t, struct line *line)
{
	switch (*t->at) {
	case '\033': return take_escape(t);
	case '(': return take_console(t, line);
	case '[': return take_bracket(t, line);
	case '<': return take_level(t) || take_quote(t);
	case '>': case '+': case '-': return take_quote(t);
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return take_kmsg(t) || take_syslog(t, line);
	default:
		return is_letter(*t->at) && (take_console(t, line) || take_facility(t) ||
					     take_syslog(t, line) || take_field(t) || take_source_tag(t, line));
	}
}

void line_strip(struct text raw, struct line *line)
{
	const char *xen = NULL, *before;
	struct text t = raw;
	bool stamped;

	line->speaker = SPEAKER_KERNEL;
	line->domain = DOMAIN_NONE;
	line->xen_source = line->stamped = false;
	/* A few junk bytes of a serial line before a prefix. */
	if (raw.length && (*raw.at < ' ' || *raw.at > '~' || peek(raw, 1) > '~' || peek(raw, 1) < ' '))
		xen = memmem(raw.at, raw.length < 24 ? raw.length : 24, "(XEN) ", 6);
	if (xen && xen > raw.at)
		skip(&t, (size_t)(xen - raw.at));
	do {
		before = t.at;
		while (t.length && is_blank(*t.at))
			skip(&t, 1);
		line->indent = (uint32_t)(t.at - before);
		stamped = line->stamped;
		line->stamped = false;
	} while (t.length && take_one(&t, line));
	line->stamped = stamped;
	mess_trim(&t);
	line->message = t;
}
