/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/drawing.h"

#include <inttypes.h>

#define BAR_COLUMNS 62u
#define LABEL "= pool  "

/* One part of the bar: `columns` fill characters with its words inside, when
 * they fit. */
struct part {
	unsigned columns;
	char fill;
	char words[96];
	bool inside;
};

static uint64_t used_pages(const struct drawing *drawing)
{
	return pfn_range_size((struct pfn_range){ drawing->plan.start, drawing->used_end });
}

/* Columns of the first `pages` of `total`: rounded, but a part that exists is
 * seen, and so is what is left. */
static unsigned columns_of(uint64_t pages, uint64_t total)
{
	uint64_t columns = (uint64_t)((double)pages / (double)total * BAR_COLUMNS + 0.5);

	if (!pages)
		return 0;
	if (pages >= total)
		return BAR_COLUMNS;
	if (columns < 1)
		return 1;
	return columns > BAR_COLUMNS - 1 ? BAR_COLUMNS - 1 : (unsigned)columns;
}

static void say(struct part *part, const char *name, const char *says, uint64_t pages)
{
	if (says)
		snprintf(part->words, sizeof(part->words), "%s: %s", name, says);
	else
		snprintf(part->words, sizeof(part->words), "%s: %" PRIu64 " page%s", name, pages,
			 pages == 1 ? "" : "s");
	part->inside = strlen(part->words) + 2 <= part->columns;
}

/* The bar's parts, two at most. */
static unsigned parts_of(const struct drawing *drawing, struct part parts[2])
{
	uint64_t total = pfn_range_size(drawing->plan), used = used_pages(drawing);
	unsigned count = 0;

	if (!drawing->used_end_known) {
		parts[0] = (struct part){ .columns = BAR_COLUMNS, .fill = '?' };
		say(&parts[0], "start-top", drawing->used_says, total);
		return 1;
	}
	if (used > total)
		used = total;
	if (used) {
		parts[count] = (struct part){ .columns = columns_of(used, total), .fill = '=' };
		say(&parts[count++], used < total ? "start-end" : "start-top, all used",
		    drawing->used_says, used);
	}
	if (used < total) {
		parts[count] = (struct part){ .columns = BAR_COLUMNS - columns_of(used, total),
					      .fill = '.' };
		say(&parts[count++], used ? "end-top" : "start-top, none used", drawing->tail_says,
		    total - used);
	}
	return count;
}

static void put_fill(const struct screen *screen, char fill, unsigned count)
{
	for (; count; count--)
		putc_unlocked(fill, screen->out);
}

static void put_part(const struct screen *screen, const struct part *part)
{
	unsigned length = part->inside ? (unsigned)strlen(part->words) : 0;
	unsigned left = (part->columns - length) / 2;

	put_fill(screen, part->fill, left);
	if (length)
		screen_puts(screen, part->words);
	put_fill(screen, part->fill, part->columns - length - left);
	putc_unlocked('|', screen->out);
}

static void put_label(const struct screen *screen, unsigned gutter, const char *label)
{
	fprintf(screen->out, "%*s %-*s", (int)gutter, "", (int)sizeof(LABEL) - 1, label);
}

/* Column of the marked frame in the bar, counted from its left '|'. It lies
 * in the part it belongs to, whatever the rounding. */
static unsigned mark_column(const struct drawing *drawing, const struct part *parts,
			    unsigned count)
{
	uint64_t total = pfn_range_size(drawing->plan);
	uint64_t offset = drawing->mark.n - drawing->plan.start.n;
	unsigned column = (unsigned)((double)offset / (double)total * BAR_COLUMNS);
	unsigned first = parts[0].columns;

	if (column > BAR_COLUMNS - 1)
		column = BAR_COLUMNS - 1;
	if (count == 1)
		return column + 1;
	if (drawing->mark.n < drawing->used_end.n)
		return (column < first ? column : first - 1) + 1;
	/* One more '|' stands between the parts. */
	return (column >= first ? column : first) + 2;
}

static void put_mark(const struct screen *screen, const struct drawing *drawing,
		     const struct part *parts, unsigned count, unsigned gutter)
{
	unsigned base = gutter + (unsigned)sizeof(LABEL);
	char words[160];
	unsigned column;

	/* A rule may name the frame in its own words. */
	if (drawing->mark_says && strstr(drawing->mark_says, "pfn"))
		snprintf(words, sizeof(words), "%s", drawing->mark_says);
	else
		snprintf(words, sizeof(words), "pfn 0x%" PRIx64 "%s%s", drawing->mark.n,
			 drawing->mark_says ? ", " : "",
			 drawing->mark_says ? drawing->mark_says : "");
	screen_ink(screen, INK_MARK);
	if (!pfn_range_holds(drawing->plan, drawing->mark)) {
		put_label(screen, gutter, "");
		fprintf(screen->out, "(outside: ");
		screen_puts(screen, words);
		fputs_unlocked(")", screen->out);
	} else {
		column = base + mark_column(drawing, parts, count);
		if (column + 2 + strlen(words) <= screen_columns(screen) || column < strlen(words) + 2) {
			fprintf(screen->out, "%*s^ ", (int)column, "");
			screen_puts(screen, words);
		} else {
			fprintf(screen->out, "%*s", (int)column - 1 - (int)strlen(words), "");
			screen_puts(screen, words);
			fputs_unlocked(" ^", screen->out);
		}
	}
	screen_plain(screen);
	putc_unlocked('\n', screen->out);
}

/* Words that found no room in the bar, and the frames at its ends. */
static void put_legend(const struct screen *screen, const struct drawing *drawing,
		       const struct part *parts, unsigned count, unsigned gutter)
{
	put_label(screen, gutter, "");
	fprintf(screen->out, "pfn 0x%" PRIx64 "-0x%" PRIx64, drawing->plan.start.n,
		drawing->plan.end.n);
	if (drawing->used_end_known && count == 2)
		fprintf(screen->out, ", end 0x%" PRIx64, drawing->used_end.n);
	if (!drawing->used_end_known)
		fputs_unlocked("; where the used part ends is not told", screen->out);
	for (unsigned i = 0; i < count; i++) {
		if (parts[i].inside)
			continue;
		fputs_unlocked("; ", screen->out);
		screen_puts(screen, parts[i].words);
	}
	putc_unlocked('\n', screen->out);
}

void drawing_put(const struct screen *screen, const struct drawing *drawing, unsigned gutter)
{
	struct part parts[2];
	unsigned count;

	if (!drawing->wanted || pfn_range_empty(drawing->plan))
		return;
	count = parts_of(drawing, parts);
	put_label(screen, gutter, LABEL);
	putc_unlocked('|', screen->out);
	for (unsigned i = 0; i < count; i++)
		put_part(screen, &parts[i]);
	putc_unlocked('\n', screen->out);
	if (drawing->mark_wanted)
		put_mark(screen, drawing, parts, count, gutter);
	put_legend(screen, drawing, parts, count, gutter);
}
