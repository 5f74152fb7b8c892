/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The events of Linux that tell page-table operations, and which of them count.
 * Several tell the same operation:
 *
 *   asked by the kernel      queued in a multicall     as the multicall goes out
 *   xen_mmu_set_pte/pmd/..   xen_mc_entry op 1         -               STORE
 *                            kprobe mmuupd             mcflush op 1    UPDATE
 *   -                        xen_mc_entry op 14        mcflush op 14   VA_MAPPING
 *   xen_mmu_pgd_pin/unpin    xen_mc_entry op 26        -               PIN, UNPIN
 *                            kprobe mmuext             mcflush op 26   PIN, UNPIN, bases
 *   xen_mmu_write_cr3        xen_mc_entry op 26        -               NEW_BASE
 *
 * xen_mc_entry shows arguments: of op 14 they are address and value, of op 1 and
 * 26 pointers to what others tell. So each operation is taken once, from one
 * place:
 *
 *   entries        STORE from xen_mmu_set_*. An mmuupd of the same entry comes right
 *                  behind it and sets the same value again, by machine address.
 *   op 14          from xen_mc_entry; from mcflush until one was seen.
 *   pins, bases    from mmuext when it is there. Else a base from write_cr3, and a pin
 *                  from op 26 behind the op 14 of the table it pins: only between
 *                  pgd_pin (pgd_unpin, alloc_ptpage, release_ptpage) and the end of
 *                  that batch, where the kernel does nothing else. INFERRED.
 *   order          mmuext and mmuupd tell when an operation is queued, mcflush when its
 *                  batch goes out. Where op 14 comes from mcflush, the others wait for
 *                  it and go out as the batch names them: a table is made read-only
 *                  before it is pinned, whatever line comes first.
 *
 * No tracepoint shows what the kernel writes by itself (ptep_get_and_clear() when
 * memory is unmapped, write-protecting for fork): every operation is `partial`.
 * Values: `raw` is the machine entry; the value before it has the pfn.
 *
 * Source: Linux include/trace/events/xen.h, arch/x86/xen/mmu.c (mmu_pv.c from 4.12),
 * multicalls.c, 3.1 to 6.12: xen_alloc_ptpage(), xen_release_ptpage(),
 * xen_pin_page(), xen_unpin_page(), __xen_pgd_pin(), __xen_pgd_unpin(). */
#include <stdio.h>

#include "formats/hex.h"
#include "formats/trace_inside.h"

/* --- entries --------------------------------------------------------------- */

struct entry {
	uint64_t slot, user_slot;
	bool has_slot, has_user_slot;
	uint64_t value, guest;     /* `guest`: with the pfn; 0: not told */
	uint64_t domain;
};

static bool read_fields(struct event_line *e, struct text letter, struct entry *entry)
{
	char name[16];
	const char *at;
	uint64_t pointer;

	/* ptep, pmdp, pudp, p4dp, pgdp; user_p4dp, user_pgdp; pteval, ... */
	snprintf(name, sizeof(name), "%.*sp", TEXT_ARG(letter));
	at = trace_find_field(e, text_of(name));
	if (at && trace_pointer(e, at, &pointer, &entry->has_slot))
		entry->slot = pointer;
	snprintf(name, sizeof(name), "user_%.*sp", TEXT_ARG(letter));
	at = trace_find_field(e, text_of(name));
	if (at && trace_pointer(e, at, &pointer, &entry->has_user_slot))
		entry->user_slot = pointer;
	snprintf(name, sizeof(name), "%.*sval", TEXT_ARG(letter));
	(void)trace_field(e, TEXT("domid"), &entry->domain);
	return trace_field(e, text_of(name), &entry->value);
}

/* "ptep P pteval V (raw R)", with "mm M addr A" or "domid D" or "user_pgdp P"
 * between, in this order. */
