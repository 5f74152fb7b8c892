/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Options from elsewhere than the command line: a configuration file, then the
 * words of PGTCHECK_OPTS, then argv. The folder of a log and the working folder
 * are never asked: an attachment must not configure its judge. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "cli/memory.h"
#include "cli/nearest.h"
#include "cli/options_inside.h"

#define CONFIG_BYTES_MAX (64u * 1024)

bool set_config(struct parse *parse, const char *value)
{
	parse->options->config = value;
	return true;
}

/* --- one line ---------------------------------------------------------------- */

static const char blanks[] = " \t\r";

static char *trim(char *words)
{
	size_t length;

	words += strspn(words, blanks);
	length = strlen(words);
	while (length && strchr(blanks, words[length - 1]))
		words[--length] = '\0';
	return words;
}

/* What asks for something else than a check, and the file's own name. */
static bool may_stand(const char *name)
{
	static const char *const never[] = { "config", "explain", "help", "list-rules", "merge",
					     "version" };

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (!strcmp(name, never[i]))
			return false;
	return true;
}

static const struct option_row *find_row(struct parse *parse, const char *name)
{
	struct nearest nearest = { .typed = text_of(name) };

	for (size_t i = 0; i < option_row_count; i++) {
		if (!option_rows[i].name || !may_stand(option_rows[i].name))
			continue;
		if (!strcmp(option_rows[i].name, name))
			return &option_rows[i];
		nearest_offer(&nearest, option_rows[i].name);
	}
	fprintf(parse->errors, "'%s' is no long option that may stand here", name);
	if (nearest.name)
		fprintf(parse->errors, "; did you mean '%s'?", nearest.name);
	putc('\n', parse->errors);
	return NULL;
}

/* An option without a value is on or off. */
static bool take_flag(struct parse *parse, const struct option_row *row, const char *value)
{
	if (value && !strcmp(value, "no"))
		return true;
	if (!value || !strcmp(value, "yes"))
		return row->set(parse, NULL);
	fprintf(parse->errors, "%s is yes or no, not '%s'\n", row->name, value);
	return false;
}

/* "key = value", or a key alone. */
static bool take_line(struct parse *parse, char *line)
{
	char *equals = strchr(line, '='), *value = equals ? trim(equals + 1) : NULL;
	const struct option_row *row;

	if (equals)
		*equals = '\0';
	row = find_row(parse, trim(line));
	if (!row)
		return false;
	parse->name = row->name;
	parse->shape = row->shape;
	if (row->argument == WITHOUT)
		return take_flag(parse, row, value);
	if (row->argument == MAY_HAVE || (value && *value))
		return row->set(parse, value);
	fprintf(parse->errors, "%s needs a value: %s\n", row->name, row->shape);
	return false;
}

/* --- the file ------------------------------------------------------------------ */

static char *read_file(FILE *in, size_t *length, const char **trouble)
{
	char *text = must(malloc(CONFIG_BYTES_MAX + 1));

	errno = 0;
	*length = fread(text, 1, CONFIG_BYTES_MAX, in);
	text[*length] = '\0';
	if (ferror(in))
		*trouble = strerror(errno ? errno : EIO);
	else if (getc(in) != EOF)
		*trouble = "larger than any configuration is (64 KiB)";
	return text;
}

/* What a handler says of a value begins with the program's name. */
static void tell_line(FILE *errors, const char *path, unsigned number, const char *said)
{
	static const char lead[] = "pgtcheck: ";

	if (!strncmp(said, lead, sizeof(lead) - 1))
		said += sizeof(lead) - 1;
	fprintf(errors, "pgtcheck: %s:%u: %s", path, number, said);
}

static bool take_lines(struct options *options, const char *path, size_t length, FILE *errors)
{
	char *line = options->config_text, *end = line + length, *said = NULL;
	size_t said_length;
	struct parse parse = { .options = options,
			       .errors = must(open_memstream(&said, &said_length)) };
	bool good = true;

	for (unsigned number = 1; good && line < end; number++) {
		char *next = line + strcspn(line, "\n"), *words;

		if (next < end && !*next) {
			fputs("a NUL byte\n", parse.errors);
			good = false;
		}
		*next = '\0';
		words = trim(line);
		if (good && *words && *words != '#')
			good = take_line(&parse, words);
		fflush(parse.errors);
		if (!good)
			tell_line(errors, path, number, said);
		line = next + 1;
	}
	fclose(parse.errors);
	free(said);
	return good;
}

