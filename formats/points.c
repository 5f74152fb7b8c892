/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/points.h"

#include "formats/tally.h"

bool finding_fails(const struct finding *finding, const struct write_options *options)
{
	return finding_is_open(finding) && !options->fail_never &&
	       finding->severity >= options->fail_on;
}

const char *why_no_verdict(const struct input_report *input)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		if (boot->no_verdict)
			return boot->no_verdict;
	if (input->boots || input->clean_boots_more)
		return NULL;
	if (input->lines_used)
		return "the boot or domain that was asked for is not in the input";
	return input->bytes ? "nothing in the input tells about a boot's memory or page tables" :
	       "the input is empty";
}

static bool any_fails(const struct input_report *input, const struct write_options *options)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		for (const struct finding *f = boot->findings; f; f = f->next)
			if (finding_fails(f, options))
				return true;
	return false;
}

static struct point point_of_input(const struct input_report *input,
				   const struct write_options *options)
{
	struct point point = { .id = "PGT000", .name = "verdict" };
	const char *lacks = why_no_verdict(input);

	if (input->status != ST_OK) {
		point.result = POINT_ERROR;
		snprintf(point.why, sizeof(point.why), "%s",
			 input->trouble ? input->trouble : status_sentence(input->status));
	} else if (lacks) {
		/* --inconclusive=fail made a failure of it. */
		point.result = input->verdict == EXIT_FINDINGS && !any_fails(input, options) ?
			       POINT_FAIL : POINT_SKIP;
		snprintf(point.why, sizeof(point.why), "no verdict: %s", lacks);
	}
	return point;
}

/* What the boots lacked, and how to get it. */
static void say_lacking(struct point *point, const struct input_report *input, size_t rule)
{
	const char *separator = "needs ";
	size_t at = 0;

	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		uint32_t lacking = boot->results[rule].lacking;

		if (boot->results[rule].judgement != NOT_CHECKED)
			continue;
		for (; lacking; lacking &= lacking - 1) {
			enum evidence bit = (enum evidence)(lacking & -lacking);

			at += (size_t)snprintf(point->why + at, sizeof(point->why) - at, "%s%s (%s)",
					       separator, evidence_name(bit), evidence_remedy(bit));
			if (at >= sizeof(point->why))
				return;
			separator = ", ";
		}
		return;
	}
	snprintf(point->why, sizeof(point->why), "the input has no boot to judge");
}

static void say_not_applicable(struct point *point, const struct input_report *input, size_t rule)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		if (boot->results[rule].reason) {
			snprintf(point->why, sizeof(point->why), "not applicable: %s",
				 boot->results[rule].reason);
			return;
		}
}

/* A rule that was judged: what its findings are worth together. */
static void sum_findings(struct point *point, const struct input_report *input,
			 const struct write_options *options)
{
	const char *suppressed = NULL;
	uint32_t failing = 0, hidden = 0;

	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		for (const struct finding *f = boot->findings; f; f = f->next) {
			if (f->rule != point->rule)
				continue;
			hidden += !f->shown;
			if (f->suppressed)
				suppressed = f->suppressed;
			if (!finding_fails(f, options))
				continue;
			if (!failing++)
				snprintf(point->why, sizeof(point->why), "%s", f->message);
		}
	}
	if (failing) {
		point->result = POINT_FAIL;
	} else if (suppressed) {
		point->result = POINT_SKIP;
		snprintf(point->why, sizeof(point->why), "suppressed: %s", suppressed);
	} else if (hidden) {
		point->result = POINT_SKIP;
		snprintf(point->why, sizeof(point->why), "its findings were left out by options");
	}
}

struct point point_of(const struct input_report *input, const struct write_options *options,
		      size_t number)
{
	struct point point = { .result = POINT_SKIP };
	size_t rule = number - 1;

	if (!number)
		return point_of_input(input, options);
	point.rule = rule_table[rule];
	point.id = point.rule->id;
	point.name = point.rule->name;
	switch (tally_rule(input, rule)) {
	case JUDGED:
		point.result = POINT_PASS;
		sum_findings(&point, input, options);
		break;
	case NOT_CHECKED:
		say_lacking(&point, input, rule);
		break;
	case NOT_APPLICABLE:
		say_not_applicable(&point, input, rule);
		break;
	}
	return point;
}
