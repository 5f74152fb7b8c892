/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A batch of hypercalls failed in part.
 *
 *    1 of 2 multicall(s) failed: cpu 0
 *      call  2: op=26 arg=[..] result=-22      the others went through
 *
 * From 3.1 to 4.19 the kernel prints the WARN of xen_mc_flush() alone. */
#include "core/complaints.h"

const struct rule rule_partial_batch;

#define OP_MMU_UPDATE 1u
#define OP_UPDATE_VA_MAPPING 14u
#define OP_MMUEXT 26u
#define POISON_32 UINT64_C(0xaaaaaaaa)

enum batch { BATCH_TABLES, BATCH_POISON, BATCH_OTHER, BATCH_UNTOLD, BATCH_COUNT };

/* The kernel's half of the address space: what a user process unmaps concerns
 * its own tables only. Only op 14 tells an address. */
static bool concerns_kernel(const struct call_record *call)
{
	if (call->op != OP_UPDATE_VA_MAPPING || call->argument == UNKNOWN_NUMBER)
		return true;
	return call->argument >= 0xc0000000 &&
	       (call->argument <= UINT32_MAX || call->argument >> 63);
}

static enum batch kind_of(const struct call_record *call)
{
	switch (call->op) {
	case OP_MMU_UPDATE:
	case OP_UPDATE_VA_MAPPING:
	case OP_MMUEXT:
		return concerns_kernel(call) ? BATCH_TABLES : BATCH_OTHER;
	case POISON_32:
		return BATCH_POISON;
	default:
		return BATCH_OTHER;
	}
}

/* The first failed call of the batch that was printed; NULL when none was. */
static const struct call_record *failed_call(const struct replay *replay,
					     const struct multicall_record *batch)
{
	const struct call_record *first = NULL;

	for (uint32_t i = 0; i < batch->call_count; i++) {
		const struct call_record *call = &replay->calls.items[batch->first_call + i];

		if (!batch_call_failed(call))
			continue;
		if (kind_of(call) == BATCH_TABLES)
			return call;
		if (!first)
			first = call;
	}
	return first;
}

static const char *op_words(uint32_t op)
{
	static const struct { uint32_t op; const char *words; } names[] = {
		{ 1, "mmu_update (page-table entries)" }, { 2, "set_gdt" },
		{ 3, "stack_switch" }, { 5, "fpu_taskswitch" }, { 10, "update_descriptor" },
		{ 12, "memory_op" }, { 14, "update_va_mapping (one page's entry)" },
		{ 20, "grant_table_op" }, { 24, "vcpu_op" },
		{ 26, "mmuext_op (pin, unpin, base or TLB)" }, { 29, "sched_op" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].op == op)
			return names[i].words;
	return "another hypercall";
}

/* --- what came of it ------------------------------------------------------ */

static bool is_batch_warning(const struct bug_record *bug)
{
	return bug->warning && text_contains(text_of(bug->file), TEXT("xen/multicalls.c"));
}

static struct loc crashed_after(const struct replay *replay, struct loc from)
{
	struct loc at = replay->domain_crashed_at;

	return at.input == from.input && at.offset > from.offset ? at : LOC_NONE;
}

/* The first sign of trouble after it: a WARN of anybody else, a BUG, an oops,
 * a panic, the end by Xen. The batch's own WARN is none. */
static struct loc trouble_after(const struct replay *replay, uint32_t sequence, struct loc from)
{
	struct loc at = LOC_NONE;

	for (uint32_t i = 0; i < replay->bugs.count && !loc_known(at); i++)
		if (replay->bugs.items[i].sequence > sequence &&
		    !is_batch_warning(&replay->bugs.items[i]))
			at = replay->bugs.items[i].at;
	for (uint32_t i = 0; i < replay->faults.count; i++) {
		const struct fault_record *fault = &replay->faults.items[i];

		if (fault->sequence > sequence && fault->has_code &&
		    (!loc_known(at) || fault->at.offset < at.offset))
			at = fault->at;
	}
	for (uint32_t i = 0; i < replay->panics.count && !loc_known(at); i++)
		if (replay->panics.items[i].sequence > sequence)
			at = replay->panics.items[i].at;
	return loc_known(at) ? at : crashed_after(replay, from);
}

/* --- findings --------------------------------------------------------------- */

struct batches {
	const struct multicall_record *first;
	uint32_t times;
};

