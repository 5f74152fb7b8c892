/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/modules/unpack/unpack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/modules/unpack/layer.h"
#include "formats/module.h"

#define DEPTH_MAX 64u            /* of --max-depth */
#define PACKING_WORDS_BYTES 256u
/* Members that an archive gives an empty name go by this one. */
#define NO_NAME "(no name)"

static const struct layer_kind *const kinds[PACKING_COUNT] = {
	[PACKING_GZIP] = &gzip_layer, [PACKING_XZ] = &xz_layer, [PACKING_ZSTD] = &zstd_layer,
	[PACKING_BZIP2] = &bzip2_layer, [PACKING_TAR] = &tar_layer, [PACKING_ZIP] = &zip_layer,
	[PACKING_MAIL] = &mail_layer, [PACKING_MBOX] = &mbox_layer,
	[PACKING_UTF16] = &utf16_layer, [PACKING_JOURNAL] = &journal_layer,
	[PACKING_JSON] = &json_layer, [PACKING_PSTORE] = &pstore_layer,
};

/* The operand as it stands: first what was read already. */
struct base {
	struct stream stream;        /* first: see base_read() */
	struct source *source;       /* not owned */
	uint64_t offset;             /* in a file that can be sought */
	char *first;                 /* of others: what is read already; owned */
	size_t first_at, first_end;
};

struct unpack {
	struct base base;
	struct unpack_limits limits;
	struct budget budget;
	struct layer *layers[DEPTH_MAX];
	enum packing packings[DEPTH_MAX];
	unsigned depth;
	struct feed top;             /* over the uppermost stream */
	struct stream member;        /* what is handed out: what `top` gives */
	bool started, stopped;
	uint32_t members;
	struct stream failure;       /* the first between members */
	uint32_t failures_more;
	char *name;                  /* of the member; MEMBER_NAME_BYTES */
	char packing_words[PACKING_WORDS_BYTES];
	char whole_words[PACKING_WORDS_BYTES];   /* up to the first archive */
};

/* --- the operand ----------------------------------------------------------- */

/* Two may read one file at a time: each has its own place. */
static size_t read_file(struct base *base, char *into, size_t room)
{
	ssize_t count;

	do
		count = pread(base->source->fd, into, room, (off_t)base->offset);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return stream_fail(&base->stream, ST_IO, "%s", strerror(errno));
	base->offset += (size_t)count;
	return (size_t)count;
}

static size_t base_read(struct stream *stream, char *into, size_t room)
{
	struct base *base = (struct base *)stream;
	size_t left = base->first_end - base->first_at, got;
	const char *trouble;

	if (base->source->seekable)
		return read_file(base, into, room);
	if (left) {
		if (left > room)
			left = room;
		memcpy(into, base->first + base->first_at, left);
		base->first_at += left;
		return left;
	}
	if (source_read(base->source, into, room, &got, &trouble) != ST_OK)
		return stream_fail(stream, ST_IO, "%s", trouble);
	if (!got && source_failure(base->source, &trouble) != ST_OK)
		return stream_fail(stream, base->source->failure.status, "%s", trouble);
	return got;
}

static size_t member_read(struct stream *stream, char *into, size_t room)
{
	struct unpack *unpack = (struct unpack *)((char *)stream - offsetof(struct unpack, member));
	size_t got = feed_read(&unpack->top, into, room);

	if (!got)
		feed_failed(&unpack->top, stream);
	return got;
}

/* --- layers ---------------------------------------------------------------- */

static struct stream *top_stream(struct unpack *unpack)
{
	return unpack->depth ? &unpack->layers[unpack->depth - 1]->out : &unpack->base.stream;
}

/* A feed over the uppermost stream. */
static bool look_at_top(struct unpack *unpack)
{
	uint64_t *counts = &unpack->budget.read;

	if (unpack->depth)
		counts = unpack->layers[unpack->depth - 1]->kind->makes ? &unpack->budget.made : NULL;
	feed_release(&unpack->top);
	return feed_init(&unpack->top, top_stream(unpack), &unpack->budget, counts);
}

