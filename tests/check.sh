#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything `make check` runs: unit tests (given as arguments), golden cases,
# and the scripts tests/check_*.sh. Each part ends with "N passed, N failed" (or
# is a cmocka program); the last line adds them up.
set -u
# No configuration of this machine's, and none of its user's.
export PGTCHECK_OPTS=--config=none
cd "$(dirname "$0")/.."
passed=0 failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

count_last_line() {   # NAME STATUS
	local line p=0 f=0
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$out" | tail -n 1)
	if [ -n "$line" ]; then
		p=${line%% *}
		f=${line#*, }; f=${f%% *}
	fi
	# A part that counts no test, or dies, is a failure of its own.
	if [ "$p" -eq 0 ] || { [ "$2" -ne 0 ] && [ "$f" -eq 0 ]; }; then
		f=$((f + 1))
	fi
	[ "$f" -eq 0 ] || cat "$out"
	echo "$1: $p passed, $f failed"
	passed=$((passed + p)) failed=$((failed + f))
}

for unit in "$@"; do
	"$unit" >"$out" 2>&1
	status=$?
	p=$(grep -c '^\[       OK \]' "$out")
	f=$(grep -c '^\[  FAILED  \] [a-z]' "$out")
	echo "$p passed, $f failed" >>"$out"
	count_last_line "$(basename "$unit")" $status
done
for part in tests/cases.sh tests/check_*.sh; do
	[ -x "$part" ] || continue
	timeout 150 "$part" >"$out" 2>&1
	count_last_line "$(basename "$part" .sh)" $?
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
