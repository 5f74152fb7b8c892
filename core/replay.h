/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The life of one boot (of one domain), as far as the input told it: the
 * memory map in force, memblock, the page-table pools, what the hypervisor
 * and the kernel complained of. Events go in by replay_apply(); rules read.
 *
 *    e820 ---> map_in_force            memory, reserved <--- memblock lines
 *    pool lines ---> pools[] --+            |    ^
 *    BRK lines  ---> brk_pages +--> tables  |    +-- compared with each MEMBLOCK dump
 *    alloc_low_pages ----------+            v
 *    Xen: complaints[], host map       owners: labels[value]
 *    failures: faults[], panics, failed multicalls
 */
#ifndef CORE_REPLAY_H
#define CORE_REPLAY_H

#include "core/arena.h"
#include "core/event.h"
#include "core/limits.h"
#include "core/range_map.h"

/* A growing array in the boot's arena. */
#define LIST(type) struct { type *items; uint32_t count, room; uint32_t lost; }

struct kernel_version {
	bool known;
	uint16_t major, minor, patch;
	int16_t rc;              /* -1: a release */
	const char *words;       /* "2.6.39-rc5" */
	struct loc at;
	bool by_oops;            /* told by an oops: the banner is not in the input */
};
/* -1, 0, 1 as `v` is older than, like, or newer than major.minor.patch. A
 * release candidate is older than its release. Unknown versions: 0 and
 * *known=false. */
int kernel_compare(const struct kernel_version *v, unsigned major, unsigned minor,
		   unsigned patch);
static inline bool kernel_before(const struct kernel_version *v, unsigned major,
				 unsigned minor, unsigned patch)
{
	return v->known && kernel_compare(v, major, minor, patch) < 0;
}
static inline bool kernel_from(const struct kernel_version *v, unsigned major,
			       unsigned minor, unsigned patch)
{
	return v->known && kernel_compare(v, major, minor, patch) >= 0;
}

/* How the type word is laid out. RULES: 0 is <=3.3, 1 is 3.4, 2 is 4.0-4.9,
 * 3 is >=4.10. */
enum type_layout { LAYOUT_XEN_3_3, LAYOUT_XEN_3_4, LAYOUT_XEN_4_0, LAYOUT_XEN_4_10,
		   LAYOUT_UNKNOWN };

struct hypervisor {
	bool known;              /* banner seen, or told by the guest */
	uint16_t major, minor;
	int8_t debug;            /* 1, 0, or -1: not said */
	int8_t guest_level_all;  /* 1, 0, or -1: not said */
	bool on_console;         /* the banner itself was seen: its console is here */
	const char *words;
	struct loc at;
};

/* Values of spans in map_in_force and host_map: enum memory_type.
 * Values of spans in reserved: an index into labels (0: known from a dump
 * only). In memory and brk_pages: unused. In tables: an index into labels. */

enum pool_kind {
	POOL_BUFFER,     /* pgt_buf / e820_table, up to 3.8: one line announces it */
	POOL_BRK,        /* the static brk pool, 3.9 and later */
};

enum used_end_source {
	USED_UNKNOWN,        /* plan.start */
	USED_FROM_RESERVE,   /* PGTABLE reservation (memblock line) */
	USED_FROM_TABLE,     /* the early-reservation table (<= 2.6.36) or Subtract list */
	USED_FROM_RW_LINE,   /* "setting RW the range" */
	USED_FROM_BRK,       /* BRK [..] PGTABLE pages: at least these */
	USED_FROM_TRACE,
};

struct pool {
	enum pool_kind kind;
	uint32_t number;               /* from 1, in order of announcement */
	struct pfn_range plan;         /* [start, top); for POOL_BRK what is known */
	enum certainty plan_certainty;
	pfn_t used_end;                /* first frame not handed out, or plan.start */
	enum used_end_source used_end_from;
	paddr_t mapped_end;            /* "tables up to": bytes, out */
	struct paddr_range mapping;    /* init_memory_mapping range it serves; may be empty */
	struct loc planned_at, mapping_at;
	struct paddr_range reserved;   /* by the PGTABLE reservation; may be empty */
	struct loc reserved_at;
	struct paddr_range made_rw;    /* by "setting RW"; may be empty */
	bool rw_line_seen;
	struct loc rw_at;
	struct loc closed_at;          /* first sign that set-up went past it */
	uint32_t sequence;             /* event number of its announcement */
};

