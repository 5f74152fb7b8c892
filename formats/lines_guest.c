/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A Linux guest of Xen setting up its memory: frames released, populated,
 * remapped or identity-mapped; conflicts with what the builder placed.
 * Source: Linux arch/x86/xen/setup.c, p2m.c, enlighten*.c; 2.6.36 to 7.1. */
#include "formats/reader.h"

static bool xen_version(struct reader *reader, const struct line *line,
			const struct match *match)
{
	struct event event = reader_event(line, EV_XEN_STARTED);
	struct text words = match->words[0];
	uint32_t part[2] = { 0, 0 };
	size_t i = 0;

	if (line->speaker == SPEAKER_XEN)
		return false;
	for (int n = 0; n < 2; n++) {
		while (i < words.length && words.at[i] >= '0' && words.at[i] <= '9' && part[n] < 1000)
			part[n] = part[n] * 10 + (uint32_t)(words.at[i++] - '0');
		if (n == 0 && i < words.length && words.at[i] == '.')
			i++;
	}
	event.u.xen.major = (uint16_t)part[0];
	event.u.xen.minor = (uint16_t)part[1];
	event.u.xen.debug = -1;
	event.u.xen.words = words;
	reader_emit(reader, &event);
	return true;
}

static bool moved(struct reader *reader, const struct line *line, enum frames_move what,
		  uint64_t count)
{
	struct event event = reader_event(line, EV_FRAMES_MOVED);

	event.u.moved.what = what;
	event.u.moved.count = count;
	reader_emit(reader, &event);
	return true;
}

static bool released(struct reader *reader, const struct line *line, const struct match *match)
{
	return moved(reader, line, MOVE_RELEASED, match->numbers[0].value);
}

static bool remapped(struct reader *reader, const struct line *line, const struct match *match)
{
	return moved(reader, line, MOVE_REMAPPED, match->numbers[0].value);
}

static bool identity(struct reader *reader, const struct line *line, const struct match *match)
{
	return moved(reader, line, MOVE_IDENTITY, match->numbers[0].value);
}

static bool moved_range(struct reader *reader, const struct line *line,
			const struct match *match, enum frames_move what)
{
	struct event event = reader_event(line, EV_FRAMES_MOVED);

	if (match->ranges[0].absurd)
		return false;
	event.u.moved.what = what;
	event.u.moved.frames = pfn_range(match->ranges[0].start, match->ranges[0].end);
	event.u.moved.count = pfn_range_size(event.u.moved.frames);
	reader_emit(reader, &event);
	return true;
}

static bool released_range(struct reader *reader, const struct line *line,
			   const struct match *match)
{
	return moved_range(reader, line, match, MOVE_RELEASED);
}

static bool populated_range(struct reader *reader, const struct line *line,
			    const struct match *match)
{
	return moved_range(reader, line, match, MOVE_POPULATED);
}

static bool identity_range(struct reader *reader, const struct line *line,
			   const struct match *match)
{
	return moved_range(reader, line, match, MOVE_IDENTITY);
}

static bool conflict(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_COMPLAINT);

	event.u.complaint.what = COMPLAINT_BUILDER_CONFLICT;
	event.u.complaint.mfn = event.u.complaint.pfn = UNKNOWN_NUMBER;
	event.u.complaint.l1e_owner = event.u.complaint.pg_owner = -1;
	event.u.complaint.words = match->word_count ? match->words[0] : line->message;
	reader_emit(reader, &event);
	return true;
}

static bool p2m_unset(struct reader *reader, const struct line *line, uint64_t pfn, uint64_t mfn)
{
	struct event event = reader_event(line, EV_COMPLAINT);

	event.u.complaint.what = COMPLAINT_P2M_UNSET;
	event.u.complaint.pfn = pfn;
	event.u.complaint.mfn = mfn;
	event.u.complaint.l1e_owner = event.u.complaint.pg_owner = -1;
	event.u.complaint.words = line->message;
	reader_emit(reader, &event);
	return true;
}

/* These three print decimal numbers. */
static bool p2m_failed(struct reader *reader, const struct line *line, const struct match *match)
{
	return p2m_unset(reader, line, match->numbers[0].value, match->numbers[1].value);
}

static bool m2p_failed(struct reader *reader, const struct line *line, const struct match *match)
{
	return p2m_unset(reader, line, match->numbers[1].value, match->numbers[0].value);
}

static bool over_identity(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	return p2m_unset(reader, line, match->numbers[0].value, UNKNOWN_NUMBER);
}

static bool has_mfn(struct reader *reader, const struct line *line, const struct match *match)
{
	return p2m_unset(reader, line, match->numbers[0].value, match->numbers[1].value);
}

const struct line_shape lines_guest[] = {
	LINE("Failed to set p2m mapping for pfn=<d> mfn=<d>", ENDS_NONE, p2m_failed),
	LINE("Failed to set m2p mapping for mfn=<d> pfn=<d>", ENDS_NONE, m2p_failed),
	LINE("Failed to update kernel mapping for mfn=<d> pfn=<d>", ENDS_NONE, m2p_failed),
	LINE("Trying to over-write 1-1 mapping (pfn: <x>)", ENDS_NONE, over_identity),
	LINE("Trying to remove <x> which has <x> mfn!", ENDS_NONE, has_mfn),
	LINE("Xen version: <w> <rest>", ENDS_NONE, xen_version),
	LINE("released <d> pages of unused memory", ENDS_NONE, released),
	LINE("Released <d> pages of unused memory", ENDS_NONE, released),
	LINE("Released <d> page(s)", ENDS_NONE, released),
	LINE("Remapped <d> page(s)", ENDS_NONE, remapped),
	LINE("Remapped <d> non-RAM page(s)", ENDS_NONE, remapped),
	LINE("Set <d> page(s) to 1-1 mapping.", ENDS_NONE, identity),
	LINE("Set <d> page(s) to 1-1 mapping", ENDS_NONE, identity),
	LINE("1-1 mapping on <range>", ENDS_EXCLUSIVE, identity_range),
	LINE("Freeing <range> pfn range: <d> pages freed", ENDS_EXCLUSIVE, released_range),
	LINE("Populating <range> pfn range: <d> pages added", ENDS_EXCLUSIVE, populated_range),
	LINE("xen_release_chunk: looking at area pfn <range>: <d> pages freed", ENDS_EXCLUSIVE,
	     released_range),
	LINE("Xen hypervisor allocated <any> memory conflicts with E820 map", ENDS_NONE, conflict),
	LINE("Xen hypervisor allocated <any> conflicts with E820 map", ENDS_NONE, conflict),
	LINE("Can't find new memory area for <rest>", ENDS_NONE, conflict),
	LINE("Can't find new memory area <rest>", ENDS_NONE, conflict),
};
