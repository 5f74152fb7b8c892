/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hot loop: newlines are found 128 bytes at a time, then the lines between them are
 * skimmed, and those that a row may begin as are taken.
 *
 *   block --> newline positions --> learned prefix, first bytes --> next line
 *                                        |              | a row may begin so
 *                                        | unlike       v
 *                                        |          4-byte key, a byte that tells, a
 *                                        v          candidate's window --> its pattern
 *                                   line_strip, rows, handlers
 *
 * 93 % of the lines of a boot log end at their first bytes. */
#include "formats/in_text.h"

#include <unistd.h>

#include "formats/input.h"
#include "formats/newlines.h"
#include "formats/probe.h"
#include "formats/text_inside.h"
#include "formats/usual.h"

/* Lines that are skimmed before the first of them is taken: fewer where one has just changed
 * how others are to be taken, which makes the rest of the look vain. */
#define SKIM_LINES 256
#define SKIM_FEW 16

static struct loc loc_of(const struct text_run *run, const char *line, const char *end)
{
	size_t length = (size_t)(end - line);

	if (UNLIKELY(length > LINE_BYTES_MAX))
		length = LINE_BYTES_MAX;
	else if (length && end[-1] == '\r')
		length--;
	return (struct loc){
		.offset = run->offset + (uint64_t)(line - run->start),
		.line = run->line_number,
		.length = (uint32_t)length,
		.input = run->reader->input->input,
	};
}

static inline enum glance glance(const char *at, const char *end, bool behind_prefix,
				 struct hint *hint)
{
	return line_may_begin(at) ? rows_glance(at, end, behind_prefix, hint) : PASS_BY;
}

/* A message [at, end) that begins as a row does, with no prefix or the learned one. */
static ALWAYS_INLINE void take_plain(struct text_run *run, const char *at, const char *end,
				     struct loc where, struct hint hint)
{
	struct reader *reader = run->reader;
	uint64_t before = reader->emitted;
	struct line line = {
		.message = { at, (size_t)(end - at) },
		.at = where,
		.speaker = SPEAKER_KERNEL,
		.domain = DOMAIN_NONE,
	};

	mess_trim(&line.message);
	text_dispatch(run, &line, hint);
	reader->input->lines_used += reader->emitted > before;
}

/* In a trace: a tracer's line, which may stand behind the learned prefix. */
static bool take_trace(struct text_run *run, const char *at, const char *end)
{
	struct line line = { .at = loc_of(run, at, end), .domain = DOMAIN_NONE };
	struct reader *reader = run->reader;
	uint64_t before = reader->emitted;
	struct text text = { at, line.at.length };

	reader->raw = text;
	if (behind_prefix(&run->prefix, at, end)) {
		text.at += run->prefix.length;
		text.length -= run->prefix.length;
	}
	if (!trace_text_line(reader, &line, text))
		return false;
	reader->input->lines_used += reader->emitted > before;
	return true;
}

/* Shows a line that is worth keeping to who asked for it. */
static void keep_line(struct reader *reader, uint64_t facts, const struct reader_state *before,
		      struct text line, struct loc where)
{
	if (reader->facts > facts || memcmp(before, &reader->state, sizeof(*before)))
		reader->keep_line(reader->context, line, where);
}

/* A line [line, line + length) of a log, whose message begins at `at` if what a glance
 * saw is right. */
static void take_seen(struct text_run *run, const char *line, const char *at, size_t length,
		      struct loc where, enum glance seen, struct hint hint)
{
	if (seen == TAKE && at < line + length) {
		if (!run->rejoin->taken_count || !rejoin_was_taken(run->rejoin, where.offset))
			take_plain(run, at, line + length, where, hint);
	} else if (at <= line + length) {   /* a learned clock needs no second look */
		text_take_line(run, (struct text){ at, length - (size_t)(at - line) }, where, line);
	}
}

/* The line as it would be read alone. */
static struct text as_understood(const struct text_run *run, const char *line, size_t length)
{
	struct text raw = { line, length };

	if (run->understood.at)
		return run->understood;
	return mess_without_lead(&run->mess, raw);
}

/* The line from run->start to `end`, whatever may be the matter with it. */
static NEVER_INLINE void look_closer(struct text_run *run, const char *at, const char *end,
				     enum glance seen, struct hint hint)
{
	struct reader *reader = run->reader;
	const char *line = run->start;
	size_t length = (size_t)(end - line);
	struct loc where = loc_of(run, line, end);

