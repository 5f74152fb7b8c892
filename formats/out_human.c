/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report for a person: what was understood, the verdict with its root
 * cause first, the proving lines, the pool, why, what to do. A healthy boot is
 * three lines. */
#include <inttypes.h>

#include "core/judge.h"
#include "formats/drawing.h"
#include "formats/human_rules.h"
#include "formats/quote.h"
#include "formats/tally.h"
#include "formats/writer.h"

/* Findings of one rule shown in one boot without -v: the first in full, some
 * with their line, the rest counted. */
#define ALIKE_SHOWN 3u
#define CONSEQUENCES_SHOWN 6u

struct page {
	struct screen screen;
	const struct write_options *options;
	const struct input_report *input;
	struct source *source;
};

/* "boot.log: ", in bold. */
static void put_name(const struct page *page)
{
	screen_ink(&page->screen, INK_BOLD);
	screen_puts(&page->screen, page->input->name);
	putc_unlocked(':', page->screen.out);
	screen_plain(&page->screen);
	putc_unlocked(' ', page->screen.out);
}

static enum ink ink_of(enum severity severity)
{
	switch (severity) {
	case SEV_ERROR:
		return INK_ERROR;
	case SEV_WARNING:
		return INK_WARNING;
	case SEV_NOTE:
		break;
	}
	return INK_NOTE;
}

/* --- what was understood -------------------------------------------------- */

static void put_who(const struct page *page, const struct boot_report *boot)
{
	FILE *out = page->screen.out;

	fputs_unlocked("Linux ", out);
	screen_puts(&page->screen, boot->kernel ? boot->kernel : "(version not told)");
	if (boot->xen) {
		fprintf(out, " as %s on Xen ", boot->platform);
		screen_puts(&page->screen, boot->xen);
	} else {
		fprintf(out, ", %s", boot->platform);
	}
}

static void put_header(const struct page *page, const struct boot_report *boot)
{
	FILE *out = page->screen.out;

	put_name(page);
	if (page->input->boot_count > 1)
		fprintf(out, "boot %u of %u, line %u: ", boot->number, page->input->boot_count,
			boot->start.line);
	put_who(page, boot);
	fprintf(out, "; evidence: %s", *boot->evidence ? boot->evidence : "none");
	if (*boot->missing)
		fprintf(out, "; not in input: %s", boot->missing);
	putc_unlocked('\n', out);
}

/* --- one finding ---------------------------------------------------------- */

static void put_headline(const struct page *page, const struct finding *finding)
{
	const struct screen *screen = &page->screen;

	screen_ink(screen, INK_BOLD);
	screen_puts(screen, page->input->name);
	fprintf(screen->out, ":%u: ", finding->notes[0].at.line);
	screen_plain(screen);
	screen_ink(screen, ink_of(finding->severity));
	fprintf(screen->out, "%s: ", severity_word(finding->severity));
	screen_plain(screen);
	screen_ink(screen, INK_BOLD);
	screen_puts(screen, finding->message);
	screen_plain(screen);
	fprintf(screen->out, " [%s %s, %s]\n", finding->rule->id, finding->rule->name,
		certainty_word(finding->certainty));
}

static unsigned gutter_of(const struct finding *finding)
{
	uint32_t highest = 0;

	for (uint32_t i = 0; i < finding->note_count; i++)
		if (finding->notes[i].at.line > highest)
			highest = finding->notes[i].at.line;
	return quote_gutter(highest);
}

static void put_advice(const struct page *page, const struct finding *finding, unsigned gutter)
{
	const struct screen *screen = &page->screen;
	const char *why = finding->why ? finding->why : finding->rule->why;
	const char *fix = finding->fix ? finding->fix : finding->rule->fix;
	char words[512];

	if (why && *why)
		quote_remark(screen, gutter, "why", why);
	if (fix && *fix)
		quote_remark(screen, gutter, "fix", fix);
	if (finding->raise && *finding->raise) {
		snprintf(words, sizeof(words), "%s; to be surer: %s",
			 certainty_word(finding->certainty), finding->raise);
		quote_remark(screen, gutter, "sure", words);
	}
	snprintf(words, sizeof(words), "pgtcheck --explain=%s", finding->rule->id);
	quote_remark(screen, gutter, "more", words);
}

