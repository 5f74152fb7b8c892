/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/complaints.h"

#define BIT64(n) (UINT64_C(1) << (n))

/* --- which lines belong together ------------------------------------------ */

/* Kernel lines may stand between two lines of one refusal (another CPU, a mail
 * client that wrapped them), but not many. */
#define GAP_LINES 6u

/* With its own console in the log, dom0 is not to blame for what another
 * domain's calls met. An excerpt names one domain only: the one it is about. */
static bool is_ours(const struct replay *replay, const struct complaint_record *c)
{
	if (c->domain == DOMAIN_NONE)
		return true;
	if (replay->domain != DOMAIN_NONE)
		return c->domain == replay->domain;
	return c->domain == 0 || !(replay->evidence & EVIDENCE_LAYOUT);
}

static bool is_near(const struct complaint_record *before, const struct complaint_record *c)
{
	return before->domain == c->domain && before->at.input == c->at.input &&
	       c->at.line - before->at.line <= GAP_LINES;
}

/* Reasons that name no frame of the pin's and stand right before it. */
static bool is_reason_right_before(const struct complaint_record *reason,
				   const struct complaint_record *c)
{
	switch (reason->what) {
	case COMPLAINT_PAE_L3: case COMPLAINT_BAD_FLAGS: case COMPLAINT_MMIO:
	case COMPLAINT_SUPERPAGE: case COMPLAINT_COUNT_OVERFLOW:
		return c->at.line - reason->at.line <= 2;
	default:
		return false;
	}
}

/* A pin or a base fails because of its own frame, or of a table below it that
 * could not be validated. */
static bool asked_for(const struct refusal *r, const struct complaint_record *c)
{
	if (r->pin || r->base || r->store)
		return false;
	if (is_reason_right_before(r->first, c))
		return true;
	return r->validating || r->table || (r->bad_type && r->bad_type->mfn == c->mfn) ||
	       (r->owner && r->owner->mfn == c->mfn) || (r->no_ref && r->no_ref->mfn == c->mfn);
}

static bool concerns_entry(const struct refusal *r, const struct complaint_record *c)
{
	if (r->entry || r->table || r->validating)
		return false;
	if (r->bad_type)
		return r->bad_type->mfn == c->mfn;
	return !r->owner || r->owner->mfn == c->mfn;
}

static bool set_once(const struct complaint_record **slot, const struct complaint_record *c)
{
	if (*slot)
		return false;
	*slot = c;
	return true;
}

/* Does the line continue the refusal? Innermost first, so whatever begins with
 * a reason begins another one. */
static bool continues(struct refusal *r, const struct complaint_record *c)
{
	if (r->pin || r->base || r->store)
		return false;
	switch (c->what) {
	case COMPLAINT_GET_TYPE_FAILED:
		return !r->entry && r->bad_type;
	case COMPLAINT_GET_FAILED:
		return concerns_entry(r, c) && set_once(&r->entry, c);
	case COMPLAINT_GET_REF_FAILED:
		return r->owner && set_once(&r->no_ref, c);
	case COMPLAINT_LINEAR_RW:
	case COMPLAINT_LINEAR_OFF:
		return set_once(&r->linear, c);
	case COMPLAINT_TABLE_FAILED:
		r->table = c;
		return true;
	case COMPLAINT_VALIDATION_FAILED:
		if (!r->validating)
			r->validating = c;
		return true;
	case COMPLAINT_PIN_FAILED:
		return asked_for(r, c) && set_once(&r->pin, c);
	case COMPLAINT_BASE_FAILED:
		return asked_for(r, c) && set_once(&r->base, c);
	case COMPLAINT_PTWR_BAD:
		return r->entry && set_once(&r->store, c);
	case COMPLAINT_PTWR_FIXED:
		r->put_right = r->entry && r->entry->entry == c->entry;
		return r->put_right;
	default:
		return false;
	}
}

/* What the replay of a trace found, in the words of a console. */
static struct type_info type_of_trace(enum mmu_type type, uint32_t count, bool pinned)
{
	static const enum type_kind kinds[] = {
		[MMU_NOTHING] = TYPE_NONE, [MMU_L1] = TYPE_L1, [MMU_L2] = TYPE_L2,
		[MMU_L3] = TYPE_L3, [MMU_L4] = TYPE_L4, [MMU_WRITABLE] = TYPE_WRITABLE,
		[MMU_SEGDESC] = TYPE_SEGDESC,
	};

