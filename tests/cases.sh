#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/cases.sh              runs every case of testdata/
#   tests/cases.sh --bless [D]  writes what is printed now as expected
#
# A case is a folder testdata/GROUP/CASE with its input, `cmd` (arguments, one
# shell line), `expect.out`, `expect.code`, `name` (what it shows; its origin).
# Prints a line for each failure and, last, "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
export LC_ALL=C NO_COLOR=1
unset CLICOLOR CLICOLOR_FORCE PGTCHECK_OPTS
export bin

run_case() {   # DIR -> prints the output, returns the status
	(cd "$1" && eval "\"$bin\" $(cat cmd)" </dev/null 2>&1)
}

judge_case() {   # DIR
	local dir=$1 got code want
	if [ ! -f "$dir/expect.out" ] || [ ! -f "$dir/expect.code" ]; then
		echo "FAIL $dir: no expectation (make bless CASE=${dir#testdata/})"
		return
	fi
	if [ "$(wc -l <"$dir/name" 2>/dev/null || echo 0)" -lt 2 ]; then
		echo "FAIL $dir: name needs two lines: what it shows, where it is from"
		return
	fi
	got=$(run_case "$dir"; echo "status $?")
	code=${got##*status }
	want=$(cat "$dir/expect.out"; echo "status $(cat "$dir/expect.code")")
	if [ "$got" = "$want" ]; then
		echo "ok $dir"
	else
		echo "FAIL $dir: status $code"
		diff <(echo "$want") <(echo "$got") | head -20
	fi
}
export -f run_case judge_case

if [ "${1:-}" = --bless ]; then
	for cmd in testdata/${2:-*/*}/cmd; do
		dir=${cmd%/cmd}
		run_case "$dir" >"$dir/expect.out"
		echo $? >"$dir/expect.code"
		echo "blessed $dir"
	done
	exit
fi

results=$(printf '%s\0' testdata/*/*/cmd | xargs -0 -n 8 -P "$(nproc)" bash -c \
	'for cmd; do judge_case "${cmd%/cmd}"; done' judge)
echo "$results" | grep -v '^ok '
passed=$(echo "$results" | grep -c '^ok ')
failed=$(echo "$results" | grep -c '^FAIL ')
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
