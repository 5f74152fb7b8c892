/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/done.h"

#include <inttypes.h>
#include <string.h>

#include "cli/memory.h"
#include "cli/recorded.h"

struct done {
	char **names;
	size_t count;
	uint64_t last_end;     /* behind the last file record of a whole input, or summary */
	uint64_t end;          /* behind the last record */
};

/* The record of a name that is no UTF-8 stands for any such name: it is done
 * again rather than lost. */
static bool is_exact(const char *name)
{
	return !strstr(name, "\xef\xbf\xbd");
}

static void take(void *context, const struct json_module *json, const void *record, bool whole,
		 uint64_t end)
{
	const char *type = json->string(record, "type"), *name = json->string(record, "file");
	struct done *done = context;

	if (!whole)
		return;
	done->end = end;
	if (!strcmp(type, "summary"))
		done->last_end = end;
	/* Members come before their archive, and are done again unless that is there. */
	if (strcmp(type, "file") || !name || json->string(record, "archive"))
		return;
	done->last_end = end;
	if (!is_exact(name))
		return;
	done->names = must_grow(done->names, done->count, sizeof(*done->names));
	done->names[done->count++] = must(strdup(name));
}

static void tell_torn(const char *file, const struct done *done, const struct recorded *recorded)
{
	if (recorded->strange)
		fprintf(stderr, "pgtcheck: %s:%" PRIu64 ": %" PRIu64 " line%s no whole record: "
			"ignored\n", file, recorded->strange_line, recorded->strange,
			recorded->strange == 1 ? " is" : "s are");
	if (recorded->strange || done->end != done->last_end)
		fprintf(stderr, "pgtcheck: %s: the last input that was finished ends at byte %"
			PRIu64 "; before appending to this file: truncate -s %" PRIu64 " FILE\n",
			file, done->last_end, done->last_end);
}

char **done_names(const char *file, size_t *count)
{
	struct done done = { .names = NULL };
	struct recorded recorded = { .take = take, .context = &done };
	const char *trouble;
	enum status status = recorded_read(&recorded, file, &trouble);

	if (status == ST_NOT_FOUND)
		fprintf(stderr, "pgtcheck: %s: not there yet: nothing is skipped\n", file);
	else if (status != ST_OK) {
		fprintf(stderr, "pgtcheck: %s: %s\n", file, trouble);
		exit(status_code(EXIT_TROUBLE));
	} else if (!recorded.records && recorded.strange > 1) {
		/* Torn is one line at most: this is another file. */
		fprintf(stderr, "pgtcheck: %s: holds no record of ours (is it -f ndjson?)\n", file);
		exit(status_code(EXIT_TROUBLE));
	} else {
		tell_torn(file, &done, &recorded);
	}
	*count = done.count;
	return done.names;
}
