/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/xml/rule_lists.h"

#include "core/rule.h"

/* How often each rule found something, by severity: what a reader looks for. */
static uint32_t count_findings(const struct boot_report *boot, const struct rule *rule)
{
	uint32_t count = 0;

	for (const struct finding *f = boot->findings; f; f = f->next)
		count += f->shown && f->rule == rule;
	return count;
}

static void begin_list(struct sheet *sheet, const char *title, uint32_t count, bool open)
{
	sheet_begin(sheet, "details");
	sheet_attribute(sheet, "class", "rules");
	if (open)
		sheet_attribute(sheet, "open", "open");
	sheet_begin(sheet, "summary");
	sheet_printf(sheet, "%u rule%s %s", count, count == 1 ? "" : "s", title);
	sheet_end(sheet);
}

static void put_rule(struct sheet *sheet, const struct rule *rule)
{
	sheet_element(sheet, "code", NULL, rule->id);
	sheet_puts(sheet, " ");
	sheet_puts(sheet, rule->name);
}

static void put_judged(struct sheet *sheet, const struct boot_report *boot)
{
	begin_list(sheet, "judged", boot->judged, false);
	sheet_begin(sheet, "ul");
	for (size_t i = 0; i < rule_count; i++) {
		uint32_t found;

		if (boot->results[i].judgement != JUDGED)
			continue;
		found = count_findings(boot, rule_table[i]);
		sheet_begin(sheet, "li");
		if (found)
			sheet_attribute(sheet, "class", "found");
		sheet_attribute(sheet, "title", rule_table[i]->title);
		put_rule(sheet, rule_table[i]);
		sheet_puts(sheet, found ? ": found" : ": nothing found");
		sheet_end(sheet);
	}
	sheet_end_full(sheet);
	sheet_end(sheet);
}

/* Rules that lack the same are one entry: what they lack, and how to get it. */
static bool alike(const struct rule_result *a, const struct rule_result *b)
{
	if (a->judgement != b->judgement || a->lacking != b->lacking)
		return false;
	if (!a->reason || !b->reason)
		return a->reason == b->reason;
	return !strcmp(a->reason, b->reason);
}

static bool is_first(const struct boot_report *boot, size_t rule)
{
	for (size_t i = 0; i < rule; i++)
		if (alike(&boot->results[i], &boot->results[rule]))
			return false;
	return true;
}

static void put_reason(struct sheet *sheet, const struct rule_result *result)
{
	if (result->judgement == NOT_APPLICABLE) {
		sheet_element(sheet, "dt", NULL, result->reason);
		return;
	}
	sheet_begin(sheet, "dt");
	for (uint32_t lacking = result->lacking; lacking; lacking &= lacking - 1)
		sheet_printf(sheet, "%s %s", lacking == result->lacking ? "needs" : " and",
			     evidence_name((enum evidence)(lacking & -lacking)));
	sheet_end(sheet);
	for (uint32_t lacking = result->lacking; lacking; lacking &= lacking - 1) {
		enum evidence bit = (enum evidence)(lacking & -lacking);

		sheet_begin(sheet, "dd");
		sheet_attribute(sheet, "class", "how");
		sheet_puts(sheet, evidence_remedy(bit));
		sheet_end(sheet);
	}
}

static void put_members(struct sheet *sheet, const struct boot_report *boot, size_t first)
{
	const char *separator = "";

	sheet_begin(sheet, "dd");
	for (size_t i = first; i < rule_count; i++) {
		if (!alike(&boot->results[first], &boot->results[i]))
			continue;
		sheet_puts(sheet, separator);
		put_rule(sheet, rule_table[i]);
		separator = ", ";
	}
	sheet_end(sheet);
}

static void put_unjudged(struct sheet *sheet, const struct boot_report *boot,
			 enum judgement judgement, uint32_t count, const char *title)
{
	if (!count)
		return;
	begin_list(sheet, title, count, judgement == NOT_CHECKED && boot->no_verdict);
	sheet_begin(sheet, "dl");
	for (size_t i = 0; i < rule_count; i++) {
		if (boot->results[i].judgement != judgement || !is_first(boot, i))
			continue;
		put_reason(sheet, &boot->results[i]);
		put_members(sheet, boot, i);
	}
	sheet_end(sheet);
	sheet_end(sheet);
}

void rule_lists_put(struct sheet *sheet, const struct boot_report *boot)
{
	sheet_element(sheet, "h3", NULL, "What was judged");
	put_judged(sheet, boot);
	put_unjudged(sheet, boot, NOT_CHECKED, boot->not_checked, "not checked, for want of evidence");
	put_unjudged(sheet, boot, NOT_APPLICABLE, boot->not_applicable, "of no concern to this boot");
	if (boot->oracle_dumps) {
		sheet_begin(sheet, "p");
		sheet_attribute(sheet, "class", "small");
		sheet_printf(sheet, "The kernel's own memblock lists: %u compared with the replay, %u equal.",
			     boot->oracle_dumps, boot->oracle_agreed);
		sheet_end(sheet);
	}
}
