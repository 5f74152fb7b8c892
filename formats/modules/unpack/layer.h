/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One layer of an input: a decompressor, an archive, a converter of text. A kind
 * of layer is one file that defines a `struct layer_kind`; unpack.c lists them. */
#ifndef FORMATS_MODULES_UNPACK_LAYER_H
#define FORMATS_MODULES_UNPACK_LAYER_H

#include "formats/modules/unpack/feed.h"
#include "formats/packing.h"

/* Of a member's name; a longer one is cut. PATH_MAX. */
#define MEMBER_NAME_BYTES 4096u

struct layer {
	struct stream out;           /* what it gives; first: see layer_of() */
	const struct layer_kind *kind;
	struct feed feed;            /* what it reads */
	void *state;                 /* the kind's own; free()d after close */
	char *name;                  /* archives: the open member's; MEMBER_NAME_BYTES */
	/* Archives: what went wrong outside of any member. */
	struct stream whole;
	int fd;                      /* the operand itself, when the layer stands right on it
	                              * and pread() works; or -1 */
};

struct layer_kind {
	const char *lacks;           /* the library that this build lacks; NULL: none */
	size_t state_bytes;          /* zeroed before open */
	bool makes;                  /* more may come out than goes in: it is counted */
	bool (*open)(struct layer *layer);   /* may be NULL. False: out.status tells */
	/* Archives only: goes to the next member and writes its name. False: no more,
	 * or layer->whole tells. A member that cannot be read is one whose `out` has
	 * failed. */
	bool (*next)(struct layer *layer);
	size_t (*read)(struct stream *stream, char *into, size_t room);
	void (*close)(struct layer *layer);  /* may be NULL */
};

static inline struct layer *layer_of(struct stream *stream)
{
	return (struct layer *)stream;
}

/* Begins a new member: what the last one failed with is over. */
static inline void layer_new_member(struct layer *layer)
{
	layer->out.status = ST_OK;
	layer->out.trouble[0] = '\0';
}

extern const struct layer_kind gzip_layer, xz_layer, zstd_layer, bzip2_layer;
extern const struct layer_kind tar_layer, zip_layer, mail_layer, mbox_layer;
extern const struct layer_kind utf16_layer, journal_layer, json_layer, pstore_layer;

#endif
