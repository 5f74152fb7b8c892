/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "formats/modules/xml/against.h"
#include "formats/modules/xml/excerpt.h"
#include "formats/modules/xml/map_table.h"
#include "formats/modules/xml/page.h"
#include "formats/modules/xml/rule_lists.h"
#include "formats/modules/xml/strip.h"
#include "formats/number.h"
#include "formats/place.h"
#include "formats/tally.h"

/* Findings of one rule that stand open; the rest can be opened. */
#define ALIKE_OPEN 3u

/* --- the verdict ------------------------------------------------------------ */

static const struct finding *worst_root(const struct boot_report *boot)
{
	const struct finding *worst = NULL;

	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->shown && !shown_cause(f) && f->severity > SEV_NOTE &&
		    (!worst || f->severity > worst->severity))
			worst = f;
	return worst;
}

static void begin_banner(struct sheet *sheet, const char *kind)
{
	sheet_begin(sheet, "div");
	sheet_attributef(sheet, "class", "banner %s", kind);
}

static void put_label(struct sheet *sheet, const char *label, const char *words)
{
	sheet_begin(sheet, "p");
	sheet_element(sheet, "b", NULL, label);
	sheet_puts(sheet, " ");
	sheet_puts(sheet, words);
	sheet_end(sheet);
}

static void put_tag(struct sheet *sheet, struct source *source, const struct finding *finding)
{
	struct source *of = source ? source_of(source, finding->notes[0].at) : NULL;
	char place[LOC_WORDS_BYTES];

	sheet_begin(sheet, "span");
	sheet_attribute(sheet, "class", "tag");
	sheet_printf(sheet, "%s %s, %s", finding->rule->id, finding->rule->name,
		     sureness(finding));
	if (of != source) {
		sheet_puts(sheet, ", ");
		sheet_puts(sheet, of->name);
	}
	if (*loc_words(finding->notes[0].at, place))
		sheet_printf(sheet, ", %s", place);
	sheet_end(sheet);
}

static bool any_suppressed(const struct boot_report *boot)
{
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->suppressed && f->severity > SEV_NOTE)
			return true;
	return false;
}

static void put_verdict(struct sheet *sheet, const struct boot_report *boot, struct source *source)
{
	const struct finding *worst = worst_root(boot);

	if (worst) {
		begin_banner(sheet, severity_word(worst->severity));
		sheet_element(sheet, "p", "lead", worst->message);
		put_tag(sheet, source, worst);
		if (finding_fix(worst))
			put_label(sheet, "Fix:", finding_fix(worst));
		sheet_end(sheet);
	}
	if (boot->no_verdict) {
		begin_banner(sheet, "none");
		if (!worst)
			sheet_element(sheet, "p", "lead", "No verdict");
		put_label(sheet, worst ? "The rest could not be judged:" : "Why:", boot->no_verdict);
		sheet_end(sheet);
	}
	if (worst || boot->no_verdict)
		return;
	begin_banner(sheet, "clean");
	sheet_element(sheet, "p", "lead", any_suppressed(boot) ? "No error but what is suppressed" :
		      "No error found in the page tables");
	sheet_begin(sheet, "p");
	sheet_printf(sheet, "The boot %s. %u rules judged, %u not checked.", boot->how_it_ended,
		     boot->judged, boot->not_checked);
	sheet_end(sheet);
	sheet_end(sheet);
}

#define BOOT_ID "input-" NUMBER_FROM_1 "-boot-%u"

static void put_boot_link(struct sheet *sheet, const struct boot_report *boot)
{
	const struct finding *worst = worst_root(boot);
	char place[60];

	snprintf(place, sizeof(place), "#" BOOT_ID, boot->number);
	sheet_begin(sheet, "li");
	sheet_begin(sheet, "a");
	sheet_attribute_raw(sheet, "href", place);
	sheet_printf(sheet, "Boot %u", boot->number);
	sheet_end(sheet);
	sheet_printf(sheet, ", Linux %s: ", boot->kernel ? boot->kernel : "(version not told)");
	sheet_begin(sheet, "span");
	sheet_attributef(sheet, "class", "b-%s", worst ? severity_word(worst->severity) :
			 boot->no_verdict ? "none" : "clean");
	sheet_puts(sheet, worst ? worst->message : boot->no_verdict ? "no verdict" : "no error found");
	sheet_end(sheet);
	sheet_end(sheet);
}

