/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory is given to the allocator while frames of it are still page tables.
 *
 *    p2m list        |------------------|..rounded up to 2 MiB..|
 *    page tables                         |=== L1, L1, L2 ===|
 *    freed           |------------------------------------------|
 *    later           a process maps one of them: Xen refuses, it is an L1 */
#include "core/audits.h"
#include "core/complaints.h"

const struct rule rule_freed_while_hooked;

/* Releases that covered tables, as they came. */
struct state {
	struct {
		struct pfn_range frames;
		struct loc at, table_at;
		const char *by, *tables;
		bool with_p2m;        /* one range holds the p2m list, too */
		enum certainty certainty;
		bool traced;          /* a trace shows that the first is a table */
		uint64_t traced_then; /* its operations until the release */
	} kept[8];
	uint32_t count;
	uint64_t traced_before; /* operations that stand before the kernel's banner */
};

/* --- what the kernel says it frees ---------------------------------------- */

/* Functions that take a table down in order before they free it: unhooked,
 * unpinned, made writable. Source: Linux arch/x86/xen/mmu_pv.c
 * xen_cleanmfnmap() and xen_free_ro_pages(), from 4.4 (xen/mmu.c) on. */
static bool takes_down_first(const struct replay *replay, const struct event *event)
{
	struct text by = event->u.range.label;

	/* Of a line that was cut the name may be there in part, or not at all. */
	if (!event->u.range.by_caller)
		return false;
	return !by.length || text_begins(TEXT("xen_free_ro_pages"), by) ||
	       text_begins(TEXT("xen_cleanmfnmap"), by) ||
	       (text_begins(TEXT("xen_pagetable_init"), by) &&
		(!replay->kernel.known || kernel_from(&replay->kernel, 4, 4, 0)));
}

static bool keep(struct state *state, struct pfn_range frames, struct loc at, const char *by,
		 struct loc table_at, const char *tables, enum certainty certainty)
{
	if (pfn_range_empty(frames) || state->count == ARRAY_LEN(state->kept))
		return false;
	state->kept[state->count].frames = frames;
	state->kept[state->count].at = at;
	state->kept[state->count].by = by;
	state->kept[state->count].table_at = table_at;
	state->kept[state->count].tables = tables;
	state->kept[state->count].certainty = certainty;
	state->count++;
	return true;
}

/* Has the same function let go of that before, by an earlier line? Where lines stand
 * twice, what it names has gone to others in between. */
static bool was_let_go(const struct replay *replay, uint64_t start, const char *by)
{
	const struct span *span = range_map_at(&replay->let_go, start);

	return span && *by && !strcmp(replay_label(replay, span->value), by);
}

/* Is what begins there somebody else's since? Then that is freed. */
static bool has_new_owner(const struct replay *replay, uint64_t start, const struct span *table)
{
	const struct span *owner = range_map_at(&replay->reserved, start);

	return owner && owner->value && owner->value != table->value &&
	       owner->at.offset > table->at.offset;
}

/* Was the range somebody's already when the table was taken out of it? No allocator gives
 * that away: the line that frees it came later than it was said, as where two CPUs print.
 * Of the brk, which is reserved as a whole, tables are taken so. */
static bool was_not_free(const struct replay *replay, uint64_t start, const struct span *table)
{
	const struct span *owner = range_map_at(&replay->reserved, start);

	return owner && owner->value != table->value && owner->at.offset < table->at.offset &&
	       strcmp(replay_label(replay, table->value), "BRK PGTABLE");
}

/* A trace knows what the frame is at that moment; one that was put before the log only what
 * it became later. */
static bool is_traced_table(const struct replay *replay, struct state *state,
			    struct paddr_range bytes, struct loc at, const char *by,
			    struct report *report)
{
	enum mmu_type type;
	pfn_t pfn;

	if (replay_traced(replay) == state->traced_before ||
	    !replay_traced_table(replay, pfns_touched(bytes), &pfn, &type) ||
	    !keep(state, pfn_range(pfn.n, pfn.n + 1), at, by, at, report_text(report,
		  "the trace has frame 0x%llx as an L%d table here", (unsigned long long)pfn.n,
		  (int)type), PROVED))
		return false;
	state->kept[state->count - 1].traced = true;
	state->kept[state->count - 1].traced_then = replay_traced(replay);
	return true;
}

/* Is a known table, or one of those that Xen built, in the range? */
static void covers_tables(const struct replay *replay, struct state *state,
			  struct paddr_range bytes, struct loc at, const char *by,
			  struct report *report)
{
	const struct span *table = range_map_from(&replay->tables, bytes.start.n);
	const struct area_record *xen = replay_area(replay, AREA_XEN_TABLES);
	const struct area_record *p2m = replay_area(replay, AREA_P2M);

