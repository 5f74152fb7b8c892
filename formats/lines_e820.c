/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The firmware's memory map as the kernel prints it, and its edits.
 * Source: Linux arch/x86/kernel/e820.c, 2.6.27 to 7.1. Ends: " - " is
 * exclusive (to 3.4), "[mem a-b]" inclusive (from 3.5). */
#include "formats/reader.h"

#define HEADER(name, the_view) \
	static bool name(struct reader *reader, const struct line *line, \
			 const struct match *match) \
	{ \
		struct event event = reader_event(line, EV_MILESTONE); \
		(void)match; \
		event.u.milestone.step = STEP_MAP_HEADER; \
		event.u.milestone.view = (the_view); \
		reader_emit(reader, &event); \
		return true; \
	}

HEADER(firmware_header, VIEW_FIRMWARE)
HEADER(modified_header, VIEW_MODIFIED)
HEADER(extended_header, VIEW_EXTENDED)
HEADER(user_header, VIEW_USER)

struct type_name {
	struct text name;
	enum memory_type type;
};

/* Longest first where one begins another. */
static const struct type_name type_names[] = {
	{ TEXT("usable"), MEMORY_RAM },
	{ TEXT("System RAM"), MEMORY_RAM },
	{ TEXT("reserved"), MEMORY_RESERVED },
	{ TEXT("device reserved"), MEMORY_RESERVED },
	{ TEXT("ACPI data"), MEMORY_ACPI },
	{ TEXT("ACPI NVS"), MEMORY_NVS },
	{ TEXT("unusable"), MEMORY_UNUSABLE },
	{ TEXT("soft reserved"), MEMORY_SOFT_RESERVED },
	{ TEXT("persistent (type 12)"), MEMORY_PRAM },
	{ TEXT("persistent RAM (type 12)"), MEMORY_PRAM },
	{ TEXT("persistent"), MEMORY_PMEM },
	{ TEXT("type "), MEMORY_OTHER },
};

static struct text skip_blanks(struct text t)
{
	while (t.length && (*t.at == ' ' || *t.at == '\t')) {
		t.at++;
		t.length--;
	}
	return t;
}

/* Takes one type name off the front of *words, with or without parentheses. */
static bool take_type(struct text *words, enum memory_type *type)
{
	struct text t = skip_blanks(*words);
	bool open = t.length && *t.at == '(';

	if (open) {
		t.at++;
		t.length--;
	}
	for (size_t i = 0; i < ARRAY_LEN(type_names); i++) {
		struct text name = type_names[i].name;

		if (!t.length || *t.at != *name.at || !text_begins(t, name))
			continue;
		*type = type_names[i].type;
		t.at += name.length;
		t.length -= name.length;
		/* "type 20)", "persistent (type 7)": skip to the blank after it. */
		while (t.length && *t.at != ' ' && *t.at != '=' && *t.at != ')') {
			t.at++;
			t.length--;
		}
		if (open && t.length && *t.at == ')') {
			t.at++;
			t.length--;
		}
		*words = t;
		return true;
	}
	return false;
}

static bool take_arrow(struct text *words)
{
	struct text t = skip_blanks(*words);

	if (!text_begins(t, TEXT("==>")))
		return false;
	*words = (struct text){ t.at + 3, t.length - 3 };
	return true;
}

/* Reads on in a line that is told in pieces; what is told is an event. False: `words` is
 * none of its pieces. */
static bool take_pieces(struct reader *reader, struct text words)
{
	struct event *event = &reader->state.e820.event;

	while (skip_blanks(words).length) {
		switch (reader->state.e820.wants) {
		case MAP_LINE_WHOLE:
			return true;
		case MAP_WANTS_TYPE:
			if (!take_type(&words, &event->u.map.type))
				return false;
			reader->state.e820.wants = MAP_LINE_WHOLE;
			reader_emit(reader, event);
			break;
		case MAP_WANTS_FROM:
			if (!take_type(&words, &event->u.map_edit.from))
				return false;
			reader->state.e820.wants = MAP_WANTS_ARROW;
			break;
		case MAP_WANTS_ARROW:
			if (!take_arrow(&words))
				return false;
			reader->state.e820.wants = MAP_WANTS_TO;
			break;
		case MAP_WANTS_TO:
			if (!take_type(&words, &event->u.map_edit.to))
				return false;
			reader->state.e820.wants = MAP_LINE_WHOLE;
			reader_emit(reader, event);
			break;
		}
	}
	return true;
}

