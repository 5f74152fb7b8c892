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
	"$(grep -rnE '#include "' formats --include='*.[ch]' | grep -vE '"(core|formats)/')"
check "core/ has no streams, and malloc only in the arena, the range map and the frames" \
	"$(grep -nE '#include <(stdio|stdlib)\.h>' core/*.[ch] core/rules/*.c |
		grep -vE '^core/(arena|range_chunks|range_map|base|mmu_frames)\.c')"
check "a rule includes core/rule.h (or core/complaints.h, core/audits.h) alone" \
	"$(grep -nE '#include "' core/rules/*.c | grep -vE '"core/(rule|complaints|audits)\.h"')"
check "at the top stands what README.md and HACKING.md tell of, and nothing else" \
	"$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
		grep -vE '^(cli|core|formats|testdata|man|Makefile|LICENSE|README\.md|HACKING\.md|tests|bench|debian|\..*)$')"
check "files without a licence line" \
	"$(find cli core formats tests bench man Makefile -name '*.c' -o -name '*.h' -o -name '*.sh' -o -name Makefile |
		xargs grep -LE 'SPDX-License-Identifier: GPL-2.0-or-later')"
check "files over 700 lines" \
	"$(wc -l cli/*.c core/*.c core/rules/*.c formats/*.c formats/mkindex/*.c tests/*.c $(find formats/modules -name '*.c' 2>/dev/null) | awk '$2 != "total" && $1 > 700')"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
