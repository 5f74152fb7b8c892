#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Exit statuses and behaviour that no golden case can hold: unreadable files,
# other kinds of bytes, pipes, full disks, equal reruns.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
bad=testdata/boots/tail-left-ro-92bdaef/boot.log
good=testdata/boots/healthy-native-6.1/boot.log

expect() {   # WHAT WANTED-STATUS COMMAND...
	local what=$1 want=$2 got
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	if [ "$got" -eq "$want" ]; then
		passed=$((passed + 1))
	else
		echo "$what: status $got, want $want"
		head -5 "$tmp/out" "$tmp/err"
		failed=$((failed + 1))
	fi
}
same() {   # WHAT FILE FILE
	if cmp -s "$2" "$3"; then
		passed=$((passed + 1))
	else
		echo "$1: outputs differ"; diff "$2" "$3" | head -5
		failed=$((failed + 1))
	fi
}

: >"$tmp/empty"
printf '\377\330\377\340\0\020JFIF\0\001\001\0\0\001\0\001\0\0' >"$tmp/photo.jpg"
head -c 2000 /dev/zero | tr '\0' 'x' >>"$tmp/photo.jpg"
gzip -c "$bad" >"$tmp/boot.log.gz"
head -c 3000 "$good" >"$tmp/cut"
printf 'Dear list,\n\nplease find attached my holiday pictures.\n' >"$tmp/mail"
expect "a healthy boot" 0 "$bin" "$good"
expect "a failing boot" 1 "$bin" "$bad"
expect "an empty file" 4 "$bin" "$tmp/empty"
expect "a JPEG" 4 "$bin" "$tmp/photo.jpg"
expect "gzip bytes" 4 "$bin" "$tmp/boot.log.gz"
expect "a log cut before the page-table set-up" 4 "$bin" "$tmp/cut"
expect "prose" 4 "$bin" "$tmp/mail"
expect "a missing file" 3 "$bin" "$tmp/nothing"
expect "a folder" 3 "$bin" "$tmp"
expect "a missing file among others" 3 "$bin" -f ndjson "$tmp/nothing" "$bad" "$good"
[ "$(grep -c '"type":"file"' "$tmp/out")" -eq 3 ] || { echo "not every input has its record"; failed=$((failed + 1)); }
expect "clean and inconclusive" 4 "$bin" "$good" "$tmp/empty"
expect "failing and inconclusive" 1 "$bin" "$bad" "$tmp/empty"
expect "an unknown option" 2 "$bin" --no-such-option "$good"
expect "an unknown format" 2 "$bin" -f xml "$good"
expect "an unknown rule" 2 "$bin" --disable=PGT999 "$good"
expect "--inconclusive=pass" 0 "$bin" --inconclusive=pass "$tmp/empty"
expect "--inconclusive=fail" 1 "$bin" --inconclusive=fail "$tmp/empty"
expect "--fail-on=never" 0 "$bin" --fail-on=never "$bad"
expect "--disable" 0 "$bin" --disable=tail-left-ro "$bad"
expect "a full disk" 3 sh -c "'$bin' -f ndjson '$bad' >/dev/full"
expect "--help" 0 "$bin" --help
expect "--version" 0 "$bin" --version

for format in human gcc json ndjson; do
	"$bin" -v -f $format "$bad" "$good" >"$tmp/one" 2>&1
	"$bin" -v -f $format "$bad" "$good" >"$tmp/two" 2>&1
	same "two runs, $format" "$tmp/one" "$tmp/two"
done
# A pipe gives the same evidence as a file, but for its name.
"$bin" "$bad" | sed 's/^[^ ]*boot\.log/X/' >"$tmp/one"
"$bin" - <"$bad" | sed 's/^-:/X:/' >"$tmp/two"
cat "$bad" | "$bin" | sed 's/^-:/X:/' >"$tmp/three"
same "a file and standard input" "$tmp/one" "$tmp/two"
same "standard input and a pipe" "$tmp/two" "$tmp/three"
# Carriage returns and a missing last newline change nothing.
tr -d '\r' <"$bad" | sed 's/$/\r/' >"$tmp/crlf.log"
"$bin" -f gcc "$tmp/crlf.log" | sed 's/^[^:]*//;s/\[fp.*//' >"$tmp/one"
tr -d '\r' <"$bad" >"$tmp/lf.log"
"$bin" -f gcc "$tmp/lf.log" | sed 's/^[^:]*//;s/\[fp.*//' >"$tmp/two"
same "CR LF and LF" "$tmp/one" "$tmp/two"
# A second reader of what we write.
"$bin" -f json "$bad" "$good" "$tmp/photo.jpg" 2>/dev/null | jq -e . >/dev/null || { echo "json is not JSON"; failed=$((failed + 1)); }
"$bin" -f ndjson "$bad" "$good" 2>/dev/null | jq -es 'all(type == "object" and .schema == 1)' >/dev/null ||
	{ echo "ndjson is not JSON objects"; failed=$((failed + 1)); }
passed=$((passed + 2))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