	return (struct type_info){ .kind = kinds[type], .pinned = pinned, .validated = true,
				   .count = count, .layout = LAYOUT_XEN_4_10 };
}

static void begin(const struct replay *replay, const struct complaint_record *c,
		  struct refusal *r)
{
	*r = (struct refusal){ .first = c };
	switch (c->what) {
	case COMPLAINT_BAD_TYPE: {
		if (c->from_trace) {
			r->bad_type = c;
			r->saw = type_of_trace(c->trace->saw, c->trace->saw_count,
					       c->trace->saw_pinned);
			r->expected = type_of_trace(c->trace->wanted, 0, false);
			break;
		}
		enum type_layout layout = type_layout_of(c->saw, c->expected, &replay->xen);

		r->bad_type = c;
		r->saw = type_decode(c->saw, layout);
		r->expected = type_decode(c->expected, layout);
		break;
	}
	case COMPLAINT_OWNER: r->owner = c; break;
	case COMPLAINT_GET_REF_FAILED: r->no_ref = c; break;
	case COMPLAINT_GET_FAILED: r->entry = c; break;
	case COMPLAINT_LINEAR_RW: case COMPLAINT_LINEAR_OFF: r->linear = c; break;
	case COMPLAINT_TABLE_FAILED: r->table = c; break;
	case COMPLAINT_VALIDATION_FAILED: r->validating = c; break;
	case COMPLAINT_PIN_FAILED: r->pin = c; break;
	case COMPLAINT_BASE_FAILED: r->base = c; break;
	case COMPLAINT_PTWR_BAD: r->store = c; break;
	case COMPLAINT_PTWR_FIXED: r->put_right = true; break;
	default: break;
	}
}

bool refusal_next(const struct replay *replay, uint32_t *index, struct refusal *refusal)
{
	const struct complaint_record *last;
	uint32_t i = *index;

	while (i < replay->complaints.count && !is_ours(replay, &replay->complaints.items[i]))
		i++;
	*index = i;
	if (i == replay->complaints.count)
		return false;
	last = &replay->complaints.items[i++];
	begin(replay, last, refusal);
	for (; i < replay->complaints.count; i++) {
		const struct complaint_record *c = &replay->complaints.items[i];

		if (!is_near(last, c) || !continues(refusal, c))
			break;
		last = c;
	}
	*index = i;
	return true;
}

/* --- whose page, whose call ------------------------------------------------ */

bool refusal_by_toolstack(const struct refusal *refusal)
{
	const struct complaint_record *c = refusal->entry;

	if (!c || c->pg_owner < 0 || c->pg_owner == DOMAIN_IO)
		return false;
	/* Up to 3.4 only the page's owner is told: "for dom1". */
	if (c->l1e_owner >= 0)
		return c->l1e_owner != c->pg_owner;
	return c->domain != DOMAIN_NONE && c->pg_owner != c->domain;
}

bool refusal_maybe_toolstack(const struct replay *replay, const struct complaint_record *c)
{
	bool dom0 = c->domain == 0 || (c->domain == DOMAIN_NONE && replay->domain == 0);

	return dom0 && c->l1e_owner < 0 && replay->steps[STEP_USERSPACE].reached &&
	       replay->steps[STEP_USERSPACE].sequence < c->sequence;
}

bool refusal_of_writable_table(const struct refusal *refusal)
{
	return refusal->saw.kind == TYPE_WRITABLE && refusal->saw.count &&
	       type_is_table(refusal->expected.kind);
}

bool refusal_of_table_writable(const struct refusal *refusal)
{
	return type_is_table(refusal->saw.kind) && refusal->expected.kind == TYPE_WRITABLE &&
	       !refusal->put_right && !refusal_by_toolstack(refusal);
}

/* --- homes and hand-overs --------------------------------------------------- */