static void free_layer(struct layer *layer, bool opened)
{
	if (opened && layer->kind->close)
		layer->kind->close(layer);
	feed_release(&layer->feed);
	free(layer->state);
	free(layer->name);
	free(layer);
}

static void pop_layer(struct unpack *unpack)
{
	free_layer(unpack->layers[--unpack->depth], true);
}

static void note_failure(struct unpack *unpack, const struct stream *stream)
{
	if (unpack->failure.status == ST_OK)
		stream_fail(&unpack->failure, stream->status, "%s", stream->trouble);
	else
		unpack->failures_more++;
}

/* A layer that takes over the feed at the top. NULL: member.trouble tells why not. */
static struct layer *new_layer(struct unpack *unpack, enum packing packing)
{
	const struct layer_kind *kind = kinds[packing];
	struct layer *layer;

	if (kind->lacks) {
		stream_fail(&unpack->member, ST_IO, "%s: this build cannot read it: %s was missing "
			    "when it was built", packing_name(packing), kind->lacks);
		return NULL;
	}
	layer = calloc(1, sizeof(*layer));
	if (layer) {
		layer->state = calloc(1, kind->state_bytes);
		layer->name = packing_is_archive(packing) ? calloc(1, MEMBER_NAME_BYTES) : NULL;
	}
	if (!layer || !layer->state || (packing_is_archive(packing) && !layer->name)) {
		if (layer)
			free_layer(layer, false);
		stream_fail(&unpack->member, ST_MEMORY, "out of memory");
		return NULL;
	}
	layer->kind = kind;
	layer->out.read = kind->read;
	layer->fd = !unpack->depth && unpack->base.source->seekable ? unpack->base.source->fd : -1;
	layer->feed = unpack->top;
	unpack->top.bytes = NULL;
	return layer;
}

static bool push_layer(struct unpack *unpack, enum packing packing)
{
	struct layer *layer;

	if (unpack->depth >= unpack->limits.depth) {
		stream_fail(&unpack->member, ST_LIMIT, "more than --max-depth=%u layers above each "
			    "other: not read", unpack->limits.depth);
		return false;
	}
	layer = new_layer(unpack, packing);
	if (!layer)
		return false;
	if (layer->kind->open && !layer->kind->open(layer)) {
		stream_fail(&unpack->member, layer->out.status, "%s", layer->out.trouble);
		free_layer(layer, true);
		return false;
	}
	unpack->packings[unpack->depth] = packing;
	unpack->layers[unpack->depth++] = layer;
	return true;
}

/* Pieces that were put in order are pieces still. */
static bool stands_in_order(const struct unpack *unpack)
{
	return unpack->depth && unpack->packings[unpack->depth - 1] == PACKING_PSTORE;
}

/* Goes up from the uppermost stream until what stands there is no layer. False: that
 * is an archive, whose first member is to be found. */
static bool climb(struct unpack *unpack)
{
	for (;;) {
		enum packing packing;
		size_t there;

		if (!look_at_top(unpack)) {
			stream_fail(&unpack->member, ST_MEMORY, "out of memory");
			return true;
		}
		there = feed_fill(&unpack->top, FEED_BYTES);
		packing = packing_probe(feed_at(&unpack->top), there);
		if (packing == PACKING_PSTORE && stands_in_order(unpack))
			return true;
		if (packing == PACKING_NONE || !push_layer(unpack, packing))
			return true;
		if (packing_is_archive(packing))
			return false;
	}
}

/* --- members --------------------------------------------------------------- */

/* "tar in gzip", the innermost first. */
static void write_packing(const struct unpack *unpack, char *words)
{
	size_t length = 0;

	words[0] = '\0';
	for (unsigned i = unpack->depth; i-- > 0 && length < PACKING_WORDS_BYTES;)
		length += (size_t)snprintf(words + length, PACKING_WORDS_BYTES - length, "%s%s",
					   length ? " in " : "", packing_name(unpack->packings[i]));
}

/* "inner.zip!boot.log" */
static void write_name(struct unpack *unpack)
{
	size_t length = 0;

	unpack->name[0] = '\0';
	for (unsigned i = 0; i < unpack->depth && length < MEMBER_NAME_BYTES; i++) {
		const char *name = unpack->layers[i]->name;

		if (name)
			length += (size_t)snprintf(unpack->name + length, MEMBER_NAME_BYTES - length,
						   "%s%s", length ? "!" : "", *name ? name : NO_NAME);
	}
}

