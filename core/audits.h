/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the walk over a dump's page tables found, as findings of the rules that
 * forbid it. A dump is the end state: that it is so is proved, how it came about
 * is not told. */
#ifndef CORE_AUDITS_H
#define CORE_AUDITS_H

#include "core/rule.h"

/* A finding of `rule` for every fact of this kind. */
void audits_tell(const struct replay *replay, enum audit what, const struct rule *rule,
		 struct report *report);

/* The same, for those tables only that are fresh (or not): taken from a pool, the
 * brk or memblock, in a boot that had not come past page-table set-up. */
void audits_tell_data(const struct replay *replay, bool fresh, const struct rule *rule,
		      struct report *report);

#endif
