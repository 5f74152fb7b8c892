/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A trace of page-table operations beside everything else: the type engine
 * judges each; what it or Xen refuses becomes what a talking hypervisor would
 * have printed, so that the rules about refusals judge both alike. */
#include "core/replay_mmu_inside.h"

static void judged(void *context, const struct mmu_queued *queued,
		   const struct mmu_judgement *judgement);

/* --- in ---------------------------------------------------------------------- */

/* Kernels of this kind map every frame writable, then make tables of some. Up to
 * 3.8 the pool's frames were mapped read-only instead (RULES 1.2).
 * Source: Linux arch/x86/mm/init.c, arch/x86/xen/mmu.c 3.9.6-6.1. */
static bool maps_all_writable(const struct replay *replay)
{
	return kernel_from(&replay->kernel, 3, 9, 0);
}

static struct mmu *begin_trace(struct replay *replay, struct loc at)
{
	replay->mmu = mmu_new(false);
	if (!replay->mmu) {
		arena_give_up(replay->arena);
		return NULL;
	}
	mmu_observe(replay->mmu, judged, replay, replay->mmu_watcher != NULL);
	replay->mmu_from_start = !replay->kernel.known;
	if (replay->kernel.known && !replay->kernel.by_oops && at.input == replay->first.input)
		replay->mmu_late = at;
	/* A trace of its own, or stamps that are all 0 as yet, do not tell which came first. */
	if (maps_all_writable(replay))
		mmu_set_maps_writable(replay->mmu);
	/* ... and what the log before it tells holds for a trace of the whole boot, too. */
	for (uint32_t i = 0; i < replay->mappings.count; i++)
		mmu_direct_map(replay->mmu, pfns_inside(replay->mappings.items[i].bytes));
	return replay->mmu;
}

void replay_mmu_op(struct replay *replay, const struct event *event)
{
	struct mmu *mmu = replay->mmu ? replay->mmu : begin_trace(replay, event->at);

	if (UNLIKELY(!mmu))
		return;
	replay->operations++;
	/* A hypercall on page tables, a store that Xen emulated; xen:* tracepoints, their
	 * kprobes and Xen's own trace: a PV guest's alone. */
	if (UNLIKELY(replay->platform == PLATFORM_UNKNOWN) &&
	    (event->u.mmu.partial || event->u.mmu.kind <= MMU_PTWR)) {
		replay->platform = PLATFORM_XEN_PV;
		replay->platform_at = event->at;
	}
	if (event->u.mmu.kind < MMU_TABLE_TAKEN)
		replay->evidence |= EVIDENCE_TRACE;
	replay->mmu_partial |= event->u.mmu.partial;
	if (UNLIKELY(event->u.mmu.kind == MMU_TABLE_DROPPED))
		trace_table_dropped(replay, event);
	mmu_queue(mmu, &event->u.mmu, &event->at, replay->sequence);
	if (UNLIKELY(replay->mmu_watcher != NULL))
		mmu_flush(mmu);
}

struct mmu_queue *replay_open_queue(struct replay *replay, const struct event *event)
{
	if (!(replay->evidence & EVIDENCE_TRACE) || replay->mmu_watcher || replay->dump.open ||
	    event->at.input != replay->first.input || replay->platform == PLATFORM_UNKNOWN)
		return NULL;
	replay_count_queued(replay);
	replay->queue_open = true;
	replay->queue_speaker = event->speaker;
	return mmu_queue_from(replay->mmu, replay->sequence);
}

/* What replay_apply() does for each event. */
void replay_count_queued(struct replay *replay)
{
	uint32_t count = replay->queue_open ? mmu_next_sequence(replay->mmu) - replay->sequence : 0;

	replay->queue_open = false;
	if (!count)
		return;
	replay->sequence += count;
	replay->operations += count;
	if (!replay_is_of_log(replay, mmu_last_at(replay->mmu)))
		return;
	replay->last = mmu_last_at(replay->mmu);
	if (replay->queue_speaker != SPEAKER_XEN)
		replay->last_kernel = replay->last;
}

