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
#include "core/mmu.h"
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

/* Places of dropped tables that are kept: the refusal comes with the next owner. */
#define DROPS_KEPT 256u
/* The kernel let go of a table. */
struct table_drop { uint64_t mfn, pfn; struct loc at; uint32_t sequence; };

/* How the replay of a trace explains a refusal. */
#define TRACE_NOTES_MAX 8u
struct trace_word { struct loc at; const char *says; };
struct trace_words {
	enum mmu_type saw, wanted;     /* NOTHING when not known */
	uint32_t saw_count;
	bool saw_pinned;
	bool dropped;                  /* the kernel had let go of the table */
	struct loc dropped_at;         /* ... here; unknown: too long ago */
	struct trace_word notes[TRACE_NOTES_MAX];
	uint32_t note_count;
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
	bool from_trace;               /* no console said it: a trace shows it */
	const struct trace_words *trace;   /* what a trace tells of it, or NULL */
};

struct fault_record {
	struct loc at;                 /* the BUG: line, or the oops line */
	uint32_t sequence;
	uint64_t address;              /* as told; UNKNOWN_NUMBER */
	uint8_t trap;                  /* number of the x86 exception */
	bool null_told;
	bool has_code; uint32_t code; struct loc code_at;
	bool has_cr2; uint64_t cr2; struct loc cr2_at;
	bool has_rdi; uint64_t rdi; struct loc rdi_at;
	bool instruction_told;         /* the Code: line was read */
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
	const char *function;          /* of a WARN; of a BUG when RIP names it; or "" */
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
/* See event.u.audit. */
struct audit_record {
	enum audit what;
	uint8_t level;
	uint64_t entry, frame, pfn, table_pfn, address, other, count;
	const char *path;
	struct loc at;
};
struct words_record { const char *words; struct loc at; uint32_t sequence; };
struct loss_record { struct loc first; uint32_t count; };

struct dump_state {
	bool open;
	struct loc at;
	uint32_t regions;
	/* Of memory, of what is reserved: regions by the list's own count (0: not told),
	 * those that stand there, and of them those whose number is the next. */
	struct dump_count { uint32_t listed, there, in_order; } counts[2];
	bool subtract;           /* the Subtract list of 2.6.37-3.2 */
};

struct step { bool reached; struct loc at; uint32_t sequence; };

struct replay {
	struct arena *arena;           /* the boot's: everything below lives there */

	/* who speaks */
	struct kernel_version kernel;
	struct hypervisor xen;
	enum platform platform;
	uint32_t evidence;             /* EVIDENCE_* of core/rule.h */
	struct loc platform_at;
	uint16_t domain;               /* DOMAIN_NONE: native, or not told (dom0) */
	uint8_t bits;                  /* 32, 64, or 0 */
	bool pae;
	bool memblock_debug;           /* the command line asks for memblock lines */
	const char *command_line; struct loc command_line_at;
	const char *xen_command_line; struct loc xen_command_line_at;

	struct step steps[STEP_POWER_OFF + 1];
	struct loc first, last;        /* lines of this boot */
	struct loc first_kernel, last_kernel;
	uint32_t sequence;             /* events applied; the next event's number */
	uint64_t operations;           /* of a trace: MMU_OP events */

	/* memory */
	enum map_view map_view;
	bool map_fresh;                /* a header was seen: the next entry begins a map */
	bool map_clashes;              /* entries of one list overlapped: a line is damaged */
	bool reserved_by_caller;       /* memblock_reserve lines name functions */
	bool fault_open;               /* details still go to the last of faults */
	LIST(struct map_entry_record) map_entries;   /* as printed, all views */
	uint32_t map_edits, map_lost;  /* lost: beyond our bounds, not in the maps */
	pfn_t last_pfn; struct loc last_pfn_at;      /* 0: not told */
	LIST(struct text) labels;      /* [0] is "known from the dump"; end with NUL */
	/* The last allocation request, until its reserve line. */
	struct { bool open; uint8_t owner; uint32_t label; struct loc at;
		 uint64_t size_bytes, align_bytes; struct paddr_range within; } request;

	/* page tables */
	LIST(struct pool) pools;
	struct paddr_range brk;        /* the brk reservation; may be empty */
	struct loc brk_at;
	LIST(struct mapping_record) mappings;
	paddr_t mapped_limit; struct loc mapped_limit_at;   /* 0: not told */
	LIST(struct area_record) areas;
	LIST(struct freed_record) freed;
	LIST(struct release_record) releases;   /* reservations of tables dropped */
	LIST(struct moved_record) moved;

