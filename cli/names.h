/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which inputs: operands, the files of folders, lists of names, and what a
 * shard or an earlier run leaves of them. Streams: a list of a million names
 * takes no more memory than one. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include <stdio.h>

#include "cli/options.h"

/* Bytes of one name of a list; PATH_MAX is 4096. */
#define NAME_BYTES_MAX 8192u

struct input_name {
	const char *name;      /* valid until the next call */
	const char *trouble;   /* it cannot even be opened: why; or NULL */
};

struct folder;

struct names {
	const struct options *options;
	bool several;              /* names_several() */
	size_t operand;
	struct folder *folders;    /* being walked, the innermost first */
	FILE *list;
	bool list_over;
	char *name;                /* the one given out; owned */
	/* names that an earlier run has done, sorted; owned */
	char **done;
	size_t done_count;
	uint64_t seen, skipped;    /* names of this shard's fleet; done before */
};

void names_begin(struct names *names, const struct options *options);
/* False: that was the last one. What cannot be read (a folder, a list) comes
 * as a name with its trouble, and the rest goes on. */
bool names_next(struct names *names, struct input_name *next);
/* Can there be more than one? A folder or a list can hold many. */
static inline bool names_several(const struct names *names) { return names->several; }
/* How many were skipped, if any could have been. */
void names_tell(const struct names *names, FILE *errors);
void names_end(struct names *names);

/* Which of `count` shards, from 1, a name belongs to. The same for ever: other
 * machines compute the others. */
uint32_t names_shard(const char *name, uint32_t count);

#endif
