/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes pgtcheck-rules(7) from the table of rules, so that the manual cannot
 * differ from what --explain says. Run by make:
 *
 *    build/mkrules >build/pgtcheck-rules.7 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/rule.h"

/* Of the last change of the page's own words, not of the build: equal sources
 * make equal pages. */
#define PAGE_DATE "November 24, 2026"
#define COLUMNS 72u

/* --- mdoc ------------------------------------------------------------------ */

/* One character of running text. */
static void put_char(char c)
{
	if (c == '\\')
		fputs("\\e", stdout);
	else
		putchar(c);
}

/* A sentence ends its line: that is how mdoc tells it from an abbreviation. */
static bool ends_sentence(const char *word, size_t length)
{
	if (length && (word[length - 1] == ')' || word[length - 1] == '"'))
		length--;
	return length > 1 && strchr(".!?", word[length - 1]) &&
	       isalnum((unsigned char)word[length - 2]);
}

/* Running text, filled; ends the line. A dot or quote that begins a line would
 * be a request. */
static void put_text(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " \n");

		if (column && column + 1 + length > COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (column) {
			putchar(' ');
			column++;
		} else if (*text == '.' || *text == '\'') {
			fputs("\\&", stdout);
		}
		for (size_t i = 0; i < length; i++) {
			/* The names of functions are words of the text. */
			if (i + 1 < length && text[i] == '(' && text[i + 1] == ')')
				fputs("\\&", stdout);
			put_char(text[i]);
		}
		column += length;
		if (ends_sentence(text, length))
			column = COLUMNS;
		text += length;
		text += strspn(text, " \n");
	}
	putchar('\n');
}

/* A line of a log, as it is. */
static void put_literal(const char *lines)
{
	while (*lines) {
		size_t length = strcspn(lines, "\n");

		if (*lines == '.' || *lines == '\'')
			fputs("\\&", stdout);
		for (size_t i = 0; i < length; i++)
			put_char(lines[i]);
		putchar('\n');
		lines += length;
		lines += *lines == '\n';
	}
}

/* --- a rule ---------------------------------------------------------------- */

static void put_field(const char *label, const char *text)
{
	if (!text || !*text)
		return;
	printf(".It %s\n", label);
	put_text(text);
}

/* "memory map + pool line; or value-level trace" */
static void put_evidence(const struct rule *rule)
{
	const char *lead = "";

	if (rule->scope == SCOPE_INPUT || !rule->needs_any[0])
		return;
	puts(".It Judged from");
	for (size_t i = 0; i < ARRAY_LEN(rule->needs_any) && rule->needs_any[i]; i++) {
		const char *separator = lead;

		for (uint32_t left = rule->needs_any[i]; left; left &= left - 1) {
			printf("%s%s", separator, evidence_name((enum evidence)(left & -left)));
			separator = " and ";
		}
		lead = ",\nor ";
	}
	putchar('\n');
}

/* Rules whose findings explain this one's. */
static void put_roots(const struct rule *rule)
{
	bool first = true;

	for (size_t i = 0; rule->roots && i < rule_count; i++) {
		if (!strstr(rule->roots, rule_table[i]->id))
			continue;
		if (first)
			puts(".It Root cause may be");
		printf("%s%s %s", first ? "" : ",\n", rule_table[i]->id, rule_table[i]->name);
		first = false;
	}
	if (!first)
		putchar('\n');
}

static void put_excerpt(const char *label, const char *lines)
{
	if (!lines || !*lines)
		return;
	printf(".Pp\n%s\n.Bd -literal -offset indent\n", label);
	put_literal(lines);
	puts(".Ed");
}

static void put_rule(const struct rule *rule)
{
	printf(".Ss %s %s\n", rule->id, rule->name);
	put_text(rule->title);
	puts(".Bl -tag -width \"Applies to\"");
	put_field("Severity", severity_word(rule->severity));
	put_field("Applies to", scope_words(rule->scope));
	put_field("Why", rule->why);
	put_field("Fix", rule->fix);
	put_field("Needs", rule->needs);
	put_evidence(rule);
	put_roots(rule);
	put_field("Source", rule->source);
	puts(".El");
	put_excerpt("It fires on", rule->bad);
	put_excerpt("All is well with", rule->good);
}

