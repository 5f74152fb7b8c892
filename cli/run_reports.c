/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a run tells of its inputs: standard output and the files of --report. */
#include "cli/against.h"
#include "cli/merge.h"
#include "cli/run.h"
#include "formats/screen.h"

static void tell_trouble(struct run *run)
{
	const char *trouble = run->input.trouble;

	fprintf(run->errors, "pgtcheck: ");
	screen_puts(&(struct screen){ .out = run->errors }, run->input.name);
	fprintf(run->errors, ": %s\n", trouble ? trouble : status_sentence(run->input.status));
}

/* The reader of a closed pipe wants no more; files of --report still do. */
static bool nobody_reads(const struct run *run)
{
	for (uint32_t i = 0; i < run->output_count; i++)
		if (output_works(&run->outputs[i]))
			return false;
	return run->output_count > 0;
}

bool run_goes_on(const struct run *run)
{
	return !run->over && !nobody_reads(run);
}

static void report_to(struct run *run, uint32_t index)
{
	struct output *output = &run->outputs[index];

	if (!output->path && run->options->summary == SUMMARY_ONLY)
		return;
	if (run->parts)
		output_make_parts(output, index, &run->input, &run->source, run->parts);
	else
		output_input(output, &run->input, &run->source);
}

void run_report(struct run *run)
{
	if (run->input.status != ST_OK)
		tell_trouble(run);
	if (run->taking) {
		against_take(run->taking, run);
		return;
	}
	if (run->against)
		against_compare(run->against, run);
	summary_add_input(&run->summary, &run->input);
	for (uint32_t i = 0; i < run->output_count; i++)
		report_to(run, i);
}

void run_add(struct run *run, const struct summary *summary, struct text parts, struct text errors)
{
	summary_add(&run->summary, summary);
	fwrite(errors.at, 1, errors.length, run->errors);
	output_take_parts(run->outputs, run->output_count, parts);
	fflush(run->out);
}

void run_begin_reports(struct run *run)
{
	const struct options *options = run->options;

	if (!options->write.quiet)
		output_to_stream(&run->outputs[run->output_count++], options->writer,
				 &options->write, run->out);
	for (uint32_t i = 0; i < options->report_count; i++)
		output_to_file(&run->outputs[run->output_count++], options->reports[i].writer,
			       &options->write, options->reports[i].path);
	if (options->write_baseline)
		output_to_file(&run->outputs[run->output_count++], writer_find(TEXT("ndjson")),
			       &options->write, options->write_baseline);
}

/* Files first, so that the last record on standard output knows of them. */
void run_end_reports(struct run *run)
{
	if (run->options->summary && !run->options->write.quiet && !run->options->writer->end)
		summary_page(run->out, &run->options->write, &run->summary);
	/* One that lacks an input would make its findings new. */
	if (run->options->write_baseline && run->summary.by_verdict[EXIT_TROUBLE])
		run->outputs[run->output_count - 1].trouble = "an input could not be read: not written";
	for (uint32_t i = run->output_count; i-- > 0;) {
		if (run->over)
			run->outputs[i].trouble = run->over;   /* which is told */
		if (!output_end(&run->outputs[i], &run->summary, run->over ? NULL : run->errors))
			run->summary.verdict = worse_status(run->summary.verdict, EXIT_TROUBLE);
	}
}
