/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hot loop: newlines are found 64 bytes at a time, then each line is
 * looked at from its first byte.
 *
 *   block --> newline positions --> learned prefix --> 4-byte key --> next line
 *                                        |                  | a known key
 *                                        | unlike           v
 *                                        +------> line_strip, rows, handlers
 *
 * 93 % of the lines of a boot log end at the key. */
#include "formats/in_text.h"

#include "formats/line_index.h"

/* Bytes whose newlines are indexed in one go: the index stays in the cache. */
#define SCAN_BYTES 8192u

typedef unsigned (*newline_scanner)(const char *bytes, unsigned length, uint16_t *positions);

static unsigned scan_plain(const char *bytes, unsigned length, uint16_t *positions)
{
	unsigned count = 0;

	for (unsigned i = 0; i < length;) {
		const char *newline = memchr(bytes + i, '\n', length - i);

		if (!newline)
			break;
		i = (unsigned)(newline - bytes);
		positions[count++] = (uint16_t)i++;
	}
	return count;
}

#if defined(__x86_64__) && !defined(NO_SIMD)
#include <immintrin.h>

/* Reads whole 64-byte steps: the buffer's slack covers what lies past the end,
 * and newlines there are dropped. */
__attribute__((target("avx2,bmi")))
static unsigned scan_avx2(const char *bytes, unsigned length, uint16_t *positions)
{
	const __m256i newline = _mm256_set1_epi8('\n');
	unsigned count = 0;

	for (unsigned i = 0; i < length; i += 64) {
		__m256i low = _mm256_loadu_si256((const __m256i *)(bytes + i));
		__m256i high = _mm256_loadu_si256((const __m256i *)(bytes + i + 32));
		uint64_t mask = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, newline)) |
			(uint64_t)(uint32_t)_mm256_movemask_epi8(
				_mm256_cmpeq_epi8(high, newline)) << 32;

		for (; mask; mask &= mask - 1)
			positions[count++] = (uint16_t)(i + (unsigned)__builtin_ctzll(mask));
	}
	while (count && positions[count - 1] >= length)
		count--;
	return count;
}
#endif

static newline_scanner choose_scanner(void)
{
#if defined(__x86_64__) && !defined(NO_SIMD)
	if (__builtin_cpu_supports("avx2"))
		return scan_avx2;
#endif
	return scan_plain;
}

unsigned in_text_newlines(bool plain, const char *bytes, unsigned length, uint16_t *positions)
{
	return (plain ? scan_plain : choose_scanner())(bytes, length, positions);
}

/* --- one line ------------------------------------------------------------ */

struct text_run {
	struct reader *reader;
	uint64_t offset;          /* of `start` in the input */
	const char *start;        /* first byte not yet taken */
	uint32_t line_number;
	/* The prefix of the kernel's lines, learned from one that line_strip()
	 * took apart: its length (0: none yet) and what tells it again. */
	struct { unsigned length; char first, closing; bool clock; } prefix;
	bool xen_seen;            /* this stream has "(XEN)" lines */
};

/* A line that a program's source or a dynamic-debug listing holds: a printf
 * conversion stands where a number should. */
static bool is_format_string(struct text message)
{
	return text_contains(message, TEXT("%#0")) || text_contains(message, TEXT("%0")) ||
	       text_contains(message, TEXT("%ll")) || text_contains(message, TEXT("%lx")) ||
	       text_contains(message, TEXT("%pa")) || text_contains(message, TEXT("%s"));
}

/* Messages that one line may hold, run into each other. Each looks at the rest
 * of the line, so without a bound a long line would take its length squared. */
#define PARTS_MAX 32u
#define DAMAGED_LEAD_MIN 10u   /* characters: less is another line altogether */

