/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/passing.h"
#include "formats/publish.h"
#include "formats/source.h"

enum wish { WISH_NEXT, WISH_NAME, WISH_REMOVE };
struct request { enum wish wish; int number; };

/* Of WISH_NEXT. Two strings follow, and the descriptor. */
struct given {
	bool any;
	uint64_t seen, skipped;             /* as in struct names */
	size_t name_bytes, trouble_bytes;   /* with their NULs; 0: no trouble */
};

static int to_keeper = -1;

/* --- in the keeper ----------------------------------------------------------- */

static bool give_next(int parser, struct names *names)
{
	struct input_name input;
	struct given given = { .any = names_next(names, &input) };
	int fd = -EIO;
	bool good;

	given.seen = names->seen;
	given.skipped = names->skipped;
	if (!given.any)
		return put_bytes(parser, &given, sizeof(given));
	given.name_bytes = strlen(input.name) + 1;
	given.trouble_bytes = input.trouble ? strlen(input.trouble) + 1 : 0;
	if (!input.trouble)
		fd = source_descriptor(input.name);
	good = put_bytes(parser, &given, sizeof(given)) &&
	       put_bytes(parser, input.name, given.name_bytes) &&
	       put_bytes(parser, input.trouble, given.trouble_bytes) &&
	       put_descriptors(parser, &fd, 1);
	if (fd > STDIN_FILENO)
		close(fd);
	return good;
}

static bool publish(int parser, const struct request *request)
{
	int error = EINVAL;

	if (request->number >= 0 && request->number < publish_planned())
		error = publish_end(request->number, request->wish == WISH_NAME) ? 0 : errno;
	return put_bytes(parser, &error, sizeof(error));
}

static void serve(int parser, struct names *names)
{
	struct request request;

	while (get_bytes(parser, &request, sizeof(request)))
		if (!(request.wish == WISH_NEXT ? give_next(parser, names) :
		      publish(parser, &request)))
			return;
}

/* The parser's status; nothing that this process holds in memory may be written. */
static _Noreturn void keep(int parser, struct names *names, pid_t child)
{
	int status = 0;

	serve(parser, names);
	close(parser);   /* after a failure, it shall not wait for an answer */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	publish_drop_all();
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	dprintf(STDERR_FILENO, "pgtcheck: the process that read the input was ended by signal "
		"%d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
	_exit(EXIT_TROUBLE);
}

/* --- in the parser ----------------------------------------------------------- */

static int ask_to_publish(int number, bool keep)
{
	struct request request = { .wish = keep ? WISH_NAME : WISH_REMOVE, .number = number };
	int error;

	if (put_bytes(to_keeper, &request, sizeof(request)) &&
	    get_bytes(to_keeper, &error, sizeof(error)))
		return error;
	return EPIPE;
}

static char *get_string(size_t bytes)
{
	char *string = bytes ? malloc(bytes) : NULL;

	if (string && get_bytes(to_keeper, string, bytes))
		return string;
	free(string);
	return NULL;
}

static bool ask_next(struct given *given)
{
	struct request request = { .wish = WISH_NEXT };

	return put_bytes(to_keeper, &request, sizeof(request)) &&
	       get_bytes(to_keeper, given, sizeof(*given));
}

static bool take_next(const struct given *given, char **name, char **trouble, int *fd)
{
	*name = get_string(given->name_bytes);
	*trouble = get_string(given->trouble_bytes);
	return *name && !*trouble == !given->trouble_bytes && get_descriptors(to_keeper, fd, 1);
}

enum status keeper_next(struct names *names, struct input_name *input, int *fd, bool *any)
{
	static char *name, *trouble;
	struct given given;

	free(name);
	free(trouble);
	name = trouble = NULL;
	*any = false;
	if (!ask_next(&given))
		return ST_IO;
	names->seen = given.seen;
	names->skipped = given.skipped;
	if (given.any && !take_next(&given, &name, &trouble, fd))
		return ST_IO;
	*any = given.any;
	*input = (struct input_name){ name, trouble };
	return ST_OK;
}

bool keeper_start(struct names *names)
{
	pid_t keeper = getpid(), child;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return false;
	/* Nothing that is waiting to be written may be written twice. */
	fflush(NULL);
	child = fork();
	if (!child)
		end_with(keeper);
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	close(ends[child > 0]);
	if (child > 0)
		keep(ends[0], names, child);
	publish_leave();
	to_keeper = ends[1];
	publish_elsewhere = ask_to_publish;
	return true;
}
