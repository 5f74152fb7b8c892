/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines are missing: the log says so, contradicts itself, starts late or has
 * more than we keep. Rules that judge by what is absent lose certainty. */
#include "core/rule.h"

const struct rule rule_input_incomplete;

static struct finding *incomplete(struct report *report, struct loc at, const char *facts)
{
	struct finding *f = finding_new(report, &rule_input_incomplete, at);

	f->facts = facts;
	return f;
}

/* What one loss means, and the others, of `count`. */
static const char *more_of_loss(enum loss what, uint32_t count, struct report *report)
{
	if (what == LOSS_MAP_FULL)
		return ": some RAM may be missing there";
	if (count == 1)
		return "";
	return what == LOSS_CUT || what == LOSS_UNREAD ? report_text(report, ", and %u more are lost", count - 1)
				: report_text(report, " (%u times)", count);
}

static void lost_lines(const struct replay *replay, struct report *report)
{
	static const struct { const char *facts, *why, *fix; } of[LOSS_COUNT] = {
		[LOSS_DROPPED] = { "dropped", NULL,
			"capture a serial console with ignore_loglevel and Xen's sync_console, or "
			"enlarge log_buf_len" },
		[LOSS_MAP_FULL] = { "map full", NULL,
			"merge entries (memmap=, the firmware's settings), or boot with EFI: its map "
			"goes into setup_data, which has room" },
		[LOSS_UNREAD] = { "not understood", NULL,
			"give the trace as tracefs, trace-cmd report or perf script print it without "
			"options, or trace.dat itself (pgtcheck-formats(5) lists what is read)" },
		[LOSS_CUT] = { "cut", NULL,
			"capture the consoles apart, or boot Xen with sync_console" },
		[LOSS_EVENTS] = { "events lost",
			"what the lost operations did is not known: whatever they could have changed is "
			"not judged from there on",
			"give the tracer more room (trace_buf_size=, trace-cmd record -b, perf record -m, "
			"xentrace -S), or trace fewer events" },
	};

	for (enum loss what = 0; replay->losses && what < LOSS_COUNT; what++) {
		const struct loss_record *loss = &replay->losses[what];
		struct finding *f;

		if (!loss->count)
			continue;
		f = incomplete(report, loss->first, of[what].facts);
		finding_message(report, f, "%s%s", loss_doc(what),
				more_of_loss(what, loss->count, report));
		f->why = of[what].why;
		f->fix = of[what].fix;
	}
}

/* The kernel lists what it has reserved (MEMBLOCK configuration, Subtract):
 * our account, made from the lines before, should be the same. */
static void disagreement(const struct replay *replay, struct report *report)
{
	struct finding *f;

	if (!replay->disagreement)
		return;
	f = incomplete(report, replay->first_disagreement, "oracle");
	finding_at_most(f, INFERRED);
	finding_message(report, f, "lines are missing: %s", replay->disagreement);
	finding_note(report, f, replay->first_disagreement, "the kernel's own list starts here; %u "
		"of %u such lists agree with the lines", replay->dumps_agreed,
		replay->dumps_compared);
	f->fix = "capture the log again from power-on, with ignore_loglevel and a larger log_buf_len";
}

static void starts_late(const struct replay *replay, struct report *report)
{
	bool told_by_xen_alone = replay->domain != DOMAIN_NONE && replay->domain &&
				 !loc_known(replay->first_kernel);
	struct finding *f;

	/* Of a guest without a console here nobody expects a boot. */
	if (told_by_xen_alone)
		return;
	if ((replay->kernel.known && !replay->kernel.by_oops) || replay->map_in_force.span_count ||
	    replay->steps[STEP_XEN_BUILDS_DOM0].reached)
		return;
	f = incomplete(report, replay->first, "starts late");
	finding_message(report, f, "the log starts late: no kernel banner, no memory map");
	finding_note(report, f, replay->first, "the first line that is known");
	f->fix = "capture from power-on; when dmesg has wrapped, boot with a larger log_buf_len";
}

