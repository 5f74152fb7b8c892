/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The descriptor of a rule. A rule is one file core/rules/NAME.c that defines
 * `const struct rule rule_NAME` and one folder testdata/NAME/ (with the dashes
 * of the name): make finds the file and writes the registry. */
#ifndef CORE_RULE_H
#define CORE_RULE_H

#include "core/replay.h"
#include "core/report.h"

/* What a rule needs to be judged. Replay sets a bit when it has seen such
 * evidence in the boot (see struct replay.evidence). The text of each bit
 * (evidence_name, evidence_remedy) is in core/rule.c. */
enum evidence {
	EVIDENCE_KERNEL = 1u << 0,     /* kernel lines at all */
	EVIDENCE_MAP = 1u << 1,        /* the memory map in force (e820) */
	EVIDENCE_POOL = 1u << 2,       /* a pool line */
	EVIDENCE_BRK_LINES = 1u << 3,  /* BRK [..] PGTABLE lines */
	EVIDENCE_MEMBLOCK = 1u << 4,   /* memblock=debug, or the early-reservation table */
	EVIDENCE_MAPPING = 1u << 5,    /* init_memory_mapping lines */
	EVIDENCE_XEN = 1u << 6,        /* hypervisor console lines */
	EVIDENCE_XEN_SPEAKS = 1u << 7, /* ... that would carry page-type messages:
	                                * <=4.5 or debug=y, guest level all; or one was seen */
	EVIDENCE_LAYOUT = 1u << 8,     /* the dom0 builder's layout */
	EVIDENCE_HOST_MAP = 1u << 9,   /* Xen's own memory map */
	EVIDENCE_TRACE = 1u << 10,     /* page-table operations, value by value */
	EVIDENCE_SETUP_END = 1u << 11, /* page-table set-up seen to its end, or the crash */
	EVIDENCE_SYMBOLS = 1u << 12,   /* --vmlinux */
	EVIDENCE_DUMP = 1u << 13,      /* a memory dump */
	EVIDENCE_DOMAIN_XML = 1u << 14,
	EVIDENCE_WX_CHECK = 1u << 15,  /* the kernel's own W+X check ran */
	EVIDENCE_MAPPED_LIMIT = 1u << 16, /* "initial memory mapped" */
	EVIDENCE_PV_BUG = 1u << 17,    /* a BUG in Linux' own PV page-table code */
	EVIDENCE_P2M_WORD = 1u << 18,  /* Linux said that a P2M entry could not be set */
	EVIDENCE_ANSWERS = 1u << 19,   /* a trace that tells Xen's answers; the replay knew enough
	                                * of half of them */
	EVIDENCE_PIN_BUG = 1u << 20,   /* Linux gave up over the page that it was pinning */
	/* Operations that the replay knew enough to call legal or not: half of them at
	 * least. */
	EVIDENCE_ENTRIES = 1u << 21,   /* ... of those that set entries */
	EVIDENCE_PINS = 1u << 22,      /* ... of pins, unpins and bases */
	EVIDENCE_XEN_VERSION = 1u << 23,
	EVIDENCE_LAST = EVIDENCE_XEN_VERSION,
	EVIDENCE_DECIDED = EVIDENCE_ENTRIES | EVIDENCE_PINS | EVIDENCE_ANSWERS,
};
const char *evidence_name(enum evidence bit);      /* "a pool line" */
const char *evidence_remedy(enum evidence bit);    /* "boot with memblock=debug" */

/* On what a rule makes sense. */
enum scope {
	SCOPE_ALL,
	SCOPE_PV,        /* Xen PV guests only; a native boot: not applicable */
	SCOPE_POOL_ERA,  /* kernels with a pgt_buf/e820_table pool: up to 3.8 */
	SCOPE_PV_POOL_ERA,
	SCOPE_BRK_ERA,   /* 3.9 and later */
	SCOPE_PV_BRK_ERA,
	SCOPE_PV_32BIT,
	SCOPE_GUEST,     /* as SCOPE_PV, and every boot that has a description */
	SCOPE_INPUT,     /* about the input: always judged */
};
const char *scope_words(enum scope scope);   /* "kernels up to 3.8" */

struct rule {
	const char *id;          /* "PGT002", never reused */
	const char *name;        /* "tail-left-ro"; users may type either */
	enum severity severity;  /* the usual one */
	const char *title;       /* one sentence */
	const char *why;         /* what goes wrong in a real boot */
	const char *fix;         /* what a person can do next: commit and release */
	const char *source;      /* whose code or manual says so */
	const char *needs;       /* for people: "the pool line; memblock=debug to ..." */
	const char *good, *bad;  /* excerpts for --explain; may be NULL */
	const char *roots;       /* IDs whose findings explain this one's, blank-separated */
	/* What a boot's end asks of each rule is from here on in one cache line. */
	_Alignas(64) enum scope scope;
	/* The rule is judged when one of these sets is all there (0 ends the
	 * list; first 0: always). Otherwise it is NOT_CHECKED, lacking what the
	 * first set lacks. One that EVIDENCE_DECIDED would do for is asked of any
	 * trace, and judged when it finds something: what is refused is told though
	 * most of the trace cannot be judged. */
	uint32_t needs_any[4];
	bool page_table_evidence;  /* judging it counts towards a verdict */
	uint8_t owners;          /* whose EV_RANGE_RESERVED it hears (OWNER_*); 0: anybody's */
	size_t state_bytes;      /* private, zeroed before the first event */
	uint64_t listens;        /* EVENT_BIT(EV_...) | ... for on_event */
	/* Either may be NULL. on_event sees the state the event met, before it
	 * is applied; at_end sees the last one. A rule that is neither judged nor asked
	 * is not called at_end; what it reported on events is dropped. */
	void (*on_event)(const struct replay *, const struct event *, void *state,
			 struct report *);
	void (*at_end)(const struct replay *, void *state, struct report *);
};

/* All rules in order of ID; written by make from core/rules/. */
extern const struct rule *const rule_table[];
extern const size_t rule_count;

/* By ID or name (any case), or NULL. */
const struct rule *rule_find(struct text id_or_name);
/* Its index in rule_table. */
size_t rule_index(const struct rule *rule);

#endif
