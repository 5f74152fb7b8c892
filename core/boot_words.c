/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/boot_words.h"

#include "core/remedy.h"
#include "core/rule.h"

/* A list of phrases under construction, in the arena; NULL while empty. */
struct phrases {
	struct arena *arena;
	const char *text;
};

static void PRINTF_LIKE(3, 4)
add(struct phrases *phrases, const char *separator, const char *format, ...)
{
	const char *more;
	va_list args;

	va_start(args, format);
	more = arena_vprintf(phrases->arena, format, args);
	va_end(args);
	if (phrases->text)
		more = arena_printf(phrases->arena, "%s%s%s", phrases->text, separator, more);
	phrases->text = more;
}

static const char *keep_text(struct arena *keep, const char *text)
{
	return text ? arena_copy(keep, text_of(text)) : NULL;
}

/* --- who ----------------------------------------------------------------- */

static bool is_dom0(const struct replay *replay)
{
	if (replay->domain != DOMAIN_NONE)
		return replay->domain == 0;
	return (replay->evidence & (EVIDENCE_XEN | EVIDENCE_LAYOUT)) ||
	       replay->steps[STEP_XEN_BUILDS_DOM0].reached;
}

static const char *xen_guest_words(const struct replay *replay, struct arena *keep,
				   const char *kind)
{
	if (is_dom0(replay))
		return arena_printf(keep, "Xen %s dom0", kind);
	if (replay->domain != DOMAIN_NONE)
		return arena_printf(keep, "Xen %s domain %u", kind, replay->domain);
	return arena_printf(keep, "Xen %s guest", kind);
}

static const char *platform_words(const struct replay *replay, struct arena *keep)
{
	switch (replay->platform) {
	case PLATFORM_NATIVE:
		return "native";
	case PLATFORM_XEN_PV:
		return xen_guest_words(replay, keep, "PV");
	case PLATFORM_XEN_PVH:
		return xen_guest_words(replay, keep, "PVH");
	case PLATFORM_XEN_HVM:
		return xen_guest_words(replay, keep, "HVM");
	case PLATFORM_OTHER_VM:
		return "a virtual machine without Xen page types";
	case PLATFORM_UNKNOWN:
		break;
	}
	if (replay->evidence & EVIDENCE_XEN)
		return arena_printf(keep, "a guest of Xen");
	return "native or HVM (not told)";
}

static const char *xen_words(const struct replay *replay, struct arena *keep)
{
	const struct hypervisor *xen = &replay->xen;
	const char *build = "";

	if (!xen->known)
		return NULL;
	if (xen->debug >= 0)
		build = xen->debug ? " (debug)" : " (release)";
	if (xen->words && *xen->words)
		return arena_printf(keep, "%s%s", xen->words, build);
	return arena_printf(keep, "%u.%u%s", xen->major, xen->minor, build);
}

/* --- from what ----------------------------------------------------------- */

/* One line has room for what decides most. Every log that can be judged has
 * kernel lines and an end; the side evidence of a few rules is told by -v. */
#define EVIDENCE_PLAIN (EVIDENCE_KERNEL | EVIDENCE_SETUP_END | EVIDENCE_LAYOUT | EVIDENCE_HOST_MAP | \
			EVIDENCE_MAPPED_LIMIT | EVIDENCE_PV_BUG | EVIDENCE_P2M_WORD | EVIDENCE_ANSWERS | \
			EVIDENCE_PIN_BUG | EVIDENCE_ENTRIES | EVIDENCE_PINS | EVIDENCE_XEN_VERSION)
#define EVIDENCE_ASIDE (EVIDENCE_SYMBOLS | EVIDENCE_DUMP | EVIDENCE_DOMAIN_XML | EVIDENCE_WX_CHECK)

/* Made without printf: twice a boot, and 8,000 instructions less. */
static const char *evidence_list(uint32_t bits, struct arena *keep)
{
	size_t bytes = 1;
	char *list, *to;

	/* Who prints page-type messages has a console. */
	if (bits & EVIDENCE_XEN_SPEAKS)
		bits &= ~(uint32_t)EVIDENCE_XEN;
	for (uint32_t left = bits; left; left &= left - 1)
		bytes += strlen(evidence_name((enum evidence)(left & -left))) + 2;
	list = to = arena_alloc(keep, bytes);
	for (uint32_t left = bits; left; left &= left - 1) {
		if (to > list)
			to = stpcpy(to, ", ");
		to = stpcpy(to, evidence_name((enum evidence)(left & -left)));
	}
	return list;
}

static uint32_t missing_bits(const struct boot_report *boot)
{
	return boot->lacking & ~(uint32_t)(EVIDENCE_PLAIN | EVIDENCE_ASIDE);
}

static void find_remedies(struct boot_report *boot, const struct replay *replay)
{
	_Static_assert(EVIDENCE_LAST < 1u << EVIDENCE_BITS, "every bit has its remedy");
	for (uint32_t left = boot->lacking; left; left &= left - 1)
		boot->remedies[__builtin_ctz(left)] =
			remedy_for(replay, (enum evidence)(left & -left));
}