/* --- where it is ----------------------------------------------------------------- */

/* The user's: a path that is not absolute is to be ignored, and would lead into
 * the folder of a log. Source: XDG Base Directory Specification 0.8. */
static char *users_path(char *(*get)(const char *name))
{
	static const char file[] = "/.config/pgtcheck/config";
	const char *base = get("XDG_CONFIG_HOME"), *below = file + strlen("/.config");
	size_t length;
	char *path;

	if (!base || *base != '/') {
		base = get("HOME");
		below = file;
	}
	if (!base || *base != '/')
		return NULL;
	length = strlen(base);
	path = must(malloc(length + sizeof(file)));
	memcpy(path, base, length);
	memcpy(path + length, below, strlen(below) + 1);
	return path;
}

static bool is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES;
}

/* Most are not there, and then fopen() is not needed. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : must(fdopen(fd, "r"));
}

/* The first that is there: `wanted`, or the user's and then the system's. NULL: none, or
 * *trouble with *path. */
static FILE *find_file(const char *wanted, const char *users, const char **path,
		       const char **trouble)
{
	FILE *in;

	*path = wanted ? wanted : users;
	in = *path ? open_file(*path) : NULL;
	if (!in && *path && (wanted || !is_absent(errno)))
		*trouble = strerror(errno);
	if (in || *trouble)
		return in;
	*path = SYSCONF_DIR "/pgtcheck.conf";
	in = open_file(*path);
	if (!in && errno != ENOENT && errno != ENOTDIR)
		*trouble = strerror(errno);
	return in;
}

static enum action read_config(struct options *options, const char *wanted,
			       char *(*get)(const char *name), FILE *errors)
{
	char *users = wanted ? NULL : users_path(get);
	const char *trouble = NULL, *path;
	bool good = true;
	size_t length;
	FILE *in = find_file(wanted, users, &path, &trouble);

	if (in) {
		options->config_text = read_file(in, &length, &trouble);
		good = trouble || take_lines(options, path, length, errors);
		fclose(in);
	}
	if (trouble)
		fprintf(errors, "pgtcheck: %s: %s\n", path, trouble);
	free(users);
	if (trouble)
		return ACTION_TROUBLE;
	return good ? ACTION_CHECK : ACTION_USAGE_ERROR;
}

/* --- all together ------------------------------------------------------------------ */

/* argv with the words put behind its first; the words are cut out of `text`. */
static char **join_words(char *text, int *argc, char **argv)
{
	char **joined = must(calloc((size_t)*argc + strlen(text) / 2 + 3, sizeof(*joined)));
	char *save = NULL;
	int count = 0;

	if (*argc)
		joined[count++] = argv[0];
	for (char *word = strtok_r(text, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save))
		joined[count++] = word;
	for (int i = 1; i < *argc; i++)
		joined[count++] = argv[i];
	*argc = count;
	return joined;
}

void options_gather(struct options *options, int argc, char **argv,
		    char *(*get)(const char *name), FILE *errors)
{
	const char *words = get("PGTCHECK_OPTS"), *wanted;
	char *text = words && *words ? must(strdup(words)) : NULL;
	char **joined = text ? join_words(text, &argc, argv) : NULL;
	enum action action = ACTION_CHECK;

	if (joined)
		argv = joined;
	options_defaults(options);
	options->words = text;
	options->argv = joined;
	wanted = options_config(argc, argv);
	if (!wanted || strcmp(wanted, "none"))
		action = read_config(options, wanted, get, errors);
	/* Also after a mistake: --bisect says what statuses mean. */
	options_arguments(options, argc, argv, errors);
	if (action != ACTION_CHECK)
		options->action = action;
}

void options_release(struct options *options)
{
	free(options->words);
	free(options->argv);
	free(options->config_text);
}
