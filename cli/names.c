/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "cli/done.h"
#include "cli/memory.h"

/* A folder being walked. Entries are sorted by bytes; one that is a folder
 * itself ends in '/', so that full names come sorted too. */
struct folder {
	char *path;            /* ends in '/' */
	char **entries;
	size_t count, next;
	struct folder *up;
};

/* --- shards ---------------------------------------------------------------- */

uint32_t names_shard(const char *name, uint32_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	/* FNV-1a alone moves its last byte too little. */
	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	hash ^= hash >> 32;
	return (uint32_t)(hash % count) + 1;
}

/* --- folders --------------------------------------------------------------- */

enum entry_kind { ENTRY_OTHER, ENTRY_FILE, ENTRY_FOLDER };

/* A link to a file is one; a link to a folder might lead back up. */
static enum entry_kind kind_of(int folder, const struct dirent *entry)
{
	struct stat about;

	if (entry->d_type == DT_REG)
		return ENTRY_FILE;
	if (entry->d_type == DT_DIR)
		return ENTRY_FOLDER;
	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return ENTRY_OTHER;
	if (fstatat(folder, entry->d_name, &about, 0))
		return ENTRY_FILE;   /* a broken link: opening it will say so */
	if (S_ISREG(about.st_mode))
		return ENTRY_FILE;
	if (!S_ISDIR(about.st_mode) || entry->d_type == DT_LNK)
		return ENTRY_OTHER;
	return fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) ||
	       S_ISLNK(about.st_mode) ? ENTRY_OTHER : ENTRY_FOLDER;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *joined(const char *a, const char *b, const char *c)
{
	size_t a_length = strlen(a), b_length = strlen(b), c_room = strlen(c) + 1;
	char *name = must(malloc(a_length + b_length + c_room));

	memcpy(name, a, a_length);
	memcpy(name + a_length, b, b_length);
	memcpy(name + a_length + b_length, c, c_room);
	return name;
}

/* False: not all of them could be read. */
static bool read_entries(struct folder *folder, DIR *dir, bool recursive)
{
	struct dirent *entry;
	bool whole;

	while (errno = 0, (entry = readdir(dir))) {
		enum entry_kind kind = kind_of(dirfd(dir), entry);

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (kind == ENTRY_OTHER || (kind == ENTRY_FOLDER && !recursive))
			continue;
		folder->entries = must_grow(folder->entries, folder->count,
					    sizeof(*folder->entries));
		folder->entries[folder->count++] =
			joined(entry->d_name, kind == ENTRY_FOLDER ? "/" : "", "");
	}
	whole = errno == 0;
	if (folder->count)
		qsort(folder->entries, folder->count, sizeof(*folder->entries), compare_strings);
	return whole;
}

static void leave_folder(struct names *names)
{
	struct folder *folder = names->folders;

	names->folders = folder->up;
	for (size_t i = 0; i < folder->count; i++)
		free(folder->entries[i]);
	free(folder->entries);
	free(folder->path);
	free(folder);
}

/* Returns its trouble, or NULL. An operand without a file is one: nothing was
 * read, and nothing read is no pass. */
static const char *enter_folder(struct names *names, const char *path)
{
	size_t length = strlen(path);
	struct folder *folder;
	DIR *dir = opendir(path);
	bool first = !names->folders, whole;

	if (!dir)
		return strerror(errno);
	folder = must(calloc(1, sizeof(*folder)));
	folder->path = joined(path, length && path[length - 1] == '/' ? "" : "/", "");
	folder->up = names->folders;
	names->folders = folder;
	whole = read_entries(folder, dir, names->options->recursive);
	closedir(dir);
	if (!whole)
		return "the folder cannot be read to its end";
	if (folder->count || !first)
		return NULL;
	return names->options->recursive ? "no regular file in this folder" :
	       "no regular file in this folder (-r goes down)";
}

static bool is_folder(const char *name)
{
	struct stat about;

	return strcmp(name, "-") && !stat(name, &about) && S_ISDIR(about.st_mode);
}

/* --- names as they come ---------------------------------------------------- */

static void set_name(struct names *names, char *name)
{
	free(names->name);
	names->name = name;
}

