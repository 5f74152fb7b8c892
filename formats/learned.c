/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/learned.h"

#include "formats/digits.h"
#include "formats/line_index.h"
#include "formats/newlines.h"

/* Which bits of the eight bytes before the message, or of all that is before it, are
 * alike in each line: all of a character, but of a digit that it is one. Of a caller,
 * "[    T1] ", only its borders. */
static void learn_tell(struct learned *prefix, const char *tell, unsigned count)
{
	bool caller = prefix->tell_at && tell[-1] == '[' && tell[6] == ']';
	char mask[8] = { 0 };

	for (unsigned i = 0; i < count; i++) {
		bool digit = tell[i] >= '0' && tell[i] <= '9';

		if (!caller || i > 5 || (i == 0 && tell[i] == ' ') || (i == 5 && digit))
			mask[i] = digit ? '\xf0' : '\xff';
	}
	prefix->mask = load_8(mask);
	prefix->value = load_8(tell) & prefix->mask;
}

void learn_prefix(struct learned *prefix, const char *line, const struct line *stripped)
{
	const char *end = stripped->message.at - stripped->indent;
	size_t length = (size_t)(end - line);
	struct learned learned = { .shows = line_may_begin(line) };

	if (stripped->speaker != SPEAKER_KERNEL || stripped->domain != DOMAIN_NONE ||
	    stripped->xen_source || stripped->stamped || end < line || length > 128 || *line == '>')
		return;
	if (end[0] == ' ')
		length++;
	if (length < 3 || line[length - 1] != ' ')
		return;
	learned.length = length;
	learned.tell_at = length > 8 ? length - 8 : 0;
	learn_tell(&learned, line + learned.tell_at, (unsigned)(length - learned.tell_at));
	learned.changes = prefix->changes + (learned.length != prefix->length || prefix->absent ||
			  learned.value != prefix->value || learned.mask != prefix->mask);
	*prefix = learned;
}

/* Lines that are skimmed at once. */
#define SKIM_STEP 8

/* Are all lines that end there so far from the newline before them, and more? */
static ALWAYS_INLINE bool all_longer(const uint16_t *position, int longer)
{
#ifdef DIGITS_AT_ONCE
	__m128i to = _mm_loadu_si128((const __m128i *)position);
	__m128i from = _mm_loadu_si128((const __m128i *)(position - 1));

	_Static_assert(NEWLINES_BYTES <= INT16_MAX, "differences are compared as signed");
	return _mm_movemask_epi8(_mm_cmpgt_epi16(_mm_sub_epi16(to, from),
						 _mm_set1_epi16((short)longer))) == 0xffff;
#else
	for (int i = 0; i < SKIM_STEP; i++)
		if (position[i] - position[i - 1] <= longer)
			return false;
	return true;
#endif
}

bool learned_may_be_row(struct learned *prefix, const char *line, const char *end,
			const char **message)
{
	*message = message_of(prefix, line, end);
	prefix->absent = prefix->shows && *message == line;
	return line_may_begin(*message);
}

/* What tells two lines. */
typedef uint64_t tells __attribute__((vector_size(16)));

/* Where a line has what it is told by, and its message, from the newline before it on. */
struct usual { const char *tell, *message; tells value; uint64_t mask; };

/* The lines of a step that a row may begin as, a bit each, the first one lowest. *alike: are
 * all behind the prefix? */
static ALWAYS_INLINE uint8_t skim_step(const struct usual *usual, const uint16_t *position,
				       bool *alike)
{
	tells differs = { 0 };
	unsigned may = 0;

#pragma GCC unroll 8
	for (int i = SKIM_STEP - 1; i > 0; i -= 2) {
		size_t first = position[i - 2], second = position[i - 1];
		tells two = { load_8(usual->tell + first), load_8(usual->tell + second) };

		differs |= two ^ usual->value;
		may = may * 2 + line_may_begin(usual->message + second);
		may = may * 2 + line_may_begin(usual->message + first);
	}
	*alike = !((differs[0] | differs[1]) & usual->mask);
	return (uint8_t)may;
}

const uint16_t *skim(const struct learned *like, const char *bytes, const uint16_t *position,
		     const uint16_t *end, uint8_t *may)
{
	const struct usual usual = { bytes + 1 + like->tell_at, bytes + 1 + like->length,
				     { like->value, like->value }, like->mask };
	const int longer = (int)like->length + 1;
	bool alike;

	for (; end - position >= SKIM_STEP && all_longer(position, longer); position += SKIM_STEP) {
		*may = skim_step(&usual, position, &alike);
		if (UNLIKELY(!alike))
			break;
		may++;
	}
	/* The rest is less than a step. */
	memset(may, 0, sizeof(uint64_t));
	for (unsigned bit = 1; position < end && position[0] - position[-1] > longer; bit *= 2) {
		size_t newline = *(position++ - 1);

		if ((load_8(usual.tell + newline) & usual.mask) != usual.value[0])
			return position - 1;
		if (line_may_begin(usual.message + newline))
			*may |= (uint8_t)bit;
	}
	return position;
}
