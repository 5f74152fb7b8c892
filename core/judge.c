/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *    event --> the rules that listen (state before it) --> replay_apply()
 *     copy --> nobody
 *    end   --> judged? --> at_end of the judged rules  --> the boot's report
 */
#include "core/judge.h"

#include "core/boot_words.h"
#include "core/compare.h"
#include "core/picture.h"
#include "core/remedy.h"

static uint64_t listens_to(size_t rule)
{
	return rule_table[rule]->on_event ? rule_table[rule]->listens : 0;
}

static struct listener listener_of(size_t rule, unsigned kind)
{
	uint8_t owners = kind == EV_RANGE_RESERVED ? rule_table[rule]->owners : 0;

	return (struct listener){ .on_event = rule_table[rule]->on_event, .rule = (uint8_t)rule,
				  .owners = owners ? owners : OWNER_ANY };
}

/* Counts, makes room, fills in; rules keep their order. */
static void order_listeners(struct judge *judge)
{
	uint16_t next[EV_COUNT];

	for (size_t i = 0; i < rule_count; i++)
		for (uint64_t left = listens_to(i); left; left &= left - 1)
			judge->first[__builtin_ctzll(left) + 1]++;
	for (size_t kind = 0; kind < EV_COUNT; kind++) {
		next[kind] = judge->first[kind];
		judge->first[kind + 1] += judge->first[kind];
	}
	ASSERT(judge->first[EV_COUNT] <= LISTENERS_MAX);
	for (size_t i = 0; i < rule_count; i++)
		for (uint64_t left = listens_to(i); left; left &= left - 1) {
			unsigned kind = (unsigned)__builtin_ctzll(left);

			judge->listeners[next[kind]++] = listener_of(i, kind);
		}
}

void judge_init(struct judge *judge, struct arena *keep, uint16_t domain,
		void (*exhausted)(void *context), void *context)
{
	ASSERT(rule_count <= RULES_MAX);
	_Static_assert(EV_COUNT <= 64, "EVENT_BIT has room for every kind");
	memset(judge, 0, sizeof(*judge));
	judge->keep = keep;
	judge->domain = domain;
	arena_init(&judge->boot_arena, ARENA_BYTES_MAX, exhausted, context);
	replay_init(&judge->replay, &judge->boot_arena, domain);
	order_listeners(judge);
	for (size_t i = 0; i < rule_count; i++)
		if (rule_table[i]->state_bytes)
			judge->with_state[judge->with_state_count++] = (uint8_t)i;
}

void judge_release(struct judge *judge)
{
	replay_release(&judge->replay);
	arena_release(&judge->boot_arena);
}

/* --- a boot -------------------------------------------------------------- */

static void new_states(struct judge *judge)
{
	judge->states = arena_alloc(&judge->boot_arena, rule_count * sizeof(*judge->states));
	for (size_t i = 0; i < judge->with_state_count; i++) {
		size_t rule = judge->with_state[i];

		judge->states[rule] = arena_alloc(&judge->boot_arena, rule_table[rule]->state_bytes);
	}
	for (size_t i = 0; i < judge->first[EV_COUNT]; i++)
		judge->listeners[i].state = judge->states[judge->listeners[i].rule];
}

static NEVER_INLINE void begin_boot(struct judge *judge)
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
	if (judge->wants_picture)
		boot->picture = ARENA_NEW(judge->keep, struct picture);
	if (judge->wants_facts)
		boot->facts = ARENA_NEW(judge->keep, struct boot_facts);
	judge->watched = boot->picture || boot->facts || judge->observe;
	judge->begun = true;
}

/* Shows what was applied to those who keep account of a boot. */
static NEVER_INLINE enum status apply_watched(struct judge *judge, const struct event *event)
{
	struct boot_report *boot = judge->report.boot;
	enum status status = replay_apply(&judge->replay, event);

	if (status != ST_OK)
		return status;
	if (boot->picture)
		picture_event(boot->picture, judge->keep, &judge->replay, event);
	if (boot->facts)
		facts_event(boot->facts, judge->keep, event);
	if (judge->observe)
		judge->observe(judge->observe_context, &judge->replay, event);
	return ST_OK;
}

enum status judge_event(struct judge *judge, const struct event *event)
{
	const struct listener *listener = judge->listeners + judge->first[event->kind];
	const struct listener *end = judge->listeners + judge->first[event->kind + 1];
	uint8_t owner = OWNER_ANY;

