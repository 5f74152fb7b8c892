#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The arrows between the folders, and what a reader of the tree relies on.
set -u
cd "$(dirname "$0")/.."
failed=0 passed=0
check() {   # WHAT, then lines of trouble on stdin
	local lines
	lines=$(cat)
	if [ -n "$lines" ]; then
		echo "$1:"; echo "$lines"; failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}
grep -nE '#include "' core/*.[ch] core/rules/*.c | grep -v '"core/' | check "core/ may include core/ only"
grep -nE '#include "' formats/*.[ch] | grep -vE '"(core|formats)/' | check "formats/ may include core/ and formats/"
grep -nE '#include <(stdio|stdlib)\.h>' core/*.[ch] core/rules/*.c | grep -vE '^core/(arena|range_map|base|report)\.c' |
	check "core/ has no streams and no malloc but in the arena and the range map"
grep -nE '#include "core/' core/rules/*.c | grep -vE '"core/(rule|complaints)\.h"' |
	check "a rule includes core/rule.h alone"
grep -nLE 'SPDX-License-Identifier: GPL-2.0-or-later' $(git ls-files '*.c' '*.h' '*.sh' Makefile) |
	check "files without a licence line"
wc -l cli/*.c core/*.c core/rules/*.c formats/*.c | awk '$2 != "total" && $1 > 700' | check "files over 700 lines"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
