/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pgtcheck's own binary trace of page-table operations, as --write-trace writes
 * it. pgtcheck-formats(5) describes every byte; this is the same in C.
 *
 *   file:    magic 8 | version u32 | zero u32 | block ... | end block
 *   block:   magic u32 | payload bytes u32 | operations before it u64 |
 *            checksum u64 | payload: records
 *   record:  head u64 | as many u64 as its parts say
 *
 *   head:    bits 0-7 kind | 8-15 detail | 16-23 parts | 24-31 vcpu |
 *            32-47 foreign | 48-63 verdict
 *
 * Everything is little-endian and a multiple of 8 bytes. A block stands for
 * itself: one that is damaged is left out, and the operations it held are
 * counted from the next one's number. */
#ifndef FORMATS_MMUTRACE_H
#define FORMATS_MMUTRACE_H

#include <stdio.h>

#include "core/event.h"
#include "core/status.h"

#define MMUTRACE_MAGIC "\x89PGTMMU\n"
#define MMUTRACE_MAGIC_BYTES 8u
#define MMUTRACE_VERSION 1u
#define MMUTRACE_HEADER_BYTES 16u

#define MMUTRACE_BLOCK 0x4b4c4250u       /* "PBLK" */
#define MMUTRACE_END 0x444e4550u         /* "PEND": no payload; how many operations in all */
#define MMUTRACE_BLOCK_HEADER_BYTES 24u
/* With its header. Small, so that damage costs little. */
#define MMUTRACE_BLOCK_BYTES_MAX 4096u
#define MMUTRACE_RECORD_BYTES_MAX 48u    /* of an operation */

/* Detail of an operation. */
#define MMUTRACE_LEVEL 0x07u             /* 0 to 4 */
#define MMUTRACE_COMMAND_SHIFT 3         /* two bits: enum mmu_command */
#define MMUTRACE_INIT_PHASE 0x20u
#define MMUTRACE_PINNED 0x40u
#define MMUTRACE_PARTIAL 0x80u            /* the trace misses stores */

/* Parts of an operation: which u64 follow, in this order. */
#define MMUTRACE_PTR 0x01u
#define MMUTRACE_VAL 0x02u
#define MMUTRACE_MFN 0x04u
#define MMUTRACE_PFN 0x08u
#define MMUTRACE_MORE 0x10u              /* u32 flags, i32 verdict */
#define MMUTRACE_WORDS 0x1fu
#define MMUTRACE_CERTAINTY_SHIFT 5       /* two bits: enum certainty */
#define MMUTRACE_BY_XEN 0x80u            /* the hypervisor tells it; of facts too */

/* Verdict: 0 or -errno; these two are no answers of Xen. */
#define MMUTRACE_VERDICT_UNKNOWN INT16_MIN
#define MMUTRACE_VERDICT_MORE INT16_MAX  /* stands in MORE */

/* Kinds: operations count from 1, in the order of enum mmu_op_kind when version
 * 1 was made; what tells of the machine from 0x80 on. */
enum mmutrace_kind {
	MMUTRACE_UPDATE = 1, MMUTRACE_MACHPHYS, MMUTRACE_VA_MAPPING, MMUTRACE_PIN, MMUTRACE_UNPIN,
	MMUTRACE_NEW_BASE, MMUTRACE_NEW_USER_BASE, MMUTRACE_PTWR, MMUTRACE_STORE,
	MMUTRACE_TABLE_TAKEN, MMUTRACE_TABLE_DROPPED, MMUTRACE_P2M, MMUTRACE_OPS_LOST,
	/* Detail: how many u64 follow. One of an unknown kind is passed over. */
	MMUTRACE_FACT = 0x80,
	MMUTRACE_DOMAIN = 0x80,   /* foreign: whose records follow, up to the block's end */
	MMUTRACE_KERNEL,          /* u64: major, minor, patch, rc as 16 bits each; then its words */
	MMUTRACE_XEN,             /* the same; vcpu: 1 debug, 0 not, 0xff not said */
	MMUTRACE_PLATFORM,        /* vcpu: index into mmutrace_platforms */
	MMUTRACE_BITS,            /* vcpu: 32, 64; foreign: bit 0 PAE, bit 1 NX */
	MMUTRACE_STEP,            /* vcpu: index into mmutrace_steps */
	MMUTRACE_MESSAGES_LOST,   /* vcpu: enum loss of core/event.h */
	MMUTRACE_LINE,            /* a line of the log; vcpu: MMUTRACE_GOES_ON and so on;
	                           * foreign: bytes of text; u64: the text, NULs */
	MMUTRACE_PLACE,           /* bits 32-63: the line of the next record; see below */
};

/* Lines of the text that the trace was written from: each operation and each line of
 * the log stands one line behind the one before it, in this block, or where PLACE says;
 * 0: not told, nor of those after it. */
#define MMUTRACE_LINE_PART_MAX (255u * 8)
#define MMUTRACE_GOES_ON 1u       /* more of the line follows */
#define MMUTRACE_CONTINUES 2u     /* it is more of the line before */

/* What the file calls platforms and steps by number. */
#define MMUTRACE_PLATFORMS 6u
#define MMUTRACE_STEPS 8u
extern const enum platform mmutrace_platforms[MMUTRACE_PLATFORMS];
extern const enum milestone mmutrace_steps[MMUTRACE_STEPS];

/* Of the block's first 16 bytes and its payload: from 1, for each u64 turned left
 * by 23 bits, plus the u64. `words`: how many u64 of payload. */
uint64_t mmutrace_checksum(const unsigned char *block, size_t words);

/* --- writing --------------------------------------------------------------- */

struct mmutrace_writer;

/* A file beside `path` that takes its name when all is written. NULL: *trouble
 * says why (strerror text). */
struct mmutrace_writer *mmutrace_create(const char *path, const char **trouble);
/* Writes operations and what a trace must know of the machine; other events are not
 * for it, nor is anything but operations of a text's lines, which mmutrace_put_line()
 * keeps. Failures are told at the end. */
void mmutrace_put(struct mmutrace_writer *writer, const struct event *event);
/* A line of a log that tells anything but operations, as it stands there; `redacted`:
 * without names (formats/redact.h). */
void mmutrace_put_line(struct mmutrace_writer *writer, struct text line, struct loc at,
		       bool redacted);
/* How many operations so far. */
uint64_t mmutrace_written(const struct mmutrace_writer *writer);
/* The end mark, then the file gets its name; on failure, or with `keep` false,
 * nothing is left behind. Frees the writer. */
MUST_USE enum status mmutrace_finish(struct mmutrace_writer *writer, bool keep,
				     const char **trouble);

#endif
