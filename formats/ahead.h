/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a stream ahead in a thread of its own: unpacking takes longer than judging,
 * so a second processor makes a packed log as fast as its unpacking alone. */
#ifndef FORMATS_AHEAD_H
#define FORMATS_AHEAD_H

#include "formats/stream.h"

/* Takes over the reading of `from`, which nobody else may touch until ahead_stop().
 * NULL: no thread, no memory; `from` is then to be read directly. */
struct stream *ahead_start(struct stream *from);
/* Ends the thread, which may be in the middle of the stream. NULL is ignored. */
void ahead_stop(struct stream *ahead);

#endif
