/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Xen says when it refuses a page-table operation of a PV guest.
 * Source: Xen xen/arch/x86/mm.c, pv/{ro-page-fault,emul-*,descriptor-tables}.c;
 * 3.4 to 4.22 (old and new spelling of each: FORMATS 5.2). The source tag
 * "mm.c:2466:d0" is stripped before; its line number means nothing here. */
#include "formats/reader.h"

static struct event complaint(const struct line *line, enum complaint what)
{
	struct event event = reader_event(line, EV_COMPLAINT);

	event.u.complaint.what = what;
	event.u.complaint.mfn = event.u.complaint.pfn = UNKNOWN_NUMBER;
	event.u.complaint.entry = UNKNOWN_NUMBER;
	event.u.complaint.l1e_owner = event.u.complaint.pg_owner = -1;
	event.u.complaint.words = line->message;
	return event;
}

static struct type_word type_word(const struct match *match, unsigned i)
{
	return (struct type_word){ match->numbers[i].value, match->numbers[i].digits };
}

static bool bad_type(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_BAD_TYPE);

	event.u.complaint.saw = type_word(match, 0);
	event.u.complaint.expected = type_word(match, 1);
	event.u.complaint.mfn = match->numbers[2].value;
	event.u.complaint.pfn = match->numbers[3].value;
	reader_emit(reader, &event);
	return true;
}

/* A mail client wrapped the line after "exp". */
static bool bad_type_cut(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	reader->state.xen.half_saw = type_word(match, 0);
	reader->state.xen.half_domain = line->domain;
	return true;
}

static bool bad_type_rest(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_BAD_TYPE);

	if (!reader->state.xen.half_saw.digits)
		return false;
	event.u.complaint.saw = reader->state.xen.half_saw;
	event.u.complaint.expected = type_word(match, 0);
	event.u.complaint.mfn = match->numbers[1].value;
	event.u.complaint.pfn = match->numbers[2].value;
	event.certainty = INFERRED;   /* two lines joined on our own account */
	event.speaker = SPEAKER_XEN;
	event.domain = reader->state.xen.half_domain;
	reader->state.xen.half_saw.digits = 0;
	reader_emit(reader, &event);
	return true;
}

static bool validating(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_VALIDATION_FAILED);

	event.u.complaint.mfn = match->numbers[0].value;
	event.u.complaint.pfn = match->numbers[1].value;
	event.u.complaint.expected = type_word(match, 2);
	event.u.complaint.saw = type_word(match, 4);
	reader_emit(reader, &event);
	return true;
}

/* The word stands between: type, type_info, count_info. Xen stops right after. */
static bool bad_type_in(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_VALIDATION_FAILED);

	event.u.complaint.expected = type_word(match, 0);
	event.u.complaint.saw = type_word(match, 1);
	reader_emit(reader, &event);
	return true;
}

static bool on_mfn(struct reader *reader, const struct line *line, const struct match *match,
		   enum complaint what)
{
	struct event event = complaint(line, what);

	event.u.complaint.mfn = match->numbers[0].value;
	reader_emit(reader, &event);
	return true;
}

static bool code_and_mfn(struct reader *reader, const struct line *line,
			 const struct match *match, enum complaint what)
{
	struct event event = complaint(line, what);

	event.u.complaint.code = (int64_t)match->numbers[0].value;
	event.u.complaint.mfn = match->numbers[1].value;
	reader_emit(reader, &event);
	return true;
}

#define ON_MFN(name, what) \
	static bool name(struct reader *reader, const struct line *line, \
			 const struct match *match) \
	{ \
		return on_mfn(reader, line, match, what); \
	}

ON_MFN(pin, COMPLAINT_PIN_FAILED)
ON_MFN(already_pinned, COMPLAINT_ALREADY_PINNED)
ON_MFN(not_pinned, COMPLAINT_NOT_PINNED)
ON_MFN(bad_domain, COMPLAINT_BAD_DOMAIN)
ON_MFN(base, COMPLAINT_BASE_FAILED)
ON_MFN(get_ref, COMPLAINT_GET_REF_FAILED)
ON_MFN(overflow, COMPLAINT_COUNT_OVERFLOW)
ON_MFN(leak, COMPLAINT_LEAK)

