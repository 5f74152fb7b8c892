/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What went wrong, as the hypervisor and the kernel tell it. */
#include "core/replay_inside.h"

static bool said_by_release_builds(enum complaint what)
{
	return what == COMPLAINT_BUILDER_CONFLICT || what == COMPLAINT_OWNER ||
	       what == COMPLAINT_L1TF || what == COMPLAINT_P2M_UNSET;
}

void replay_complained(struct replay *replay, const struct event *event)
{
	struct complaint_record *record;

	replay->complaint_count[event->u.complaint.what]++;
	if (!said_by_release_builds(event->u.complaint.what))
		replay->evidence |= EVIDENCE_XEN_SPEAKS | EVIDENCE_XEN;
	if (event->u.complaint.what == COMPLAINT_P2M_UNSET)
		replay->evidence |= EVIDENCE_P2M_WORD;
	/* Said before the banner, by a kernel that Xen has built: a PV guest. */
	if (event->u.complaint.what == COMPLAINT_BUILDER_CONFLICT &&
	    replay->platform == PLATFORM_UNKNOWN) {
		replay->platform = PLATFORM_XEN_PV;
		replay->platform_at = event->at;
	}
	record = PUSH(replay, complaints, INCIDENTS_MAX);
	if (!record)
		return;
	record->what = event->u.complaint.what;
	record->level = event->u.complaint.level;
	record->saw = event->u.complaint.saw;
	record->expected = event->u.complaint.expected;
	record->mfn = event->u.complaint.mfn;
	record->pfn = event->u.complaint.pfn;
	record->entry = event->u.complaint.entry;
	record->code = event->u.complaint.code;
	record->l1e_owner = event->u.complaint.l1e_owner;
	record->pg_owner = event->u.complaint.pg_owner;
	record->domain = event->domain;
	record->words = arena_copy(replay->arena, event->u.complaint.words);
	record->certainty = event->certainty;
	record->at = event->at;
	record->sequence = replay->sequence;
	record->phase = replay_last_step(replay, &record->phase_known);
}

/* Lines that a fault's register dump may span. */
#define FAULT_LINES 120u

static struct fault_record *open_fault(const struct replay *replay, struct loc at)
{
	struct fault_record *fault;

	if (!replay->fault_open || !replay->faults.count)
		return NULL;
	fault = &replay->faults.items[replay->faults.count - 1];
	return loc_within(fault->at, at, FAULT_LINES) ? fault : NULL;
}

static struct fault_record *new_fault(struct replay *replay, struct loc at)
{
	struct fault_record *fault = PUSH(replay, faults, INCIDENTS_MAX);

	replay->fault_open = fault != NULL;
	if (!fault)
		return NULL;
	fault->at = at;
	fault->address = UNKNOWN_NUMBER;
	fault->trap = TRAP_PAGE_FAULT;
	fault->sequence = replay->sequence;
	fault->phase = replay_last_step(replay, &fault->phase_known);
	return fault;
}

#define TRAP_INVALID_OPCODE 6u
/* Lines from a BUG to the exception that it is made of. */
#define BUG_TRAP_LINES 12u

static bool is_of_bug(const struct replay *replay, const struct event *event)
{
	const struct bug_record *bug;

	if (event->u.fault.trap != TRAP_INVALID_OPCODE || !replay->bugs.count)
		return false;
	bug = &replay->bugs.items[replay->bugs.count - 1];
	return !bug->warning && loc_within(bug->at, event->at, BUG_TRAP_LINES);
}

void replay_faulted(struct replay *replay, const struct event *event)
{
	struct fault_record *fault = open_fault(replay, event->at);

	if (is_of_bug(replay, event))
		return;
	/* Xen tells one fault in two lines: the code, then the walk. */
	if (!fault || fault->address != UNKNOWN_NUMBER || event->u.fault.address == UNKNOWN_NUMBER ||
	    event->speaker != SPEAKER_XEN)
		fault = new_fault(replay, event->at);
	if (!fault)
		return;
	fault->address = event->u.fault.address;
	fault->null_told = event->u.fault.null;
	fault->trap = event->u.fault.trap;
}

void replay_domain_crashed(struct replay *replay, const struct event *event)
{
	if (!loc_known(replay->domain_crashed_at))
		replay->domain_crashed_at = event->at;
	/* The registers that follow are the guest's. */
	if (!open_fault(replay, event->at))
		new_fault(replay, event->at);
}

