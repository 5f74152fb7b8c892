/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page-table operation as people read it: the words of our text trace
 * (pgtcheck-formats(5)), whatever binary record told it. */
#ifndef FORMATS_MMU_TEXT_H
#define FORMATS_MMU_TEXT_H

#include "core/mmu_op.h"

/* Like snprintf(). */
int mmu_text(const struct mmu_op *op, char *into, size_t room);

#endif