/* The next line of the list, or of NULs; empty ones do not count. */
static bool read_name(struct names *names, const char **trouble)
{
	int end = names->options->null_ended ? '\0' : '\n', byte;
	char line[NAME_BYTES_MAX];
	size_t length = 0;

	*trouble = NULL;
	while ((byte = getc_unlocked(names->list)) != EOF) {
		if (byte == end && length)
			break;
		if (byte == end)
			continue;
		if (!byte)
			*trouble = "a NUL in a name (is the list of NUL-ended names? -0)";
		if (length + 1 < sizeof(line))
			line[length++] = (char)byte;
		else
			*trouble = "the name is too long";
	}
	line[length] = '\0';
	if (length)
		set_name(names, joined(line, "", ""));
	else if (ferror(names->list))
		*trouble = strerror(errno);
	return length > 0;
}

static bool next_of_list(struct names *names, const char **trouble)
{
	const char *file = names->options->files_from;

	*trouble = NULL;
	if (!file || names->list_over)
		return false;
	if (!names->list)
		names->list = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (names->list && read_name(names, trouble)) {
		if (names->list == stdin && !strcmp(names->name, "-"))
			*trouble = "standard input is the list of names";
		return true;
	}
	names->list_over = true;
	if (!names->list)
		*trouble = strerror(errno);
	if (!*trouble)
		return false;
	set_name(names, joined(file, "", ""));
	return true;
}

static bool next_operand(struct names *names, const char **trouble)
{
	*trouble = NULL;
	if (names->operand == names->options->input_count)
		return next_of_list(names, trouble);
	set_name(names, joined(names->options->inputs[names->operand++], "", ""));
	return true;
}

/* The next entry of the innermost folder that has one. */
static bool next_of_folders(struct names *names)
{
	while (names->folders) {
		struct folder *folder = names->folders;

		if (folder->next < folder->count) {
			set_name(names, joined(folder->path, folder->entries[folder->next++], ""));
			return true;
		}
		leave_folder(names);
	}
	return false;
}

static bool is_done(const struct names *names)
{
	return names->done_count && bsearch(&names->name, names->done, names->done_count,
					    sizeof(*names->done), compare_strings);
}

/* Does this run take the name? Trouble of a folder or a list is every shard's. */
static bool is_ours(struct names *names)
{
	const struct options *options = names->options;

	names->seen++;
	if (options->shard_count > 1 &&
	    names_shard(names->name, options->shard_count) != options->shard)
		return false;
	if (!is_done(names))
		return true;
	names->skipped++;
	return false;
}

static bool ends_in_slash(const char *name)
{
	size_t length = strlen(name);

	return length && name[length - 1] == '/';
}

bool names_next(struct names *names, struct input_name *next)
{
	for (;;) {
		const char *trouble = NULL;
		bool walked = next_of_folders(names);

		if (!walked && !next_operand(names, &trouble))
			return false;
		if (!trouble && names->several &&
		    (walked ? ends_in_slash : is_folder)(names->name)) {
			trouble = enter_folder(names, names->name);
			if (!trouble)
				continue;
		}
		if (!trouble && !is_ours(names))
			continue;
		*next = (struct input_name){ names->name, trouble };
		return true;
	}
}

/* --- the walk --------------------------------------------------------------- */

void names_begin(struct names *names, const struct options *options)
{
	*names = (struct names){
		.options = options,
		.several = options->files_from || options->input_count > 1 ||
			   (options->input_count == 1 && is_folder(options->inputs[0])),
	};
	if (!options->skip_done)
		return;
	names->done = done_names(options->skip_done, &names->done_count);
	if (names->done_count)
		qsort(names->done, names->done_count, sizeof(*names->done), compare_strings);
}

void names_tell(const struct names *names, FILE *errors)
{
	if (names->options->skip_done && !names->options->write.quiet)
		fprintf(errors, "pgtcheck: %" PRIu64 " input%s skipped: done before\n",
			names->skipped, names->skipped == 1 ? "" : "s");
}

void names_end(struct names *names)
{
	while (names->folders)
		leave_folder(names);
	if (names->list && names->list != stdin)
		fclose(names->list);
	for (size_t i = 0; i < names->done_count; i++)
		free(names->done[i]);
	free(names->done);
	free(names->name);
}
