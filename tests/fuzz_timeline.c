/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timeline and the map of an input of any kind. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "--timeline", "--map", "--domain=all", "--max-bytes=1M", "--max-members=5" },
	.format = "human",
};
