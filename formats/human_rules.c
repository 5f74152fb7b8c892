/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/human_rules.h"

#include "core/rule.h"
#include "formats/mmu_counts.h"

#define INDENT 2u
#define LIST_INDENT 4u

/* Rules of one group, wrapped: "PGT003 pagetable-unreserved, PGT004 ...". */
static void put_member(const struct screen *screen, const struct rule *rule, unsigned *column)
{
	unsigned width = (unsigned)(strlen(rule->id) + 1 + strlen(rule->name));

	if (*column && *column + 2 + width > screen_columns(screen)) {
		fputs_unlocked(",\n", screen->out);
		*column = 0;
	} else if (*column) {
		fputs_unlocked(", ", screen->out);
		*column += 2;
	}
	if (!*column) {
		screen_spaces(screen, LIST_INDENT);
		*column = LIST_INDENT;
	}
	fprintf(screen->out, "%s %s", rule->id, rule->name);
	*column += width;
}

static bool same_group(const struct rule_result *a, const struct rule_result *b)
{
	if (a->judgement == JUDGED && a->left_out != b->left_out)
		return false;
	if (a->judgement != b->judgement || a->lacking != b->lacking)
		return false;
	if (!a->reason || !b->reason)
		return a->reason == b->reason;
	return !strcmp(a->reason, b->reason);
}

static void put_members(const struct screen *screen, const struct boot_report *boot, size_t first)
{
	unsigned column = 0;

	for (size_t i = first; i < rule_count; i++)
		if (same_group(&boot->results[first], &boot->results[i]))
			put_member(screen, rule_table[i], &column);
	putc_unlocked('\n', screen->out);
}

static void put_names(const struct screen *screen, uint32_t lacking)
{
	const char *separator = "";

	for (; lacking; lacking &= lacking - 1) {
		fprintf(screen->out, "%s%s", separator,
			evidence_name((enum evidence)(lacking & -lacking)));
		separator = ", ";
	}
}

static void put_remedies(const struct screen *screen, const struct boot_report *boot,
			 uint32_t lacking)
{
	for (; lacking; lacking &= lacking - 1) {
		screen_spaces(screen, LIST_INDENT);
		fputs_unlocked("-> ", screen->out);
		screen_wrap(screen, LIST_INDENT + 3, LIST_INDENT + 3,
			    boot->remedies[__builtin_ctz(lacking)]);
	}
}

static void put_group(const struct screen *screen, const struct boot_report *boot, size_t first)
{
	const struct rule_result *result = &boot->results[first];

	screen_spaces(screen, INDENT);
	switch (result->judgement) {
	case JUDGED:
		fputs_unlocked(result->left_out ? "judged, and left out of the report:\n" :
			       "judged:\n", screen->out);
		break;
	case NOT_CHECKED:
		fputs_unlocked("not checked, lacking ", screen->out);
		put_names(screen, result->lacking);
		fputs_unlocked(":\n", screen->out);
		break;
	case NOT_APPLICABLE:
		fprintf(screen->out, "not applicable, %s:\n", result->reason);
		break;
	}
	put_members(screen, boot, first);
	if (result->judgement == NOT_CHECKED)
		put_remedies(screen, boot, result->lacking);
}

static bool begins_group(const struct boot_report *boot, size_t rule)
{
	for (size_t i = 0; i < rule; i++)
		if (same_group(&boot->results[i], &boot->results[rule]))
			return false;
	return true;
}

void human_rules(const struct screen *screen, const struct boot_report *boot)
{
	static const enum judgement order[] = { JUDGED, NOT_CHECKED, NOT_APPLICABLE };

	for (size_t o = 0; o < ARRAY_LEN(order); o++)
		for (size_t i = 0; i < rule_count; i++)
			if (boot->results[i].judgement == order[o] && begins_group(boot, i))
				put_group(screen, boot, i);
	if (boot->oracle_dumps)
		fprintf(screen->out, "  MEMBLOCK dumps: %u compared, %u equal\n",
			boot->oracle_dumps, boot->oracle_agreed);
	if (boot->trace)
		mmu_counts_put(screen->out, INDENT, "page-table operations replayed", boot->trace);
}

void human_diagnostics(const struct screen *screen, const struct input_report *input)
{
	uint32_t listed = 0;

	if (input->packing) {
		screen_spaces(screen, INDENT);
		screen_puts(screen, input->name);
		fprintf(screen->out, ": %s, unpacked from %s\n", input->format, input->packing);
	}
	for (const struct diagnostic *d = input->diagnostics; d; d = d->next, listed++) {
		screen_spaces(screen, INDENT);
		screen_puts(screen, input->name);
		if (d->at.line && input->lines_of)
			fprintf(screen->out, ":%s line %u: ", input->lines_of, d->at.line);
		else if (d->at.line)
			fprintf(screen->out, ":%u: ", d->at.line);
		else
			fputs_unlocked(": ", screen->out);
		screen_puts(screen, d->says);
		putc_unlocked('\n', screen->out);
	}
	if (input->diagnostic_count > listed)
		fprintf(screen->out, "  %u more remarks about the input\n",
			input->diagnostic_count - listed);
	if (input->trace)
		human_diagnostics(screen, input->trace);
}