static const uint16_t *rows_for(struct text message)
{
	char padded[4] = { 0 };
	uint32_t key, slot, hash;
	uint8_t classes = LINE_CLASSES;

	memcpy(padded, message.at, message.length < 4 ? message.length : 4);
	key = line_key(padded);
	if (line_key_known(key)) {
		hash = key * LINE_HASH_MULTIPLIER >> (32 - LINE_FILTER_BITS);
		for (slot = hash & line_key_mask; line_keys[slot].list;
		     slot = (slot + 1) & line_key_mask)
			if (line_keys[slot].key == key)
				return line_lists + line_keys[slot].list;
	}
	for (int i = 0; i < 4; i++)
		classes &= line_class[i][(uint8_t)padded[i]];
	if (!classes)
		return NULL;
	return line_lists + line_class_lists[__builtin_ctz(classes)];
}

/* Does the message differ from the row's lead for sure? Only where the message has
 * a blank can both go on differently: one blank of a pattern stands for many. */
static inline bool lead_differs(const struct line_row *row, const char *pattern, const char *at)
{
	for (unsigned i = 0; i < row->lead_length; i++)
		if (pattern[i] != at[i])
			return at[i] != ' ' && at[i] != '\t';
	return !row->lead_length && pattern[1] == 'd' && *at != '-' && (*at < '0' || *at > '9');
}

/* The first row that fits. True when one did; *left is what it did not take. */
static bool match_rows(struct reader *reader, const struct line *line, struct text *left)
{
	const uint16_t *row = line->message.length ? rows_for(line->message) : NULL;
	bool damaged = false;
	struct match match;
	uint64_t told;

	if (!row)
		return false;
	/* Bytes 4 to 11 tell many rows of one key apart. The buffer's slack lies
	 * behind the last line. */
	memcpy(&told, line->message.at + 4, sizeof(told));
	for (; *row != LINE_LIST_END; row++) {
		const struct line_row *r = &line_rows[*row];
		const struct line_shape *shape = &line_families[r->family][r->row];
		bool lead = false;

		if ((told & r->mask) != r->value ||
		    lead_differs(r, shape->pattern, line->message.at))
			continue;
		if (shape_match_lead(shape, r->lead_length, line->message, &match, left,
				     &lead)) {
			if (!shape->handle(reader, line, &match))
				continue;
			return true;
		}
		damaged |= lead && r->lead_length >= DAMAGED_LEAD_MIN;
	}
	if (damaged && !is_format_string(line->message))
		reader_diagnose(reader, line->at, "a line like \"%.*s\" could not be read: cut or "
			"garbled", (int)(line->message.length < 40 ? line->message.length : 40),
			line->message.at);
	return false;
}

/* A row may take part of the line only: writers interleave, so the rest is
 * tried, and its rest. */
static void dispatch(struct text_run *run, struct line *line)
{
	struct reader *reader = run->reader;
	struct text left;

	for (unsigned parts = 1; match_rows(reader, line, &left) && left.length >= 4; parts++) {
		uint16_t domain = line->domain;

		if (parts == PARTS_MAX) {
			reader_diagnose(reader, line->at, "more than %u messages on one line: the "
					"others were not read", PARTS_MAX);
			return;
		}
		line_strip(left, line);
		if (line->domain == DOMAIN_NONE)
			line->domain = domain;
	}
}

/* "[    1.234567] " in the middle of a hypervisor's line. */
static const char *find_stamp(struct text raw)
{
	const char *at = raw.at + 1, *end = raw.at + raw.length;

	while (at < end && (at = memchr(at, '[', (size_t)(end - at)))) {
		size_t i = 1;

		while (at + i < end && at[i] == ' ')
			i++;
		while (at + i < end && at[i] >= '0' && at[i] <= '9')
			i++;
		if (i > 1 && end - at > (long)i + 8 && at[i] == '.' && at[i + 7] == ']')
			return at;
		at++;
	}
	return NULL;
}

/* Does the line begin as the learned prefix does? Its first and last characters,
 * and the point of its clock, stand where they stood. */
