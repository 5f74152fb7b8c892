/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/suppressions.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "cli/memory.h"
#include "cli/nearest.h"
#include "formats/screen.h"

/* Bad lines that are told one by one. */
#define BAD_LINES_TOLD 10u

static const char blanks[] = " \t\r";

/* --- fields ------------------------------------------------------------------ */

struct line {
	struct suppression *entry;
	char *trouble;
	size_t room;
};

#define REFUSE(line, ...) (snprintf((line)->trouble, (line)->room, __VA_ARGS__), false)

static bool take_fingerprint(struct line *line, const char *value)
{
	if (strlen(value) != 16 || strspn(value, "0123456789abcdefABCDEF") != 16)
		return REFUSE(line, "fp= takes the sixteen hex digits of a fingerprint");
	line->entry->fingerprint = strtoull(value, NULL, 16);
	return line->entry->has_fingerprint = true;
}

static bool take_file(struct line *line, const char *value)
{
	if (!*value)
		return REFUSE(line, "file= names no file");
	line->entry->file = value;
	return true;
}

/* "0x" and hex digits, up to `end`; false: no number. */
static bool hex(const char *words, char end, uint64_t *number, const char **after)
{
	char *stop;

	if (words[0] != '0' || words[1] != 'x' || !isxdigit((unsigned char)words[2]))
		return false;
	errno = 0;
	*number = strtoull(words, &stop, 16);
	*after = stop + 1;
	return !errno && *stop == end;
}

static bool take_range(struct line *line, const char *value)
{
	uint64_t start, end;
	const char *after;

	if (!hex(value, '-', &start, &after) || !hex(after, '\0', &end, &after) || start >= end)
		return REFUSE(line, "range= takes two addresses, such as 0x3fdfe000-0x40000000; the "
			      "second is out");
	line->entry->range = paddr_range(start, end);
	return line->entry->has_range = true;
}

