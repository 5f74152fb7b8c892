/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/members.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "cli/halves.h"
#include "cli/pieces.h"
#include "formats/module.h"
#include "formats/probe.h"

/* Of all layers together, when no option says so. */
#define BYTES_DEFAULT (8ull << 30)
#define MEMBERS_DEFAULT 100000u
#define DEPTH_DEFAULT 8u
#define RATIO_DEFAULT 1000u
/* Events below which a text is no log of a boot: /proc/version has one. */
#define LOG_EVENTS_MIN 4u

/* The operand while its members are read: run->source is then the member's. */
struct operand {
	struct source_maker maker;   /* first: see begin_again() */
	const char *name;
	struct source source;
	enum packing packing;
	const struct unpack_module *module;
	struct unpack_limits limits;
	struct unpack *unpack, *again;
	struct members members;
	char *member_name;       /* "boot.tar!log", of the last one; owned */
	struct halves halves;    /* held back */
	struct held_pieces pieces;
	char *joined;            /* how they were judged; owned */
	char trouble[256];
};

struct unpack_limits members_limits(const struct options *options)
{
	return (struct unpack_limits){
		.bytes = options->max_bytes ? options->max_bytes : BYTES_DEFAULT,
		.members = options->max_members ? options->max_members : MEMBERS_DEFAULT,
		.depth = options->max_depth ? options->max_depth : DEPTH_DEFAULT,
		.ratio = options->max_ratio ? options->max_ratio : RATIO_DEFAULT,
	};
}

/* A compressed file is unpacked once more when lines of it are to be quoted. */
static struct stream *begin_again(struct source_maker *maker)
{
	struct operand *operand = (struct operand *)maker;
	struct unpack_member member;

	operand->again = operand->module->open(&operand->source, 0, &operand->limits);
	if (!operand->again || operand->module->next(operand->again, &member) != ST_OK)
		return NULL;
	return member.stream;
}

static void end_again(struct source_maker *maker)
{
	struct operand *operand = (struct operand *)maker;

	if (operand->again)
		operand->module->close(operand->again);
	operand->again = NULL;
}

/* --- a member -------------------------------------------------------------- */

static bool boot_is_worth_it(const struct boot_report *boot, uint64_t lines_used)
{
	if (boot->has_evidence || (boot->kernel && boot->has_start && lines_used >= LOG_EVENTS_MIN))
		return true;
	for (const struct finding *f = boot->findings; f; f = f->next)
		if ((f->shown || f->suppressed) && f->severity > SEV_NOTE)
			return true;
	return false;
}

/* Does a member deserve a record? A report has thousands of texts that name some
 * address; the log of a hypervisor that complains of nothing is no boot either. */
static bool is_log(const struct run *run)
{
	if (run->input.status != ST_OK || run->input.clean_boots_more)
		return true;
	for (const struct boot_report *boot = run->input.boots; boot; boot = boot->next)
		if (boot_is_worth_it(boot, run->input.lines_used))
			return true;
	return false;
}

static bool is_wanted(const struct options *options, const char *name)
{
	return !options->member || !*name || !fnmatch(options->member, name, 0);
}

static const char *full_name(struct run *run, struct operand *operand, const char *name)
{
	free(operand->member_name);
	operand->member_name = NULL;
	if (!*name)
		return operand->name;
	if (asprintf(&operand->member_name, "%s!%s", operand->name, name) < 0) {
		operand->member_name = NULL;
		run->over = "out of memory";
	}
	return operand->member_name ? operand->member_name : operand->name;
}

/* The stream becomes run->source and is judged; run->input is then its report. The
 * member is the operand itself when it has no name. */
static void judge_stream(struct run *run, struct operand *operand,
			 const struct unpack_member *member, struct source_maker *maker)
{
	run_reset(run, full_name(run, operand, member->name));
	run->input.archive = *member->name ? operand->name : NULL;
	run->source.buffer = run->buffer;
	source_open_stream(&run->source, run->input.name, member->stream);
	run->source.line_max = run->options->max_line;
	run->source.maker = maker;
	run->input.packing = member->packing && *member->packing ? member->packing : NULL;
	run->input.lines_of = member->ordered ? "log" : NULL;
	run->input.status = source_read(&run->source, source_data(&run->source), READ_BYTES,
					&run->first, &run->input.trouble);
	run_judge(run);
}

/* Reports what was judged, if it is worth it: `members` of the archive. */
static void report_member(struct run *run, struct operand *operand, bool chosen, uint32_t members)
{
	/* What found no memory may be a log. */
	if (chosen || is_log(run) || run->input.status == ST_MEMORY) {
		operand->members.judged += members;
		run_report(run);
	} else if (run->input.lines) {
		operand->members.other_text += members;
	} else {
		operand->members.other_bytes += members;
	}
	run_done(run);
}