/* The kernel prints the types with KERN_CONT: each may have come to a line of its own. */
static bool begin_line(struct reader *reader, const struct event *event, unsigned wants,
		       struct text words)
{
	reader_drop_pieces(reader);
	reader->state.e820.event = *event;
	reader->state.e820.wants = wants;
	if (take_pieces(reader, words))
		return true;
	reader_drop_pieces(reader);
	return false;
}

static bool piece(struct reader *reader, const struct line *line, const struct match *match)
{
	const struct event *event = &reader->state.e820.event;

	(void)match;
	return reader->state.e820.wants != MAP_LINE_WHOLE && line->domain == event->domain &&
	       line->speaker == event->speaker && take_pieces(reader, line->message);
}

static bool map_entry(struct reader *reader, const struct line *line, const struct match *match,
		      enum map_view view)
{
	struct event event = reader_event(line, EV_MAP_ENTRY);

	if (match->ranges[0].absurd) {
		event.kind = EV_RANGE_ABSURD;
		event_set_range(&event, paddr_range(match->ranges[0].start, match->ranges[0].end),
				TEXT("memory map entry"), false);
		reader_emit(reader, &event);
		return true;
	}
	event.u.map.view = view;
	event.u.map.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	return begin_line(reader, &event, MAP_WANTS_TYPE, match->words[0]);
}

#define ENTRY(name, the_view) \
	static bool name(struct reader *reader, const struct line *line, \
			 const struct match *match) \
	{ \
		return map_entry(reader, line, match, the_view); \
	}

ENTRY(firmware_entry, VIEW_FIRMWARE)
ENTRY(xen_entry, VIEW_XEN)
ENTRY(modified_entry, VIEW_MODIFIED)
ENTRY(extended_entry, VIEW_EXTENDED)
ENTRY(user_entry, VIEW_USER)
ENTRY(setup_data_entry, VIEW_SETUP_DATA)
ENTRY(other_entry, VIEW_OTHER)

/* From 7.0 the kernel prints the holes of the map too; they carry no fact that
 * the entries do not. */
static bool gap(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)reader;
	(void)line;
	(void)match;
	return true;
}

static bool map_update(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_MAP_UPDATED);

	if (match->ranges[0].absurd)
		return false;
	event.u.map_edit.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	return begin_line(reader, &event, MAP_WANTS_FROM, match->words[0]);
}

static bool map_remove(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_MAP_REMOVED);
	struct text words = match->words[0];

	if (match->ranges[0].absurd)
		return false;
	if (!take_type(&words, &event.u.map_edit.from))
		event.u.map_edit.from = MEMORY_ANY;
	event.u.map_edit.bytes = paddr_range(match->ranges[0].start, match->ranges[0].end);
	reader_emit(reader, &event);
	return true;
}

static bool last_pfn(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = reader_event(line, EV_LAST_PFN);
	uint64_t arch = match->numbers[1].value;

	event.u.last = to_pfn(match->numbers[0].value);
	reader_emit(reader, &event);
	/* MAXMEM in frames: 2^34 and up on x86-64, 2^24 with PAE, 2^20 without.
	 * Source: Linux arch/x86/include/asm/e820/types.h and pgtable_*_types.h. */
	event = reader_event(line, EV_KERNEL_BITS);
	event.u.word_size.bits = arch > UINT64_C(1) << 24 ? 64 : 32;
	event.u.word_size.pae = arch == UINT64_C(1) << 24;
	reader_emit(reader, &event);
	return true;
}

