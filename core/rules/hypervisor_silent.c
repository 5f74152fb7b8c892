/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Xen's console is there, but this Xen would not have printed a page-type
 * refusal: that there is none proves nothing. */
#include "core/rule.h"

const struct rule rule_hypervisor_silent;

/* From 4.6 on gdprintk() is empty in a release build.
 * Source: Xen 28fbff96c1, xen/include/xen/lib.h. */
static bool compiled_out_from_here(const struct hypervisor *xen)
{
	return xen->major > 4 || (xen->major == 4 && xen->minor >= 6);
}

static void silent_build(const struct hypervisor *xen, struct finding *f, struct report *report)
{
	struct note *note = finding_note(report, f, xen->at, NULL);

	if (!xen->debug) {
		finding_message(report, f, "this is a release build of Xen: it refuses page-table "
			"operations without a word");
		note_caret(report, note, "debug=n", "a release build");
		f->facts = "release";
		return;
	}
	finding_at_most(f, INFERRED);
	finding_message(report, f, "Xen %u.%u does not say whether it is a debug build: a release "
		"build refuses page-table operations without a word", xen->major, xen->minor);
	f->facts = "build not told";
}

static void silent_level(const struct replay *replay, struct finding *f, struct report *report)
{
	finding_at_most(f, INFERRED);
	finding_message(report, f, "Xen was not told to print all guest messages: refusals of "
		"page-table operations may be missing");
	finding_note(report, f, replay->xen_command_line_at, "guest_loglvl=all is not there");
	f->fix = "boot Xen with guest_loglvl=all";
	f->facts = "level";
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const struct hypervisor *xen = &replay->xen;
	struct finding *f;

	(void)private;
	/* Without its console there is no silence to misread, only a gap that
	 * the report names anyway. */
	if (!replay_is_pv(replay) || !xen->known || !xen->on_console ||
	    (replay->evidence & EVIDENCE_XEN_SPEAKS))
		return;
	f = finding_new(report, &rule_hypervisor_silent, xen->at);
	if (compiled_out_from_here(xen) && xen->debug != 1)
		silent_build(xen, f, report);
	else
		silent_level(replay, f, report);
}

const struct rule rule_hypervisor_silent = {
	.id = "PGT061",
	.name = "hypervisor-silent",
	.severity = SEV_NOTE,
	.scope = SCOPE_INPUT,
	.title = "This Xen would not have printed a refused page-table operation",
	.why = "page-type messages are compiled out of release builds from 4.6 on, and are printed "
	       "at the guest's log level: that there is none here proves nothing",
	.fix = "boot a debug build of Xen (debug=y) with guest_loglvl=all, and capture its console",
	.source = "Xen xen/include/xen/lib.h gdprintk(), 28fbff96c1 (4.6)",
	.needs = "Xen's console with its banner",
	.bad = "(XEN) Xen version 4.17.5 (...) debug=n",
	.good = "(XEN) Xen version 4.17.5 (...) debug=y\n(XEN) Guest Loglevel: All",
	.at_end = at_end,
};
