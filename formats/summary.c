/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/summary.h"

enum exit_status worse_status(enum exit_status a, enum exit_status b)
{
	static const uint8_t rank[] = {
		[EXIT_CLEAN] = 0, [EXIT_NO_VERDICT] = 1, [EXIT_FINDINGS] = 2,
		[EXIT_TROUBLE] = 3, [EXIT_USAGE] = 4,
	};

	return rank[a] >= rank[b] ? a : b;
}

/* The rules that an input has findings of. */
struct rule_set { uint64_t bits[(RULES_MAX + 63) / 64]; };

static void count_rule(struct summary *summary, size_t rule, struct rule_set *seen)
{
	uint64_t bit = UINT64_C(1) << (rule % 64), *bits = &seen->bits[rule / 64];

	summary->rule_findings[rule]++;
	summary->rule_inputs[rule] += !(*bits & bit);
	*bits |= bit;
}

static void count_findings(struct summary *summary, const struct boot_report *boot,
			   struct rule_set *seen)
{
	for (const struct finding *f = boot->findings; f; f = f->next) {
		summary->suppressed += f->suppressed != NULL;
		if (!f->shown)
			continue;
		summary->found_new += f->standing == STANDING_NEW;
		summary->unchanged += f->standing == STANDING_UNCHANGED;
		summary->errors += f->severity == SEV_ERROR;
		summary->warnings += f->severity == SEV_WARNING;
		summary->notes += f->severity == SEV_NOTE;
		count_rule(summary, rule_index(f->rule), seen);
	}
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* So many inputs more, of which one has least and one has most. */
static void add_inputs(struct summary *to, uint64_t inputs, uint64_t bytes_min,
		       uint64_t bytes_max, uint64_t lines_min, uint64_t lines_max)
{
	to->bytes_min = to->inputs ? least(to->bytes_min, bytes_min) : bytes_min;
	to->lines_min = to->inputs ? least(to->lines_min, lines_min) : lines_min;
	to->bytes_max = most(to->bytes_max, bytes_max);
	to->lines_max = most(to->lines_max, lines_max);
	to->inputs += inputs;
}

void summary_add_input(struct summary *to, const struct input_report *input)
{
	struct rule_set seen = { { 0 } };

	add_inputs(to, 1, input->bytes, input->bytes, input->lines, input->lines);
	to->boots += input->clean_boots_more;
	to->notes += input->notes_more;
	to->bytes += input->bytes;
	to->lines += input->lines;
	to->by_verdict[input->verdict]++;
	to->verdict = worse_status(to->verdict, input->verdict);
	for (const struct absent *a = input->absent; a; a = a->next)
		to->absent++;
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		to->boots++;
		count_findings(to, boot, &seen);
	}
}

void summary_add(struct summary *to, const struct summary *from)
{
	if (!from->inputs) {
		to->verdict = worse_status(to->verdict, from->verdict);
		return;
	}
	add_inputs(to, from->inputs, from->bytes_min, from->bytes_max, from->lines_min,
		   from->lines_max);
	to->boots += from->boots;
	to->errors += from->errors;
	to->warnings += from->warnings;
	to->notes += from->notes;
	to->suppressed += from->suppressed;
	to->found_new += from->found_new;
	to->unchanged += from->unchanged;
	to->absent += from->absent;
	to->bytes += from->bytes;
	to->lines += from->lines;
	for (size_t i = 0; i < ARRAY_LEN(to->by_verdict); i++)
		to->by_verdict[i] += from->by_verdict[i];
	for (size_t i = 0; i < rule_count; i++) {
		to->rule_findings[i] += from->rule_findings[i];
		to->rule_inputs[i] += from->rule_inputs[i];
	}
	to->verdict = worse_status(to->verdict, from->verdict);
}
