/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Number spaces, their ranges and the rounding between them. One type per
 * space: an mfn cannot pass for a pfn. Read the number back as x.n.
 *
 *      paddr  0x0000 ......... 0x1000 ......... 0x2000      bytes
 *      pfn       |------ 0 ------|------ 1 ------|          frames of 4 KiB
 */
#ifndef CORE_FRAME_H
#define CORE_FRAME_H

#include "core/base.h"

#define NUMBER_SPACE(F) \
	typedef struct { uint64_t n; } F##_t; \
	struct F##_range { F##_t start, end; };  /* [start, end) */ \
	static inline F##_t to_##F(uint64_t n) { return (F##_t){ n }; } \
	static inline struct F##_range F##_range(uint64_t start, uint64_t end) \
	{ \
		return (struct F##_range){ { start }, { end } }; \
	} \
	static inline bool F##_range_empty(struct F##_range r) \
	{ \
		return r.start.n >= r.end.n; \
	} \
	static inline uint64_t F##_range_size(struct F##_range r) \
	{ \
		return r.start.n < r.end.n ? r.end.n - r.start.n : 0; \
	} \
	static inline bool F##_range_holds(struct F##_range r, F##_t x) \
	{ \
		return r.start.n <= x.n && x.n < r.end.n; \
	} \
	static inline bool F##_range_covers(struct F##_range r, struct F##_range inner) \
	{ \
		return F##_range_empty(inner) || (r.start.n <= inner.start.n && inner.end.n <= r.end.n); \
	} \
	static inline struct F##_range F##_range_meet(struct F##_range a, struct F##_range b) \
	{ \
		struct F##_range m = { { a.start.n > b.start.n ? a.start.n : b.start.n }, \
				       { a.end.n < b.end.n ? a.end.n : b.end.n } }; \
		if (m.end.n < m.start.n) \
			m.end = m.start; \
		return m; \
	} \
	static inline bool F##_range_overlap(struct F##_range a, struct F##_range b) \
	{ \
		return !F##_range_empty(F##_range_meet(a, b)); \
	}

NUMBER_SPACE(paddr)   /* guest-physical bytes */
NUMBER_SPACE(maddr)   /* machine bytes */
NUMBER_SPACE(pfn)     /* guest frames of 4 KiB */
NUMBER_SPACE(mfn)     /* machine frames of 4 KiB */
NUMBER_SPACE(vaddr)   /* virtual bytes */

#define FRAME_SHIFT 12
#define FRAME_BYTES 4096u
/* No guest frame number reaches this: 52 physical address bits. A larger one
 * is a finding, never an allocation. */
#define PFN_LIMIT (UINT64_C(1) << 40)

/* Rounding is in the name: whole frames only (RAM), or every frame touched
 * (reservations). Both give an empty range for an empty one. */
static inline struct pfn_range pfns_inside(struct paddr_range bytes)
{
	uint64_t start = (bytes.start.n >> FRAME_SHIFT) + !!(bytes.start.n & (FRAME_BYTES - 1));
	uint64_t end = bytes.end.n >> FRAME_SHIFT;
	return pfn_range(start, end < start ? start : end);
}

static inline struct pfn_range pfns_touched(struct paddr_range bytes)
{
	uint64_t start = bytes.start.n >> FRAME_SHIFT;
	uint64_t end = (bytes.end.n >> FRAME_SHIFT) + !!(bytes.end.n & (FRAME_BYTES - 1));
	return pfn_range(start, paddr_range_empty(bytes) ? start : end);
}

static inline struct paddr_range bytes_of(struct pfn_range frames)
{
	return paddr_range(frames.start.n << FRAME_SHIFT, frames.end.n << FRAME_SHIFT);
}

static inline pfn_t pfn_of(paddr_t address)
{
	return to_pfn(address.n >> FRAME_SHIFT);
}

#endif