static bool forced_ro(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_FORCED_RO);

	event.u.complaint.mfn = match->numbers[match->number_count - 1].value;
	reader_emit(reader, &event);
	return true;
}

/* free_page_type(), before it stops Xen: "type 1000000000000001 mfn 00123" */
static bool free_failed(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_FREE_FAILED);

	if (line->speaker != SPEAKER_XEN || match->numbers[0].digits < 8)
		return false;
	event.u.complaint.saw = type_word(match, 0);
	event.u.complaint.mfn = match->numbers[1].value;
	reader_emit(reader, &event);
	return true;
}

static bool pin_code(struct reader *reader, const struct line *line, const struct match *match)
{
	return code_and_mfn(reader, line, match, COMPLAINT_PIN_FAILED);
}

static bool base_code(struct reader *reader, const struct line *line, const struct match *match)
{
	return code_and_mfn(reader, line, match, COMPLAINT_BASE_FAILED);
}

/* "for dom10", "for l1e_owner=0, pg_owner=0", "for l1e_owner d0, pg_owner
 * d[IO]": the domain numbers, d[IO] as 32753 (DOMID_IO), the others unknown. */
static int32_t owner_after(struct text words, const char *lead)
{
	const char *at = memmem(words.at, words.length, lead, strlen(lead));
	const char *end = words.at + words.length;
	int32_t number = 0;
	bool any = false;

	if (!at)
		return -1;
	at += strlen(lead);
	while (at < end && (*at == ' ' || *at == '=' || *at == 'd'))
		at++;
	if (end - at >= 4 && !memcmp(at, "[IO]", 4))
		return 32753;
	if (end - at >= 5 && !memcmp(at, "[XEN]", 5))
		return 32754;
	for (; at < end && *at >= '0' && *at <= '9' && number < 1000000; at++) {
		number = number * 10 + (*at - '0');
		any = true;
	}
	return any ? number : -1;
}

static bool get(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_GET_FAILED);
	struct text owners = match->words[0];

	event.u.complaint.mfn = match->numbers[0].value;
	event.u.complaint.pfn = match->numbers[1].value;
	event.u.complaint.entry = match->numbers[2].value;
	event.u.complaint.level = 1;
	event.u.complaint.l1e_owner = owner_after(owners, "l1e_owner");
	event.u.complaint.pg_owner = owner_after(owners, "pg_owner");
	if (text_begins(owners, TEXT("dom")))
		event.u.complaint.pg_owner = owner_after(owners, "dom");
	reader_emit(reader, &event);
	return true;
}

static bool simple(struct reader *reader, const struct line *line, enum complaint what)
{
	struct event event = complaint(line, what);

	reader_emit(reader, &event);
	return true;
}

#define SIMPLE(name, what) \
	static bool name(struct reader *reader, const struct line *line, \
			 const struct match *match) \
	{ \
		(void)match; \
		return simple(reader, line, what); \
	}

SIMPLE(get_type, COMPLAINT_GET_TYPE_FAILED)
SIMPLE(linear_rw, COMPLAINT_LINEAR_RW)
SIMPLE(xen_slot, COMPLAINT_XEN_SLOT)
SIMPLE(pae_l3, COMPLAINT_PAE_L3)
SIMPLE(granted, COMPLAINT_GRANTED_PTE)
SIMPLE(ptwr_bad, COMPLAINT_PTWR_BAD)
SIMPLE(segdesc, COMPLAINT_SEGDESC)
SIMPLE(bad_update, COMPLAINT_BAD_UPDATE)
SIMPLE(superpage, COMPLAINT_SUPERPAGE)
SIMPLE(update_race, COMPLAINT_UPDATE_RACE)

static bool linear_off(struct reader *reader, const struct line *line, const struct match *match)
{
	(void)match;
	return simple(reader, line, COMPLAINT_LINEAR_OFF);
}

static bool table_failed(struct reader *reader, const struct line *line,
			 const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_TABLE_FAILED);
	struct text words = line->message;
	const char *level = memmem(words.at, words.length, "_l", 2);

	if (level && level + 2 < words.at + words.length)
		event.u.complaint.level = (uint8_t)(level[2] - '0');
	event.u.complaint.entry = match->numbers[match->number_count - 1].value;
	reader_emit(reader, &event);
	return true;
}

