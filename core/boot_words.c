/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/boot_words.h"

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
#define EVIDENCE_PLAIN (EVIDENCE_KERNEL | EVIDENCE_SETUP_END | EVIDENCE_LAYOUT | EVIDENCE_HOST_MAP)
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
	uint32_t bits = 0;

	for (size_t i = 0; i < rule_count; i++)
		if (boot->results[i].judgement == NOT_CHECKED)
			bits |= boot->results[i].lacking;
	return bits & ~(uint32_t)(EVIDENCE_PLAIN | EVIDENCE_ASIDE);
}

/* --- how it ended -------------------------------------------------------- */

#define WORDS_SHOWN 100   /* of a panic message */

static void add_failure(struct phrases *end, const struct replay *replay)
{
	if (replay->panics.count) {
		const char *words = replay->panics.items[0].words;

		add(end, ", then ", "panicked: %.*s", WORDS_SHOWN, words ? words : "");
		return;
	}
	for (uint32_t i = 0; i < replay->bugs.count; i++) {
		const struct bug_record *bug = &replay->bugs.items[i];

		if (bug->warning)
			continue;
		add(end, ", then ", "crashed: kernel BUG at %.*s:%u", WORDS_SHOWN,
		    bug->file ? bug->file : "?", bug->line);
		return;
	}
	for (uint32_t i = 0; i < replay->faults.count; i++) {
		if (!replay->faults.items[i].has_code)
			continue;
		add(end, ", then ", "crashed: page fault at line %u",
		    replay->faults.items[i].at.line);
		return;
	}
	if (loc_known(replay->domain_crashed_at))
		add(end, ", then ", "was ended by Xen at line %u", replay->domain_crashed_at.line);
}

static const char *how_it_ended(const struct replay *replay, struct arena *keep)
{
	struct phrases end = { .arena = keep };

	if (replay->steps[STEP_USERSPACE].reached)
		add(&end, "", "came as far as init");
	else if (replay_setup_done(replay))
		add(&end, "", "went through page-table set-up");
	add_failure(&end, replay);
	if (!end.text)
		add(&end, "", "the log ends during page-table set-up, at line %u",
		    replay->last.line);
	return end.text;
}

/* --- why not ------------------------------------------------------------- */

static bool has_start(const struct replay *replay)
{
	return (replay->kernel.known && !replay->kernel.by_oops) ||
	       replay->map_in_force.span_count > 0 ||
	       replay->steps[STEP_XEN_BUILDS_DOM0].reached;
}

static void add_no_evidence(struct phrases *why, const struct replay *replay)
{
	add(why, "; ", "no line of the log tells about page tables: ");
	if (replay->memblock_debug)
		add(why, "", "memblock=debug was on, so add ignore_loglevel and capture all of it");
	else
		add(why, "", "boot with memblock=debug ignore_loglevel");
	if (!replay_is_not_pv(replay) && (replay_is_pv(replay) || replay->xen.known) &&
	    !(replay->evidence & EVIDENCE_XEN_SPEAKS))
		add(why, "", ", under a debug build of Xen with guest_loglvl=all");
}

static const char *no_verdict(const struct boot_report *boot, const struct replay *replay,
			      struct arena *keep)
{
	struct phrases why = { .arena = keep };

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
	boot->has_start = has_start(replay);
	boot->has_end = replay_setup_done(replay) || replay_crashed(replay);
	boot->how_it_ended = how_it_ended(replay, keep);
	boot->no_verdict = no_verdict(boot, replay, keep);
	boot->oracle_dumps = replay->dumps_compared;
	boot->oracle_agreed = replay->dumps_agreed;
}
