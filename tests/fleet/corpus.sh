#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by the scripts here: a fleet of COUNT logs in $tmp/logs, some of them
# broken or unreadable, the list of their names, and what one process says of
# them.
cd "$(dirname "$0")/../.." || exit 3
bin=$(realpath "${PGTCHECK:-./pgtcheck}") || exit 3
gen=$(realpath "${BUILD:-build}/bench/gen") || exit 3
tmp=$(mktemp -d "${TMPDIR:-/tmp}/pgtcheck-fleet-XXXXXX")
. tests/counting.sh
records() { grep -hv '"type":"summary"' "$@"; }

make_fleet() {   # COUNT
	mkdir "$tmp/logs" "$tmp/out"
	"$gen" boot "$1" 4 12 11 "$tmp/logs" >/dev/null || exit 3
	rm -f "$tmp/logs/names"
	cp testdata/boots/tail-left-ro-92bdaef/boot.log "$tmp/logs/000017.log"
	cp testdata/boots/rw-before-pin-2.6.39-rc5/boot.log "$tmp/logs/$(printf %06d $(($1 / 2))).log"
	: >"$tmp/logs/000100.log"                    # empty: no verdict
	rm "$tmp/logs/000200.log"                    # a dangling link: status 3
	ln -s nowhere "$tmp/logs/000200.log"
	find "$tmp/logs" -name '*.log' | LC_ALL=C sort >"$tmp/list"
	"$bin" -f ndjson --files-from="$tmp/list" >"$tmp/all" 2>/dev/null
	check "the fleet's status is $?, not 3" $(($? - 3))
	records "$tmp/all" | sort >"$tmp/want"
	tail -n 1 "$tmp/all" >"$tmp/summary"
	check "not one record for each of $1 logs" $(($(grep -c '"type":"file"' "$tmp/all") - $1))
}
# same WHAT FILES...: together they hold the records of one process, each once,
# and sum up to the same.
same() {
	local what=$1
	shift
	records "$@" | sort | cmp -s - "$tmp/want"
	check "$what: records are lost, twice, or others" $?
	"$bin" -f ndjson --merge "$@" 2>/dev/null | cmp -s - "$tmp/summary"
	check "$what: another summary" $?
}
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
