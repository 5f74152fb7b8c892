/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/rows.h"

#include "formats/digits.h"
#include "formats/in_text.h"

/* Characters before a row's first capture: fewer are another line altogether. */
#define DAMAGED_LEAD_MIN 10u

/* A line that a program's source or a dynamic-debug listing holds: a printf
 * conversion stands where a number should. */
static bool is_format_string(struct text message)
{
	return text_contains(message, TEXT("%#0")) || text_contains(message, TEXT("%0")) ||
	       text_contains(message, TEXT("%ll")) || text_contains(message, TEXT("%lx")) ||
	       text_contains(message, TEXT("%pa")) || text_contains(message, TEXT("%s"));
}

#define DECIMAL 1
#define HEX 2
static const uint8_t digit_kind[256] = {
	['0'] = DECIMAL | HEX, 3, 3, 3, 3, 3, 3, 3, 3, 3,
	['A'] = HEX, HEX, HEX, HEX, HEX, HEX, ['a'] = HEX, HEX, HEX, HEX, HEX, HEX,
};

/* The class of a line whose first four bytes may begin a number, or NULL. */
static inline const struct line_slot *class_slot_of(const char *at)
{
	unsigned classes = LINE_CLASSES & line_class[0][(uint8_t)at[0]] &
			   line_class[1][(uint8_t)at[1]] & line_class[2][(uint8_t)at[2]] &
			   line_class[3][(uint8_t)at[3]];

	return classes ? &line_class_slots[__builtin_ctz(classes)] : NULL;
}

/* What stands behind the number that a line begins with; all 0: it is none. */
struct number_end {
	char hex, decimal;   /* right behind it, read as either; ' ': or the line's end */
	bool sign;           /* a range's, blanks before it or not */
};

static char end_at(const char *at, const char *end)
{
	return at < end && *at > ' ' ? *at : ' ';
}

static bool begins_range_sign(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at < end && (*at == '-' || *at == ',' || *at == '.');
}

/* A number that begins with a letter has eight digits, or it is a word. */
static inline bool is_word(const char *at, unsigned digits)
{
	return digits < 8 && !(digit_kind[(uint8_t)*at] & DECIMAL);
}

/* The same without a sign and 0x, sixteen bytes at once; false: look byte by byte. */
static inline bool quick_number_end(const char *at, const char *end, struct number_end *found)
{
#ifdef DIGITS_AT_ONCE
	struct digits digits;

	if (end - at < 24)
		return false;
	digits = digits_at(at);
	if (!digits.hex || digits.hex == DIGITS_AT_ONCE || at[digits.decimal] == 'x')
		return false;
	if (is_word(at, digits.hex)) {
		*found = (struct number_end){ 0 };
		return true;
	}
	found->decimal = end_at(at + digits.decimal, end);
	found->hex = end_at(at + digits.hex, end);
	found->sign = begins_range_sign(at + digits.hex, end);
	return true;
#else
	(void)at;
	(void)end;
	(void)found;
	return false;
#endif
}

static struct number_end number_end_of(const char *at, const char *end)
{
	struct number_end found = { 0 };
	const char *first = at;

	if (quick_number_end(at, end, &found))
		return found;
	at += at < end && *at == '-';
	while (at < end && (digit_kind[(uint8_t)*at] & DECIMAL))
		at++;
	found.decimal = end_at(at, end);
	at += found.decimal == 'x';
	while (at < end && digit_kind[(uint8_t)*at])
		at++;
	if (digit_kind[(uint8_t)*first] == HEX && is_word(first, (unsigned)(at - first)))
		return (struct number_end){ 0 };
	found.hex = end_at(at, end);
	found.sign = begins_range_sign(at, end);
	return found;
}

static inline bool number_ends_so(const struct line_candidate *c, struct number_end end)
{
	if (c->after == LINE_AFTER_ANY)
		return true;
	if (c->after == LINE_AFTER_SIGN)
		return end.sign;
	return c->after & LINE_DECIMAL ? end.decimal == (char)(c->after & ~LINE_DECIMAL)
				       : end.hex == (char)c->after;
}

