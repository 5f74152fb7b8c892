/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Page-table operations one by one, as an instrumented kernel prints them. Two
 * dialects, both ours (pgtcheck-formats(5)):
 *
 *   xenmmu:   after the call, with Xen's answer; machine frames, 0x
 *   pgtrace:  before the call, the pool of 2.6.39 too; bare hex, no answer
 *
 * What names the fault a test kernel injects ("lab:", "pgtbug=") is no evidence
 * and has no row. */
#include "formats/usual.h"

static struct event mmu_event(const struct line *line, enum mmu_op_kind kind)
{
	struct event event = reader_event(line, EV_MMU_OP);

	event.u.mmu = (struct mmu_op){
		.kind = kind,
		.verdict = MMU_VERDICT_UNKNOWN,
		.foreign = DOMID_SELF_WORD,
		.mfn = { MMU_NO_FRAME },
		.pfn = { MMU_NO_FRAME },
	};
	return event;
}

/* 0 or -errno; anything else is no answer of Xen's. */
static int32_t verdict_of(uint64_t number)
{
	int64_t code = (int64_t)number;

	return code > 0 || code < -4095 ? MMU_VERDICT_UNKNOWN : (int32_t)code;
}

static void set_update(struct mmu_op *op, uint64_t ptr, uint64_t val)
{
	op->command = (enum mmu_command)(ptr & 3);
	op->ptr = ptr & ~UINT64_C(3);
	op->val = val;
	op->has_ptr = true;
	if (op->command == MMU_CMD_MACHPHYS) {
		op->kind = MMU_MACHPHYS;
		op->mfn = to_mfn(op->ptr >> FRAME_SHIFT);
		op->pfn = to_pfn(val);
	}
}

static void set_address(struct mmu_op *op, uint64_t va, uint64_t val)
{
	op->ptr = va;
	op->val = val;
	op->has_ptr = true;
}

/* --- xenmmu: ---------------------------------------------------------------- */

static bool update(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = mmu_event(line, MMU_UPDATE);

	set_update(&event.u.mmu, match->numbers[0].value, match->numbers[1].value);
	event.u.mmu.foreign = (uint16_t)match->numbers[2].value;
	event.u.mmu.verdict = verdict_of(match->numbers[3].value);
	reader_emit(reader, &event);
	return true;
}

#ifdef DIGITS_AT_ONCE
/* What `update` makes of its usual line. */
static const struct mmu_op update_form = {
	.kind = MMU_UPDATE,
	.has_ptr = true,
	.foreign = DOMID_SELF_WORD,
	.mfn = { MMU_NO_FRAME },
	.pfn = { MMU_NO_FRAME },
};

/* What stands behind each number is compared, so none can run into more digits, and all
 * of it fills the line, however short that is. Xen's answer is "ret=0": anything else is
 * worth a closer look. */
static ALWAYS_INLINE bool read_update(const char *at, const char *end, uint64_t *ptr, uint64_t *val)
{
	struct digits digits;

	if (memcmp(at, "xenmmu: mmu_update ptr=0x", 25) || memcmp(end - 17, " dom=0x7ff0 ret=0", 17))
		return false;
	digits = digits_at(at += 25);
	if (!digits.hex || memcmp(at + digits.hex, " val=0x", 7))
		return false;
	*ptr = digits_hex_some(digits);
	digits = digits_at(at += digits.hex + 7);
	if (!digits.hex || at + digits.hex != end - 17)
		return false;
	*val = digits_hex_some(digits);
	return !(*ptr & 3);
}

static unsigned usual_updates(struct reader *reader, const struct usual_lines *lines)
{
	const struct learned prefix = *lines->prefix;
	struct mmu_queue *queue = reader->queue;
	struct mmu_queued *place;
	const char *line = lines->line;
	uint64_t ptr, val;
	unsigned i;

	if (!reader_may_queue(reader, &update_form, SPEAKER_KERNEL, DOMAIN_NONE))
		return 0;
	place = &queue->items[queue->count];
	for (i = 0; i < lines->count; i++) {
		const char *end = lines->bytes + lines->ends[i];
		const char *at = message_as_before(&prefix, line, end);

		if (!at || !read_update(at, end, &ptr, &val))
			break;
		usual_put(place, lines, i, line, end, &update_form, ptr, val);
		place = mmu_queue_next(queue, place);
		line = end + 1;
	}
	queue->count = (uint32_t)(place - queue->items);
	reader->emitted += i;
	reader->input->lines_used += i;
	return i;
}
#else
#define usual_updates NULL
#endif

