/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The prefix of the kernel's lines, learned from one that line_strip() took apart, and
 * the loop that passes by the lines which no row begins so. */
#ifndef FORMATS_LEARNED_H
#define FORMATS_LEARNED_H

#include "formats/reader.h"

/* Its length, its last byte a blank, and what tells it again: bits of the eight bytes at
 * `tell_at`, the last ones before the message. None yet: no bytes are like the value. */
struct learned {
	size_t length, tell_at;
	uint64_t value, mask;
	bool shows;    /* line_may_begin() is true of it: where lines have none for a while,
	                * the next that has one is noticed */
	bool absent;   /* the last line had none */
	uint32_t changes;   /* how often another one was learned */
};
#define NOT_LEARNED ((struct learned){ .length = 1, .value = 1, .shows = true, .absent = true })

static inline uint64_t load_8(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return bytes;
}

/* A clock, level, caller or syslog prefix whose length does not change from line
 * to line; the hypervisor's and other guests' lines are taken apart each time, and those of
 * mail, which may go on in the next. */
void learn_prefix(struct learned *prefix, const char *line, const struct line *stripped);

/* Does the line begin with the learned prefix? */
static inline bool behind_prefix(const struct learned *prefix, const char *line, const char *end)
{
	return (load_8(line + prefix->tell_at) & prefix->mask) == prefix->value &&
	       end - line > (long)prefix->length;
}

/* Its message, where the line has the prefix, or none, as the last one had; NULL: this one
 * changes how those behind it are looked at. */
static inline const char *message_as_before(const struct learned *prefix, const char *line,
					    const char *end)
{
	bool behind = behind_prefix(prefix, line, end);

	if (UNLIKELY(behind == prefix->absent))
		return NULL;
	return behind ? line + prefix->length : line;
}

/* A tracer's line, "            bash-107 [000] ..", is indented, since no task's name takes
 * all 16 columns. */
static inline bool is_tracers(const char *at, const char *end)
{
	return *at == ' ' && end - at > 24 && at[16] == '-' && at[17] >= '0' && at[17] <= '9';
}

/* Where a line's message begins that no prefix, or the learned one, precedes; a tracer's
 * line is looked at from its start. */
static inline const char *message_of(const struct learned *prefix, const char *line,
				     const char *end)
{
	const char *at = line;

	if (behind_prefix(prefix, line, end)) {
		at += prefix->length;
		/* Of what stands behind "<6>" the prefix has learned one blank too much. */
		if (UNLIKELY(*at == ' ') && (is_tracers(at, end) || is_tracers(--at, end)))
			return at;
		while (*at == ' ')
			at++;
	}
	return at;
}

/* May a row begin as the message of the line does? Also notes whether it has a prefix. */
bool learned_may_be_row(struct learned *prefix, const char *line, const char *end,
			const char **message);

/* Goes through lines as most are: longer than the prefix and behind it. A line ends at
 * each of [position, end) and begins behind the position before it. Returns the first that
 * is not as most are, or `end`; may[]: a bit for each before it, from the lowest of the first
 * byte on, set if a row may begin as the line does; eight bytes behind the last are 0. Nine
 * lines of ten end here: a function of its own that calls none, so all it knows is in
 * registers, and one in which nothing depends on what a line is, so no guess of the
 * processor's is wrong. */
const uint16_t *skim(const struct learned *like, const char *bytes, const uint16_t *position,
		     const uint16_t *end, uint8_t *may);
#define SKIM_ROOM(lines) ((lines) / 8 + sizeof(uint64_t))

/* What skim() wrote of 64 lines, the first one lowest. */
static inline uint64_t skimmed_64(const uint8_t *may)
{
	uint64_t lines;

	memcpy(&lines, may, sizeof(lines));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	lines = __builtin_bswap64(lines);
#endif
	return lines;
}

#endif