void replay_mmu_kernel_started(struct replay *replay)
{
	if (replay->mmu && replay->mmu_from_start && maps_all_writable(replay))
		mmu_set_from_start(replay->mmu, true);
}

/* --- out --------------------------------------------------------------------- */

struct complaint_record *trace_complain(struct replay *replay, const struct mmu_queued *queued,
					enum complaint what)
{
	struct complaint_record *record = PUSH(replay, complaints, INCIDENTS_MAX);

	replay->complaint_count[what]++;
	if (!record)
		return NULL;
	*record = (struct complaint_record){
		.what = what,
		.mfn = UNKNOWN_NUMBER, .pfn = UNKNOWN_NUMBER, .entry = UNKNOWN_NUMBER,
		.l1e_owner = -1, .pg_owner = -1,
		.code = queued->op.verdict < 0 && queued->op.verdict != MMU_VERDICT_UNKNOWN
		      ? queued->op.verdict : 0,
		.domain = DOMAIN_NONE,
		.words = "",
		/* What the lost operations of a trace did may be the reason, too. */
		.certainty = mmu_gaps(replay->mmu) ? INFERRED : PROVED,
		.at = queued->at,
		.sequence = queued->sequence,
		.from_trace = true,
	};
	record->phase = replay_last_step(replay, &record->phase_known);
	return record;
}

void trace_name_frame(const struct replay *replay, struct complaint_record *record, uint64_t mfn)
{
	uint64_t pfn = mmu_pfn_of(replay->mmu, mfn);

	record->mfn = mfn;
	if (pfn != MMU_NO_FRAME)
		record->pfn = pfn;
}

static void add_word(struct trace_words *words, struct loc at, const char *says)
{
	if (words->note_count < TRACE_NOTES_MAX)
		words->notes[words->note_count++] = (struct trace_word){ at, says };
}

/* What part of the kernel's addresses it is.
 * Source: Linux Documentation/x86/x86_64/mm.rst, 4.19-6.1. */
static const char *va_class(uint64_t va)
{
	if (va < UINT64_C(0x800000000000))
		return "user";
	if (va >= UINT64_C(0xffffffffff000000))
		return "fixmap";
	if (va >= UINT64_C(0xffffffffc0000000))
		return "modules";
	if (va >= UINT64_C(0xffffffff80000000))
		return "kernel image";
	if (va >= UINT64_C(0xffffc90000000000) && va < UINT64_C(0xffffe90000000000))
		return "vmalloc";
	if (va >= UINT64_C(0xffff880000000000) && va < UINT64_C(0xffffc88000000000))
		return "direct map";
	return "kernel";
}

/* A table known by address alone is keyed by the guest-physical address where
 * direct map and image may share it. */
static const char *where_mapped(struct replay *replay, const struct mmu_mapping *m)
{
	uint64_t pfn = mmu_pfn_of(replay->mmu, mmu_entry_mfn(m->entry));
	unsigned long long va = m->va, table = m->table;

	if (m->table == MMU_NO_FRAME && !(m->va >> 46))
		return arena_printf(replay->arena, "in the direct map or the kernel image, at 0x%llx",
			va);
	if (m->table == MMU_NO_FRAME)
		return arena_printf(replay->arena, "at 0x%llx (%s)", va, va_class(m->va));
	if (!m->va)
		return arena_printf(replay->arena, "in slot 0x%x of the L1 table at mfn 0x%llx%s",
			m->slot, table, pfn != MMU_NO_FRAME && (pfn & 511) == m->slot ?
			": by its number the frame's place in the direct map" : "");
	return arena_printf(replay->arena, "at 0x%llx (%s), slot 0x%x of the L1 table at mfn 0x%llx",
		va, va_class(m->va), m->slot, table);
}

