#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/cases.sh              runs every case of testdata/
#   tests/cases.sh --bless [D]  writes what is printed now as expected
#
# A case is a folder testdata/GROUP/CASE with its input, `cmd` (arguments, one
# shell line), `expect.out`, `expect.code`, `name` (what it shows; its origin), and,
# where not every build can do it, `needs`: modules and libraries, as
# `pgtcheck --version=json` names those that the build has.
# Prints a line for each failure and, last, "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
export LC_ALL=C NO_COLOR=1
unset CLICOLOR CLICOLOR_FORCE
export bin PGTCHECK_OPTS=--config=none
build=$(cd "${BUILD:-build}" && pwd)
export build mkcore=$build/tests/mkcore cores=$PWD/tests/cores

. tests/built.sh

run_case() {   # DIR -> prints the output, returns the status
	# What the kernel cannot do for the sandbox is not the case's matter.
	(cd "$1" && eval "\"$bin\" $(cat cmd)" </dev/null 2>&1) | sed '/^pgtcheck: sandbox: /d'
	return "${PIPESTATUS[0]}"
}

# A rule that comes must not change the cases of all others: how many rules were judged
# or not is no matter of a case, and of the lists that -v prints only the rule that the
# case's group is about is.
but_other_rules() {   # GROUP, a filter
	sed -E -e 's/\b[0-9]+ rules?( judged|$)/# rules\1/' -e 's/(judged, )[0-9]+ not/\1# not/' \
		-e 's/^( +)[0-9]+ not checked/\1# not checked/' \
		-e 's/"rules_(judged|not_applicable|not_checked)":[0-9]+/"rules_\1":#/g' \
		-e 's/"(judged|not_checked|not_applicable)":\[[^]]*\]/"\1":[...]/g' |
		awk -v group="$1" '
			/^    PGT[0-9]+ [a-z0-9-]+(, PGT|,$|$)/ {
				count = split($0, items, ",")
				for (i = 1; i <= count; i++) {
					split(items[i], words, " ")
					if (words[2] == group) { print "   " items[i]; others = 0 }
					else if (words[2] != "" && !others) { print "    ..."; others = 1 }
				}
				next
			}
			{ others = 0; print }'
}

judge_case() {   # DIR
	local dir=$1 got code want group
	for need in $(cat "$dir/needs" 2>/dev/null); do
		case $known in
		*"\"$need\""*) ;;
		*) echo "FAIL $dir: $need is no module and no library"; return ;;
		esac
		case $built in
		*"\"$need\""*) ;;
		*) echo "skip $dir: this build has no $need"; return ;;
		esac
	done
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
	group=${dir#testdata/}
	group=${group%%/*}
	got=$(but_other_rules "$group" <<<"$got")
	want=$(but_other_rules "$group" <<<"$want")
	if [ "$got" = "$want" ]; then
		echo "ok $dir"
	else
		echo "FAIL $dir: status $code"
		diff <(echo "$want") <(echo "$got") | head -20
	fi
}
export -f run_case judge_case but_other_rules

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
