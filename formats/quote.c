/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/quote.h"

#include <ctype.h>
#include <inttypes.h>

/* Bytes of a line that are looked at: the corpus' longest has 2.6 KiB. */
#define QUOTE_BYTES 4096u
/* A byte takes up to four columns: "\x1b". */
#define BYTE_COLUMNS 4u
#define GUTTER_MIN 4u
#define CARETS ARRAY_LEN(((struct note *)NULL)->carets)

/* One line of the input, and how it looks. Bytes above 0x7f are escaped even
 * when they are good UTF-8: a caret must stand below the right column on any
 * terminal. */
struct shown {
	char raw[QUOTE_BYTES];
	size_t raw_length;
	char text[QUOTE_BYTES * BYTE_COLUMNS];
	uint32_t column[QUOTE_BYTES + 1];   /* of each raw byte; [raw_length]: the end */
};

/* Columns [start, end) of the text are underlined. */
struct placed {
	unsigned start, end;
	const char *says;       /* NULL: nothing */
	bool said;
};

unsigned quote_gutter(const struct finding *finding)
{
	uint64_t highest = 0;
	unsigned digits = 1;

	for (uint32_t i = 0; i < finding->note_count; i++)
		if (loc_number(finding->notes[i].at) > highest)
			highest = loc_number(finding->notes[i].at);
	for (; highest >= 10; highest /= 10)
		digits++;
	return digits < GUTTER_MIN ? GUTTER_MIN : digits;
}

static void make_printable(struct shown *shown)
{
	uint32_t to = 0;

	for (size_t i = 0; i < shown->raw_length; i++) {
		unsigned char byte = (unsigned char)shown->raw[i];

		shown->column[i] = to;
		if (byte >= 0x20 && byte < 0x7f)
			shown->text[to++] = (char)byte;
		else if (byte == '\t')
			shown->text[to++] = ' ';
		else
			to += (uint32_t)snprintf(shown->text + to, BYTE_COLUMNS + 1, "\\x%02x", byte);
	}
	shown->column[shown->raw_length] = to;
}

static bool read_line(struct shown *shown, struct source *source, struct loc at)
{
	shown->raw_length = source ? source_quote(source, at, shown->raw, QUOTE_BYTES - 1) : 0;
	while (shown->raw_length && shown->raw[shown->raw_length - 1] == '\r')
		shown->raw_length--;
	make_printable(shown);
	return shown->raw_length > 0;
}

/* --- carets -------------------------------------------------------------- */

static bool whole_word(const struct shown *shown, size_t at, size_t length)
{
	if (at && isalnum((unsigned char)shown->raw[at - 1]))
		return false;
	return at + length >= shown->raw_length ||
	       !isalnum((unsigned char)shown->raw[at + length]);
}

/* Where the mark stands at or after `from`: as a word of its own if it does
 * so anywhere, since "1" or "e0" is part of many a number. */
static bool find_mark(const struct shown *shown, const char *mark, size_t from, size_t *found)
{
	size_t length = strlen(mark);
	const char *at, *first = NULL;

	while (from + length <= shown->raw_length) {
		at = memmem(shown->raw + from, shown->raw_length - from, mark, length);
		if (!at)
			break;
		if (!first)
			first = at;
		*found = (size_t)(at - shown->raw);
		if (whole_word(shown, *found, length))
			return true;
		from = *found + 1;
	}
	if (first)
		*found = (size_t)(first - shown->raw);
	return first != NULL;
}

/* The note's carets that are found in the line, from left to right. Two with
 * the same mark stand for its first and second place. */
static unsigned place_carets(const struct shown *shown, const struct note *note,
			     struct placed *placed, bool *placed_caret)
{
	unsigned count = 0;

	for (unsigned i = 0; i < CARETS && note->carets[i].mark; i++) {
		const struct caret *caret = &note->carets[i];
		size_t from = 0, at;
		struct placed new;
		unsigned to;

		for (unsigned j = 0; j < i; j++)
			if (!strcmp(note->carets[j].mark, caret->mark) &&
			    find_mark(shown, caret->mark, from, &at))
				from = at + 1;
		placed_caret[i] = find_mark(shown, caret->mark, from, &at);
		if (!placed_caret[i])
			continue;
		new = (struct placed){ .start = shown->column[at],
				       .end = shown->column[at + strlen(caret->mark)],
				       .says = caret->says };
		for (to = count++; to && placed[to - 1].start > new.start; to--)
			placed[to] = placed[to - 1];
		placed[to] = new;
	}
	return count;
}

unsigned quote_column(struct source *source, const struct note *note)
{
	struct shown shown;
	size_t at;

	if (!note->carets[0].mark || !read_line(&shown, source, note->at))
		return 1;
	return find_mark(&shown, note->carets[0].mark, 0, &at) ? (unsigned)at + 1 : 1;
}

/* --- the window ---------------------------------------------------------- */

/* The part [start, end) of a long line that is shown, "..." where it is cut. */
struct window {
	unsigned start, end;
	bool cut_left, cut_right;
};

