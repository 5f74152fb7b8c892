/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mess.h"

#include <strings.h>

#include "formats/in_text.h"
#include "formats/learned.h"

/* The longest tag that is looked for, without its name. */
#define TAG_BYTES 512u

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* --- control codes ----------------------------------------------------------- */

/* A command to the terminal, t.at[i] behind its "\033]". What has no end in its line is no
 * command: the rest of the line is text. Linux's own console has two without an end.
 * Source: ECMA-48, 5.6; console_codes(4): "\033]R", "\033]Pnrrggbb". */
static size_t command_length(struct text t, size_t i)
{
	size_t first = i;

	if (i < t.length && t.at[i] == 'R')
		return 1;
	if (t.length - i >= 8 && t.at[i] == 'P')
		return 8;
	while (i < t.length && t.at[i] != '\a' && t.at[i] != '\033')
		i++;
	return i == t.length ? 0 : i + (t.at[i] == '\a') - first;
}

/* "\033[1;31m", "\033(B", "\033]0;title\a", "\033c". Source: ECMA-48, 5.3 to 5.6. */
size_t mess_escape(struct text t, size_t i)
{
	size_t first = i;

	if (i >= t.length || t.at[i++] != '\033' || i >= t.length)
		return i - first;
	if (t.at[i] == '[') {
		for (i++; i < t.length && t.at[i] >= ' ' && t.at[i] < '@'; i++)
			;
		return (i < t.length ? i + 1 : i) - first;
	}
	if (t.at[i] == ']')
		return 2 + command_length(t, i + 1);
	while (i < t.length && t.at[i] >= ' ' && t.at[i] < '0')
		i++;
	return (i < t.length ? i + 1 : i) - first;
}

void mess_trim_escape(struct text *t)
{
	size_t at = t->length, from = t->length > 12 ? t->length - 12 : 0;

	while (at > from && t->at[at - 1] != '\033')
		at--;
	if (at == from || at - 1 + mess_escape(*t, at - 1) != t->length)
		return;
	t->length = at - 1;
	mess_trim(t);
}

/* --- entities ---------------------------------------------------------------- */

static const struct { struct text name; char means; } entities[] = {
	{ TEXT("&lt;"), '<' }, { TEXT("&gt;"), '>' }, { TEXT("&amp;"), '&' },
	{ TEXT("&quot;"), '"' }, { TEXT("&apos;"), '\'' }, { TEXT("&nbsp;"), ' ' },
	{ TEXT("&#39;"), '\'' }, { TEXT("&#x27;"), '\'' }, { TEXT("&#34;"), '"' },
	{ TEXT("&#60;"), '<' }, { TEXT("&#62;"), '>' }, { TEXT("&#160;"), ' ' },
};

/* The length of the entity that `t` begins with, or 0. */
static size_t entity_at(struct text t, char *means)
{
	for (size_t i = 0; i < ARRAY_LEN(entities); i++)
		if (text_begins(t, entities[i].name)) {
			*means = entities[i].means;
			return entities[i].name.length;
		}
	return 0;
}

/* What pages that show a log are made of. No "dd", which is a byte in a "Code:" line:
 * "<dd>" there marks the instruction that faulted. */
static const struct text tag_names[] = {
	TEXT("a"), TEXT("b"), TEXT("blockquote"), TEXT("body"), TEXT("br"), TEXT("code"),
	TEXT("del"), TEXT("div"), TEXT("dl"), TEXT("dt"), TEXT("em"), TEXT("font"), TEXT("h1"),
	TEXT("h2"), TEXT("h3"), TEXT("h4"), TEXT("head"), TEXT("hr"), TEXT("html"), TEXT("i"),
	TEXT("img"), TEXT("ins"), TEXT("kbd"), TEXT("li"), TEXT("link"), TEXT("mark"),
	TEXT("meta"), TEXT("ol"), TEXT("p"), TEXT("pre"), TEXT("samp"), TEXT("section"),
	TEXT("small"), TEXT("span"), TEXT("strong"), TEXT("table"), TEXT("tbody"), TEXT("td"),
	TEXT("th"), TEXT("thead"), TEXT("title"), TEXT("tr"), TEXT("tt"), TEXT("u"), TEXT("ul"),
	TEXT("wbr"),
};

static bool is_tag_name(struct text name)
{
	for (size_t i = 0; i < ARRAY_LEN(tag_names); i++)
		if (tag_names[i].length == name.length &&
		    !strncasecmp(tag_names[i].at, name.at, name.length))
			return true;
	return false;
}

