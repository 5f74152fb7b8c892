/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds a log inside: compression, archives, mails, journals, UTF-16. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "-v", "--max-bytes=1M", "--max-members=50", "--max-depth=4" },
};