#define DOTS 3u
#define LEAD 24u   /* columns kept before the first caret of a cut line */

static struct window window_of(const struct shown *shown, const struct placed *placed,
			       unsigned count, unsigned width)
{
	unsigned length = shown->column[shown->raw_length];
	struct window window = { 0, length, false, false };

	if (length <= width)
		return window;
	if (count && placed[count - 1].end > width - DOTS) {
		window.start = placed[0].start > LEAD ? placed[0].start - LEAD : 0;
		/* Better less lead than a caret outside. */
		if (placed[count - 1].end > window.start + width - 2 * DOTS)
			window.start = placed[count - 1].end - (width - 2 * DOTS);
		if (window.start > placed[0].start)
			window.start = placed[0].start;
	}
	window.cut_left = window.start > 0;
	window.end = window.start + width - (window.cut_left ? DOTS : 0);
	if (window.end < length) {
		window.end -= DOTS;
		window.cut_right = true;
	} else {
		window.end = length;
	}
	return window;
}

/* Moves carets from the line's columns to those of the screen; one outside
 * the window cannot be drawn and is left out. */
static unsigned move_carets(struct placed *placed, unsigned count, const struct window *window)
{
	unsigned kept = 0, shift = window->cut_left ? DOTS : 0;

	for (unsigned i = 0; i < count; i++) {
		struct placed caret = placed[i];

		if (caret.start < window->start || caret.start >= window->end)
			continue;
		if (caret.end > window->end)
			caret.end = window->end;
		caret.start = caret.start - window->start + shift;
		caret.end = caret.end - window->start + shift;
		placed[kept++] = caret;
	}
	return kept;
}

/* --- drawing ------------------------------------------------------------- */

static void put_gutter(const struct screen *screen, unsigned gutter, uint64_t number)
{
	screen_ink(screen, INK_NOTE);
	if (number)
		fprintf(screen->out, "%*" PRIu64 " | ", (int)gutter, number);
	else
		fprintf(screen->out, "%*s | ", (int)gutter, "");
	screen_plain(screen);
}

static void put_line(const struct screen *screen, const struct shown *shown,
		     const struct window *window)
{
	if (window->cut_left)
		fputs_unlocked("...", screen->out);
	fwrite_unlocked(shown->text + window->start, 1, window->end - window->start, screen->out);
	if (window->cut_right)
		fputs_unlocked("...", screen->out);
	putc_unlocked('\n', screen->out);
}

static unsigned put_underline(const struct screen *screen, unsigned at, const struct placed *caret)
{
	screen_spaces(screen, caret->start - at);
	putc_unlocked('^', screen->out);
	for (at = caret->start + 1; at < caret->end; at++)
		putc_unlocked('~', screen->out);
	return at;
}

/* The row of carets; words stand beside theirs where they fit before the next
 * one. */
static void put_caret_row(const struct screen *screen, struct placed *placed, unsigned count,
			  unsigned width)
{
	unsigned at = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned limit = i + 1 < count ? placed[i + 1].start : width + 1;
		size_t length = placed[i].says ? strlen(placed[i].says) : 0;

		if (placed[i].start < at)
			continue;   /* overlaps the one before; its words follow below */
		at = put_underline(screen, at, &placed[i]);
		placed[i].said = !length;
		if (!length || at + 1 + length + 1 > limit)
			continue;
		putc_unlocked(' ', screen->out);
		screen_puts(screen, placed[i].says);
		at += 1 + (unsigned)length;
		placed[i].said = true;
	}
	putc_unlocked('\n', screen->out);
}

/* Words that did not fit stand below their carets, the rightmost first, so
 * that none hides another. */
static void put_words_below(const struct screen *screen, const struct placed *placed,
			    unsigned count, unsigned gutter, unsigned width)
{
	for (unsigned i = count; i-- > 0;) {
		unsigned start = placed[i].start;
		size_t length;

		if (placed[i].said || !placed[i].says)
			continue;
		length = strlen(placed[i].says);
		if (start + length > width)
			start = length < width ? width - (unsigned)length : 0;
		put_gutter(screen, gutter, 0);
		screen_ink(screen, INK_MARK);
		screen_spaces(screen, start);
		screen_puts(screen, placed[i].says);
		screen_plain(screen);
		putc_unlocked('\n', screen->out);
	}
}

static void put_carets(const struct screen *screen, struct placed *placed, unsigned count,
		       unsigned gutter, unsigned width)
{
	if (!count)
		return;
	put_gutter(screen, gutter, 0);
	screen_ink(screen, INK_MARK);
	put_caret_row(screen, placed, count, width);
	screen_plain(screen);
	put_words_below(screen, placed, count, gutter, width);
}

void quote_remark(const struct screen *screen, unsigned gutter, const char *label,
		  const char *words)
{
	unsigned indent = gutter + 3 + (*label ? (unsigned)strlen(label) + 2 : 0);

	fprintf(screen->out, "%*s = ", (int)gutter, "");
	if (*label) {
		screen_ink(screen, INK_BOLD);
		fprintf(screen->out, "%s:", label);
		screen_plain(screen);
		putc_unlocked(' ', screen->out);
	}
	screen_wrap(screen, indent, indent, words);
}

