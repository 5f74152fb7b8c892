/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Findings are collected as a list in the order of discovery; at the end of a
 * boot they are sorted by place, traced to their roots and fingerprinted. */
#include "core/report.h"

#include "core/rule.h"

const char *severity_word(enum severity severity)
{
	switch (severity) {
	case SEV_NOTE:
		return "note";
	case SEV_WARNING:
		return "warning";
	case SEV_ERROR:
		return "error";
	}
	return "error";
}

const char *certainty_word(enum certainty certainty)
{
	switch (certainty) {
	case PROVED:
		return "proved";
	case INFERRED:
		return "inferred";
	case SUSPECTED:
		return "suspected";
	}
	return "suspected";
}

/* --- collecting ---------------------------------------------------------- */

/* The rule's last finding, moved to the list's front: a flood of one rule
 * finds it there at once, and the order is made at the end anyway. */
static struct finding *last_of_rule(struct report *report, const struct rule *rule)
{
	struct finding **link, **best = NULL, *finding;

	for (link = &report->boot->findings; *link; link = &(*link)->next) {
		if ((*link)->rule != rule)
			continue;
		best = link;
		if ((*link)->more)
			break;
	}
	ASSERT(best != NULL);
	finding = *best;
	if (report->tail == &finding->next)
		report->tail = best;
	*best = finding->next;
	finding->next = report->boot->findings;
	report->boot->findings = finding;
	if (report->tail == &report->boot->findings)
		report->tail = &finding->next;
	return finding;
}

struct finding *finding_new(struct report *report, const struct rule *rule, struct loc at)
{
	uint32_t *count = &report->count_by_rule[rule_index(rule)];
	struct finding *finding;

	if (*count == FINDINGS_PER_RULE_MAX) {
		finding = last_of_rule(report, rule);
		if (finding->more < UINT32_MAX)
			finding->more++;
		return finding;
	}
	(*count)++;
	finding = ARENA_NEW(report->arena, struct finding);
	finding->rule = rule;
	finding->severity = rule->severity;
	finding->certainty = PROVED;
	finding->notes[0].at = at;
	finding->note_count = 1;
	finding->shown = true;
	*report->tail = finding;
	report->tail = &finding->next;
	return finding;
}

/* What is said of a finding that only stands for further ones is not kept:
 * its own words stay true, and a flood costs no memory. */
static bool only_counted(const struct finding *finding)
{
	return finding->more > 0;
}

void finding_message(struct report *report, struct finding *finding, const char *format, ...)
{
	va_list args;

	if (only_counted(finding) && finding->message)
		return;
	va_start(args, format);
	finding->message = arena_vprintf(report->arena, format, args);
	va_end(args);
}

static bool same_place(struct loc a, struct loc b)
{
	return a.input == b.input && a.offset == b.offset && a.line == b.line;
}

bool report_has_at(const struct report *report, struct loc at)
{
	for (const struct finding *f = report->boot->findings; f; f = f->next)
		if (f->note_count && same_place(f->notes[0].at, at))
			return true;
	return false;
}

bool finding_quotes(const struct finding *finding, struct loc at)
{
	for (uint32_t i = 0; i < finding->note_count; i++)
		if (same_place(finding->notes[i].at, at))
			return true;
	return false;
}

/* The note at `at`: one that is there already, or a new one; NULL when full. */
static struct note *note_at(struct finding *finding, struct loc at)
{
	for (uint32_t i = 0; i < finding->note_count; i++)
		if (same_place(finding->notes[i].at, at))
			return &finding->notes[i];
	if (finding->note_count == NOTES_MAX)
		return NULL;
	finding->notes[finding->note_count].at = at;
	return &finding->notes[finding->note_count++];
}

struct note *finding_note(struct report *report, struct finding *finding, struct loc at,
			  const char *format, ...)
{
	struct note *note;
	const char *says;
	va_list args;

	if (!loc_known(at) || only_counted(finding))
		return NULL;
	note = note_at(finding, at);
	if (!note || !format)
		return note;
	va_start(args, format);
	says = arena_vprintf(report->arena, format, args);
	va_end(args);
	/* A line may show two things; it is quoted once and says both. */
	if (note->says && strcmp(note->says, says))
		says = arena_printf(report->arena, "%s; %s", note->says, says);
	note->says = says;
	return note;
}