	if (is_traced_table(replay, state, bytes, at, by, report))
		return;
	if (table && table->start < bytes.end.n) {
		uint64_t start = table->start > bytes.start.n ? table->start : bytes.start.n;

		if (was_let_go(replay, start, by) || has_new_owner(replay, start, table) ||
		    was_not_free(replay, bytes.start.n, table))
			return;
		keep(state, pfn_range_meet(pfns_touched(bytes),
			pfns_touched(paddr_range(table->start, table->end))), at, by, table->at,
			arena_copy(report->arena, text_of(replay_label(replay, table->value))),
			PROVED);
		return;
	}
	/* Of what Xen built the kernel may have replaced some: inferred. The
	 * first three frames check_pt_base() gives back on purpose. */
	if (xen && paddr_range_size(xen->bytes) > 3 * FRAME_BYTES &&
	    keep(state, pfn_range_meet(pfns_touched(bytes),
			pfns_touched(paddr_range(xen->bytes.start.n + 3 * FRAME_BYTES,
				xen->bytes.end.n))), at, by, xen->at, "Xen's page tables",
		 INFERRED))
		state->kept[state->count - 1].with_p2m =
			p2m && paddr_range_overlap(p2m->bytes, bytes);
}

static void freed(const struct replay *replay, struct state *state, const struct event *event,
		  struct report *report)
{
	struct vaddr_range where = event->u.freed.where;
	enum certainty certainty;
	paddr_t start;

	/* A randomised base would name frames that have nothing to do with it. */
	if (vaddr_range_empty(where) ||
	    !replay_direct_map(replay, where.start.n, &start, &certainty) || certainty != PROVED)
		return;
	covers_tables(replay, state, paddr_range(start.n, start.n + vaddr_range_size(where)),
		event->at, event->u.freed.what == FREED_INITRD ? "the initrd's end"
							       : "the end of init", report);
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	struct state *state = private;

	switch (event->kind) {
	case EV_KERNEL_STARTED:
		if (!event->u.kernel.by_oops)
			state->traced_before = replay_traced(replay);
		break;
	case EV_RANGE_RELEASED:
		if (!takes_down_first(replay, event))
			covers_tables(replay, state, event->u.range.bytes, event->at,
				arena_copy(report->arena, event->u.range.label), report);
		break;
	case EV_MEMORY_FREED:
		freed(replay, state, event, report);
		break;
	case EV_FRAMES_MOVED:
		if (event->u.moved.what == MOVE_RELEASED)
			covers_tables(replay, state, bytes_of(event->u.moved.frames), event->at,
				"the release of unused memory", report);
		break;
	default:
		break;
	}
}

/* Xen still has one of the frames as a table: the release came too early. */
static bool still_tables(const struct replay *replay, struct pfn_range frames,
			 struct refusal *refusal)
{
	uint32_t i = 0;

	while (refusal_next(replay, &i, refusal))
		if (refusal_of_table_writable(refusal) && refusal->bad_type->pfn < PFN_LIMIT &&
		    pfn_range_holds(frames, to_pfn(refusal->bad_type->pfn)))
			return true;
	return false;
}

static void released(const struct replay *replay, const struct state *state, uint32_t i,
		     struct report *report)
{
	struct refusal refusal;
	struct finding *f;

	/* A trace that had ended by then knows nothing of what was taken down. */
	if (state->kept[i].traced && replay_traced(replay) == state->kept[i].traced_then)
		return;
	f = finding_new(report, &rule_freed_while_hooked, state->kept[i].at);
	if (f->more)
		return;
	f->where = state->kept[i].frames;
	finding_at_most(f, state->kept[i].certainty);
	finding_message(report, f, "%llu frame%s from 0x%llx on freed%s%s while still page tables",
		(unsigned long long)pfn_range_size(f->where),
		pfn_range_size(f->where) == 1 ? "" : "s",
		(unsigned long long)f->where.start.n, *state->kept[i].by ? " by " : "",
		state->kept[i].by);
	finding_note(report, f, state->kept[i].at, "freed here");
	finding_note(report, f, state->kept[i].table_at, "the tables: %s", state->kept[i].tables);
	if (state->kept[i].with_p2m)
		f->why = "the initial p2m list was freed with its size rounded up to 2 MiB, and the "
			 "page tables behind it with it";
	else
		f->fix = "a table must be unhooked, unpinned and made writable before it is freed";
	f->facts = report_text(report, "%s freed by %s", state->kept[i].tables, state->kept[i].by);
	if (still_tables(replay, f->where, &refusal)) {
		finding_note(report, f, refusal.bad_type->at, "frame 0x%llx is still a live %s",
			(unsigned long long)refusal.bad_type->pfn, type_kind_name(refusal.saw.kind));
		return;
	}
	if (state->kept[i].traced)
		return;
	/* They may have been taken down without a word. */
	finding_at_most(f, INFERRED);
	f->raise = "the hypervisor's page-type messages, or a value-level trace";
}