static void hand_out(struct unpack *unpack, struct unpack_member *member)
{
	write_name(unpack);
	write_packing(unpack, unpack->packing_words);
	*member = (struct unpack_member){ unpack->name, unpack->packing_words, &unpack->member,
		.ordered = stands_in_order(unpack) };
}

static bool too_many(struct unpack *unpack)
{
	if (unpack->members++ < unpack->limits.members)
		return false;
	stream_fail(&unpack->member, ST_LIMIT, "more than --max-members=%u: the others are not read", unpack->limits.members);
	note_failure(unpack, &unpack->member);
	unpack->stopped = true;
	return true;
}

/* No byte more may come out of the operand. Told once: by the member that was read
 * when the limit was met, or as what went wrong between members. */
static bool is_over(struct unpack *unpack)
{
	const struct stream *over = &unpack->budget.over;

	if (over->status == ST_OK)
		return false;
	if (strcmp(unpack->member.trouble, over->trouble))
		note_failure(unpack, over);
	unpack->stopped = true;
	return true;
}

/* The next member of the innermost archive that has one is opened. */
static bool next_in_archives(struct unpack *unpack)
{
	while (unpack->depth) {
		struct layer *layer = unpack->layers[unpack->depth - 1];

		if (layer->kind->next) {
			layer_new_member(layer);
			if (layer->kind->next(layer))
				return !too_many(unpack);
			if (is_over(unpack))
				return false;
			if (layer->whole.status != ST_OK)
				note_failure(unpack, &layer->whole);
		}
		pop_layer(unpack);
	}
	return false;
}

static enum status unpack_next(struct unpack *unpack, struct unpack_member *member)
{
	if (unpack->stopped || is_over(unpack))
		return ST_END;
	for (;;) {
		unpack->member = (struct stream){ .read = member_read };
		if (unpack->started && !next_in_archives(unpack))
			return ST_END;
		unpack->started = true;
		if (climb(unpack)) {
			hand_out(unpack, member);
			return ST_OK;
		}
		if (!unpack->whole_words[0])
			write_packing(unpack, unpack->whole_words);
	}
}

static const char *unpack_trouble(const struct unpack *unpack, enum status *status, uint32_t *more)
{
	*status = unpack->failure.status;
	*more = unpack->failures_more;
	return *status == ST_OK ? NULL : unpack->failure.trouble;
}

static uint64_t unpack_bytes(const struct unpack *unpack)
{
	return unpack->budget.read;
}

static const char *unpack_packing(const struct unpack *unpack)
{
	return unpack->whole_words;
}

/* --- all ------------------------------------------------------------------- */

static void unpack_close(struct unpack *unpack)
{
	while (unpack->depth)
		pop_layer(unpack);
	feed_release(&unpack->top);
	free(unpack->base.first);
	free(unpack->name);
	free(unpack);
}

static struct unpack *unpack_open(struct source *source, size_t first,
				  const struct unpack_limits *limits)
{
	struct unpack *unpack = calloc(1, sizeof(*unpack));

	if (!unpack)
		return NULL;
	if (source->seekable)
		first = 0;
	unpack->base = (struct base){ .stream.read = base_read, .source = source,
				      .first_end = first, .first = malloc(first + 1) };
	unpack->name = malloc(MEMBER_NAME_BYTES);
	unpack->limits = *limits;
	if (unpack->limits.depth > DEPTH_MAX)
		unpack->limits.depth = DEPTH_MAX;
	unpack->budget = (struct budget){ .bytes_max = limits->bytes, .ratio_max = limits->ratio };
	if (!unpack->base.first || !unpack->name) {
		unpack_close(unpack);
		return NULL;
	}
	memcpy(unpack->base.first, source_data(source), first);
	return unpack;
}

static const struct unpack_module functions = {
	.open = unpack_open,
	.next = unpack_next,
	.trouble = unpack_trouble,
	.bytes = unpack_bytes,
	.packing = unpack_packing,
	.close = unpack_close,
};

MODULE(unpack, &functions);
