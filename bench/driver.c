/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Compares commands by the CPU time they take, in rounds that take turns, so
 * that a busy machine hurts all of them alike.
 *
 *   driver [-r ROUNDS] [-C DIR] [-c] COMMAND [[-c] COMMAND]...
 *
 * A command is split on blanks; after -c the shell gets it. Prints a line for
 * each, with tabs between: median CPU s, ratio to the first, max RSS KiB,
 * median wall s, minimum wall s, exit status, command. What a command writes goes to a
 * temporary file: some tools stop early when it goes to /dev/null. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define WORDS_MAX 256

struct command {
	const char *text;
	bool shell;
	const char *words[WORDS_MAX];
	double *cpu, *wall;
	long rss_kib;
	int status;
};

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static void split(struct command *command)
{
	char *word, *copy = strdup(command->text);
	int n = 0;

	if (!copy)
		die("driver");
	if (command->shell) {
		command->words[0] = (char *)"/bin/sh";
		command->words[1] = (char *)"-c";
		command->words[2] = copy;
		return;
	}
	for (word = strtok(copy, " \t"); word && n < WORDS_MAX - 1; word = strtok(NULL, " \t"))
		command->words[n++] = word;
	if (!n) {
		fputs("driver: empty command\n", stderr);
		exit(2);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(struct command *command, int round, int output)
{
	struct rusage usage;
	int status;
	double start;
	pid_t child;

	if (ftruncate(output, 0) || lseek(output, 0, SEEK_SET))
		die("driver: temporary file");
	start = now();
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		dup2(output, STDOUT_FILENO);
		execvp(command->words[0], (char **)command->words);
		perror(command->words[0]);
		_exit(127);
	}
	if (wait4(child, &status, 0, &usage) != child)
		die("wait4");
	command->wall[round] = now() - start;
	command->cpu[round] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	if (usage.ru_maxrss > command->rss_kib)
		command->rss_kib = usage.ru_maxrss;
	command->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	/* 1 is "found something" or "found nothing"; the rest is trouble. */
	if (command->status > 1) {
		fprintf(stderr, "driver: exit status %d of: %s\n", command->status, command->text);
		exit(3);
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_size);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	char path[] = "/tmp/pgtcheck-driver-XXXXXX";
	int count = 0, rounds = 5, output;
	bool shell = false;
	double first = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-r") && i + 1 < argc && atoi(argv[i + 1]) > 0) {
			rounds = atoi(argv[++i]);
		} else if (!strcmp(argv[i], "-C") && i + 1 < argc) {
			if (chdir(argv[++i]))
				die(argv[i]);
		} else if (!strcmp(argv[i], "-c")) {
			shell = true;
		} else if (count < COMMANDS_MAX) {
			commands[count].text = argv[i];
			commands[count++].shell = shell;
			shell = false;
		}
	}
	if (!count) {
		fputs("usage: driver [-r ROUNDS] [-C DIR] [-c] COMMAND [[-c] COMMAND]...\n", stderr);
		return 2;
	}
	output = mkostemp(path, O_CLOEXEC);
	if (output < 0 || unlink(path))
		die(path);
	for (int i = 0; i < count; i++) {
		commands[i].cpu = calloc((size_t)rounds, sizeof(double));
		commands[i].wall = calloc((size_t)rounds, sizeof(double));
		if (!commands[i].cpu || !commands[i].wall)
			die("driver");
		split(&commands[i]);
	}
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			run(&commands[i], round, output);
	for (int i = 0; i < count; i++) {
		struct command *c = &commands[i];
		double cpu = median(c->cpu, rounds), wall = median(c->wall, rounds);

		if (!i)
			first = cpu;
		printf("%.6f\t%.4f\t%ld\t%.6f\t%.6f\t%d\t%s\n", cpu, first > 0 ? cpu / first : 0,
		       c->rss_kib, wall, c->wall[0], c->status, c->text);
	}
	return 0;
}