/* Page-table operations that the replay had to leave out. */
static void left_out(const struct replay *replay, struct report *report)
{
	struct loc at;
	uint64_t count = replay->mmu ? mmu_lost(replay->mmu, &at) : 0;
	struct finding *f;

	if (!count)
		return;
	f = incomplete(report, at, "operations left out");
	finding_message(report, f, count == 1
		? "a page-table operation names a frame that no machine has, or one more than this "
		  "program keeps"
		: "%llu page-table operations name frames that no machine has, or more than this "
		  "program keeps", (unsigned long long)count);
	f->why = "what was left out is not judged, and what rests on it is not known";
	f->fix = "look whether that line of the trace is damaged";
}

/* Nothing is dropped in silence: what exceeds our own bounds is said. */
static void too_many(const struct replay *replay, struct report *report)
{
	const struct { const char *name; uint32_t kept, lost; } lists[] = {
		{ "memory-map entries", replay->map_entries.count, replay->map_entries.lost },
		{ "memory-map lines", replay->map_entries.count, replay->map_lost },
		{ "lists of memblock", replay->dumps_compared, replay->dumps_lost },
		{ "reservation names", replay->labels.count, replay->labels.lost },
		{ "page-table pools", replay->pools.count, replay->pools.lost },
		{ "mapped ranges", replay->mappings.count, replay->mappings.lost },
		{ "named areas", replay->areas.count, replay->areas.lost },
		{ "freed ranges", replay->freed.count, replay->freed.lost },
		{ "released tables", replay->releases.count, replay->releases.lost },
		{ "moved ranges", replay->moved.count, replay->moved.lost },
		{ "complaints of Xen", replay->complaints.count, replay->complaints.lost },
		{ "page faults", replay->faults.count, replay->faults.lost },
		{ "BUGs and warnings", replay->bugs.count, replay->bugs.lost },
		{ "failed multicalls", replay->multicalls.count, replay->multicalls.lost },
		{ "calls of such", replay->calls.count, replay->calls.lost },
		{ "panics", replay->panics.count, replay->panics.lost },
		{ "W+X pages", replay->wx.count, replay->wx.lost },
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct finding *f;

		if (!lists[i].lost)
			continue;
		f = incomplete(report, replay->last, lists[i].name);
		finding_message(report, f, "only the first %u %s were kept, %u more were not looked at",
			lists[i].kept, lists[i].name, lists[i].lost);
		f->why = "so many are no early boot any more; the first ones tell the story";
		f->fix = "cut the log after page-table set-up, or raise the limit when building "
			 "(core/limits.h)";
	}
}

static void at_end(const struct replay *replay, void *private, struct report *report)
{
	(void)private;
	lost_lines(replay, report);
	disagreement(replay, report);
	starts_late(replay, report);
	left_out(replay, report);
	too_many(replay, report);
}

const struct rule rule_input_incomplete = {
	.id = "PGT062",
	.name = "input-incomplete",
	.severity = SEV_NOTE,
	.scope = SCOPE_INPUT,
	.title = "Lines of the boot are missing from the input",
	.why = "a line that is absent may have been lost: whatever is judged by an absent line is "
	       "less certain",
	.fix = "capture the whole boot from power-on over a serial console",
	.source = "Linux kernel/printk; mm/memblock.c memblock_dump_all(), 2.6.37-7.1",
	.needs = "nothing",
	.bad = "** 118 printk messages dropped **",
	.good = "Linux version 3.10.108 (root@build) (gcc version 4.8.4) #1 SMP ...\n"
		"MEMBLOCK configuration:\n"
		" memory size = 0x1fd9ec00 reserved size = 0x577000\n"
		"Memory: 492480K/522872K available (5380K kernel code, ...)\n"
		"(from the banner on, no line lost, and the kernel's own list agrees with the "
		"replay)",
	.at_end = at_end,
};
