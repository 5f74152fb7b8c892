/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *    event --> the rules that listen (state before it) --> replay_apply()
 *    end   --> judged? --> at_end of the judged rules  --> the boot's report
 */
#include "core/judge.h"

#include "core/boot_words.h"

void judge_init(struct judge *judge, struct arena *keep, uint16_t domain,
		void (*exhausted)(void *context), void *context)
{
	ASSERT(rule_count <= RULES_MAX);
	_Static_assert(EV_COUNT <= 64, "EVENT_BIT has room for every kind");
	memset(judge, 0, sizeof(*judge));
	judge->keep = keep;
	arena_init(&judge->boot_arena, ARENA_BYTES_MAX, exhausted, context);
	replay_init(&judge->replay, &judge->boot_arena, domain);
	for (size_t i = 0; i < rule_count; i++) {
		uint64_t left = rule_table[i]->on_event ? rule_table[i]->listens : 0;

		for (; left; left &= left - 1)
			judge->listeners[__builtin_ctzll(left)][i / 64] |= UINT64_C(1) << (i % 64);
	}
}

void judge_release(struct judge *judge)
{
	replay_release(&judge->replay);
	arena_release(&judge->boot_arena);
}

/* --- a boot -------------------------------------------------------------- */

/* One block for all states: a boot of a small log must cost little. */
static void new_states(struct judge *judge)
{
	size_t total = 0;
	char *at;

	for (size_t i = 0; i < rule_count; i++)
		total += (rule_table[i]->state_bytes + 15) & ~(size_t)15;
	judge->states = arena_alloc(&judge->boot_arena, rule_count * sizeof(*judge->states));
	at = arena_alloc(&judge->boot_arena, total);
	for (size_t i = 0; i < rule_count; i++) {
		judge->states[i] = at;
		at += (rule_table[i]->state_bytes + 15) & ~(size_t)15;
	}
}

static void begin_boot(struct judge *judge)
{
	struct boot_report *boot = ARENA_NEW(judge->keep, struct boot_report);

	new_states(judge);
	boot->results = arena_alloc(judge->keep, rule_count * sizeof(*boot->results));
	judge->report = (struct report){
		.arena = judge->keep,
		.boot = boot,
		.tail = &boot->findings,
		.count_by_rule = arena_alloc(judge->keep, rule_count * sizeof(uint32_t)),
	};
	judge->begun = true;
}

enum status judge_event(struct judge *judge, const struct event *event)
{
	const uint64_t *listeners = judge->listeners[event->kind];
	enum status status;

	if (!judge->begun)
		begin_boot(judge);
	for (size_t word = 0; word < RULE_WORDS; word++) {
		for (uint64_t left = listeners[word]; left; left &= left - 1) {
			size_t i = word * 64 + (size_t)__builtin_ctzll(left);

			rule_table[i]->on_event(&judge->replay, event, judge->states[i],
						&judge->report);
		}
	}
	status = replay_apply(&judge->replay, event);
	if (status == ST_OK && judge->observe)
		judge->observe(judge->observe_context, &judge->replay, event);
	return status;
}

/* --- what can be judged -------------------------------------------------- */

static bool scope_wants_pv(enum scope scope)
{
	return scope == SCOPE_PV || scope == SCOPE_PV_POOL_ERA || scope == SCOPE_PV_BRK_ERA ||
	       scope == SCOPE_PV_32BIT;
}

/* Stable branches backport forms: what the log shows wins over the version,
 * and an unknown version decides nothing. */
static bool in_pool_era(const struct replay *replay)
{
	if (replay->evidence & EVIDENCE_POOL)
		return true;
	if (replay->evidence & EVIDENCE_BRK_LINES)
		return false;
	return !kernel_from(&replay->kernel, 3, 9, 0);
}

static bool in_brk_era(const struct replay *replay)
{
	if (replay->evidence & EVIDENCE_BRK_LINES)
		return true;
	if (replay->evidence & EVIDENCE_POOL)
		return false;
	return !kernel_before(&replay->kernel, 3, 9, 0);
}

static const char *not_pv_reason(const struct replay *replay)
{
	switch (replay->platform) {
	case PLATFORM_XEN_PVH:
		return "Xen does not type the page tables of a PVH guest";
	case PLATFORM_XEN_HVM:
		return "Xen does not type the page tables of an HVM guest";
	case PLATFORM_UNKNOWN:
	case PLATFORM_NATIVE:
	case PLATFORM_XEN_PV:
	case PLATFORM_OTHER_VM:
		break;
	}
	return "only a Xen PV guest has typed page tables; this boot is not one";
}

