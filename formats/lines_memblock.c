/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Early reservations: the early_res table (to 2.6.36), memblock's debug lines
 * (2.6.37 on, with memblock=debug) and its dumps.
 * Source: Linux kernel/early_res.c 2.6.34-36, arch/x86/mm/memblock.c
 * 2.6.37-3.2, mm/memblock.c 3.4-7.1.
 *
 * Ends: every form is inclusive but two: the early_res table, and the plain
 * memblock_reserve/memblock_free lines of 3.4 to 3.13, which are told by their
 * 14 digits without " flags ". */
#include "formats/line_index.h"
#include "formats/mess.h"
#include "formats/reader.h"
#include "formats/steps.h"
#include "formats/usual.h"

/* 14 digits come from "%#016llx" (3.4 to 4.9), 16 from "%pa" (4.14 on). A
 * memblock_free line of 14 digits does not tell 3.13 from 3.14: the reserve
 * lines of the same log do. */
static enum ends ends_of_free(const struct reader *reader, const struct match *match)
{
	if (match->ranges[0].digits != 14)
		return ENDS_INCLUSIVE;
	return reader->state.memblock.ends;
}

static bool page_aligned(uint64_t n)
{
	return !(n & (FRAME_BYTES - 1));
}

/* The range of a row that came as written (ENDS_BY_LOG). Unknown ends: what
 * makes a page-aligned end, else exclusive; the event is then INFERRED. */
static struct paddr_range settle_ends(const struct match *match, enum ends ends,
				      struct event *event)
{
	uint64_t start = match->ranges[0].start, end = match->ranges[0].end;

	if (ends == ENDS_NONE) {
		event->certainty = INFERRED;
		ends = page_aligned(end + 1) && !page_aligned(end) ? ENDS_INCLUSIVE : ENDS_EXCLUSIVE;
	}
	if (ends == ENDS_INCLUSIVE && end != UINT64_MAX)
		end++;
	return paddr_range(start, end);
}

/* "alloc_low_pages+0x16a/0x180 [mod]" -> "alloc_low_pages" */
static struct text caller_name(struct text words)
{
	const char *end = word_end(words.at, words.at + words.length, '+');

	words.length = (size_t)(end - words.at);
	return words;
}

static void emit_range(struct reader *reader, struct event *event, struct paddr_range bytes,
		       struct text label, bool by_caller)
{
	if (bytes.end.n < bytes.start.n)
		event->kind = EV_RANGE_ABSURD;
	event_set_range(event, bytes, label, by_caller);
	reader_emit(reader, event);
}

/* "%#010llx" gives that many and more: of fewer some are lost. */
#define X86_DIGITS 8u

static bool by_name(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_RESERVED);

	if (match->ranges[0].digits < X86_DIGITS)
		return reader_tell_garbled(reader, line);
	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   match->words[0], false);
	return true;
}

static bool wrong_range(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_ABSURD);

	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   TEXT("reservation"), false);
	event.kind = EV_RANGE_ABSURD;
	return true;
}

static bool free_range_x86(struct reader *reader, const struct line *line,
			   const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_RELEASED);

	if (match->ranges[0].digits < X86_DIGITS)
		return reader_tell_garbled(reader, line);
	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   (struct text){ "", 0 }, false);
	return true;
}

static bool reserve_flags(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_RESERVED);

	reader->state.memblock.ends = ENDS_INCLUSIVE;
	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   caller_name(match->words[0]), true);
	return true;
}

/* "flags 0x0 caller+0x1/0x2": the caller alone. */
static struct text after_flags(struct text words)
{
	const char *blank = memchr(words.at + 6, ' ', words.length - 6);

	return blank ? (struct text){ blank + 1, words.length - (size_t)(blank + 1 - words.at) }
		     : (struct text){ words.at + words.length, 0 };
}

static bool reserve(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_RESERVED);
	enum ends ends = match->ranges[0].digits == 14 ? ENDS_EXCLUSIVE : ENDS_INCLUSIVE;
	struct text words = match->words[0];

	if (text_begins(words, TEXT("flags "))) {
		ends = ENDS_INCLUSIVE;
		words = after_flags(words);
	}
	reader->state.memblock.ends = ends;
	emit_range(reader, &event, settle_ends(match, ends, &event), caller_name(words), true);
	return true;
}

static bool release(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_RELEASED);

	emit_range(reader, &event, settle_ends(match, ends_of_free(reader, match), &event),
		   caller_name(match->words[0]), true);
	return true;
}