static bool va_mapping(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = mmu_event(line, MMU_VA_MAPPING);

	set_address(&event.u.mmu, match->numbers[0].value, match->numbers[1].value);
	event.u.mmu.flags = (uint32_t)match->numbers[2].value;
	event.u.mmu.verdict = verdict_of(match->numbers[3].value);
	reader_emit(reader, &event);
	return true;
}

/* Source: Xen xen/include/public/xen.h MMUEXT_*, 4.1 to 4.20. */
static bool set_command(struct mmu_op *op, uint64_t command)
{
	switch (command) {
	case 0: case 1: case 2: case 3:
		op->kind = MMU_PIN;
		op->level = (uint8_t)(command + 1);
		return true;
	case 4: op->kind = MMU_UNPIN; return true;
	case 5: op->kind = MMU_NEW_BASE; return true;
	case 15: op->kind = MMU_NEW_USER_BASE; return true;
	default: return false;
	}
}

static bool extended(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = mmu_event(line, MMU_PIN);

	if (!set_command(&event.u.mmu, match->numbers[0].value))
		return false;
	event.u.mmu.mfn = to_mfn(match->numbers[1].value);
	event.u.mmu.foreign = (uint16_t)match->numbers[2].value;
	event.u.mmu.verdict = verdict_of(match->numbers[3].value);
	reader_emit(reader, &event);
	return true;
}

static bool set_pte_init(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	struct event event = mmu_event(line, MMU_STORE);

	set_address(&event.u.mmu, match->numbers[0].value, match->numbers[1].value);
	event.u.mmu.init_phase = true;
	reader_emit(reader, &event);
	return true;
}

static bool table(struct reader *reader, const struct line *line, enum mmu_op_kind kind,
		  uint8_t level, const struct match *match)
{
	struct event event = mmu_event(line, kind);

	event.u.mmu.level = level;
	event.u.mmu.pfn = to_pfn(match->numbers[0].value);
	event.u.mmu.mfn = to_mfn(match->numbers[1].value);
	reader_emit(reader, &event);
	return true;
}

static bool pte_taken(struct reader *reader, const struct line *line, const struct match *match)
{
	return table(reader, line, MMU_TABLE_TAKEN, 1, match);
}

static bool pmd_taken(struct reader *reader, const struct line *line, const struct match *match)
{
	return table(reader, line, MMU_TABLE_TAKEN, 2, match);
}

static bool pte_dropped(struct reader *reader, const struct line *line,
			const struct match *match)
{
	return table(reader, line, MMU_TABLE_DROPPED, 1, match);
}

static bool pmd_dropped(struct reader *reader, const struct line *line,
			const struct match *match)
{
	return table(reader, line, MMU_TABLE_DROPPED, 2, match);
}

/* --- pgtrace: --------------------------------------------------------------- */

static void tell_pair(struct reader *reader, const struct line *line, uint64_t pfn, uint64_t mfn)
{
	struct event event = mmu_event(line, MMU_P2M);

	event.u.mmu.pfn = to_pfn(pfn);
	event.u.mmu.mfn = to_mfn(mfn);
	reader_emit(reader, &event);
}

static uint64_t entry_mfn(uint64_t entry)
{
	return (entry & UINT64_C(0x000ffffffffff000)) >> FRAME_SHIFT;
}

static void pool_state(struct reader *reader, const struct line *line, uint64_t start,
		       uint64_t used_end, uint64_t top, enum pool_step step)
{
	struct event event = reader_event(line, EV_POOL_STATE);

	event.u.pool_state.plan = pfn_range(start, top);
	event.u.pool_state.used_end = to_pfn(used_end);
	event.u.pool_state.step = step;
	reader_emit(reader, &event);
}

static bool pool(struct reader *reader, const struct line *line, const struct match *match)
{
	pool_state(reader, line, match->numbers[0].value, match->numbers[1].value,
		   match->numbers[2].value, POOL_ANNOUNCED);
	return true;
}

static bool low_page(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = mmu_event(line, MMU_TABLE_TAKEN);

	event.u.mmu.pfn = to_pfn(match->numbers[0].value);
	pool_state(reader, line, match->numbers[1].value, match->numbers[2].value,
		   match->numbers[3].value, POOL_PAGE_TAKEN);
	reader_emit(reader, &event);
	return true;
}

/* Says that the hook ran. Whether anything was reserved, memblock's line tells. */
static bool pool_closed(struct reader *reader, const struct line *line, const struct match *match)
{
	pool_state(reader, line, match->numbers[0].value, match->numbers[1].value,
		   match->numbers[2].value, POOL_CLOSED);
	return true;
}

/* Where the early ioremap slots of these kernels map: the slot's own number gives
 * the rest. Source: Linux arch/x86/include/asm/fixmap.h 2.6.39; the clear lines of
 * the same trace name the address. */