/* --- what the hypervisor says afterwards ---------------------------------- */

/* Lines between the last "Freeing" line and the first refusal: later ones are
 * somebody else's doing. */
#define LINES_AFTER_FREEING 100u
#define PTE_PRESENT_RW_USER 7u
#define PTE_GUEST_KERNEL (UINT64_C(1) << 52)
#define ALIGN_2M (UINT64_C(1) << 21)

/* A writable mapping that a process was to get of memory of its own domain:
 * the page came out of the page allocator. Xen marks kernel entries of PV
 * guests as user ones too, with bit 52. */
static bool is_user_mapping(const struct refusal *r)
{
	const struct complaint_record *c = r->entry;

	return c && c->entry != UNKNOWN_NUMBER && c->pfn < PFN_LIMIT && !r->store &&
	       (c->entry & PTE_PRESENT_RW_USER) == PTE_PRESENT_RW_USER &&
	       !(c->entry & PTE_GUEST_KERNEL) && !refusal_by_toolstack(r);
}

/* A live table, hooked but not pinned, that somebody wants to write. A pinned
 * one was freed without its unpin: PGT024. */
static bool is_live_table(const struct refusal *r)
{
	return refusal_of_table_writable(r) && r->saw.validated && r->saw.count &&
	       !r->saw.pinned && r->bad_type->pfn < PFN_LIMIT;
}

/* What is known of the refusals that came right after the last freeing. */
struct refusals {
	struct refusal first;                    /* valid when known */
	const struct complaint_record *user;     /* the first process's entry */
	const struct freed_record *freed;
	struct pfn_range frames;
	bool known;
};

static const struct freed_record *last_freed_before(const struct replay *replay,
						    const struct complaint_record *c)
{
	const struct freed_record *last = NULL;

	for (uint32_t i = 0; i < replay->freed.count; i++)
		if (replay->freed.items[i].what != FREED_OTHER &&
		    replay->freed.items[i].sequence < c->sequence)
			last = &replay->freed.items[i];
	return last;
}

/* Frames of one region: what was freed at once is no further apart. */
static bool is_neighbour(const struct refusals *r, uint64_t pfn)
{
	uint64_t first = r->first.bad_type->pfn;

	return (pfn > first ? pfn - first : first - pfn) < ALIGN_2M >> FRAME_SHIFT;
}

static void widen(struct pfn_range *frames, uint64_t pfn)
{
	if (pfn_range_empty(*frames))
		*frames = pfn_range(pfn, pfn + 1);
	if (pfn < frames->start.n)
		frames->start.n = pfn;
	if (pfn >= frames->end.n)
		frames->end.n = pfn + 1;
}

static bool begins_burst(const struct replay *replay, const struct refusal *refusal,
			 struct refusals *r)
{
	if (!is_live_table(refusal))
		return false;
	r->freed = last_freed_before(replay, refusal->first);
	if (!r->freed || !loc_same_course(r->freed->at, refusal->first->at, replay_trace_behind(replay)) ||
	    refusal->first->at.line - r->freed->at.line > LINES_AFTER_FREEING)
		return false;
	r->first = *refusal;
	r->known = true;
	return true;
}

/* Collects the burst; false when it does not look like freed tables. */
static bool collect(const struct replay *replay, struct refusals *r)
{
	struct refusal refusal;
	uint32_t i = 0;

	while (refusal_next(replay, &i, &refusal)) {
		if (!r->known && !begins_burst(replay, &refusal, r))
			continue;
		if (is_live_table(&refusal) && is_neighbour(r, refusal.bad_type->pfn))
			widen(&r->frames, refusal.bad_type->pfn);
		if (!is_user_mapping(&refusal) || !is_neighbour(r, refusal.entry->pfn))
			continue;
		widen(&r->frames, refusal.entry->pfn);
		if (!r->user)
			r->user = refusal.entry;
	}
	return r->known && r->user;
}

/* The p2m list, freed with its size rounded up to 2 MiB: only while the list
 * was copied and freed by one call (3.7 before 3fc509fc0c59). */
static bool behind_p2m(const struct replay *replay, struct pfn_range frames)
{
	const struct area_record *p2m = replay_area(replay, AREA_P2M);
	uint64_t end;

	if (!p2m)
		return false;
	end = (p2m->bytes.end.n + ALIGN_2M - 1) & ~(ALIGN_2M - 1);
	return pfn_range_overlap(frames, pfns_touched(paddr_range(p2m->bytes.end.n, end)));
}

/* Kernels that could do that, or one that is not told. */
static bool may_be_p2m_freeing(const struct kernel_version *v)
{
	return !v->known || (kernel_from(v, 3, 5, 0) && kernel_before(v, 3, 7, 0));
}

