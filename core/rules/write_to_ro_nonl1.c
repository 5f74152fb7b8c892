/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel writes to a page that is read-only: a page table (Xen emulates
 * stores to L1 tables alone, and only good ones), or memory that was a table
 * and was never made writable again.
 *
 *    *pmd = ..  --> L2 table, RO        #PF, error code 0003
 *    clear_page --> freed, still RO     walk: PTE present, not writable
 *
 * The unused tail of a pool is PGT002's. */
#include "core/complaints.h"

const struct rule rule_write_to_ro_nonl1;

#define FRAME_MASK UINT64_C(0x000ffffffffff000)
#define IMAGE_64 UINT64_C(0xffffffff80000000)

enum page { PAGE_OTHER, PAGE_TABLE_TRACED, PAGE_TABLE_SEEN, PAGE_TABLE_PLACED,
	    PAGE_SETTER, PAGE_LEFT_RO };

struct breach {
	const struct fault_record *fault;
	enum page page;
	pfn_t frame;
	struct loc address_at, owner_at;
	uint64_t address;
	enum certainty certainty;
	bool walk_agrees;              /* the walk ends in this frame, not writable */
	struct refusal refusal;        /* PAGE_TABLE_SEEN */
	enum mmu_type traced;          /* PAGE_TABLE_TRACED */
};

/* The page walk may also name a machine frame (Xen's own): then it tells
 * nothing of ours. A writable end contradicts the fault. */
static bool walk_fits(const struct fault_record *fault, pfn_t frame, bool *agrees)
{
	uint64_t entry = fault->walk_entry;

	*agrees = false;
	if (!fault->has_walk || fault->walk_level != 1 || !(entry & 1))
		return true;
	if (entry & 2)
		return false;
	*agrees = (entry & FRAME_MASK) >> FRAME_SHIFT == frame.n;
	return true;
}

/* What PGT002 takes: the part of a pool that nobody made writable again. */
static bool is_pool_tail(const struct replay *replay, pfn_t frame)
{
	const struct pool *pool = replay_pool_of(replay, frame);

	if (!pool || pool->kind != POOL_BUFFER || pool_part_of(pool, frame) == PART_USED)
		return false;
	return !pool->rw_line_seen || frame.n < pfns_touched(pool->made_rw).start.n;
}

/* By the operations of a trace the frame is a live table. */
static bool traced_as_table(const struct replay *replay, struct breach *b)
{
	pfn_t frame;

	if (!replay_traced_table(replay, pfn_range(b->frame.n, b->frame.n + 1), &frame, &b->traced))
		return false;
	b->page = PAGE_TABLE_TRACED;
	return true;
}

/* Xen has called the frame a live table before the fault. */
static bool seen_as_table(const struct replay *replay, struct breach *b)
{
	struct refusal refusal;
	uint32_t i = 0;

	while (refusal_next(replay, &i, &refusal)) {
		if (!refusal.bad_type || refusal.bad_type->pfn != b->frame.n ||
		    !type_is_table(refusal.saw.kind) || refusal_by_toolstack(&refusal) ||
		    refusal.bad_type->sequence > b->fault->sequence)
			continue;
		b->refusal = refusal;   /* the last one before the fault counts */
		b->page = PAGE_TABLE_SEEN;
	}
	return b->page == PAGE_TABLE_SEEN;
}

static bool placed_as_table(const struct replay *replay, struct breach *b)
{
	uint64_t address = b->frame.n << FRAME_SHIFT;
	const struct area_record *built = replay_area(replay, AREA_XEN_TABLES);
	const struct span *span = range_map_at(&replay->tables, address);

	if (!span)
		span = range_map_at(&replay->brk_pages, address);
	if (span)
		b->owner_at = span->at;
	else if (built && paddr_range_holds(built->bytes, to_paddr(address)))
		b->owner_at = built->at;
	else
		return false;
	b->page = PAGE_TABLE_PLACED;
	return true;
}

/* Functions that do nothing but write an entry. */
static bool is_setter(const struct fault_record *fault)
{
	struct text symbol = text_of(fault->rip_symbol ? fault->rip_symbol : "");

	return text_begins(symbol, TEXT("native_set_p")) ||
	       text_begins(symbol, TEXT("native_ptep_")) ||
	       text_equal(symbol, TEXT("clone_pgd_range"));
}

/* Memory that a PV kernel has writable in its direct map: RAM, outside of the
 * kernel's own image (whose text and constants are read-only on purpose). */
static bool is_plain_memory(const struct replay *replay, const struct breach *b)
{
	const struct area_record *kernel = replay_area(replay, AREA_KERNEL);
	uint64_t address = b->frame.n << FRAME_SHIFT;
	const struct span *span = range_map_at(&replay->map_in_force, address);

	if (b->address >= IMAGE_64 || !span || span->value != MEMORY_RAM)
		return false;
	return !kernel || !paddr_range_holds(kernel->bytes, to_paddr(address));
}

static bool find_breach(const struct replay *replay, const struct fault_record *fault,
			struct breach *b)
{
	paddr_t physical;

