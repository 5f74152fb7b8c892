/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/against.h"

#include "core/compare.h"

/* A range is not broken into lines. */
static void put_words(struct sheet *sheet, const char *words)
{
	const char *start, *end;

	while ((start = strchr(words, '[')) && (end = strchr(start, ')'))) {
		sheet_text(sheet, (struct text){ words, (size_t)(start - words) });
		words = end + 1;
		sheet_begin(sheet, "span");
		sheet_text(sheet, (struct text){ start, (size_t)(words - start) });
		sheet_end(sheet);
	}
	sheet_puts(sheet, words);
}

static void put_cell(struct sheet *sheet, const char *words, struct loc at)
{
	sheet_begin(sheet, "td");
	put_words(sheet, words ? words : "-");
	if (words && at.line) {
		sheet_puts(sheet, " ");
		sheet_begin(sheet, "span");
		sheet_printf(sheet, "(line %u)", at.line);
		sheet_end(sheet);
	}
	sheet_end_full(sheet);
}

/* The section stands before the first change of it. */
static void put_change(struct sheet *sheet, const struct change *change,
		       const struct change *before)
{
	bool first = !before || before->section != change->section;

	sheet_begin(sheet, "tr");
	if (first)
		sheet_attribute(sheet, "class", "first");
	sheet_element(sheet, "th", NULL, first ? change_section_name(change->section) : "");
	sheet_begin(sheet, "td");
	sheet_puts(sheet, change->what);
	if (change->kind != CHANGE_OTHER)
		sheet_printf(sheet, ", %s", change_kind_word(change->kind));
	sheet_end(sheet);
	put_cell(sheet, change->good, change->good_at);
	put_cell(sheet, change->bad, change->bad_at);
	sheet_end(sheet);
}

static void put_table(struct sheet *sheet, const struct comparison *against)
{
	sheet_begin(sheet, "div");
	sheet_attribute(sheet, "class", "wide");
	sheet_attribute(sheet, "tabindex", "0");
	sheet_begin(sheet, "table");
	sheet_attribute(sheet, "class", "against");
	sheet_begin(sheet, "tr");
	sheet_element(sheet, "th", NULL, "");
	sheet_element(sheet, "th", NULL, "what");
	sheet_element(sheet, "th", NULL, "good");
	sheet_element(sheet, "th", NULL, "bad");
	sheet_end(sheet);
	for (uint32_t i = 0; i < against->count; i++)
		put_change(sheet, &against->changes[i], i ? &against->changes[i - 1] : NULL);
	sheet_end(sheet);
	sheet_end(sheet);
}

static void put_line(struct sheet *sheet, const char *side, const struct fact_event *event,
		     const char *line)
{
	if (event)
		sheet_printf(sheet, "%-4s %5u | %s\n", side, event->at.line, line ? line : "");
	else
		sheet_printf(sheet, "%-4s       | (no more such lines)\n", side);
}

static void put_divergence(struct sheet *sheet, const struct divergence *divergence)
{
	sheet_begin(sheet, "p");
	sheet_printf(sheet, "%s lines part here:",
		     divergence->speaker == SPEAKER_XEN ? "Xen's" : "The kernel's");
	sheet_end(sheet);
	sheet_begin(sheet, "pre");
	sheet_attribute(sheet, "tabindex", "0");
	put_line(sheet, "good", divergence->good, divergence->good ? divergence->good->line : NULL);
	put_line(sheet, "bad", divergence->bad, divergence->bad_line);
	sheet_end(sheet);
}

void against_put(struct sheet *sheet, const struct boot_report *boot)
{
	const struct comparison *against = boot->against;

	if (!against)
		return;
	sheet_element(sheet, "h3", NULL, "What moved since the good boot");
	sheet_begin(sheet, "p");
	sheet_printf(sheet, "Against %s, boot %u%s%s", against->good_name, against->good_boot,
		     against->good_blamed ? ", which has errors of its own" : "",
		     against->count || against->divergence_count ? "." : ": nothing moved.");
	sheet_end(sheet);
	for (uint32_t i = 0; i < against->divergence_count; i++)
		put_divergence(sheet, &against->divergences[i]);
	if (against->count)
		put_table(sheet, against);
	if (against->more) {
		sheet_begin(sheet, "p");
		sheet_printf(sheet, "and %u changes more", against->more);
		sheet_end(sheet);
	}
}