/* The length of the tag that `t` begins with, or 0: "<br>", "<br/>", "</pre>",
 * "<span class="x">", but none of the kernel's "<ffffffff81471e79>", "<IRQ>", "<6>". An
 * "&amp;" may stand in a plain log, too. */
static size_t tag_at(struct text t)
{
	size_t name = t.length > 1 && t.at[1] == '/' ? 2 : 1, i = name;
	const char *end;

	while (i < t.length && (is_letter(t.at[i]) || is_digit(t.at[i])))
		i++;
	if (i == t.length || !strchr("> /\t", t.at[i]) || !t.at[i] ||
	    !is_tag_name((struct text){ t.at + name, i - name }))
		return 0;
	end = memchr(t.at + i, '>', t.length - i < TAG_BYTES ? t.length - i : TAG_BYTES);
	return end && !memchr(t.at + i, '<', (size_t)(end - t.at) - i) ? (size_t)(end + 1 - t.at) : 0;
}

/* --- escaped bytes ----------------------------------------------------------- */

/* "#011" has octal digits, "\x09" hexadecimal ones: all other control codes would do
 * harm to a terminal, and no line of the kernel has them. */
static size_t tab_at(struct text t)
{
	return text_begins(t, TEXT("#011")) || text_begins(t, TEXT("\\x09")) ? 4 : 0;
}

/* --- a line ------------------------------------------------------------------ */

static bool has(struct text t, char byte)
{
	return t.length && memchr(t.at, byte, t.length);
}

/* The lead itself, or with other digits: a clock that is none of prefix.c's. */
static bool begins_with_lead(const struct mess *mess, struct text t)
{
	if (!mess->lead_length || t.length < mess->lead_length)
		return false;
	for (size_t i = 0; i < mess->lead_length; i++)
		if (t.at[i] != mess->lead[i] && !(is_digit(t.at[i]) && is_digit(mess->lead[i])))
			return false;
	return true;
}

bool mess_hides(const struct mess *mess, struct text line, bool stripped)
{
	if (mess->lead_length && !stripped)
		return true;
	if (mess->entities && (has(line, '&') || has(line, '<')))
		return true;
	if (mess->escapes && (has(line, '#') || has(line, '\\')))
		return true;
	return mess->returns && has(line, '\r');
}

static struct text rewrite(const struct mess *mess, struct text raw)
{
	char *to = mess->room, means;
	size_t i = 0, taken;

	while (i < raw.length) {
		struct text rest = { raw.at + i, raw.length - i };
		char c = raw.at[i];

		if (c == '\033') {
			i += mess_escape(raw, i);
		} else if (c == '\b') {
			to -= to > mess->room;
			i++;
		} else if (mess->entities && c == '&' && (taken = entity_at(rest, &means))) {
			*to++ = means;
			i += taken;
		} else if (mess->escapes && (c == '#' || c == '\\') && (taken = tab_at(rest))) {
			*to++ = '\t';
			i += taken;
		} else if (mess->entities && c == '<' && (taken = tag_at(rest))) {
			i += taken;
		} else {
			*to++ = c;
			i++;
		}
	}
	memset(to, 0, 64);
	return (struct text){ mess->room, (size_t)(to - mess->room) };
}

struct text mess_without_lead(const struct mess *mess, struct text raw)
{
	if (!begins_with_lead(mess, raw))
		return raw;
	return (struct text){ raw.at + mess->lead_length, raw.length - mess->lead_length };
}

struct text mess_clean(const struct mess *mess, struct text raw)
{
	raw = mess_without_lead(mess, raw);
	if (has(raw, '\033') || has(raw, '\b') ||
	    (mess->entities && (has(raw, '&') || has(raw, '<'))) ||
	    (mess->escapes && (has(raw, '#') || has(raw, '\\'))))
		return rewrite(mess, raw);
	return raw;
}

static uint64_t hash_of(struct text message, uint16_t domain)
{
	const uint64_t mix = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = domain + message.length, last = 0;

	for (; message.length >= 8; message.at += 8, message.length -= 8) {
		hash = (hash ^ load_8(message.at)) * mix;
		hash ^= hash >> 32;
	}
	memcpy(&last, message.at, message.length);
	return (hash ^ last) * mix;
}