static void note_call(const struct call_record *call, struct finding *f, struct report *report)
{
	const char *word = errno_word(call->result);
	struct note *note = finding_note(report, f, call->at, NULL);

	note_caret(report, note, report_text(report, "op=%u", call->op), "%s", op_words(call->op));
	note_caret(report, note, report_text(report, "result=%lld", (long long)call->result), "%s",
		*word ? word : "refused");
}

static void judge_tables(const struct replay *replay, const struct multicall_record *batch,
			 struct finding *f, struct report *report)
{
	struct loc trouble = trouble_after(replay, batch->sequence, batch->at);

	if (!loc_known(trouble))
		return;
	f->severity = SEV_ERROR;
	finding_note(report, f, trouble, "and then: the first trouble after it");
}

static const char *how_many(const struct multicall_record *batch, struct report *report)
{
	if (!batch->total)
		return report_text(report, "%u hypercall%s", batch->failed,
			batch->failed == 1 ? "" : "s");
	return report_text(report, "%u of the %u hypercall%s", batch->failed, batch->total,
		batch->total == 1 ? "" : "s");
}

static void tell(const struct replay *replay, const struct batches *batches, enum batch kind,
		 struct report *report)
{
	static const char *const words[BATCH_COUNT] = { "tables", "poison", "other", "untold" };
	const struct multicall_record *batch = batches->first;
	const struct call_record *call = failed_call(replay, batch);
	struct finding *f = finding_new(report, &rule_partial_batch, batch->at);

	if (f->more)
		return;
	finding_message(report, f, "Xen refused %s of a batch%s%s", how_many(batch, report),
		kind == BATCH_UNTOLD ? "" : ": ",
		kind == BATCH_UNTOLD ? "" : kind == BATCH_POISON
		? "it had been sent before, and holds 0xaa only" : op_words(call->op));
	if (call)
		note_call(call, f, report);
	if (kind == BATCH_TABLES)
		judge_tables(replay, batch, f, report);
	if (kind == BATCH_POISON) {
		f->why = "the debug build of the kernel fills a batch with 0xaa once it is sent; this "
			 "one was sent a second time, so an interrupt or another caller came between";
		f->fix = "look for a flush of the batch with interrupts on: the calls of a CPU share "
			 "one buffer";
	}
	f->facts = report_text(report, "%s op %u result %lld", words[kind],
		call ? call->op : 0, call ? (long long)call->result : 0);
	f->more = batches->times - 1;
}

/* Kernels that print nothing but the WARN. */
static void tell_warning(const struct bug_record *bug, uint32_t times, struct report *report)
{
	struct finding *f = finding_new(report, &rule_partial_batch, bug->at);

	if (f->more)
		return;
	finding_message(report, f, "Xen refused part of a batch of hypercalls; this kernel does not "
		"say which");
	finding_note(report, f, bug->at, "xen_mc_flush() warns when a call of the batch failed");
	f->facts = "warning alone";
	f->more = times - 1;
}

static void warnings_alone(const struct replay *replay, struct report *report)
{
	const struct bug_record *first = NULL;
	uint32_t times = 0;

	for (uint32_t i = 0; i < replay->bugs.count; i++) {
		if (!is_batch_warning(&replay->bugs.items[i]))
			continue;
		if (!times++)
			first = &replay->bugs.items[i];
	}
	if (first)
		tell_warning(first, times, report);
}

/* Xen's answers in a trace: refused, and nothing in the trace says why. */
static void tell_traced(const struct replay *replay, const struct alike *alike,
			struct report *report)
{
	const struct refusal *r = &alike->first;
	struct finding *f = refusal_finding(replay, &rule_partial_batch, r, report);
	struct loc trouble = trouble_after(replay, r->first->sequence, r->first->at);
	const char *word = errno_word(r->first->code);

	if (!f)
		return;
	finding_message(report, f, alike->times > 1
		? "Xen refused %u page-table operations of the trace, and the trace does not tell why"
		: "Xen refused a page-table operation of the trace, and the trace does not tell why",
		alike->times);
	finding_note(report, f, r->first->at, "Xen's answer: %lld%s%s%s", (long long)r->first->code,
		*word ? " (" : "", word, *word ? ")" : "");
	if (refusal_is_malformed(r))
		finding_note(report, f, r->first->at, "0x%llx is no entry that a kernel makes, but one "
			"or two such are no sign of data in a table",
			(unsigned long long)r->entry->entry);
	if (loc_known(trouble)) {
		f->severity = SEV_ERROR;
		finding_note(report, f, trouble, "and then: the first trouble after it");
	}
	f->why = "the replay finds nothing wrong with it, or does not know the page: what decided "
		 "lies outside of the trace (an earlier operation, a plain store, another domain). "
		 "The kernel may take the entry for set";
	f->fix = "trace from the boot's first operation on; or boot a debug build of Xen with "
		 "guest_loglvl=all, which prints the reason";
	f->unexplained = true;
	f->facts = report_text(report, "traced %lld", (long long)r->first->code);
}

