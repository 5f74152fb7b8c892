/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One page-table operation of a Xen PV guest, whatever trace told it: an entry
 * of mmu_update, update_va_mapping, a pin, a base, a direct store that Xen
 * emulated; or a fact about frames that a trace tells beside them. Readers
 * (formats/) make them, core/mmu replays them.
 *
 *   ptr   machine address of the slot, its low two bits cleared (UPDATE), or the
 *         guest-virtual address (VA_MAPPING, STORE, PTWR)
 *   val   the new entry as Xen gets it: machine frame and flag bits
 *
 * Source of numbers and meanings: Xen xen/include/public/xen.h, 4.1 to 4.20. */
#ifndef CORE_MMU_OP_H
#define CORE_MMU_OP_H

#include "core/frame.h"

#define MMU_OPS(M) \
	/* hypercalls: the guest asks, Xen answers */ \
	M(UPDATE, "one entry of mmu_update") \
	M(MACHPHYS, "one entry of mmu_update that sets M2P[mfn] = pfn") \
	M(VA_MAPPING, "update_va_mapping: the L1 entry that maps an address") \
	M(PIN, "a table is pinned at a level") \
	M(UNPIN, "a table is unpinned") \
	M(NEW_BASE, "a kernel base is loaded") \
	M(NEW_USER_BASE, "a user base is loaded; mfn 0 drops it") \
	/* stores: Xen sees them only when they fault */ \
	M(PTWR, "a direct store to a read-only L1 page, which Xen emulated") \
	M(STORE, "the guest sets an entry at a virtual address, by whatever means") \
	/* facts, no operations */ \
	M(TABLE_TAKEN, "a frame is about to become a table") \
	M(TABLE_DROPPED, "a frame is about to stop being a table") \
	M(P2M, "this pfn is this mfn") \
	M(OPS_LOST, "the trace lost operations here")

enum mmu_op_kind {
#define M(kind, doc) MMU_##kind,
	MMU_OPS(M)
#undef M
	MMU_OP_COUNT
};
const char *mmu_op_name(enum mmu_op_kind kind);   /* "UPDATE"; never NULL */

/* Low bits of an mmu_update's ptr. */
enum mmu_command { MMU_NORMAL = 0, MMU_CMD_MACHPHYS = 1, MMU_PRESERVE_AD = 2,
		   MMU_NO_TRANSLATE = 3 };

#define MMU_VERDICT_UNKNOWN INT32_MIN   /* the trace does not carry Xen's answer */
#define MMU_NO_FRAME UINT64_MAX         /* "not told" of an mfn or pfn below */

struct mmu_op {
	union {
		struct {
			enum mmu_op_kind kind : 8;
			enum mmu_command command : 8;   /* UPDATE */
			uint8_t level;     /* PIN, TABLE_*, STORE's table: 1 to 4; 0: not told */
			uint8_t vcpu;      /* NEW_BASE, NEW_USER_BASE; 0 when not told */
			bool has_ptr;      /* false: hashed or not told; nothing of the slot is known */
			bool partial;      /* the trace misses stores: what it mapped may be gone unseen */
			bool init_phase;   /* STORE: before the kernel's own PTE hooks queue hypercalls */
			bool pinned;       /* TABLE_*: the trace says "pinned" */
			uint32_t foreign;  /* whose frames `val` names: a domain, or DOMID_SELF_WORD */
			int32_t verdict;   /* Xen's: 0 or -errno; MMU_VERDICT_UNKNOWN */
		};
		uint64_t form[2];          /* all of these: operations of one form come in runs */
	};
	uint32_t flags;            /* VA_MAPPING: UVMF_*; OPS_LOST: how many, 0: not told */
	uint64_t ptr, val;
	mfn_t mfn;                 /* PIN, UNPIN, *_BASE, MACHPHYS, P2M, TABLE_*; or MMU_NO_FRAME */
	pfn_t pfn;                 /* MACHPHYS, P2M, TABLE_*, and what a trace adds for
	                            * PIN, UNPIN and *_BASE, or has alone; or
	                            * MMU_NO_FRAME */
};

static inline bool mmu_same_form(const struct mmu_op *a, const struct mmu_op *b)
{
	return a->form[0] == b->form[0] && a->form[1] == b->form[1];
}

#define DOMID_SELF_WORD 0x7ff0u
#define DOMID_IO_WORD 0x7ff1u
#define DOMID_XEN_WORD 0x7ff2u

#endif
