/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines that a console has broken, put together where they begin.
 *
 *   (d7) [    0.000000] kernel direct mapping ta    (XEN) HVM7: .. of 78 bytes
 *   (d7) bles up to 10000000 @ ff7e000-10000000
 *
 *   [    0.000000] kernel direct map(XEN) mm.c:2421:d0 Bad type ..
 *   ping tables up to 10000000 @ ff7e000-10000000
 *
 *   > [    0.000000] kernel direct mapping tables up to 40000000 @
 *   > 3fdfd000-40000000
 *
 * Half a number is another number: such a line is never read by halves. */
#ifndef FORMATS_REJOIN_H
#define FORMATS_REJOIN_H

#include "core/limits.h"
#include "core/text.h"

#define REJOIN_BYTES 4096u
/* Of a block: lines whose rest may stand in the next one. */
#define REJOIN_HELD (READ_BYTES / 32 < LINE_BYTES_MAX ? READ_BYTES / 32 : LINE_BYTES_MAX)
#define REJOIN_TAKEN 16u

struct rejoin {
	const char *end;         /* of the bytes behind the line that may be looked at */
	uint64_t taken[REJOIN_TAKEN];   /* offsets of lines that others have taken in */
	unsigned taken_count;
	char text[REJOIN_BYTES + 64];   /* the line that was put together */
};

/* Where a line begins: in the buffer, in the input. */
struct place {
	const char *line;
	uint64_t offset;
};

/* A guest's line on Xen's console: itself, or with what follows on later lines. */
struct text rejoin_guest(struct rejoin *rejoin, struct text raw, struct place place);
/* The part of a kernel's line behind which Xen spoke; when it goes on elsewhere, *both is
 * the whole of it and what Xen said, on two lines. Empty when what stands on a later line may be its
 * rest, or another line. */
struct text rejoin_cut(struct rejoin *rejoin, struct text part, struct text xen,
		       struct place place, struct text *both);

/* "[    1.234567] " in the middle of a hypervisor's line, or NULL. */
const char *rejoin_find_stamp(struct text raw);

/* A line of quoted mail, which a mail client may have broken at a blank. */
struct text rejoin_wrapped(struct rejoin *rejoin, struct text raw, struct place place);

/* Where a block [.., end) of REJOIN_HELD bytes or more is to be left for the next one to
 * begin with: behind a newline, or at its end. */
const char *rejoin_hold(const char *end);

/* Is the line at `offset` part of one before? Lines are asked for in their order. */
bool rejoin_was_taken(struct rejoin *rejoin, uint64_t offset);

#endif
