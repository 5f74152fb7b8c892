/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text reader as the line families see it: the line they were given, the
 * state that lines leave for later lines, and where events go. */
#ifndef FORMATS_READER_H
#define FORMATS_READER_H

#include "core/report.h"
#include "formats/shape.h"
#include "formats/trace_text.h"

struct line {
	struct text message;   /* without prefixes, leading and trailing blanks */
	struct loc at;         /* the whole line as it stands in the input */
	enum speaker speaker;  /* XEN after "(XEN)"; the kernel otherwise */
	uint16_t domain;       /* of "(d1)", "dom0 kernel:", "mm.c:12:d0v0"; or DOMAIN_NONE */
	bool xen_source;       /* had a hypervisor source tag "mm.c:1234:d0" or "d0v0 " */
	uint32_t indent;       /* blanks before the message, after the prefixes */
	bool stamped;          /* a collector's clock alone stands right before it: other
	                        * lines may have more there */
};

/* State between lines, one struct for each family that needs some. Zeroed at
 * every boot. */
struct reader_state {
	struct {
		/* A line of the memory map, or of its edits, that the log has in pieces. */
		enum { MAP_LINE_WHOLE, MAP_WANTS_TYPE, MAP_WANTS_FROM, MAP_WANTS_ARROW,
		       MAP_WANTS_TO } wants;
		struct event event;          /* as far as it was told */
	} e820;
	struct {
		/* How this log's memblock_reserve/free lines end; ENDS_NONE:
		 * not told yet. */
		enum ends ends;
		bool in_early_table;         /* "#n [..]" lines follow */
		uint32_t subtract_left;      /* "[..]" lines of a Subtract list to come */
		uint32_t listed[2];          /* regions of this dump: memory.cnt, reserved.cnt */
	} memblock;
	struct {
		uint32_t nodes_left;         /* lines of early_node_map to come */
	} layout;
	struct {
		bool in_host_map;            /* "[a, b] (usable)" lines are Xen's map */
		bool in_layout;              /* the builder's virtual layout follows */
		struct type_word half_saw;   /* "saw X != exp" wrapped before the rest */
		uint16_t half_domain;        /* ... and whose call it was */
		uint16_t pages_of;           /* the domain whose pages are listed, plus 1; 0: not told */
	} xen;
};

struct kernel_image;

struct reader {
	struct reader_state state;
	struct trace_state trace;    /* over boots: a trace may know none */
	/* Where events go; set by whoever runs the reader. The event's words
	 * may point into the line. */
	enum status (*emit)(void *context, const struct event *event);
	/* The short way for EV_MMU_OP, of which a trace has millions: where those of the
	 * event's speaker and domain may be put until another event is emitted. NULL: there
	 * is none; it returns NULL: not now. */
	struct mmu_queue *(*open_queue)(void *context, const struct event *event);
	struct mmu_queue *queue;    /* what it gave; NULL: ask again */
	enum speaker queue_speaker;
	uint16_t queue_domain;
	void *context;
	enum status status;         /* first failure of emit; stops the reader */
	struct input_report *input; /* lines, diagnostics; not owned */
	struct arena *arena;        /* the input's; for diagnostics */
	uint64_t emitted;
	struct text raw;            /* the line of text at hand as it stands in the input;
	                             * NULL: there is none */
	uint64_t facts;             /* of those: neither EV_MMU_OP nor what is lost of them */
	/* Called by the text reader with each line that told a fact or changed `state`, as
	 * it stands in the input; NULL: by nobody. */
	void (*keep_line)(void *context, struct text line, struct loc at);
	unsigned doubled;           /* two consoles write: each line stands twice, the second
	                             * time so many lines later at most; 0: once */
	struct { uint32_t line; char name[16]; } console;   /* the one that was enabled last */
	/* Of --vmlinux, or NULL. A dump that knows its kernel's build-id puts the one that has
	 * it, if any. */
	const struct kernel_image *image;
	const char *image_folder;           /* where to look for one by its build-id, or NULL */
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

/* May an operation be put into the queue? */
static inline bool reader_may_queue(const struct reader *reader, const struct mmu_op *op,
				    enum speaker speaker, uint16_t domain)
{
	return LIKELY(reader->queue && speaker == reader->queue_speaker &&
		      domain == reader->queue_domain && op->kind != MMU_TABLE_DROPPED);
}

/* Puts it there. False: it has to take the long way. */
static inline bool reader_queue_op(struct reader *reader, const struct mmu_op *op,
				   enum speaker speaker, uint16_t domain, const struct loc *at)
{
	struct mmu_queue *queue = reader->queue;
	struct mmu_queued *queued;

	if (UNLIKELY(!reader_may_queue(reader, op, speaker, domain)))
		return false;
	queued = &queue->items[queue->count++];
	queued->op = *op;
	queued->at = *at;
	reader->emitted++;
	if (UNLIKELY(queue->count == MMU_QUEUE_MAX))
		mmu_queue_full(queue);
	return true;
}

/* An EV_MMU_OP. */
void reader_emit_op_slowly(struct reader *reader, const struct mmu_op *op, enum speaker speaker,
			   uint16_t domain, enum certainty certainty, const struct loc *at);
/* A proved one, of the line. */
static inline void reader_emit_op(struct reader *reader, const struct line *line,
				  const struct mmu_op *op)
{
	if (UNLIKELY(!reader_queue_op(reader, op, line->speaker, line->domain, &line->at)))
		reader_emit_op_slowly(reader, op, line->speaker, line->domain, PROVED, &line->at);
}

/* A located remark about the input: kept up to DIAGNOSTICS_MAX, then counted. */
void reader_diagnose(struct reader *reader, struct loc at, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* A remark that the line is of a known shape, but cut or garbled. True, for a handler to
 * return: it is taken, and told nothing. */
bool reader_tell_garbled(struct reader *reader, const struct line *line);

/* At a boot's or the input's end: a memory map line of which pieces are missing is told. */
void reader_drop_pieces(struct reader *reader);

#endif
