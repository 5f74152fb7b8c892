/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A kernel image that --vmlinux names. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "--vmlinux=/dev/stdin", "-v" },
	.input = "/dev/null",
};