static void put_consequences(const struct page *page, const struct boot_report *boot,
			     const struct finding *root, unsigned gutter)
{
	const struct screen *screen = &page->screen;
	unsigned count = 0;

	for (const struct finding *f = boot->findings; f; f = f->next) {
		if (!f->shown || f->cause != root)
			continue;
		if (count++ >= CONSEQUENCES_SHOWN && !page->options->verbose)
			continue;
		fprintf(screen->out, "%*s = ", (int)gutter, "");
		screen_ink(screen, INK_BOLD);
		fputs_unlocked("then: ", screen->out);
		screen_plain(screen);
		fprintf(screen->out, "line %u: %s: ", f->notes[0].at.line,
			severity_word(f->severity));
		screen_puts(screen, f->message);
		fprintf(screen->out, " [%s %s, %s]\n", f->rule->id, f->rule->name,
			certainty_word(f->certainty));
	}
	if (count > CONSEQUENCES_SHOWN && !page->options->verbose)
		fprintf(screen->out, "%*s = then: %u more (all: -v)\n", (int)gutter, "",
			count - CONSEQUENCES_SHOWN);
}

/* `repeated`: the rule has spoken in this boot, so its advice is known. */
static void put_finding(const struct page *page, const struct boot_report *boot,
			const struct finding *finding, bool repeated)
{
	unsigned gutter = gutter_of(finding);
	char words[64];

	put_headline(page, finding);
	for (uint32_t i = 0; i < (repeated ? 1 : finding->note_count); i++)
		quote_note(&page->screen, page->source, &finding->notes[i], gutter,
			   page->options->context);
	if (!repeated) {
		drawing_put(&page->screen, &finding->drawing, gutter);
		put_advice(page, finding, gutter);
	}
	if (finding->more) {
		snprintf(words, sizeof(words), "%u more like this, not listed", finding->more);
		quote_remark(&page->screen, gutter, "also", words);
	}
	put_consequences(page, boot, finding, gutter);
}

/* --- the findings of a boot ------------------------------------------------ */

/* A root is as grave as the gravest of what it led to. */
static enum severity gravity(const struct boot_report *boot, const struct finding *root)
{
	enum severity gravest = root->severity;

	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->shown && f->cause == root && f->severity > gravest)
			gravest = f->severity;
	return gravest;
}

static bool is_root(const struct finding *finding)
{
	return finding->shown && !shown_cause(finding);
}

/* Roots of one gravity. alike[]: how often each rule has spoken. */
static void put_roots(const struct page *page, const struct boot_report *boot,
		      enum severity wanted, uint32_t *alike)
{
	for (const struct finding *f = boot->findings; f; f = f->next) {
		uint32_t before;

		if (!is_root(f) || gravity(boot, f) != wanted)
			continue;
		before = alike[rule_index(f->rule)]++;
		if (before < ALIKE_SHOWN || page->options->verbose)
			put_finding(page, boot, f, before > 0);
	}
}

static bool notes_wanted(const struct write_options *options)
{
	return options->verbose || (options->fail_on == SEV_NOTE && !options->fail_never);
}

static void put_findings(const struct page *page, const struct boot_report *boot)
{
	uint32_t alike[RULES_MAX] = { 0 };

	put_roots(page, boot, SEV_ERROR, alike);
	put_roots(page, boot, SEV_WARNING, alike);
	if (notes_wanted(page->options))
		put_roots(page, boot, SEV_NOTE, alike);
	for (size_t i = 0; i < rule_count; i++) {
		if (alike[i] <= ALIKE_SHOWN || page->options->verbose)
			continue;
		put_name(page);
		fprintf(page->screen.out, "%u more of %s %s (all: -v)\n", alike[i] - ALIKE_SHOWN,
			rule_table[i]->id, rule_table[i]->name);
	}
}

/* --- the verdict ----------------------------------------------------------- */

static bool has_blame(const struct boot_report *boot)
{
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->shown && f->severity > SEV_NOTE)
			return true;
	return false;
}

