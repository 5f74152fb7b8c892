/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's ELF image inside a bzImage:
 *
 *    | setup sectors |  protected-mode code ... [ payload ] ... |
 *      0x1f1 setup_sects  0x248 payload_offset, payload_length
 *
 * Source: Linux Documentation/arch/x86/boot.rst, protocol 2.08 and later. */
#include <stdio.h>

#include "formats/modules/elf/image.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LIBLZMA
#include <lzma.h>
#endif
#ifdef HAVE_LIBZSTD
#include <zstd.h>
#endif

#define SECTOR 512u
/* A debug kernel with all its drivers unpacks to less than 200 MiB. */
#define UNPACKED_BYTES_MAX (512u * 1024 * 1024)
#define CHUNK (256u * 1024)

struct packed {
	int from, into;
	uint64_t at, left;       /* of the payload in `from` */
	uint64_t made;
	const char *trouble;
	unsigned char in[CHUNK], out[CHUNK];
};

static bool read_at(int fd, uint64_t offset, void *into, size_t bytes)
{
	size_t got = 0;

	while (got < bytes) {
		ssize_t count = pread(fd, (char *)into + got, bytes - got, (off_t)(offset + got));

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		got += (size_t)count;
	}
	return true;
}

/* The next packed bytes; 0 at the end, or when the file is cut. */
static size_t more(struct packed *p)
{
	size_t count = p->left < CHUNK ? (size_t)p->left : CHUNK;

	if (!count || !read_at(p->from, p->at, p->in, count))
		return 0;
	p->at += count;
	p->left -= count;
	return count;
}

static bool put(struct packed *p, size_t count)
{
	size_t done = 0;

	p->made += count;
	if (p->made > UNPACKED_BYTES_MAX) {
		p->trouble = "the kernel inside the bzImage is larger than any kernel is";
		return false;
	}
	while (done < count) {
		ssize_t wrote = write(p->into, p->out + done, count - done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			p->trouble = "no room to unpack the bzImage";
			return false;
		}
		done += (size_t)wrote;
	}
	return true;
}

/* --- the packings, as far as the build has them ------------------------------- */

static bool cut(struct packed *p)
{
	if (!p->trouble)
		p->trouble = "the kernel inside the bzImage is damaged or cut";
	return false;
}

/* "The payload may be compressed." Source: Linux Documentation/arch/x86/boot.rst. */
static bool copy_elf(struct packed *p)
{
	while (p->left) {
		size_t count = more(p);

		if (!count)
			return cut(p);
		memcpy(p->out, p->in, count);
		if (!put(p, count))
			return false;
	}
	return true;
}

#ifdef HAVE_ZLIB
static bool unpack_gzip(struct packed *p)
{
	z_stream z = { 0 };
	int state = inflateInit2(&z, 15 + 16);

	while (state == Z_OK) {
		if (!z.avail_in) {
			z.next_in = p->in;
			z.avail_in = (uInt)more(p);
			if (!z.avail_in)
				break;
		}
		z.next_out = p->out;
		z.avail_out = CHUNK;
		state = inflate(&z, Z_NO_FLUSH);
		if (!put(p, CHUNK - z.avail_out))
			break;
	}
	inflateEnd(&z);
	return state == Z_STREAM_END || cut(p);
}
#endif

#ifdef HAVE_LIBLZMA
/* xz, and the older lzma. The last word of a payload is its size, not packed. */
static bool unpack_lzma(struct packed *p)
{
	lzma_stream l = LZMA_STREAM_INIT;
	lzma_ret state = lzma_auto_decoder(&l, 256u * 1024 * 1024, 0);
	bool ended = false;

	while (state == LZMA_OK && !ended) {
		if (!l.avail_in) {
			l.next_in = p->in;
			l.avail_in = more(p);
			ended = !l.avail_in;
		}
		l.next_out = p->out;
		l.avail_out = CHUNK;
		state = lzma_code(&l, ended ? LZMA_FINISH : LZMA_RUN);
		if (!put(p, CHUNK - l.avail_out))
			break;
	}
	lzma_end(&l);
	return state == LZMA_STREAM_END || cut(p);
}
#endif

