#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs every example of pgtcheck(1), as it stands in the page: a line
#
#     .Dl $ pgtcheck ...
#
# in the root of a clone. A comment before it tells its status:
#
#     .\" status 1
#
# Each must print something, and nothing on standard error but what -v says of a
# sandbox that this kernel or this build cannot close. Last line: "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
export LC_ALL=C NO_COLOR=1
unset CLICOLOR CLICOLOR_FORCE
export PGTCHECK_OPTS=--config=none
passed=0 failed=0
out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT

pgtcheck() { "$bin" "$@"; }

want=0
while IFS= read -r line; do
	case $line in
	'.\" status '*)
		want=${line##* }
		continue ;;
	'.Dl $ '*)
		example=${line#'.Dl $ '} ;;
	*)
		continue ;;
	esac
	eval "$example" >"$out" 2>"$err" </dev/null
	status=$?
	sed -i '/^pgtcheck: sandbox: /d' "$err"
	if [ "$status" -eq "$want" ] && [ -s "$out" ] && [ ! -s "$err" ]; then
		passed=$((passed + 1))
	else
		echo "$example: status $status, want $want; $(wc -l <"$out") lines printed"
		head -n 5 "$err"
		failed=$((failed + 1))
	fi
	want=0
done <man/pgtcheck.1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