bool mess_is_copy(struct said *said, struct text message, uint16_t domain, uint32_t line,
		  unsigned within)
{
	uint64_t hash = hash_of(message, domain);
	struct said_line *set, *oldest;

	if (!said->any)
		*said = (struct said){ .any = true };
	oldest = set = said->sets[(hash >> 32) % SAID_SETS];
	for (struct said_line *known = set; known < set + SAID_WAYS; known++) {
		if (known->line && known->hash == hash && line - known->line <= within) {
			known->line = 0;
			return true;
		}
		if (known->line < oldest->line)
			oldest = known;
	}
	*oldest = (struct said_line){ hash, line };
	return false;
}

/* --- the first bytes --------------------------------------------------------- */

static bool has_entities(struct text first)
{
	const char *at = first.at, *end = first.at + first.length;
	char means;

	while (at < end && (at = memchr(at, '&', (size_t)(end - at)))) {
		if (entity_at((struct text){ at, (size_t)(end - at) }, &means))
			return true;
		at++;
	}
	return false;
}

static bool has_tab_after(struct text first, char mark)
{
	const char *at = first.at, *end = first.at + first.length;

	while (at < end && (at = memchr(at, mark, (size_t)(end - at)))) {
		if (tab_at((struct text){ at, (size_t)(end - at) }))
			return true;
		at++;
	}
	return false;
}

/* A carriage return with something of the same line on both sides. */
static bool has_returns(struct text first)
{
	const char *at = first.at, *end = first.at + first.length;

	while (at < end && (at = memchr(at, '\r', (size_t)(end - at)))) {
		bool begins = at == first.at || at[-1] == '\n';

		while (at < end && *at == '\r')
			at++;
		if (!begins && at < end && *at != '\n')
			return true;
	}
	return false;
}

static struct text line_around(struct text first, const char *at)
{
	const char *end = memchr(at, '\n', (size_t)(first.at + first.length - at));
	const char *start = at;

	while (start > first.at && start[-1] != '\n')
		start--;
	if (!end)
		end = first.at + first.length;
	return (struct text){ start, (size_t)(end - start) };
}

static struct text line_behind(struct text first, struct text line)
{
	const char *next = line.at + line.length + 1;

	if (next >= first.at + first.length)
		return (struct text){ next, 0 };
	return line_around(first, next);
}

static struct text up_to(struct text t, size_t length)
{
	return (struct text){ t.at, t.length < length ? t.length : length };
}

static struct text from(struct text t, size_t i)
{
	return (struct text){ t.at + i, t.length - i };
}

static bool is_all_prefix(struct text t)
{
	struct line stripped;

	line_strip(t, &stripped);
	return !stripped.message.length;
}

/* What stands before the message of `line` that no prefix explains, or the name of a
 * service, which speaks for a machine: its lines without a clock are the machine's
 * too, which goes without saying of "host kernel: ". `message` points into the line. */
static size_t lead_of(struct text line, const char *message)
{
	size_t max = (size_t)(message - line.at), i;
	struct line stripped;

	if (max >= MESS_LEAD_MAX)
		max = MESS_LEAD_MAX - 1;
	for (i = 0; i <= max; i++) {
		line_strip(from(line, i), &stripped);
		if (stripped.message.at == message)
			break;
	}
	for (size_t clock = i; clock <= max && stripped.domain == DOMAIN_NONE; clock++)
		if (clock > 2 && line.at[clock - 2] == ':' && line_has_clock(from(line, clock)))
			return is_all_prefix(from(up_to(line, clock), i)) ? i : clock;
	return i <= max ? i : 0;
}

/* Two lines in a row that say the same. */
static bool is_twin(struct text a, struct text b, size_t lead)
{
	struct line first, second;

	if (a.length <= lead || b.length <= lead)
		return false;
	line_strip(from(a, lead), &first);
	line_strip(from(b, lead), &second);
	return first.message.length && text_equal(first.message, second.message);
}

/* A sentence that names a kernel has nothing in common with the next line; and what
 * opens a string will close it behind the message. */
static void learn_lead(struct mess *mess, struct text line, struct text next, const char *message)
{
	size_t length = lead_of(line, message);

	if (!length || line.at[length - 1] == '"' || line.at[length - 1] == '\'')
		return;
	memcpy(mess->lead, line.at, length);
	mess->lead_length = length;
	if (!begins_with_lead(mess, next))
		mess->lead_length = 0;
}

