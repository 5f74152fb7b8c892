/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/human_against.h"

#include "core/compare.h"

/* Rows of one section; callers named in one row. */
#define ROWS_SHOWN 5u
#define NAMED_SHOWN 5u

#define LABEL_WIDTH 26u   /* columns before a row's words */
#define SIDE_WIDTH 6u     /* "good  ", "bad   " */

static void put_label(const struct screen *screen, const char *section, const char *what,
		      const char *how)
{
	char words[128];
	int width = snprintf(words, sizeof(words), "  %s%s%s%s", section, *what ? " " : "", what, how);

	screen_puts(screen, words);
	if (width < (int)LABEL_WIDTH) {
		screen_spaces(screen, LABEL_WIDTH - (unsigned)width);
	} else {
		putc_unlocked('\n', screen->out);
		screen_spaces(screen, LABEL_WIDTH);
	}
}

static void put_side(const struct screen *screen, const char *side, const char *words,
		     struct loc at, bool first)
{
	unsigned column = LABEL_WIDTH + SIDE_WIDTH;
	char line[32] = "";

	if (!first)
		screen_spaces(screen, LABEL_WIDTH);
	screen_ink(screen, INK_BOLD);
	fprintf(screen->out, "%-*s", (int)SIDE_WIDTH, side);
	screen_plain(screen);
	column = screen_flow(screen, column, LABEL_WIDTH + SIDE_WIDTH, words);
	if (at.line)
		snprintf(line, sizeof(line), " (line %u)", at.line);
	screen_flow(screen, column, LABEL_WIDTH + SIDE_WIDTH, line);
	putc_unlocked('\n', screen->out);
}

static void put_change(const struct screen *screen, const struct change *change)
{
	const char *section = change_section_name(change->section);
	bool named = change->section == CHANGED_WHO || change->section == CHANGED_POOL ||
		     change->section == CHANGED_END;
	bool only = change->section == CHANGED_MAP || change->section == CHANGED_TABLES ||
		    change->section == CHANGED_MAPPED;

	put_label(screen, named ? change->what : section, named || only ? "" : change->what,
		  change->kind == CHANGE_NEW ? ", new" : change->kind == CHANGE_GONE ? ", gone" : "");
	if (change->good)
		put_side(screen, "good", change->good, change->good_at, true);
	if (change->bad)
		put_side(screen, "bad", change->bad, change->bad_at, !change->good);
}

/* A reservation of which it is enough to say who. */
static bool is_brief(const struct change *change)
{
	return change->section == CHANGED_RESERVED &&
	       (change->kind != CHANGE_RESIZED || change->slight);
}

/* "106 MiB" of "106 MiB in 3 ranges: ..." */
static struct text size_part(const struct change *change)
{
	const char *words = change->good ? change->good : change->bad;
	const char *end = strstr(words, " in ");

	return (struct text){ words, end ? (size_t)(end - words) : strcspn(words, ":") };
}

/* "reserved, gone           BOOTMEM 106 MiB, PGTABLE 6080 KiB, ..." */
static void put_brief(const struct screen *screen, const struct comparison *against,
		      enum change_kind kind)
{
	unsigned column = LABEL_WIDTH, named = 0, left = 0;
	char words[160];

	for (uint32_t i = 0; i < against->count; i++) {
		const struct change *change = &against->changes[i];

		if (!is_brief(change) || change->kind != kind)
			continue;
		if (named == NAMED_SHOWN) {
			left++;
			continue;
		}
		if (!named)
			put_label(screen, "reserved,", change_kind_word(kind),
				  kind == CHANGE_MOVED ? " only" :
				  kind == CHANGE_RESIZED ? " slightly" : "");
		snprintf(words, sizeof(words), "%s%s %.*s", named ? ", " : "", change->what,
			 TEXT_ARG(size_part(change)));
		column = screen_flow(screen, column, LABEL_WIDTH, words);
		named++;
	}
	if (left) {
		snprintf(words, sizeof(words), " and %u more (-v)", left);
		screen_flow(screen, column, LABEL_WIDTH, words);
	}
	if (named)
		putc_unlocked('\n', screen->out);
}

static void put_section(const struct screen *screen, const struct comparison *against,
			enum change_section section, bool all)
{
	uint32_t shown = 0, left = 0;

	for (uint32_t i = 0; i < against->count; i++) {
		const struct change *change = &against->changes[i];

		if (change->section != section || (is_brief(change) && !all))
			continue;
		if (shown < ROWS_SHOWN || all) {
			put_change(screen, change);
			shown++;
		} else {
			left++;
		}
	}
	if (left) {
		put_label(screen, change_section_name(section), "", "");
		fprintf(screen->out, "and %u more (-v)\n", left);
	}
	if (section != CHANGED_RESERVED || all)
		return;
	put_brief(screen, against, CHANGE_RESIZED);
	put_brief(screen, against, CHANGE_NEW);
	put_brief(screen, against, CHANGE_GONE);
	put_brief(screen, against, CHANGE_MOVED);
}

/* --- the first divergence ------------------------------------------------------ */

static void put_line(const struct screen *screen, const char *side, const struct fact_event *event,
		     const char *words)
{
	struct text line = text_of(words ? words : "");
	unsigned room = screen_quote_columns(screen) - 18;

	screen_ink(screen, INK_BOLD);
	fprintf(screen->out, "    %-5s", side);
	screen_plain(screen);
	if (!event) {
		fputs_unlocked("      | (no more such lines)\n", screen->out);
		return;
	}
	fprintf(screen->out, "%5u | ", event->at.line);
	if (line.length > room) {
		line.length = room - 3;
		screen_put(screen, line);
		fputs_unlocked("...\n", screen->out);
		return;
	}
	screen_put(screen, line);
	putc_unlocked('\n', screen->out);
}

static void put_divergence(const struct screen *screen, const struct divergence *divergence)
{
	const struct fact_event *good = divergence->good;

	fprintf(screen->out, "  %s lines part here:\n",
		divergence->speaker == SPEAKER_XEN ? "Xen's" : "the kernel's");
	put_line(screen, "good", good, good ? good->line : NULL);
	put_line(screen, "bad", divergence->bad, divergence->bad_line);
}

void human_against(const struct screen *screen, const struct boot_report *boot, bool all)
{
	const struct comparison *against = boot->against;

	screen_puts(screen, "against ");
	screen_puts(screen, against->good_name);
	if (against->good_boot > 1)
		fprintf(screen->out, ", boot %u", against->good_boot);
	if (against->good_blamed)
		screen_puts(screen, " (which has errors of its own)");
	if (!against->count && !against->divergence_count) {
		screen_puts(screen, ": nothing moved");
		putc_unlocked('\n', screen->out);
		return;
	}
	screen_puts(screen, ": what moved");
	putc_unlocked('\n', screen->out);
	put_section(screen, against, CHANGED_WHO, all);
	for (uint32_t i = 0; i < against->divergence_count; i++)
		put_divergence(screen, &against->divergences[i]);
	for (enum change_section section = CHANGED_WHO + 1; section < CHANGED_COUNT; section++)
		put_section(screen, against, section, all);
	if (against->more)
		fprintf(screen->out, "  and %u changes more\n", against->more);
}