static bool bad_flags(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_BAD_FLAGS);

	event.u.complaint.level = (uint8_t)match->numbers[0].value;
	event.u.complaint.entry = match->numbers[1].value;
	reader_emit(reader, &event);
	return true;
}

static bool owner(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_OWNER);

	event.u.complaint.mfn = match->numbers[0].value;
	event.u.complaint.l1e_owner = owner_after(line->message, "rd");
	event.u.complaint.pg_owner = owner_after(line->message, "od");
	reader_emit(reader, &event);
	return true;
}

static bool mmio(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_MMIO);

	event.u.complaint.mfn = match->numbers[match->number_count - 1].value;
	reader_emit(reader, &event);
	return true;
}

static bool l1tf(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_L1TF);

	event.u.complaint.level = (uint8_t)match->numbers[0].value;
	event.u.complaint.entry = match->numbers[1].value;
	event.u.complaint.code = text_contains(match->words[0], TEXT("Crashing"));
	reader_emit(reader, &event);
	return true;
}

static bool ptwr_fixed(struct reader *reader, const struct line *line, const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_PTWR_FIXED);

	event.u.complaint.entry = match->numbers[0].value;
	reader_emit(reader, &event);
	return true;
}

static bool va_without_l1(struct reader *reader, const struct line *line,
			  const struct match *match)
{
	struct event event = complaint(line, COMPLAINT_VA_WITHOUT_L1);

	event.u.complaint.entry = match->numbers[0].value;
	reader_emit(reader, &event);
	return true;
}

