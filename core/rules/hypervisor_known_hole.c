/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * This Xen is older than the fixes of holes in its own page-type rules: it may
 * accept what the rules forbid, and not a word of it on the console. */
#include "core/rule.h"

const struct rule rule_hypervisor_known_hole;

/* The first release that has each fix. Stable branches and distributions
 * backport, and the banner does not tell: the finding is inferred.
 * Source: the advisories (xenbits.xen.org/xsa) and Xen's git history. */
static const struct hole {
	const char *advisory;
	uint16_t minor;         /* fixed in 4.minor */
	const char *rules;      /* that may stay silent, or disagree with Xen */
} holes[] = {
	{ "45", 3, "PGT039" },            /* table handling not preemptible: partial states */
	{ "148", 7, "PGT029" },           /* PSE+RW through the L2 fast path */
	{ "182", 8, "PGT028" },           /* RW on L2 and up through the fast path */
	{ "185", 8, "PGT036" },           /* L3 recursion of 32-bit guests */
	{ "212", 9, "PGT031" },           /* memory exchange writes anywhere */
	{ "213", 9, "PGT038" },           /* early exit from a multicall */
	{ "214", 9, "PGT026" },           /* type kept when a page is transferred */
	{ "240", 10, "PGT028" },          /* depth of linear page tables */
	{ "241", 10, "PGT039" },          /* stale TLB stamp */
	{ "242", 10, "PGT039" },          /* last type reference */
	{ "286", 15, "PGT021" },          /* stale linear mapping after an L2+ change */
	{ "290", 12, "PGT039" },          /* preemption of validation */
	{ "299", 13, "PGT039" },          /* partial validation */
	{ "309", 14, "PGT028" },          /* linear page tables, counted */
	{ "310", 14, "PGT039" },          /* partial validation again */
	{ "401", 17, "PGT020" },          /* race of two type changes */
};

static bool has_hole(const struct hypervisor *xen, const struct hole *hole)
{
	return xen->major < 4 || (xen->major == 4 && xen->minor < hole->minor);
}

/* "PGT020, PGT028": each once, in the order of their numbers. */
static const char *rules_of(const struct hypervisor *xen, struct report *report)
{
	const char *list = "", *last = "";

	for (;;) {
		const char *next = NULL;

		for (size_t i = 0; i < ARRAY_LEN(holes); i++)
			if (has_hole(xen, &holes[i]) && strcmp(holes[i].rules, last) > 0 &&
			    (!next || strcmp(holes[i].rules, next) < 0))
				next = holes[i].rules;
		if (!next)
			return list;
		list = report_text(report, "%s%s%s", list, *list ? ", " : "", next);
		last = next;
	}
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct hypervisor *xen = &replay->xen;
	const char *list = "";
	struct finding *f;

	(void)private;
	for (size_t i = 0; i < ARRAY_LEN(holes); i++)
		if (has_hole(xen, &holes[i]))
			list = report_text(report, "%s%s%s", list, *list ? ", " : "XSA-",
				holes[i].advisory);
	if (!*list)
		return;
	f = finding_new(report, &rule_hypervisor_known_hole, xen->at);
	finding_at_most(f, INFERRED);
	finding_message(report, f, "Xen %u.%u is older than the fixes of %s: it may have accepted "
		"what its rules forbid", xen->major, xen->minor, list);
	f->why = report_text(report, "these rules may stay silent, or disagree with what Xen did: %s",
		rules_of(xen, report));
	f->facts = list;
}

const struct rule rule_hypervisor_known_hole = {
	.id = "PGT063",
	.name = "hypervisor-known-hole",
	.severity = SEV_NOTE,
	.scope = SCOPE_PV,
	.title = "This Xen is older than the fixes of holes in its page-type rules",
	.why = "such a hypervisor may accept an operation that its rules forbid, so its silence "
	       "proves less",
	.fix = "check whether your package has the fixes (stable releases backport them), or "
	       "repeat the boot on a supported release",
	.source = "Xen security advisories 45 to 402 that concern PV page types",
	.needs = "Xen's version, and a console that carries page-type messages, or a value-level trace",
	.bad = "(XEN) Xen version 4.4.4 (...) debug=y",
	.good = "(XEN) Xen version 4.17.5 (...) debug=y",
	/* Where Xen is silent anyway, PGT061 has said what matters. */
	.needs_any = { EVIDENCE_XEN_SPEAKS | EVIDENCE_XEN_VERSION, EVIDENCE_TRACE | EVIDENCE_XEN_VERSION },
	.at_end = at_end,
};