/* --- the page -------------------------------------------------------------- */

/* Groups by number: where each begins. */
static const struct group {
	unsigned first;
	const char *heading, *words;
} groups[] = {
	{ 1, "POOL GEOMETRY AND RESERVATION",
	  "Where the early page-table buffer lies, what is taken from it, and whether its pages are "
	  "kept from other users." },
	{ 20, "PAGE TYPES",
	  "What Xen demands of the page tables of a PV guest. These rules need Xen's console with "
	  "its page-type messages (up to Xen 4.5 any build, from 4.6 on a debug build; always with "
	  "guest_loglvl=all), a value-level trace, or lines of the kernel that carry Xen's answer." },
	{ 50, "MEMORY MAP, DIRECT MAP, PLATFORM",
	  "Whether the ground that page tables stand on is what the kernel takes it for." },
	{ 60, "THE INPUT",
	  "What the input can tell, and what it cannot." },
};

static void put_head(void)
{
	puts(".\\\" Written by man/mkrules.c from the table of rules: do not edit.");
	puts(".\\\" SPDX-License-Identifier: GPL-2.0-or-later");
	puts(".Dd " PAGE_DATE "\n.Dt PGTCHECK-RULES 7\n.Os\n.Sh NAME\n.Nm pgtcheck-rules");
	puts(".Nd what pgtcheck expects of early page tables");
	puts(".Sh DESCRIPTION");
	put_text("Each rule is one expectation of a healthy boot. A finding names the rule that is "
		 "broken, the line of the log that shows it, how grave it is and how sure it is.");
	puts(".Pp\nA rule has a number, which is never used twice, and a name.\nOptions of\n"
	     ".Xr pgtcheck 1\ntake either.");
	puts(".Pp\nSeverity is the usual one: facts may make it milder or graver.");
	puts(".Bl -tag -width warning");
	puts(".It error\nThe boot broke of it, or is bound to.");
	puts(".It warning\nSomething is wrong, but this boot went on, or may.");
	puts(".It note\nWhat a reader of the verdict should know.\n.El");
	puts(".Pp\nCertainty is the weakest link of the evidence.");
	puts(".Bl -tag -width suspected");
	puts(".It proved\nEvery quantity is read from the input, and the order of events is known.");
	puts(".It inferred\nOne of them comes from a model: how a kernel version behaves, a size\n"
	     "estimate, a range whose end had to be guessed.");
	puts(".It suspected\nOnly the symptom's pattern is there.\n.El");
	puts(".Pp\nA rule that lacks evidence is\n.Dq not checked ;\n"
	     "one that makes no sense for a boot, such as a rule about Xen's page types on\n"
	     "bare metal, is\n.Dq not applicable .\n"
	     "With\n.Fl v ,\n.Xr pgtcheck 1\n"
	     "says what each rule lacks and which boot option would give it.");
}

static unsigned number_of(const struct rule *rule)
{
	return (unsigned)strtoul(rule->id + strcspn(rule->id, "0123456789"), NULL, 10);
}

static void put_group(const struct group *group, unsigned end)
{
	printf(".Sh %s\n", group->heading);
	put_text(group->words);
	for (size_t i = 0; i < rule_count; i++) {
		unsigned number = number_of(rule_table[i]);

		if (number >= group->first && number < end)
			put_rule(rule_table[i]);
	}
}

int main(void)
{
	put_head();
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		put_group(&groups[i], i + 1 < ARRAY_LEN(groups) ? groups[i + 1].first : UINT32_MAX);
	puts(".Sh SEE ALSO\n.Xr pgtcheck 1 ,\n.Xr pgtcheck-formats 5 ,\n.Xr pgtcheck-capture 7");
	puts(".Sh AUTHORS\n.An The pgtcheck authors");
	return ferror(stdout) || fclose(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
