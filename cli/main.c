/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/catalog.h"
#include "cli/doors.h"
#include "cli/fleet.h"
#include "cli/keeper.h"
#include "cli/merge.h"
#include "cli/outlet.h"
#include "formats/publish.h"

/* One input is read here; many are given to workers, unless what is shown of
 * one has no bounds. */
static bool wants_fleet(const struct options *options, struct names *names)
{
	return !options->timeline && !options->map && names_several(names);
}

static void check_input(struct run *run, const struct input_name *input, int fd)
{
	if (input->trouble)
		run_failed(run, input->name, input->trouble);
	else
		run_input_fd(run, input->name, fd);
}

/* Must anything be opened or named after the first input is read? */
static bool wants_keeper(const struct names *names)
{
	return names_several(names) || publish_planned();
}

static enum status check_by_keeper(struct run *run, struct names *names)
{
	enum status status = ST_IO;
	struct input_name input;
	bool any = keeper_start(names);
	int fd;

	if (run->progress.process)
		run->progress.process = getpid();

	while (any) {
		status = keeper_next(names, &input, &fd, &any);
		if (any)
			check_input(run, &input, fd);
	}
	return status;
}

static enum status check_names(struct run *run, struct names *names)
{
	bool shut = doors_wanted(run->options);
	struct input_name input;

	if (wants_fleet(run->options, names))
		return fleet_run(run, names);
	if (shut)
		run->shut = names_several(names) ? doors_shut_many : doors_shut_one;
	if (shut && wants_keeper(names))
		return check_by_keeper(run, names);
	while (names_next(names, &input))
		check_input(run, &input, input.trouble ? -1 : source_descriptor(input.name));
	return ST_OK;
}

static enum exit_status check_with(const struct options *options, struct known *known, FILE *out)
{
	static struct run run;   /* 9 KB that need no clearing */
	struct names names;
	enum status status;

	names_begin(&names, options);
	if (options->write_trace && names_several(&names)) {
		fputs("pgtcheck: --write-trace goes with one input only\n", stderr);
		return EXIT_USAGE;
	}
	status = run_begin(&run, options, out, stderr);
	if (status == ST_MEMORY)
		fputs("pgtcheck: out of memory\n", stderr);
	if (status != ST_OK) {
		names_end(&names);
		return EXIT_TROUBLE;
	}
	run.known = known;
	if (check_names(&run, &names) != ST_OK) {
		perror("pgtcheck: a process that is needed cannot start, or is gone");
		run.summary.verdict = EXIT_TROUBLE;
	} else if (!names.seen && !run.summary.inputs && run_goes_on(&run)) {
		fputs("pgtcheck: there is no input: the list of names is empty\n", stderr);
		run.summary.verdict = options->inconclusive;
	}
	names_tell(&names, stderr);
	names_end(&names);
	known_tell(known, options, stderr);
	return run_end(&run);
}

static enum exit_status check_inputs(const struct options *options, FILE *out)
{
	struct known known;
	enum exit_status status = known_open(&known, options, stderr);

	if (status == EXIT_CLEAN)
		status = check_with(options, &known, out);
	known_release(&known);
	return status;
}

/* No operand: standard input, unless a person sits there. */
static bool use_standard_input(struct options *options, char **standard_input)
{
	if (options->input_count || options->files_from)
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

static enum exit_status merge_inputs(const struct options *options, FILE *out)
{
	enum exit_status verdict = merge_files(options, out);

	errno = 0;
	if (!(ferror(out) | fclose(out)))
		return verdict;
	perror("pgtcheck: cannot write");
	return EXIT_TROUBLE;
}

/* 0 when the terminal does not know. */
static unsigned terminal_columns(void)
{
	struct winsize size = { 0 };

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

static enum exit_status act(struct options *options, bool terminal)
{
	char dash[] = "-", *standard_input[] = { dash, NULL };
	struct outlet outlet;
	FILE *out;

	switch (options->action) {
	case ACTION_CHECK:
	case ACTION_MERGE:
		break;
	case ACTION_LIST_RULES:
		catalog_list(stdout);
		return close_output();
	case ACTION_LIST_RULES_JSON:
		catalog_list_json(stdout);
		return close_output();
	case ACTION_EXPLAIN:
		catalog_explain(stdout, options->explain, &options->write);
		return close_output();
	case ACTION_HELP:
		options_help(stdout);
		return close_output();
	case ACTION_VERSION:
		puts("pgtcheck " VERSION);
		return close_output();
	case ACTION_VERSION_JSON:
		catalog_version_json(stdout);
		return close_output();
	case ACTION_USAGE_ERROR:
		return EXIT_USAGE;
	case ACTION_TROUBLE:
		return EXIT_TROUBLE;
	}
	if (!use_standard_input(options, standard_input)) {
		options_help(stderr);
		return EXIT_USAGE;
	}
	out = terminal || options->write.quiet ? stdout : outlet_open(&outlet, STDOUT_FILENO);
	if (!out) {
		fputs("pgtcheck: out of memory\n", stderr);
		return EXIT_TROUBLE;
	}
	return options->action == ACTION_MERGE ? merge_inputs(options, out) :
	       check_inputs(options, out);
}

/* A standard stream that is closed: the next file to be opened would take its number. In
 * its place stands what can neither be read nor, but for errors, written. */
static void fill_standard_streams(void)
{
	struct pollfd standard[] = { { .fd = STDIN_FILENO }, { .fd = STDOUT_FILENO },
				     { .fd = STDERR_FILENO } };

	if (poll(standard, ARRAY_LEN(standard), 0) <= 0)
		return;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if ((standard[fd].revents & POLLNVAL) &&
		    open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY) < 0)
			_exit(EXIT_TROUBLE);
}

int main(int argc, char **argv)
{
	enum exit_status status;
	struct options options;
	bool terminal;

	fill_standard_streams();
	terminal = isatty(STDOUT_FILENO);
	/* A closed pipe is an error to report, not a death. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);   /* so is a file that may not grow */
	options_gather(&options, argc, argv, getenv, stderr);
	status_for_bisect = options.bisect;
	options.write.color = options_color(options.color, terminal, getenv);
	options.write.columns = terminal ? terminal_columns() : 0;
	status = act(&options, terminal);
	options_release(&options);
	return status_code(status);
}