void page_boot_list(struct sheet *sheet, const struct input_report *input)
{
	if (!input->boots || !input->boots->next)
		return;
	sheet_begin(sheet, "ul");
	sheet_attribute(sheet, "class", "boots");
	for (const struct boot_report *boot = input->boots; boot; boot = boot->next)
		put_boot_link(sheet, boot);
	sheet_end(sheet);
}

static void put_who(struct sheet *sheet, const struct input_report *input,
		    const struct boot_report *boot)
{
	sheet_begin(sheet, "p");
	sheet_attribute(sheet, "class", "who");
	if (input->boot_count > 1)
		sheet_printf(sheet, "Boot %u: ", boot->number);
	sheet_printf(sheet, "Linux %s", boot->kernel ? boot->kernel : "(version not told)");
	if (boot->xen)
		sheet_printf(sheet, " as %s on Xen %s", boot->platform, boot->xen);
	else
		sheet_printf(sheet, ", %s", boot->platform);
	if (boot->domain != DOMAIN_NONE)
		sheet_printf(sheet, ", domain %u", boot->domain);
	sheet_printf(sheet, "; %s %" PRIu64 " to %" PRIu64, boot->start.line ? "lines" : "bytes",
		     loc_number(boot->start), loc_number(boot->end));
	sheet_end(sheet);
}

static void put_evidence_kinds(struct sheet *sheet, const struct boot_report *boot)
{
	sheet_begin(sheet, "p");
	sheet_attribute(sheet, "class", "small");
	sheet_printf(sheet, "Evidence: %s.", boot->evidence);
	if (*boot->missing)
		sheet_printf(sheet, " Not in the input: %s.", boot->missing);
	sheet_end(sheet);
}

/* --- the picture -------------------------------------------------------------- */

static void put_picture(struct sheet *sheet, const struct boot_report *boot)
{
	double height;
	char *markup = strip_markup(boot, &height);

	if (height > 0) {
		sheet_begin(sheet, "figure");
		sheet_begin(sheet, "div");
		sheet_attribute(sheet, "class", "wide");
		sheet_attribute(sheet, "tabindex", "0");
		sheet_begin(sheet, "svg");
		sheet_attribute(sheet, "xmlns", "http://www.w3.org/2000/svg");
		sheet_attribute(sheet, "class", "strip");
		sheet_attributef(sheet, "viewBox", "0 0 %.0f %.0f", STRIP_WIDTH, height);
		sheet_attribute(sheet, "role", "img");
		sheet_attribute(sheet, "aria-label", "memory over time; the same ranges stand in the table below");
		sheet_raw(sheet, markup);
		sheet_end_full(sheet);
		sheet_end_full(sheet);
		map_table_put(sheet, boot->picture);
		sheet_end_full(sheet);
	}
	free(markup);
}

/* --- findings ------------------------------------------------------------------- */

static void put_advice(struct sheet *sheet, const char *label, const char *words)
{
	if (!words)
		return;
	sheet_element(sheet, "dt", NULL, label);
	sheet_element(sheet, "dd", NULL, words);
}

static void begin_finding(struct sheet *sheet, struct source *source, const struct finding *finding,
			  bool open)
{
	sheet_begin(sheet, "details");
	sheet_attribute(sheet, "class", "finding");
	if (open)
		sheet_attribute(sheet, "open", "open");
	sheet_begin(sheet, "summary");
	sheet_begin(sheet, "span");
	sheet_attributef(sheet, "class", "badge b-%s", severity_word(finding->severity));
	sheet_puts(sheet, severity_word(finding->severity));
	sheet_end(sheet);
	sheet_puts(sheet, finding->message);
	put_tag(sheet, source, finding);
	sheet_end(sheet);
}

