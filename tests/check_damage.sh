#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Damaged input: logs cut anywhere, joined, doubled, with other bytes in them. The
# answer is one of ours (0, 1, 3, 4), in time, with one record that is JSON, and
# nothing but text reaches a terminal.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

ask() {   # WHAT FILE
	local status
	timeout 60 "$bin" -f ndjson "$2" >"$tmp/out" 2>/dev/null </dev/null
	status=$?
	case $status in 0|1|3|4) ;; *) echo "$1: status $status"; failed=$((failed + 1)); return ;; esac
	if [ "$(grep -c '"type":"file"' "$tmp/out")" -ne 1 ]; then
		echo "$1: not one file record"; failed=$((failed + 1)); return
	fi
	cat "$tmp/out" >>"$tmp/all"
	timeout 60 "$bin" -v "$2" </dev/null 2>&1 | LC_ALL=C tr -d '\n\t -~' >"$tmp/rest"
	if [ -s "$tmp/rest" ]; then
		echo "$1: other bytes than text on the terminal"; failed=$((failed + 1)); return
	fi
	passed=$((passed + 1))
}

: >"$tmp/all"
for log in testdata/rw-before-pin/fires/boot.log testdata/tail-left-ro/fires/boot.log \
		testdata/pagetable-unreserved/fires/boot.log testdata/prefixes/*/boot.log; do
	size=$(wc -c <"$log")
	for ((i = 1; i < 24; i++)); do
		head -c $((size * i / 24 + i)) "$log" >"$tmp/in"
		ask "$log cut at $((size * i / 24 + i))" "$tmp/in"
	done
	tr '0-9' '9-0' <"$log" >"$tmp/in" 2>/dev/null || tr '0123456789' '9876543210' <"$log" >"$tmp/in"
	ask "$log with other numbers" "$tmp/in"
	tr '0' 'f' <"$log" >"$tmp/in"; ask "$log with f for 0" "$tmp/in"
	tr ' ' '\0' <"$log" >"$tmp/in"; ask "$log with NULs for blanks" "$tmp/in"
	tr '[' '\033' <"$log" >"$tmp/in"; ask "$log with escapes" "$tmp/in"
	tr '\n' ' ' <"$log" >"$tmp/in"; ask "$log on one line" "$tmp/in"
	tr '\n' '\r' <"$log" >"$tmp/in"; ask "$log with returns" "$tmp/in"
	sed 'p;p' "$log" >"$tmp/in"; ask "$log with every line three times" "$tmp/in"
	tac "$log" >"$tmp/in"; ask "$log backwards" "$tmp/in"
	sed 's/$/(XEN) mm.c:1:d0 Bad type (saw 7400000000000001 != exp/' "$log" >"$tmp/in"
	ask "$log interleaved" "$tmp/in"
	sed 's/^/(d1) /' "$log" >"$tmp/in"; ask "$log of a guest" "$tmp/in"
	sed 's/^/> > > /' "$log" >"$tmp/in"; ask "$log in a mail" "$tmp/in"
done
head -c 3000000 /dev/zero >"$tmp/in"; ask "zeroes" "$tmp/in"
head -c 3000000 /dev/zero | tr '\0' '[' >"$tmp/in"; ask "brackets" "$tmp/in"
seq -f '(d%.0f) [    0.000000] Linux version 6.1.0 (x)' 1 3000 >"$tmp/in"; ask "many guests" "$tmp/in"
seq -f '[    0.000000] Linux version 6.1.%.0f (x)' 1 20000 >"$tmp/in"; ask "many boots" "$tmp/in"
seq -f '[    0.000000] memblock_reserve: [0x%.0f000-0x%.0f0ff] f%.0f+0x1/0x2' 1000000000000 1000000050000 >"$tmp/in" 2>/dev/null
ask "many reservations" "$tmp/in"
seq -f '(XEN) mm.c:1:d0 Error while pinning mfn %.0f' 1 50000 >"$tmp/in"; ask "many complaints" "$tmp/in"
if jq -es 'all(type == "object")' "$tmp/all" >/dev/null; then
	passed=$((passed + 1))
else
	echo "not every record is JSON"; failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