	if (length > LINE_BYTES_MAX)
		length = LINE_BYTES_MAX;
	reader->raw = (struct text){ line, length };
	if (reader->keep_line != NULL) {
		struct reader_state state = reader->state;
		uint64_t facts = reader->facts;

		run->understood.at = NULL;
		take_seen(run, line, at, length, where, seen, hint);
		keep_line(reader, facts, &state, as_understood(run, line, where.length), where);
		return;
	}
	take_seen(run, line, at, length, where, seen, hint);
}

/* Room for lines that are changed. */
struct scratch {
	struct rejoin rejoin;
	struct said said;
	char line[LINE_BYTES_MAX + 64];
};

/* Nothing at `end` or behind it may be looked at. */
static void use_scratch(struct text_run *run, struct scratch *scratch, const char *end)
{
	scratch->rejoin.end = end;
	scratch->rejoin.taken_count = 0;
	scratch->said.any = false;
	run->rejoin = &scratch->rejoin;
	run->said = &scratch->said;
	run->mess.room = scratch->line;
}

void in_text_line(struct reader *reader, bool *xen_seen, struct text line, struct loc at)
{
	struct text_run run = { .reader = reader, .xen_seen = *xen_seen, .prefix = NOT_LEARNED };
	struct scratch scratch;

	use_scratch(&run, &scratch, line.at);
	text_take_line(&run, line, at, line.at);
	*xen_seen = run.xen_seen;
}

static void tell_long_line(struct text_run *run)
{
	reader_diagnose(run->reader, (struct loc){ .offset = run->offset,
		.line = run->line_number, .length = LINE_BYTES_MAX,
		.input = run->reader->input->input },
		"a line is longer than %u bytes: the rest of it was not read", LINE_BYTES_MAX);
}

/* The line from run->start to `end`, outside the hot loop. */
static void take_one_line(struct text_run *run, const char *end)
{
	struct hint hint = { NULL, 0 };
	enum glance seen;
	const char *at;

	run->line_number++;
	if (run->reader->trace.open && take_trace(run, run->start, end))
		return;
	at = message_of(&run->prefix, run->start, end);
	seen = glance(at, end, at > run->start, &hint);
	if (run->closer)
		seen = LOOK_CLOSER;
	if (seen != PASS_BY)
		look_closer(run, at, end, seen, hint);
	if (end - run->start > (long)LINE_BYTES_MAX)
		tell_long_line(run);
}

/* Whole lines from run->start on. */
static struct usual_lines usual_from(const struct text_run *run, const char *bytes,
				     const uint16_t *positions, unsigned count)
{
	return (struct usual_lines){
		.line = run->start,
		.bytes = bytes,
		.ends = positions,
		.count = count,
		.at = { .offset = run->offset, .line = run->line_number + 1,
			.input = run->reader->input->input },
		.prefix = &run->prefix,
		.hide = run->closer,
	};
}

/* Takes whole lines from run->start on that are spelt as `usual` knows, who compares them
 * from end to end where they may hide something. How many. */
static unsigned take_usual_of(struct text_run *run, line_usual *usual, const char *bytes,
			      const uint16_t *positions, unsigned count)
{
	struct usual_lines lines = usual_from(run, bytes, positions, count);
	unsigned taken = 0;

	if (!run->reader->keep_line && !run->rejoin->taken_count)
		taken = usual(run->reader, &lines);
	if (!taken)
		return 0;
	run->line_number += taken;
	run->offset += (uint64_t)(bytes + positions[taken - 1] + 1 - run->start);
	run->start = bytes + positions[taken - 1] + 1;
	return taken;
}

/* Lines of a trace; run->start is left behind the last. */
static unsigned take_trace_lines(struct text_run *run, const char *bytes,
				 const uint16_t *positions, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const char *end;

		i += take_usual_of(run, trace_usual_lines, bytes, positions + i, count - i);
		if (i == count)
			break;
		end = bytes + positions[i];
		take_one_line(run, end);
		run->offset += (uint64_t)(end + 1 - run->start);
		run->start = end + 1;
	}
	return count;
}

