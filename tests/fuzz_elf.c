/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory dumps: the dump, its notes, its log, the walk over its page tables. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "--type=elf", "-v" },
};
