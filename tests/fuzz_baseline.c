/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An earlier report that --baseline names: records, or JUnit XML. Its findings are then
 * looked for among those of a log. */
#include "tests/fuzz.h"

const struct fuzz_target fuzz_target = {
	.options = { "--baseline=/dev/stdin", "-v" },
	.input = "testdata/tail-left-ro/fires/boot.log",
};