/* --- context ------------------------------------------------------------- */

/* The start of the line that ends before `end`. */
static size_t line_start(const char *bytes, size_t end)
{
	while (end && bytes[end - 1] != '\n')
		end--;
	return end;
}

static void put_context_line(const struct screen *screen, const char *bytes, size_t length,
			     unsigned gutter, uint32_t number)
{
	struct shown shown;
	struct window window;

	shown.raw_length = length < QUOTE_BYTES - 1 ? length : QUOTE_BYTES - 1;
	memcpy(shown.raw, bytes, shown.raw_length);
	while (shown.raw_length && shown.raw[shown.raw_length - 1] == '\r')
		shown.raw_length--;
	make_printable(&shown);
	window = window_of(&shown, NULL, 0, screen_quote_columns(screen) - gutter - 3);
	put_gutter(screen, gutter, number);
	put_line(screen, &shown, &window);
}

/* Up to `count` whole lines before `at`, as far as one block reaches back. */
static void put_lines_before(const struct screen *screen, struct source *source, struct loc at,
			     unsigned gutter, unsigned count)
{
	uint32_t room = at.offset < QUOTE_BYTES ? (uint32_t)at.offset : QUOTE_BYTES;
	struct loc block = { .offset = at.offset - room, .length = room, .input = at.input };
	char bytes[QUOTE_BYTES];
	size_t got = room ? source_quote(source, block, bytes, room) : 0;
	size_t start = got;
	unsigned lines = 0;

	while (lines < count && lines + 1 < at.line && start) {
		size_t before = line_start(bytes, start - 1);

		if (!before && block.offset)
			break;
		start = before;
		lines++;
	}
	for (; lines; lines--) {
		const char *end = memchr(bytes + start, '\n', got - start);
		size_t length = end ? (size_t)(end - bytes) - start : got - start;

		put_context_line(screen, bytes + start, length, gutter, at.line - lines);
		start += length + 1;
	}
}

static void put_lines_after(const struct screen *screen, struct source *source, struct loc at,
			    unsigned gutter, unsigned count)
{
	struct loc block = { .offset = at.offset + at.length, .length = QUOTE_BYTES,
			     .input = at.input };
	char bytes[QUOTE_BYTES];
	size_t got = source_quote(source, block, bytes, QUOTE_BYTES);
	const char *end = memchr(bytes, '\n', got);

	for (unsigned i = 1; i <= count && end; i++) {
		const char *start = end + 1;

		end = memchr(start, '\n', got - (size_t)(start - bytes));
		if (end)
			put_context_line(screen, start, (size_t)(end - start), gutter, at.line + i);
	}
}

/* --- a note -------------------------------------------------------------- */

static void put_unplaced(const struct screen *screen, const struct note *note,
			 const bool *placed_caret, unsigned gutter)
{
	for (unsigned i = 0; i < CARETS && note->carets[i].mark; i++)
		if (!placed_caret[i] && note->carets[i].says)
			quote_remark(screen, gutter, note->carets[i].mark, note->carets[i].says);
}

/* A line of another file than the one before: "     --> trace.txt" */
static void put_file(const struct screen *screen, struct source *source, struct loc at,
		     unsigned gutter)
{
	if (!source || !source->next || source->quoted == at.input)
		return;
	source->quoted = at.input;
	screen_spaces(screen, gutter);
	fputs("--> ", screen->out);
	screen_puts(screen, source_of(source, at)->name);
	putc('\n', screen->out);
}

void quote_note(const struct screen *screen, struct source *source, const struct note *note,
		unsigned gutter, unsigned context)
{
	unsigned width = screen_quote_columns(screen) - gutter - 3;
	bool placed_caret[CARETS] = { false };
	struct placed placed[CARETS];
	struct shown shown;
	struct window window;
	unsigned count;

	if (!loc_known(note->at))
		return;
	/* Around a binary record stand no lines. */
	if (source && source_of(source, note->at)->words)
		context = 0;
	put_file(screen, source, note->at, gutter);
	if (read_line(&shown, source, note->at)) {
		if (context)
			put_lines_before(screen, source, note->at, gutter, context);
		count = place_carets(&shown, note, placed, placed_caret);
		window = window_of(&shown, placed, count, width);
		put_gutter(screen, gutter, loc_number(note->at));
		put_line(screen, &shown, &window);
		put_carets(screen, placed, move_carets(placed, count, &window), gutter, width);
	} else {
		put_gutter(screen, gutter, loc_number(note->at));
		fprintf(screen->out, "(this %s)\n", note->at.line ? "line cannot be read again" :
			"record has no words");
	}
	if (note->says)
		quote_remark(screen, gutter, "", note->says);
	put_unplaced(screen, note, placed_caret, gutter);
	if (context && source)
		put_lines_after(screen, source, note->at, gutter, context);
}