const struct line_shape lines_xenmm[] = {
	LINE("Bad type (saw <x> != exp <x>) for mfn <x> (pfn <x>)", ENDS_NONE, bad_type),
	LINE("Bad type (saw <x> != exp", ENDS_NONE, bad_type_cut),
	LINE("<x>) for mfn <x> (pfn <x>)", ENDS_NONE, bad_type_rest),
	LINE("Bad type in alloc_page_type <x> t=<x> c=<x>", ENDS_NONE, bad_type_in),
	LINE("Bad type in validate_page <x> t=<x> c=<x>", ENDS_NONE, bad_type_in),
	LINE("Error while validating mfn <x> (pfn <x>) for type <x>: caf=<x> taf=<x>", ENDS_NONE,
	     validating),
	LINE("Error while pinning mfn <x>", ENDS_NONE, pin),
	LINE("Error <d> while pinning mfn <x>", ENDS_NONE, pin_code),
	LINE("Error while installing new mfn <x>", ENDS_NONE, base),
	LINE("Error while installing new baseptr <x>", ENDS_NONE, base),
	LINE("Error while installing new compat baseptr <x>", ENDS_NONE, base),
	LINE("Error <d> installing new mfn <x>", ENDS_NONE, base_code),
	LINE("Mfn <x> already pinned", ENDS_NONE, already_pinned),
	LINE("mfn <x> already pinned", ENDS_NONE, already_pinned),
	LINE("Mfn <x> not pinned", ENDS_NONE, not_pinned),
	LINE("mfn <x> not pinned", ENDS_NONE, not_pinned),
	LINE("Mfn <x> bad domain<rest>", ENDS_NONE, bad_domain),
	LINE("mfn <x> bad, or bad owner <rest>", ENDS_NONE, bad_domain),
	LINE("Bad L<d> flags <x>", ENDS_NONE, bad_flags),
	LINE("Error getting mfn <x> (pfn <x>) from L1 entry <x> for <rest>", ENDS_NONE, get),
	LINE("Could not get page ref for pfn <x>", ENDS_NONE, get_ref),
	LINE("Could not get page ref for mfn <x>", ENDS_NONE, get_ref),
	LINE("Could not get page type PGT_writable_page", ENDS_NONE, get_type),
	LINE("Could not get page for <rest>", ENDS_NONE, bad_update),
	LINE("Invalid page update command <rest>", ENDS_NONE, bad_update),
	LINE("Failure in alloc_l1_table: entry <d>", ENDS_NONE, table_failed),
	LINE("Failure in alloc_l2_table: entry <d>", ENDS_NONE, table_failed),
	LINE("Failure in alloc_l3_table: entry <d>", ENDS_NONE, table_failed),
	LINE("Failure in alloc_l4_table: entry <d>", ENDS_NONE, table_failed),
	LINE("Failure in alloc_l1_table: slot <x>", ENDS_NONE, table_failed),
	LINE("Failure in alloc_l2_table: slot <x>", ENDS_NONE, table_failed),
	LINE("Failure in alloc_l3_table: slot <x>", ENDS_NONE, table_failed),
	LINE("Failure in alloc_l4_table: slot <x>", ENDS_NONE, table_failed),
	LINE("Failure <d> in alloc_l<d>_table: slot <x>", ENDS_NONE, table_failed),
	LINE("Failure <d> in promote_l<d>_table: slot <x>", ENDS_NONE, table_failed),
	LINE("Attempt to create linear p.t. with write perms", ENDS_NONE, linear_rw),
	LINE("Attempt to create linear p.t. (feature disabled)", ENDS_NONE, linear_off),
	LINE("Type count overflow on pfn <x>", ENDS_NONE, overflow),
	LINE("Type count overflow on mfn <x>", ENDS_NONE, overflow),
	LINE("Failed to update <x> -> <x>: saw <x>", ENDS_NONE, update_race),
	LINE("Illegal L2 update attempt in Xen-private area <x>", ENDS_NONE, xen_slot),
	LINE("Illegal L3 update attempt in Xen-private area <x>", ENDS_NONE, xen_slot),
	LINE("Illegal L4 update attempt in Xen-private area <x>", ENDS_NONE, xen_slot),
	LINE("L2 update in Xen-private area, slot <x>", ENDS_NONE, xen_slot),
	LINE("L3 update in Xen-private area, slot <x>", ENDS_NONE, xen_slot),
	LINE("L4 update in Xen-private area, slot <x>", ENDS_NONE, xen_slot),
	LINE("Non-privileged (<d>) attempt to map I/O space <x>", ENDS_NONE, mmio),
	LINE("d<d> non-privileged attempt to map MMIO space <x>", ENDS_NONE, mmio),
	LINE("non-privileged attempt to map MMIO space <x>", ENDS_NONE, mmio),
	LINE("Attempt to implicitly unmap a granted PTE <x>", ENDS_NONE, granted),
	LINE("Attempt to implicitly unmap <w> grant PTE<rest>", ENDS_NONE, granted),
	LINE("Attempt to map superpage without allowsuperpage flag in hypervisor", ENDS_NONE,
	     superpage),
	LINE("Attempt to map superpage <rest>", ENDS_NONE, superpage),
	LINE("ptwr_emulate: fixing up invalid PAE PTE <x>", ENDS_NONE, ptwr_fixed),
	LINE("ptwr_emulate: <rest>", ENDS_NONE, ptwr_bad),
	LINE("could not get_page_from_l1e()", ENDS_NONE, ptwr_bad),
	LINE("bad access (cr2=<x>, addr=<x>, bytes=<d>)", ENDS_NONE, ptwr_bad),
	LINE("Error pfn <x>: rd=<rest>", ENDS_NONE, owner),
	LINE("Error mfn <x>: rd=<rest>", ENDS_NONE, owner),
	LINE("L1TF-vulnerable L<d>e <x> - <rest>", ENDS_NONE, l1tf),
	LINE("Could not find L1 PTE for address <x>", ENDS_NONE, va_without_l1),
	LINE("Could not find L1 PTE for linear <x>", ENDS_NONE, va_without_l1),
	LINE("Bad args to SET_LDT: <rest>", ENDS_NONE, segdesc),
	LINE("PAE L3 3rd slot is empty", ENDS_NONE, pae_l3),
	LINE("PAE L3 3rd slot is shared", ENDS_NONE, pae_l3),
	LINE("PAE pgd must be below 4GB <rest>", ENDS_NONE, pae_l3),
	LINE("Forcing read-only access to MFN <x>", ENDS_NONE, forced_ro),
	LINE("d<d>: Forcing read-only access to MFN <x>", ENDS_NONE, forced_ro),
	LINE("Leaking mfn <x><rest>", ENDS_NONE, leak),
	LINE("type <x> pfn <x>", ENDS_NONE, free_failed),
	LINE("type <x> mfn <x>", ENDS_NONE, free_failed),
};
