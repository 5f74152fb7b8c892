/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of one boot contradict each other: they come from two. */
#include "core/rule.h"

const struct rule rule_mixed_input;

static struct finding *mixed(struct report *report, const struct event *event, struct loc other,
			     const char *says, const char *facts)
{
	struct finding *f = finding_new(report, &rule_mixed_input, event->at);

	finding_note(report, f, other, "%s", says);
	f->facts = facts;
	return f;
}

/* The guest reads Xen's version by hypercall; a crash dump prints it again. */
static void another_xen(const struct replay *replay, const struct event *event,
			struct report *report)
{
	const struct hypervisor *xen = &replay->xen;
	struct finding *f;

	if (!xen->known || event->speaker == SPEAKER_XEN ||
	    (xen->major == event->u.xen.major && xen->minor == event->u.xen.minor))
		return;
	f = mixed(report, event, xen->at, "the other version", "xen version");
	if (f->more)
		return;
	finding_message(report, f, "this line is from Xen %u.%u, the console before from Xen %u.%u",
		event->u.xen.major, event->u.xen.minor, xen->major, xen->minor);
}

/* "Xen:" before a map is printed by a PV guest alone. */
static void another_platform(const struct replay *replay, const struct event *event,
			     struct report *report)
{
	const struct span *entry = range_map_from(&replay->map_in_force, 0);
	struct finding *f;

	if (replay->map_view != VIEW_XEN || !(replay->evidence & EVIDENCE_MAP) || !entry ||
	    (event->u.platform != PLATFORM_NATIVE && event->u.platform != PLATFORM_XEN_HVM))
		return;
	f = mixed(report, event, entry->at, "only a PV guest of Xen prints its map like this",
		  "platform");
	if (f->more)
		return;
	finding_message(report, f, "this kernel says that it runs %s, but the memory map before is "
		"a Xen PV guest's", event->u.platform == PLATFORM_NATIVE ? "on bare hardware"
									  : "as an HVM guest");
}

/* An oops names its kernel again. Only the numbers count: the banner of some
 * distributions has another suffix. */
static void another_kernel(const struct replay *replay, const struct event *event,
			   struct report *report)
{
	const struct kernel_version *kernel = &replay->kernel;
	struct finding *f;

	if (!event->u.kernel.by_oops || !kernel->known || kernel->by_oops ||
	    (kernel->major == event->u.kernel.major && kernel->minor == event->u.kernel.minor &&
	     kernel->patch == event->u.kernel.patch))
		return;
	f = mixed(report, event, kernel->at, "the banner of this boot", "kernel version");
	if (f->more)
		return;
	finding_message(report, f, "this %s is of Linux %u.%u.%u, the boot is of Linux %u.%u.%u",
		event->at.input == kernel->at.input ? "oops" : "trace",
		event->u.kernel.major, event->u.kernel.minor, event->u.kernel.patch,
		kernel->major, kernel->minor, kernel->patch);
}

static void on_event(const struct replay *replay, const struct event *event, void *private,
		     struct report *report)
{
	(void)private;
	switch (event->kind) {
	case EV_KERNEL_STARTED:
		another_kernel(replay, event, report);
		break;
	case EV_XEN_STARTED:
		another_xen(replay, event, report);
		break;
	case EV_PLATFORM_TOLD:
		another_platform(replay, event, report);
		break;
	default:
		break;
	}
}

const struct rule rule_mixed_input = {
	.id = "PGT064",
	.name = "mixed-input",
	.severity = SEV_WARNING,
	.scope = SCOPE_INPUT,
	.title = "The lines come from two different boots or machines",
	.why = "evidence from two boots was put together: what one of them shows says nothing about "
	       "the other, and findings may blame the wrong frame",
	.fix = "give each boot as a file of its own, with the Xen console of that same boot",
	.source = "Xen XENVER_version as Linux prints it, and Xen's banner; Linux "
		  "arch/x86/xen/setup.c xen_memory_setup()",
	.needs = "nothing",
	.bad = "(XEN) Xen version 4.17.5 (...) debug=y\nXen version: 4.4.4 (preserve-AD)",
	.good = "(XEN) Xen version 4.17.5 (...) debug=y\nXen version: 4.17.5 (preserve-AD)",
	.listens = EVENT_BIT(EV_KERNEL_STARTED) | EVENT_BIT(EV_XEN_STARTED) |
		   EVENT_BIT(EV_PLATFORM_TOLD),
	.on_event = on_event,
};
