/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report for a person: what was understood, the verdict with its root
 * cause first, the proving lines, the pool, why, what to do. A healthy boot is
 * three lines. */
#include <inttypes.h>

#include "core/judge.h"
#include "formats/drawing.h"
#include "formats/human_against.h"
#include "formats/human_rules.h"
#include "formats/input.h"
#include "formats/place.h"
#include "formats/quote.h"
#include "formats/tally.h"
#include "formats/writer.h"

/* Findings of one rule shown in one boot without -v: the first in full, some
 * with their line, the rest counted. */
#define ALIKE_SHOWN 3u
/* Roots without -v, beyond which the first are told in full and the others by their
 * headline: a reader of many acts on the first. */
#define FEW 6u
#define FULL_SHOWN 3u
#define CONSEQUENCES_SHOWN 6u
#define ABSENT_SHOWN 6u

struct page {
	struct screen screen;
	const struct write_options *options;
	const struct input_report *input;
	struct source *source;
};

#define HANGING 4u   /* columns before a wrapped line's further parts */

/* "boot.log: ", in bold. Returns the column after. */
static unsigned put_name(const struct page *page)
{
	screen_ink(&page->screen, INK_BOLD);
	screen_puts(&page->screen, page->input->name);
	putc_unlocked(':', page->screen.out);
	screen_plain(&page->screen);
	putc_unlocked(' ', page->screen.out);
	return (unsigned)strlen(page->input->name) + 2;
}

static unsigned flow(const struct page *page, unsigned at, const char *words)
{
	return screen_flow(&page->screen, at, HANGING, words);
}

