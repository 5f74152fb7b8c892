/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A whole run over an input of any kind, with every output format. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "-v", "--domain=all", "--context=2", "--max-bytes=1M", "--max-members=20",
		     "--max-depth=3" },
	.format = "human",
	.all_formats = true,
};
