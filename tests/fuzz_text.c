/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text reader and the rules behind it. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "--type=text", "-v", "--domain=all" },
};
