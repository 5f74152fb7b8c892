/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/rejoin.h"

#include "formats/in_text.h"
#include "formats/rows.h"

/* Lines of others that may stand between two pieces. */
#define LINES_BETWEEN 64u

/* Xen gives out a guest's line when its buffer is full: 78 bytes behind "HVM7:", 199
 * behind "(d7)"; a PV guest's comes in steps of 127 bytes, the last of which may
 * find the buffer nearly full.
 * Source: Xen xen/arch/x86/hvm/hvm.c, hvm_print_line(); xen/drivers/char/console.c,
 * guest_console_write(); xen/include/xen/sched.h, DOMAIN_PBUF_SIZE. */
#define HVM_BYTES 78u
#define GUEST_BYTES 199u
#define GUEST_BYTES_MAX (GUEST_BYTES + 127u)
#define STEP_BYTES 127u
/* hvc_console writes so many bytes at a time.
 * Source: Linux drivers/tty/hvc/hvc_console.c, N_OUTBUF. */
#define HVC_BYTES 16u

const char *rejoin_hold(const char *end)
{
	const char *newline = memchr(end - REJOIN_HELD, '\n', REJOIN_HELD);

	return newline ? newline + 1 : end;
}

/* --- lines of the buffer ------------------------------------------------------- */

/* The lines from one on, as far as any place in a block lets them be seen: whatever
 * stands before a line, it is joined with the same lines. */
struct cursor {
	const char *at, *end;  /* the next line */
	uint64_t offset;
};

static bool next_line(struct cursor *cursor, struct text *line)
{
	const char *newline;

	if (cursor->at >= cursor->end)
		return false;
	newline = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
	if (!newline)
		return false;
	*line = (struct text){ cursor->at, (size_t)(newline - cursor->at) };
	cursor->offset += line->length + 1;
	cursor->at = newline + 1;
	while (line->length && line->at[line->length - 1] == '\r')
		line->length--;
	return true;
}

static struct cursor behind(const struct rejoin *rejoin, struct place place)
{
	struct cursor cursor = { place.line, rejoin->end, place.offset };
	struct text line;

	if (cursor.end - cursor.at > (long)REJOIN_HELD)
		cursor.end = cursor.at + REJOIN_HELD;
	if (!next_line(&cursor, &line))
		cursor.at = cursor.end;
	return cursor;
}

/* --- joining ------------------------------------------------------------------- */

static bool append(struct rejoin *rejoin, size_t *length, struct text piece)
{
	if (piece.length > REJOIN_BYTES - *length)
		return false;
	memcpy(rejoin->text + *length, piece.at, piece.length);
	*length += piece.length;
	memset(rejoin->text + *length, 0, 64);
	return true;
}

static bool is_room_for_one(const struct rejoin *rejoin)
{
	return rejoin->taken_count < REJOIN_TAKEN;
}

bool rejoin_was_taken(struct rejoin *rejoin, uint64_t offset)
{
	unsigned kept = 0;
	bool taken = false;

	for (unsigned i = 0; i < rejoin->taken_count; i++) {
		taken |= rejoin->taken[i] == offset;
		if (rejoin->taken[i] > offset)
			rejoin->taken[kept++] = rejoin->taken[i];
	}
	rejoin->taken_count = kept;
	return taken;
}

/* --- guests on Xen's console ----------------------------------------------------- */

/* What a guest said: behind "(d7) " or "(XEN) HVM7: " and Xen's own date. */
struct saying { struct text lead, said; bool old; };

static bool said_by_guest(struct text line, struct saying *saying)
{
	size_t i = 0;

	saying->old = text_begins(line, TEXT("(XEN) HVM"));
	if (saying->old)
		i = 9;
	else if (text_begins(line, TEXT("(d")))
		i = 2;
	else
		return false;
	while (i < line.length && line.at[i] >= '0' && line.at[i] <= '9')
		i++;
	if (i >= line.length || line.at[i] != (saying->old ? ':' : ')'))
		return false;
	i++;
	saying->lead = (struct text){ line.at, i };
	if (i < line.length && line.at[i++] != ' ')
		return false;
	if (line.length > i + 22 && line.at[i] == '[' && line.at[i + 5] == '-' && line.at[i + 8] == '-') {
		const char *end = memchr(line.at + i, ']', line.length - i);

		if (end && end + 1 < line.at + line.length)
			i = (size_t)(end + 2 - line.at);
	}
	saying->said = (struct text){ line.at + i, line.length - i };
	return true;
}

static bool is_full(const struct saying *saying)
{
	size_t length = saying->said.length;

	if (saying->old)
		return length == HVM_BYTES;
	return length >= GUEST_BYTES && length < GUEST_BYTES_MAX;
}

/* Where no line has a clock only the very size tells. */
static bool is_full_without_clock(const struct saying *saying)
{
	size_t length = saying->said.length;

	return saying->old ? length == HVM_BYTES
			   : length == GUEST_BYTES || length == 2 * STEP_BYTES;
}

/* Does it begin with the words of a row, and so is no rest of another line? A number may
 * be half of one. */