static inline bool has_learned_prefix(const struct text_run *run, const char *line, size_t length)
{
	unsigned n = run->prefix.length;

	return n && length > n && line[0] == run->prefix.first && line[n - 1] == ' ' &&
	       line[n - 2] == run->prefix.closing && (!run->prefix.clock || line[n - 9] == '.');
}

/* A clock, level, caller or syslog prefix whose length does not change from line
 * to line; the hypervisor's and other guests' lines are taken apart each time. */
static void learn_prefix(struct text_run *run, const char *line, const struct line *stripped)
{
	const char *end = stripped->message.at - stripped->indent;
	size_t length = (size_t)(end - line);

	if (stripped->speaker != SPEAKER_KERNEL || stripped->domain != DOMAIN_NONE ||
	    stripped->xen_source || end < line || length > 128)
		return;
	if (end[0] == ' ')
		length++;
	if (length < 3 || line[length - 1] != ' ')
		return;
	run->prefix.length = (unsigned)length;
	run->prefix.first = line[0];
	run->prefix.closing = line[length - 2];
	run->prefix.clock = length > 9 && line[length - 2] == ']' && line[length - 9] == '.';
}

/* One writer's part of a line. */
static void take_part(struct text_run *run, struct text raw, struct loc at,
		      const char *line_start)
{
	struct line line = { .at = at };

	line_strip(raw, &line);
	run->xen_seen |= line.speaker == SPEAKER_XEN;
	if (raw.at == line_start)
		learn_prefix(run, line_start, &line);
	if (line.message.length)
		dispatch(run, &line);
}

static void take_line(struct text_run *run, struct text raw, struct loc at,
		      const char *line_start)
{
	uint64_t before = run->reader->emitted;
	const char *split = NULL;

	if (run->xen_seen && raw.length > 7) {
		split = memmem(raw.at + 1, raw.length - 1, "(XEN) ", 6);
		if (!split && text_begins(raw, TEXT("(XEN) ")) && raw.length > 24) {
			/* Its own clock stands right after the prefix. */
			split = find_stamp((struct text){ raw.at + 8, raw.length - 8 });
		}
	}
	if (split) {
		size_t first = (size_t)(split - raw.at);

		take_part(run, (struct text){ raw.at, first }, at, line_start);
		raw = (struct text){ split, raw.length - first };
	}
	take_part(run, raw, at, line_start);
	run->reader->input->lines_used += run->reader->emitted > before;
}

/* "mm.c:2466:d0 ", "arch/x86/mm.c:2940:d0v0 ": the source files of the
 * hypervisor that speak of page tables, when "(XEN)" is lost. Others are found by
 * their "(XEN)". */
static inline bool may_be_source(const char *at)
{
	return !memcmp(at, "mm.c", 4) || !memcmp(at, "arch", 4) || !memcmp(at, "trap", 4);
}

/* Could any row, or a prefix, begin here? Reads four bytes. */
static inline bool worth_a_look(const char *at)
{
	uint8_t first = line_class[0][(uint8_t)at[0]];

	if (UNLIKELY(first & LINE_AGAIN))
		return true;
	if (UNLIKELY(first & line_class[1][(uint8_t)at[1]] & line_class[2][(uint8_t)at[2]] &
		     line_class[3][(uint8_t)at[3]] & LINE_CLASSES))
		return true;
	if ((first & LINE_LOWER) && may_be_source(at))
		return true;
	return line_key_known(line_key(at));
}

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

/* A message that begins with a known key right behind the learned clock. */
static void take_plain(struct text_run *run, const char *at, const char *end, struct loc where)
{
	struct line line = {
		.message = { at, (size_t)(end - at) },
		.at = where,
		.speaker = SPEAKER_KERNEL,
		.domain = DOMAIN_NONE,
	};
	uint64_t before = run->reader->emitted;

	while (line.message.length && (uint8_t)line.message.at[line.message.length - 1] <= ' ')
		line.message.length--;
	dispatch(run, &line);
	run->reader->input->lines_used += run->reader->emitted > before;
}

