/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/tally.h"

#include "core/rule.h"

enum judgement tally_rule(const struct input_report *input, size_t rule)
{
	enum judgement best = input->boots ? NOT_APPLICABLE : NOT_CHECKED;

	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		if (boot->results[rule].judgement < best)
			best = boot->results[rule].judgement;
	return best;
}

static void count_finding(struct tally *tally, const struct finding *f)
{
	tally->suppressed += f->suppressed != NULL;
	if (!f->shown)
		return;
	tally->by_severity[f->severity]++;
	tally->new += f->standing == STANDING_NEW;
	tally->unchanged += f->standing == STANDING_UNCHANGED;
}

const char *standing_word(enum standing standing)
{
	static const char *const words[] = {
		[STANDING_NEW] = "new", [STANDING_UNCHANGED] = "unchanged",
	};

	return words[standing];
}

const char *sureness(const struct finding *finding)
{
	static const char *const words[][4] = {
		[PROVED] = { "proved", "proved, new", "proved, unchanged", "proved, suppressed" },
		[INFERRED] = { "inferred", "inferred, new", "inferred, unchanged",
			       "inferred, suppressed" },
		[SUSPECTED] = { "suspected", "suspected, new", "suspected, unchanged",
				"suspected, suppressed" },
	};

	_Static_assert(STANDING_NEW == 1 && STANDING_UNCHANGED == 2, "the columns");
	return words[finding->certainty][finding->suppressed ? 3 : finding->standing];
}

struct tally tally_input(const struct input_report *input)
{
	struct tally tally = { .judged = 0 };

	_Static_assert(JUDGED < NOT_CHECKED && NOT_CHECKED < NOT_APPLICABLE,
		       "tally_rule() takes the least");
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			count_finding(&tally, f);
	for (const struct absent *a = input->absent; a; a = a->next)
		tally.absent++;
	for (size_t i = 0; i < rule_count; i++) {
		switch (tally_rule(input, i)) {
		case JUDGED:
			tally.judged++;
			tally.left_out += input->boots->results[i].left_out;
			break;
		case NOT_CHECKED:
			tally.not_checked++;
			break;
		case NOT_APPLICABLE:
			tally.not_applicable++;
			break;
		}
	}
	return tally;
}

const struct finding *shown_cause(const struct finding *finding)
{
	return finding->cause && finding->cause->shown ? finding->cause : NULL;
}
