/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records of a xentrace file in the order of time, whatever CPU wrote them.
 * What they mean is in in_xentrace.c. */
#ifndef FORMATS_XENTRACE_H
#define FORMATS_XENTRACE_H

#include "formats/reader.h"
#include "formats/source.h"

/* Xen's own bound is 4095. */
#define XENTRACE_CPUS_MAX 4096u
/* Windows kept, 24 bytes each: a busy hour has some 100,000. */
#ifndef XENTRACE_WINDOWS_MAX
#define XENTRACE_WINDOWS_MAX (4u * 1024 * 1024)
#endif
/* Read ahead of each CPU. */
#define XENTRACE_AHEAD_BYTES (64u * 1024)
#define XENTRACE_RECORD_BYTES_MAX (4u + 8u + 7u * 4u)

/* One CPU's records, one behind the other. */
struct xentrace_window {
	uint64_t offset, bytes;
	struct xentrace_window *next;     /* of the same CPU */
};

struct xentrace_cpu {
	struct xentrace_window *window;   /* being read; NULL: over */
	struct xentrace_window *last;
	uint64_t taken;                   /* bytes of the window that stand in `ahead`, or did */
	unsigned char *ahead;             /* XENTRACE_AHEAD_BYTES and some slack */
	const unsigned char *at, *end;    /* not yet taken */
	uint64_t tsc;
	uint16_t domain;                  /* running on it; DOMAIN_NONE: not known */
	/* the record at hand */
	uint32_t event;                   /* without the two flags */
	uint32_t bytes;                   /* all of it */
	unsigned words;                   /* 0 to 7 */
	const unsigned char *word;
};

struct xentrace_seen {
	uint64_t ptwr, mmu_updates, updates, mmuext_ops, extended, va_mappings, multicalls,
		 page_faults, lost;
};

struct xentrace {
	struct reader *reader;
	struct source *source;
	struct xentrace_cpu *by_id[XENTRACE_CPUS_MAX];
	struct xentrace_cpu *cpus[XENTRACE_CPUS_MAX];
	uint32_t cpu_count;
	struct xentrace_cpu *now;         /* whose record was given last */
	uint64_t now_until;               /* the TSC of the next other CPU's record */
	uint64_t windows, left_out;
	bool started, damaged, cut;
	struct xentrace_seen seen;
	/* Operations without entries, not told yet: of whom, and where the first stands. */
	bool unseen;
	bool unseen_lost;         /* Xen says so */
	uint16_t unseen_domain;
	uint64_t unseen_count;
	struct loc unseen_at;
};

/* The oldest record not given yet; NULL: no more. It stands until the next call. */
struct xentrace_cpu *xentrace_next(struct xentrace *trace);
/* Where the record at hand stands. */
struct loc xentrace_loc(const struct xentrace *trace, const struct xentrace_cpu *cpu);
/* A record has fewer words than its kind needs. */
void xentrace_short(struct xentrace *trace, const struct xentrace_cpu *cpu, const char *what);

#endif