/* From the lowest candidate on that a line of a class may be of. */
static uint32_t class_left(const struct line_slot *slot, const char *at, const char *end,
			   uint32_t left)
{
	struct number_end number = number_end_of(at, end);
	uint64_t window = line_window(at, slot);

	for (; left; left &= left - 1) {
		const struct line_candidate *c = &line_candidates[slot->first + __builtin_ctz(left)];

		if (number_ends_so(c, number) && line_may_be(c, window, at))
			break;
	}
	return left;
}

/* From the lowest candidate on that the line [at, end) may be of: the others are known
 * not to fit. */
static inline uint32_t candidates_left(const struct line_slot *slot, const char *at,
				       const char *end, uint32_t left)
{
	if (!slot->window)
		return left ? class_left(slot, at, end, left) : 0;
	return rows_of_window(slot, at, left);
}

static inline struct hint hint_of(const struct line_slot *slot, const char *at, const char *end)
{
	return (struct hint){ slot, candidates_left(slot, at, end, line_candidates_of(slot, at)) };
}

struct hint rows_hint(struct text message)
{
	const struct line_slot *slot = NULL;

	if (message.length)
		slot = line_slot_of(line_key(message.at));
	if (message.length && (!slot || !slot->count))
		slot = class_slot_of(message.at);
	return slot ? hint_of(slot, message.at, message.at + message.length)
		    : (struct hint){ NULL, 0 };
}

bool rows_match_next(struct reader *reader, const struct line *line, struct hint hint,
		     struct text *left, line_usual **usual, enum row_said said)
{
	const char *at = line->message.at, *end = at + line->message.length;
	bool damaged = false;

	do {
		damaged |= said == LEAD_OF_ROW &&
			   line_rows[row_of(hint)].lead_length >= DAMAGED_LEAD_MIN;
		hint.left = candidates_left(hint.slot, at, end, hint.left & (hint.left - 1));
		if (!hint.left)
			break;
		said = row_take(reader, line, hint, left, usual);
	} while (said != TAKEN);
	if (!hint.left && damaged && !is_format_string(line->message) &&
	    !text_contains(line->message, TEXT("(XEN) ")))
		reader_tell_garbled(reader, line);
	return hint.left != 0;
}

/* May a line that begins so be of a row? Its words, or as many of them as are there. */
static bool begins_row(struct text message)
{
	struct hint hint = rows_hint(message);

	for (unsigned i = 0; hint.slot && i < hint.slot->count; i++) {
		const struct line_row *row = &line_rows[line_candidates[hint.slot->first + i].row];
		const char *words = line_patterns + row->pattern;
		size_t length = row->lead_length < message.length ? row->lead_length : message.length;

		if (length ? !memcmp(words, message.at, length) : hint.left != 0)
			return true;
	}
	return false;
}

void rows_tell_cut(struct reader *reader, struct text part, struct loc at)
{
	struct line line = { .at = at, .domain = DOMAIN_NONE };
	struct event event;

	line_strip(part, &line);
	if (!begins_row(line.message))
		return;
	event = reader_event(&line, EV_MESSAGES_LOST);
	event.u.lost.what = LOSS_CUT;
	reader_emit(reader, &event);
	reader_diagnose(reader, at, "Xen spoke in the middle of a line like \"%.*s\": its rest "
			"was not found", (int)(line.message.length < 40 ? line.message.length : 40),
			line.message.at);
}

enum glance rows_glance_anew(const char *at, const char *end, bool behind_prefix, struct hint *hint)
{
	const struct line_slot *slot;

	if (line_class[0][(uint8_t)at[0]] & LINE_AGAIN)
		return LOOK_CLOSER;
	slot = line_slot_of(line_key(at));
	if (!slot) {
		slot = class_slot_of(at);
		if (!slot)
			return PASS_BY;
		/* A decimal number may as well begin a clock. */
		if (!behind_prefix && (digit_kind[(uint8_t)*at] & DECIMAL))
			return LOOK_CLOSER;
	} else if (slot->prefix) {
		return LOOK_CLOSER;
	}
	*hint = hint_of(slot, at, end);
	return hint->left ? TAKE : PASS_BY;
}
