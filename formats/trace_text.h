/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text traces: what a tracer prints before an event, and the events that tell
 * page-table operations.
 *
 *   trace_line.c    bash-107 [000] d..1. 60.652497: EVENT    tracefs, ftrace_dump,
 *                                                            trace-cmd, perf script
 *   trace_usual.c   the line that there is most of, many at a time
 *   trace_event.c   xen_mmu_set_pte: ptep .. pteval .. (raw ..), kprobes
 *   trace_xen.c     1.015336450 x d0v0 ptwr l1e .. eip .. addr ..  xenalyze
 *   lines_trace.c   headers, lost records, bare events (tp_printk)
 *
 * A trace stands alone in a file or in the middle of a console log. */
#ifndef FORMATS_TRACE_TEXT_H
#define FORMATS_TRACE_TEXT_H

#include "core/event.h"

struct reader;
struct line;

enum trace_dialect {
	TRACE_NONE,
	TRACE_BARE,        /* tp_printk: the event alone */
	TRACE_FTRACE,      /* tracefs trace and trace_pipe, ftrace_dump */
	TRACE_CMD,         /* trace-cmd report */
	TRACE_PERF,        /* perf script */
	TRACE_XENALYZE,    /* xenalyze --dump-all */
};

/* Pages that the trace told by pfn and by mfn, at pfn % TRACE_PAIRS: the last wins. */
struct trace_pair { uint64_t pfn, mfn; };
#define TRACE_PAIRS 4096u

/* An operation that a kprobe told when it was queued, until its batch goes out. */
struct trace_queued { struct mmu_op op; struct loc at; uint32_t cpu; };
#define TRACE_QUEUE_MAX 128u

/* Where the bracket of the cpu stands, and the event; 0: not known. */
struct trace_columns { uint16_t cpu, event; };

struct trace_state {
	enum trace_dialect dialect;   /* of the first line that was recognised */
	bool open;                    /* trace lines are to be expected: look for prefixes */
	bool kprobes, tracepoints;    /* seen */
	bool headed;                  /* by tracefs: "# tracer: nop" */
	uint64_t lines;               /* recognised; of them told something: */
	uint64_t emitted;             /* events */
	struct trace_columns columns; /* of the line before */
	uint32_t cpu;                 /* of the line being read */

	/* Diagnostics that are made once. */
	bool hashed_told, level_told, unread_told;

	/* The kernel's number of a PTE table in `level %d`: 3 or 4; 0: not known. */
	uint8_t pte_level;
	bool version_known;
	bool plain_pointers;          /* before 4.15: "%p" is not hashed */

	/* Who tells update_va_mapping (see trace_event.c). */
	enum { VA_NOBODY, VA_MC_ENTRY, VA_MCFLUSH } va_from;
	bool mmuext_seen;             /* pins and bases come from the kprobe */
	bool count_only_told;         /* of xenalyze: nothing new since OPS_LOST */
	/* What a pin means that a multicall names without its frame. */
	enum { WALK_NONE, WALK_ALLOC, WALK_RELEASE, WALK_PIN, WALK_UNPIN } walk;
	bool walk_op26;               /* WALK_UNPIN: an L1's unpin was queued */
	uint64_t walk_pfn;            /* ALLOC, RELEASE: the table; PIN, UNPIN: the pgd */
	uint64_t walk_va, walk_mfn;   /* the last va_mapping of the walk; 0: none yet */
	bool walk_root;               /* ... had UVMF_TLB_FLUSH: a top-level table */
	struct { uint64_t pfn; bool known; } base;   /* of the last write_cr3 */

	uint32_t walk_cpu;            /* whose walk it is */

	struct trace_pair *pairs;     /* TRACE_PAIRS, in the reader's arena; or NULL */
	struct trace_queued *queue;   /* TRACE_QUEUE_MAX, in the reader's arena; or NULL */
	uint32_t queued;
};

/* Does the input begin as a trace does? Then state.open is set. Looks at whole
 * lines of the first few KiB. */
void trace_text_begin(struct reader *reader, const char *bytes, size_t length);

/* A line, or the rest of one behind a console's prefix, that begins as a tracer's
 * lines do. False: it is none. `line` says where and whose it is (its message is
 * not read). */
bool trace_text_line(struct reader *reader, const struct line *line, struct text text);

/* The same of lines that are spelt as the line before, in a row; returns how many. */
struct usual_lines;
unsigned trace_usual_lines(struct reader *reader, const struct usual_lines *lines);

/* An event without anything before it: "xen_mmu_set_pte: ptep ...". False: none
 * that we know. */
bool trace_text_event(struct reader *reader, const struct line *line, struct text event);

/* A line of an open trace that nobody could read: when it names one of those events, an
 * operation is lost. */
void trace_text_unread(struct reader *reader, const struct line *line, struct text text);

/* xenalyze: "ptwr l1e ..", "hypercall  1 (mmu_update) 4 updates". */
void trace_text_xenalyze(struct reader *reader, const struct line *line, struct text event);

/* The input ends in this line, without a line end: does it tell an operation with a
 * number that may be cut? Then that is told, and it must not be read. */
bool trace_text_cut(struct reader *reader, struct text line, uint64_t offset, uint32_t number);

/* The input is over: what is still queued goes out. */
void trace_text_end(struct reader *reader);

/* "ftrace text", ... when the input is a trace and nothing else; or NULL. */
const char *trace_text_format(const struct reader *reader);

/* Another file of the same boot begins: what is known of the kernel stays. */
void trace_text_next(struct trace_state *trace);

/* The kernel's banner was read: it decides how levels are numbered. */
void trace_text_version(struct trace_state *trace, unsigned major, unsigned minor);

#endif