static bool begins_row(struct text said)
{
	struct hint hint = { NULL, 0 };
	struct line line;

	line_strip(said, &line);
	return line.message.length && rows_glance(line.message.at, line.message.at + line.message.length,
						   true, &hint) == TAKE && hint.slot->window;
}

struct text rejoin_guest(struct rejoin *rejoin, struct text raw, struct place place)
{
	struct cursor cursor;
	struct saying first, next;
	struct text line;
	bool clock;
	size_t length = 0;

	if (!said_by_guest(raw, &first) || !is_full(&first))
		return raw;
	clock = line_has_clock(first.said);
	if ((!clock && !is_full_without_clock(&first)) || !append(rejoin, &length, raw))
		return raw;
	cursor = behind(rejoin, place);
	for (unsigned between = 0; between < LINES_BETWEEN && is_room_for_one(rejoin); between++) {
		uint64_t at = cursor.offset;

		if (!next_line(&cursor, &line))
			break;
		if (!said_by_guest(line, &next) || !text_equal(first.lead, next.lead))
			continue;
		if (line_has_clock(next.said) || (!clock && begins_row(next.said)) ||
		    !append(rejoin, &length, next.said))
			break;
		rejoin->taken[rejoin->taken_count++] = at;
		if (!is_full(&next))
			break;
	}
	return (struct text){ rejoin->text, length };
}

/* --- quoted mail ---------------------------------------------------------------- */

/* Mail is broken at 72 columns or so: no line that is broken had room for the next word
 * within these. Lines that one line may have been broken into. */
#define WRAP_COLUMNS 64u
#define WRAPPED_MAX 8u

static struct text behind_quotes(struct text line)
{
	size_t i = 0;

	while (i < line.length && (line.at[i] == '>' || line.at[i] == ' '))
		i++;
	return (struct text){ line.at + i, line.length - i };
}

static bool begins_message(struct text t)
{
	return line_has_clock(t) || text_begins(t, TEXT("(XEN)")) || text_begins(t, TEXT("(d")) ||
	       text_begins(t, TEXT("<"));
}

static bool had_room(struct text line, struct text next)
{
	const char *blank = memchr(next.at, ' ', next.length);
	size_t word = blank ? (size_t)(blank - next.at) : next.length;

	return line.length + 1 + word <= WRAP_COLUMNS;
}

struct text rejoin_wrapped(struct rejoin *rejoin, struct text raw, struct place place)
{
	struct text line = raw, rest, next;
	struct cursor cursor;
	size_t length = 0;

	if (!begins_message(behind_quotes(raw)) || !append(rejoin, &length, raw))
		return raw;
	cursor = behind(rejoin, place);
	for (unsigned n = 1; n < WRAPPED_MAX && is_room_for_one(rejoin); n++) {
		uint64_t at = cursor.offset;

		if (!next_line(&cursor, &next) || !next.length || *next.at != '>')
			break;
		rest = behind_quotes(next);
		if (!rest.length || begins_message(rest) || had_room(line, rest) ||
		    !append(rejoin, &length, TEXT(" ")) || !append(rejoin, &length, rest))
			break;
		rejoin->taken[rejoin->taken_count++] = at;
		line = next;
	}
	return (struct text){ rejoin->text, length };
}

/* --- Xen in the middle of a line ------------------------------------------------ */

const char *rejoin_find_stamp(struct text raw)
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

/* Also behind what a collector writes. */
static bool has_clock(struct text line, struct text message)
{
	const char *stamp = line_has_clock(line) ? line.at : rejoin_find_stamp(line);

	return stamp && stamp < message.at;
}

struct text rejoin_cut(struct rejoin *rejoin, struct text part, struct text xen,
		       struct place place, struct text *both)
{
	struct text line, rest;
	struct cursor cursor;
	struct line stripped;
	size_t length = 0, all;
	/* The kernel's console is written in steps of one size; elsewhere, or where others
	 * write something before each line, nobody knows whether the line goes on. */
	bool known = line_has_clock(part) &&
		     (part.length % HVC_BYTES == 0 || part.length % STEP_BYTES == 0);

	line_strip(part, &stripped);
	if (stripped.speaker == SPEAKER_XEN || stripped.domain != DOMAIN_NONE ||
	    !stripped.message.length || part.at == rejoin->text || !append(rejoin, &length, part))
		return part;
	cursor = behind(rejoin, place);
	for (unsigned between = 0;; between++) {
		uint64_t at = cursor.offset;

		if (between == LINES_BETWEEN || !is_room_for_one(rejoin) || !next_line(&cursor, &line))
			return (struct text){ part.at, 0 };
		line_strip(line, &stripped);
		if (stripped.speaker == SPEAKER_XEN)
			continue;
		rest = stripped.message;
		if (!rest.length || has_clock(line, rest) || text_contains(line, TEXT("(XEN) ")))
			break;
		if (!known)
			return begins_row(rest) ? part : (struct text){ part.at, 0 };
		if (!append(rejoin, &length, line))
			break;
		rejoin->taken[rejoin->taken_count++] = at;
		all = length;
		if (append(rejoin, &all, TEXT("\n")) && append(rejoin, &all, xen))
			*both = (struct text){ rejoin->text, all };
		break;
	}
	return (struct text){ rejoin->text, length };
}