static inline void look_at(struct text_run *run, const char *end)
{
	const char *line = run->start, *at = line;
	size_t length = (size_t)(end - line);

	run->line_number++;
	if (LIKELY(has_learned_prefix(run, line, length))) {
		at = line + run->prefix.length;
		while (*at == ' ')
			at++;
		if (!run->xen_seen) {
			if (!worth_a_look(at))
				return;
			if (line_key_known(line_key(at)) && length <= LINE_BYTES_MAX && at < end) {
				take_plain(run, at, end, loc_of(run, line, end));
				return;
			}
		}
	} else if (length < 3 || (!worth_a_look(at) && !run->xen_seen)) {
		return;
	}
	if (UNLIKELY(length > LINE_BYTES_MAX))
		length = LINE_BYTES_MAX;
	if (UNLIKELY(at > line + length))
		return;
	/* A learned clock needs no second look. */
	take_line(run, (struct text){ at, length - (size_t)(at - line) }, loc_of(run, line, end),
		  line);
}

static void tell_long_line(struct text_run *run)
{
	reader_diagnose(run->reader, (struct loc){ .offset = run->offset,
		.line = run->line_number, .length = LINE_BYTES_MAX,
		.input = run->reader->input->input },
		"a line is longer than %u bytes: the rest of it was not read", LINE_BYTES_MAX);
}

/* All whole lines of [bytes, end); run->start is left at the rest. */
static void look_at_lines(struct text_run *run, newline_scanner scan, const char *bytes,
			  const char *end)
{
	uint16_t positions[SCAN_BYTES + 64];

	while (bytes < end && run->reader->status == ST_OK) {
		unsigned length = end - bytes > SCAN_BYTES ? SCAN_BYTES : (unsigned)(end - bytes);
		unsigned count = scan(bytes, length, positions);

		for (unsigned i = 0; i < count; i++) {
			const char *newline = bytes + positions[i];

			look_at(run, newline);
			if (UNLIKELY(newline - run->start > (long)LINE_BYTES_MAX))
				tell_long_line(run);
			run->offset += (uint64_t)(newline + 1 - run->start);
			run->start = newline + 1;
		}
		bytes += length;
	}
}

/* A line that outgrows its bound: its beginning is looked at, the rest skipped. */
static bool cut_long_line(struct text_run *run, const char *end, bool *skipping)
{
	if (!*skipping) {
		look_at(run, run->start + LINE_BYTES_MAX);
		tell_long_line(run);
	}
	*skipping = true;
	run->offset += (uint64_t)(end - run->start);
	run->start = end;
	return true;
}

static void skip_to_newline(struct text_run *run, const char *end, bool *skipping)
{
	const char *newline = memchr(run->start, '\n', (size_t)(end - run->start));
	const char *to = newline ? newline + 1 : end;

	run->offset += (uint64_t)(to - run->start);
	run->start = to;
	*skipping = !newline;
}

enum status in_text_run(struct reader *reader, struct source *source, size_t first,
			const char **trouble)
{
	struct text_run run = { .reader = reader, .start = source_data(source) };
	char *data = source_data(source), *end = data + first;
	newline_scanner scan = choose_scanner();
	bool last = first < READ_BYTES, skipping = false;
	enum status status = ST_OK;

	for (;;) {
		size_t rest, got;

		if (skipping)
			skip_to_newline(&run, end, &skipping);
		if (!skipping)
			look_at_lines(&run, scan, run.start, end);
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
	if (reader->status == ST_OK && status == ST_OK && run.start < end && !skipping) {
		/* The last line has no newline. */
		memset(end, 0, 64);
		look_at(&run, end);
		if (end - run.start > (long)LINE_BYTES_MAX)
			tell_long_line(&run);
		run.offset += (uint64_t)(end - run.start);
	}
	reader->input->bytes = run.offset;
	reader->input->lines = run.line_number;
	reader->input->format = reader->emitted ? "text log" : "text";
	return status == ST_OK ? reader->status : status;
}