/* Events between a BUG and the RIP that names its function. */
#define BUG_REGISTER_EVENTS 12u

static bool is_pv_mmu(const char *file)
{
	struct text name = text_of(file);

	return text_contains(name, TEXT("xen/mmu.c")) || text_contains(name, TEXT("xen/mmu_pv.c"));
}

/* The registers below a BUG name the function that it stands in. */
static void name_bug(struct replay *replay, const struct event *event)
{
	struct bug_record *bug;

	if (event->u.detail.what != DETAIL_RIP || !event->u.detail.words.length ||
	    !replay->bugs.count)
		return;
	bug = &replay->bugs.items[replay->bugs.count - 1];
	if (!bug->warning && !*bug->function &&
	    replay->sequence - bug->sequence <= BUG_REGISTER_EVENTS)
		bug->function = arena_copy(replay->arena, event->u.detail.words);
	if (bug_is_of_pin(bug))
		replay->evidence |= EVIDENCE_PIN_BUG;
}

void replay_fault_detailed(struct replay *replay, const struct event *event)
{
	struct fault_record *fault = open_fault(replay, event->at);
	uint64_t number = event->u.detail.number;

	name_bug(replay, event);
	if (!fault && event->u.detail.what == DETAIL_CODE)
		fault = new_fault(replay, event->at);
	if (!fault)
		return;
	switch (event->u.detail.what) {
	case DETAIL_CODE:
		if (!fault->has_code) {
			fault->has_code = true;
			fault->code = (uint32_t)number;
			fault->code_at = event->at;
		}
		break;
	case DETAIL_CR2:
		if (!fault->has_cr2) {
			fault->has_cr2 = true;
			fault->cr2 = number;
			fault->cr2_at = event->at;
		}
		break;
	case DETAIL_RDI:
		if (!fault->has_rdi) {
			fault->has_rdi = true;
			fault->rdi = number;
			fault->rdi_at = event->at;
		}
		break;
	case DETAIL_RIP:
		if (!fault->has_rip) {
			fault->has_rip = true;
			fault->rip = number;
			fault->rip_symbol = arena_copy(replay->arena, event->u.detail.words);
			fault->rip_at = event->at;
		} else if (number && fault->rip == number && !*fault->rip_symbol) {
			fault->rip_symbol = arena_copy(replay->arena, event->u.detail.words);
		}
		break;
	case DETAIL_CR3:
		break;
	case DETAIL_PTE:
		fault->has_walk = true;
		fault->walk_entry = number;
		/* Xen prints level by level, from the top. */
		fault->walk_above = event->u.detail.above ? event->u.detail.above : fault->walk_last;
		fault->walk_last = number;
		fault->walk_level = event->u.detail.level;
		fault->walk_at = event->at;
		break;
	case DETAIL_STRING_STORE:
		fault->instruction_told = true;
		if (number && !fault->string_store) {
			fault->string_store = true;
			fault->string_store_at = event->at;
		}
		break;
	}
}

void replay_bug_hit(struct replay *replay, const struct event *event)
{
	struct bug_record *record = PUSH(replay, bugs, INCIDENTS_MAX);

	if (!record)
		return;
	record->warning = event->kind == EV_KERNEL_WARNING;
	record->file = arena_copy(replay->arena, event->u.bug.file);
	record->line = event->u.bug.line;
	record->function = arena_copy(replay->arena, event->u.bug.function);
	record->at = event->at;
	record->sequence = replay->sequence;
	if (!record->warning && is_pv_mmu(record->file))
		replay->evidence |= EVIDENCE_PV_BUG;
}

/* Panics that only say that there is no userland: the boot is over, and its
 * page tables are in order. */
static bool is_userland_panic(struct text words)
{
	return text_contains(words, TEXT("No init found")) ||
	       text_contains(words, TEXT("No working init")) ||
	       text_contains(words, TEXT("Unable to mount root")) ||
	       text_contains(words, TEXT("Attempted to kill init")) ||
	       text_contains(words, TEXT("Requested init")) ||
	       text_contains(words, TEXT("sysrq triggered"));
}