#define EARLY_IOREMAP_2M UINT64_C(0xffffffffff400000)

static bool pool_pte(struct reader *reader, const struct line *line, const struct match *match)
{
	bool window = text_contains(match->words[0], TEXT("early_ioremap"));
	struct event event = mmu_event(line, window ? MMU_VA_MAPPING : MMU_STORE);
	uint64_t ptep = match->numbers[0].value, val = match->numbers[2].value;

	if (window)
		ptep = EARLY_IOREMAP_2M + ((ptep & (FRAME_BYTES - 1)) >> 3 << FRAME_SHIFT);
	if (val & 1)
		tell_pair(reader, line, match->numbers[1].value, entry_mfn(val));
	set_address(&event.u.mmu, ptep, val);
	event.u.mmu.init_phase = true;
	reader_emit(reader, &event);
	return true;
}

static bool pool_va(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = mmu_event(line, MMU_VA_MAPPING);
	uint64_t val = match->numbers[1].value;

	if (val & 1)
		tell_pair(reader, line, match->numbers[2].value, entry_mfn(val));
	set_address(&event.u.mmu, match->numbers[0].value, val);
	reader_emit(reader, &event);
	return true;
}

static bool pool_extended(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	static const struct { const char *name; uint8_t command; } names[] = {
		{ "PIN_L1_TABLE", 0 }, { "PIN_L2_TABLE", 1 }, { "PIN_L3_TABLE", 2 },
		{ "PIN_L4_TABLE", 3 }, { "UNPIN_TABLE", 4 }, { "NEW_BASEPTR", 5 },
		{ "NEW_USER_BASEPTR", 15 },
	};
	struct event event = mmu_event(line, MMU_PIN);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!text_equal(match->words[0], text_of(names[i].name)))
			continue;
		set_command(&event.u.mmu, names[i].command);
		event.u.mmu.mfn = to_mfn(match->numbers[0].value);
		tell_pair(reader, line, match->numbers[1].value, match->numbers[0].value);
		reader_emit(reader, &event);
		return true;
	}
	return false;
}

static bool pool_update(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = mmu_event(line, MMU_UPDATE);
	uint64_t ptr = match->numbers[0].value, val = match->numbers[1].value;

	set_update(&event.u.mmu, ptr, val);
	tell_pair(reader, line, match->numbers[2].value, ptr >> FRAME_SHIFT);
	if (val & 1)
		tell_pair(reader, line, match->numbers[3].value, entry_mfn(val));
	reader_emit(reader, &event);
	return true;
}

const struct line_shape lines_mmu[] = {
	LINE("xenmmu: mmu_update ptr=<x> val=<x> dom=<x> ret=<d>", ENDS_NONE, update, usual_updates),
	LINE("xenmmu: update_va_mapping va=<x> val=<x> flags=<x> ret=<d>", ENDS_NONE, va_mapping),
	LINE("xenmmu: mmuext_op cmd=<d>(<w>) mfn=<x> dom=<x> ret=<d>", ENDS_NONE, extended),
	LINE("xenmmu: set_pte_init ptep=<x> val=<x>", ENDS_NONE, set_pte_init),
	LINE("xenmmu: alloc_pte_init pfn=<x> mfn=<x>", ENDS_NONE, pte_taken),
	LINE("xenmmu: alloc_pmd_init pfn=<x> mfn=<x>", ENDS_NONE, pmd_taken),
	LINE("xenmmu: release_pte_init pfn=<x> mfn=<x>", ENDS_NONE, pte_dropped),
	LINE("xenmmu: release_pmd_init pfn=<x> mfn=<x>", ENDS_NONE, pmd_dropped),
	LINE("pgtrace: pool start=<x> end=<x> top=<x>", ENDS_NONE, pool),
	LINE("pgtrace: alloc_low_page pfn=<x> start=<x> end=<x> top=<x>", ENDS_NONE, low_page),
	LINE("pgtrace: pagetable_reserve <range> pool start=<x> end=<x> top=<x>", ENDS_EXCLUSIVE,
	     pool_closed),
	LINE("pgtrace: set_pte ptep=<x> pfn=<x> pte=<x> <rest>", ENDS_NONE, pool_pte),
	LINE("pgtrace: set_pte_at va=<x> val=<x> pfn=<x> <rest>", ENDS_NONE, pool_va),
	LINE("pgtrace: update_va_mapping va=<x> val=<x> pfn=<x> <rest>", ENDS_NONE, pool_va),
	LINE("pgtrace: mmuext_op <w> mfn=<x> pfn=<x>", ENDS_NONE, pool_extended),
	LINE("pgtrace: mmu_update ptr=<x> val=<x> ptr_pfn=<x> val_pfn=<x>", ENDS_NONE, pool_update),
};
