/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/against.h"
#include "cli/doors.h"
#include "cli/memory.h"
#include "cli/passing.h"
#include "formats/publish.h"

/* Inputs that a worker is given at once: each time costs as much as some more of them, and
 * the last one to be busy keeps all waiting. So no more than a part of those that it was
 * given before. */
#define UNIT_INPUTS_FIRST 16u
#define UNIT_INPUTS_MAX PASSED_MAX
#define UNIT_PART 32u
/* Units given out and not yet written, for each worker: one that is long held
 * up by a slow input holds back so much output of the others. */
#define UNITS_AHEAD 4u
/* Times a unit is begun although no input of it can be blamed. */
#define TRIES_MAX 3u

/* What a worker is given, before the descriptors. */
struct order {
	uint32_t count, bytes;   /* of the inputs */
	/* Each is two strings: what is known of its trouble ("": nothing), and its name. */
	char inputs[];
};

/* Inputs that are done together. */
struct unit {
	struct order *order;   /* owned */
	uint32_t tries;
	bool done;
	char *text[2];         /* parts of the reports, and for standard error */
	struct finished {      /* comes before the text on a worker's pipe */
		size_t text_bytes[2];
		struct summary summary;
	} finished;
};

struct worker {
	pid_t pid;             /* 0: none */
	int to, from;          /* a socket, for it takes descriptors; a pipe */
	struct unit *unit;     /* that it does, or NULL */
};

struct fleet {
	struct run *run;
	struct names *names;
	bool names_over;
	struct worker *workers;
	uint32_t worker_count;
	/* Where each worker is in its unit, its count when at none; the only memory they
	 * share. */
	volatile uint32_t *at;
	/* A ring: [first, next) are given out. */
	struct unit *units;
	uint32_t unit_count;
	uint64_t first, next;
	uint64_t given;        /* inputs in all units so far */
};

/* --- in the worker -------------------------------------------------------------- */

static const char *after_string(const char *string)
{
	return string + strlen(string) + 1;
}

static void do_inputs(struct run *run, const struct order *order, const int *fds,
		      volatile uint32_t *at)
{
	const char *trouble = order->inputs;

	for (uint32_t i = 0; i < order->count; i++) {
		const char *name = after_string(trouble);

		*at = i;
		if (*trouble)
			run_failed(run, name, trouble);
		else
			run_input_fd(run, name, fds[i]);
		trouble = after_string(name);
	}
	*at = order->count;
}

static bool do_unit(struct run *run, struct unit *unit, const int *fds, volatile uint32_t *at,
		    int to)
{
	struct finished *finished = &unit->finished;
	FILE **files[2] = { &run->parts, &run->errors };
	bool good;

	memset(&run->summary, 0, sizeof(run->summary));
	for (int i = 0; i < 2; i++)
		*files[i] = must(open_memstream(&unit->text[i], &finished->text_bytes[i]));
	do_inputs(run, unit->order, fds, at);
	good = run_goes_on(run);
	for (int i = 0; i < 2; i++)
		good = !fclose(*files[i]) && good;
	finished->summary = run->summary;
	good = good && put_bytes(to, finished, sizeof(*finished));
	for (int i = 0; i < 2; i++) {
		good = good && put_bytes(to, unit->text[i], finished->text_bytes[i]);
		free(unit->text[i]);
	}
	return good;
}

/* Ends when the pipe does: also when the first process is killed. */
static _Noreturn void work(struct run *run, volatile uint32_t *at, int from, int to)
{
	struct unit unit;
	struct order order;
	int fds[UNIT_INPUTS_MAX];
	bool good = true;

	publish_leave();
	doors_shut_worker(run, from, to);
	(void)run_prepare(run);   /* it was tried */
	while (good && get_bytes(from, &order, sizeof(order))) {
		unit.order = must(malloc(sizeof(order) + order.bytes));
		*unit.order = order;
		good = get_bytes(from, unit.order->inputs, order.bytes) &&
		       get_descriptors(from, fds, order.count) &&
		       do_unit(run, &unit, fds, at, to);
		free(unit.order);
	}
	_exit(good ? EXIT_CLEAN : EXIT_TROUBLE);
}