static void tell_mappings(struct replay *replay, struct trace_words *words, uint64_t mfn)
{
	struct mmu_mapping found[4];
	uint32_t count = mmu_mappings_of(replay->mmu, mfn, found, ARRAY_LEN(found));

	for (uint32_t i = 0; i < count && i < ARRAY_LEN(found); i++)
		add_word(words, found[i].at, arena_printf(replay->arena,
			"maps it writable %s", where_mapped(replay, &found[i])));
	if (count > ARRAY_LEN(found))
		add_word(words, found[0].at, arena_printf(replay->arena,
			"and %llu more writable mappings",
			(unsigned long long)(count - ARRAY_LEN(found))));
}

/* No operation told the mapping: the kernel's word on its direct map did. */
static void tell_direct_map(struct replay *replay, struct trace_words *words, uint64_t pfn)
{
	if (pfn == UNKNOWN_NUMBER)
		return;
	for (uint32_t i = 0; i < replay->mappings.count; i++) {
		const struct mapping_record *mapping = &replay->mappings.items[i];

		if (!pfn_range_holds(pfns_touched(mapping->bytes), to_pfn(pfn)))
			continue;
		add_word(words, mapping->at, "the kernel direct-maps the frame here, writable; no "
			"operation of the trace has made it read-only since");
		return;
	}
}

/* "P RW A D NX, mfn 0x1c002 (frame 0x5ffd)" */
static const char *decode(struct replay *replay, uint64_t entry)
{
	static const struct { uint8_t bit; const char *name; } bits[] = {
		{ 0, "P" }, { 1, "RW" }, { 2, "US" }, { 3, "PWT" }, { 4, "PCD" }, { 5, "A" },
		{ 6, "D" }, { 7, "PSE/PAT" }, { 8, "G" }, { 63, "NX" },
	};
	uint64_t pfn = mmu_pfn_of(replay->mmu, mmu_entry_mfn(entry));
	const char *words = "";

	if (entry == MMU_UNKNOWN_ENTRY)
		return "not told";
	if (!entry)
		return "empty";
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (entry >> bits[i].bit & 1)
			words = arena_printf(replay->arena, "%s%s ", words, bits[i].name);
	if (pfn == MMU_NO_FRAME)
		return arena_printf(replay->arena, "%smfn 0x%llx", words,
			(unsigned long long)mmu_entry_mfn(entry));
	return arena_printf(replay->arena, "%smfn 0x%llx (frame 0x%llx)", words,
		(unsigned long long)mmu_entry_mfn(entry), (unsigned long long)pfn);
}

static void tell_entry(struct replay *replay, struct trace_words *words,
		       const struct mmu_queued *queued, const struct mmu_judgement *j)
{
	if (j->level && j->table != MMU_NO_FRAME)
		add_word(words, queued->at, arena_printf(replay->arena,
			"slot 0x%x of the L%u table at mfn 0x%llx", j->slot, j->level,
			(unsigned long long)j->table));
	if (queued->op.kind != MMU_UPDATE && queued->op.kind != MMU_VA_MAPPING &&
	    queued->op.kind != MMU_PTWR && queued->op.kind != MMU_STORE)
		return;
	add_word(words, queued->at, arena_printf(replay->arena, "old entry: %s; new: %s",
		decode(replay, j->old_entry), decode(replay, queued->op.val)));
}

static struct trace_words *explain(struct replay *replay, const struct mmu_queued *queued,
				   const struct mmu_judgement *j)
{
	struct trace_words *words = ARENA_NEW(replay->arena, struct trace_words);

	words->saw = j->saw;
	words->wanted = j->wanted;
	words->saw_count = j->saw_count;
	words->saw_pinned = j->saw_pinned;
	if (j->remark == MMU_REMARK_CLAIMED_TWICE)
		add_word(words, j->other_at, "and here the other");
	if (j->breach == MMU_BREACH_TYPE && j->saw == MMU_WRITABLE) {
		tell_mappings(replay, words, j->culprit);
		if (!words->note_count)
			tell_direct_map(replay, words, mmu_pfn_of(replay->mmu, j->culprit));
	}
	trace_tell_drop(replay, queued, j->culprit, words);
	tell_entry(replay, words, queued, j);
	return words;
}