/* Does the line hold something that its first bytes do not tell of? */
static bool hides_more(const struct text_run *run, const char *line, const char *at, const char *end)
{
	struct text raw = { line, (size_t)(end - line) };

	if (run->xen_seen && text_find_xen(line, end))
		return true;
	if (raw.length && end[-1] == '\r')
		raw.length--;
	return run->mess.any && mess_hides(&run->mess, raw, at > line);
}

/* What a glance saw of a line. */
struct seen { const char *at; enum glance glance; struct hint hint; };

/* The first of [position, end) whose line is worth a look, where each may hide something. */
static NEVER_INLINE const uint16_t *pass_by_closely(struct text_run *run, const char *bytes,
				       const uint16_t *position, const uint16_t *end,
				       const char **line, struct seen *seen)
{
	for (; position < end; position++) {
		const char *newline = bytes + *position;

		seen->at = message_of(&run->prefix, *line, newline);
		seen->glance = glance(seen->at, newline, seen->at > *line, &seen->hint);
		if (seen->glance != LOOK_CLOSER && hides_more(run, *line, seen->at, newline))
			seen->glance = LOOK_CLOSER;
		if (seen->glance != PASS_BY)
			break;
		*line = newline + 1;
	}
	return position;
}

/* Lines of a step: `offset` is of bytes[0], `number` of the line that ends at `first`. */
struct lines { const char *bytes; const uint16_t *first, *end; uint64_t offset; uint32_t number; };

/* Where the reader is, before the line that begins at `line` and ends at `position`. */
static inline void stand_at(struct text_run *run, const struct lines *lines, const char *line,
			    const uint16_t *position)
{
	run->start = line;
	run->offset = lines->offset + (uint64_t)(line - lines->bytes);
	run->line_number = lines->number - 1 + (uint32_t)(position - lines->first);
}

/* Lines like the last one, the first of which begins at `line` and ends at `position`.
 * Returns the position behind them. */
static const uint16_t *take_usual(struct text_run *run, const struct lines *lines,
				  const char *line, const uint16_t *position)
{
	unsigned taken;

	stand_at(run, lines, line, position);
	taken = take_usual_of(run, run->usual, lines->bytes, position,
			      (unsigned)(lines->end - position));
	if (!taken)
		run->usual = NULL;
	return position + taken;
}

/* The line that begins at `line` and ends at `position`. */
static NEVER_INLINE void take_seen_line(struct text_run *run, const struct lines *lines,
					const char *line, const uint16_t *position,
					const struct seen *seen)
{
	stand_at(run, lines, line, position);
	run->line_number++;
	look_closer(run, seen->at, lines->bytes + *position, seen->glance, seen->hint);
}

/* Of most lines that a row may begin as it is known what they are. */
static inline bool is_plain(const struct text_run *run, enum glance seen, const char *line,
			    const char *end)
{
	return seen == TAKE && !run->reader->keep_line && !run->rejoin->taken_count &&
	       (LINE_BYTES_MAX >= NEWLINES_BYTES || end - line <= (long)LINE_BYTES_MAX);
}

/* Takes a line that was skimmed over and ends at `position`, if it is worth it; whether it
 * changes how others are to be taken. */
static ALWAYS_INLINE bool take_skimmed(struct text_run *run, const struct lines *lines,
				       const struct learned *like, const uint16_t *position,
				       struct seen *seen)
{
	const char *line = lines->bytes + 1 + position[-1], *end = lines->bytes + *position;
	const uint32_t changes = run->prefix.changes;

	seen->at = line + like->length;
	if (UNLIKELY(*seen->at == ' ' || (!like->length && behind_prefix(&run->prefix, line, end))) &&
	    !learned_may_be_row(&run->prefix, line, end, &seen->at))
		return false;
	seen->glance = rows_glance(seen->at, end, seen->at > line, &seen->hint);
	if (seen->glance == PASS_BY)
		return false;
	if (LIKELY(is_plain(run, seen->glance, line, end))) {
		struct text raw = { line, (size_t)(end - line) };

		run->reader->raw = raw;
		take_plain(run, seen->at, end, (struct loc){
			.offset = lines->offset + (uint64_t)(line - lines->bytes),
			.line = lines->number + (uint32_t)(position - lines->first),
			.length = (uint32_t)(raw.length - (end[-1] == '\r')),
			.input = run->reader->input->input,
		}, seen->hint);
		return run->reader->trace.open;
	}
	take_seen_line(run, lines, line, position, seen);
	return run->reader->trace.open || run->closer || run->prefix.changes != changes;
}

