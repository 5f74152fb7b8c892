/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tar: ustar, pax headers, GNU long names. An own reader of 200 lines rather than
 * libarchive, whose 30 formats and filters are 30 parsers of a stranger's bytes.
 *
 *   header 512 | content, padded to 512 | header | ... | two blocks of zeros
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block";
 * GNU tar manual, "Basic Tar Format". */
#include "formats/modules/unpack/layer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512u
/* Of a pax header; GNU tar's own bound for one record is far below. */
#define PAX_BYTES_MAX (32u * 1024)

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char link[100], magic[6], version[2], user[32], group[32], major[8], minor[8];
	char prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

struct tar {
	uint64_t left;           /* of the member's content */
	uint64_t padding;        /* behind it */
	bool named;              /* layer->name is set by a header before the member's own */
	bool sized;              /* ... and `size` */
	bool sparse;
	uint64_t size;
};

/* Octal digits, or base 256 when the first bit is set. */
static uint64_t number_of(const char *digits, size_t room)
{
	uint64_t number = 0;
	size_t i = 0;

	if ((unsigned char)digits[0] & 0x80) {
		number = (unsigned char)digits[0] & 0x3f;
		for (i = 1; i < room; i++)
			number = number << 8 | (unsigned char)digits[i];
		return number;
	}
	while (i < room && digits[i] == ' ')
		i++;
	for (; i < room && digits[i] >= '0' && digits[i] <= '7'; i++)
		number = number * 8 + (uint64_t)(digits[i] - '0');
	return number;
}

static bool is_zero_block(const unsigned char *block)
{
	return !block[0] && !memcmp(block, block + 1, BLOCK - 1);
}

static bool cut_short(struct layer *layer, struct stream *who)
{
	if (!feed_failed(&layer->feed, who))
		stream_fail(who, ST_IO, "tar: ends early, after byte %" PRIu64
			    ": the rest is missing", layer->feed.offset);
	return false;
}

static void set_size(struct tar *tar, uint64_t size)
{
	tar->left = size;
	tar->padding = -size & (BLOCK - 1);
}

/* --- headers before a member ----------------------------------------------- */

/* "27 path=some/name\n": length, key, value. Takes one record off; false at the end
 * or at one that is none. */
static bool next_record(const char **at, const char *end, const char **key, const char **value,
			size_t *value_length)
{
	uint64_t length = 0;
	const char *digit = *at, *equals;

	while (digit < end && *digit >= '0' && *digit <= '9' && length < PAX_BYTES_MAX)
		length = length * 10 + (uint64_t)(*digit++ - '0');
	if (digit == *at || digit == end || *digit != ' ' || length > (uint64_t)(end - *at) ||
	    length < (uint64_t)(digit - *at) + 3)
		return false;
	end = *at + length;
	*key = digit + 1;
	equals = memchr(*key, '=', (size_t)(end - *key));
	if (!equals || end[-1] != '\n')
		return false;
	*value = equals + 1;
	*value_length = (size_t)(end - 1 - *value);
	*at = end;
	return true;
}

static void name_from(struct layer *layer, const char *name, size_t length)
{
	if (length >= MEMBER_NAME_BYTES)
		length = MEMBER_NAME_BYTES - 1;
	memcpy(layer->name, name, length);
	layer->name[length] = '\0';
	((struct tar *)layer->state)->named = true;
}

static void take_pax(struct layer *layer, const char *records, size_t length)
{
	struct tar *tar = layer->state;
	const char *at = records, *end = records + length, *key, *value;
	size_t value_length;

	while (next_record(&at, end, &key, &value, &value_length)) {
		if (!strncmp(key, "path=", 5)) {
			name_from(layer, value, value_length);
		} else if (!strncmp(key, "size=", 5)) {
			tar->size = strtoull(value, NULL, 10);
			tar->sized = true;
		} else if (!strncmp(key, "GNU.sparse.", 11)) {
			tar->sparse = true;
		}
	}
}

/* Reads the content of a header that describes the next one. */
static bool take_described(struct layer *layer, char type, uint64_t size)
{
	char *content;
	size_t length = size < PAX_BYTES_MAX ? (size_t)size : PAX_BYTES_MAX, got = 0;
	bool good;

	content = malloc(length + 1);
	if (!content) {
		stream_fail(&layer->whole, ST_MEMORY, "tar: out of memory");
		return false;
	}
	while (got < length) {
		size_t count = feed_read(&layer->feed, content + got, length - got);

		if (!count)
			break;
		got += count;
	}
	content[got] = '\0';
	if (type == 'L')
		name_from(layer, content, strlen(content));
	else if (type == 'x')
		take_pax(layer, content, got);
	free(content);
	good = got == length && feed_discard(&layer->feed, size - got) &&
	       feed_discard(&layer->feed, -size & (BLOCK - 1));
	return good || cut_short(layer, &layer->whole);
}