const struct line_shape lines_e820[] = {
	LINE("BIOS-e820: [mem <range>] <rest>", ENDS_INCLUSIVE, firmware_entry),
	LINE("BIOS-e820: [gap <range>]", ENDS_INCLUSIVE, gap),
	LINE("BIOS-e820: <range> <rest>", ENDS_EXCLUSIVE, firmware_entry),
	LINE("BIOS-e801: [mem <range>] <rest>", ENDS_INCLUSIVE, firmware_entry),
	LINE("BIOS-e801: <range> <rest>", ENDS_EXCLUSIVE, firmware_entry),
	LINE("BIOS-88: [mem <range>] <rest>", ENDS_INCLUSIVE, firmware_entry),
	LINE("BIOS-88: <range> <rest>", ENDS_EXCLUSIVE, firmware_entry),
	LINE("Xen: [mem <range>] <rest>", ENDS_INCLUSIVE, xen_entry),
	LINE("Xen: [gap <range>]", ENDS_INCLUSIVE, gap),
	LINE("Xen: <range> <rest>", ENDS_EXCLUSIVE, xen_entry),
	LINE("modified: [mem <range>] <rest>", ENDS_INCLUSIVE, modified_entry),
	LINE("modified: [gap <range>]", ENDS_INCLUSIVE, gap),
	LINE("modified: <range> <rest>", ENDS_EXCLUSIVE, modified_entry),
	LINE("extended: [mem <range>] <rest>", ENDS_INCLUSIVE, extended_entry),
	LINE("extended: [gap <range>]", ENDS_INCLUSIVE, gap),
	LINE("extended: <range> <rest>", ENDS_EXCLUSIVE, extended_entry),
	LINE("user: [mem <range>] <rest>", ENDS_INCLUSIVE, user_entry),
	LINE("user: [gap <range>]", ENDS_INCLUSIVE, gap),
	LINE("user: <range> <rest>", ENDS_EXCLUSIVE, user_entry),
	LINE("reserve setup_data: [mem <range>] <rest>", ENDS_INCLUSIVE, setup_data_entry),
	LINE("reserve setup_data: [gap <range>]", ENDS_INCLUSIVE, gap),
	LINE("reserve setup_data: <range> <rest>", ENDS_EXCLUSIVE, setup_data_entry),
	LINE("LGUEST: <range> <rest>", ENDS_EXCLUSIVE, other_entry),
	LINE("BIOS-provided physical RAM map:", ENDS_NONE, firmware_header),
	LINE("e820: BIOS-provided physical RAM map:", ENDS_NONE, firmware_header),
	LINE("modified physical RAM map:", ENDS_NONE, modified_header),
	LINE("e820: modified physical RAM map:", ENDS_NONE, modified_header),
	LINE("extended physical RAM map:", ENDS_NONE, extended_header),
	LINE("e820: extended physical RAM map:", ENDS_NONE, extended_header),
	LINE("user-defined physical RAM map:", ENDS_NONE, user_header),
	LINE("e820: user-defined physical RAM map:", ENDS_NONE, user_header),
	LINE("e820 update range: <range> <rest>", ENDS_EXCLUSIVE, map_update),
	LINE("e820: update [mem <range>] <rest>", ENDS_INCLUSIVE, map_update),
	LINE("e820 remove range: <range> <rest>", ENDS_EXCLUSIVE, map_remove),
	LINE("e820: remove [mem <range>] <rest>", ENDS_INCLUSIVE, map_remove),
	LINE("(usable)<rest>", ENDS_NONE, piece),
	LINE("(reserved)<rest>", ENDS_NONE, piece),
	LINE("(ACPI <rest>", ENDS_NONE, piece),
	LINE("(unusable)<rest>", ENDS_NONE, piece),
	LINE("usable<rest>", ENDS_NONE, piece),
	LINE("System RAM<rest>", ENDS_NONE, piece),
	LINE("reserved<rest>", ENDS_NONE, piece),
	LINE("device reserved<rest>", ENDS_NONE, piece),
	LINE("ACPI data<rest>", ENDS_NONE, piece),
	LINE("ACPI NVS<rest>", ENDS_NONE, piece),
	LINE("unusable<rest>", ENDS_NONE, piece),
	LINE("soft reserved<rest>", ENDS_NONE, piece),
	LINE("persistent <rest>", ENDS_NONE, piece),
	LINE("type <d><rest>", ENDS_NONE, piece),
	LINE("==><rest>", ENDS_NONE, piece),
	LINE("last_pfn = <x> max_arch_pfn = <x>", ENDS_NONE, last_pfn),
	LINE("e820: last_pfn = <x> max_arch_pfn = <x>", ENDS_NONE, last_pfn),
};