/* Where lines hide nothing: takes those from `line` on, up to one that changes how others
 * are to be taken. Returns the position behind it. */
static const uint16_t *take_quickly(struct text_run *run, const struct lines *lines,
				    const uint16_t *position, const char *line)
{
	static const struct learned none = { 0 };
	const char *bytes = lines->bytes;
	uint8_t may[SKIM_ROOM(SKIM_LINES)];
	struct seen seen = { .hint = { NULL, 0 } };

	if (LIKELY(position > lines->first)) {
		const bool absent = run->prefix.absent;
		const struct learned *like = absent ? &none : &run->prefix;
		const uint16_t *end = lines->end - position > run->skim ? position + run->skim
									: lines->end;
		const uint16_t *from = position, *next = position;

		position = skim(like, bytes, from, end, may);
		for (unsigned first = 0; from + first < position; first += 64) {
			for (uint64_t left = skimmed_64(may + first / 8); left; left &= left - 1) {
				const uint16_t *at = from + first + __builtin_ctzll(left);

				if (run->usual && at >= next)
					next = take_usual(run, lines, bytes + 1 + at[-1], at);
				if (at < next)
					continue;
				if (UNLIKELY(take_skimmed(run, lines, like, at, &seen) ||
					     (run->usual && run->prefix.absent != absent))) {
					run->skim = SKIM_FEW;
					return at + 1;
				}
			}
		}
		if (position < next)
			position = next;
		if (position >= end) {
			run->skim = SKIM_LINES;
			return position;
		}
		line = bytes + 1 + position[-1];
	}
	if (learned_may_be_row(&run->prefix, line, bytes + *position, &seen.at)) {
		seen.glance = rows_glance(seen.at, bytes + *position, seen.at > line, &seen.hint);
		if (seen.glance != PASS_BY)
			take_seen_line(run, lines, line, position, &seen);
	}
	return position + 1;
}

/* Lines that end at the positions; run->start is left behind the last. Returns how
 * many there were before one that begins a trace. */
static unsigned take_lines(struct text_run *run, const char *bytes, const uint16_t *positions,
			   unsigned count)
{
	const uint16_t *position = positions, *end = positions + count;
	const struct lines lines = { bytes, positions, end,
		run->offset + (uint64_t)(bytes - run->start), run->line_number + 1 };
	const char *line = run->start;
	struct seen seen = { .hint = { NULL, 0 } };

	while (position < end && !run->reader->trace.open) {
		if (UNLIKELY(run->usual != NULL)) {
			position = take_usual(run, &lines, line, position);
			line = run->start;
		} else if (LIKELY(!run->closer)) {
			position = take_quickly(run, &lines, position, line);
			line = bytes + 1 + position[-1];
		} else {
			position = pass_by_closely(run, bytes, position, end, &line, &seen);
			if (position == end)
				break;
			take_seen_line(run, &lines, line, position, &seen);
			line = bytes + 1 + *position++;
		}
	}
	count = (unsigned)(position - positions);
	stand_at(run, &lines, line, position);
	return count;
}

/* NULs before a line are no part of it: a line that was held low, a hole in a file. */
static void skip_nuls(struct text_run *run, const char *end)
{
	const char *at = run->start;

	while (at < end && !*at)
		at++;
	run->offset += (uint64_t)(at - run->start);
	run->start = at;
}

/* All whole lines of [bytes, end); run->start is left at the rest. */
static void look_at_lines(struct text_run *run, newline_scanner scan, const char *bytes,
			  const char *end)
{
	uint16_t positions[NEWLINES_ROOM];

	while (bytes < end && run->reader->status == ST_OK) {
		unsigned length = end - bytes > NEWLINES_BYTES ? NEWLINES_BYTES : (unsigned)(end - bytes);
		unsigned count = scan(bytes, length, positions), first = 0;

		/* Only the first line of a step can be that long. */
		if (UNLIKELY(count && bytes + positions[0] - run->start > (long)LINE_BYTES_MAX)) {
			const char *newline = bytes + positions[0];

			skip_nuls(run, newline);
			take_one_line(run, newline);
			run->offset += (uint64_t)(newline + 1 - run->start);
			run->start = newline + 1;
			first = 1;
		}
		while (first < count) {
			bool traced = run->reader->trace.open;

			first += (traced ? take_trace_lines : take_lines)
				(run, bytes, positions + first, count - first);
		}
		bytes += length;
	}
}