	if (event->kind == EV_RANGE_RESERVED)
		owner |= event->u.range.owner;
	if (!judge->begun)
		begin_boot(judge);
	if (UNLIKELY(replay_is_told(&judge->replay, event)))
		return ST_OK;
	if (judge->replay.mmu && event->kind != EV_MMU_OP)
		replay_settle(&judge->replay);
	for (; listener < end; listener++)
		if (listener->owners & owner)
			listener->on_event(&judge->replay, event, listener->state,
					   &judge->report);
	if (LIKELY(!judge->watched))
		return replay_apply(&judge->replay, event);
	return apply_watched(judge, event);
}

struct mmu_queue *judge_open_queue(struct judge *judge, const struct event *event)
{
	if (!judge->begun || judge->observe || judge->report.boot->picture ||
	    judge->first[EV_MMU_OP] != judge->first[EV_MMU_OP + 1])
		return NULL;
	return replay_open_queue(&judge->replay, event);
}

/* --- what can be judged -------------------------------------------------- */

static bool scope_wants_pv(const struct replay *replay, enum scope scope)
{
	if (scope == SCOPE_GUEST)
		return !(replay->evidence & EVIDENCE_DOMAIN_XML);
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
	if (scope_wants_pv(replay, scope) && replay_is_not_pv(replay))
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
	case SCOPE_GUEST:
	case SCOPE_INPUT:
		break;
	}
	return NULL;
}

/* What a boot has not that rules of a scope want, whatever else they need. */
static uint32_t scope_lacks(const struct replay *replay, enum scope scope)
{
	return scope_wants_pv(replay, scope) && !replay_is_pv(replay) &&
	       !(replay->evidence & EVIDENCE_XEN) ? EVIDENCE_XEN : 0;
}

/* What keeps the rule from being judged: the missing bits of the set that is
 * easiest to complete on this kernel; 0 when one set is all there. */
static uint32_t lacking(const struct replay *replay, const struct rule *rule)
{
	uint32_t least = 0;
	unsigned least_weight = 0;

	for (size_t i = 0; i < ARRAY_LEN(rule->needs_any) && rule->needs_any[i]; i++) {
		uint32_t lacks = rule->needs_any[i] & ~replay->evidence;
		unsigned weight;

		if (!lacks)
			return 0;
		weight = (unsigned)__builtin_popcount(lacks) + 4 * remedy_distance(replay, lacks);
		/* There is a trace: it is to be a better one. */
		if ((replay->evidence & EVIDENCE_TRACE) && !(lacks & ~(uint32_t)EVIDENCE_DECIDED))
			weight = 0;
		if (!least || weight < least_weight) {
			least = lacks;
			least_weight = weight;
		}
	}
	return least;
}

/* See needs_any. */
static bool asks_any_trace(const struct replay *replay, const struct rule *rule)
{
	bool asks = false;

	for (size_t i = 0; i < ARRAY_LEN(rule->needs_any); i++)
		asks |= (rule->needs_any[i] & EVIDENCE_DECIDED) != 0;
	return asks && (replay->evidence & EVIDENCE_TRACE);
}

static void count_judged(struct boot_report *boot, const struct rule *rule,
			 struct rule_result *result)
{
	result->judgement = JUDGED;
	result->lacking = 0;
	boot->judged++;
	if (rule->page_table_evidence)
		boot->has_evidence = true;
}

/* Rules, by their index. */
struct rules { size_t count; uint8_t items[RULES_MAX]; };

/* Which rules are to be asked at the end, and which lack evidence: some may be both. */
static void judge_rules(struct boot_report *boot, const struct replay *replay, struct rules *asked,
			struct rules *lack)
{
	struct { const char *reason; uint32_t lacks; } scopes[SCOPE_INPUT + 1];

	for (enum scope scope = SCOPE_ALL; scope <= SCOPE_INPUT; scope++) {
		scopes[scope].reason = out_of_scope(replay, scope);
		scopes[scope].lacks = scope_lacks(replay, scope);
	}
	for (size_t i = 0; i < rule_count; i++) {
		const struct rule *rule = rule_table[i];
		struct rule_result *result = &boot->results[i];

		result->reason = scopes[rule->scope].reason;
		if (result->reason) {
			result->judgement = NOT_APPLICABLE;
			boot->not_applicable++;
			continue;
		}
		result->lacking = scopes[rule->scope].lacks;
		if (!result->lacking)
			result->lacking = lacking(replay, rule);
		if (result->lacking) {
			result->judgement = NOT_CHECKED;
			lack->items[lack->count++] = (uint8_t)i;
			if (!asks_any_trace(replay, rule))
				continue;
		} else {
			count_judged(boot, rule, result);
		}
		if (rule->at_end)
			asked->items[asked->count++] = (uint8_t)i;
	}
}