/* --- workers ------------------------------------------------------------------- */

static void close_pipes(struct worker *worker)
{
	close(worker->to);
	close(worker->from);
}

static bool start(struct fleet *fleet, struct worker *worker)
{
	volatile uint32_t *at = &fleet->at[worker - fleet->workers];
	pid_t first = getpid();
	int to[2], from[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to))
		return false;
	if (pipe2(from, O_CLOEXEC)) {
		close(to[0]);
		close(to[1]);
		return false;
	}
	*worker = (struct worker){ .pid = fork(), .to = to[1], .from = from[0] };
	if (!worker->pid) {
		end_with(first);
		/* The ends of the others would keep them from seeing the end. */
		for (uint32_t i = 0; i < fleet->worker_count; i++)
			if (fleet->workers[i].pid || &fleet->workers[i] == worker)
				close_pipes(&fleet->workers[i]);
		work(fleet->run, at, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	if (worker->pid > 0)
		return true;
	close_pipes(worker);
	worker->pid = 0;
	return false;
}

static int stop(struct worker *worker)
{
	int status = 0;

	close_pipes(worker);
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	return status;
}

/* Opened here: the worker may open nothing. */
static void open_inputs(const struct order *order, int *fds)
{
	const char *trouble = order->inputs;

	for (uint32_t i = 0; i < order->count; i++) {
		const char *name = after_string(trouble);

		fds[i] = *trouble ? -EIO : source_descriptor(name);
		trouble = after_string(name);
	}
}

/* In one go: each time that a worker waits and is woken costs as much as a small file. */
static void give(struct fleet *fleet, struct worker *worker, struct unit *unit)
{
	const struct order *order = unit->order;
	int fds[UNIT_INPUTS_MAX];

	fleet->at[worker - fleet->workers] = order->count;   /* at none yet */
	unit->tries++;
	worker->unit = unit;
	open_inputs(order, fds);
	/* A worker that is gone is noticed when its answer is read. One that was given half
	 * of it ends. */
	if (!put_bytes(worker->to, order, sizeof(*order) + order->bytes) ||
	    !put_descriptors(worker->to, fds, order->count))
		shutdown(worker->to, SHUT_WR);
	for (uint32_t i = 0; i < order->count; i++)
		if (fds[i] > STDIN_FILENO)
			close(fds[i]);
}

/* --- units ---------------------------------------------------------------------- */

static struct order *new_order(void)
{
	return must(calloc(1, sizeof(struct order)));
}

static void add_input(struct order **order, const char *trouble, const char *name)
{
	size_t trouble_bytes = strlen(trouble) + 1, name_bytes = strlen(name) + 1;
	uint32_t bytes = (*order)->bytes + (uint32_t)(trouble_bytes + name_bytes);
	char *end;

	*order = must(realloc(*order, sizeof(**order) + bytes));
	end = (*order)->inputs + (*order)->bytes;
	memcpy(end, trouble, trouble_bytes);
	memcpy(end + trouble_bytes, name, name_bytes);
	(*order)->bytes = bytes;
	(*order)->count++;
}

static uint32_t unit_inputs(const struct fleet *fleet)
{
	uint64_t part = fleet->given / (UNIT_PART * fleet->worker_count);

	if (part > UNIT_INPUTS_MAX)
		return UNIT_INPUTS_MAX;
	return part > UNIT_INPUTS_FIRST ? (uint32_t)part : UNIT_INPUTS_FIRST;
}

/* The next unit, or NULL: no names are left, or enough is given out. */
static struct unit *next_unit(struct fleet *fleet)
{
	struct unit *unit = &fleet->units[fleet->next % fleet->unit_count];
	uint32_t room = unit_inputs(fleet);
	struct input_name input;

	if (fleet->names_over || fleet->next - fleet->first == fleet->unit_count)
		return NULL;
	*unit = (struct unit){ .order = new_order() };
	while (unit->order->count < room && !fleet->names_over) {
		if (names_next(fleet->names, &input))
			add_input(&unit->order, input.trouble ? input.trouble : "", input.name);
		else
			fleet->names_over = true;
	}
	if (unit->order->count) {
		fleet->given += unit->order->count;
		fleet->next++;
		return unit;
	}
	free(unit->order);
	return NULL;
}

/* Notes trouble of the input at which the worker was; of all when it was at
 * none again and again. */
static void blame(struct unit *unit, uint32_t at, const char *says)
{
	struct unit blamed = { .order = new_order(), .tries = unit->tries };
	const struct order *order = unit->order;
	const char *trouble = order->inputs;
	bool all = at >= order->count && unit->tries >= TRIES_MAX;

	for (uint32_t i = 0; i < order->count; i++) {
		const char *name = after_string(trouble);

		add_input(&blamed.order, *trouble || !(all || i == at) ? trouble : says, name);
		trouble = after_string(name);
	}
	free(unit->order);
	*unit = blamed;
}

/* The worker has died: what it was doing is begun again by a new one. */
static bool recover(struct fleet *fleet, struct worker *worker)
{
	uint32_t at = fleet->at[worker - fleet->workers];
	struct unit *unit = worker->unit;
	int status = stop(worker);
	char says[128];

	if (WIFSIGNALED(status))
		snprintf(says, sizeof(says), "the process that read it was ended by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(says, sizeof(says), "the process that read it ended with status %d",
			 WEXITSTATUS(status));
	/* One after the other was blamed, and it still does not get anywhere. */
	if (unit->tries > unit->order->count + TRIES_MAX)
		return false;
	blame(unit, at, says);
	if (!start(fleet, worker))
		return false;
	give(fleet, worker, unit);
	return true;
}

static bool take_answer(struct worker *worker)
{
	struct unit *unit = worker->unit;
	bool good = get_bytes(worker->from, &unit->finished, sizeof(unit->finished));

	for (int i = 0; i < 2 && good; i++) {
		unit->text[i] = must(malloc(unit->finished.text_bytes[i] + 1));
		good = get_bytes(worker->from, unit->text[i], unit->finished.text_bytes[i]);
	}
	if (good) {
		unit->done = true;
		worker->unit = NULL;
		return true;
	}
	for (int i = 0; i < 2; i++) {
		free(unit->text[i]);
		unit->text[i] = NULL;
	}
	return false;
}

static struct text text_of_unit(const struct unit *unit, int which)
{
	return (struct text){ unit->text[which], unit->finished.text_bytes[which] };
}

/* Writes what is next and done, as long as somebody reads it. */
static void write_units(struct fleet *fleet)
{
	while (fleet->first < fleet->next && run_goes_on(fleet->run)) {
		struct unit *unit = &fleet->units[fleet->first % fleet->unit_count];

		if (!unit->done)
			return;
		run_add(fleet->run, &unit->finished.summary, text_of_unit(unit, 0),
			text_of_unit(unit, 1));
		free(unit->text[0]);
		free(unit->text[1]);
		free(unit->order);
		fleet->first++;
	}
}

/* --- what the options name -------------------------------------------------------- */

/* "--vmlinux, --against": those that name something to be read. */
static void put_options(char *into, size_t room, const struct options *options)
{
	const struct { const char *name, *value; } all[] = {
		{ "--vmlinux", options->vmlinux }, { "--domain-xml", options->domain_xml },
		{ "--baseline", options->baseline }, { "--against", options->against },
	};
	size_t length = 0;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].value && length < room)
			length += (size_t)snprintf(into + length, room - length, "%s%s",
						   length ? ", " : "", all[i].name);
}

