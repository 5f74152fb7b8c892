/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What can happen in a boot, whatever the kernel that told it and however it
 * was spelt. Readers (formats/) make events; the replay (core/) applies them.
 * Every range is half-open; bytes unless the type says frames.
 *
 * A new kind is one line in EVENTS, then follow the compiler. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/domain_description.h"
#include "core/frame.h"
#include "core/loc.h"
#include "core/mmu_op.h"
#include "core/owner.h"
#include "core/text.h"

/* How sure we are. PROVED: every quantity is read from the input and the
 * order is known. INFERRED: one of them comes from a model (a version's
 * behaviour, a guessed range end). SUSPECTED: only the symptom's pattern. */
enum certainty { PROVED, INFERRED, SUSPECTED };

#define EVENTS(E) \
	/* who speaks */ \
	E(KERNEL_STARTED, "a kernel announced itself") \
	E(XEN_STARTED, "a hypervisor announced itself") \
	E(COMMAND_LINE, "the kernel's command line") \
	E(XEN_COMMAND_LINE, "the hypervisor's command line") \
	E(XEN_GUEST_LEVEL, "which guest messages the hypervisor prints") \
	E(PLATFORM_TOLD, "what the kernel runs on") \
	E(KERNEL_BITS, "the kernel's word size or paging mode") \
	E(KERNEL_MOVED, "how far from its link address the kernel ran") \
	E(MILESTONE, "a step of the boot was reached") \
	/* the firmware's memory map */ \
	E(MAP_ENTRY, "a memory-map entry was announced") \
	E(MAP_UPDATED, "part of the memory map changed its type") \
	E(MAP_REMOVED, "part of the memory map was removed") \
	E(LAST_PFN, "the first frame above all RAM") \
	/* early reservations and memblock */ \
	E(RANGE_RESERVED, "an early reservation was added") \
	E(RANGE_RELEASED, "an early reservation was dropped") \
	E(MEMORY_ADDED, "memory was given to memblock") \
	E(MEMORY_REMOVED, "memory was taken from memblock") \
	E(ALLOC_REQUESTED, "an early allocation was asked for") \
	E(DUMP_STARTED, "the kernel begins to list memblock") \
	E(DUMP_REGION, "one region of the kernel's own list") \
	E(RESERVED_LISTED, "one line of the early-reservation table") \
	E(RANGE_SUBTRACTED, "one reservation kept back from the page allocator") \
	E(NODE_MEMORY, "memory of a node, as the zones are made of it") \
	E(RANGE_ABSURD, "a range that ends before it starts") \
	/* direct map and page-table pools */ \
	E(MAPPED_LIMIT, "how much was mapped before") \
	E(MAPPING_STARTED, "a range is being direct-mapped") \
	E(MAPPING_PART, "one part of it, with its page size") \
	E(POOL_PLANNED, "a page-table pool was chosen") \
	E(POOL_STATE, "a trace or a dump tells how far a pool is used") \
	E(POOL_TAIL_RW, "a pool's unused tail was made writable again") \
	E(TABLE_FROM_BRK, "page-table pages were taken from the brk pool") \
	E(AREA_NAMED, "a range got a name: kernel, initrd, node data, ...") \
	E(MEMORY_FREED, "memory was given to the page allocator") \
	E(FRAMES_MOVED, "frames were released, populated, remapped or set 1:1") \
	/* what the hypervisor says */ \
	E(COMPLAINT, "the hypervisor refused something") \
	E(FRAME_LISTED, "the hypervisor lists a frame of a domain with its type") \
	E(DOMAIN_CRASHED, "the hypervisor ended the domain") \
	/* how a kernel fails */ \
	E(MULTICALL_FAILED, "a batch of hypercalls failed in part") \
	E(MULTICALL_ENTRY, "one hypercall of such a batch") \
	E(FAULT, "a page fault or oops begins") \
	E(FAULT_DETAIL, "a register, code or page walk of it") \
	E(KERNEL_BUG, "the kernel hit a BUG") \
	E(KERNEL_WARNING, "the kernel hit a WARN") \
	E(RANGE_CLASHED, "a range was reserved twice, and the kernel gives up over it") \
	E(PANIC, "the kernel gave up") \
	E(WX_FOUND, "a page both writable and executable") \
	/* page-table operations, one by one */ \
	E(MMU_OP, "a page-table operation, or a fact a trace tells beside them") \
	/* a memory dump */ \
	E(TABLE_AUDITED, "something is wrong in a dump's live page tables") \
	E(DUMP_WALKED, "the live page tables of a dump were walked") \
	/* what was given beside the input */ \
	E(IMAGE_GIVEN, "where the kernel's own ELF image puts its parts") \
	E(DOMAIN_DESCRIBED, "the guest's description was given") \
	/* the input itself */ \
	E(MESSAGES_LOST, "the log says that lines are missing")

