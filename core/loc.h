/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a fact was read. Owns nothing; the bytes are read again from the
 * input when a report quotes them. */
#ifndef CORE_LOC_H
#define CORE_LOC_H

#include "core/base.h"

struct loc {
	uint64_t offset;   /* bytes from the input's start to the record's */
	uint32_t line;     /* from 1; 0 in a binary input, or "nowhere" */
	uint32_t length;   /* bytes, without the line end */
	uint32_t input;    /* index into the run's inputs, from 0 */
};

#define LOC_NONE ((struct loc){ 0, 0, 0, 0 })

static inline bool loc_known(struct loc at)
{
	return at.line || at.length;
}

#endif