/* --- what a talking hypervisor would have said -------------------------------- */

static void reason(struct replay *replay, const struct mmu_queued *queued,
		   const struct mmu_judgement *j, const struct trace_words *words)
{
	struct complaint_record *record = NULL;

	switch (j->breach) {
	case MMU_BREACH_NONE: case MMU_BREACH_OWNER:
		return;
	case MMU_BREACH_TYPE:
		record = trace_complain(replay, queued, COMPLAINT_BAD_TYPE);
		break;
	case MMU_BREACH_ALREADY_PINNED:
		record = trace_complain(replay, queued, COMPLAINT_ALREADY_PINNED);
		break;
	case MMU_BREACH_NOT_PINNED:
		record = trace_complain(replay, queued, COMPLAINT_NOT_PINNED);
		break;
	case MMU_BREACH_SUPERPAGE:
		record = trace_complain(replay, queued, COMPLAINT_SUPERPAGE);
		if (record)
			trace_name_frame(replay, record, mmu_entry_mfn(j->entry));
		break;
	case MMU_BREACH_XEN_SLOT:
		record = trace_complain(replay, queued, COMPLAINT_XEN_SLOT);
		if (record)
			record->words = "L4";
		break;
	case MMU_BREACH_NO_L1:
		record = trace_complain(replay, queued, COMPLAINT_VA_WITHOUT_L1);
		if (record)
			record->entry = queued->op.ptr;
		break;
	case MMU_BREACH_SELF_MAP:
		record = trace_complain(replay, queued, COMPLAINT_SELF_MAP);
		if (record) {
			record->level = j->level;
			record->entry = j->entry;
		}
		break;
	case MMU_BREACH_NOT_TABLE:
		record = trace_complain(replay, queued, COMPLAINT_BAD_UPDATE);
		break;
	}
	if (!record)
		return;
	record->trace = words;
	/* That Xen refused is its own word; why is ours. */
	if (j->presumed)
		record->certainty = INFERRED;
	if (j->culprit != MMU_NO_FRAME)
		trace_name_frame(replay, record, j->culprit);
}

void trace_asked_for(struct replay *replay, const struct mmu_queued *queued)
{
	bool pin = queued->op.kind == MMU_PIN;
	struct complaint_record *record =
		trace_complain(replay, queued, pin ? COMPLAINT_PIN_FAILED : COMPLAINT_BASE_FAILED);

	if (!record)
		return;
	trace_name_frame(replay, record, queued->op.mfn.n);
	if (queued->op.kind == MMU_NEW_BASE)
		record->words = "new baseptr";
}

static void outer(struct replay *replay, const struct mmu_queued *queued,
		  const struct mmu_judgement *j)
{
	struct complaint_record *record;

	if (j->breach == MMU_BREACH_TYPE && j->has_entry && j->level == 1) {
		record = trace_complain(replay, queued, COMPLAINT_GET_FAILED);
		if (record) {
			trace_name_frame(replay, record, mmu_entry_mfn(j->entry));
			record->entry = j->entry;
		}
	}
	if (queued->op.kind != MMU_PIN && queued->op.kind != MMU_NEW_BASE &&
	    queued->op.kind != MMU_NEW_USER_BASE)
		return;
	if (j->has_entry) {
		record = trace_complain(replay, queued, COMPLAINT_TABLE_FAILED);
		if (record) {
			record->level = j->level;
			record->entry = j->slot;
		}
	}
	if (j->breach != MMU_BREACH_ALREADY_PINNED)
		trace_asked_for(replay, queued);
}

/* Lines between the hypervisor's word on a call and the trace's. */
#define ECHO_LINES 8u