	/* failures */
	LIST(struct complaint_record) complaints;
	uint32_t complaint_count[COMPLAINT_COUNT];
	LIST(struct fault_record) faults;
	LIST(struct bug_record) bugs;
	LIST(struct multicall_record) multicalls;
	LIST(struct call_record) calls;
	/* Page tables over memory of another owner, or the reverse: the kernel gave up. Without
	 * an owner (2.6.24) the other range is not told. at: unknown when none. */
	struct { struct paddr_range bytes, other; const char *owner; struct loc at; } table_clash;
	LIST(struct words_record) panics;
	LIST(struct wx_record) wx;
	struct loc domain_crashed_at;  /* unknown: it did not */
	struct loss_record *losses;    /* LOSS_COUNT of them; NULL: nothing was lost */

	/* Virtual addresses of the image lie so many bytes above where it was linked. */
	struct { bool known; uint64_t bytes; } offset;

	/* given beside the input */
	struct { struct paddr_range kernel, brk; } image;   /* --vmlinux; may be empty */
	const struct domain_description *described;         /* --domain-xml; or NULL */

	/* a memory dump */
	LIST(struct audit_record) audits;
	struct { bool done, pv; uint64_t tables, entries, missing, more; struct loc at; } walked;

	/* page-table operations one by one */
	struct mmu *mmu;               /* NULL: the boot has no trace. Owned */
	struct table_drop *drops;      /* a ring of DROPS_KEPT; NULL: none yet */
	uint32_t drop_count;
	bool mmu_from_start;           /* its first operation came before the kernel's banner */
	struct loc mmu_late;           /* its first operation, when the kernel's banner stands
	                                * before it; else unknown */
	bool mmu_partial;              /* it misses the kernel's own stores */
	struct { struct mmu_queued queued; struct mmu_judgement judgement; bool open; uint32_t gaps; }
		mmu_pending;           /* refused by our rules, Xen's answer not told */
	uint64_t mmu_pending_at;       /* operations judged until then */
	bool queue_open;               /* operations may be queued that are not counted */
	enum speaker queue_speaker;    /* whose they are */
	bool in_order;                 /* a log and its trace, by their time stamps */
	uint32_t refused_traced;       /* operations that Xen refused, of the guest's own */
	mmu_observer *mmu_watcher;     /* --timeline, --frame: sees each operation; or NULL */
	void *mmu_watcher_context;

	/* the MEMBLOCK oracle */
	struct dump_state dump;
	uint32_t dumps_seen, dumps_compared, dumps_agreed, dumps_lost;
	struct loc first_disagreement; const char *disagreement;   /* or NULL */