static bool read_words(struct event_line *e, struct entry *entry)
{
	const char *at = e->at, *end = e->end, *blank;
	bool known, has_raw = false;
	uint64_t number;

	while (at < end && !has_raw) {
		blank = at;
		while (blank < end && *blank != ' ')
			blank++;
		if (end - blank < 2)
			return false;
		switch (*at) {
		case '(':                               /* (raw R) */
			at = hex_take(blank + 1, end, &entry->value);
			if (!at || at == end || *at != ')')
				return false;
			has_raw = true;
			break;
		case 'm':                               /* mm M */
			at = trace_pointer(e, blank + 1, &number, &known);
			break;
		case 'a':                               /* addr A */
			at = hex_take(blank + 1, end, &number);
			break;
		case 'd':                               /* domid D */
			at = decimal_take(blank + 1, end, &entry->domain);
			break;
		case 'u':
			at = trace_pointer(e, blank + 1, &entry->user_slot, &entry->has_user_slot);
			break;
		default:
			if (blank[-1] == 'p')           /* ptep P */
				at = trace_pointer(e, blank + 1, &entry->slot, &entry->has_slot);
			else                            /* pteval V */
				at = hex_take(blank + 1, end, &entry->guest);
		}
		if (!at)
			return false;
		while (at < end && *at == ' ')
			at++;
	}
	return has_raw;
}

/* xen_mmu_set_p4d prints its entry with the pfn where "raw" promises the mfn (and, before
 * it, what becomes of a pfn that is taken for an mfn). The slot is known only if the
 * page is.
 * Source: Linux include/trace/events/xen.h 4.12 on, p4dval = p4d_val(..); lab traces. */
static bool to_machine(const struct trace_state *trace, struct entry *entry)
{
	uint64_t mfn;

	if (!(entry->value & PRESENT))
		return true;
	if (!trace_mfn_of(trace, FRAME_OF(entry->value), &mfn))
		return false;
	entry->value = (entry->value & ~UINT64_C(0x000ffffffffff000)) | mfn << FRAME_SHIFT;
	return true;
}

static void emit_entry(struct event_line *e, const struct entry *entry, uint8_t level,
		       enum mmu_command command)
{
	struct mmu_op op = trace_op(MMU_STORE);

	op.level = level;
	op.command = command;
	op.foreign = (uint16_t)entry->domain;
	op.has_ptr = entry->has_slot;
	op.ptr = entry->has_slot ? entry->slot : 0;
	op.val = entry->value;
	trace_emit(e->reader, e->line, &op, PROVED);
	/* The user half of a process has a top-level table of its own. */
	if (entry->has_user_slot) {
		op.has_ptr = true;
		op.ptr = entry->user_slot;
		trace_emit(e->reader, e->line, &op, PROVED);
	}
}

static bool read_entry(struct event_line *e, struct text letter, struct entry *entry)
{
	*entry = (struct entry){ .domain = DOMID_SELF_WORD };
	if (e->fields ? read_fields(e, letter, entry) : read_words(e, entry))
		return true;
	trace_garbled(e);
	return false;
}

static void store(struct event_line *e, struct text letter, uint8_t level, enum mmu_command command)
{
	struct entry entry;

	if (!read_entry(e, letter, &entry))
		return;
	/* A table's entry names its pfn and, raw, its mfn: they are the same page. */
	if (level > 1 && (entry.guest & entry.value & PRESENT))
		trace_emit_p2m(e, FRAME_OF(entry.guest), FRAME_OF(entry.value));
	emit_entry(e, &entry, level, command);
}

static void set_pte(struct event_line *e) { store(e, TEXT("pte"), 1, MMU_NORMAL); }
static void set_pmd(struct event_line *e) { store(e, TEXT("pmd"), 2, MMU_NORMAL); }
static void set_pud(struct event_line *e) { store(e, TEXT("pud"), 3, MMU_NORMAL); }
static void modify_prot(struct event_line *e) { store(e, TEXT("pte"), 1, MMU_PRESERVE_AD); }

static void set_p4d(struct event_line *e)
{
	struct entry entry;

	if (!e->reader->trace.version_known)
		e->reader->trace.pte_level = 4;
	if (!read_entry(e, TEXT("p4d"), &entry))
		return;
	if (!to_machine(&e->reader->trace, &entry))
		entry.has_slot = entry.has_user_slot = false;
	emit_entry(e, &entry, 4, MMU_NORMAL);
}

static void set_pgd(struct event_line *e)
{
	if (!e->reader->trace.version_known)
		e->reader->trace.pte_level = 3;
	store(e, TEXT("pgd"), 4, MMU_NORMAL);
}

