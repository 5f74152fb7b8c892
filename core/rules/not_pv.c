/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest is no PV guest: Xen keeps no types for its page tables. */
#include "core/rule.h"

const struct rule rule_not_pv;

/* On bare metal nobody expects Xen's rules, and the report's first line says
 * "native". Where Xen is in play somebody may: say why they are skipped. */
static const char *what_it_is(const struct replay *replay)
{
	switch (replay->platform) {
	case PLATFORM_XEN_PVH:
		return "a PVH guest";
	case PLATFORM_XEN_HVM:
		return "an HVM guest";
	case PLATFORM_NATIVE:
	case PLATFORM_OTHER_VM:
		return replay->xen.on_console ? "no Xen guest" : NULL;
	case PLATFORM_UNKNOWN:
	case PLATFORM_XEN_PV:
		break;
	}
	return NULL;
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	const char *what = what_it_is(replay);
	struct finding *f;

	(void)private;
	if (!what)
		return;
	f = finding_new(report, &rule_not_pv, replay->platform_at);
	finding_message(report, f, "this is %s: rules about page types do not apply", what);
	f->facts = what;
}

const struct rule rule_not_pv = {
	.id = "PGT060",
	.name = "not-pv",
	.severity = SEV_NOTE,
	.scope = SCOPE_INPUT,
	.title = "The kernel is no PV guest: rules about page types do not apply",
	.why = "only a PV guest's page tables are checked by Xen; a PVH, HVM or native kernel may "
	       "map its page tables as it likes",
	.fix = "nothing to do; if the guest should be PV, look at its configuration (type=\"pv\")",
	.source = "Xen docs/man/xl.cfg.5 (type); Linux arch/x86/xen/enlighten_{pv,pvh,hvm}.c",
	.needs = "what the kernel says it runs on",
	.good = "Booting paravirtualized kernel on Xen",
	.bad = "Booting paravirtualized kernel on Xen HVM",
	.at_end = at_end,
};