	*b = (struct breach){ .fault = fault };
	if (!fault_is_ro_write(fault) || !fault_address(fault, &b->address, &b->address_at) ||
	    !replay_direct_map(replay, b->address, &physical, &b->certainty))
		return false;
	b->frame = pfn_of(physical);
	if (!walk_fits(fault, b->frame, &b->walk_agrees) || is_pool_tail(replay, b->frame))
		return false;
	if (!replay_is_not_pv(replay) && (seen_as_table(replay, b) || traced_as_table(replay, b) ||
					  placed_as_table(replay, b)))
		return true;
	if (is_setter(fault))
		b->page = PAGE_SETTER;
	else if (replay_is_pv(replay) && is_plain_memory(replay, b))
		b->page = PAGE_LEFT_RO;
	return b->page != PAGE_OTHER;
}

/* --- the finding -------------------------------------------------------------- */

static void note_fault(const struct breach *b, struct finding *f, struct report *report)
{
	const struct fault_record *fault = b->fault;
	struct note *note = finding_note(report, f, fault->code_at, NULL);

	note_caret(report, note, "0003", "write to a present, write-protected page");
	note = finding_note(report, f, b->address_at, NULL);
	note_caret(report, note, report_text(report, "%llx", (unsigned long long)b->address),
		"frame 0x%llx", (unsigned long long)b->frame.n);
	if (b->walk_agrees) {
		note = finding_note(report, f, fault->walk_at, NULL);
		note_caret(report, note, report_text(report, "PTE %llx",
			(unsigned long long)fault->walk_entry), "%s: not writable",
			entry_words(report, fault->walk_entry));
	}
	if (fault->has_rip)
		finding_note(report, f, fault->rip_at, "who wrote");
}

static void tell_table(const struct breach *b, struct finding *f, struct report *report)
{
	const struct refusal *r = &b->refusal;
	const char *kind = type_kind_name(r->saw.kind);

	finding_note(report, f, r->bad_type->at, "Xen calls the frame an %s",
		type_words(report, r->saw));
	if (r->store) {
		finding_message(report, f, "a direct store to frame 0x%llx, a live %s, was not "
			"carried out: Xen refused the new entry", (unsigned long long)b->frame.n, kind);
		finding_note(report, f, r->store->at, "Xen tried to do the store itself");
		f->why = "stores to an L1 table are done by Xen after it has checked the new entry; "
			 "this one it may not set, so the kernel gets the fault";
		f->fix = "look at the entry that was written (the refusal just before)";
	} else {
		finding_message(report, f, "the kernel wrote directly to frame 0x%llx, a live %s",
			(unsigned long long)b->frame.n, kind);
	}
	f->facts = report_text(report, "table level %d%s", (int)r->saw.kind, r->store ? " store" : "");
}

static void tell_traced(const struct breach *b, struct finding *f, struct report *report)
{
	finding_message(report, f, "the kernel wrote directly to frame 0x%llx, which the trace has "
		"made an L%d table", (unsigned long long)b->frame.n, (int)b->traced);
	if (b->traced == MMU_L1)
		f->why = "stores to an L1 table are done by Xen after it has checked the new entry; "
			 "this one it did not do, so the kernel gets the fault";
	f->facts = report_text(report, "traced level %d", (int)b->traced);
}

/* The trail leads on to who let the page go. */
static void tell_let_go(const struct replay *replay, const struct breach *b, struct finding *f,
			struct report *report)
{
	const struct span *span = replay_let_go(replay, b->frame);
	const char *who = "the kernel";

	f->fix = "make the page writable (make_lowmem_page_readwrite) before it is freed; the last "
		 "page table of a pool or of the initial tables is where to look";
	if (!span || span->at.offset > b->fault->at.offset)
		return;
	/* A function of memblock itself is not who asked. */
	if (span->value && !(owner_of_label(text_of(replay_label(replay, span->value))) & OWNER_MEMBLOCK))
		who = replay_label(replay, span->value);
	finding_note(report, f, span->at, "%s freed it here, and nothing has reserved it since", who);
	f->fix = "make the page writable (make_lowmem_page_readwrite) before it is freed: begin with "
		 "what drops its reservation at the line quoted";
}

static void tell_left_ro(const struct replay *replay, const struct breach *b, struct finding *f,
			 struct report *report)
{
	const char *writer = b->fault->rip_symbol && *b->fault->rip_symbol
			   ? b->fault->rip_symbol : "the kernel";
	bool untold = replay->mmu && mmu_gaps(replay->mmu);
	bool traced;
	struct loc at;

