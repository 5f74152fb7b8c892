/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/screen.h"

#include "formats/printable.h"

/* The colours of clang's diagnostics. */
void screen_ink(const struct screen *screen, enum ink ink)
{
	static const char *const codes[] = {
		[INK_BOLD] = "\033[1m",
		[INK_ERROR] = "\033[1;31m",
		[INK_WARNING] = "\033[1;33m",
		[INK_NOTE] = "\033[1;36m",
		[INK_MARK] = "\033[36m",
	};

	if (screen->color)
		fputs_unlocked(codes[ink], screen->out);
}

void screen_plain(const struct screen *screen)
{
	if (screen->color)
		fputs_unlocked("\033[0m", screen->out);
}

void screen_put(const struct screen *screen, struct text words)
{
	size_t from = 0, to = 0;

	while (to < words.length) {
		size_t length = printable_length(words.at + to, words.length - to);

		if (length) {
			to += length;
			continue;
		}
		fwrite_unlocked(words.at + from, 1, to - from, screen->out);
		fprintf(screen->out, "\\x%02x", (unsigned char)words.at[to]);
		from = ++to;
	}
	if (to > from)
		fwrite_unlocked(words.at + from, 1, to - from, screen->out);
}

void screen_spaces(const struct screen *screen, unsigned count)
{
	for (; count; count--)
		putc_unlocked(' ', screen->out);
}

static unsigned bounded(unsigned columns)
{
	if (columns < SCREEN_COLUMNS_MIN)
		return SCREEN_COLUMNS_MIN;
	return columns > SCREEN_COLUMNS_MAX ? SCREEN_COLUMNS_MAX : columns;
}

unsigned screen_columns(const struct screen *screen)
{
	return screen->columns ? bounded(screen->columns) : SCREEN_COLUMNS;
}

unsigned screen_quote_columns(const struct screen *screen)
{
	return screen->columns ? bounded(screen->columns) : QUOTE_COLUMNS;
}

unsigned screen_flow(const struct screen *screen, unsigned at, unsigned indent,
		     const char *words)
{
	unsigned width = screen_columns(screen), column = at;

	while (*words) {
		size_t blanks = strspn(words, " \n");
		size_t length = strcspn(words + blanks, " \n");

		words += blanks;
		if (blanks && length && column > indent && column + 1 + length > width) {
			putc_unlocked('\n', screen->out);
			screen_spaces(screen, indent);
			column = indent;
		} else if (blanks) {
			putc_unlocked(' ', screen->out);
			column++;
		}
		screen_put(screen, (struct text){ words, length });
		column += (unsigned)length;
		words += length;
	}
	return column;
}

void screen_wrap(const struct screen *screen, unsigned at, unsigned indent, const char *words)
{
	screen_flow(screen, at, indent, words + strspn(words, " \n"));
	putc_unlocked('\n', screen->out);
}
