/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An archive that holds the files of pstore: each is a piece of one log, so they are
 * held back until the archive is read, and then judged as that log. */
#ifndef CLI_PIECES_H
#define CLI_PIECES_H

#include "formats/modules/unpack/unpack.h"

struct held_pieces {
	char *bytes;             /* of all, one behind the other; owned */
	size_t length;
	uint32_t count;
	char *first, *last;      /* their names; owned */
	struct stream failure;   /* the first of those that could not be read whole */
};

/* Takes the member, when it is one and there is room: ST_OK. ST_NOT_FOUND: it is none.
 * ST_MEMORY: out of memory. */
MUST_USE enum status pieces_take(struct held_pieces *held, const struct unpack_member *member);

/* The log that they are. */
struct pieces_stream {
	struct stream stream;
	char *bytes;             /* owned */
	size_t at, length;
	struct stream failure;   /* at the end */
};
/* False: out of memory. */
bool pieces_stream_init(struct pieces_stream *stream, const struct held_pieces *held);
void pieces_stream_release(struct pieces_stream *stream);

void pieces_free(struct held_pieces *held);

#endif