/* xen_mmu_pte_clear, pmd_clear, pud_clear, pgd_clear: the entry becomes 0. */
static void clear(struct event_line *e)
{
	static const char levels[] = "tmug";   /* pTe, pMd, pUd, pGd */
	struct mmu_op op = trace_op(MMU_STORE);
	const char *level = strchr(levels, e->name.at[9]), *at = e->end;

	while (at > e->at && at[-1] != ' ' && at[-1] != '=')
		at--;
	if (!level || !*level || at == e->at || !trace_pointer(e, at, &op.ptr, &op.has_ptr)) {
		trace_garbled(e);
		return;
	}
	op.level = (uint8_t)(level - levels + 1);
	trace_emit(e->reader, e->line, &op, PROVED);
}

/* --- tables ---------------------------------------------------------------- */

/* 1 to 4 from the kernel's number; *certainty when its numbering is a guess.
 * Source: Linux arch/x86/include/asm/xen/... enum pt_level: PT_PGD 0, PT_PUD 1, ...
 * PT_PTE 3 up to 4.11; with PT_P4D 1 in between from 4.12. */
static uint8_t level_of(struct event_line *e, uint64_t number, enum certainty *certainty)
{
	struct trace_state *trace = &e->reader->trace;
	unsigned pte = trace->pte_level;

	if (number == 4 && !trace->version_known)
		pte = trace->pte_level = 4;
	if (!pte) {
		pte = 4;
		*certainty = INFERRED;
		if (!trace->level_told)
			reader_diagnose(e->reader, e->line->at, "no kernel version is told: levels are "
					"read as 4.12 and later number them");
		trace->level_told = true;
	}
	if (number == 0)
		return 4;
	return number <= pte ? (uint8_t)(pte - number + 1) : 0;
}

/* "mm P  pfn F  level D  [un]pinned", "pfn F  level D  [un]pinned" */
static bool read_table(struct event_line *e, struct mmu_op *op, uint64_t *level)
{
	const char *at = e->at, *end = e->end;
	uint64_t pfn, pinned;

	if (e->fields) {
		if (!trace_hex_field(e, TEXT("pfn"), &pfn) || !trace_field(e, TEXT("level"), level) ||
		    !trace_field(e, TEXT("pinned"), &pinned))
			return false;
		op->pinned = pinned;
	} else {
		if (end - at > 3 && !memcmp(at, "mm ", 3))
			at = memmem(at, (size_t)(end - at), "pfn ", 4);
		if (!at || end - at < 5 || memcmp(at, "pfn ", 4))
			return false;
		at = hex_take(at + 4, end, &pfn);
		at = at ? memmem(at, (size_t)(end - at), "level ", 6) : NULL;
		at = at ? decimal_take(at + 6, end, level) : NULL;
		while (at && at < end && *at == ' ')
			at++;
		if (!at || end - at < 6)
			return false;
		op->pinned = *at == 'p';
		if (memcmp(at + (op->pinned ? 0 : 2), "pinned", 6))
			return false;
	}
	op->pfn = to_pfn(pfn);
	return pfn < PFN_LIMIT && *level <= 4;
}

static void table(struct event_line *e, enum mmu_op_kind kind, int walk)
{
	struct mmu_op op = trace_op(kind);
	enum certainty certainty = PROVED;
	uint64_t level;

	if (!read_table(e, &op, &level)) {
		trace_garbled(e);
		return;
	}
	op.level = level_of(e, level, &certainty);
	trace_emit(e->reader, e->line, &op, certainty);
	/* Only an L1 is pinned by itself. */
	trace_end_walk(&e->reader->trace);
	if (op.pinned && op.level == 1)
		trace_begin_walk(&e->reader->trace, walk, op.pfn.n);
}

static void alloc_ptpage(struct event_line *e) { table(e, MMU_TABLE_TAKEN, WALK_ALLOC); }
static void release_ptpage(struct event_line *e) { table(e, MMU_TABLE_DROPPED, WALK_RELEASE); }

/* "mm P pgd P" */
static void pgd(struct event_line *e, int walk)
{
	uint64_t address, pfn;
	const char *at = e->end;
	bool known;

	while (at > e->at && at[-1] != ' ' && at[-1] != '=')
		at--;
	if (at == e->at || !trace_pointer(e, at, &address, &known)) {
		trace_garbled(e);
		return;
	}
	trace_end_walk(&e->reader->trace);
	if (known && trace_direct_map(address, &pfn) && !e->reader->trace.mmuext_seen)
		trace_begin_walk(&e->reader->trace, walk, pfn);
}

static void pgd_pin(struct event_line *e) { pgd(e, WALK_PIN); }
static void pgd_unpin(struct event_line *e) { pgd(e, WALK_UNPIN); }