enum early_home early_home_of(const struct replay *replay, const struct complaint_record *c,
			      const struct pool **pool)
{
	*pool = NULL;
	if (c->phase_known && c->phase >= STEP_ZONES && c->phase != STEP_XEN_BUILDS_DOM0 &&
	    c->phase != STEP_XEN_DONE)
		return HOME_NONE;   /* long after the pools: PGT020 */
	if (c->pfn < PFN_LIMIT) {
		*pool = replay_pool_of(replay, to_pfn(c->pfn));
		if (*pool)
			return HOME_POOL;
		if (range_map_at(&replay->tables, c->pfn << FRAME_SHIFT))
			return HOME_TABLE;
	}
	/* The first mapping pass: Xen has built dom0 or the kernel has said that
	 * it starts, and the kernel's own console never came up. */
	if (!replay->kernel.known && !(replay->evidence & (EVIDENCE_MAP | EVIDENCE_POOL)) &&
	    replay->platform == PLATFORM_XEN_PV && c->pfn < PFN_LIMIT)
		return HOME_EARLY;
	return HOME_NONE;
}

bool pool_at_risk(const struct replay *replay, const struct pool *pool)
{
	return replay_pool_guard(replay) == GUARD_TO_END && replay_is_pv(replay) &&
	       pool->kind == POOL_BUFFER && !pool->rw_line_seen &&
	       replay_map_reaches_pool(replay, pool);
}

bool replay_pool_at_risk(const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->pools.count; i++)
		if (pool_at_risk(replay, &replay->pools.items[i]))
			return true;
	return false;
}

const struct bug_record *refused_pin_bug(const struct replay *replay)
{
	if (!(replay->evidence & EVIDENCE_PV_BUG) || (replay->evidence & EVIDENCE_XEN_SPEAKS) ||
	    replay_is_not_pv(replay))
		return NULL;
	for (uint32_t i = 0; i < replay->bugs.count; i++) {
		const struct bug_record *bug = &replay->bugs.items[i];

		if (!bug->warning && strstr(bug->file, "xen/mmu") &&
		    (!*bug->function || !strcmp(bug->function, "pin_pagetable_pfn") ||
		     strstr(bug->function, "xen_alloc_p")))
			return bug;
	}
	return NULL;
}

static bool released_before(const struct replay *replay, const struct complaint_record *c,
			    struct hand_over *how)
{
	for (uint32_t i = 0; i < replay->releases.count; i++) {
		const struct release_record *release = &replay->releases.items[i];

		if (release->sequence > c->sequence ||
		    !pfn_range_holds(pfns_touched(release->bytes), to_pfn(c->pfn)))
			continue;
		*how = (struct hand_over){ release->at, "its reservation was dropped here", PROVED };
		return true;
	}
	return false;
}

static bool pooled_twice(const struct replay *replay, const struct complaint_record *c,
			 struct hand_over *how)
{
	const struct pool *earlier = NULL;

	for (uint32_t i = 0; i < replay->pools.count; i++) {
		const struct pool *pool = &replay->pools.items[i];

		if (!pfn_range_holds(pool->plan, to_pfn(c->pfn)) || pool->sequence > c->sequence)
			continue;
		if (earlier) {
			*how = (struct hand_over){ pool->planned_at,
				"a second page-table pool was laid over it", PROVED };
			return true;
		}
		earlier = pool;
	}
	return false;
}

/* "Freeing unused kernel memory": with addresses up to 4.9, else the image. */
static bool freed_before(const struct replay *replay, const struct complaint_record *c,
			 struct hand_over *how)
{
	const struct area_record *kernel = replay_area(replay, AREA_KERNEL);
	paddr_t address = { c->pfn << FRAME_SHIFT };

	for (uint32_t i = 0; i < replay->freed.count; i++) {
		const struct freed_record *freed = &replay->freed.items[i];
		enum certainty certainty = INFERRED;
		struct paddr_range bytes = { { 0 }, { 0 } };

		if (freed->sequence > c->sequence)
			continue;
		if (!vaddr_range_empty(freed->where) &&
		    replay_direct_map(replay, freed->where.start.n, &bytes.start, &certainty))
			bytes.end.n = bytes.start.n + vaddr_range_size(freed->where);
		else if (freed->what == FREED_INIT && kernel)
			bytes = kernel->bytes;
		if (!paddr_range_holds(bytes, address))
			continue;
		*how = (struct hand_over){ freed->at, "this memory was given to the page allocator",
					   certainty };
		return true;
	}
	return false;
}

/* Xen sets the user bit in every entry of a 64-bit guest and keeps "this one is
 * the kernel's" in bit 52. An entry with the user bit alone is a process's.
 * Source: Xen adjust_guest_l1e(), _PAGE_GUEST_KERNEL, 3.2 to 4.20. */
static bool is_user_entry(uint64_t entry)
{
	return entry != UNKNOWN_NUMBER && (entry & 1) && (entry & 4) && !(entry & BIT64(52));
}