/* By its first letter, which is rare: memmem() takes ten times as long. */
static const char *find(struct text t, struct text words)
{
	const char *at = t.at, *end = t.at + t.length;

	while (at < end && (at = memchr(at, *words.at, (size_t)(end - at)))) {
		if (text_begins((struct text){ at, (size_t)(end - at) }, words))
			return at;
		at++;
	}
	return NULL;
}

/* How many lines behind the banner `line`, which stands in `first`, it stands again; 0: not
 * where it is looked for. Few lines but a banner's "(root@host)" have an '@'. */
static unsigned lag_of(const struct mess *mess, struct text first, struct text line)
{
	const char *mark = memchr(line.at, '@', line.length), *end = line.at + line.length;
	struct text rest = up_to(from(first, (size_t)(end - first.at)), MESS_LAG_BYTES);
	const char *again = rest.at;
	unsigned lag = 0;

	if (is_twin(line, line_behind(first, line), mess->lead_length))
		return 1;
	if (!mark || mark - line.at < 8 || !rest.length)
		return 0;
	do
		again = memchr(again + 1, '@', (size_t)(rest.at + rest.length - again - 1));
	while (again && (again - rest.at < 8 || load_8(again - 8) != load_8(mark - 8)));
	if (!again || !is_twin(line, line_around(first, again), mess->lead_length))
		return 0;
	for (const char *at = end; at && at < again && lag <= MESS_LAG_LINES; lag++)
		at = memchr(at + 1, '\n', (size_t)(again - at - 1));
	return lag <= MESS_LAG_LINES ? lag : 0;
}

/* A machine that is started anew says the same as before up to where it had come, and then
 * what is new, or its banner a third time; of two consoles the second goes on to say what
 * the first has said. */
static bool second_goes_on(const struct mess *mess, struct text first, struct text line,
			   unsigned lag)
{
	const unsigned end = MESS_COPY_LINES(lag);
	struct said said = { .any = false };
	struct text banner = line;
	unsigned lines = 0, copies = 0;
	struct line stripped;

	for (unsigned i = 1; i <= end && line.at < first.at + first.length; i++) {
		struct text raw = line;

		if (i > lag + 1 && is_twin(banner, raw, mess->lead_length))
			return false;
		line = line_behind(first, line);
		if (raw.length <= mess->lead_length)
			continue;
		line_strip(from(raw, mess->lead_length), &stripped);
		if (!stripped.message.length)
			continue;
		lines += i > 2 * lag;
		copies += mess_is_copy(&said, stripped.message, stripped.domain, i, end) &&
			  i > 2 * lag;
	}
	return lines > 8 && 3 * copies > lines;
}

/* Each boot has one banner: where one stands twice, two consoles tell of one boot, or
 * there are two boots. */
static void look_for_twins(struct mess *mess, struct text first, struct text line,
			   uint64_t offset)
{
	unsigned lag = lag_of(mess, first, line);

	if (!lag || (lag > 1 && !second_goes_on(mess, first, line, lag)))
		return;
	if (!mess->doubled || offset < mess->doubled_from)
		mess->doubled_from = offset;
	if (mess->doubled < MESS_COPY_LINES(lag))
		mess->doubled = MESS_COPY_LINES(lag);
}

static void look_at_banner(struct mess *mess, struct text first)
{
	const char *at = find(up_to(first, MESS_SNIFF_BYTES), TEXT("Linux version "));
	struct text line;

	if (!at)
		return;
	line = line_around(first, at);
	learn_lead(mess, line, line_behind(first, line), at);
	look_for_twins(mess, first, line, (uint64_t)(line.at - first.at));
}

void mess_sniff(struct mess *mess, struct text first)
{
	struct text begin = up_to(first, MESS_SNIFF_BYTES);

	if (!first.length)
		return;
	mess->entities = has_entities(begin);
	mess->returns = has_returns(begin);
	mess->escapes = has_tab_after(begin, '#') || has_tab_after(begin, '\\');
	look_at_banner(mess, first);
	mess->any = mess->entities || mess->returns || mess->escapes || mess->doubled ||
		    mess->lead_length;
}

void mess_sniff_xen(struct mess *mess, struct text rest, uint64_t offset)
{
	const char *at = find(up_to(rest, MESS_BANNER_BYTES), TEXT("Xen version "));
	struct text line;

	if (!at)
		return;
	line = line_around(rest, at);
	look_for_twins(mess, rest, line, offset + (uint64_t)(line.at - rest.at));
}