static uint32_t apart(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

/* The console is another file than the trace, or stands before it. In order of time the two
 * words are near; otherwise only the page tells. */
static bool told_elsewhere(struct replay *replay, const struct mmu_queued *queued,
			   const struct mmu_judgement *j, const struct trace_words *words)
{
	bool told = false;

	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		struct complaint_record *record = &replay->complaints.items[i];
		bool same = record->mfn != UNKNOWN_NUMBER &&
			    (record->mfn == queued->op.mfn.n || record->mfn == j->culprit);

		if (record->from_trace || loc_same_course(record->at, queued->at, replay->mmu_late) ||
		    !(replay->in_order ? apart(record->sequence, queued->sequence) <= ECHO_LINES : same))
			continue;
		told = true;
		if (record->mfn == j->culprit && record->what == COMPLAINT_BAD_TYPE)
			record->trace = words;
	}
	return told;
}

/* Has the console told the same refusal? The call's own line is printed after. */
static bool told_by_console(struct replay *replay, const struct mmu_queued *queued,
			    const struct mmu_judgement *j, const struct trace_words *words)
{
	bool told = false;

	for (uint32_t i = replay->complaints.count; i-- > 0;) {
		struct complaint_record *record = &replay->complaints.items[i];

		if (record->at.line > queued->at.line + ECHO_LINES)
			continue;
		if (record->from_trace || record->at.input != queued->at.input ||
		    record->at.line + ECHO_LINES < queued->at.line)
			break;
		told = true;
		if (record->mfn == j->culprit && record->what == COMPLAINT_BAD_TYPE)
			record->trace = words;
	}
	return told || told_elsewhere(replay, queued, j, words);
}

static void refused(struct replay *replay, const struct mmu_queued *queued,
		    const struct mmu_judgement *j)
{
	const struct trace_words *words = explain(replay, queued, j);
	uint32_t told = replay->complaints.count + replay->complaints.lost;

	if (told_by_console(replay, queued, j, words))
		return;
	if (j->breach == MMU_BREACH_NONE || j->breach == MMU_BREACH_OWNER) {
		trace_unexplained(replay, queued, j, words);
	} else {
		reason(replay, queued, j, words);
		outer(replay, queued, j);
	}
	/* What is legal to be refused is not told. */
	replay->refused_traced += replay->complaints.count + replay->complaints.lost > told;
}

/* Operations that may follow a refusal before the kernel notices: a batch. */
#define FOLLOWERS_MAX 40u

/* ... when the replay rests on operations whose answers were not told. */
#define FOLLOWERS_PRESUMED_MAX 2u

static uint64_t followers(const struct replay *replay)
{
	return mmu_counts(replay->mmu)->operations - replay->mmu_pending_at;
}

/* A kernel that went on to operations which were lost did not die of this one. */
static bool is_pending(const struct replay *replay)
{
	return replay->mmu_pending.open && replay->mmu_pending.gaps == mmu_gaps(replay->mmu);
}

/* The trace has ended. What rests on operations whose answers were not told is
 * worth a word only when the boot died right then. */
static void close_pending(struct replay *replay)
{
	bool presumed = replay->mmu_pending.judgement.presumed;
	bool pending = is_pending(replay);

	replay->mmu_pending.open = false;
	if (!pending)
		return;
	if (presumed ? followers(replay) <= FOLLOWERS_PRESUMED_MAX && replay_crashed(replay)
		     : followers(replay) <= FOLLOWERS_MAX)
		refused(replay, &replay->mmu_pending.queued, &replay->mmu_pending.judgement);
}