bool refusal_after_hand_over(const struct replay *replay, const struct refusal *refusal,
			     struct hand_over *how)
{
	const struct complaint_record *c = refusal->bad_type;

	if (!c)
		return false;
	if (c->trace && c->trace->dropped) {
		*how = (struct hand_over){ c->trace->dropped_at,
			"the kernel let go of the table here, and did not unpin it", PROVED };
		return true;
	}
	if (c->pfn < PFN_LIMIT && (released_before(replay, c, how) ||
				   pooled_twice(replay, c, how) || freed_before(replay, c, how)))
		return true;
	if (!refusal->entry || !is_user_entry(refusal->entry->entry))
		return false;
	*how = (struct hand_over){ refusal->entry->at,
		"the entry is a process's: the page had been given to user space", INFERRED };
	return true;
}

/* --- numbers ---------------------------------------------------------------- */

/* Source: Xen asm-x86/mm.h INVALID_M2P_ENTRY, SHARED_M2P_ENTRY; the fill
 * pattern of setup_m2p_table() up to 4.1 (removed by b010d7f5b8). */
bool pfn_is_poison(uint64_t pfn)
{
	return pfn == UINT64_C(0x5555555555555555) || pfn == 0x55555555 || pfn == 0xffffffff ||
	       pfn >= UINT64_MAX - 1;
}

/* Linux sets A in every present entry it makes. Bits 46 to 51 would be frames
 * beyond 64 TiB; 53 to 57 are used by nobody.
 * Source: Linux arch/x86/include/asm/pgtable_types.h, 2.6.30-6.12. */
bool entry_is_malformed(uint64_t entry)
{
	if (entry == UNKNOWN_NUMBER)
		return false;
	return !(entry & 0x20) || (entry & UINT64_C(0x03efc00000000000));
}

bool refusal_is_malformed(const struct refusal *refusal)
{
	return refusal->entry && !refusal->bad_type && !refusal->put_right &&
	       entry_is_malformed(refusal->entry->entry) && !refusal_by_toolstack(refusal);
}

bool tables_hold_data(const struct replay *replay, uint32_t *entries, bool *live_table)
{
	struct frame_set seen = { .count = 0 };
	struct refusal refusal;
	uint32_t i = 0;

	*live_table = false;
	while (refusal_next(replay, &i, &refusal)) {
		if (refusal_is_malformed(&refusal))
			frame_set_add(&seen, refusal.entry->entry);
		*live_table |= refusal_of_table_writable(&refusal);
	}
	*entries = seen.count;
	return seen.count >= 3 || (seen.count && *live_table);
}

bool frame_of_mfn(const struct replay *replay, uint64_t mfn, pfn_t *pfn)
{
	for (uint32_t i = 0; i < replay->complaints.count; i++) {
		const struct complaint_record *c = &replay->complaints.items[i];

		if (c->mfn == mfn && c->pfn < PFN_LIMIT && !pfn_is_poison(c->pfn)) {
			*pfn = to_pfn(c->pfn);
			return true;
		}
	}
	return false;
}

const struct multicall_record *batch_of(const struct replay *replay,
					const struct complaint_record *c)
{
	for (uint32_t i = 0; i < replay->multicalls.count; i++) {
		const struct multicall_record *batch = &replay->multicalls.items[i];

		if (batch->sequence > c->sequence)
			return batch->at.line - c->at.line <= GAP_LINES ? batch : NULL;
	}
	return NULL;
}

bool frame_set_add(struct frame_set *set, uint64_t frame)
{
	for (uint32_t i = 0; i < set->count && i < ARRAY_LEN(set->frames); i++)
		if (set->frames[i] == frame)
			return false;
	if (set->count < ARRAY_LEN(set->frames))
		set->frames[set->count] = frame;
	set->count++;
	return true;
}

void alike_add(struct alike *alike, const struct refusal *refusal, uint64_t frame)
{
	if (!alike->times++)
		alike->first = *refusal;
	frame_set_add(&alike->frames, frame);
}

/* --- words -------------------------------------------------------------------- */

