/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The xentrace reader. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "--type=xentrace", "-v" },
};