/* A rule that was asked of any trace is judged when it has found something; what others
 * lacked is told. */
static void settle_unjudged(struct boot_report *boot, const struct replay *replay,
			    const struct rules *lack, const uint32_t *count_by_rule)
{
	for (size_t i = 0; i < lack->count; i++) {
		const struct rule *rule = rule_table[lack->items[i]];
		struct rule_result *result = &boot->results[lack->items[i]];

		if (count_by_rule[lack->items[i]] && asks_any_trace(replay, rule)) {
			count_judged(boot, rule, result);
			continue;
		}
		boot->not_checked++;
		boot->lacking |= result->lacking;
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

/* Something is said of what the trace shows to be refused, and not just that it was. */
static bool is_explained(const struct boot_report *boot)
{
	bool said = false;

	for (const struct finding *f = boot->findings; f; f = f->next) {
		if (f->unexplained)
			return false;
		said |= f->severity > SEV_NOTE;
	}
	return said;
}

/* A boot that died while its page tables were being set up, or had a page-table
 * operation refused, and nothing says why: that is no clean boot. */
static void doubt_unexplained(struct boot_report *boot, const struct replay *replay,
			      struct report *report)
{
	bool crashed = replay_crashed(replay) && !replay_setup_done(replay);
	bool traced = replay->refused_traced && !is_explained(boot);

	if (boot->no_verdict && !(traced && boot->has_start && boot->has_end))
		return;
	if (!crashed && !traced && !batch_refused(replay))
		return;
	if (boot_has_error(boot))
		return;
	if (!crashed && traced) {
		boot->no_verdict = "the trace shows that the hypervisor refused a page-table operation, "
				   "and what came before in it does not tell why: trace from the boot's "
				   "beginning, or boot a debug build of Xen with guest_loglvl=all and "
				   "capture its console";
		return;
	}
	if (!crashed) {
		boot->no_verdict = "the hypervisor refused part of a batch of hypercalls, and nothing "
				   "tells which page was refused or why: boot a debug build of Xen with "
				   "guest_loglvl=all and capture its console";
		return;
	}
	if (!boot->failure_untold) {
		boot->no_verdict = report_text(report, "the boot %s, before page-table set-up was "
			"over: only what came before could be judged", boot->how_it_ended);
		return;
	}
	boot->no_verdict = report_text(report, "the boot %s, before page-table set-up was over, and "
		"no rule that could be judged explains it: boot with memblock=debug "
		"ignore_loglevel (and, under Xen, a debug build with guest_loglvl=all) and "
		"capture both consoles", boot->how_it_ended);
}

enum status judge_end_boot(struct judge *judge, struct boot_report **boot)
{
	struct replay *replay = &judge->replay;
	struct rules asked, lack;
	enum status status;

	*boot = NULL;
	if (!judge->begun)
		return ST_OK;
	status = replay_finish(replay);
	*boot = judge->report.boot;
	(*boot)->number = ++judge->boots;
	if ((*boot)->picture)
		picture_end((*boot)->picture, judge->keep, replay);
	if ((*boot)->facts)
		facts_end((*boot)->facts, judge->keep, replay);
	asked.count = lack.count = 0;
	judge_rules(*boot, replay, &asked, &lack);
	for (size_t i = 0; i < asked.count; i++)
		rule_table[asked.items[i]]->at_end(replay, judge->states[asked.items[i]], &judge->report);
	settle_unjudged(*boot, replay, &lack, judge->report.count_by_rule);
	drop_unjudged(&judge->report);
	(*boot)->in_order = replay->in_order;
	(*boot)->trace_behind = replay_trace_behind(replay);
	report_close_boot(&judge->report);
	boot_describe(*boot, replay, judge->keep);
	if (replay->mmu && mmu_counts(replay->mmu)->operations) {
		struct mmu_counts *counts = ARENA_NEW(judge->keep, struct mmu_counts);

		*counts = *mmu_counts(replay->mmu);
		(*boot)->trace = counts;
	}
	doubt_unexplained(*boot, replay, &judge->report);

	judge->begun = false;
	judge->states = NULL;
	arena_reset(&judge->boot_arena);
	/* An excerpt's boot may have taken the domain that Xen named: the next has not. */
	replay_reset(replay, &judge->boot_arena, judge->domain);
	return status;
}
