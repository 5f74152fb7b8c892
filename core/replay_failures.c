/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What went wrong, as the hypervisor and the kernel tell it. */
#include "core/replay_inside.h"

static bool said_by_release_builds(enum complaint what)
{
	return what == COMPLAINT_BUILDER_CONFLICT || what == COMPLAINT_OWNER ||
	       what == COMPLAINT_L1TF;
}

void replay_complained(struct replay *replay, const struct event *event)
{
	struct complaint_record *record;

	replay->complaint_count[event->u.complaint.what]++;
	if (!said_by_release_builds(event->u.complaint.what))
		replay->evidence |= EVIDENCE_XEN_SPEAKS | EVIDENCE_XEN;
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
	return at.line - fault->at.line <= FAULT_LINES ? fault : NULL;
}

static struct fault_record *new_fault(struct replay *replay, struct loc at)
{
	struct fault_record *fault = PUSH(replay, faults, INCIDENTS_MAX);

	replay->fault_open = fault != NULL;
	if (!fault)
		return NULL;
	fault->at = at;
	fault->address = UNKNOWN_NUMBER;
	fault->sequence = replay->sequence;
	fault->phase = replay_last_step(replay, &fault->phase_known);
	return fault;
}

void replay_faulted(struct replay *replay, const struct event *event)
{
	struct fault_record *fault = open_fault(replay, event->at);

	/* Xen tells one fault in two lines: the code, then the walk. */
	if (!fault || fault->address != UNKNOWN_NUMBER || event->u.fault.address == UNKNOWN_NUMBER ||
	    event->speaker != SPEAKER_XEN)
		fault = new_fault(replay, event->at);
	if (!fault)
		return;
	fault->address = event->u.fault.address;
	fault->null_told = event->u.fault.null;
}

void replay_domain_crashed(struct replay *replay, const struct event *event)
{
	if (!loc_known(replay->domain_crashed_at))
		replay->domain_crashed_at = event->at;
	/* The registers that follow are the guest's. */
	if (!open_fault(replay, event->at))
		new_fault(replay, event->at);
}

void replay_fault_detailed(struct replay *replay, const struct event *event)
{
	struct fault_record *fault = open_fault(replay, event->at);
	uint64_t number = event->u.detail.number;

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
		if (!fault->string_store) {
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