struct area_record {
	enum area area;
	struct paddr_range bytes;      /* guest-physical */
	bool relocation;
	bool from_builder;             /* dom0 builder's layout (was virtual) */
	struct loc at;
	uint32_t sequence;
};

struct mapping_record {
	struct paddr_range bytes;
	struct loc at;
	enum certainty certainty;
	uint32_t sequence;
};

struct complaint_record {
	enum complaint what;
	uint8_t level;
	struct type_word saw, expected;
	uint64_t mfn, pfn;             /* UNKNOWN_NUMBER when absent */
	uint64_t entry;
	int64_t code;
	int32_t l1e_owner, pg_owner;
	uint16_t domain;               /* who made the call, or DOMAIN_NONE */
	const char *words;
	enum certainty certainty;
	struct loc at;
	uint32_t sequence;
	enum milestone phase;          /* the last step reached before it */
	bool phase_known;
};

struct fault_record {
	struct loc at;                 /* the BUG: line, or the oops line */
	uint32_t sequence;
	uint64_t address;              /* as told; UNKNOWN_NUMBER */
	bool null_told;
	bool has_code; uint32_t code; struct loc code_at;
	bool has_cr2; uint64_t cr2; struct loc cr2_at;
	bool has_rdi; uint64_t rdi; struct loc rdi_at;
	bool string_store; struct loc string_store_at;
	bool has_rip; uint64_t rip; const char *rip_symbol; struct loc rip_at;
	bool has_walk; uint64_t walk_entry; uint8_t walk_level; struct loc walk_at;
	uint64_t walk_above;           /* the entry one level up, or 0 */
	uint64_t walk_last;            /* the last entry told so far */
	enum milestone phase;
	bool phase_known;
};

struct bug_record {
	bool warning;                  /* WARN, not BUG */
	const char *file;
	uint32_t line;
	const char *function;
	struct loc at;
	uint32_t sequence;
};

struct multicall_record {
	uint32_t failed, total, cpu;
	struct loc at;
	uint32_t sequence;
	enum milestone phase;
	bool phase_known;
	uint32_t first_call, call_count;   /* into calls */
};

struct call_record {
	uint32_t index, total, op;
	uint64_t argument;
	int64_t result;
	struct loc at;
};

struct freed_record {
	enum freed what;
	struct vaddr_range where;
	uint64_t size_bytes;
	struct loc at;
	uint32_t sequence;
};

struct release_record {            /* memblock_free of something that was a table */
	struct paddr_range bytes;
	const char *label;
	struct loc at;
	uint32_t sequence;
};

struct map_entry_record {
	enum map_view view;
	struct paddr_range bytes;
	enum memory_type type;
	struct loc at;
};

struct moved_record {
	enum frames_move what;
	struct pfn_range frames;
	uint64_t count;
	struct loc at;
};

struct wx_record { uint64_t address, pages; bool passed; struct loc at; };
struct words_record { const char *words; struct loc at; uint32_t sequence; };

struct dump_state {
	bool open;
	struct loc at;
	struct range_map memory, reserved;
	uint32_t regions;
	bool subtract;           /* the Subtract list of 2.6.37-3.2 */
};

struct step { bool reached; struct loc at; uint32_t sequence; };

struct replay {
	struct arena *arena;           /* the boot's: everything below lives there */

	/* who speaks */
	struct kernel_version kernel;
	struct hypervisor xen;
	enum platform platform;
	struct loc platform_at;
	uint16_t domain;               /* DOMAIN_NONE: native, or not told (dom0) */
	uint8_t bits;                  /* 32, 64, or 0 */
	bool pae;
	const char *command_line; struct loc command_line_at;
	const char *xen_command_line; struct loc xen_command_line_at;
	bool memblock_debug;           /* the command line asks for memblock lines */
	uint32_t evidence;             /* EVIDENCE_* of core/rule.h */