static void judge_member(struct run *run, struct operand *operand,
			 const struct unpack_member *member)
{
	bool chosen = run->options->member || !*member->name;
	bool again = operand->source.seekable && !*member->name;

	if (!chosen) {
		enum status status = pieces_take(&operand->pieces, member);

		if (status == ST_MEMORY)
			run->over = "out of memory";
		if (status != ST_NOT_FOUND)
			return;
	}
	judge_stream(run, operand, member, again ? &operand->maker : NULL);
	if (!chosen && halves_take(&operand->halves, run, member->name))
		run_done(run);
	else
		report_member(run, operand, chosen, 1);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What was held back: as one log, or alone. */
static void judge_halves(struct run *run, struct operand *operand)
{
	const struct half *xen = &operand->halves.xen, *kernel = &operand->halves.kernel;
	struct halves_stream stream;
	char *both = NULL;

	if (xen->name && kernel->name) {
		if (asprintf(&both, "%s+%s", xen->name, last_part(kernel->name)) < 0) {
			run->over = "out of memory";
			return;
		}
		halves_stream_init(&stream, xen, kernel);
		judge_stream(run, operand, &(struct unpack_member){ both, NULL, &stream.stream, false },
			     NULL);
		if (is_log(run) &&
		    asprintf(&operand->joined, "judged as one log: %s, and from line %u on %s",
			     xen->name, xen->lines + 1, kernel->name) < 0)
			operand->joined = NULL;
		report_member(run, operand, false, 2);
		free(both);
		return;
	}
	for (const struct half *half = xen; half; half = half == xen ? kernel : NULL) {
		if (!half->name)
			continue;
		halves_stream_init(&stream, half, NULL);
		judge_stream(run, operand, &(struct unpack_member){ half->name, NULL, &stream.stream,
			     false }, NULL);
		report_member(run, operand, false, 1);
	}
}

/* The log that stood in pieces. False: out of memory. */
static bool judge_pieces(struct run *run, struct operand *operand)
{
	const struct held_pieces *held = &operand->pieces;
	struct unpack_member member = { .name = held->first, .ordered = true,
					.packing = packing_name(PACKING_PSTORE) };
	struct pieces_stream stream;
	char *all = NULL, *joined = NULL;
	bool enough = true;

	if (held->count > 1) {
		enough = asprintf(&all, "%s+%u more", held->first, held->count - 1) > 0;
		member.name = all = enough ? all : NULL;
		enough = enough && asprintf(&joined, "judged as one log, put in order: %u pstore records, "
					    "%s to %s", held->count, held->first, held->last) > 0;
		joined = enough ? joined : NULL;
	}
	enough = enough && pieces_stream_init(&stream, held);
	if (enough) {
		member.stream = &stream.stream;
		judge_stream(run, operand, &member, NULL);
		report_member(run, operand, false, held->count);
		pieces_stream_release(&stream);
		if (!operand->joined) {
			operand->joined = joined;
			joined = NULL;
		}
	}
	free(joined);
	free(all);
	return enough;
}

static void read_members(struct run *run, struct operand *operand)
{
	struct unpack_member member;

	while (run_goes_on(run) && operand->module->next(operand->unpack, &member) == ST_OK) {
		operand->members.all++;
		if (is_wanted(run->options, member.name))
			judge_member(run, operand, &member);
		else
			operand->members.not_wanted++;
	}
	if (run_goes_on(run))
		judge_halves(run, operand);
	if (run_goes_on(run) && operand->pieces.count && !judge_pieces(run, operand))
		run->over = "out of memory";
}

/* --- the operand ----------------------------------------------------------- */

/* What went wrong between the members. */
static void take_trouble(struct run *run, struct operand *operand)
{
	uint32_t more;
	const char *trouble = operand->module->trouble(operand->unpack, &run->input.status, &more);

	if (!trouble)
		return;
	if (more)
		snprintf(operand->trouble, sizeof(operand->trouble), "%s (and %u more)", trouble, more);
	else
		snprintf(operand->trouble, sizeof(operand->trouble), "%s", trouble);
	run->input.trouble = operand->trouble;
}

static void report_operand(struct run *run, struct operand *operand)
{
	run_reset(run, operand->name);
	run->input.format = operand->module->packing(operand->unpack);
	if (!*run->input.format)
		run->input.format = packing_name(operand->packing);
	run->input.bytes = operand->module->bytes(operand->unpack);
	run->input.members = operand->members;
	run->input.members.joined = operand->joined;
	take_trouble(run, operand);
	if (run->input.status != ST_OK)
		run->input.verdict = EXIT_TROUBLE;
	else
		run->input.verdict = operand->members.judged ? EXIT_CLEAN : run->options->inconclusive;
	run_report(run);
	run_done(run);
}

/* The operand cannot be unpacked at all. */
static void report_refused(struct run *run, struct operand *operand, const char *why)
{
	run->input.format = packing_name(operand->packing);
	run->input.status = ST_IO;
	snprintf(operand->trouble, sizeof(operand->trouble), "%s: %s", run->input.format, why);
	run->input.trouble = operand->trouble;
	run_judge(run);
	run_report(run);
	run_done(run);
}

void members_run(struct run *run, enum packing packing)
{
	struct operand operand = { .maker = { begin_again, end_again }, .name = run->input.name,
				   .source = run->source, .packing = packing,
				   .limits = members_limits(run->options) };
	const char *trouble = "out of memory";

	operand.source.read_once = true;
	operand.source.kept = 0;
	operand.module = module_load("unpack", &trouble);
	if (operand.module)
		operand.unpack = operand.module->open(&operand.source, run->first,
						       &operand.limits);
	if (!operand.unpack) {
		report_refused(run, &operand, trouble);
		return;
	}
	read_members(run, &operand);
	if (operand.members.all != 1 || operand.member_name ||
	    operand.module->trouble(operand.unpack, &run->input.status, &(uint32_t){ 0 }))
		report_operand(run, &operand);
	operand.module->close(operand.unpack);
	source_close(&operand.source);
	halves_free(&operand.halves);
	pieces_free(&operand.pieces);
	free(operand.joined);
	free(operand.member_name);
}
