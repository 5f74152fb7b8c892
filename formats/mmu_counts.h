/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How far the replay of a trace could tell, for a person to read. */
#ifndef FORMATS_MMU_COUNTS_H
#define FORMATS_MMU_COUNTS_H

#include <stdio.h>

#include "core/mmu.h"

/* Lines, each after `indent` blanks. The first says what became of `operations`; why the
 * replay does not know of some stands behind it. */
void mmu_counts_put(FILE *out, unsigned indent, const char *operations,
		    const struct mmu_counts *counts);

#endif
