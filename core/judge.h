/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shows each event to the rules that listen, then to the replay; at a boot's
 * end asks every rule for its verdict. Knows no rule by name. */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "core/replay.h"
#include "core/report.h"
#include "core/rule.h"

/* Room of the listener sets; there are about sixty rules. */
#define RULES_MAX 128u
#define RULE_WORDS (RULES_MAX / 64)

struct judge {
	struct replay replay;
	struct report report;
	void **states;              /* one for each rule; in the boot's arena */
	struct arena boot_arena;    /* the replay's and the rules' memory */
	struct arena *keep;         /* where the boot's report lives; not owned */
	bool begun;                 /* an event has been judged since the last end */
	uint32_t boots;             /* ended so far */
	/* Which rules listen to each event kind, a bit for each index into
	 * rule_table: most events concern no rule, and should cost nothing. */
	uint64_t listeners[EV_COUNT][RULE_WORDS];
	/* Called after each event was applied; for --timeline and --map. */
	void (*observe)(void *context, const struct replay *before_or_after,
			const struct event *event);
	void *observe_context;
};

void judge_init(struct judge *judge, struct arena *keep, uint16_t domain,
		void (*exhausted)(void *context), void *context);
void judge_release(struct judge *judge);

MUST_USE enum status judge_event(struct judge *judge, const struct event *event);
/* The boot is over. Returns its report (in `keep`), or NULL when no event has
 * been seen since the last end. The judge is ready for the next boot. */
MUST_USE enum status judge_end_boot(struct judge *judge, struct boot_report **boot);

#endif
