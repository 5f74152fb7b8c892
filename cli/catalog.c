/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/catalog.h"

#include "cli/options_inside.h"
#include "formats/mmutrace.h"
#include "formats/module.h"
#include "formats/records.h"
#include "formats/screen.h"

/* Is `id` one of the blank-separated words? */
static bool names(const char *words, const char *id)
{
	const char *at = words ? strstr(words, id) : NULL;
	size_t length = strlen(id);

	for (; at; at = strstr(at + 1, id))
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

/* --- the list -------------------------------------------------------------- */

void catalog_list(FILE *out)
{
	for (size_t i = 0; i < rule_count; i++) {
		const struct rule *rule = rule_table[i];

		fprintf(out, "%s %-28s %-8s %s\n", rule->id, rule->name,
			severity_word(rule->severity), rule->title);
	}
}

static void put_needs(struct json *json, const struct rule *rule)
{
	json_array(json, "needs_any");
	for (size_t i = 0; i < ARRAY_LEN(rule->needs_any) && rule->needs_any[i]; i++) {
		json_array(json, NULL);
		for (uint32_t left = rule->needs_any[i]; left; left &= left - 1)
			json_string(json, NULL, evidence_name((enum evidence)(left & -left)));
		json_end_array(json);
	}
	json_end_array(json);
}

void catalog_list_json(FILE *out)
{
	struct json json = { .out = out };

	json_array(&json, NULL);
	for (size_t i = 0; i < rule_count; i++) {
		const struct rule *rule = rule_table[i];

		putc('\n', out);
		json_object(&json, NULL);
		json_string(&json, "id", rule->id);
		json_string(&json, "name", rule->name);
		json_string(&json, "severity", severity_word(rule->severity));
		json_string(&json, "scope", scope_words(rule->scope));
		json_string(&json, "title", rule->title);
		json_string(&json, "why", rule->why);
		json_string(&json, "fix", rule->fix);
		json_string(&json, "source", rule->source);
		json_string(&json, "needs", rule->needs);
		put_needs(&json, rule);
		json_string(&json, "roots", rule->roots);
		json_bool(&json, "page_table_evidence", rule->page_table_evidence);
		json_end_object(&json);
	}
	putc('\n', out);
	json_end_array(&json);
	putc('\n', out);
}

/* An array of what stands between blanks. */
static void put_words(struct json *json, const char *key, const char *words)
{
	json_array(json, key);
	while (*words) {
		size_t length = strcspn(words, " ");

		json_text(json, NULL, (struct text){ words, length });
		words += length + (words[length] == ' ');
	}
	json_end_array(json);
}

static void put_modules(struct json *json)
{
	json_array(json, "modules");
	for (size_t i = 0; i < module_count; i++) {
		json_object(json, NULL);
		json_string(json, "name", module_table[i].name);
		json_bool(json, "built", module_table[i].built);
		json_bool(json, "linked", module_table[i].linked != NULL);
		json_bool(json, "installed", module_exists(module_table[i].name));
		put_words(json, "libraries", module_table[i].libraries);
		put_words(json, "missing", module_table[i].lacks);
		json_end_object(json);
	}
	json_end_array(json);
}

void catalog_version_json(FILE *out)
{
	struct json json = { .out = out };

	json_object(&json, NULL);
	json_string(&json, "name", "pgtcheck");
	json_string(&json, "version", VERSION);
	json_number(&json, "records_schema", RECORDS_SCHEMA);
	json_number(&json, "mmutrace_schema", MMUTRACE_VERSION);
	json_number(&json, "rules", rule_count);
	json_array(&json, "formats");
	for (size_t i = 0; i < writer_count; i++)
		json_string(&json, NULL, writer_table[i]->name);
	json_end_array(&json);
	json_array(&json, "options");
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].name)
			json_string(&json, NULL, option_rows[i].name);
	json_end_array(&json);
	put_modules(&json);
	json_end_object(&json);
	putc('\n', out);
}

/* --- one rule -------------------------------------------------------------- */

#define LABEL_WIDTH 12u

static void paragraph(const struct screen *screen, const char *label, const char *words)
{
	if (!words || !*words)
		return;
	screen_ink(screen, INK_BOLD);
	fprintf(screen->out, "%-*s", (int)LABEL_WIDTH, label);
	screen_plain(screen);
	screen_wrap(screen, LABEL_WIDTH, LABEL_WIDTH, words);
}

/* An excerpt keeps its lines. */
static void excerpt(const struct screen *screen, const char *label, const char *lines)
{
	if (!lines || !*lines)
		return;
	screen_ink(screen, INK_BOLD);
	fprintf(screen->out, "\n%s\n", label);
	screen_plain(screen);
	while (*lines) {
		size_t length = strcspn(lines, "\n");

		fputs("    ", screen->out);
		screen_put(screen, (struct text){ lines, length });
		putc('\n', screen->out);
		lines += length;
		lines += *lines == '\n';
	}
}

/* One related rule; the label stands before the first of them only. */
static void rule_line(const struct screen *screen, const char *label, const struct rule *rule,
		      bool *first)
{
	fprintf(screen->out, "%-*s%s %s\n", (int)LABEL_WIDTH, *first ? label : "", rule->id,
		rule->name);
	*first = false;
}

static void relations(const struct screen *screen, const struct rule *rule)
{
	bool first = true;

	for (size_t i = 0; i < rule_count; i++)
		if (names(rule->roots, rule_table[i]->id))
			rule_line(screen, "root cause", rule_table[i], &first);
	first = true;
	for (size_t i = 0; i < rule_count; i++)
		if (names(rule_table[i]->roots, rule->id))
			rule_line(screen, "leads to", rule_table[i], &first);
}

static void needs(const struct screen *screen, const struct rule *rule)
{
	const char *label = "judged from";

	if (rule->scope == SCOPE_INPUT || !rule->needs_any[0])
		return;
	for (size_t i = 0; i < ARRAY_LEN(rule->needs_any) && rule->needs_any[i]; i++) {
		const char *separator = "";

		fprintf(screen->out, "%-*s", (int)LABEL_WIDTH, label);
		for (uint32_t left = rule->needs_any[i]; left; left &= left - 1) {
			fprintf(screen->out, "%s%s", separator,
				evidence_name((enum evidence)(left & -left)));
			separator = " + ";
		}
		putc('\n', screen->out);
		label = "  or";
	}
}

void catalog_explain(FILE *out, const struct rule *rule,
		     const struct write_options *options)
{
	struct screen screen = { .out = out, .color = options->color,
				 .columns = options->columns };

	screen_ink(&screen, INK_BOLD);
	fprintf(out, "%s %s\n", rule->id, rule->name);
	screen_plain(&screen);
	screen_wrap(&screen, 0, 0, rule->title);
	putc('\n', out);
	paragraph(&screen, "severity", severity_word(rule->severity));
	paragraph(&screen, "applies to", scope_words(rule->scope));
	paragraph(&screen, "why", rule->why);
	paragraph(&screen, "fix", rule->fix);
	paragraph(&screen, "source", rule->source);
	paragraph(&screen, "needs", rule->needs);
	needs(&screen, rule);
	relations(&screen, rule);
	excerpt(&screen, "A log in which it fires", rule->bad);
	excerpt(&screen, "A log in which it has nothing to say", rule->good);
}
