/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text reader as the line families see it: the line they were given, the
 * state that lines leave for later lines, and where events go. */
#ifndef FORMATS_READER_H
#define FORMATS_READER_H

#include "core/report.h"
#include "formats/shape.h"

struct line {
	struct text message;   /* without prefixes, leading and trailing blanks */
	struct loc at;         /* the whole line as it stands in the input */
	enum speaker speaker;  /* XEN after "(XEN)"; the kernel otherwise */
	uint16_t domain;       /* of "(d1)", "dom0 kernel:", "mm.c:12:d0v0"; or DOMAIN_NONE */
	bool xen_source;       /* had a hypervisor source tag "mm.c:1234:d0" or "d0v0 " */
	uint32_t indent;       /* blanks before the message, after the prefixes */
};

/* State between lines, one struct for each family that needs some. Zeroed at
 * every boot. */
struct reader_state {
	struct {
		/* How this log's memblock_reserve/free lines end; ENDS_NONE:
		 * not told yet. */
		enum ends ends;
		bool in_early_table;         /* "#n [..]" lines follow */
		uint32_t subtract_left;      /* "[..]" lines of a Subtract list to come */
	} memblock;
	struct {
		bool in_host_map;            /* "[a, b] (usable)" lines are Xen's map */
		bool in_layout;              /* the builder's virtual layout follows */
		struct type_word half_saw;   /* "saw X != exp" wrapped before the rest */
		uint16_t half_domain;        /* ... and whose call it was */
	} xen;
};

struct reader {
	struct reader_state state;
	/* Where events go; set by whoever runs the reader. The event's words
	 * may point into the line. */
	enum status (*emit)(void *context, const struct event *event);
	void *context;
	enum status status;         /* first failure of emit; stops the reader */
	struct input_report *input; /* lines, diagnostics; not owned */
	struct arena *arena;        /* the input's; for diagnostics */
	uint64_t emitted;
};

/* An event of `kind` at the line, PROVED, with its speaker and domain. */
static inline struct event reader_event(const struct line *line, enum event_kind kind)
{
	return (struct event){
		.kind = kind,
		.certainty = PROVED,
		.speaker = line->speaker,
		.domain = line->domain,
		.at = line->at,
	};
}

void reader_emit(struct reader *reader, const struct event *event);

/* A located remark about the input: kept up to DIAGNOSTICS_MAX, then counted. */
void reader_diagnose(struct reader *reader, struct loc at, const char *format, ...)
	PRINTF_LIKE(3, 4);

#endif