/* --- how it ended -------------------------------------------------------- */

#define WORDS_SHOWN 100   /* of a panic message */

static const struct bug_record *first_bug(const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->bugs.count; i++)
		if (!replay->bugs.items[i].warning)
			return &replay->bugs.items[i];
	return NULL;
}

static void add_place(struct phrases *end, struct loc at)
{
	add(end, "", at.line ? " at line %llu" : " at byte %llu",
	    (unsigned long long)loc_number(at));
}

static void add_fault(struct phrases *end, const struct replay *replay)
{
	const struct fault_record *fault = &replay->faults.items[0];
	bool told_by_xen = fault->at.offset == replay->domain_crashed_at.offset &&
			   loc_known(replay->domain_crashed_at);

	if (told_by_xen)
		add(end, ", then ", "was ended by Xen");
	else
		add(end, ", then ", "crashed: %s", trap_name(fault->trap));
	add_place(end, fault->at);
	if (fault->rip_symbol && *fault->rip_symbol)
		add(end, ", in ", "%.*s", WORDS_SHOWN, fault->rip_symbol);
}

/* How it failed first: a panic is often the last consequence of a fault. */
enum failure { FAILURE_NONE, FAILURE_BUG, FAILURE_PANIC, FAILURE_FAULT, FAILURE_ENDED };

static enum failure first_failure(const struct replay *replay)
{
	const struct bug_record *bug = first_bug(replay);
	uint64_t panic_at = replay->panics.count ? replay->panics.items[0].at.offset : UINT64_MAX;
	uint64_t fault_at = replay->faults.count ? replay->faults.items[0].at.offset : UINT64_MAX;
	uint64_t bug_at = bug ? bug->at.offset : UINT64_MAX;

	if (bug && bug_at < panic_at && bug_at <= fault_at)
		return FAILURE_BUG;
	if (replay->panics.count && panic_at <= fault_at)
		return FAILURE_PANIC;
	if (replay->faults.count)
		return FAILURE_FAULT;
	return loc_known(replay->domain_crashed_at) ? FAILURE_ENDED : FAILURE_NONE;
}

static void add_failure(struct phrases *end, const struct replay *replay)
{
	const struct bug_record *bug;
	const char *words;

	switch (first_failure(replay)) {
	case FAILURE_BUG:
		bug = first_bug(replay);
		add(end, ", then ", "crashed: kernel BUG at %.*s:%u", WORDS_SHOWN,
		    bug->file ? bug->file : "?", bug->line);
		break;
	case FAILURE_PANIC:
		words = replay->panics.items[0].words;
		add(end, ", then ", "panicked: %.*s", WORDS_SHOWN, words ? words : "");
		break;
	case FAILURE_FAULT:
		add_fault(end, replay);
		break;
	case FAILURE_ENDED:
		add(end, ", then ", "was ended by Xen");
		add_place(end, replay->domain_crashed_at);
		break;
	case FAILURE_NONE:
		break;
	}
}

/* Does a finding about the boot that blames somebody stand on the line, or quote it? */
static bool is_blamed(const struct boot_report *boot, struct loc at)
{
	for (const struct finding *f = boot->findings; loc_known(at) && f; f = f->next)
		if (f->severity > SEV_NOTE && f->rule->scope != SCOPE_INPUT && finding_quotes(f, at))
			return true;
	return false;
}

/* Lines between what a kernel warns of and the panic that panic_on_warn makes of it:
 * "cut here", the warning itself. */
#define WARN_LINES 6u

static bool warned_of(const struct boot_report *boot, const struct words_record *panic)
{
	if (!panic->words || !text_begins(text_of(panic->words), TEXT("panic_on_warn set")))
		return false;
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->severity > SEV_NOTE && f->rule->scope != SCOPE_INPUT &&
		    f->notes[0].at.offset < panic->at.offset &&
		    loc_within(f->notes[0].at, panic->at, WARN_LINES))
			return true;
	return false;
}

/* Do the findings tell of the first failure? */
static bool failure_is_told(const struct boot_report *boot, const struct replay *replay)
{
	const struct fault_record *fault;

	switch (first_failure(replay)) {
	case FAILURE_BUG:
		return is_blamed(boot, first_bug(replay)->at);
	case FAILURE_PANIC:
		return is_blamed(boot, replay->panics.items[0].at) ||
		       warned_of(boot, &replay->panics.items[0]);
	case FAILURE_FAULT:
		fault = &replay->faults.items[0];
		return is_blamed(boot, fault->at) || is_blamed(boot, fault->code_at) ||
		       is_blamed(boot, fault->cr2_at) || is_blamed(boot, fault->walk_at) ||
		       is_blamed(boot, fault->rip_at);
	case FAILURE_ENDED:
		return is_blamed(boot, replay->domain_crashed_at);
	case FAILURE_NONE:
		break;
	}
	return true;
}

