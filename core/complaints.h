/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the hypervisor refused, operation by operation. Xen prints several
 * lines for one refused hypercall, the innermost first:
 *
 *    Bad type (saw .. != exp ..) for mfn 6768      why
 *    Error getting mfn 6768 .. from L1 entry ..    which entry
 *    Failure -16 in promote_l1_table: slot 0x5     of which table
 *    Error while validating mfn 676a ..
 *    Error -16 while pinning mfn 676a              what was asked for
 *
 * Each rule about refusals takes one kind of reason; the helpers here decide
 * which lines belong together, so that no two rules claim the same one.
 * Source: Xen xen/arch/x86/mm.c, 3.4 to 4.20, and the corpus. */
#ifndef CORE_COMPLAINTS_H
#define CORE_COMPLAINTS_H

#include "core/rule.h"

struct refusal {
	const struct complaint_record *first;      /* its innermost line; never NULL */
	const struct complaint_record *bad_type;   /* the rest: NULL when not printed */
	const struct complaint_record *owner;      /* "Error mfn M: rd= od=" */
	const struct complaint_record *no_ref;     /* "Could not get page ref" */
	const struct complaint_record *entry;      /* "Error getting mfn from L1 entry" */
	const struct complaint_record *linear;     /* "Attempt to create linear p.t." */
	const struct complaint_record *table;      /* "Failure in promote_lN_table" */
	const struct complaint_record *validating; /* innermost "Error while validating" */
	const struct complaint_record *pin;        /* what was asked for: at most one of */
	const struct complaint_record *base;       /* these three; none for an update by */
	const struct complaint_record *store;      /* hypercall */
	bool put_right;             /* "fixing up invalid PAE PTE": it went through */
	struct type_info saw, expected;   /* of bad_type; TYPE_NONE without it */
};

/* The next refusal from complaint *index on, in the order of the log; false at
 * the end. Those of another domain than the boot's are passed over. */
bool refusal_next(const struct replay *replay, uint32_t *index, struct refusal *refusal);

/* Did a toolstack ask, on behalf of the page's owner? Saving or migrating a
 * guest probes its pages writable first, then read-only: benign. True only when
 * the lines tell two domains apart. */
bool refusal_by_toolstack(const struct refusal *refusal);

/* Could a toolstack have asked? Dom0's user space runs, and no line names the
 * page's owner. */
bool refusal_maybe_toolstack(const struct replay *replay, const struct complaint_record *c);

/* A page about to become a table had a writable mapping left. PGT001 and PGT020
 * share these: PGT001 takes those with an early home. A new base is neither's
 * unless it has an early home (PGT027 tells the reason itself). */
bool refusal_of_writable_table(const struct refusal *refusal);
/* A live table was about to become writable. PGT021 and PGT024 share these. */
bool refusal_of_table_writable(const struct refusal *refusal);

/* Why PGT024 rather than PGT021: the table's frame was handed on before the
 * refusal. False when nothing tells. */
struct hand_over {
	struct loc at;
	const char *says;           /* "memblock got it back here" */
	enum certainty certainty;
};
bool refusal_after_hand_over(const struct replay *replay, const struct refusal *refusal,
			     struct hand_over *how);

/* Is the entry one that no kernel makes: data read as an entry? */
bool entry_is_malformed(uint64_t entry);
/* Do the refusals show stores of data into a live table? True when three
 * different malformed entries were refused, or one beside a live table that was
 * about to become writable. PGT041 takes them then, else PGT031. */
bool refusal_is_malformed(const struct refusal *refusal);
bool tables_hold_data(const struct replay *replay, uint32_t *entries, bool *live_table);
/* M2P values that are no guest frame: never written, invalid, shared. */
bool pfn_is_poison(uint64_t pfn);
/* DOMID_IO: whom Xen gives the pages that are not RAM. */
#define DOMAIN_IO 32753

/* Which early page-table memory a refused frame belongs to. */
enum early_home { HOME_NONE, HOME_POOL, HOME_TABLE, HOME_EARLY };
enum early_home early_home_of(const struct replay *replay, const struct complaint_record *c,
			      const struct pool **pool);

/* Does the kernel guard its pool up to the moving end only, while the direct
 * map reaches it (PGT001 without a word of the hypervisor)? */
bool pool_at_risk(const struct replay *replay, const struct pool *pool);
bool replay_pool_at_risk(const struct replay *replay);   /* any of them */

/* The BUG that a PV kernel hits when the hypervisor refuses to pin one of its
 * tables, where no console of the hypervisor says so; or NULL.
 * Source: Linux arch/x86/xen/mmu.c (mmu_pv.c from 4.13) pin_pagetable_pfn(). */
const struct bug_record *refused_pin_bug(const struct replay *replay);

/* The kernel's batch that held the refused call, when it printed one soon
 * after; or NULL. */
const struct multicall_record *batch_of(const struct replay *replay,
					const struct complaint_record *c);
static inline bool batch_call_failed(const struct call_record *call)
{
	return call->result < 0;
}

/* Some frames, each once. Past its room it counts what may be the same. */
struct frame_set {
	uint64_t frames[128];
	uint32_t count;
};
/* True when it was not there. */
bool frame_set_add(struct frame_set *set, uint64_t frame);

/* Refusals that are alike, to be told as one finding. */
struct alike {
	struct refusal first;       /* valid when times */
	struct frame_set frames;
	uint32_t times;
};
void alike_add(struct alike *alike, const struct refusal *refusal, uint64_t frame);

/* --- words for findings --------------------------------------------------- */

/* "L1 table, pinned, count 1" */
const char *type_words(struct report *report, struct type_info info);
/* "frame 0x64de", "machine frame 0x1cc37" when the pfn is not told, and "...
 * of domain 4" for a guest on another's console. */
const char *frame_words(const struct replay *replay, const struct complaint_record *c,
			struct report *report);
/* "P RW A D NX": the bits of an entry. */
const char *entry_words(struct report *report, uint64_t entry);
/* "EINVAL", or "" */
const char *errno_word(int64_t code);
/* "an L1 table", "a writable page" */
const char *a_type(enum type_kind kind);

/* A finding at the refusal's first line: its certainty, its frame when known,
 * notes with the words decoded, then the lines up to what was asked for. NULL
 * past the rule's limit (already counted). */
struct finding *refusal_finding(const struct replay *replay, const struct rule *rule,
				const struct refusal *refusal, struct report *report);
/* Both words of a bad type, decoded; what a trace tells of the refusal (who maps
 * the frame, the entries old and new), if one does. */
void refusal_note_types(const struct refusal *refusal, struct finding *finding,
			struct report *report);
void refusal_note_trace(const struct complaint_record *c, struct finding *finding,
			struct report *report);
/* Closes it: how many more were alike. Nothing may be added after this. */
void alike_close(const struct alike *alike, struct finding *finding, struct report *report);
/* The frame that goes with a machine frame, as other lines of the log tell. */
bool frame_of_mfn(const struct replay *replay, uint64_t mfn, pfn_t *pfn);
void finding_frame(const struct replay *replay, struct finding *finding, uint64_t mfn,
		   uint64_t pfn);

#endif