const char *a_type(enum type_kind kind)
{
	static const char *const words[] = {
		[TYPE_NONE] = "an untyped page", [TYPE_L1] = "an L1 table",
		[TYPE_L2] = "an L2 table", [TYPE_L3] = "an L3 table", [TYPE_L4] = "an L4 table",
		[TYPE_SEGDESC] = "a segment descriptor page", [TYPE_WRITABLE] = "a writable page",
		[TYPE_SHARED] = "a shared page", [TYPE_UNKNOWN] = "a page of a type that cannot be told",
	};

	ASSERT((size_t)kind < ARRAY_LEN(words));
	return words[kind];
}

const char *type_words(struct report *report, struct type_info info)
{
	bool table = type_is_table(info.kind);

	return report_text(report, "%s%s%s%s, count %llu", type_kind_name(info.kind),
		info.pinned ? ", pinned" : "",
		table && !info.validated ? ", being validated" : "",
		info.locked ? ", locked" : "", (unsigned long long)info.count);
}

const char *frame_words(const struct replay *replay, const struct complaint_record *c,
			struct report *report)
{
	const char *whose = "";
	pfn_t pfn;

	if (c->domain != DOMAIN_NONE && c->domain && replay->domain == DOMAIN_NONE)
		whose = report_text(report, " of domain %u", c->domain);
	if (c->pfn < PFN_LIMIT && !pfn_is_poison(c->pfn))
		return report_text(report, "frame 0x%llx%s", (unsigned long long)c->pfn, whose);
	if (frame_of_mfn(replay, c->mfn, &pfn))
		return report_text(report, "frame 0x%llx%s", (unsigned long long)pfn.n, whose);
	return report_text(report, "machine frame 0x%llx%s", (unsigned long long)c->mfn, whose);
}

/* Source: Xen asm-x86/page.h, Linux pgtable_types.h. Bit 7 of an L1 entry is
 * PAT; callers that know the level say more. */
const char *entry_words(struct report *report, uint64_t entry)
{
	static const struct { uint8_t bit; const char *name; } bits[] = {
		{ 0, "P" }, { 1, "RW" }, { 2, "US" }, { 3, "PWT" }, { 4, "PCD" }, { 5, "A" },
		{ 6, "D" }, { 7, "PSE/PAT" }, { 8, "G" }, { 9, "bit 9" }, { 10, "bit 10" },
		{ 11, "bit 11" }, { 52, "guest-kernel" }, { 62, "grant" }, { 63, "NX" },
	};
	uint64_t left = entry & ~UINT64_C(0x000ffffffffff000);
	const char *words = "";

	for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
		if (left & BIT64(bits[i].bit))
			words = report_text(report, "%s%s%s", words, *words ? " " : "", bits[i].name);
		left &= ~BIT64(bits[i].bit);
	}
	/* Bits without a name, in runs: "bits 53-57". */
	while (left) {
		unsigned low = (unsigned)__builtin_ctzll(left), high = low;

		while (high < 63 && left & BIT64(high + 1))
			high++;
		for (unsigned bit = low; bit <= high; bit++)
			left &= ~BIT64(bit);
		words = report_text(report, "%s%sbit%s %u", words, *words ? " " : "",
			high > low ? "s" : "", low);
		if (high > low)
			words = report_text(report, "%s-%u", words, high);
	}
	return *words ? words : "no flags";
}

const char *errno_word(int64_t code)
{
	static const struct { int64_t code; const char *word; } names[] = {
		{ -1, "EPERM" }, { -3, "ESRCH" }, { -4, "EINTR" }, { -7, "E2BIG" },
		{ -11, "EAGAIN" }, { -12, "ENOMEM" }, { -14, "EFAULT" }, { -16, "EBUSY" },
		{ -17, "EEXIST" }, { -22, "EINVAL" }, { -38, "ENOSYS" }, { -85, "ERESTART" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].code == code)
			return names[i].word;
	return "";
}

/* --- findings ------------------------------------------------------------------ */

void finding_frame(const struct replay *replay, struct finding *finding, uint64_t mfn,
		   uint64_t pfn)
{
	pfn_t other;

	if (pfn < PFN_LIMIT && !pfn_is_poison(pfn))
		finding->where = pfn_range(pfn, pfn + 1);
	else if (mfn != UNKNOWN_NUMBER && frame_of_mfn(replay, mfn, &other))
		finding->where = pfn_range(other.n, other.n + 1);
}

void refusal_note_trace(const struct complaint_record *c, struct finding *f,
			struct report *report)
{
	for (uint32_t i = 0; c->trace && i < c->trace->note_count; i++)
		finding_note(report, f, c->trace->notes[i].at, "%s", c->trace->notes[i].says);
}

