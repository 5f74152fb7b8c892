/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fields of a traced event: numbers, pointers that may be hashed, and how what was
 * read becomes an operation. */
#include "formats/hex.h"
#include "formats/trace_inside.h"

/* Where the direct map begins, 4.20 and stable kernels from 2018 on; before, 512 GiB
 * lower. Address-space randomisation leaves a PV guest's alone.
 * Source: Linux Documentation/x86/x86_64/mm.rst; d52888aa2753. */
#define DIRECT_MAP UINT64_C(0xffff888000000000)
#define DIRECT_MAP_OLD UINT64_C(0xffff880000000000)
#define DIRECT_MAP_END UINT64_C(0xffffc88000000000)

void trace_emit(struct reader *reader, const struct line *line, const struct mmu_op *op,
		enum certainty certainty)
{
	struct event event = reader_event(line, EV_MMU_OP);

	event.certainty = certainty;
	event.u.mmu = *op;
	reader->trace.emitted++;
	reader_emit(reader, &event);
}

void trace_lost(struct reader *reader, const struct line *line, enum loss what, uint64_t count)
{
	struct mmu_op op = trace_op(MMU_OPS_LOST);
	struct event lost = reader_event(line, EV_MESSAGES_LOST);

	op.flags = count <= UINT32_MAX ? (uint32_t)count : 0;
	trace_emit(reader, line, &op, PROVED);
	lost.u.lost.what = what;
	reader->trace.emitted++;
	reader_emit(reader, &lost);
}

/* A line of ours that cannot be read: told, never guessed. */
void trace_garbled(struct event_line *e)
{
	reader_diagnose(e->reader, e->line->at, "this %.*s event could not be read: cut or garbled",
			TEXT_ARG(e->name));
}
bool trace_mfn_of(const struct trace_state *trace, uint64_t pfn, uint64_t *mfn)
{
	const struct trace_pair *pair = trace->pairs ? &trace->pairs[pfn % TRACE_PAIRS] : NULL;

	if (!pair || pair->pfn != pfn || !pair->mfn)
		return false;
	*mfn = pair->mfn;
	return true;
}

void trace_emit_p2m(struct event_line *e, uint64_t pfn, uint64_t mfn)
{
	struct trace_state *trace = &e->reader->trace;
	struct mmu_op op = trace_op(MMU_P2M);
	uint64_t known;

	if (trace_mfn_of(trace, pfn, &known) && known == mfn)
		return;
	if (!trace->pairs)
		trace->pairs = arena_alloc(e->reader->arena, TRACE_PAIRS * sizeof(*trace->pairs));
	trace->pairs[pfn % TRACE_PAIRS] = (struct trace_pair){ pfn, mfn };
	op.pfn = to_pfn(pfn);
	op.mfn = to_mfn(mfn);
	trace_emit(e->reader, e->line, &op, PROVED);
}

/* --- fields ---------------------------------------------------------------- */

/* The value behind "name=", in trace-cmd's raw form and in kprobes. NULL: absent. */
const char *trace_find_field(const struct event_line *e, struct text name)
{
	const char *at = e->at, *end = e->end;

	while (end - at > (long)name.length) {
		if (!memcmp(at, name.at, name.length) && at[name.length] == '=' &&
		    (at == e->at || at[-1] == ' '))
			return at + name.length + 1;
		at = memchr(at, ' ', (size_t)(end - at));
		if (!at)
			return NULL;
		at++;
	}
	return NULL;
}

bool trace_ends_word(const struct event_line *e, const char *at)
{
	return at && (at == e->end || *at == ' ' || *at == ')' || *at == ']' || *at == ',');
}

bool trace_field(const struct event_line *e, struct text name, uint64_t *value)
{
	const char *at = trace_find_field(e, name);

	return at && trace_ends_word(e, number_take(at, e->end, value));
}

bool trace_hex_field(const struct event_line *e, struct text name, uint64_t *value)
{
	const char *at = trace_find_field(e, name);

	if (at && e->end - at > 2 && at[0] == '0' && at[1] == 'x')
		at += 2;
	return at && trace_ends_word(e, hex_take(at, e->end, value));
}

static bool is_pointer_32(uint64_t value)
{
	return value >= 0xc0000000u && value <= UINT32_MAX;
}

static void tell_hashed(struct event_line *e)
{
	if (e->reader->trace.hashed_told)
		return;
	e->reader->trace.hashed_told = true;
	reader_diagnose(e->reader, e->line->at,
			"pointers are hashed in this trace, so it does not tell which table an entry "
			"stands in: boot with no_hash_pointers");
}

/* A pointer at `at`; the byte behind it. *known: it is one. */
const char *trace_pointer(struct event_line *e, const char *at, uint64_t *value, bool *known)
{
	const char *first = at;

	*known = false;
	if (e->end - at > 2 && at[0] == '0' && at[1] == 'x')
		first = at += 2;
	at = hex_take(at, e->end, value);
	if (!at && *first == '(') {
		at = memchr(first, ')', (size_t)(e->end - first));
		if (!at)
			return NULL;
		at++;
		*value = 0;
	}
	if (!at)
		return NULL;
	/* A 32-bit kernel prints 8 digits. */
	*known = trace_is_pointer(*value) || (at - first == 8 && is_pointer_32(*value) &&
					e->reader->trace.plain_pointers);
	if (UNLIKELY(!*known && (*value || (*first == '(' && first[1] != 'n'))))
		tell_hashed(e);
	return at;
}

bool trace_direct_map(uint64_t address, uint64_t *pfn)
{
	if (address < DIRECT_MAP_OLD || address >= DIRECT_MAP_END)
		return false;
	*pfn = (address - (address >= DIRECT_MAP ? DIRECT_MAP : DIRECT_MAP_OLD)) >> FRAME_SHIFT;
	return true;
}