static _Noreturn void try_in_child(struct run *run, int to)
{
	const char *trouble;

	doors_shut_worker(run, to, to);
	trouble = run_prepare(run);
	if (trouble)
		(void)put_bytes(to, trouble, strlen(trouble));
	_exit(trouble ? EXIT_TROUBLE : EXIT_CLEAN);
}

/* As much as there is and fits. */
static void get_words(int from, char *words, size_t room)
{
	size_t length = 0;
	ssize_t got;

	do {
		got = read(from, words + length, room - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	words[length] = '\0';
}

/* Before many processes read it one tries, which may die of it. NULL; or why not, in a
 * sentence that stays. */
static const char *try_options(struct run *run)
{
	static char trouble[1024];
	char names[64];
	int ends[2], status = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return strerror(errno);
	child = fork();
	if (!child)
		try_in_child(run, ends[1]);
	close(ends[1]);
	get_words(ends[0], trouble, sizeof(trouble));
	close(ends[0]);
	if (child < 0)
		return "a process that is needed cannot start";
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (run->against)
		against_hush(run->against);
	if (run->known)
		run->known->baseline.errors = NULL;   /* it was told */
	put_options(names, sizeof(names), run->options);
	if (WIFSIGNALED(status))
		snprintf(trouble, sizeof(trouble), "%s: the process that read it was ended by "
			 "signal %d (%s)", names, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (status && !*trouble)
		snprintf(trouble, sizeof(trouble), "%s: cannot be read", names);
	return status ? trouble : NULL;
}

/* --- the fleet -------------------------------------------------------------------- */

/* Gives every idle worker a unit, as long as there are any. */
static bool employ(struct fleet *fleet)
{
	for (uint32_t i = 0; i < fleet->worker_count; i++) {
		struct worker *worker = &fleet->workers[i];
		struct unit *unit = worker->unit ? NULL : next_unit(fleet);

		if (!unit)
			continue;
		if (!worker->pid && !start(fleet, worker))
			return false;
		give(fleet, worker, unit);
	}
	return true;
}

/* Waits for answers, and takes them. */
static bool collect(struct fleet *fleet, struct pollfd *polled)
{
	for (uint32_t i = 0; i < fleet->worker_count; i++)
		polled[i] = (struct pollfd){ .fd = fleet->workers[i].unit ?
					     fleet->workers[i].from : -1, .events = POLLIN };
	if (poll(polled, fleet->worker_count, -1) < 0)
		return errno == EINTR;
	for (uint32_t i = 0; i < fleet->worker_count; i++)
		if (polled[i].revents && !take_answer(&fleet->workers[i]) &&
		    !recover(fleet, &fleet->workers[i]))
			return false;
	return true;
}

static void end(struct fleet *fleet)
{
	for (uint32_t i = 0; i < fleet->worker_count; i++) {
		if (!fleet->workers[i].pid)
			continue;
		/* Nobody waits for what it is doing. */
		if (fleet->workers[i].unit)
			kill(fleet->workers[i].pid, SIGKILL);
		(void)stop(&fleet->workers[i]);
	}
	for (; fleet->first < fleet->next; fleet->first++) {
		struct unit *unit = &fleet->units[fleet->first % fleet->unit_count];

		free(unit->text[0]);
		free(unit->text[1]);
		free(unit->order);
	}
}

enum status fleet_run(struct run *run, struct names *names)
{
	uint32_t jobs = run->options->jobs, units = UNITS_AHEAD * jobs;
	struct fleet fleet = {
		.run = run, .names = names, .worker_count = jobs, .unit_count = units,
		.workers = must(calloc(jobs, sizeof(struct worker))),
		.units = must(calloc(units, sizeof(struct unit))),
	};
	struct pollfd *polled = must(calloc(jobs, sizeof(*polled)));
	void *shared = mmap(NULL, jobs * sizeof(*fleet.at), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = shared != MAP_FAILED;

	fleet.at = shared;
	doors_open_all();
	/* Nothing that is waiting to be written may be written twice. */
	fflush(NULL);
	if (run->given || run->against || run->options->baseline)
		run->over = try_options(run);
	while (good && run_goes_on(run)) {
		good = employ(&fleet);
		if (!good || fleet.first == fleet.next)
			break;
		good = collect(&fleet, polled);
		write_units(&fleet);
	}
	end(&fleet);
	if (shared != MAP_FAILED)
		munmap(shared, jobs * sizeof(*fleet.at));
	free(fleet.workers);
	free(fleet.units);
	free(polled);
	return good ? ST_OK : ST_IO;
}