static void judged(void *context, const struct mmu_queued *queued,
		   const struct mmu_judgement *j)
{
	struct replay *replay = context;

	if (replay->mmu_watcher)
		replay->mmu_watcher(replay->mmu_watcher_context, queued, j);
	if (j->remark != MMU_REMARK_NONE && j->answer != MMU_REFUSE &&
	    (queued->op.verdict >= 0 || queued->op.verdict == MMU_VERDICT_UNKNOWN))
		trace_remark(replay, queued, j, explain(replay, queued, j));
	if (queued->op.verdict != MMU_VERDICT_UNKNOWN) {
		if (queued->op.verdict < 0)
			refused(replay, queued, j);
		return;
	}
	/* Xen's answer is not told. A kernel does not go on for long after a
	 * refusal: what follows decides. */
	if (j->answer != MMU_REFUSE ||
	    (is_pending(replay) && !replay->mmu_pending.judgement.presumed &&
	     followers(replay) <= FOLLOWERS_MAX))
		return;
	replay->mmu_pending.queued = *queued;
	replay->mmu_pending.judgement = *j;
	replay->mmu_pending.open = true;
	replay->mmu_pending.gaps = mmu_gaps(replay->mmu);
	replay->mmu_pending_at = mmu_counts(replay->mmu)->operations;
}

void replay_settle(struct replay *replay)
{
	if (!replay->mmu)
		return;
	replay_count_queued(replay);
	mmu_flush(replay->mmu);
	if (mmu_no_memory(replay->mmu))
		arena_give_up(replay->arena);
}

static bool is_half(uint64_t part, uint64_t whole)
{
	return whole && part >= whole - part;
}

/* A trace of which little can be judged shows no operation of a kind to be in order; nor
 * does one that misses stores, of which nothing can be said to be refused. */
static uint32_t what_was_decided(const struct replay *replay)
{
	const struct mmu_counts *counts = mmu_counts(replay->mmu);
	uint64_t answered = counts->operations - counts->unanswered;
	uint64_t compared = counts->agreed + counts->disagreed;
	uint64_t decided = compared + counts->unanswered - mmu_doubts(counts->untold_unsure);

	if (replay->mmu_partial)
		return 0;
	return (is_half(compared, answered) ? EVIDENCE_ANSWERS : 0) |
	       (is_half(decided - counts->pins_decided, counts->operations - counts->pins)
		? EVIDENCE_ENTRIES : 0) |
	       (is_half(counts->pins_decided, counts->pins) ? EVIDENCE_PINS : 0);
}

void replay_mmu_finish(struct replay *replay)
{
	if (!replay->mmu)
		return;
	replay_settle(replay);
	replay->evidence |= what_was_decided(replay);
	if (replay->mmu_pending.open)
		close_pending(replay);
}

/* Its first operations come before the banner: a trace that shows them behind it has been
 * put behind the log. */
struct loc replay_trace_behind(const struct replay *replay)
{
	return replay->mmu && mmu_shows_start(replay->mmu) ? replay->mmu_late : LOC_NONE;
}

/* --- questions ------------------------------------------------------------------- */

/* Frames looked at for one range: more than an initrd has. */
#define TRACED_FRAMES_MAX 262144u

bool replay_traced_table(const struct replay *replay, struct pfn_range frames, pfn_t *pfn,
			 enum mmu_type *type)
{
	uint64_t left = TRACED_FRAMES_MAX;

	for (*pfn = frames.start; replay->mmu && pfn->n < frames.end.n && left; pfn->n++, left--) {
		uint64_t mfn = mmu_mfn_of(replay->mmu, pfn->n);
		struct mmu_state state;

		if (mfn == MMU_NO_FRAME || !mmu_state_of(replay->mmu, mfn, &state) ||
		    state.presumed || state.type < MMU_L1 || state.type > MMU_L4)
			continue;
		*type = state.type;
		return true;
	}
	return false;
}

bool replay_traced_read_only(const struct replay *replay, pfn_t frame, struct loc *at)
{
	uint64_t mfn = replay->mmu ? mmu_mfn_of(replay->mmu, frame.n) : MMU_NO_FRAME;
	struct mmu_mapping found;

	if (mfn == MMU_NO_FRAME || mmu_mappings_of(replay->mmu, mfn, &found, 1) ||
	    !mmu_read_only_of(replay->mmu, mfn, &found, 1) || found.stale || !loc_known(found.at))
		return false;
	*at = found.at;
	return true;
}