void note_caret(struct report *report, struct note *note, const char *mark,
		const char *format, ...)
{
	va_list args;

	if (!note || !mark || !*mark)
		return;
	for (size_t i = 0; i < ARRAY_LEN(note->carets); i++) {
		struct caret *caret = &note->carets[i];

		if (caret->mark)
			continue;
		caret->mark = arena_copy(report->arena, text_of(mark));
		if (format) {
			va_start(args, format);
			caret->says = arena_vprintf(report->arena, format, args);
			va_end(args);
		}
		return;
	}
}

void finding_at_most(struct finding *finding, enum certainty certainty)
{
	if (certainty > finding->certainty)
		finding->certainty = certainty;
}

const char *report_text(struct report *report, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(report->arena, format, args);
	va_end(args);
	return text;
}

const struct input_report *report_of(const struct input_report *input, struct loc at)
{
	for (const struct input_report *trace = input->trace; trace; trace = trace->trace)
		if (trace->input == at.input)
			return trace;
	return input;
}

const char *report_file(const struct input_report *input, struct loc at)
{
	return report_of(input, at)->name;
}

/* --- closing ------------------------------------------------------------- */

static int compare_places(struct loc a, struct loc b)
{
	if (a.input != b.input)
		return a.input < b.input ? -1 : 1;
	if (a.offset != b.offset)
		return a.offset < b.offset ? -1 : 1;
	return (a.line > b.line) - (a.line < b.line);
}

bool finding_is_earlier(const struct finding *finding, const struct finding *root)
{
	return compare_places(finding->notes[0].at, root->notes[0].at) < 0;
}

static const char *words_or(const char *own, const char *of_rule)
{
	const char *words = own ? own : of_rule;

	return words && *words ? words : NULL;
}

const char *finding_why(const struct finding *finding)
{
	return words_or(finding->why, finding->rule->why);
}

const char *finding_fix(const struct finding *finding)
{
	return words_or(finding->fix, finding->rule->fix);
}

/* Place, then rule ID; the rest only makes the order independent of the order
 * of discovery, which differs between on_event and at_end. */
static int compare_findings(const struct finding *a, const struct finding *b)
{
	int order = compare_places(a->notes[0].at, b->notes[0].at);

	if (!order)
		order = strcmp(a->rule->id, b->rule->id);
	if (!order && a->where.start.n != b->where.start.n)
		order = a->where.start.n < b->where.start.n ? -1 : 1;
	if (!order && a->message && b->message)
		order = strcmp(a->message, b->message);
	return order;
}

static struct finding *merge(struct finding *a, struct finding *b)
{
	struct finding *merged = NULL, **tail = &merged;

	while (a && b) {
		struct finding **least = compare_findings(a, b) <= 0 ? &a : &b;

		*tail = *least;
		tail = &(*least)->next;
		*least = *tail;
	}
	*tail = a ? a : b;
	return merged;
}

/* A merge sort: stable, and without memory of its own. */
static struct finding *sort_findings(struct finding *list)
{
	struct finding *middle = list, *second;

	if (!list || !list->next)
		return list;
	for (struct finding *end = list->next; end && end->next; end = end->next->next)
		middle = middle->next;
	second = middle->next;
	middle->next = NULL;
	return merge(sort_findings(list), sort_findings(second));
}

/* [0] stays: it is where the finding is placed. */
static void sort_notes(struct finding *finding)
{
	for (uint32_t i = 2; i < finding->note_count; i++) {
		struct note note = finding->notes[i];
		uint32_t to = i;

		for (; to > 1 && compare_places(finding->notes[to - 1].at, note.at) > 0; to--)
			finding->notes[to] = finding->notes[to - 1];
		finding->notes[to] = note;
	}
}