static bool memory_edit(struct reader *reader, const struct line *line, const struct match *match,
			enum event_kind kind)
{
	struct event event = reader_event(line, kind);

	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   match->word_count ? caller_name(match->words[match->word_count - 1])
				     : (struct text){ "", 0 }, true);
	return true;
}

static bool add(struct reader *reader, const struct line *line, const struct match *match)
{
	return memory_edit(reader, line, match, EV_MEMORY_ADDED);
}

static bool remove_memory(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	return memory_edit(reader, line, match, EV_MEMORY_REMOVED);
}

static bool request(struct reader *reader, const struct line *line, uint64_t size, uint64_t align,
		    uint64_t from, uint64_t to, struct text caller)
{
	struct event event = reader_event(line, EV_ALLOC_REQUESTED);

	event.u.request.size_bytes = size;
	event.u.request.align_bytes = align;
	event.u.request.within = paddr_range(from, to);
	event.u.request.label = caller_name(caller);
	reader_emit(reader, &event);
	return true;
}

static bool request_nid(struct reader *reader, const struct line *line, const struct match *match)
{
	return request(reader, line, match->numbers[0].value, match->numbers[1].value,
		       match->numbers[3].value, match->numbers[4].value, match->words[1]);
}

static bool request_plain(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	return request(reader, line, match->numbers[0].value, match->numbers[1].value,
		       match->numbers[2].value, match->numbers[3].value, match->words[1]);
}

static bool dump_start(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_DUMP_STARTED);

	(void)match;
	memset(reader->state.memblock.listed, 0, sizeof(reader->state.memblock.listed));
	reader_emit(reader, &event);
	return true;
}

static bool dump_count(struct reader *reader, const struct line *line, const struct match *match)
{
	bool reserved = text_begins(line->message, TEXT("reserved"));

	reader->state.memblock.listed[reserved] = (uint32_t)match->numbers[0].value;
	return true;
}

static bool dump_region(struct reader *reader, const struct line *line, const struct match *match,
			bool reserved)
{
	struct event event = reader_event(line, EV_DUMP_REGION);

	if (match->ranges[0].absurd)
		return false;
	event.u.region.reserved = reserved;
	event.u.region.index = (uint32_t)match->numbers[0].value;
	event.u.region.listed = reader->state.memblock.listed[reserved];
	event.u.region.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	reader_emit(reader, &event);
	return true;
}

static bool dump_memory(struct reader *reader, const struct line *line, const struct match *match)
{
	return dump_region(reader, line, match, false);
}

static bool dump_reserved(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	return dump_region(reader, line, match, true);
}

/* Lines of a dump that carry nothing the regions do not. */
static bool dump_size(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)reader;
	(void)line;
	(void)match;
	return true;
}

static bool early_table(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)line;
	(void)match;
	reader->state.memblock.in_early_table = true;
	return true;
}

static bool subtract(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)line;
	reader->state.memblock.in_early_table = true;
	reader->state.memblock.subtract_left = (uint32_t)match->numbers[0].value;
	return true;
}

/* "#6 [0000008000 - 000000b000]          PGTABLE ==> [0000008000 - 000000b000]" */
static bool early_entry(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_RESERVED_LISTED);
	struct text label = match->words[0];
	const char *arrow;

	if (!reader->state.memblock.in_early_table)
		return false;
	arrow = memmem(label.at, label.length, "==>", 3);
	if (arrow)
		label.length = (size_t)(arrow - label.at);
	while (label.length && label.at[label.length - 1] == ' ')
		label.length--;
	event.u.range.listed_late = true;
	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   label, false);
	return true;
}

static bool early_res(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_RESERVED_LISTED);

	event.u.range.listed_late = true;
	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   match->words[0], false);
	return true;
}

static bool subtracted(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_RANGE_SUBTRACTED);

	if (!reader->state.memblock.subtract_left)
		return false;
	reader->state.memblock.subtract_left--;
	emit_range(reader, &event, paddr_range(match->ranges[0].start, match->ranges[0].end),
		   (struct text){ "", 0 }, false);
	return true;
}

/* "doubled to 256 at [..]": has no line end, so a message follows on the same
 * line; the new array is reserved by a line of its own. */
static bool doubled(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)reader;
	(void)line;
	(void)match;
	return true;
}

#ifdef DIGITS_AT_ONCE
/* --- the lines that a log with memblock=debug has in rows ------------------------
 *
 * In the spelling that printf() gives them, as the patterns below take them; another
 * one is left to those. Behind each number is compared what has to stand there, so none
 * runs into more digits, and no step gets over the line's end. */