/* Why the rule makes no sense on this boot, or NULL. */
static const char *out_of_scope(const struct replay *replay, enum scope scope)
{
	if (scope_wants_pv(scope) && replay_is_not_pv(replay))
		return not_pv_reason(replay);
	switch (scope) {
	case SCOPE_POOL_ERA:
	case SCOPE_PV_POOL_ERA:
		if (!in_pool_era(replay))
			return "kernels from 3.9 on have no page-table buffer of this kind";
		break;
	case SCOPE_BRK_ERA:
	case SCOPE_PV_BRK_ERA:
		if (!in_brk_era(replay))
			return "kernels up to 3.8 take no page tables from the brk";
		break;
	case SCOPE_PV_32BIT:
		if (replay->bits == 64)
			return "only a 32-bit PAE guest has such a table";
		break;
	case SCOPE_ALL:
	case SCOPE_PV:
	case SCOPE_INPUT:
		break;
	}
	return NULL;
}

/* What keeps the rule from being judged: the missing bits of the set that
 * lacks least; 0 when one set is all there. */
static uint32_t lacking(const struct replay *replay, const struct rule *rule)
{
	uint32_t least = 0;

	if (rule->scope == SCOPE_INPUT)
		return 0;
	if (scope_wants_pv(rule->scope) && !replay_is_pv(replay) &&
	    !(replay->evidence & EVIDENCE_XEN))
		return EVIDENCE_XEN;
	for (size_t i = 0; i < ARRAY_LEN(rule->needs_any) && rule->needs_any[i]; i++) {
		uint32_t lacks = rule->needs_any[i] & ~replay->evidence;

		if (!lacks)
			return 0;
		if (!least || __builtin_popcount(lacks) < __builtin_popcount(least))
			least = lacks;
	}
	return least;
}

static void judge_rules(struct boot_report *boot, const struct replay *replay)
{
	for (size_t i = 0; i < rule_count; i++) {
		const struct rule *rule = rule_table[i];
		struct rule_result *result = &boot->results[i];

		result->reason = out_of_scope(replay, rule->scope);
		if (result->reason) {
			result->judgement = NOT_APPLICABLE;
			boot->not_applicable++;
			continue;
		}
		result->lacking = lacking(replay, rule);
		if (result->lacking) {
			result->judgement = NOT_CHECKED;
			boot->not_checked++;
			continue;
		}
		result->judgement = JUDGED;
		boot->judged++;
		if (rule->page_table_evidence)
			boot->has_evidence = true;
	}
}

/* A rule that lacked evidence has nothing to say, even when an event alone
 * looked like a breach. */
static void drop_unjudged(struct report *report)
{
	struct finding **link = &report->boot->findings;

	while (*link) {
		if (report->boot->results[rule_index((*link)->rule)].judgement == JUDGED)
			link = &(*link)->next;
		else
			*link = (*link)->next;
	}
	report->tail = link;
}

/* Did the hypervisor refuse part of a batch? The kernel says so even where a
 * release Xen is silent. */
static bool batch_refused(const struct replay *replay)
{
	if (replay->multicalls.count)
		return true;
	for (uint32_t i = 0; i < replay->bugs.count; i++)
		if (strstr(replay->bugs.items[i].file, "xen/multicalls.c"))
			return true;
	return false;
}

/* A boot that died while its page tables were being set up, or had a page-table
 * operation refused, and nothing says why: that is no clean boot. */
static void doubt_unexplained(struct boot_report *boot, const struct replay *replay)
{
	bool crashed = replay_crashed(replay) && !replay_setup_done(replay);

	if (boot->no_verdict || (!crashed && !batch_refused(replay)))
		return;
	for (const struct finding *f = boot->findings; f; f = f->next)
		if (f->severity == SEV_ERROR)
			return;
	if (!crashed) {
		boot->no_verdict = "the hypervisor refused part of a batch of hypercalls, and nothing "
				   "tells which page was refused or why: boot a debug build of Xen with "
				   "guest_loglvl=all and capture its console";
		return;
	}
	boot->no_verdict = "the boot crashed before page-table set-up was over, and no rule that could "
			   "be judged explains it: boot with memblock=debug ignore_loglevel (and, under "
			   "Xen, a debug build with guest_loglvl=all) and capture both consoles";
}

enum status judge_end_boot(struct judge *judge, struct boot_report **boot)
{
	struct replay *replay = &judge->replay;
	enum status status;

	*boot = NULL;
	if (!judge->begun)
		return ST_OK;
	status = replay_finish(replay);
	*boot = judge->report.boot;
	(*boot)->number = ++judge->boots;
	judge_rules(*boot, replay);
	for (size_t i = 0; i < rule_count; i++)
		if ((*boot)->results[i].judgement == JUDGED && rule_table[i]->at_end)
			rule_table[i]->at_end(replay, judge->states[i], &judge->report);
	drop_unjudged(&judge->report);
	report_close_boot(&judge->report);
	boot_describe(*boot, replay, judge->keep);
	doubt_unexplained(*boot, replay);

	judge->begun = false;
	judge->states = NULL;
	arena_reset(&judge->boot_arena);
	replay_reset(replay, &judge->boot_arena, replay->domain);
	return status;
}
