/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

#define BLOCKS 4u

/* A ring: the thread fills blocks, the reader empties them. `filled` and `emptied`
 * count blocks since the start; everything but the bytes is under the lock. */
struct ahead {
	struct stream stream;        /* first: what ahead_start() returns */
	struct stream *from;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t filled, emptied;
	bool ended, stop;
	size_t length[BLOCKS];
	size_t at;                   /* the reader's, in its block */
	char *bytes;                 /* BLOCKS * READ_BYTES */
};

/* Waits for a block to fill. False: to stop. */
static bool wait_for_room(struct ahead *ahead)
{
	bool stop;

	pthread_mutex_lock(&ahead->lock);
	while (!ahead->stop && ahead->filled - ahead->emptied == BLOCKS)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	stop = ahead->stop;
	pthread_mutex_unlock(&ahead->lock);
	return !stop;
}

static void *fill_blocks(void *argument)
{
	struct ahead *ahead = argument;
	bool ended = false;

	while (!ended && wait_for_room(ahead)) {
		unsigned block = ahead->filled % BLOCKS;
		char *into = ahead->bytes + (size_t)block * READ_BYTES;
		size_t length = 0;

		while (length < READ_BYTES && !ended) {
			size_t got = stream_read(ahead->from, into + length, READ_BYTES - length);

			ended = !got;
			length += got;
		}
		pthread_mutex_lock(&ahead->lock);
		ahead->length[block] = length;
		ahead->filled++;
		ahead->ended = ended;
		pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->lock);
	}
	return NULL;
}

/* Is there a filled block? False: the end. */
static bool wait_for_block(struct ahead *ahead)
{
	bool there;

	pthread_mutex_lock(&ahead->lock);
	while (ahead->filled == ahead->emptied && !ahead->ended)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	there = ahead->filled != ahead->emptied;
	pthread_mutex_unlock(&ahead->lock);
	return there;
}

static void give_back_block(struct ahead *ahead)
{
	ahead->at = 0;
	pthread_mutex_lock(&ahead->lock);
	ahead->emptied++;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
}

static size_t ahead_read(struct stream *stream, char *into, size_t room)
{
	struct ahead *ahead = (struct ahead *)stream;

	while (wait_for_block(ahead)) {
		unsigned block = ahead->emptied % BLOCKS;
		size_t got = ahead->length[block] - ahead->at;

		if (got > room)
			got = room;
		memcpy(into, ahead->bytes + (size_t)block * READ_BYTES + ahead->at, got);
		ahead->at += got;
		if (ahead->at == ahead->length[block])
			give_back_block(ahead);
		if (got)
			return got;
	}
	/* The thread is at its end: its stream is ours again. */
	if (ahead->from->status != ST_OK)
		stream_fail(stream, ahead->from->status, "%s", ahead->from->trouble);
	return 0;
}

static void free_ahead(struct ahead *ahead)
{
	free(ahead->bytes);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}

struct stream *ahead_start(struct stream *from)
{
	struct ahead *ahead = calloc(1, sizeof(*ahead));

	if (!ahead)
		return NULL;
	ahead->stream.read = ahead_read;
	ahead->from = from;
	ahead->bytes = malloc((size_t)BLOCKS * READ_BYTES);
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	if (ahead->bytes && !pthread_create(&ahead->thread, NULL, fill_blocks, ahead))
		return &ahead->stream;
	free_ahead(ahead);
	return NULL;
}

void ahead_stop(struct stream *stream)
{
	struct ahead *ahead = (struct ahead *)stream;

	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stop = true;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	free_ahead(ahead);
}
