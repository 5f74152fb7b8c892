/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Options that name rules. */
#include "cli/nearest.h"
#include "cli/options_inside.h"

static const struct rule *find_rule(struct parse *parse, struct text typed)
{
	const struct rule *rule = rule_find(typed);
	struct nearest nearest = { .typed = typed };

	if (rule)
		return rule;
	for (size_t i = 0; i < rule_count; i++) {
		nearest_offer(&nearest, rule_table[i]->id);
		nearest_offer(&nearest, rule_table[i]->name);
	}
	fprintf(parse->errors, "pgtcheck: --%s: no rule '%.*s'", parse->name, TEXT_ARG(typed));
	if (nearest.name)
		fprintf(parse->errors, "; did you mean '%s'?", nearest.name);
	fputs(" (all: --list-rules)\n", parse->errors);
	return NULL;
}

static bool mark_rules(struct parse *parse, const char *value, bool *marks)
{
	while (*value) {
		size_t length = strcspn(value, ",");
		const struct rule *rule;

		if (length) {
			rule = find_rule(parse, (struct text){ value, length });
			if (!rule)
				return false;
			marks[rule_index(rule)] = true;
		}
		value += length;
		value += *value == ',';
	}
	return true;
}

bool set_enable(struct parse *parse, const char *value)
{
	parse->options->only_enabled = true;
	/* An empty shell variable must not turn every rule off. */
	if (!value[strspn(value, ",")]) {
		fprintf(parse->errors, "pgtcheck: --enable names no rule (all: --list-rules)\n");
		return false;
	}
	return mark_rules(parse, value, parse->options->enabled);
}

bool set_disable(struct parse *parse, const char *value)
{
	parse->options->some_disabled = true;
	return mark_rules(parse, value, parse->options->disabled);
}

bool set_explain(struct parse *parse, const char *value)
{
	parse->options->action = ACTION_EXPLAIN;
	parse->options->explain = find_rule(parse, text_of(value));
	return parse->options->explain != NULL;
}