/* "[0x1000-0x1fff] " */
static ALWAYS_INLINE const char *usual_range(const char *at, enum ends ends, struct match *match)
{
	struct digits first = digits_at(at + 3), second;
	const char *sign = at + 3 + first.hex, *behind;

	second = digits_at(sign + 3);
	behind = sign + 3 + second.hex;
	if (!first.hex || first.hex != second.hex || memcmp(at, "[0x", 3) ||
	    memcmp(sign, "-0x", 3) || memcmp(behind, "] ", 2))
		return NULL;
	set_range(&match->ranges[0], digits_hex_some(first), digits_hex_some(second),
		  (uint8_t)first.hex, ends);
	return behind + 2;
}

/* " align=0x1000 ": the number that stands between what is to be compared. */
static ALWAYS_INLINE const char *usual_hex(const char *at, const char *before, size_t length,
					   uint64_t *value)
{
	struct digits digits = digits_at(at + length);

	if (!digits.hex || memcmp(at, before, length) || at[length + digits.hex] != ' ')
		return NULL;
	*value = digits_hex_some(digits);
	return at + length + digits.hex;
}
#define USUAL_HEX(at, before, value) usual_hex(at, before, sizeof(before) - 1, value)

static ALWAYS_INLINE bool usual_rest(const char *at, const char *end, struct text *rest)
{
	*rest = text_between(at, end);
	return at < end && *at > ' ';
}

/* " nid=-1", or nothing: a node that nobody asks for. */
static ALWAYS_INLINE const char *usual_node(const char *at)
{
	const char *first;

	if (memcmp(at, " nid=", 5))
		return at;
	first = at += 5 + (at[5] == '-');
	while ((uint8_t)(*at - '0') <= 9)
		at++;
	return at > first && at - first < DECIMAL_SURE ? at : NULL;
}

static NEVER_INLINE bool usual_request(struct reader *reader, const struct line *line,
				       const char *at, const char *end)
{
	struct match_number size;
	uint64_t align, from, to;
	struct text caller;

	if (at >= end || memcmp(at, ": ", 2))
		return false;
	at = compiled_decimal(at + 2, end, &size);
	if (!at)
		return false;
	at = USUAL_HEX(at, " bytes align=0x", &align);
	if (at)
		at = usual_node(at);
	if (at)
		at = USUAL_HEX(at, " from=0x", &from);
	if (at)
		at = USUAL_HEX(at, " max_addr=0x", &to);
	return at && usual_rest(at + 1, end, &caller) &&
	       request(reader, line, size.value, align, from, to, caller);
}

static NEVER_INLINE bool usual_reserve(struct reader *reader, const struct line *line,
				       const char *at, const char *end)
{
	struct match match;

	at = usual_range(at, ENDS_EXCLUSIVE, &match);
	return at && usual_rest(at, end, &match.words[0]) && reserve(reader, line, &match);
}

static NEVER_INLINE bool usual_by_name(struct reader *reader, const struct line *line,
				       const char *at, const char *end)
{
	struct match match;

	at = usual_range(at, ENDS_INCLUSIVE, &match);
	while (at && at < end && *at == ' ')
		at++;
	return at && match.ranges[0].digits >= X86_DIGITS &&
	       usual_rest(at, end, &match.words[0]) && by_name(reader, line, &match);
}

/* The message [at, end). */
static ALWAYS_INLINE bool usual_line(struct reader *reader, const struct line *line,
				     const char *at, const char *end)
{
	if (memcmp(at, "memblock_", 9))
		return false;
	at += 9;
	if (!memcmp(at, "reserve: ", 9))
		return usual_reserve(reader, line, at + 9, end);
	if (!memcmp(at, "x86_reserve_range: ", 19))
		return usual_by_name(reader, line, at + 19, end);
	return usual_request(reader, line, word_end(at, end, ':'), end);
}

