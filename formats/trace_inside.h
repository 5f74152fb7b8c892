/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the parts of the text-trace reader share. */
#ifndef FORMATS_TRACE_INSIDE_H
#define FORMATS_TRACE_INSIDE_H

#include "formats/reader.h"

/* An entry's bits and frame; flags of update_va_mapping. */
#define PRESENT 1u
#define FRAME_OF(entry) (((entry) & UINT64_C(0x000ffffffffff000)) >> 12)
#define UVMF_TLB_FLUSH 1u

/* One event being read. */
struct event_line {
	struct reader *reader;
	const struct line *line;
	const char *at, *end;      /* what follows the event's name and blanks */
	struct text name;
	bool fields;               /* "[FAILED TO PARSE] name=value": trace-cmd's raw form */
};

/* An operation of a trace that shows only some of them, without Xen's answer. */
static inline struct mmu_op trace_op(enum mmu_op_kind kind)
{
	return (struct mmu_op){
		.kind = kind,
		.foreign = DOMID_SELF_WORD,
		.verdict = MMU_VERDICT_UNKNOWN,
		.partial = true,
		.mfn = { MMU_NO_FRAME },
		.pfn = { MMU_NO_FRAME },
	};
}

void trace_emit(struct reader *reader, const struct line *line, const struct mmu_op *op,
		enum certainty certainty);
/* Operations are missing here, which `what` tells of the input; `count`: 0 when not told. */
void trace_lost(struct reader *reader, const struct line *line, enum loss what, uint64_t count);
/* pfn and mfn are the same page: told when it is news. */
void trace_emit_p2m(struct event_line *e, uint64_t pfn, uint64_t mfn);
/* The mfn of a page that the trace told before; false: it did not. */
bool trace_mfn_of(const struct trace_state *trace, uint64_t pfn, uint64_t *mfn);
/* The line cannot be read: told, never guessed. */
void trace_garbled(struct event_line *e);

/* The text behind "name=", in trace-cmd's raw form and in kprobes. NULL: absent. */
const char *trace_find_field(const struct event_line *e, struct text name);
/* Its value; false when absent or cut. */
bool trace_field(const struct event_line *e, struct text name, uint64_t *value);
/* The same of a field that the kernel's own format prints by %lx: trace-cmd takes that
 * over, so it is hexadecimal without 0x, too. */
bool trace_hex_field(const struct event_line *e, struct text name, uint64_t *value);
/* Does a number end here, not run into letters? False for NULL. */
bool trace_ends_word(const struct event_line *e, const char *at);
/* Is it an address of a kernel? What "%p" prints without no_hash_pointers is 32
 * bits of a hash, or "(____ptrval____)" before there is a key. */
static inline bool trace_is_pointer(uint64_t value)
{
	return value >> 47 == 0x1ffff;
}
/* What "%p" printed at `at`; the byte behind it, or NULL. *known: an address, not a
 * hash. */
const char *trace_pointer(struct event_line *e, const char *at, uint64_t *value, bool *known);
/* The frame behind an address of the direct map of a 64-bit kernel. */
bool trace_direct_map(uint64_t address, uint64_t *pfn);

/* A pin that a multicall will name without its frame; see trace_multicall.c. */
void trace_end_walk(struct trace_state *trace);
void trace_begin_walk(struct trace_state *trace, int walk, uint64_t pfn);

/* Columns of a tracer's line: the command takes so many. */
#define TRACE_COMM_COLUMNS 16u
static inline bool trace_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Stand the cpu and the event where they stood in the line before, where columns.event
 * is known? Both columns lie behind the command's, so no task's name can feign it. */
static inline bool trace_stands_as(struct trace_columns columns, const char *at)
{
	const char *cpu = at + columns.cpu, *event = at + columns.event;

	return at[TRACE_COMM_COLUMNS] == '-' && cpu[0] == '[' && cpu[4] == ']' &&
	       !memcmp(event - 2, ": ", 2) && event[-9] == '.' && event[0] != ' ' &&
	       trace_is_digit(event[-10]) && trace_is_digit(cpu[3]);
}

static inline uint32_t trace_cpu_of(struct trace_columns columns, const char *line)
{
	const char *at = line + columns.cpu + 1;

	return (uint32_t)(at[0] - '0') * 100 + (uint32_t)(at[1] - '0') * 10 + (uint32_t)(at[2] - '0');
}

/* The event that a trace has most of, in its usual spelling. False: it is another. */
bool trace_usual_event(struct reader *reader, const struct line *line, struct text event);

/* xen_mc_entry, xen_mc_batch, xen_mc_issue, the kprobes. */
void trace_mc_entry(struct event_line *e);
void trace_mc_batch(struct event_line *e);
void trace_mc_issue(struct event_line *e);
void trace_mmuupd(struct event_line *e);
void trace_mmuext(struct event_line *e);
void trace_mcflush(struct event_line *e);

#endif