void refusal_note_types(const struct refusal *r, struct finding *f, struct report *report)
{
	const struct complaint_record *c = r->bad_type;
	struct note *note;

	if (c->from_trace) {
		finding_note(report, f, c->at, "the replay of the trace: the frame is %s; wanted: %s",
			type_words(report, r->saw), type_kind_name(r->expected.kind));
		return;
	}
	note = finding_note(report, f, c->at, NULL);
	note_caret(report, note, report_text(report, "%0*llx", c->saw.digits,
		(unsigned long long)c->saw.raw), "%s", type_words(report, r->saw));
	note_caret(report, note, report_text(report, "%0*llx", c->expected.digits,
		(unsigned long long)c->expected.raw), "wanted: %s",
		type_kind_name(r->expected.kind));
}

static void note_entry(const struct refusal *r, struct finding *f, struct report *report)
{
	const struct complaint_record *c = r->entry;
	struct note *note;

	if (c->from_trace)
		return;   /* decoded in full by the trace's own notes */
	note = finding_note(report, f, c->at, "the entry that asked for it");

	note_caret(report, note, report_text(report, "%016llx", (unsigned long long)c->entry),
		"%s%s", entry_words(report, c->entry),
		is_user_entry(c->entry) ? ": a process's mapping" :
		c->entry & BIT64(52) ? ": a kernel mapping" : "");
}

static void note_outer(const struct refusal *r, struct finding *f, struct report *report)
{
	if (r->first->from_trace) {
		/* One line holds it all. */
		if (r->pin)
			finding_note(report, f, r->pin->at, "what was asked for: to pin %s",
				r->pin->mfn == r->first->mfn ? "this frame" : r->validating &&
				r->validating->mfn == r->pin->mfn ? "the table that holds it" :
				"a table above it");
		if (r->base)
			finding_note(report, f, r->base->at,
				"what was asked for: to load this page-table base");
		return;
	}
	if (r->table)
		finding_note(report, f, r->table->at, "it stands in slot 0x%llx of an L%u table",
			(unsigned long long)r->table->entry, r->table->level);
	if (r->validating)
		finding_note(report, f, r->validating->at, "that table could not be validated");
	if (r->pin)
		finding_note(report, f, r->pin->at, "what was asked for: to pin this frame");
	if (r->base)
		finding_note(report, f, r->base->at, "what was asked for: to load this page-table base");
	if (r->store)
		finding_note(report, f, r->store->at, "what was asked for: a direct store to a table");
}

static struct loc last_line_of(const struct refusal *r)
{
	const struct complaint_record *last = r->first;

	if (r->entry)
		last = r->entry;
	if (r->validating)
		last = r->validating;
	if (r->pin || r->base || r->store)
		last = r->pin ? r->pin : r->base ? r->base : r->store;
	return last->at;
}

static void note_batch(const struct replay *replay, const struct refusal *r, struct finding *f,
		       struct report *report)
{
	struct complaint_record end = *r->first;
	const struct multicall_record *batch;

	end.at = last_line_of(r);
	batch = batch_of(replay, &end);
	if (batch)
		finding_note(report, f, batch->at, "the kernel's word on the same call");
}

struct finding *refusal_finding(const struct replay *replay, const struct rule *rule,
				const struct refusal *refusal, struct report *report)
{
	const struct complaint_record *c = refusal->first;
	struct finding *f = finding_new(report, rule, c->at);

	if (f->more)
		return NULL;
	finding_at_most(f, c->certainty);
	finding_frame(replay, f, c->mfn, c->pfn);
	if (refusal->bad_type)
		refusal_note_types(refusal, f, report);
	if (refusal->owner)
		finding_note(report, f, refusal->owner->at,
			"rd: who asked; od: whom the frame belongs to");
	if (refusal->entry)
		note_entry(refusal, f, report);
	note_outer(refusal, f, report);
	refusal_note_trace(refusal->bad_type ? refusal->bad_type : c, f, report);
	note_batch(replay, refusal, f, report);
	return f;
}

void alike_close(const struct alike *alike, struct finding *finding, struct report *report)
{
	uint32_t more = alike->frames.count > 1 ? alike->frames.count - 1 : 0;

	if (alike->times > alike->frames.count && !more)
		finding_note(report, finding, alike->first.first->at, "refused %u times in this boot",
			alike->times);
	finding->more = more;
}