/* --- members --------------------------------------------------------------- */

static void take_name(struct layer *layer, const struct header *header)
{
	bool prefixed = !memcmp(header->magic, "ustar", 6) && header->prefix[0];

	if (!((struct tar *)layer->state)->named)
		snprintf(layer->name, MEMBER_NAME_BYTES, "%.155s%s%.100s",
			 prefixed ? header->prefix : "", prefixed ? "/" : "", header->name);
}

/* The block's header, or NULL: the archive ends here, well or not. Zero blocks end an
 * archive, but another may follow: "cat a.tar b.tar". */
static const struct header *next_header(struct layer *layer)
{
	for (;;) {
		size_t there = feed_fill(&layer->feed, BLOCK);
		const unsigned char *block = feed_at(&layer->feed);

		if (there < BLOCK) {
			if (there || feed_failed(&layer->feed, &layer->whole))
				cut_short(layer, &layer->whole);
			return NULL;
		}
		if (packing_is_tar_header(block, BLOCK))
			return (const struct header *)block;
		if (!is_zero_block(block)) {
			stream_fail(&layer->whole, ST_IO, "tar: damaged at byte %" PRIu64
				    ": what follows was not read", layer->feed.offset);
			return NULL;
		}
		feed_skip(&layer->feed, BLOCK);
	}
}

/* GNU's old sparse header goes on in further blocks, each of which says whether
 * there is one more. */
static void skip_sparse_map(struct layer *layer, bool more)
{
	while (more && feed_fill(&layer->feed, BLOCK) >= BLOCK) {
		more = feed_at(&layer->feed)[504] != 0;
		feed_skip(&layer->feed, BLOCK);
	}
}

static bool skip_rest(struct layer *layer)
{
	struct tar *tar = layer->state;
	uint64_t left = tar->left, padding = tar->padding;

	set_size(tar, 0);
	return (feed_discard(&layer->feed, left) && feed_discard(&layer->feed, padding)) ||
	       cut_short(layer, &layer->whole);
}

/* True when the header is one of a member with content. */
static bool take_header(struct layer *layer, const struct header *header)
{
	struct tar *tar = layer->state;
	uint64_t size = tar->sized ? tar->size : number_of(header->size, sizeof(header->size));
	char type = header->type;
	bool map_goes_on = type == 'S' && ((const char *)header)[482];

	take_name(layer, header);
	/* Links, devices and folders have no content, whatever their size says. */
	set_size(tar, type >= '1' && type <= '6' ? 0 : size);
	if (type == 'S' || tar->sparse)
		stream_fail(&layer->out, ST_IO, "tar: a sparse member, which is not read");
	tar->named = tar->sized = tar->sparse = false;
	feed_skip(&layer->feed, BLOCK);
	skip_sparse_map(layer, map_goes_on);
	return type == '0' || type == '\0' || type == '7' || type == 'S';
}

static bool tar_next(struct layer *layer)
{
	const struct header *header;

	for (;;) {
		if (!skip_rest(layer))
			return false;
		header = next_header(layer);
		if (!header)
			return false;
		if (header->type == 'L' || header->type == 'x' || header->type == 'K' ||
		    header->type == 'g') {
			uint64_t size = number_of(header->size, sizeof(header->size));
			char type = header->type;

			feed_skip(&layer->feed, BLOCK);
			if (!take_described(layer, type, size))
				return false;
		} else if (take_header(layer, header)) {
			return true;
		} else {
			layer->out.status = ST_OK;   /* "sparse" was said of no file */
		}
	}
}

static size_t tar_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct tar *tar = layer->state;
	size_t got;

	if (!tar->left)
		return 0;
	got = feed_read(&layer->feed, into, tar->left < room ? (size_t)tar->left : room);
	tar->left -= got;
	if (!got)
		cut_short(layer, stream);
	return got;
}

const struct layer_kind tar_layer = {
	.state_bytes = sizeof(struct tar),
	.next = tar_next,
	.read = tar_read,
};