static void put_no_verdict(const struct page *page, const char *why, bool blame)
{
	unsigned at = (unsigned)strlen(page->input->name) + 2;
	const char *lead = blame ? "the rest could not be judged: " : "no verdict: ";

	put_name(page);
	fputs_unlocked(lead, page->screen.out);
	screen_wrap(&page->screen, at + (unsigned)strlen(lead), 4, why);
}

static void put_verdict(const struct page *page, const struct boot_report *boot)
{
	bool blame = has_blame(boot);

	put_findings(page, boot);
	if (boot->no_verdict)
		put_no_verdict(page, boot->no_verdict, blame);
	if (blame || boot->no_verdict)
		return;
	put_name(page);
	fputs_unlocked("no error found in the page tables; the boot ", page->screen.out);
	screen_puts(&page->screen, boot->how_it_ended);
	putc_unlocked('\n', page->screen.out);
}

static bool lacks_verdict(const struct input_report *input)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		if (boot->no_verdict)
			return true;
	return !input->boots;
}

static void put_counts(const struct page *page, const struct tally *tally)
{
	static const char *const words[] = { "note", "warning", "error" };
	const char *separator = "";

	for (int severity = SEV_ERROR; severity >= SEV_NOTE; severity--) {
		uint32_t count = tally->by_severity[severity];

		if (!count)
			continue;
		fprintf(page->screen.out, "%s%u %s%s", separator, count, words[severity],
			count == 1 ? "" : "s");
		separator = ", ";
	}
	if (*separator)
		return;
	fputs_unlocked(lacks_verdict(page->input) ? "no verdict" : "no finding", page->screen.out);
}

static void put_last_line(const struct page *page)
{
	struct tally tally = tally_input(page->input);

	put_name(page);
	put_counts(page, &tally);
	fprintf(page->screen.out, "; %u rule%s judged, %u not checked%s\n", tally.judged,
		tally.judged == 1 ? "" : "s", tally.not_checked,
		page->options->verbose || !page->input->boots ? "" : " (why: -v)");
}

/* --- the writer ------------------------------------------------------------ */

/* A long capture of many boots: the clean ones beyond a bound are counted. */
static void put_more_boots(const struct page *page)
{
	if (!page->input->clean_boots_more)
		return;
	put_name(page);
	fprintf(page->screen.out, "and %u more boots in which no error was found\n",
		page->input->clean_boots_more);
}

static void put_no_boot(const struct page *page)
{
	const struct input_report *input = page->input;

	put_name(page);
	if (input->lines_used) {
		fprintf(page->screen.out, "%s, %" PRIu64 " lines recognised; boots: %u\n",
			input->format, input->lines_used, input->boot_count);
		put_no_verdict(page, "the boot or domain that was asked for is not in the input", false);
		return;
	}
	if (!input->lines) {
		fprintf(page->screen.out, "%s\n", input->format);
		put_no_verdict(page, input->bytes ? "this is not a text, and is not read" :
			       "the input is empty", false);
		return;
	}
	fprintf(page->screen.out, "%s, %" PRIu64 " line%s; nothing recognised\n", input->format,
		input->lines, input->lines == 1 ? "" : "s");
	put_no_verdict(page, "no line tells about a boot's memory or page tables: give the kernel's "
		       "console or dmesg from its first line, booted with memblock=debug "
		       "ignore_loglevel", false);
}

static void human_input(FILE *out, const struct write_options *options,
			const struct input_report *input, struct source *source)
{
	struct page page = {
		.screen = { .out = out, .color = options->color },
		.options = options,
		.input = input,
		.source = source,
	};

	if (!input->boots && input->status != ST_OK)
		return;   /* never read: told on standard error */
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		put_header(&page, boot);
		put_verdict(&page, boot);
		if (options->verbose)
			human_rules(&page.screen, boot);
	}
	put_more_boots(&page);
	if (!input->boots)
		put_no_boot(&page);
	if (options->verbose)
		human_diagnostics(&page.screen, input);
	if (input->status != ST_OK) {
		put_name(&page);
		fputs_unlocked("not read to its end: ", out);
		screen_puts(&page.screen, input->trouble ? input->trouble :
			    status_sentence(input->status));
		putc_unlocked('\n', out);
	}
	put_last_line(&page);
}

const struct writer writer_human = {
	.name = "human",
	.title = "a page for a person (the default)",
	.input = human_input,
};