/* Has the console told the refusal? Of a trace that was put before its log it did so behind
 * the banner; any other it told when it came. */
static bool told_by_log(const struct replay *replay, const struct complaint_record *refused)
{
	struct loc banner = replay->kernel.at;

	if (!replay->kernel.known || replay->kernel.by_oops || refused->mfn == UNKNOWN_NUMBER ||
	    refused->at.input != banner.input || refused->at.offset > banner.offset)
		return false;
	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		const struct complaint_record *told = &replay->complaints.items[i];

		if (!told->from_trace && told->mfn == refused->mfn &&
		    told->at.input == banner.input && told->at.offset > banner.offset)
			return true;
	}
	return false;
}

static void traced(const struct replay *replay, struct report *report)
{
	struct alike alike = { .times = 0 };
	struct refusal refusal;
	uint32_t i = 0, entries;
	bool live_table, data = tables_hold_data(replay, &entries, &live_table);

	/* Entries that no kernel makes are PGT041's when there are enough of them. */
	while (refusal_next(replay, &i, &refusal))
		if ((refusal.first->what == COMPLAINT_UNEXPLAINED &&
		     !told_by_log(replay, refusal.first)) ||
		    (refusal.first->from_trace && !data && refusal_is_malformed(&refusal) &&
		     !report_has_at(report, refusal.first->at)))
			alike_add(&alike, &refusal, refusal.first->sequence);
	if (alike.times)
		tell_traced(replay, &alike, report);
}

static void at_end(const struct replay *replay, void *state, struct report *report)
{
	struct batches batches[BATCH_COUNT] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < replay->multicalls.count; i++) {
		const struct multicall_record *batch = &replay->multicalls.items[i];
		const struct call_record *call = failed_call(replay, batch);
		enum batch kind = call ? kind_of(call) : BATCH_UNTOLD;

		if (!batches[kind].times++)
			batches[kind].first = batch;
	}
	for (int kind = 0; kind < BATCH_COUNT; kind++)
		if (batches[kind].times)
			tell(replay, &batches[kind], (enum batch)kind, report);
	if (!replay->multicalls.count)
		warnings_alone(replay, report);
	traced(replay, report);
}

const struct rule rule_partial_batch = {
	.id = "PGT038",
	.name = "partial-batch",
	.severity = SEV_WARNING,
	.scope = SCOPE_PV,
	.title = "The hypervisor refused hypercalls of a batch, or updates of a trace, unexplained",
	.why = "the calls of a batch are done one by one, and the rest goes on when one is refused: "
	       "the kernel takes tables for pinned or entries for set that are not. A release "
	       "build of Xen keeps silent about why",
	.fix = "find the first refusal: run under a debug build of Xen with guest_loglvl=all, and "
	       "boot the kernel with xen_mc_debug (in 6.12) to see every call of the batch",
	.source = "Linux arch/x86/xen/multicalls.c xen_mc_flush(), 2.6.23-6.12; "
		  "Xen xen/common/multicall.c",
	.needs = "the kernel's log; it prints the calls up to 2.6.39 and from 4.20 on, in between "
		 "only a WARN of xen_mc_flush(). Or a trace with Xen's answers: what it refused, and "
		 "no other rule explains",
	.bad = "1 of 2 multicall(s) failed: cpu 0\n"
	       "  call  2: op=26 arg=[ffff88801e81ead0] result=-22",
	.good = "WARNING: CPU: 0 PID: 93 at mm/vmalloc.c:541 "
		"vmap_small_pages_range_noflush+0x578/0x680\n"
		"RIP: e030:vmap_small_pages_range_noflush+0x578/0x680\n"
		"(a warning, but not from xen_mc_flush(): no batch has failed)",
	.roots = "PGT001 PGT020 PGT021 PGT022 PGT023 PGT024 PGT025 PGT026 PGT027 PGT029 PGT030 "
		 "PGT031 PGT033 PGT036 PGT037",
	.needs_any = { EVIDENCE_KERNEL, EVIDENCE_ANSWERS },
	/* A kernel that prints no failed batch has set its tables up in silence:
	 * that is no proof. */
	.page_table_evidence = false,
	.at_end = at_end,
};