#ifdef HAVE_LIBZSTD
static bool unpack_zstd(struct packed *p)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer in = { p->in, 0, 0 };
	size_t left = 1;

	if (!z)
		return cut(p);
	while (left && !ZSTD_isError(left)) {
		ZSTD_outBuffer out = { p->out, CHUNK, 0 };

		if (in.pos == in.size) {
			in.size = more(p);
			in.pos = 0;
			if (!in.size)
				break;
		}
		left = ZSTD_decompressStream(z, &out, &in);
		if (!put(p, out.pos))
			break;
	}
	ZSTD_freeDStream(z);
	return !left || cut(p);
}
#endif

static const struct packing {
	const char *magic;
	unsigned magic_length;
	bool (*unpack)(struct packed *);
	const char *missing;
} packings[] = {
	{ "\x7f" "ELF", 4, copy_elf, NULL },
#ifdef HAVE_ZLIB
	{ "\x1f\x8b", 2, unpack_gzip, NULL },
#else
	{ "\x1f\x8b", 2, NULL, "the bzImage is packed with gzip, and this build has no zlib" },
#endif
#ifdef HAVE_LIBLZMA
	{ "\xfd" "7zXZ", 5, unpack_lzma, NULL },
	{ "\x5d\0\0", 3, unpack_lzma, NULL },
#else
	{ "\xfd" "7zXZ", 5, NULL, "the bzImage is packed with xz, and this build has no liblzma" },
	{ "\x5d\0\0", 3, NULL, "the bzImage is packed with lzma, and this build has no liblzma" },
#endif
#ifdef HAVE_LIBZSTD
	{ "\x28\xb5\x2f\xfd", 4, unpack_zstd, NULL },
#else
	{ "\x28\xb5\x2f\xfd", 4, NULL, "the bzImage is packed with zstd, and this build has no "
	  "libzstd" },
#endif
	{ "\x02\x21\x4c\x18", 4, NULL, "the bzImage is packed with lz4, which cannot be read: give "
	  "the vmlinux, or what the kernel's scripts/extract-vmlinux makes of it" },
	{ "\x89LZO", 4, NULL, "the bzImage is packed with lzo, which cannot be read: give the "
	  "vmlinux, or what the kernel's scripts/extract-vmlinux makes of it" },
	{ "BZh", 3, NULL, "the bzImage is packed with bzip2, which cannot be read: give the "
	  "vmlinux, or what the kernel's scripts/extract-vmlinux makes of it" },
};

/* --- the file --------------------------------------------------------------- */

bool payload_is_there(int fd)
{
	char magic[4];

	return read_at(fd, 0x202, magic, sizeof(magic)) && !memcmp(magic, "HdrS", 4);
}

static bool unpack(struct packed *p)
{
	unsigned char head[8];

	if (!read_at(p->from, p->at, head, sizeof(head)))
		return cut(p);
	for (size_t i = 0; i < ARRAY_LEN(packings); i++) {
		if (memcmp(head, packings[i].magic, packings[i].magic_length))
			continue;
		p->trouble = packings[i].missing;
		return packings[i].unpack && packings[i].unpack(p);
	}
	return cut(p);
}

int payload_open(int fd, const char **trouble)
{
	struct packed p = { .from = fd };
	unsigned char sectors;
	uint32_t offset, length;
	uint16_t version;

	*trouble = "is a bzImage whose header is damaged, or older than Linux 2.6.26";
	if (!read_at(fd, 0x206, &version, 2) || version < 0x208 || !read_at(fd, 0x1f1, &sectors, 1) ||
	    !read_at(fd, 0x248, &offset, 4) || !read_at(fd, 0x24c, &length, 4))
		return -1;
	p.at = ((uint64_t)(sectors ? sectors : 4) + 1) * SECTOR + offset;
	p.left = length;
	p.into = memfd_create("pgtcheck-kernel", MFD_CLOEXEC);
	if (p.into < 0 || !unpack(&p)) {
		*trouble = p.into < 0 ? "no room to unpack the bzImage" : p.trouble;
		if (p.into >= 0)
			close(p.into);
		return -1;
	}
	return p.into;
}

const char *payload_version(int fd, struct arena *arena)
{
	char words[128] = { 0 };
	uint16_t at;

	if (!read_at(fd, 0x20e, &at, 2) || !at || !read_at(fd, at + 0x200u, words, sizeof(words) - 1))
		return NULL;
	return arena_copy(arena, (struct text){ words, strcspn(words, " ") });
}
