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

struct tally tally_input(const struct input_report *input)
{
	struct tally tally = { .judged = 0 };

	_Static_assert(JUDGED < NOT_CHECKED && NOT_CHECKED < NOT_APPLICABLE,
		       "tally_rule() takes the least");
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (f->shown)
				tally.by_severity[f->severity]++;
	for (size_t i = 0; i < rule_count; i++) {
		switch (tally_rule(input, i)) {
		case JUDGED:
			tally.judged++;
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