static void put_body(struct sheet *sheet, const struct write_options *options,
		     struct source *source, const struct finding *finding)
{
	excerpt_put(sheet, source, finding, options->context ? options->context : EXCERPT_CONTEXT);
	sheet_begin(sheet, "dl");
	put_advice(sheet, "why", finding_why(finding));
	put_advice(sheet, "fix", finding_fix(finding));
	put_advice(sheet, "to be surer", finding->raise);
	put_advice(sheet, "source", finding->rule->source);
	sheet_end(sheet);
	if (finding->more) {
		sheet_begin(sheet, "p");
		sheet_attribute(sheet, "class", "small");
		sheet_printf(sheet, "and %u more like it", finding->more);
		sheet_end(sheet);
	}
}

/* Of one kind: signs that come before their root, or what followed. */
static void put_follows(struct sheet *sheet, const struct write_options *options,
			const struct boot_report *boot, struct source *source,
			const struct finding *root, bool earlier)
{
	bool any = false;

	for (const struct finding *f = boot->findings; f; f = f->next) {
		if (!f->shown || shown_cause(f) != root || finding_is_earlier(f, root) != earlier)
			continue;
		if (!any) {
			sheet_begin(sheet, "div");
			sheet_attribute(sheet, "class", "follows");
			sheet_element(sheet, "p", "small", earlier ? "Its early signs:" :
				      "What followed from it:");
		}
		any = true;
		begin_finding(sheet, source, f, false);
		put_body(sheet, options, source, f);
		sheet_end(sheet);
	}
	if (any)
		sheet_end(sheet);
}

static void put_consequences(struct sheet *sheet, const struct write_options *options,
			     const struct boot_report *boot, struct source *source,
			     const struct finding *root)
{
	put_follows(sheet, options, boot, source, root, true);
	put_follows(sheet, options, boot, source, root, false);
}

/* Roots of one severity, each with what followed. */
static void put_roots(struct sheet *sheet, const struct write_options *options,
		      const struct boot_report *boot, struct source *source,
		      enum severity severity, bool open)
{
	for (const struct finding *f = boot->findings; f; f = f->next) {
		uint32_t alike = 0;

		if (!f->shown || shown_cause(f) || f->severity != severity)
			continue;
		for (const struct finding *g = boot->findings; g != f; g = g->next)
			alike += g->shown && !shown_cause(g) && g->rule == f->rule;
		begin_finding(sheet, source, f, open && alike < ALIKE_OPEN);
		put_body(sheet, options, source, f);
		put_consequences(sheet, options, boot, source, f);
		sheet_end(sheet);
	}
}

static void put_findings(struct sheet *sheet, const struct write_options *options,
			 const struct boot_report *boot, struct source *source)
{
	const struct finding *worst = worst_root(boot);
	bool any = false;

	for (const struct finding *f = boot->findings; f; f = f->next)
		any |= f->shown;
	if (!any)
		return;
	sheet_element(sheet, "h3", NULL, worst ? "What was found" : "Notes");
	put_roots(sheet, options, boot, source, SEV_ERROR, true);
	put_roots(sheet, options, boot, source, SEV_WARNING, worst && worst->severity == SEV_WARNING);
	put_roots(sheet, options, boot, source, SEV_NOTE, false);
}

static void put_suppressed(struct sheet *sheet, const struct boot_report *boot, struct source *source)
{
	for (const struct finding *f = boot->findings; f; f = f->next) {
		if (!f->suppressed)
			continue;
		begin_finding(sheet, source, f, false);
		sheet_begin(sheet, "dl");
		put_advice(sheet, "suppressed", f->suppressed);
		sheet_end(sheet);
		sheet_end(sheet);
	}
}

void page_boot(struct sheet *sheet, const struct write_options *options,
	       const struct input_report *input, const struct boot_report *boot,
	       struct source *source)
{
	char id[60];

	snprintf(id, sizeof(id), BOOT_ID, boot->number);
	sheet_begin(sheet, "article");
	sheet_attribute_raw(sheet, "id", id);
	put_who(sheet, input, boot);
	put_verdict(sheet, boot, source);
	put_evidence_kinds(sheet, boot);
	put_picture(sheet, boot);
	put_findings(sheet, options, boot, source);
	put_suppressed(sheet, boot, source);
	against_put(sheet, boot);
	rule_lists_put(sheet, boot);
	sheet_end(sheet);
}