/* "kernel cr3 15118000": a guest-physical address; "user cr3 0" drops it.
 * Source: Linux __xen_write_cr3(): mfn = pfn_to_mfn(PFN_DOWN(cr3)). */
static void write_cr3(struct event_line *e)
{
	struct trace_state *trace = &e->reader->trace;
	struct mmu_op op = trace_op(MMU_NEW_BASE);
	uint64_t address, kernel = 0;
	const char *at = e->at;

	trace_end_walk(trace);
	if (e->fields) {
		if (!trace_field(e, TEXT("kernel"), &kernel) || !trace_hex_field(e, TEXT("cr3"), &address)) {
			trace_garbled(e);
			return;
		}
	} else {
		kernel = *at == 'k';
		at = memmem(at, (size_t)(e->end - at), "cr3 ", 4);
		if (!at || !trace_ends_word(e, hex_take(at + 4, e->end, &address))) {
			trace_garbled(e);
			return;
		}
	}
	if (!kernel)
		op.kind = MMU_NEW_USER_BASE;
	op.vcpu = (uint8_t)trace->cpu;
	op.pfn = to_pfn(address >> FRAME_SHIFT);
	if (!address) {
		op.mfn = to_mfn(0);
		op.pfn = to_pfn(MMU_NO_FRAME);
	}
	trace->base.pfn = op.pfn.n;
	trace->base.known = address != 0;
	if (!trace->mmuext_seen)
		trace_emit(e->reader, e->line, &op, PROVED);
}

static void nothing(struct event_line *e)
{
	(void)e;
}

/* --- names ----------------------------------------------------------------- */

static const struct known {
	struct text name;
	void (*read)(struct event_line *);
} known[] = {
	{ TEXT("xen_mmu_set_pte"), set_pte },
	{ TEXT("xen_mmu_set_pmd"), set_pmd },
	{ TEXT("xen_mmu_set_pud"), set_pud },
	{ TEXT("xen_mmu_set_p4d"), set_p4d },
	{ TEXT("xen_mmu_set_pgd"), set_pgd },
	{ TEXT("xen_mmu_set_pte_atomic"), set_pte },
	{ TEXT("xen_mmu_set_pte_at"), set_pte },
	{ TEXT("xen_mmu_set_domain_pte"), set_pte },
	{ TEXT("xen_mmu_ptep_modify_prot_commit"), modify_prot },
	{ TEXT("xen_mmu_ptep_modify_prot_start"), nothing },
	{ TEXT("xen_mmu_pte_clear"), clear },
	{ TEXT("xen_mmu_pmd_clear"), clear },
	{ TEXT("xen_mmu_pud_clear"), clear },
	{ TEXT("xen_mmu_pgd_clear"), clear },
	{ TEXT("xen_mmu_alloc_ptpage"), alloc_ptpage },
	{ TEXT("xen_mmu_release_ptpage"), release_ptpage },
	{ TEXT("xen_mmu_pgd_pin"), pgd_pin },
	{ TEXT("xen_mmu_pgd_unpin"), pgd_unpin },
	{ TEXT("xen_mmu_write_cr3"), write_cr3 },
	{ TEXT("xen_mmu_flush_tlb"), nothing },
	{ TEXT("xen_mmu_flush_tlb_all"), nothing },
	{ TEXT("xen_mmu_flush_tlb_single"), nothing },
	{ TEXT("xen_mmu_flush_tlb_one_user"), nothing },
	{ TEXT("xen_mmu_flush_tlb_others"), nothing },
	{ TEXT("xen_mmu_flush_tlb_multi"), nothing },
	{ TEXT("xen_mc_entry"), trace_mc_entry },
	{ TEXT("xen_mc_entry_alloc"), nothing },
	{ TEXT("xen_mc_batch"), trace_mc_batch },
	{ TEXT("xen_mc_issue"), trace_mc_issue },
	{ TEXT("xen_mc_flush"), nothing },
	{ TEXT("xen_mc_flush_reason"), nothing },
	{ TEXT("xen_mc_callback"), nothing },
	{ TEXT("xen_mc_extend_args"), nothing },
	{ TEXT("mmuupd"), trace_mmuupd },
	{ TEXT("mmuext"), trace_mmuext },
	{ TEXT("mcflush"), trace_mcflush },
};

