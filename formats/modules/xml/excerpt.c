/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/excerpt.h"

#include <ctype.h>
#include <inttypes.h>

#define LINE_SHOWN 4096u    /* bytes of a line that are shown */
#define AROUND_BYTES 8192u  /* bytes read before and after a line for those around it */

struct excerpt {
	struct sheet *sheet;
	struct source *source;
	struct source *of;      /* whose lines they are; NULL: not told */
	uint64_t last;          /* number of the last line printed; 0: none */
};

static struct text without_return(struct text line)
{
	while (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	if (line.length > LINE_SHOWN)
		line.length = LINE_SHOWN;
	return line;
}

static void begin_line(struct excerpt *excerpt, uint64_t number, bool hit)
{
	struct sheet *sheet = excerpt->sheet;

	if (excerpt->last && number > excerpt->last + 1)
		sheet_element(sheet, "div", "gap", "");
	excerpt->last = number;
	sheet_begin(sheet, "div");
	sheet_attribute(sheet, "class", hit ? "l hit" : "l");
	sheet_begin(sheet, "span");
	sheet_attribute(sheet, "class", "n");
	sheet_printf(sheet, "%" PRIu64, number);
	sheet_end(sheet);
	sheet_begin(sheet, "code");
}

static void end_line(struct excerpt *excerpt)
{
	sheet_end_full(excerpt->sheet);
	sheet_end(excerpt->sheet);
}

static void put_plain(struct excerpt *excerpt, struct text line, uint32_t number)
{
	begin_line(excerpt, number, false);
	sheet_text(excerpt->sheet, without_return(line));
	end_line(excerpt);
}

/* --- lines around ---------------------------------------------------------- */

/* Up to `count` whole lines before `at`, without those already printed. */
static void put_before(struct excerpt *excerpt, struct loc at, unsigned count)
{
	uint32_t room = at.offset < AROUND_BYTES ? (uint32_t)at.offset : AROUND_BYTES;
	struct loc block = { .offset = at.offset - room, .length = room, .input = at.input };
	char bytes[AROUND_BYTES];
	size_t got = room ? source_quote(excerpt->source, block, bytes, room) : 0;
	size_t start = got;
	unsigned lines = 0;

	while (lines < count && lines + 1 < at.line && at.line - lines - 1 > excerpt->last && start) {
		size_t before = start - 1;

		while (before && bytes[before - 1] != '\n')
			before--;
		if (!before && block.offset)
			break;
		start = before;
		lines++;
	}
	for (; lines; lines--) {
		const char *end = memchr(bytes + start, '\n', got - start);
		size_t length = end ? (size_t)(end - bytes) - start : got - start;

		put_plain(excerpt, (struct text){ bytes + start, length }, at.line - lines);
		start += length + 1;
	}
}

/* Up to `count` lines after it, before the line `limit` (0: none). */
static void put_after(struct excerpt *excerpt, struct loc at, unsigned count, uint32_t limit)
{
	struct loc block = { .offset = at.offset + at.length, .length = AROUND_BYTES,
			     .input = at.input };
	char bytes[AROUND_BYTES];
	size_t got = source_quote(excerpt->source, block, bytes, AROUND_BYTES);
	const char *end = memchr(bytes, '\n', got);

	for (unsigned i = 1; i <= count && end && (!limit || at.line + i < limit); i++) {
		const char *start = end + 1;
		size_t left = got - (size_t)(start - bytes);

		end = memchr(start, '\n', left);
		if (!end && got == AROUND_BYTES)
			return;   /* cut off */
		if (!end && !left)
			return;
		put_plain(excerpt, (struct text){ start, end ? (size_t)(end - start) : left },
			  at.line + i);
	}
}

/* --- the line of evidence -------------------------------------------------- */

#define CARETS ARRAY_LEN(((struct note *)NULL)->carets)

struct place {
	size_t start, end;      /* bytes of the line; start == end: nothing */
	const char *says;
};

/* Where the words stand at or after `from`: as words of their own, if they do so
 * anywhere. */
static bool find(struct text line, const char *mark, size_t from, size_t *found)
{
	size_t length = strlen(mark);
	bool any = false;

	while (from + length <= line.length) {
		const char *at = memmem(line.at + from, line.length - from, mark, length);
		size_t place;

		if (!at)
			break;
		place = (size_t)(at - line.at);
		if (!any)
			*found = place;
		any = true;
		if ((!place || !isalnum((unsigned char)line.at[place - 1])) &&
		    (place + length >= line.length || !isalnum((unsigned char)line.at[place + length]))) {
			*found = place;
			return true;
		}
		from = place + 1;
	}
	return any;
}

/* The carets found in the line, from left to right, none over another. */
static unsigned place_carets(struct text line, const struct note *note, struct place *places)
{
	unsigned count = 0;

	for (unsigned i = 0; i < CARETS && note->carets[i].mark; i++) {
		const char *mark = note->carets[i].mark;
		struct place new = { .says = note->carets[i].says };
		size_t from = 0;
		unsigned to;

		for (unsigned j = 0; j < i; j++)
			if (!strcmp(note->carets[j].mark, mark) && find(line, mark, from, &new.start))
				from = new.start + 1;
		if (!*mark || !find(line, mark, from, &new.start))
			continue;
		new.end = new.start + strlen(mark);
		for (to = count; to && places[to - 1].start > new.start; to--)
			;
		if ((to && places[to - 1].end > new.start) || (to < count && places[to].start < new.end))
			continue;
		memmove(places + to + 1, places + to, (count - to) * sizeof(*places));
		places[to] = new;
		count++;
	}
	return count;
}

static void put_marked(struct sheet *sheet, struct text line, const struct place *places,
		       unsigned count)
{
	size_t at = 0;

	for (unsigned i = 0; i < count; i++) {
		sheet_text(sheet, (struct text){ line.at + at, places[i].start - at });
		sheet_begin(sheet, "mark");
		if (places[i].says)
			sheet_attribute(sheet, "title", places[i].says);
		sheet_text(sheet, (struct text){ line.at + places[i].start,
						 places[i].end - places[i].start });
		sheet_end_full(sheet);
		at = places[i].end;
	}
	sheet_text(sheet, (struct text){ line.at + at, line.length - at });
}

static void put_says(struct sheet *sheet, const struct note *note)
{
	if (note->says)
		sheet_element(sheet, "div", "say", note->says);
	for (unsigned i = 0; i < CARETS && note->carets[i].mark; i++) {
		if (!note->carets[i].says)
			continue;
		sheet_begin(sheet, "div");
		sheet_attribute(sheet, "class", "say");
		sheet_element(sheet, "b", NULL, note->carets[i].mark);
		sheet_puts(sheet, " ");
		sheet_puts(sheet, note->carets[i].says);
		sheet_end(sheet);
	}
}

static void put_hit(struct excerpt *excerpt, const struct note *note)
{
	struct place places[CARETS];
	char bytes[LINE_SHOWN];
	struct text line = { bytes, 0 };

	if (excerpt->source)
		line.length = source_quote(excerpt->source, note->at, bytes, LINE_SHOWN);
	line = without_return(line);
	if (loc_number(note->at) != excerpt->last) {
		begin_line(excerpt, loc_number(note->at), true);
		if (line.length)
			put_marked(excerpt->sheet, line, places, place_carets(line, note, places));
		else
			sheet_puts(excerpt->sheet, "(this line cannot be read again)");
		end_line(excerpt);
	}
	put_says(excerpt->sheet, note);
}

/* --- the excerpt --------------------------------------------------------------- */

static bool stands_behind(struct loc a, struct loc b)
{
	return a.input != b.input ? a.input > b.input : loc_number(a) > loc_number(b);
}

static bool same_line(struct loc a, struct loc b)
{
	return a.input == b.input && a.line == b.line;
}

/* Which of several files the lines from here on are of. */
static void put_file(struct excerpt *excerpt, struct loc at)
{
	struct source *source = excerpt->source;

	if (!source || !source->next || source_of(source, at) == excerpt->of)
		return;
	excerpt->of = source_of(source, at);
	excerpt->last = 0;
	sheet_element(excerpt->sheet, "div", "file", excerpt->of->name);
}

void excerpt_put(struct sheet *sheet, struct source *source, const struct finding *finding,
		 unsigned context)
{
	struct excerpt excerpt = { .sheet = sheet, .source = source };
	const struct note *sorted[NOTES_MAX];
	unsigned count = 0;

	for (uint32_t i = 0; i < finding->note_count; i++) {
		unsigned to = count;

		if (!loc_known(finding->notes[i].at))
			continue;
		for (; to && stands_behind(sorted[to - 1]->at, finding->notes[i].at); to--)
			sorted[to] = sorted[to - 1];
		sorted[to] = &finding->notes[i];
		count++;
	}
	if (!count)
		return;
	sheet_begin(sheet, "div");
	sheet_attribute(sheet, "class", "log");
	sheet_attribute(sheet, "tabindex", "0");
	sheet_attribute(sheet, "role", "region");
	sheet_attribute(sheet, "aria-label", "lines of the log");
	for (unsigned i = 0; i < count; i++) {
		bool alone = !source || source_of(source, sorted[i]->at)->words;

		put_file(&excerpt, sorted[i]->at);
		if (!alone && sorted[i]->at.line != excerpt.last)
			put_before(&excerpt, sorted[i]->at, context);
		put_hit(&excerpt, sorted[i]);
		if (!alone && (i + 1 == count || !same_line(sorted[i]->at, sorted[i + 1]->at)))
			put_after(&excerpt, sorted[i]->at, context,
				  i + 1 < count && sorted[i + 1]->at.input == sorted[i]->at.input
				  ? sorted[i + 1]->at.line : 0);
	}
	sheet_end_full(sheet);
}