static const char *how_it_ended(const struct replay *replay, struct arena *keep)
{
	struct phrases end = { .arena = keep };

	if (replay->steps[STEP_USERSPACE].reached)
		end.text = "came as far as init";
	else if (replay_setup_done(replay))
		end.text = "went through page-table set-up";
	add_failure(&end, replay);
	if (!end.text && replay->walked.done)
		add(&end, "", "is known from its dump alone");
	if (!end.text) {
		add(&end, "", "the log ends during page-table set-up,");
		add_place(&end, replay->last);
	}
	return end.text;
}

/* --- why not ------------------------------------------------------------- */

static bool has_start(const struct replay *replay)
{
	return (replay->kernel.known && !replay->kernel.by_oops) ||
	       replay->map_in_force.span_count > 0 ||
	       replay->steps[STEP_XEN_BUILDS_DOM0].reached;
}

/* A trace without the boot that it is of. */
static bool is_trace_alone(const struct boot_report *boot, const struct replay *replay)
{
	return replay->operations && !boot->has_start && !boot->has_end &&
	       replay->operations == replay->sequence;
}

static void add_no_evidence(struct phrases *why, const struct replay *replay)
{
	add(why, "; ", "no line of the log tells which pages became page tables: ");
	if (replay->memblock_debug)
		add(why, "", "memblock=debug was on, so add ignore_loglevel and capture all of it");
	else
		add(why, "", "boot with memblock=debug ignore_loglevel");
	if (!replay_is_not_pv(replay) && (replay_is_pv(replay) || replay->xen.known) &&
	    !(replay->evidence & EVIDENCE_XEN_SPEAKS))
		add(why, "", ", under a debug build of Xen with guest_loglvl=all");
}

/* Of the operations that a trace names, are at least as many in forms that are not read as
 * were read? An operation stands for each loss. */
static bool is_mostly_unread(const struct replay *replay)
{
	uint64_t unread, lost;

	if (!replay->losses)
		return false;
	unread = replay->losses[LOSS_UNREAD].count;
	lost = unread + replay->losses[LOSS_EVENTS].count;
	return unread && replay->operations <= lost + unread;
}

static const char *no_verdict(const struct boot_report *boot, const struct replay *replay,
			      struct arena *keep)
{
	struct phrases why = { .arena = keep };

	if (is_trace_alone(boot, replay)) {
		add(&why, "; ", "the trace starts late: what the page tables held before its first "
		    "line is not told, and nothing in it could be judged without; trace from the "
		    "first operation on (see pgtcheck-capture(7)), or give the boot's log and this "
		    "file as --trace");
		return why.text;
	}
	if (is_mostly_unread(replay))
		add(&why, "; ", "most page-table operations of its trace stand in a form that is not "
		    "read");
	/* What is missing is second to what did happen, unless a finding tells it. */
	if (replay_crashed(replay) && !replay_setup_done(replay) && !boot_has_error(boot) &&
	    boot->failure_untold && !(boot->has_start && boot->has_end && boot->has_evidence))
		add(&why, "; ", "the boot %s, and no rule that could be judged explains it",
		    boot->how_it_ended);
	if (!boot->has_start)
		add(&why, "; ", "the boot's start is missing (no kernel banner, no memory map): "
		    "capture from power-on, with a larger log_buf_len if dmesg wrapped");
	if (!boot->has_end)
		add(&why, "; ", "the log ends before page-table set-up does (no \"Memory:\" line, "
		    "no crash): capture until it is over");
	if (!boot->has_evidence)
		add_no_evidence(&why, replay);
	return why.text;
}

/* A dump whose page tables were walked whole is a state that needs no story: a ring
 * that has wrapped has lost the boot's start. */
static bool walked_whole(const struct replay *replay)
{
	return replay->walked.done && !(replay->walked.pv && replay->walked.missing);
}

void boot_describe(struct boot_report *boot, const struct replay *replay, struct arena *keep)
{
	boot->start = replay->first;
	boot->end = replay->last;
	boot->domain = replay->domain;
	boot->kernel = replay->kernel.known ? keep_text(keep, replay->kernel.words) : NULL;
	boot->platform = platform_words(replay, keep);
	boot->xen = xen_words(replay, keep);
	boot->evidence = evidence_list(replay->evidence & ~(uint32_t)EVIDENCE_PLAIN, keep);
	boot->missing = evidence_list(missing_bits(boot) & ~replay->evidence, keep);
	find_remedies(boot, replay);
	boot->has_start = has_start(replay) || walked_whole(replay);
	boot->has_end = replay_setup_done(replay) || replay_crashed(replay) ||
			walked_whole(replay);
	boot->how_it_ended = how_it_ended(replay, keep);
	boot->failure_untold = !failure_is_told(boot, replay);
	boot->no_verdict = no_verdict(boot, replay, keep);
	boot->oracle_dumps = replay->dumps_compared;
	boot->oracle_agreed = replay->dumps_agreed;
}
