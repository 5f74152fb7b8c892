/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A libvirt description of a guest, that --domain-xml names. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "--domain-xml=/dev/stdin", "-v" },
	.input = "/dev/null",
};