	/* The maps, all at the end: their memory goes from boot to boot. In bytes. */
	struct range_map map_in_force; /* guest view; value: memory_type */
	struct range_map host_map;     /* machine bytes; value: memory_type */
	struct range_map memory, reserved;           /* memblock */
	struct range_map let_go;       /* the last reservation that was dropped; value: an
	                                * index into labels. Not all, in a flood of them */
	struct range_map brk_pages;    /* from BRK lines */
	struct range_map tables;       /* page-table pages, whoever gave them */
	struct range_map mapped;       /* by lines so far */
	struct range_map dump_memory, dump_reserved; /* of the oracle's open dump */
};

void replay_init(struct replay *replay, struct arena *arena, uint16_t domain);
/* Forgets the boot; keeps a little memory for the next one. */
void replay_reset(struct replay *replay, struct arena *arena, uint16_t domain);
void replay_release(struct replay *replay);
/* The hypervisor's facts (banner, host map) of `from`, for another domain's
 * replay on the same host. */
void replay_inherit_host(struct replay *replay, const struct replay *from);

/* Judges operations of a trace that are still queued: before anything looks at
 * the state. */
void replay_settle(struct replay *replay);

/* Applies one event. Fails only with ST_LIMIT or ST_MEMORY. */
MUST_USE enum status replay_apply(struct replay *replay, const struct event *event);
/* Where this operation of a trace, and others of its speaker, may be put (but no
 * MMU_TABLE_DROPPED); replay_apply() would come to the same. Until the next event: then
 * it is to be opened again. NULL: replay_apply() is to be called. */
struct mmu_queue *replay_open_queue(struct replay *replay, const struct event *event);
/* No more events: closes what is open (the last dump, the last pool). */
MUST_USE enum status replay_finish(struct replay *replay);

/* The same of an event that may, as few kinds do. */
bool replay_begins_boot(const struct replay *replay, const struct event *event);
/* Would this event begin another boot of the domain being replayed? */
static inline bool replay_is_next_boot(const struct replay *replay, const struct event *event)
{
	const uint64_t may = EVENT_BIT(EV_KERNEL_STARTED) | EVENT_BIT(EV_XEN_STARTED) |
			     EVENT_BIT(EV_MILESTONE) | EVENT_BIT(EV_MAPPED_LIMIT);

	return (may & EVENT_BIT(event->kind)) && replay_begins_boot(replay, event);
}

const char *replay_label(const struct replay *replay, uint32_t label);

/* --- questions that rules ask ------------------------------------------- */

/* Has the list that is being printed the MAP_ENTRY already? */
bool replay_map_has(const struct replay *replay, const struct event *event);

/* The reservation of page tables that begins where the planned pool does and ends inside
 * it: its own, told before it by lines out of order. Or NULL: a search for room finds none
 * that is reserved. */
const struct span *replay_own_reservation(const struct replay *replay, struct pfn_range plan);

/* The same of an event that may, as few kinds do. */
bool replay_tells_again(const struct replay *replay, const struct event *event);
/* Did a line tell the very same before, of what a boot tells once? Two consoles may have
 * delivered it, one some lines behind the other. */
static inline bool replay_is_told(const struct replay *replay, const struct event *event)
{
	const uint64_t once = EVENT_BIT(EV_POOL_PLANNED) | EVENT_BIT(EV_MAPPING_STARTED);

	return (once & EVENT_BIT(event->kind)) && replay_tells_again(replay, event);
}

/* Are lines of the log missing? What a trace has lost is none of them. */
bool replay_lost_lines(const struct replay *replay);

/* The first operation of a trace that stands behind the log of its boot, as nobody's clock
 * tells but its operations do; unknown: there is none. */
struct loc replay_trace_behind(const struct replay *replay);

/* Is a frame of the range a page table, by the operations of a trace? The first
 * one found, and what it is. References that were only presumed do not count. */
bool replay_traced_table(const struct replay *replay, struct pfn_range frames, pfn_t *pfn,
			 enum mmu_type *type);
/* By the operations of a trace: what made the frame read-only in a live table, and no
 * writable mapping of it is left. */
bool replay_traced_read_only(const struct replay *replay, pfn_t frame, struct loc *at);
/* Operations of a trace so far: does it still tell? */
static inline uint64_t replay_traced(const struct replay *replay)
{
	return replay->mmu ? mmu_counts(replay->mmu)->operations : 0;
}

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
/* Linux refused the page that it was pinning or unpinning: a page of more than one
 * frame has no Pinned flag. Source: Linux include/linux/page-flags.h, 4.5-6.14, with
 * CONFIG_DEBUG_VM_PGFLAGS. */
bool bug_is_of_pin(const struct bug_record *bug);

/* Who dropped the frame's last reservation, when nothing has reserved it since; or NULL. */
const struct span *replay_let_go(const struct replay *replay, pfn_t frame);

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
/* The same for bytes [0, end) with 2 MiB pages: L2 and L3 tables.
 * Source: Linux arch/x86/mm/init_64.c find_early_table_space(), 2.6.24-2.6.26. */
uint64_t table_pages_2m_for(paddr_t end);

/* How the kernel kept pool frames read-only while it mapped them (Xen PV).
 * Source: Linux arch/x86/xen/mmu.c mask_rw_pte(), and the corpus: 2.6.39-rc5
 * maps pool frames past pgt_buf_end writable, 2.6.39-rc6 and later up to
 * pgt_buf_top read-only (b9269dc7bfdf). To 2.6.38 the pools lie below the
 * mapped limit and nothing is at stake. */
enum pool_guard { GUARD_UNKNOWN, GUARD_NONE_NEEDED, GUARD_TO_END, GUARD_TO_TOP };
enum pool_guard replay_pool_guard(const struct replay *replay);

/* Is [start, end), bytes, on the Subtract list of 2.6.37-3.2, which is the last list the
 * kernel gave of what it keeps back? */
bool replay_subtract_holds(const struct replay *replay, uint64_t start, uint64_t end);

/* Does the direct map reach the pool's own frames with new entries: is it
 * inside the range being mapped and above what was mapped before? Unknown
 * ranges count as reached only when the pool's own line tells. */
bool replay_map_reaches_pool(const struct replay *replay, const struct pool *pool);

/* The first area of a kind, or NULL. */
const struct area_record *replay_area(const struct replay *replay, enum area area);

/* Does the kernel lie, for sure, where it was linked, in memory too? A PV kernel is never
 * relocated; a crash kernel always is; others may be from 3.14 on
 * (CONFIG_RANDOMIZE_BASE).
 * Source: Linux arch/x86/boot/compressed/kaslr.c, 3.14 (aslr.c) to 7.1;
 * Documentation/admin-guide/kdump. */
bool replay_image_is_fixed(const struct replay *replay);
/* How far it was moved, in virtual bytes; false: not told. Where it lies in memory is
 * another matter: from 4.8 on the two are chosen apart. A panic tells it.
 * Source: Linux arch/x86/kernel/setup.c, dump_kernel_offset(). */
bool replay_image_offset(const struct replay *replay, uint64_t *bytes);

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