/* A line of no row may stand between. */
static unsigned usual_lines(struct reader *reader, const struct usual_lines *lines)
{
	const struct learned prefix = *lines->prefix;
	struct line line = { .at = lines->at, .speaker = SPEAKER_KERNEL, .domain = DOMAIN_NONE };
	const char *start = lines->line;
	unsigned taken = 0;

	if (lines->hide)   /* behind the caller, or in the line between */
		return 0;
	for (unsigned i = 0; i < lines->count && reader->status == ST_OK; i++) {
		const char *end = lines->bytes + lines->ends[i];
		const char *at = message_as_before(&prefix, start, end);

		if (!at)
			break;
		while (*at == ' ')
			at++;
		reader->raw = line.message = text_between(start, end);
		mess_trim(&line.message);
		line.at.offset = lines->at.offset + (uint64_t)(start - lines->line);
		line.at.line = lines->at.line + i;
		line.at.length = (uint32_t)(end - start - (end > start && end[-1] == '\r'));
		if (usual_line(reader, &line, at, line.message.at + line.message.length)) {
			taken = i + 1;
			reader->input->lines_used++;
		} else if (i > taken || line_may_begin(at)) {
			break;
		}
		start = end + 1;
	}
	return taken;
}
#else
#define usual_lines NULL
#endif

const struct line_shape lines_memblock[] = {
	/* To 3.13 exclusive; 3.14 to 4.9 "flags 0x0 caller"; from 4.14 16 digits. */
	LINE("memblock_reserve: [<range>] <rest>", ENDS_BY_LOG, reserve, usual_lines),
	LINE("__memblock_reserve: [<range>] nid=<d> flags=<x> <rest>", ENDS_INCLUSIVE, reserve_flags),
	LINE("memblock_x86_reserve_range: [<range>] <rest>", ENDS_INCLUSIVE, by_name, usual_lines),
	LINE("memblock_x86_reserve_range: wrong range [<range>)", ENDS_EXCLUSIVE, wrong_range),
	LINE("memblock_x86_free_range: [<range>]", ENDS_INCLUSIVE, free_range_x86),
	LINE("memblock_free: [<range>] <rest>", ENDS_BY_LOG, release),
	LINE("memblock_phys_free: [<range>] <rest>", ENDS_BY_LOG, release),
	LINE("memblock_add: [<range>] flags <x> <rest>", ENDS_INCLUSIVE, add),
	LINE("memblock_add: [<range>] <rest>", ENDS_INCLUSIVE, add),
	LINE("memblock_add_node: [<range>] nid=<d> flags=<x> <rest>", ENDS_INCLUSIVE, add),
	LINE("memblock add: [<range>] <rest>", ENDS_INCLUSIVE, add),
	LINE("memblock_remove: [<range>] <rest>", ENDS_INCLUSIVE, remove_memory),
	LINE("memblock_<w>: <d> bytes align=<x> nid=<d> from=<x> max_addr=<x> <rest>", ENDS_NONE,
	     request_nid, usual_lines),
	LINE("memblock_<w>: <d> bytes align=<x> from=<x> max_addr=<x> <rest>", ENDS_NONE,
	     request_plain, usual_lines),
	LINE("memblock: <w> array is doubled to <d> at [<range>]", ENDS_INCLUSIVE, doubled),
	LINE("memblock: <w> is doubled to <d> at [<range>]", ENDS_INCLUSIVE, doubled),
	LINE("MEMBLOCK configuration:", ENDS_NONE, dump_start),
	LINE("memory size = <x> reserved size = <x>", ENDS_NONE, dump_size),
	LINE("memory size = <x>", ENDS_NONE, dump_size),
	LINE("memory.size = <x>", ENDS_NONE, dump_size),
	LINE("memory.cnt = <x>", ENDS_NONE, dump_count),
	LINE("reserved.cnt = <x>", ENDS_NONE, dump_count),
	LINE("rmo_size = <x>", ENDS_NONE, dump_size),
	LINE("memory[<x>] [<range>], <x> bytes<rest>", ENDS_INCLUSIVE, dump_memory),
	LINE("reserved[<x>] [<range>], <x> bytes<rest>", ENDS_INCLUSIVE, dump_reserved),
	LINE("memory[<x>] <range>, <x> bytes<rest>", ENDS_INCLUSIVE, dump_memory),
	LINE("reserved[<x>] <range>, <x> bytes<rest>", ENDS_INCLUSIVE, dump_reserved),
	LINE("(<d> early reservations) ==> bootmem [<range>]", ENDS_EXCLUSIVE, early_table),
	LINE("(<d>/<d> early reservations) ==> bootmem [<range>]", ENDS_EXCLUSIVE, early_table),
	LINE("Subtract (<d> early reservations)<rest>", ENDS_NONE, subtract),
	LINE("#<d> [<range>] <rest>", ENDS_EXCLUSIVE, early_entry),
	LINE("early res: <d> [<range>] <rest>", ENDS_INCLUSIVE, early_res),
	LINE("[<range>]", ENDS_INCLUSIVE, subtracted),
};