/* A line of its own that begins with the input's name. */
static void put_sentence(const struct page *page, const char *words)
{
	flow(page, put_name(page), words);
	putc_unlocked('\n', page->screen.out);
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

static void which_boot(const struct page *page, const struct boot_report *boot, char *words,
		       size_t size)
{
	char place[LOC_WORDS_BYTES];
	bool here = report_of(page->input, boot->start) == page->input;

	*words = '\0';
	if (page->input->boot_count > 1)
		snprintf(words, size, "boot %u of %u%s%s: ", boot->number, page->input->boot_count,
			 here ? ", " : "", here ? place_words(page->input, boot->start, place) : "");
}

static void put_header(const struct page *page, const struct boot_report *boot)
{
	char which[64], words[1024];

	which_boot(page, boot, which, sizeof(which));
	snprintf(words, sizeof(words), "%sLinux %s%s%s%s%s; evidence: %s%s%s", which,
		 boot->kernel ? boot->kernel : "(version not told)", boot->xen ? " as " : ", ",
		 boot->platform, boot->xen ? " on Xen " : "", boot->xen ? boot->xen : "",
		 *boot->evidence ? boot->evidence : "none",
		 *boot->missing ? "; not in input: " : "", boot->missing);
	put_sentence(page, words);
}

/* --- one finding ---------------------------------------------------------- */

/* "[PGT001 rw-before-pin, proved]", never cut in two: people grep for it. Ends
 * the line. */
static void put_tag(const struct page *page, const struct finding *finding, unsigned at,
		    unsigned indent)
{
	char words[128];
	int length = snprintf(words, sizeof(words), "[%s %s, %s]", finding->rule->id,
			      finding->rule->name, sureness(finding));

	if (at + 1 + (unsigned)length > screen_columns(&page->screen)) {
		putc_unlocked('\n', page->screen.out);
		screen_spaces(&page->screen, indent);
	} else {
		putc_unlocked(' ', page->screen.out);
	}
	screen_puts(&page->screen, words);
	putc_unlocked('\n', page->screen.out);
}

/* ":27: "; in the log of a dump ":log line 27: ", and behind it ":page tables: "; in a
 * binary input ":byte 4096: ". */
static unsigned put_place(const struct page *page, struct loc at)
{
	const struct input_report *input = report_of(page->input, at);
	char words[LOC_WORDS_BYTES];

	if (at.line && !input->lines_of)
		return (unsigned)fprintf(page->screen.out, ":%u: ", at.line);
	if (at.line)
		return (unsigned)fprintf(page->screen.out, ":%s: ", place_words(input, at, words));
	if (at.length)
		return (unsigned)fprintf(page->screen.out, ": %s: ", loc_words(at, words));
	return (unsigned)fprintf(page->screen.out, ": ");
}

/* "trace.log," before a place in another file than the one that is named already. */
static unsigned put_file(const struct page *page, struct loc place, const struct input_report *named,
			 unsigned at, unsigned indent)
{
	const struct input_report *of = report_of(page->input, place);

	if (of == named)
		return at;
	if (at > indent)
		at = screen_flow(&page->screen, at, indent, " ");
	at = screen_flow(&page->screen, at, indent, of->name);
	return screen_flow(&page->screen, at, indent, ",");
}

static void put_headline(const struct page *page, const struct finding *finding)
{
	const struct screen *screen = &page->screen;
	const char *name = report_file(page->input, finding->notes[0].at);
	unsigned at = (unsigned)strlen(name);
	char words[32];

	screen_ink(screen, INK_BOLD);
	screen_puts(screen, name);
	at += put_place(page, finding->notes[0].at);
	screen_plain(screen);
	screen_ink(screen, ink_of(finding->severity));
	snprintf(words, sizeof(words), "%s: ", severity_word(finding->severity));
	at = flow(page, at, words);
	screen_plain(screen);
	screen_ink(screen, INK_BOLD);
	at = flow(page, at, finding->message);
	screen_plain(screen);
	put_tag(page, finding, at, HANGING);
}

static void put_advice(const struct page *page, const struct finding *finding, unsigned gutter)
{
	const struct screen *screen = &page->screen;
	const char *why = finding_why(finding);
	const char *fix = finding_fix(finding);
	char words[512];

	if (why)
		quote_remark(screen, gutter, "why", why);
	if (fix)
		quote_remark(screen, gutter, "fix", fix);
	if (finding->raise && *finding->raise) {
		snprintf(words, sizeof(words), "%s; to be surer: %s",
			 certainty_word(finding->certainty), finding->raise);
		quote_remark(screen, gutter, "sure", words);
	}
	snprintf(words, sizeof(words), "pgtcheck --explain=%s", finding->rule->id);
	quote_remark(screen, gutter, "more", words);
}

/* What followed from a root, or was an earlier sign of it, stands under it, at its
 * remarks' column. */
static void put_consequence(const struct page *page, const struct finding *finding,
			    const struct finding *root, unsigned gutter)
{
	const struct screen *screen = &page->screen;
	unsigned indent = gutter + (unsigned)strlen(" = then: "), at = indent;
	char place[LOC_WORDS_BYTES], words[64];

	fprintf(screen->out, "%*s = ", (int)gutter, "");
	screen_ink(screen, INK_BOLD);
	fputs_unlocked(finding_is_earlier(finding, root) ? "sign: " : "then: ", screen->out);
	screen_plain(screen);
	at = put_file(page, finding->notes[0].at, report_of(page->input, root->notes[0].at), at, indent);
	snprintf(words, sizeof(words), "%s%s: %s: ", at > indent ? " " : "", place_words(page->input, finding->notes[0].at, place),
		 severity_word(finding->severity));
	at = screen_flow(screen, at, indent, words);
	at = screen_flow(screen, at, indent, finding->message);
	put_tag(page, finding, at, indent);
}

static void put_consequences(const struct page *page, const struct boot_report *boot,
			     const struct finding *root, unsigned gutter)
{
	unsigned count = 0;

	for (const struct finding *f = boot->findings; f; f = f->next) {
		if (!f->shown || f->cause != root)
			continue;
		if (count++ < CONSEQUENCES_SHOWN || page->options->verbose)
			put_consequence(page, f, root, gutter);
	}
	if (count > CONSEQUENCES_SHOWN && !page->options->verbose)
		fprintf(page->screen.out, "%*s = then: %u more (all: -v)\n", (int)gutter, "",
			count - CONSEQUENCES_SHOWN);
}

enum telling {
	IN_FULL,
	WITH_LINE,    /* the rule has spoken in this boot, so its advice is known */
	HEADLINE,
};

static void put_finding(const struct page *page, const struct boot_report *boot,
			const struct finding *finding, enum telling telling)
{
	static const uint32_t notes[] = { [IN_FULL] = UINT32_MAX, [WITH_LINE] = 1, [HEADLINE] = 0 };
	unsigned gutter = quote_gutter(finding);
	char words[64];

	put_headline(page, finding);
	for (uint32_t i = 0; i < finding->note_count && i < notes[telling]; i++)
		quote_note(&page->screen, page->source, &finding->notes[i], gutter,
			   page->options->context);
	if (telling == IN_FULL) {
		drawing_put(&page->screen, &finding->drawing, gutter);
		put_advice(page, finding, gutter);
	}
	if (finding->more && telling != HEADLINE) {
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

static unsigned count_roots(const struct boot_report *boot)
{
	unsigned count = 0;

	for (const struct finding *f = boot->findings; f; f = f->next)
		count += is_root(f) && gravity(boot, f) > SEV_NOTE;
	return count;
}

/* What is known already is told in short; of many, most. */
static enum telling how_to_tell(const struct page *page, const struct boot_report *boot,
				const struct finding *finding, uint32_t before, uint32_t full)
{
	bool many = !page->options->verbose && count_roots(boot) > FEW;

	if (many && (before || full >= FULL_SHOWN))
		return HEADLINE;
	if (before || (!page->options->verbose && finding->standing == STANDING_UNCHANGED))
		return WITH_LINE;
	return IN_FULL;
}

/* Roots of one gravity. alike[]: how often each rule has spoken. */
static void put_roots(const struct page *page, const struct boot_report *boot,
		      enum severity wanted, uint32_t *alike, uint32_t *full)
{
	for (const struct finding *f = boot->findings; f; f = f->next) {
		enum telling telling;
		uint32_t before;

		if (!is_root(f) || gravity(boot, f) != wanted)
			continue;
		before = alike[rule_index(f->rule)]++;
		telling = how_to_tell(page, boot, f, before, *full);
		*full += telling == IN_FULL;
		if (before < ALIKE_SHOWN || page->options->verbose)
			put_finding(page, boot, f, telling);
	}
}

static bool notes_wanted(const struct write_options *options)
{
	return options->verbose || (options->fail_on == SEV_NOTE && !options->fail_never);
}

static void put_findings(const struct page *page, const struct boot_report *boot)
{
	uint32_t alike[RULES_MAX] = { 0 }, full = 0;

	put_roots(page, boot, SEV_ERROR, alike, &full);
	put_roots(page, boot, SEV_WARNING, alike, &full);
	if (notes_wanted(page->options))
		put_roots(page, boot, SEV_NOTE, alike, &full);
	for (size_t i = 0; i < rule_count; i++) {
		if (alike[i] <= ALIKE_SHOWN || page->options->verbose)
			continue;
		put_name(page);
		fprintf(page->screen.out, "%u more of %s %s (all: -v)\n", alike[i] - ALIKE_SHOWN,
			rule_table[i]->id, rule_table[i]->name);
	}
}

/* --- the summary on top ----------------------------------------------------- */

static const struct finding *next_root(const struct boot_report *boot, enum severity wanted)
{
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (is_root(f) && gravity(boot, f) == wanted)
			return f;
	return NULL;
}

/* Where a tired reader looks first: the first cause of the gravest kind. */
static const struct finding *first_root(const struct boot_report *boot)
{
	for (int severity = SEV_ERROR; severity > SEV_NOTE; severity--) {
		const struct finding *root = next_root(boot, (enum severity)severity);

		if (root)
			return root;
	}
	return NULL;
}

/* "3 errors, 1 warning"; false when there is none of either. */
static bool count_words(char *words, size_t size, const uint32_t *by_severity,
			enum severity least)
{
	static const char *const names[] = { "note", "warning", "error" };
	size_t length = 0;

	for (int severity = SEV_ERROR; severity >= (int)least; severity--) {
		uint32_t count = by_severity[severity];

		if (count)
			length += (size_t)snprintf(words + length, size - length, "%s%u %s%s",
						   length ? ", " : "", count, names[severity],
						   count == 1 ? "" : "s");
	}
	return length > 0;
}

/* More than one finding: how many, and which is the cause of the rest, before
 * anything else. A single one is its own summary. */
static void put_summary(const struct page *page, const struct boot_report *boot)
{
	const struct finding *root = first_root(boot);
	uint32_t counts[SEV_ERROR + 1] = { 0 };
	char place[LOC_WORDS_BYTES], which[64], words[192];
	unsigned at;

	for (const struct finding *f = boot->findings; f; f = f->next)
		counts[f->severity] += f->shown;
	if (!root || counts[SEV_ERROR] + counts[SEV_WARNING] < 2)
		return;
	at = put_name(page);
	which_boot(page, boot, which, sizeof(which));
	at = flow(page, at, which);
	count_words(words, sizeof(words), counts, SEV_WARNING);
	screen_ink(&page->screen, ink_of(counts[SEV_ERROR] ? SEV_ERROR : SEV_WARNING));
	at = flow(page, at, words);
	screen_plain(&page->screen);
	at = flow(page, at, count_roots(boot) > 1 ? "; first root cause:" : "; root cause:");
	at = put_file(page, root->notes[0].at, page->input, at, HANGING);
	snprintf(words, sizeof(words), " %s, %s %s (%s)",
		 place_words(page->input, root->notes[0].at, place), root->rule->id, root->rule->name, certainty_word(root->certainty));
	flow(page, at, words);
	putc_unlocked('\n', page->screen.out);
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
	unsigned at = put_name(page);

	at = flow(page, at, blame ? "the rest could not be judged: " : "no verdict: ");
	flow(page, at, why);
	putc_unlocked('\n', page->screen.out);
}

/* With -v one line each, and why. True: there are some that would be blamed. */
static bool put_suppressed(const struct page *page, const struct boot_report *boot)
{
	bool any = false;

	for (const struct finding *f = boot->findings; f; f = f->next) {
		if (!f->suppressed)
			continue;
		any |= f->severity > SEV_NOTE;
		if (!page->options->verbose)
			continue;
		put_headline(page, f);
		quote_remark(&page->screen, quote_gutter(f), "suppressed", f->suppressed);
	}
	return any;
}

static void put_ending(const struct page *page, const struct boot_report *boot, const char *lead)
{
	flow(page, flow(page, put_name(page), lead), boot->how_it_ended);
	putc_unlocked('\n', page->screen.out);
}

static bool leaves_out(const struct boot_report *boot)
{
	for (size_t i = 0; i < rule_count; i++)
		if (boot->results[i].judgement == JUDGED && boot->results[i].left_out)
			return true;
	return false;
}

/* Neither by what was found nor by what is said of the rest. */
static bool crash_is_untold(const struct boot_report *boot)
{
	return boot->failure_untold &&
	       !(boot->no_verdict && strstr(boot->no_verdict, boot->how_it_ended));
}

static void put_verdict(const struct page *page, const struct boot_report *boot)
{
	bool blame = has_blame(boot), suppressed;

	put_findings(page, boot);
	suppressed = put_suppressed(page, boot);
	if (boot->no_verdict)
		put_no_verdict(page, boot->no_verdict, blame);
	if (blame ? crash_is_untold(boot) : !boot->no_verdict)
		put_ending(page, boot, blame ? "the boot " :
			   suppressed ? "no error but what is suppressed; the boot " :
			   leaves_out(boot) ? "no error found by the rules that were asked for; "
					      "the boot " :
			   "no error found in the page tables; the boot ");
}

static bool lacks_verdict(const struct input_report *input)
{
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		if (boot->no_verdict)
			return true;
	return !input->boots;
}

/* What -v would tell beyond this page. */
static const char *more_by_verbose(const struct page *page, const struct tally *tally)
{
	if (page->options->verbose || !page->input->boots)
		return "";
	if (tally->by_severity[SEV_NOTE] && !notes_wanted(page->options))
		return tally->not_checked ? " (the notes, and why: -v)" : " (the notes: -v)";
	return tally->not_checked ? " (why: -v)" : "";
}

/* What became of the findings of an earlier run. */
static void put_absent(const struct page *page)
{
	unsigned count = 0;
	char words[64];

	for (const struct absent *absent = page->input->absent; absent; absent = absent->next) {
		if (count++ >= ABSENT_SHOWN && !page->options->verbose)
			continue;
		snprintf(words, sizeof(words), "no longer found: %s %s: ", absent->rule->id,
			 absent->rule->name);
		flow(page, flow(page, put_name(page), words),
		     absent->message ? absent->message : absent->rule->title);
		putc_unlocked('\n', page->screen.out);
	}
	if (count > ABSENT_SHOWN && !page->options->verbose) {
		put_name(page);
		fprintf(page->screen.out, "%u more no longer found (all: -v)\n", count - ABSENT_SHOWN);
	}
}

/* "; 1 new, 2 unchanged, 1 absent; 3 suppressed" */
static void known_words(char *words, size_t size, const struct tally *tally)
{
	int length = 0;

	*words = '\0';
	if (tally->new || tally->unchanged || tally->absent)
		length = snprintf(words, size, "; %u new, %u unchanged, %u absent", tally->new,
				  tally->unchanged, tally->absent);
	if (tally->suppressed)
		snprintf(words + length, size - (size_t)length, "; %u suppressed", tally->suppressed);
}

static void put_last_line(const struct page *page)
{
	struct tally tally = tally_input(page->input);
	char counts[64], known[96], left[64] = "", words[320];

	known_words(known, sizeof(known), &tally);
	if (!count_words(counts, sizeof(counts), tally.by_severity, SEV_NOTE))
		snprintf(counts, sizeof(counts), "%s", lacks_verdict(page->input) ? "no verdict" :
			 "no finding");
	if (tally.left_out)
		snprintf(left, sizeof(left), " (%u left out of the report)", tally.left_out);
	snprintf(words, sizeof(words), "%s%s; %u rule%s judged%s, %u not checked%s", counts, known,
		 tally.judged, tally.judged == 1 ? "" : "s", left, tally.not_checked,
		 more_by_verbose(page, &tally));
	put_sentence(page, words);
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

static bool is_archive(const struct input_report *input)
{
	return input->members.all != 0;
}

/* "a.tar.gz: tar in gzip, 4 members: 2 logs, judged above; 1 other text, 1 not text" */
static void put_archive(const struct page *page)
{
	const struct members *members = &page->input->members;
	char words[256], rest[128] = "";
	int length = 0;

	if (members->other_text)
		length += sprintf(rest, "; %u other text%s", members->other_text,
				  members->other_text == 1 ? "" : "s");
	if (members->other_bytes)
		length += sprintf(rest + length, "; %u not text", members->other_bytes);
	if (members->not_wanted)
		sprintf(rest + length, "; %u not wanted (--member)", members->not_wanted);
	snprintf(words, sizeof(words), "%s, %u member%s: %u judged%s", page->input->format,
		 members->all, members->all == 1 ? "" : "s", members->judged, rest);
	put_sentence(page, words);
	if (members->joined)
		put_sentence(page, members->joined);
	if (!members->judged)
		put_no_verdict(page, "no member is the log of a boot", false);
}

static const char *why_no_line(const struct input_report *input)
{
	if (!input->bytes)
		return "the input is empty";
	if (input_find(text_of(input->format)))
		return "no record in it tells about page tables; if it is something else, leave "
		       "--type out";
	return "this is not a text, and is not read";
}

static void put_no_boot(const struct page *page)
{
	const struct input_report *input = page->input;

	if (is_archive(input)) {
		put_archive(page);
		return;
	}
	put_name(page);
	if (input->lines_used) {
		fprintf(page->screen.out, "%s, %" PRIu64 " lines recognised; boots: %u\n",
			input->format, input->lines_used, input->boot_count);
		put_no_verdict(page, "the boot or domain that was asked for is not in the input", false);
		return;
	}
	if (!input->lines) {
		fprintf(page->screen.out, "%s\n", input->format);
		put_no_verdict(page, why_no_line(input), false);
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
		.screen = { .out = out, .color = options->color, .columns = options->columns },
		.options = options,
		.input = input,
		.source = source,
	};

	if (!input->boots && input->status != ST_OK && !is_archive(input))
		return;   /* never read: told on standard error */
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next) {
		put_summary(&page, boot);
		put_header(&page, boot);
		put_verdict(&page, boot);
		if (boot->against) {
			put_name(&page);
			human_against(&page.screen, boot, options->verbose);
		}
		if (options->verbose)
			human_rules(&page.screen, boot);
	}
	put_absent(&page);
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
	if (!is_archive(input))
		put_last_line(&page);
}

const struct writer writer_human = {
	.name = "human",
	.title = "a page for a person (the default)",
	.tells_against = true,
	.input = human_input,
};