	struct step steps[STEP_POWER_OFF + 1];
	struct loc first, last;        /* lines of this boot */
	struct loc first_kernel, last_kernel;
	uint32_t sequence;             /* events applied; the next event's number */

	/* memory */
	struct range_map map_in_force; /* guest view; value: memory_type */
	enum map_view map_view;
	bool map_fresh;                /* a header was seen: the next entry begins a map */
	LIST(struct map_entry_record) map_entries;   /* as printed, all views */
	uint32_t map_edits, map_lost;  /* lost: beyond our bounds, not in the maps */
	struct range_map host_map;     /* machine bytes; value: memory_type */
	pfn_t last_pfn; struct loc last_pfn_at;      /* 0: not told */
	struct range_map memory, reserved;           /* memblock, bytes */
	bool reserved_by_caller;       /* memblock_reserve lines name functions */
	LIST(const char *) labels;     /* [0] is "known from the dump" */
	/* The last allocation request, until its reserve line. */
	struct { bool open; uint32_t label; struct loc at; uint64_t size_bytes;
		 struct paddr_range within; } request;

	/* page tables */
	LIST(struct pool) pools;
	struct range_map brk_pages;    /* bytes, from BRK lines */
	struct range_map tables;       /* bytes: page-table pages, whoever gave them */
	struct paddr_range brk;        /* the brk reservation; may be empty */
	struct loc brk_at;
	LIST(struct mapping_record) mappings;
	paddr_t mapped_limit; struct loc mapped_limit_at;   /* 0: not told */
	struct range_map mapped;       /* bytes mapped by lines so far */
	LIST(struct area_record) areas;
	LIST(struct freed_record) freed;
	LIST(struct release_record) releases;   /* reservations of tables dropped */
	LIST(struct moved_record) moved;

	/* failures */
	LIST(struct complaint_record) complaints;
	uint32_t complaint_count[COMPLAINT_COUNT];
	LIST(struct fault_record) faults;
	bool fault_open;               /* details still go to the last fault */
	LIST(struct bug_record) bugs;
	LIST(struct multicall_record) multicalls;
	LIST(struct call_record) calls;
	LIST(struct words_record) panics;
	LIST(struct wx_record) wx;
	struct loc domain_crashed_at;  /* unknown: it did not */
	LIST(struct words_record) lost_messages;

	/* the MEMBLOCK oracle */
	struct dump_state dump;
	uint32_t dumps_seen, dumps_compared, dumps_agreed, dumps_lost;
	struct loc first_disagreement; const char *disagreement;   /* or NULL */
};

void replay_init(struct replay *replay, struct arena *arena, uint16_t domain);
/* Forgets the boot; keeps a little memory for the next one. */
void replay_reset(struct replay *replay, struct arena *arena, uint16_t domain);
void replay_release(struct replay *replay);
/* The hypervisor's facts (banner, host map) of `from`, for another domain's
 * replay on the same host. */
void replay_inherit_host(struct replay *replay, const struct replay *from);

/* Applies one event. Fails only with ST_LIMIT or ST_MEMORY. */
MUST_USE enum status replay_apply(struct replay *replay, const struct event *event);
/* No more events: closes what is open (the last dump, the last pool). */
MUST_USE enum status replay_finish(struct replay *replay);

/* Would this event begin another boot of the domain being replayed? */
bool replay_is_next_boot(const struct replay *replay, const struct event *event);

const char *replay_label(const struct replay *replay, uint32_t label);

/* --- questions that rules ask ------------------------------------------- */