	finding_message(report, f, untold
		? "%s wrote to frame 0x%llx, which is write-protected: a page table, or memory that was one"
		: "%s wrote to frame 0x%llx, ordinary memory that is still write-protected",
		writer, (unsigned long long)b->frame.n);
	traced = replay_traced_read_only(replay, b->frame, &at);
	if (traced)
		finding_note(report, f, at, "the trace maps the frame read-only here, and no later "
			"operation makes it writable");
	if (!b->walk_agrees && !traced)
		finding_at_most(f, INFERRED);
	if (untold) {
		f->why = "a PV kernel write-protects the pages of its page tables and descriptor tables "
			 "only. What this one was then, the operations that the trace has lost would tell";
	} else {
		f->why = "a PV kernel write-protects the pages of its page tables and descriptor tables "
			 "only. This one was one of them, or was prepared to be one, and was freed without "
			 "being made writable again; its next owner died on the first write";
		tell_let_go(replay, b, f, report);
	}
	/* Later, modules and other code write-protect memory of their own. */
	if (replay->steps[STEP_INIT_MEMORY_FREED].reached &&
	    replay->steps[STEP_INIT_MEMORY_FREED].sequence < b->fault->sequence) {
		f->severity = SEV_WARNING;
		finding_at_most(f, INFERRED);
	}
	if (f->certainty != PROVED)
		f->raise = untold ? "a trace that has lost no operation"
				  : "a value-level trace shows who write-protected the page";
	f->facts = "left read-only";
}

static void tell(const struct replay *replay, const struct breach *b, struct report *report)
{
	struct finding *f = finding_new(report, &rule_write_to_ro_nonl1, b->fault->code_at);

	if (f->more)
		return;
	f->where = pfn_range(b->frame.n, b->frame.n + 1);
	finding_at_most(f, b->certainty);
	note_fault(b, f, report);
	switch (b->page) {
	case PAGE_TABLE_TRACED:
		tell_traced(b, f, report);
		break;
	case PAGE_TABLE_SEEN:
		tell_table(b, f, report);
		break;
	case PAGE_TABLE_PLACED:
		finding_at_most(f, INFERRED);
		finding_message(report, f, "the kernel wrote directly to frame 0x%llx, one of its page "
			"tables", (unsigned long long)b->frame.n);
		finding_note(report, f, b->owner_at, "the frame was given to the page tables here");
		f->facts = "placed table";
		break;
	case PAGE_SETTER:
		finding_at_most(f, INFERRED);
		finding_message(report, f, "%s wrote an entry into frame 0x%llx, which is read-only",
			b->fault->rip_symbol, (unsigned long long)b->frame.n);
		f->facts = report_text(report, "setter %s", b->fault->rip_symbol);
		if (replay_is_pv(replay))
			break;
		f->severity = SEV_WARNING;
		f->why = "the page was taken for a page table while the direct map still has it "
			 "read-only: its former owner (a module's text, a read-only buffer) was freed "
			 "without making it writable";
		f->fix = "look for who write-protected the page before: set_memory_ro() without its "
			 "counterpart";
		break;
	case PAGE_LEFT_RO:
		tell_left_ro(replay, b, f, report);
		break;
	case PAGE_OTHER:
		break;
	}
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct frame_set told = { .count = 0 };
	struct breach breach;

	(void)state;
	for (uint32_t i = 0; i < replay->faults.count; i++)
		if (find_breach(replay, &replay->faults.items[i], &breach) &&
		    frame_set_add(&told, breach.frame.n))
			tell(replay, &breach, report);
}

const struct rule rule_write_to_ro_nonl1 = {
	.id = "PGT040",
	.name = "write-to-ro-nonl1",
	.severity = SEV_ERROR,
	.scope = SCOPE_ALL,
	.title = "The kernel writes to a page table, or to memory left read-only, and dies",
	.why = "Xen carries out direct stores to L1 tables, when the new entry is good; a store to "
	       "any other read-only page is a fault of the kernel. An entry above the L1 was "
	       "written without the hypercall, after its table had been hooked",
	.fix = "write entries through the paravirt setters (set_pmd and the like) only; before a "
	       "table is hooked it must not be read-only yet: 805e3f495057 (Linux 2.6.37), "
	       "ee176455e284 (2.6.39) for 32-bit",
	.source = "Xen xen/arch/x86/pv/ro-page-fault.c, 3.4-4.20; Linux arch/x86/mm/fault.c; "
		  "Linux 805e3f495057, ee176455e284",
	.needs = "the oops with its error code and address; the page walk, or the hypervisor's "
		 "page-type messages or a value-level trace, to know what the page is. A trace alone "
		 "does not show it: a store that faults is in none",
	.bad = "BUG: unable to handle page fault for address: ffff88800007a000\n"
	       "#PF: error_code(0x0003) - permissions violation\n"
	       "PGD 1a0b067 P4D 1a0b067 PUD 1a0c067 PMD 8000000002622067 PTE 1000000007a025",
	.good = "BUG: unable to handle page fault for address: ffffc90040e2301c\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 1e802067 P4D 1e802067 PUD 5c31067 PMD 5d06067 PTE 80100000fe0a3075",
	.roots = "PGT002 PGT003 PGT012 PGT021 PGT024",
	.needs_any = { EVIDENCE_KERNEL | EVIDENCE_SETUP_END },
	.page_table_evidence = false,   /* that no oops came says little of tables */
	.at_end = at_end,
};