static unsigned days_of(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool take_until(struct line *line, const char *value)
{
	unsigned year, month, day;
	int length = 0;

	if (strspn(value, "0123456789") != 4 || strspn(value, "0123456789-") != 10 ||
	    sscanf(value, "%4u-%2u-%2u%n", &year, &month, &day, &length) != 3 || value[length] ||
	    !year || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
		return REFUSE(line, "until= takes a date, such as 2027-06-30");
	line->entry->until = year * 10000 + month * 100 + day;
	return true;
}

static bool take_rule(struct line *line, const char *word)
{
	struct nearest nearest = { .typed = text_of(word) };

	line->entry->rule = rule_find(nearest.typed);
	if (line->entry->rule)
		return true;
	for (size_t i = 0; i < rule_count; i++) {
		nearest_offer(&nearest, rule_table[i]->id);
		nearest_offer(&nearest, rule_table[i]->name);
	}
	if (nearest.name)
		return REFUSE(line, "no rule '%.80s'; did you mean '%s'?", word, nearest.name);
	return REFUSE(line, "no rule '%.80s'", word);
}

static const struct field {
	const char *name;
	bool (*take)(struct line *line, const char *value);
} fields[] = {
	{ "fp=", take_fingerprint }, { "file=", take_file }, { "range=", take_range },
	{ "until=", take_until }, { "", take_rule },
};

/* given: bits of fields that were there before; none comes twice. */
static bool take_field(struct line *line, const char *word, unsigned *given)
{
	const struct field *field = fields;

	if (!strchr(word, '='))
		field = &fields[ARRAY_LEN(fields) - 1];
	while (strncmp(word, field->name, strlen(field->name)))
		field++;
	if (field->take == take_rule && strchr(word, '='))
		return REFUSE(line, "unknown field '%.80s'; there are fp=, file=, range= and until=", word);
	if (*given & 1u << (field - fields))
		return REFUSE(line, *field->name ? "%s stands twice" : "%stwo rules stand here",
			      field->name);
	*given |= 1u << (field - fields);
	return field->take(line, word + strlen(field->name));
}

/* --- a line --------------------------------------------------------------------- */

/* What follows the '#' that begins a word; NULL: there is none. Cuts it off. */
static char *cut_reason(char *words)
{
	for (char *at = words; *at; at++)
		if (*at == '#' && (at == words || strchr(blanks, at[-1]))) {
			*at++ = '\0';
			return at + strspn(at, blanks);
		}
	return NULL;
}

static void trim_end(char *words)
{
	size_t length = strlen(words);

	while (length && strchr(blanks, words[length - 1]))
		words[--length] = '\0';
}

bool suppression_parse(char *words, struct suppression *entry, char *trouble, size_t room)
{
	struct suppression parsed = { .reason = cut_reason(words) };
	struct line line = { &parsed, trouble, room };
	unsigned given = 0;
	char *save = NULL;

	for (char *word = strtok_r(words, blanks, &save); word; word = strtok_r(NULL, blanks, &save))
		if (!take_field(&line, word, &given))
			return false;
	if (!parsed.rule && !parsed.has_fingerprint)
		return REFUSE(&line, "neither a rule nor fp= says what is suppressed");
	if (!parsed.reason || !*parsed.reason)
		return REFUSE(&line, "no reason: end the line with # and why this is accepted");
	*entry = parsed;
	return true;
}

/* --- the file --------------------------------------------------------------------- */

static char *read_text(const char *path, size_t *length, const char **trouble)
{
	FILE *in = fopen(path, "re");
	char *text;

	if (!in) {
		*trouble = strerror(errno);
		return NULL;
	}
	text = must(malloc(SUPPRESSIONS_BYTES_MAX + 1));
	errno = 0;
	*length = fread(text, 1, SUPPRESSIONS_BYTES_MAX, in);
	text[*length] = '\0';
	if (ferror(in))
		*trouble = strerror(errno ? errno : EIO);
	else if (getc(in) != EOF)
		*trouble = "larger than any list of suppressions is (4 MiB)";
	fclose(in);
	return text;
}

static void tell(FILE *errors, const char *path, uint32_t line, const char *words)
{
	struct screen screen = { .out = errors };

	fputs("pgtcheck: ", errors);
	screen_puts(&screen, path);
	if (line)
		fprintf(errors, ":%u", line);
	fputs(": ", errors);
	screen_puts(&screen, words);
	putc('\n', errors);
}

/* One line of the file: nothing, an entry, or trouble. */
static bool take_line(struct suppressions *all, char *words, size_t length, uint32_t number,
		      char *trouble, size_t room)
{
	struct suppression entry;

	if (length > SUPPRESSION_LINE_MAX || strlen(words) != length) {
		snprintf(trouble, room, length > SUPPRESSION_LINE_MAX ? "the line is too long" :
			 "a NUL byte");
		return false;
	}
	words += strspn(words, blanks);
	trim_end(words);
	if (!*words || *words == '#')
		return true;
	if (!suppression_parse(words, &entry, trouble, room))
		return false;
	if (all->count == SUPPRESSIONS_MAX) {
		snprintf(trouble, room, "more than %u entries", SUPPRESSIONS_MAX);
		return false;
	}
	entry.line = number;
	all->items = must_grow(all->items, all->count, sizeof(*all->items));
	all->items[all->count++] = entry;
	return true;
}

static bool take_lines(struct suppressions *all, size_t length, FILE *errors)
{
	char *line = all->text, *end = line + length, trouble[256];
	uint32_t bad = 0;

	for (uint32_t number = 1; line < end && bad < BAD_LINES_TOLD; number++) {
		char *next = memchr(line, '\n', (size_t)(end - line));

		if (!next)
			next = end;
		*next = '\0';
		if (!take_line(all, line, (size_t)(next - line), number, trouble, sizeof(trouble))) {
			tell(errors, all->path, number, trouble);
			bad++;
		}
		line = next + 1;
	}
	return !bad;
}

/* Shared, so that the first process learns what the workers found. */
static volatile bool *shared_marks(uint32_t count)
{
	void *marks = mmap(NULL, count + 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return must(marks == MAP_FAILED ? NULL : marks);
}

enum exit_status suppressions_read(struct suppressions *all, const char *path, uint32_t today,
				   FILE *errors)
{
	const char *trouble = NULL;
	size_t length = 0;

	*all = (struct suppressions){ .path = path, .today = today };
	all->text = read_text(path, &length, &trouble);
	if (trouble) {
		tell(errors, path, 0, trouble);
		return EXIT_TROUBLE;
	}
	if (!take_lines(all, length, errors))
		return EXIT_USAGE;
	all->used = shared_marks(all->count);
	return EXIT_CLEAN;
}

void suppressions_release(struct suppressions *all)
{
	if (all->used)
		munmap((void *)all->used, all->count + 1);
	free(all->items);
	free(all->text);
}

/* --- use ---------------------------------------------------------------------------- */

/* The classic walk: a mismatch goes back to the last star alone, which takes one
 * byte more. */
static bool whole_fits(const char *glob, const char *name)
{
	const char *star = NULL, *from = NULL;

	while (*name) {
		if (*glob == '*') {
			star = ++glob;
			from = name;
		} else if (*glob == '?' || *glob == *name) {
			glob++;
			name++;
		} else if (star) {
			glob = star;
			name = ++from;
		} else {
			return false;
		}
	}
	return !glob[strspn(glob, "*")];
}

bool glob_fits(const char *glob, const char *name)
{
	for (;;) {
		const char *slash = strchr(name, '/');

		if (whole_fits(glob, name))
			return true;
		if (!slash)
			return false;
		name = slash + 1;
	}
}

static bool in_range(const struct suppression *entry, struct pfn_range where)
{
	return !pfn_range_empty(where) && where.end.n <= PFN_LIMIT &&
	       where.start.n << FRAME_SHIFT >= entry->range.start.n &&
	       where.end.n << FRAME_SHIFT <= entry->range.end.n;
}

static bool fits(const struct suppression *entry, const char *file, const struct finding *finding)
{
	return (!entry->rule || entry->rule == finding->rule) &&
	       (!entry->has_fingerprint || entry->fingerprint == finding->fingerprint) &&
	       (!entry->has_range || in_range(entry, finding->where)) &&
	       (!entry->file || glob_fits(entry->file, file));
}

static bool is_expired(const struct suppressions *all, const struct suppression *entry)
{
	return entry->until && entry->until < all->today;
}

const char *suppressions_find(const struct suppressions *all, const char *file,
			      const struct finding *finding)
{
	const char *reason = NULL;

	/* All that fit are used: one that fits beside another is not useless. */
	for (uint32_t i = 0; i < all->count; i++) {
		if (is_expired(all, &all->items[i]) || !fits(&all->items[i], file, finding))
			continue;
		all->used[i] = true;
		if (!reason)
			reason = all->items[i].reason;
	}
	return reason;
}

void suppressions_tell(const struct suppressions *all, FILE *errors)
{
	for (uint32_t i = 0; i < all->count; i++) {
		const struct suppression *entry = &all->items[i];
		char words[80];

		if (is_expired(all, entry)) {
			snprintf(words, sizeof(words), "was in force until %04u-%02u-%02u: expired",
				 entry->until / 10000, entry->until / 100 % 100, entry->until % 100);
			tell(errors, all->path, entry->line, words);
		} else if (!all->used[i]) {
			tell(errors, all->path, entry->line, "fits no finding");
		}
	}
}

uint32_t today_of(char *(*get)(const char *name))
{
	const char *epoch = get("SOURCE_DATE_EPOCH");
	time_t now = time(NULL);
	struct tm day;
	char *end;

	if (epoch) {
		errno = 0;
		now = (time_t)strtoll(epoch, &end, 10);
		if (!isdigit((unsigned char)*epoch) || *end || errno)
			return 0;
	}
	if (!gmtime_r(&now, &day) || day.tm_year > 8099)
		return 0;
	return (uint32_t)(day.tm_year + 1900) * 10000 + (uint32_t)(day.tm_mon + 1) * 100 +
	       (uint32_t)day.tm_mday;
}