/* The pool whose plan holds the frame, the latest announced first; or NULL. */
const struct pool *replay_pool_of(const struct replay *replay, pfn_t frame);
/* Where in its pool a frame is. */
enum pool_part { PART_NONE, PART_USED, PART_TAIL, PART_UNKNOWN };
enum pool_part pool_part_of(const struct pool *pool, pfn_t frame);
static inline struct pfn_range pool_tail(const struct pool *pool)
{
	return (struct pfn_range){ pool->used_end, pool->plan.end };
}
static inline struct pfn_range pool_used(const struct pool *pool)
{
	return (struct pfn_range){ pool->plan.start, pool->used_end };
}

/* Guest-physical address behind a direct-map or kernel-image virtual address.
 * False when it is neither, or the base is not known (32-bit high memory,
 * vmalloc, randomised). *certainty is INFERRED when the base was chosen by
 * kernel version. */
bool replay_direct_map(const struct replay *replay, uint64_t address, paddr_t *physical,
		       enum certainty *certainty);

/* A fault's address as best known: CR2 or the BUG line's unless null, else
 * RDI of a string store. False when unknown. `at`: the line that tells it. */
bool fault_address(const struct fault_record *fault, uint64_t *address, struct loc *at);
/* Error code 0003: a write to a present, write-protected page. */
static inline bool fault_is_ro_write(const struct fault_record *fault)
{
	return fault->has_code && (fault->code & 0x1f) == 3;
}

/* Pages of page tables that the kernel's size estimate gives for mapping bytes
 * [start, end) with 4 KiB pages on x86-64: L1, L2 and L3 tables, each level
 * rounded up. From `start` 0 it reproduces the pools of 2.6.39 exactly.
 * Source: Linux arch/x86/mm/init.c find_early_table_space(), 2.6.37-3.6. */
uint64_t table_pages_for(struct paddr_range bytes);

/* How the kernel kept pool frames read-only while it mapped them (Xen PV).
 * Source: Linux arch/x86/xen/mmu.c mask_rw_pte(), and the corpus: 2.6.39-rc5
 * maps pool frames past pgt_buf_end writable, 2.6.39-rc6 and later up to
 * pgt_buf_top read-only (b9269dc7bfdf). To 2.6.38 the pools lie below the
 * mapped limit and nothing is at stake. */
enum pool_guard { GUARD_UNKNOWN, GUARD_NONE_NEEDED, GUARD_TO_END, GUARD_TO_TOP };
enum pool_guard replay_pool_guard(const struct replay *replay);

/* Does the direct map reach the pool's own frames with new entries: is it
 * inside the range being mapped and above what was mapped before? Unknown
 * ranges count as reached only when the pool's own line tells. */
bool replay_map_reaches_pool(const struct replay *replay, const struct pool *pool);

/* The first area of a kind, or NULL. */
const struct area_record *replay_area(const struct replay *replay, enum area area);

bool replay_is_pv(const struct replay *replay);
/* True when the kernel runs on something without Xen page types, for sure. */
bool replay_is_not_pv(const struct replay *replay);

/* The boot's own end: page-table set-up went through, or it crashed. */
bool replay_setup_done(const struct replay *replay);
bool replay_crashed(const struct replay *replay);

/* Decodes a type word of "saw X != exp Y". Both words and the version decide
 * the layout. Source: Xen xen/include/asm-x86/mm.h 3.4, 4.0, 4.10, 4.17. */
enum type_kind { TYPE_NONE, TYPE_L1, TYPE_L2, TYPE_L3, TYPE_L4, TYPE_SEGDESC,
		 TYPE_WRITABLE, TYPE_SHARED, TYPE_UNKNOWN };
struct type_info {
	enum type_kind kind;
	bool pinned, validated, partial, locked, pae_l2;
	uint64_t count;
	enum type_layout layout;       /* LAYOUT_UNKNOWN: two readings differ */
};
enum type_layout type_layout_of(struct type_word saw, struct type_word expected,
				const struct hypervisor *xen);
struct type_info type_decode(struct type_word word, enum type_layout layout);
const char *type_kind_name(enum type_kind kind);     /* "L1 table", "writable" */
static inline bool type_is_table(enum type_kind kind)
{
	return kind >= TYPE_L1 && kind <= TYPE_L4;
}

#endif