enum event_kind {
#define E(kind, doc) EV_##kind,
	EVENTS(E)
#undef E
	EV_COUNT
};

/* "POOL_PLANNED" and its doc; never NULL. */
const char *event_name(enum event_kind kind);
const char *event_doc(enum event_kind kind);

#define DOMAIN_NONE UINT16_MAX   /* no domain named: native, or the only one */

enum speaker { SPEAKER_KERNEL, SPEAKER_XEN };

#define TRAP_PAGE_FAULT 14u
/* "page fault", "invalid opcode", ...; never NULL. */
const char *trap_name(uint8_t trap);

enum platform {
	PLATFORM_UNKNOWN, PLATFORM_NATIVE, PLATFORM_XEN_PV, PLATFORM_XEN_PVH,
	PLATFORM_XEN_HVM, PLATFORM_OTHER_VM,
};

enum milestone {
	STEP_MAP_HEADER,        /* a memory map is about to be printed */
	STEP_DIRECT_MAP_DONE,   /* known to be over: RAMDISK/ACPI/NUMA lines follow */
	STEP_ZONES,             /* zone ranges printed */
	STEP_MEMORY_LINE,       /* "Memory: ..k available": page-table set-up is over */
	STEP_INIT_MEMORY_FREED, /* "Freeing unused kernel ..." */
	STEP_USERSPACE,         /* init was started, or looked for in vain */
	STEP_XEN_BUILDS_DOM0,
	STEP_XEN_DONE,          /* Xen freed its own init memory */
	STEP_POWER_OFF,
};

enum memory_type {
	MEMORY_RAM, MEMORY_RESERVED, MEMORY_ACPI, MEMORY_NVS, MEMORY_UNUSABLE,
	MEMORY_PMEM, MEMORY_PRAM, MEMORY_SOFT_RESERVED, MEMORY_OTHER,
	MEMORY_ANY,   /* in MAP_REMOVED: whatever is there */
};

/* "RAM", "reserved", ...; never NULL. */
const char *memory_type_name(enum memory_type type);

/* Whose memory map an entry belongs to. */
enum map_view {
	VIEW_FIRMWARE,    /* BIOS-e820, BIOS-88, ... */
	VIEW_XEN,         /* "Xen:" printed by the PV guest: proves the PV hook */
	VIEW_MODIFIED, VIEW_EXTENDED, VIEW_USER, VIEW_SETUP_DATA,
	VIEW_HOST,        /* the hypervisor's own map: machine addresses */
	VIEW_OTHER,       /* another provider's word (LGUEST, ...) */
};

enum area {
	AREA_KERNEL,      /* as loaded, with its brk and bss */
	AREA_INITRD, AREA_P2M, AREA_START_INFO, AREA_XEN_TABLES, AREA_BOOT_STACK,
	AREA_CONSOLE_RING, AREA_XENSTORE_RING, AREA_NODE_DATA, AREA_CRASHKERNEL,
	AREA_TRAMPOLINE,
	AREA_COUNT
};
const char *area_name(enum area area);

/* The hypervisor's complaints. What each field of event.u.complaint means is
 * in the second column. */