static paddr_t end_of_ram(const struct replay *replay)
{
	const struct span *span = range_map_from(&replay->map_in_force, 0);
	uint64_t end = 0;

	for (; span; span = range_map_next(&replay->map_in_force, span))
		if (span->value == MEMORY_RAM)
			end = span->end;
	return to_paddr(end);
}

/* Where the line does not tell whose range it is: page tables are reserved as one piece
 * whose size follows from the memory's. */
static bool is_size_of_tables(const struct replay *replay, struct paddr_range bytes)
{
	paddr_t end = end_of_ram(replay);

	return end.n && paddr_range_size(bytes) == table_pages_2m_for(end) * FRAME_BYTES;
}

void replay_clashed(struct replay *replay, const struct event *event)
{
	struct paddr_range tables = event->u.clash.bytes, other = event->u.clash.other;
	struct text owner = event->u.clash.other_label;

	if (paddr_range_empty(other)) {
		if (!is_size_of_tables(replay, tables))
			return;
	} else {
		if (!(owner_of_label(event->u.clash.label) & OWNER_POOL)) {
			if (!(owner_of_label(owner) & OWNER_POOL))
				return;
			other = tables;
			tables = event->u.clash.other;
			owner = event->u.clash.label;
		}
		replay->table_clash.owner = arena_copy(replay->arena, owner);
	}
	replay->table_clash.bytes = tables;
	replay->table_clash.other = other;
	replay->table_clash.at = event->at;
	replay->evidence |= EVIDENCE_POOL;
}

void replay_panicked(struct replay *replay, const struct event *event)
{
	struct words_record *record;

	if (is_userland_panic(event->u.words)) {
		replay_reach(replay, STEP_USERSPACE, event->at);
		return;
	}
	record = PUSH(replay, panics, INCIDENTS_MAX);
	if (record)
		*record = (struct words_record){ arena_copy(replay->arena, event->u.words),
						 event->at, replay->sequence };
}

void replay_multicall_failed(struct replay *replay, const struct event *event)
{
	struct multicall_record *record = PUSH(replay, multicalls, INCIDENTS_MAX);

	/* Only a PV guest sends batches of hypercalls. */
	if (replay->platform == PLATFORM_UNKNOWN) {
		replay->platform = PLATFORM_XEN_PV;
		replay->platform_at = event->at;
	}
	if (!record)
		return;
	record->failed = event->u.multicall.failed;
	record->total = event->u.multicall.total;
	record->cpu = event->u.multicall.cpu;
	record->at = event->at;
	record->sequence = replay->sequence;
	record->phase = replay_last_step(replay, &record->phase_known);
	record->first_call = replay->calls.count;
}

void replay_multicall_entry(struct replay *replay, const struct event *event)
{
	struct call_record *call = PUSH(replay, calls, INCIDENTS_MAX);

	if (!call)
		return;
	*call = (struct call_record){ event->u.call.index, event->u.call.total, event->u.call.op,
		event->u.call.argument, event->u.call.result, event->at };
	if (replay->multicalls.count)
		replay->multicalls.items[replay->multicalls.count - 1].call_count++;
}

/* --- a memory dump ------------------------------------------------------- */

void replay_table_audited(struct replay *replay, const struct event *event)
{
	struct audit_record *audit = PUSH(replay, audits, INCIDENTS_MAX);

	if (!audit)
		return;
	*audit = (struct audit_record){
		.what = event->u.audit.what, .level = event->u.audit.level,
		.entry = event->u.audit.entry, .frame = event->u.audit.frame,
		.pfn = event->u.audit.pfn, .table_pfn = event->u.audit.table_pfn,
		.address = event->u.audit.address, .other = event->u.audit.other,
		.count = event->u.audit.count, .at = event->at,
		.path = arena_copy(replay->arena, event->u.audit.path),
	};
}

void replay_dump_walked(struct replay *replay, const struct event *event)
{
	replay->walked.done = true;
	replay->walked.pv = event->u.walked.pv;
	replay->walked.tables = event->u.walked.tables;
	replay->walked.entries = event->u.walked.entries;
	replay->walked.missing = event->u.walked.missing;
	replay->walked.more = event->u.walked.more;
	replay->walked.at = event->at;
	replay->evidence |= EVIDENCE_DUMP;
	if (event->u.walked.pv && replay->platform == PLATFORM_UNKNOWN) {
		replay->platform = PLATFORM_XEN_PV;
		replay->platform_at = event->at;
	}
}
