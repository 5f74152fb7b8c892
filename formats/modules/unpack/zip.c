/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * zip: stored and deflated members, zip64. The directory at the end says what
 * there is, in any order, so the archive is read with pread(): the file itself, or
 * an unlinked copy when it comes out of another layer.
 *
 *   local header, content | ... | directory | [zip64 end, locator] | end
 *
 * Where a local header contradicts the directory the member is refused: two
 * readers would see two archives. Source: PKWARE APPNOTE.TXT 6.3.9. */
#include "formats/modules/unpack/layer.h"

#ifdef HAVE_ZLIB
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "formats/source.h"
#include "formats/spool.h"

#define END_BYTES 22u
#define LOCATOR_BYTES 20u
#define END64_BYTES 56u
#define ENTRY_BYTES 46u
#define LOCAL_BYTES 30u
#define COMMENT_MAX 0xffffu

struct zip {
	int fd;                  /* of the archive */
	bool owned;              /* ... a copy of ours */
	uint64_t size;           /* of the archive */
	uint64_t shift;          /* what stands before it, when told offsets are less */
	uint64_t entry, directory_end;
	uint64_t entries_left;
	/* the open member */
	uint64_t at, left;       /* packed bytes still to read */
	uint64_t made, told_size;
	uint32_t crc, told_crc;
	bool deflated, ended;
	bool inflating;          /* z is to be ended */
	z_stream z;
	unsigned char packed[16384];
};

struct entry {
	uint16_t flags, method, name_length;
	uint32_t crc;
	uint64_t packed_size, size, offset;
};