#define COMPLAINTS(C) \
	C(BAD_TYPE, "Bad type (saw X != exp Y): saw, expected, mfn, pfn") \
	C(PIN_FAILED, "Error while pinning: mfn, code") \
	C(ALREADY_PINNED, "already pinned: mfn") \
	C(NOT_PINNED, "not pinned: mfn") \
	C(BAD_DOMAIN, "mfn bad, or of another owner: mfn") \
	C(VALIDATION_FAILED, "Error while validating: mfn, pfn, expected, saw=taf") \
	C(BASE_FAILED, "a new base pointer was refused: mfn, code") \
	C(GET_FAILED, "Error getting mfn from L1 entry: mfn, pfn, entry, owners") \
	C(GET_REF_FAILED, "Could not get page ref: mfn") \
	C(GET_TYPE_FAILED, "Could not get page type PGT_writable_page") \
	C(TABLE_FAILED, "Failure in alloc/promote_lN_table: level, slot, code") \
	C(BAD_FLAGS, "Bad Ln flags: level, entry = the flags, packed") \
	C(LINEAR_RW, "Attempt to create linear p.t. with write perms") \
	C(LINEAR_OFF, "linear page tables are disabled") \
	C(COUNT_OVERFLOW, "Type count overflow: mfn") \
	C(XEN_SLOT, "update in Xen-private area: level") \
	C(PAE_L3, "a PAE L3 table is not as it must be") \
	C(MMIO, "attempt to map MMIO space: mfn") \
	C(OWNER, "Error mfn: rd= od=: mfn, l1e_owner = rd, pg_owner = od") \
	C(GRANTED_PTE, "implicit unmap of a granted PTE: entry") \
	C(L1TF, "L1TF-vulnerable PTE: level, entry, code = 1 when crashing") \
	C(PTWR_BAD, "a direct store to a page table could not be emulated") \
	C(PTWR_FIXED, "an odd but harmless PTE store was put right: entry") \
	C(SEGDESC, "a GDT/LDT page was refused") \
	C(VA_WITHOUT_L1, "Could not find L1 PTE for an address: entry = the address") \
	C(FORCED_RO, "access to a frame was forced read-only: mfn") \
	C(LEAK, "page-table reference leaked: mfn") \
	C(UPDATE_RACE, "Failed to update entry: entry") \
	C(BUILDER_CONFLICT, "kernel, tables or p2m conflict with the map (said by Linux)") \
	C(P2M_UNSET, "Linux could not set a P2M, M2P or identity entry: mfn, pfn") \
	C(BAD_UPDATE, "Could not get page for an update, or an invalid command") \
	C(FREE_FAILED, "a table could not be torn down: mfn") \
	C(SUPERPAGE, "a superpage in a guest table: mfn") \
	C(UNEXPLAINED, "Xen refused an operation of a trace, which does not say why") \
	C(TABLE_MOVED, "a live table is said to be another frame: mfn, pfn, entry = the pfn before") \
	C(CLAIMED_TWICE, "two guest frames claim a machine frame: mfn, pfn, entry = the other") \
	C(SELF_MAP, "an entry names its own table: mfn, level, entry, code = 0 when taken")

enum complaint {
#define C(kind, doc) COMPLAINT_##kind,
	COMPLAINTS(C)
#undef C
	COMPLAINT_COUNT
};
const char *complaint_doc(enum complaint complaint);

/* What a walk over the live page tables of a memory dump finds. */
#define AUDITS(A) \
	A(WRITABLE_TABLE, "maps a live page table writable") \
	A(WRONG_LEVEL, "names a table that is in use at another level") \
	A(LINEAR, "names a table of its own level") \
	A(FOREIGN_TABLE, "names a table that is not the guest's memory") \
	A(BAD_ENTRY, "is no entry that a kernel writes") \
	A(DATA_IN_TABLE, "is one of many entries of its table that no kernel writes") \
	A(SUPERPAGE, "maps a large page in a guest that may have none") \
	A(CLAIMED_TWICE, "two guest frames claim this machine frame") \
	A(FREE_TABLE, "is a live table whose frame is on the free list") \
	A(WX, "maps a page both writable and executable")

enum audit {
#define A(kind, doc) AUDIT_##kind,
	AUDITS(A)
#undef A
	AUDIT_COUNT
};
const char *audit_doc(enum audit audit);

/* What of a boot is not in its log, and why. */
#define LOSSES(L) \
	L(DROPPED, "the log says that messages were dropped") \
	L(MAP_FULL, "the kernel had no room for all entries of its memory map") \
	L(CUT, "Xen spoke in the middle of a line whose rest was not found") \
	L(UNREAD, "a line of the trace names a page-table operation in a form that is not read") \
	L(EVENTS, "events of the trace are lost")

enum loss {
#define L(kind, doc) LOSS_##kind,
	LOSSES(L)
#undef L
	LOSS_COUNT
};
const char *loss_doc(enum loss loss);

/* Is it of a trace, not of the log? It follows an MMU_OPS_LOST. */
static inline bool loss_of_trace(enum loss loss)
{
	return loss == LOSS_UNREAD || loss == LOSS_EVENTS;
}

#define UNKNOWN_NUMBER UINT64_MAX   /* "not in the line"; INVALID_M2P looks alike */

enum fault_detail {
	DETAIL_CODE,        /* Oops: 0003, error_code(0x0003): number */
	DETAIL_CR2, DETAIL_RDI, DETAIL_RIP,   /* number; RIP: words = symbol */
	DETAIL_CR3,
	DETAIL_PTE,         /* the walk's last entry: number, level 1 to 5 */
	DETAIL_STRING_STORE,/* Code: ... <f3> ab: RDI is the address; number 0: another instruction */
};

/* What POOL_STATE tells. */
enum pool_step { POOL_ANNOUNCED, POOL_PAGE_TAKEN, POOL_CLOSED };