/* Is `id` one of the blank-separated words? */
static bool names_rule(const char *words, const char *id)
{
	size_t length = strlen(id);

	while (*words) {
		size_t word = strcspn(words, " ,");

		if (word == length && !memcmp(words, id, length))
			return true;
		words += word;
		words += strspn(words, " ,");
	}
	return false;
}

/* Would `cause` lead back to `finding`? Chains are short and have no cycle,
 * since every link was tested before it was made. */
static bool leads_to(const struct finding *cause, const struct finding *finding)
{
	for (; cause; cause = cause->cause)
		if (cause == finding)
			return true;
	return false;
}

/* Lines between a cause and a consequence that share no frame. */
#define CAUSE_LINES 40u

/* Without a common frame only what follows closely, or names no frame, is taken
 * for a consequence. */
static bool may_follow(const struct finding *root, const struct finding *finding)
{
	return pfn_range_empty(root->where) || pfn_range_empty(finding->where) ||
	       loc_within(root->notes[0].at, finding->notes[0].at, CAUSE_LINES);
}

static struct finding *best_root(const struct finding *finding, const struct boot_report *boot)
{
	struct finding *earliest = NULL;

	for (struct finding *root = boot->findings; root; root = root->next) {
		if (root->rule == finding->rule || !names_rule(finding->rule->roots, root->rule->id))
			continue;
		if (leads_to(root, finding))
			continue;
		/* Of one frame, where lines tell no order. */
		if (!loc_same_course(root->notes[0].at, finding->notes[0].at, boot->trace_behind) &&
		    pfn_range_overlap(root->where, finding->where))
			return root;
		/* A root that is seen later quotes the line that the finding stands on. */
		if (compare_places(root->notes[0].at, finding->notes[0].at) > 0 &&
		    !finding_quotes(root, finding->notes[0].at))
			continue;
		if (pfn_range_overlap(root->where, finding->where))
			return root;
		if (!earliest && may_follow(root, finding))
			earliest = root;
	}
	return earliest;
}

static void find_causes(const struct boot_report *boot)
{
	for (struct finding *f = boot->findings; f; f = f->next)
		if (f->rule->roots && *f->rule->roots)
			f->cause = best_root(f, boot);
	/* A person wants the root, not the next link. */
	for (struct finding *f = boot->findings; f; f = f->next)
		while (f->cause && f->cause->cause)
			f->cause = f->cause->cause;
}

static uint64_t fnv1a(uint64_t hash, const char *bytes)
{
	for (; *bytes; bytes++)
		hash = (hash ^ (unsigned char)*bytes) * UINT64_C(0x100000001b3);
	/* The end counts too: "ab","c" differs from "a","bc". */
	return hash * UINT64_C(0x100000001b3);
}

/* Rule and facts only: never an address, a time, a line or a file, so that
 * the same fault has the same fingerprint on another machine. */
static uint64_t fingerprint_of(const struct finding *finding)
{
	uint64_t hash = fnv1a(UINT64_C(0xcbf29ce484222325), finding->rule->id);

	return fnv1a(hash, finding->facts ? finding->facts : "");
}

bool boot_has_error(const struct boot_report *boot)
{
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->severity == SEV_ERROR)
			return true;
	return false;
}

void report_close_boot(struct report *report)
{
	struct boot_report *boot = report->boot;

	boot->findings = sort_findings(boot->findings);
	report->tail = &boot->findings;
	for (struct finding *f = boot->findings; f; f = f->next) {
		if (!f->message)
			f->message = f->rule->title;
		/* Nothing is proved without a line that proves it. */
		if (!loc_known(f->notes[0].at))
			finding_at_most(f, INFERRED);
		/* What came first is not known. */
		for (uint32_t i = 1; i < f->note_count && !boot->in_order; i++)
			if (!loc_same_course(f->notes[i].at, f->notes[0].at, boot->trace_behind))
				finding_at_most(f, INFERRED);
		sort_notes(f);
		f->fingerprint = fingerprint_of(f);
		f->cause = NULL;
		report->tail = &f->next;
	}
	find_causes(boot);
}
