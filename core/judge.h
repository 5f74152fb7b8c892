/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shows each event to the rules that listen, then to the replay; at a boot's
 * end asks every rule for its verdict. Knows no rule by name. */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "core/replay.h"
#include "core/report.h"
#include "core/rule.h"

/* There are about sixty rules, of which a third listens, to two kinds of event on
 * average. */
#define RULES_MAX 255u
#define LISTENERS_MAX 128u

struct listener {
	void (*on_event)(const struct replay *, const struct event *, void *state,
			 struct report *);
	void *state;                /* of this boot */
	uint8_t rule;               /* its index in rule_table */
	uint8_t owners;             /* whose event it hears; OWNER_ANY: anybody's */
};

struct judge {
	struct replay replay;
	struct report report;
	void **states;              /* one for each rule; in the boot's arena */
	uint8_t with_state[RULES_MAX];   /* the rules that have one */
	uint32_t with_state_count;
	struct arena boot_arena;    /* the replay's and the rules' memory */
	struct arena *keep;         /* where the boot's report lives; not owned */
	uint16_t domain;            /* that each boot begins with */
	bool begun;                 /* an event has been judged since the last end */
	uint32_t boots;             /* ended so far */
	bool wants_picture;         /* boot_report.picture is to be filled */
	bool wants_facts;           /* boot_report.facts */
	/* Which rules listen to each event kind: `listeners` from first[kind] to
	 * first[kind + 1]. Most events concern few. */
	uint16_t first[EV_COUNT + 1];
	struct listener listeners[LISTENERS_MAX];
	bool watched;               /* by a picture, by facts or by `observe`, in this boot */
	/* Called after each event was applied; for --timeline and --map. Set before a boot
	 * begins. */
	void (*observe)(void *context, const struct replay *before_or_after,
			const struct event *event);
	void *observe_context;
};

void judge_init(struct judge *judge, struct arena *keep, uint16_t domain,
		void (*exhausted)(void *context), void *context);
void judge_release(struct judge *judge);

MUST_USE enum status judge_event(struct judge *judge, const struct event *event);
/* See replay_open_queue(), when nobody but the type engine asks for operations. NULL:
 * somebody does. */
struct mmu_queue *judge_open_queue(struct judge *judge, const struct event *event);
/* The boot is over. Returns its report (in `keep`), or NULL when no event has
 * been seen since the last end. The judge is ready for the next boot. */
MUST_USE enum status judge_end_boot(struct judge *judge, struct boot_report **boot);

#endif