static uint16_t u16(const unsigned char *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t u32(const unsigned char *at)
{
	return u16(at) | (uint32_t)u16(at + 2) << 16;
}

static uint64_t u64(const unsigned char *at)
{
	return u32(at) | (uint64_t)u32(at + 4) << 32;
}

/* Exactly `length` bytes, or false. */
static bool read_at(const struct zip *zip, uint64_t offset, void *into, size_t length)
{
	size_t got = 0;

	if (offset > zip->size || length > zip->size - offset)
		return false;
	while (got < length) {
		ssize_t count = pread(zip->fd, (char *)into + got, length - got,
				      (off_t)(offset + got));
		if (count <= 0)
			return false;
		got += (size_t)count;
	}
	return true;
}

/* --- the directory --------------------------------------------------------- */

static bool copy_archive(struct layer *layer)
{
	struct zip *zip = layer->state;
	size_t there;

	zip->fd = spool_new();
	zip->owned = zip->fd >= 0;
	while (zip->owned && (there = feed_fill(&layer->feed, 1))) {
		ssize_t wrote = write(zip->fd, feed_at(&layer->feed), there);

		if (wrote <= 0)
			break;
		feed_skip(&layer->feed, (size_t)wrote);
		zip->size += (uint64_t)wrote;
	}
	if (feed_failed(&layer->feed, &layer->out))
		return false;
	if (zip->owned && !feed_left(&layer->feed))
		return true;
	stream_fail(&layer->out, ST_IO, "zip: no room for a copy of it in the temporary folder");
	return false;
}

/* The last end record whose comment fits to the end. */
static bool find_end(const struct zip *zip, unsigned char *end, uint64_t *offset)
{
	uint64_t room = zip->size < END_BYTES + COMMENT_MAX ? zip->size : END_BYTES + COMMENT_MAX;
	unsigned char *tail = room >= END_BYTES ? malloc(room) : NULL;
	bool found = false;

	if (tail && read_at(zip, zip->size - room, tail, room))
		for (uint64_t i = room - END_BYTES + 1; i-- > 0 && !found;) {
			found = !memcmp(tail + i, "PK\5\6", 4) &&
				u16(tail + i + 20) <= room - i - END_BYTES;
			if (found)
				memcpy(end, tail + i, END_BYTES);
			*offset = zip->size - room + i;
		}
	free(tail);
	return found;
}

static bool read_directory(struct zip *zip)
{
	unsigned char end[END_BYTES], locator[LOCATOR_BYTES], end64[END64_BYTES];
	uint64_t offset, size, start;

	if (!find_end(zip, end, &offset))
		return false;
	zip->entries_left = u16(end + 10);
	size = u32(end + 12);
	start = u32(end + 16);
	if (offset >= LOCATOR_BYTES && read_at(zip, offset - LOCATOR_BYTES, locator, LOCATOR_BYTES) &&
	    !memcmp(locator, "PK\6\7", 4) &&
	    read_at(zip, u64(locator + 8), end64, END64_BYTES) && !memcmp(end64, "PK\6\6", 4)) {
		zip->entries_left = u64(end64 + 32);
		size = u64(end64 + 40);
		start = u64(end64 + 48);
		offset = u64(locator + 8);
	}
	if (size > offset || start > offset - size)
		return false;
	zip->shift = offset - size - start;
	zip->entry = offset - size;
	zip->directory_end = offset;
	return true;
}

static bool zip_open(struct layer *layer)
{
	struct zip *zip = layer->state;
	off_t end;

	zip->fd = layer->fd;
	if (zip->fd < 0 && !copy_archive(layer))
		return false;
	if (!zip->owned) {
		end = lseek(zip->fd, 0, SEEK_END);
		zip->size = end < 0 ? 0 : (uint64_t)end;
		/* Read here and there, the same bytes perhaps twice: all of it counts, once. */
		layer->feed.budget->read = zip->size;
	}
	if (read_directory(zip))
		return true;
	stream_fail(&layer->out, ST_IO, "zip: its directory, at the end, is missing or damaged: cut?");
	return false;
}

/* --- members --------------------------------------------------------------- */

/* Sizes of 0xffffffff stand in the zip64 field, in this order, only those. */
static void take_zip64(struct entry *entry, const unsigned char *extra, size_t length)
{
	uint64_t *const fields[] = { &entry->size, &entry->packed_size, &entry->offset };

	while (length >= 4) {
		size_t size = u16(extra + 2), at = 4;

		if (size > length - 4)
			return;
		for (size_t i = 0; u16(extra) == 1 && i < ARRAY_LEN(fields); i++)
			if (*fields[i] == 0xffffffff && at + 8 <= size + 4) {
				*fields[i] = u64(extra + at);
				at += 8;
			}
		extra += 4 + size;
		length -= 4 + size;
	}
}

/* The entry at zip->entry, which moves on. False: the directory is damaged. */
static bool next_entry(struct layer *layer, struct entry *entry)
{
	struct zip *zip = layer->state;
	unsigned char fixed[ENTRY_BYTES], *extra;
	size_t extra_length, kept;
	uint64_t after;

	if (!read_at(zip, zip->entry, fixed, ENTRY_BYTES) || memcmp(fixed, "PK\1\2", 4))
		return false;
	*entry = (struct entry){
		.flags = u16(fixed + 8), .method = u16(fixed + 10), .crc = u32(fixed + 16),
		.packed_size = u32(fixed + 20), .size = u32(fixed + 24),
		.name_length = u16(fixed + 28), .offset = u32(fixed + 42),
	};
	extra_length = u16(fixed + 30);
	after = zip->entry + ENTRY_BYTES + entry->name_length + extra_length + u16(fixed + 32);
	kept = entry->name_length < MEMBER_NAME_BYTES ? entry->name_length : MEMBER_NAME_BYTES - 1;
	extra = malloc(extra_length + 1);
	if (!extra || after > zip->directory_end ||
	    !read_at(zip, zip->entry + ENTRY_BYTES, layer->name, kept) ||
	    !read_at(zip, zip->entry + ENTRY_BYTES + entry->name_length, extra, extra_length)) {
		free(extra);
		return false;
	}
	layer->name[kept] = '\0';
	take_zip64(entry, extra, extra_length);
	free(extra);
	zip->entry = after;
	return true;
}

/* Does the local header tell the same as the directory? Sizes of a member that was
 * written to a pipe stand behind it (flag 3), and zip64's elsewhere. */
static bool local_agrees(struct layer *layer, const struct entry *entry)
{
	struct zip *zip = layer->state;
	unsigned char fixed[LOCAL_BYTES], name[64];
	uint64_t offset = entry->offset + zip->shift;
	size_t compared = entry->name_length < sizeof(name) ? entry->name_length : sizeof(name);
	uint32_t size;

	if (!read_at(zip, offset, fixed, LOCAL_BYTES) || memcmp(fixed, "PK\3\4", 4) ||
	    u16(fixed + 8) != entry->method || u16(fixed + 26) != entry->name_length ||
	    !read_at(zip, offset + LOCAL_BYTES, name, compared) ||
	    memcmp(name, layer->name, compared))
		return false;
	size = u32(fixed + 18);
	if (!(entry->flags & 8) && size != 0xffffffff &&
	    (size != entry->packed_size || u32(fixed + 14) != entry->crc))
		return false;
	zip->at = offset + LOCAL_BYTES + entry->name_length + u16(fixed + 28);
	return zip->at <= zip->size && entry->packed_size <= zip->size - zip->at;
}

static void open_member(struct layer *layer, const struct entry *entry)
{
	struct zip *zip = layer->state;

	zip->left = entry->packed_size;
	zip->told_size = entry->size;
	zip->told_crc = entry->crc;
	zip->made = 0;
	zip->crc = 0;
	zip->ended = false;
	zip->deflated = entry->method == 8;
	if (entry->flags & 1)
		stream_fail(&layer->out, ST_IO, "zip: the member is encrypted");
	else if (entry->method != 0 && entry->method != 8)
		stream_fail(&layer->out, ST_IO, "zip: compression method %u is not read",
			    entry->method);
	else if (!local_agrees(layer, entry))
		stream_fail(&layer->out, ST_IO, "zip: the member's own header and the directory "
			    "contradict each other");
	if (layer->out.status != ST_OK || !zip->deflated)
		return;
	zip->z = (z_stream){ 0 };
	zip->inflating = inflateInit2(&zip->z, -15) == Z_OK;
	if (!zip->inflating)
		stream_fail(&layer->out, ST_MEMORY, "zip: out of memory");
}

static void end_inflating(struct zip *zip)
{
	if (zip->inflating)
		inflateEnd(&zip->z);
	zip->inflating = false;
}

static bool zip_next(struct layer *layer)
{
	struct zip *zip = layer->state;
	struct entry entry;
	size_t length;

	do {
		end_inflating(zip);
		if (!zip->entries_left)
			return false;
		zip->entries_left--;
		if (!next_entry(layer, &entry)) {
			stream_fail(&layer->whole, ST_IO, "zip: its directory is damaged at byte %"
				    PRIu64 ": members are missing", zip->entry);
			return false;
		}
		length = strlen(layer->name);
	} while (length && layer->name[length - 1] == '/');   /* a folder */
	open_member(layer, &entry);
	return true;
}

/* --- content --------------------------------------------------------------- */

static size_t more_packed(struct layer *layer, void *into, size_t room)
{
	struct zip *zip = layer->state;
	size_t count = zip->left < room ? (size_t)zip->left : room;

	if (!count || !read_at(zip, zip->at, into, count))
		return 0;
	zip->at += count;
	zip->left -= count;
	return count;
}

static size_t inflate_some(struct layer *layer, char *into, size_t room)
{
	struct zip *zip = layer->state;

	zip->z.next_out = (unsigned char *)into;
	zip->z.avail_out = (unsigned)room;
	while (zip->z.avail_out == room && !zip->ended) {
		int code;

		if (!zip->z.avail_in) {
			zip->z.next_in = zip->packed;
			zip->z.avail_in = (unsigned)more_packed(layer, zip->packed,
								sizeof(zip->packed));
		}
		code = inflate(&zip->z, Z_NO_FLUSH);
		zip->ended = code == Z_STREAM_END;
		if (code != Z_OK && code != Z_STREAM_END)
			return stream_fail(&layer->out, ST_IO, "zip: the member is damaged before "
					   "byte %" PRIu64, zip->at);
	}
	return room - zip->z.avail_out;
}

static size_t zip_read(struct stream *stream, char *into, size_t room)
{
	struct layer *layer = layer_of(stream);
	struct zip *zip = layer->state;
	size_t got = zip->deflated ? inflate_some(layer, into, room) :
				     more_packed(layer, into, room);

	zip->made += got;
	zip->crc = (uint32_t)crc32(zip->crc, (unsigned char *)into, (unsigned)got);
	if (got || stream->status != ST_OK)
		return got;
	if (zip->left)
		return stream_fail(stream, ST_IO, "zip: the member goes on behind its own end");
	if (zip->made != zip->told_size || zip->crc != zip->told_crc)
		return stream_fail(stream, ST_IO, "zip: the member's checksum is wrong: damaged");
	return 0;
}

static void zip_close(struct layer *layer)
{
	struct zip *zip = layer->state;

	end_inflating(zip);
	if (zip->owned)
		spool_free(zip->fd);
}

const struct layer_kind zip_layer = {
	.state_bytes = sizeof(struct zip),
	.makes = true,
	.open = zip_open,
	.next = zip_next,
	.read = zip_read,
	.close = zip_close,
};
#else
const struct layer_kind zip_layer = { .lacks = "zlib" };
#endif