static const struct known *find_known(struct text name)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].name.length == name.length &&
		    !memcmp(known[i].name.at, name.at, name.length))
			return &known[i];
	return NULL;
}

/* "[FAILED TO PARSE] ptep=0x.. pteval=114" and, of `trace-cmd report -R`, "ptep=0x..". */
static void find_form(struct event_line *e)
{
	static const struct text failed = TEXT("[FAILED TO PARSE]");
	const char *at;

	if (text_begins((struct text){ e->at, (size_t)(e->end - e->at) }, failed)) {
		e->at += failed.length;
		while (e->at < e->end && *e->at == ' ')
			e->at++;
		e->fields = true;
		return;
	}
	for (at = e->at; at < e->end && *at != ' ' && !e->fields; at++)
		e->fields = *at == '=';
}

bool trace_text_event(struct reader *reader, const struct line *line, struct text event)
{
	const char *at = event.at, *end = at + event.length, *colon;
	struct event_line e = { .reader = reader, .line = line };
	const struct known *found;

	/* Ours begin so. */
	if (event.length < 8 || (*at != 'x' && *at != 'm'))
		return false;
	if (reader->trace.dialect != TRACE_NONE && trace_usual_event(reader, line, event))
		return true;
	colon = memchr(at, ':', event.length < 40 ? event.length : 40);
	if (!colon)
		return false;
	e.name = (struct text){ at, (size_t)(colon - at) };
	found = find_known(e.name);
	if (!found)
		return false;
	for (e.at = colon + 1; e.at < end && *e.at == ' ';)
		e.at++;
	while (end > e.at && (uint8_t)end[-1] <= ' ')
		end--;
	e.end = end;
	find_form(&e);
	if (reader->trace.dialect == TRACE_NONE)
		reader->trace.dialect = TRACE_BARE;
	reader->trace.tracepoints |= *event.at == 'x';
	reader->trace.kprobes |= *event.at == 'm';
	found->read(&e);
	return true;
}

/* "xen_mmu_set_pte: " somewhere in it; a function's name is no event's. */
static bool names_event(struct text text)
{
	static const struct text leads[] = { TEXT("xen_mmu_"), TEXT("mmuupd"), TEXT("mmuext") };
	const char *end = text.at + text.length;

	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		const char *at = memmem(text.at, text.length, leads[i].at, leads[i].length);
		const char *colon = at ? memchr(at, ':', (size_t)(end - at)) : NULL;

		if (colon && colon + 1 < end && colon[1] == ' ' &&
		    (at == text.at || at[-1] == ' ' || at[-1] == ':') &&
		    find_known((struct text){ at, (size_t)(colon - at) }))
			return true;
	}
	return false;
}

void trace_text_unread(struct reader *reader, const struct line *line, struct text text)
{
	if (text_begins(text, TEXT("PERF_RECORD_LOST "))) {
		trace_lost(reader, line, LOSS_EVENTS, 0);
		return;
	}
	if (!names_event(text))
		return;
	trace_lost(reader, line, LOSS_UNREAD, 1);
	if (!reader->trace.unread_told)
		reader_diagnose(reader, line->at, "this line names an operation in a form that is not "
				"read: what it tells is lost");
	reader->trace.unread_told = true;
}

void trace_text_next(struct trace_state *trace)
{
	struct trace_state next = {
		.pairs = trace->pairs,
		.pte_level = trace->pte_level,
		.version_known = trace->version_known,
		.plain_pointers = trace->plain_pointers,
		.queue = trace->queue,
	};

	*trace = next;
}

void trace_text_version(struct trace_state *trace, unsigned major, unsigned minor)
{
	trace->version_known = true;
	trace->pte_level = major > 4 || (major == 4 && minor >= 12) ? 4 : 3;
	trace->plain_pointers = major < 4 || (major == 4 && minor < 15);
}

const char *trace_text_format(const struct reader *reader)
{
	const struct trace_state *trace = &reader->trace;

	if (trace->dialect == TRACE_NONE || reader->emitted > trace->emitted)
		return NULL;
	switch (trace->dialect) {
	case TRACE_NONE:
	case TRACE_BARE:
	case TRACE_FTRACE:
		return trace->kprobes && !trace->tracepoints ? "kprobe text" : "ftrace text";
	case TRACE_CMD:
		return "trace-cmd report";
	case TRACE_PERF:
		return "perf script";
	case TRACE_XENALYZE:
		return "xenalyze text";
	}
	return NULL;
}
