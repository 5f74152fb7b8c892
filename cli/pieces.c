/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/pieces.h"

#include <stdlib.h>

#include "formats/pstore.h"

enum status pieces_take(struct held_pieces *held, const struct unpack_member *member)
{
	char *name, *bytes;
	size_t got;

	if (!member->ordered || !*member->name || held->length >= PSTORE_BYTES_MAX)
		return ST_NOT_FOUND;
	/* A line end may be missing at the end. */
	bytes = realloc(held->bytes, 2 * PSTORE_BYTES_MAX + 1);
	name = strdup(member->name);
	if (!bytes || !name) {
		held->bytes = bytes ? bytes : held->bytes;
		free(name);
		return ST_MEMORY;
	}
	held->bytes = bytes;
	while (held->length < 2 * PSTORE_BYTES_MAX &&
	       (got = stream_read(member->stream, bytes + held->length,
				  2 * PSTORE_BYTES_MAX - held->length)) != 0)
		held->length += got;
	if (member->stream->status != ST_OK)
		stream_fail(&held->failure, member->stream->status, "%s: %s", name,
			    member->stream->trouble);
	if (held->length && bytes[held->length - 1] != '\n')
		bytes[held->length++] = '\n';
	held->count++;
	free(held->last);
	held->last = name;
	if (!held->first)
		held->first = strdup(name);
	return held->first ? ST_OK : ST_MEMORY;
}

static size_t pieces_read(struct stream *stream, char *into, size_t room)
{
	struct pieces_stream *pieces = (struct pieces_stream *)stream;
	size_t left = pieces->length - pieces->at;

	if (room > left)
		room = left;
	memcpy(into, pieces->bytes + pieces->at, room);
	pieces->at += room;
	if (!room && pieces->failure.status != ST_OK)
		return stream_fail(stream, pieces->failure.status, "%s", pieces->failure.trouble);
	return room;
}

bool pieces_stream_init(struct pieces_stream *stream, const struct held_pieces *held)
{
	*stream = (struct pieces_stream){ .stream.read = pieces_read, .failure = held->failure };
	stream->bytes = pstore_in_order((struct text){ held->bytes, held->length }, &stream->length);
	return stream->bytes != NULL;
}

void pieces_stream_release(struct pieces_stream *stream)
{
	free(stream->bytes);
}

void pieces_free(struct held_pieces *held)
{
	free(held->bytes);
	free(held->first);
	free(held->last);
	*held = (struct held_pieces){ 0 };
}
