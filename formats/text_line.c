/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line, in which several writers may have written: each part's prefix is taken off,
 * and its message goes to the rows. */
#include "formats/in_text.h"
#include "formats/text_inside.h"

/* Messages that one line may hold, run into each other. Each looks at the rest
 * of the line, so without a bound a long line would take its length squared. */
#define PARTS_MAX 32u

/* In a log in which two consoles have written each line: is this the second? */
static bool is_twin(struct text_run *run, const struct line *line)
{
	return line->at.offset >= run->mess.doubled_from &&
	       mess_is_copy(run->said, line->message, line->domain, line->at.line,
			    run->reader->doubled);
}

void text_dispatch_rest(struct text_run *run, struct line *line, struct text left)
{
	for (unsigned parts = 1; left.length >= 4; parts++) {
		uint16_t domain = line->domain;

		if (parts == PARTS_MAX) {
			reader_diagnose(run->reader, line->at, "more than %u messages on one line: "
					"the others were not read", PARTS_MAX);
			return;
		}
		line_strip(left, line);
		if (line->domain == DOMAIN_NONE)
			line->domain = domain;
		if (!rows_match(run->reader, line, rows_hint(line->message), &left, &run->usual))
			return;
	}
}

bool text_dispatch_doubled(struct text_run *run, struct line *line, struct hint hint)
{
	struct text left;
	bool known;

	if (is_twin(run, line)) {
		if (!run->twins++)
			reader_diagnose(run->reader, line->at, "from here on each line stands twice, "
					"%sas two consoles write it: the second is not counted",
					run->reader->doubled > 1 ? "some lines apart, " : "");
		return true;
	}
	known = rows_match(run->reader, line, hint, &left, &run->usual);
	if (known)
		text_dispatch_rest(run, line, left);
	run->usual = NULL;
	return known;
}

const char *text_find_xen(const char *at, const char *end)
{
	while ((at = memchr(at, '(', (size_t)(end - at))) != NULL) {
		if (end - at < 6)
			return NULL;
		if (!memcmp(at, "(XEN) ", 6))
			return at;
		at++;
	}
	return NULL;
}

/* A command of 16 columns and "-107" or "  107", or xenalyze's clock, come before
 * a tracer's event. */
static inline bool begins_trace(struct text text)
{
	return text.length > 24 && (text.at[16] == '-' || text.at[0] == ' ' || text.at[8] == '-');
}

/* Xen speaks in the line that begins at `line_start`. */
static void note_xen(struct text_run *run, const char *line_start, uint64_t offset)
{
	if (run->xen_seen)
		return;
	run->xen_seen = run->closer = true;
	mess_sniff_xen(&run->mess, (struct text){ line_start,
		       (size_t)(run->rejoin->end - line_start) }, offset);
	if (run->reader->doubled < run->mess.doubled)
		run->reader->doubled = run->mess.doubled;
}

bool text_dispatch_first_cut(struct text_run *run, const struct line *line)
{
	struct text raw = run->reader->raw;

	if (!raw.at || !text_contains(line->message, TEXT("(XEN) ")))
		return false;
	raw.length = line->at.length;
	note_xen(run, raw.at, line->at.offset);
	text_take_line(run, raw, line->at, raw.at);
	return true;
}

/* One writer's part of a line. False: it is of no row, and no trace's. */
static bool take_part(struct text_run *run, struct text raw, struct loc at,
		      const char *line_start)
{
	struct line line = { .at = at, .domain = DOMAIN_NONE };

	if (begins_trace(raw) && trace_text_line(run->reader, &line, raw))
		return true;
	line_strip(raw, &line);
	if (line.speaker == SPEAKER_XEN)
		note_xen(run, line_start, at.offset);
	if (raw.at == line_start + run->mess.lead_length)
		learn_prefix(&run->prefix, line_start, &line);
	/* One blank may belong to the prefix: behind "[    0.000000]", not "<6>". */
	for (unsigned blanks = line.indent, tries = 0; tries < 2; tries++, blanks--) {
		struct text indented = { line.message.at - blanks, line.message.length + blanks };

		if (begins_trace(indented) && trace_text_line(run->reader, &line, indented))
			return true;
		if (!blanks)
			break;
	}
	if (line.message.length && text_dispatch(run, &line, rows_hint(line.message)))
		return true;
	if (UNLIKELY(run->reader->trace.open))
		trace_text_unread(run->reader, &line, raw);
	return false;
}

/* A part behind which Xen spoke. */
static void take_cut(struct text_run *run, struct text part, struct text xen, struct place place,
		     struct loc at)
{
	struct text whole = rejoin_cut(run->rejoin, part, xen, place, &run->understood);
	uint64_t told = run->reader->emitted + run->reader->input->diagnostic_count;

	if (!take_part(run, whole, at, place.line) &&
	    told == run->reader->emitted + run->reader->input->diagnostic_count)
		rows_tell_cut(run->reader, whole.length ? whole : part, at);
}

/* What one writer after the other has written into a line. */
static void take_parts(struct text_run *run, struct text raw, struct loc at,
		       const char *line_start)
{
	struct place place = { line_start, at.offset };
	const char *split = NULL;

	if (raw.length && (*raw.at == '(' || *raw.at == '>')) {
		struct text joined = (*raw.at == '(' ? rejoin_guest : rejoin_wrapped)
				     (run->rejoin, raw, place);

		if (joined.at != raw.at)
			run->understood = raw = joined;
	}
	if (run->xen_seen && raw.length > 7) {
		split = text_find_xen(raw.at + 1, raw.at + raw.length);
		if (!split && text_begins(raw, TEXT("(XEN) ")) && raw.length > 24) {
			/* Its own clock stands right after the prefix. */
			split = rejoin_find_stamp((struct text){ raw.at + 8, raw.length - 8 });
		}
	}
	if (split) {
		size_t first = (size_t)(split - raw.at);
		struct text part = { raw.at, first };

		/* The prefix that was learned is part of what the console wrote. */
		if (raw.at > line_start && split > line_start && split < line_start + at.length)
			part = (struct text){ line_start, (size_t)(split - line_start) };
		raw = (struct text){ split, raw.length - first };
		if (*split == '(')
			take_cut(run, part, raw, place, at);
		else
			take_part(run, part, at, line_start);
	}
	take_part(run, raw, at, line_start);
}

/* A carriage return in the middle of the line. */
static const char *find_return(struct text raw)
{
	size_t i = 0;

	while (i < raw.length && raw.at[i] == '\r')
		i++;
	return i < raw.length ? memchr(raw.at + i, '\r', raw.length - i) : NULL;
}

void text_take_line(struct text_run *run, struct text raw, struct loc at,
		      const char *line_start)
{
	uint64_t before = run->reader->emitted;
	struct text cleaned;
	const char *end;

	if (UNLIKELY(run->rejoin->taken_count) && rejoin_was_taken(run->rejoin, at.offset))
		return;
	cleaned = mess_clean(&run->mess, raw);
	if (cleaned.at != raw.at)
		run->understood = raw = cleaned;
	while ((end = find_return(raw)) != NULL) {
		size_t first = (size_t)(end - raw.at);

		take_parts(run, (struct text){ raw.at, first }, at, line_start);
		raw = (struct text){ end + 1, raw.length - first - 1 };
	}
	take_parts(run, raw, at, line_start);
	run->reader->input->lines_used += run->reader->emitted > before;
}
