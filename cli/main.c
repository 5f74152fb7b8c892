/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/catalog.h"
#include "cli/run.h"

/* Enough for the records of one file in one write(). */
#define OUTPUT_BYTES (64u * 1024)

static enum exit_status check_inputs(const struct options *options)
{
	struct run run;

	if (run_begin(&run, options, stdout, stderr) != ST_OK) {
		fputs("pgtcheck: out of memory\n", stderr);
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < options->input_count; i++)
		run_input(&run, options->inputs[i]);
	return run_end(&run);
}

/* No operand: standard input, unless a person sits there. */
static bool use_standard_input(struct options *options, char **standard_input)
{
	if (options->input_count)
		return true;
	options->inputs = standard_input;
	options->input_count = 1;
	return !isatty(STDIN_FILENO);
}

static enum exit_status close_output(void)
{
	if (!ferror(stdout) && !fclose(stdout))
		return EXIT_CLEAN;
	perror("pgtcheck: cannot write");
	return EXIT_TROUBLE;
}

int main(int argc, char **argv)
{
	char dash[] = "-", *standard_input[] = { dash, NULL };
	char output[OUTPUT_BYTES];
	struct options options;
	bool terminal = isatty(STDOUT_FILENO);

	/* A closed pipe is an error to report, not a death. */
	signal(SIGPIPE, SIG_IGN);
	if (!terminal)
		setvbuf(stdout, output, _IOFBF, sizeof(output));
	options_parse(&options, argc, argv, stderr);
	options.write.color = options_color(options.color, terminal, getenv);
	switch (options.action) {
	case ACTION_CHECK:
		break;
	case ACTION_LIST_RULES:
		catalog_list(stdout);
		return close_output();
	case ACTION_LIST_RULES_JSON:
		catalog_list_json(stdout);
		return close_output();
	case ACTION_EXPLAIN:
		catalog_explain(stdout, options.explain, options.write.color);
		return close_output();
	case ACTION_HELP:
		options_help(stdout);
		return close_output();
	case ACTION_VERSION:
		puts("pgtcheck " VERSION);
		return close_output();
	case ACTION_USAGE_ERROR:
		return EXIT_USAGE;
	}
	if (!use_standard_input(&options, standard_input)) {
		options_help(stderr);
		return EXIT_USAGE;
	}
	return check_inputs(&options);
}