/* What FRAMES_MOVED tells. */
enum frames_move { MOVE_RELEASED, MOVE_POPULATED, MOVE_IDENTITY, MOVE_REMAPPED };

enum freed { FREED_INIT, FREED_INITRD, FREED_OTHER };

struct type_word {
	uint64_t raw;
	uint8_t digits;    /* hex digits printed: 8 or 16 fix the layout */
};

/* In a set of kinds. */
#define EVENT_BIT(kind) (UINT64_C(1) << (kind))

struct event {
	enum event_kind kind;
	enum certainty certainty;   /* INFERRED when a range end was guessed */
	enum speaker speaker;
	uint16_t domain;            /* who prints, or whom Xen speaks of */
	struct loc at;
	union {
		/* Words point into the reader's line: valid during the call. */
		struct {
			uint16_t major, minor, patch;   /* 2.6.39 or 6.1.0 */
			int16_t rc;                     /* -rcN, or -1 */
			struct text words;              /* "2.6.39-rc5" */
			bool by_oops;                   /* told by an oops, not a banner */
		} kernel;
		struct {
			uint16_t major, minor;
			int8_t debug;                   /* 1, 0, or -1: not said */
			struct text words;              /* "4.17.5" */
		} xen;
		struct text words;      /* COMMAND_LINE, XEN_COMMAND_LINE, PANIC */
		struct {
			enum loss what;
			struct text words;      /* of the line; may be empty */
		} lost;                 /* MESSAGES_LOST */
		bool all;               /* XEN_GUEST_LEVEL: every message is printed */
		enum platform platform; /* PLATFORM_TOLD */
		struct {
			uint8_t bits;   /* 32, 64, or 0: not told by this line */
			bool pae;
			bool nx;
		} word_size;            /* KERNEL_BITS */
		struct {
			enum milestone step;
			enum map_view view;      /* STEP_MAP_HEADER */
		} milestone;
		struct {
			enum map_view view;
			struct paddr_range bytes;   /* machine bytes in VIEW_HOST */
			enum memory_type type;
		} map;                  /* MAP_ENTRY */
		struct {
			struct paddr_range bytes;
			enum memory_type from, to;   /* REMOVED: `from` is what goes */
		} map_edit;             /* MAP_UPDATED, MAP_REMOVED */
		pfn_t last;             /* LAST_PFN: first frame out */
		struct {
			struct paddr_range bytes;
			struct text label;   /* "PGTABLE", or "alloc_low_pages" without +0x.. */
			bool by_caller;      /* label is a function, not a name */
			bool listed_late;    /* RESERVED_LISTED: table printed at hand-over */
			uint8_t owner;       /* OWNER_* of the label */
		} range;                /* RANGE_*, MEMORY_*, RESERVED_LISTED, NODE_MEMORY */
		struct {
			struct paddr_range bytes, other;   /* wanted, and held before; the
			                                    * latter empty: not told */
			struct text label, other_label;    /* "PGTABLE"; empty: not told */
		} clash;                /* RANGE_CLASHED */
		struct {
			uint64_t size_bytes;
			uint64_t align_bytes;
			struct paddr_range within;   /* end 0: no upper limit */
			struct text label;
		} request;              /* ALLOC_REQUESTED */
		struct {
			bool reserved;          /* else memory */
			uint32_t index, listed; /* of so many; 0: the list does not tell */
			struct paddr_range bytes;
		} region;               /* DUMP_REGION */
		paddr_t limit;          /* MAPPED_LIMIT, bytes, out */
		struct {
			struct paddr_range bytes;
			uint64_t page_bytes;    /* MAPPING_PART: 4 KiB, 2 MiB, ... */
		} mapping;
		struct {
			struct pfn_range plan;  /* [start, top) */
			paddr_t mapped_end;     /* bytes, out: "tables up to" */
		} pool;                 /* POOL_PLANNED */
		struct {
			struct pfn_range plan;  /* [start, top) */
			pfn_t used_end;         /* first frame not handed out */
			enum pool_step step;
		} pool_state;           /* POOL_STATE */
		struct paddr_range bytes;       /* POOL_TAIL_RW, TABLE_FROM_BRK */
		struct {
			enum area area;
			struct paddr_range bytes;
			bool by_builder;  /* where dom0's builder put it */
			bool is_virtual;  /* as the builder printed it: an address of
			                   * the kernel image mapping, not a paddr */
			bool relocation;  /* "Move", "Allocated new": where it goes */
		} area;                 /* AREA_NAMED */
		struct {
			enum freed what;
			struct vaddr_range where;   /* empty when not printed */
			uint64_t size_bytes;        /* 0 when not printed */
		} freed;                /* MEMORY_FREED */
		struct {
			enum frames_move what;
			struct pfn_range frames;    /* empty: only a count is told */
			uint64_t count;
		} moved;                /* FRAMES_MOVED */
		struct {
			enum complaint what;
			uint8_t level;              /* 1 to 4, or 0 */
			struct type_word saw, expected;
			uint64_t mfn, pfn;          /* UNKNOWN_NUMBER when absent */
			uint64_t entry;
			int64_t code;               /* -errno, slot, ...: by kind */
			int32_t l1e_owner, pg_owner;  /* domain ids, or -1 */
			struct text words;          /* what the line says of it */
		} complaint;
		struct {
			uint64_t mfn;
			uint64_t count_info;
			struct type_word type;
			uint16_t owner;             /* domain, or DOMAIN_NONE: any may be
			                             * listed in a boot of another */
		} listed;               /* FRAME_LISTED */
		struct {
			uint32_t failed, total;     /* total 0: not told */
			uint32_t cpu;
		} multicall;
		struct {
			uint32_t index, total;      /* from 1 */
			uint32_t op;
			uint64_t argument;
			int64_t result;
		} call;                 /* MULTICALL_ENTRY */
		struct {
			uint64_t address;   /* UNKNOWN_NUMBER: not told */
			bool null;          /* "NULL pointer dereference" */
			uint8_t trap;       /* number of the x86 exception */
		} fault;
		struct {
			enum fault_detail what;
			uint8_t level;
			uint64_t number;
			uint64_t above;     /* DETAIL_PTE: the entry one level up, or 0 */
			struct text words;
		} detail;               /* FAULT_DETAIL */
		struct {
			struct text file;   /* "arch/x86/xen/mmu.c" */
			uint32_t line;
			struct text function;   /* of a WARN, else empty */
		} bug;                  /* KERNEL_BUG, KERNEL_WARNING */
		struct {
			uint64_t address;   /* UNKNOWN_NUMBER when only a count */
			uint64_t pages;
			bool passed;        /* "passed, no W+X pages found" */
		} wx;
		struct mmu_op mmu;      /* MMU_OP */
		struct {
			enum audit what;
			uint8_t level;      /* of the table that holds the entry;
			                     * CLAIMED_TWICE: of the frame, 0: no table */
			uint64_t entry;
			uint64_t frame;     /* that the entry names; machine frame on PV */
			uint64_t pfn;       /* its guest frame; UNKNOWN_NUMBER: none */
			uint64_t table_pfn; /* of the table that holds the entry */
			uint64_t address;   /* virtual, of what the entry maps */
			uint64_t other;     /* WRITABLE_TABLE, WRONG_LEVEL, LINEAR,
			                     * FREE_TABLE: the level in use; CLAIMED_TWICE:
			                     * the second pfn; BAD_ENTRY, DATA_IN_TABLE: how
			                     * many in this table */
			uint64_t count;     /* WX: pages of 4 KiB; else 1 */
			struct text path;   /* "L4[0x111] -> L3[0x000] -> ..." */
		} audit;                /* TABLE_AUDITED */
		struct {
			uint64_t tables, entries;
			uint64_t missing;   /* tables that the dump does not hold */
			uint64_t more;      /* found, but not told one by one */
			bool pv;            /* a Xen PV guest: its tables have types */
		} walked;               /* DUMP_WALKED */
		struct {
			struct paddr_range kernel;  /* text to bss, without the brk */
			struct paddr_range brk;     /* either may be empty */
			bool symbols;               /* exact: from its symbols */
			uint64_t init_p2m;          /* Xen's note: where the p2m list is
			                             * wanted, virtual; 0: not told */
			const char *features;       /* Xen's note, or NULL; outlives the boot */
		} image;                /* IMAGE_GIVEN */
		uint64_t moved_bytes;   /* KERNEL_MOVED: virtual; 0: not at all */
		/* DOMAIN_DESCRIBED; outlives the boot. */
		const struct domain_description *described;
	} u;
};

/* Fills in u.range; the label is a function's name when by_caller. */
static inline void event_set_range(struct event *event, struct paddr_range bytes,
				   struct text label, bool by_caller)
{
	event->u.range.bytes = bytes;
	event->u.range.label = label;
	event->u.range.by_caller = by_caller;
	event->u.range.owner = owner_of_label(label);
}

/* An operation, or that some were lost. */
static inline bool event_of_trace(const struct event *event)
{
	return event->kind == EV_MMU_OP ||
	       (event->kind == EV_MESSAGES_LOST && loss_of_trace(event->u.lost.what));
}

#endif