/* A line that outgrows its bound: its beginning is looked at, the rest skipped. */
static void cut_long_line(struct text_run *run, const char *end, bool *skipping)
{
	skip_nuls(run, end);
	if (end - run->start <= (long)LINE_BYTES_MAX)
		return;
	if (!*skipping)
		take_one_line(run, run->start + LINE_BYTES_MAX + 1);
	*skipping = true;
	run->offset += (uint64_t)(end - run->start);
	run->start = end;
}

static void skip_to_newline(struct text_run *run, const char *end, bool *skipping)
{
	const char *newline = memchr(run->start, '\n', (size_t)(end - run->start));
	const char *to = newline ? newline + 1 : end;

	run->offset += (uint64_t)(to - run->start);
	run->start = to;
	*skipping = !newline;
}

/* The byte order mark of UTF-8. */
static void skip_mark(struct text_run *run, const char *end)
{
	if (end - run->start >= 3 && !memcmp(run->start, "\xef\xbb\xbf", 3)) {
		run->start += 3;
		run->offset += 3;
	}
}

enum status in_text_run(struct reader *reader, struct source *source, size_t first,
			const char **trouble)
{
	struct text_run run = { .reader = reader, .start = source_data(source),
				.prefix = NOT_LEARNED, .skim = SKIM_LINES };
	struct scratch scratch;
	char *data = source_data(source), *end = data + first;
	newline_scanner scan = newlines_scanner();
	bool last = first < READ_BYTES, skipping = false;
	enum status status = ST_OK;
	const char *trace;

	use_scratch(&run, &scratch, end);
	mess_sniff(&run.mess, (struct text){ data, first });
	run.closer = run.mess.any;
	reader->doubled = run.mess.doubled;
	skip_mark(&run, end);
	trace_text_begin(reader, data, first);
	for (;;) {
		size_t rest, got;

		if (skipping)
			skip_to_newline(&run, end, &skipping);
		scratch.rejoin.end = end;
		if (!skipping)
			look_at_lines(&run, scan, run.start, last ? end : rejoin_hold(end));
		if (reader->status != ST_OK || last)
			break;
		if (end - run.start > (long)LINE_BYTES_MAX)
			cut_long_line(&run, end, &skipping);
		rest = (size_t)(end - run.start);
		memmove(data - rest, run.start, rest);
		run.start = data - rest;
		status = source_read(source, data, READ_BYTES, &got, trouble);
		end = data + got;
		last = got < READ_BYTES;
		if (status != ST_OK)
			break;
	}
	if (reader->status == ST_OK && status == ST_OK && run.start < end && !skipping &&
	    source_failure(source, trouble) == ST_OK) {
		/* The last line has no newline; but one that damage has cut off is not
		 * to be trusted: half a number is another number. */
		memset(end, 0, 64);
		if (!trace_text_cut(reader, (struct text){ run.start, (size_t)(end - run.start) },
				    run.offset, ++run.line_number)) {
			run.line_number--;
			take_one_line(&run, end);
		}
		run.offset += (uint64_t)(end - run.start);
	}
	reader_drop_pieces(reader);
	reader->input->bytes = run.offset;
	reader->input->lines = run.line_number;
	trace_text_end(reader);
	trace = trace_text_format(reader);
	reader->input->format = trace ? trace : reader->emitted ? "text log" : "text";
	return status == ST_OK ? reader->status : status;
}

enum status in_text_run_made(struct reader *reader, struct source *text, const char **trouble)
{
	enum status status;
	size_t got;

	if (lseek(text->fd, 0, SEEK_SET))
		return ST_IO;
	status = source_read(text, source_data(text), READ_BYTES, &got, trouble);
	return status == ST_OK ? in_text_run(reader, text, got, trouble) : status;
}

static enum likeness probe_text(const unsigned char *bytes, size_t n)
{
	return probe_format(bytes, n) == PROBE_TEXT ? MAY_BE : NOT_ALIKE;
}

const struct input_format input_text = {
	.name = "text",
	.title = "console, serial or syslog capture, text trace",
	.probe = probe_text,
	.read = in_text_run,
};
