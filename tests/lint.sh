#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The arrows between the folders, and what a reader of the tree relies on.
set -u
cd "$(dirname "$0")/.."
failed=0 passed=0
check() {   # WHAT LINES-OF-TROUBLE
	if [ -n "$2" ]; then
		echo "$1:"; echo "$2"; failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}
check "core/ may include core/ only" \
	"$(grep -nE '#include "' core/*.[ch] core/rules/*.c | grep -v '"core/')"
check "formats/ may include core/ and formats/" \
	"$(grep -nE '#include "' formats/*.[ch] | grep -vE '"(core|formats)/')"
check "core/ has no streams, and malloc only in the arena and the range map" \
	"$(grep -nE '#include <(stdio|stdlib)\.h>' core/*.[ch] core/rules/*.c |
		grep -vE '^core/(arena|range_map|base)\.c')"
check "a rule includes core/rule.h (or core/complaints.h) alone" \
	"$(grep -nE '#include "' core/rules/*.c | grep -vE '"core/(rule|complaints)\.h"')"
check "files without a licence line" \
	"$(find cli core formats tests bench man Makefile -name '*.c' -o -name '*.h' -o -name '*.sh' -o -name Makefile |
		xargs grep -LE 'SPDX-License-Identifier: GPL-2.0-or-later')"
# formats/mkindex.c is a build tool that stands alone.
check "files over 700 lines" \
	"$(wc -l cli/*.c core/*.c core/rules/*.c formats/*.c | awk '$2 != "total" && $2 != "formats/mkindex.c" && $1 > 700')"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