static void explain_p2m(const struct replay *replay, const struct refusals *r, struct finding *f,
			struct report *report)
{
	const struct area_record *p2m = replay_area(replay, AREA_P2M);

	if (p2m && behind_p2m(replay, r->frames)) {
		finding_note(report, f, p2m->at, "the frames lie right behind the p2m list, in the "
			"rest of its last 2 MiB");
		f->why = "the initial p2m list was freed with its size rounded up to 2 MiB, and the "
			 "page tables behind it with it";
	} else if (may_be_p2m_freeing(&replay->kernel)) {
		f->why = "pages that came out of the page allocator right after init freed its "
			 "memory are still tables; a known cause is the initial p2m list, freed "
			 "with its size rounded up to 2 MiB";
	}
}

static void refused(const struct replay *replay, const struct refusals *r, struct report *report)
{
	const struct complaint_record *c = r->first.bad_type;
	struct finding *f = finding_new(report, &rule_freed_while_hooked, c->at);
	const char *kind = type_kind_name(r->first.saw.kind);
	struct note *note;

	if (f->more)
		return;
	f->where = r->frames;
	finding_at_most(f, INFERRED);
	finding_at_most(f, c->certainty);
	finding_message(report, f, "frames around 0x%llx were given to the page allocator while still "
		"in use as %ss", (unsigned long long)c->pfn, kind);
	if (c->from_trace) {
		refusal_note_types(&r->first, f, report);
		refusal_note_trace(c, f, report);
	} else {
		note = finding_note(report, f, c->at, NULL);
		note_caret(report, note, report_text(report, "%0*llx", c->saw.digits,
			(unsigned long long)c->saw.raw),
			"a live %s: validated, count %llu, not pinned", kind,
			(unsigned long long)r->first.saw.count);
		note_caret(report, note, report_text(report, "%0*llx", c->expected.digits,
			(unsigned long long)c->expected.raw), "wanted: writable");
	}
	note = finding_note(report, f, r->user->at, NULL);
	note_caret(report, note, report_text(report, "%016llx", (unsigned long long)r->user->entry),
		"a process was to get the page: present, writable, user");
	finding_note(report, f, r->freed->at, "the last memory that the kernel freed before");
	explain_p2m(replay, r, f, report);
	f->raise = "memblock=debug and the dom0 layout (Xen's loglvl=all) show what was freed, and "
		   "what lay there";
	f->facts = report_text(report, "refused after freeing, level %d", (int)r->first.saw.kind);
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct state *state = private;
	struct refusals r = { .known = false };

	audits_tell(replay, AUDIT_FREE_TABLE, &rule_freed_while_hooked, report);
	for (uint32_t i = 0; i < state->count; i++)
		released(replay, state, i, report);
	if (collect(replay, &r))
		refused(replay, &r, report);
}

const struct rule rule_freed_while_hooked = {
	.id = "PGT012",
	.name = "freed-while-hooked",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "Memory was freed while frames of it were still page tables",
	.why = "the next owner's writable mapping is refused by Xen, or, without Xen, its data "
	       "overwrite live page tables",
	.fix = "3fc509fc0c59 (Linux 3.7): free exactly what was allocated, not its size rounded up; "
	       "a table must be unhooked, unpinned and made writable before it is freed",
	.source = "Linux arch/x86/xen/mmu.c xen_pagetable_init(), 3fc509fc0c59; Xen "
		  "xen/arch/x86/mm.c get_page_from_l1e()",
	.needs = "memblock=debug (what was freed), or the hypervisor's console with page-type "
		 "messages; a memory dump proves it",
	.bad = "Freeing unused kernel memory: 1200k freed\n"
	       "(XEN) mm.c:2429:d0 Bad type (saw 1400000000000002 != exp 7000000000000000) for mfn "
	       "51a80 (pfn 1c06)\n"
	       "(XEN) mm.c:908:d0 Error getting mfn 51a80 (pfn 1c06) from L1 entry 8000000051a80067 "
	       "for l1e_owner=0, pg_owner=0",
	.good = "Freeing unused kernel memory: 1200k freed",
	.needs_any = { EVIDENCE_MEMBLOCK | EVIDENCE_SETUP_END, EVIDENCE_XEN_SPEAKS,
		       EVIDENCE_MEMBLOCK | EVIDENCE_ENTRIES, EVIDENCE_DUMP },
	.page_table_evidence = true,
	.state_bytes = sizeof(struct state),
	.listens = EVENT_BIT(EV_KERNEL_STARTED) | EVENT_BIT(EV_RANGE_RELEASED) |
		   EVENT_BIT(EV_MEMORY_FREED) | EVENT_BIT(EV_FRAMES_MOVED),
	.on_event = on_event,
	.at_end = at_end,
};
