#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything `make check` runs: unit tests (given as arguments), golden cases,
# and the scripts tests/check_*.sh. Each part ends with "N passed, N failed" (or
# is a cmocka program); the last line adds them up. Parts run side by side, as many as
# there are processors (CHECK_JOBS), and are told in their order.
set -u
# No configuration of this machine's, and none of its user's.
export PGTCHECK_OPTS=--config=none
cd "$(dirname "$0")/.."
jobs=${CHECK_JOBS:-$(nproc 2>/dev/null || echo 1)}
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

parts=("$@" tests/cases.sh)
for part in tests/check_*.sh; do
	[ ! -x "$part" ] || parts+=("$part")
done

run_part() {   # NUMBER: its output and status, in files
	timeout 600 "${parts[$1]}" >"$work/$1.out" 2>&1 </dev/null
	echo $? >"$work/$1.status"
}

count_last_line() {   # NAME OUTPUT STATUS
	local line p=0 f=0
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$2" | tail -n 1)
	if [ -n "$line" ]; then
		p=${line%% *}
		f=${line#*, }; f=${f%% *}
	fi
	# A part that counts no test, or dies, is a failure of its own.
	if [ "$p" -eq 0 ] || { [ "$3" -ne 0 ] && [ "$f" -eq 0 ]; }; then
		f=$((f + 1))
	fi
	[ "$f" -eq 0 ] || cat "$2"
	echo "$1: $p passed, $f failed"
	passed=$((passed + p)) failed=$((failed + f))
}

tell() {   # NUMBER: what a part that has ended came to
	local out=$work/$1.out part=${parts[$1]}
	case $part in
	*/unit_*)
		echo "$(grep -c '^\[       OK \]' "$out") passed," \
			"$(grep -c '^\[  FAILED  \] [a-z]' "$out") failed" >>"$out" ;;
	esac
	count_last_line "$(basename "$part" .sh)" "$out" "$(cat "$work/$1.status" || echo 1)"
}

running=0 told=0
for number in "${!parts[@]}"; do
	if [ $running -ge "$jobs" ]; then
		wait -n
		running=$((running - 1))
	fi
	run_part "$number" &
	running=$((running + 1))
	while [ -s "$work/$told.status" ]; do
		tell $told
		told=$((told + 1))
	done
done
wait
while [ $told -lt ${#parts[@]} ]; do
	tell $told
	told=$((told + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
