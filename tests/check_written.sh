#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --write-trace loses nothing that counts: of every input of testdata/ that has
# page-table operations, whatever its form, what is written is judged as the input
# itself is. Findings, their certainty and frames, the boot's facts and how often Xen
# and the replay agree: all equal.
set -u
cd "$(dirname "$0")/.." || exit 1
bin=$(realpath "${PGTCHECK:-pgtcheck}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 traces=0

ok() { passed=$((passed + 1)); }
bad() {   # WHAT
	echo "$1"
	failed=$((failed + 1))
}

# What a report says, without the input's name, offsets, and diagnostics of its form.
told() {   # NDJSON
	jq -c 'if .type == "finding" then
			[.rule, .severity, .certainty, .first_pfn, .end_pfn, .line, .message,
			 .evidence_lines, .evidence_says]
		elif .type == "file" then
			[.status, .boots, .judged, .not_checked,
			 (.boot_facts | map(.ended |= sub("at byte [0-9]+"; "at a byte")))]
		else empty end' "$1"
}

# ARGUMENTS: judged, written, and judged again.
round() {
	rm -f "$tmp/trace"
	"$bin" -f ndjson --write-trace="$tmp/trace" "$@" >"$tmp/first" 2>/dev/null </dev/null
	[ -f "$tmp/trace" ] || return
	traces=$((traces + 1))
	"$bin" -f ndjson "$tmp/trace" >"$tmp/again" 2>"$tmp/errors"
	told "$tmp/first" >"$tmp/told.first"
	told "$tmp/again" >"$tmp/told.again"
	if cmp -s "$tmp/told.first" "$tmp/told.again"; then
		ok
	else
		bad "$*: what --write-trace wrote is judged otherwise"
		diff "$tmp/told.first" "$tmp/told.again" | cut -c 1-300 | head -4
	fi
	# Written from what was written: the same bytes.
	"$bin" -q --write-trace="$tmp/second" "$tmp/trace" 2>/dev/null
	if cmp -s "$tmp/trace" "$tmp/second"; then ok; else bad "$*: written once more, it differs"; fi
}

for input in testdata/*/*/{boot.log,trace.txt,trace.log,trace.dat,xentrace.raw}; do
	[ -f "$input" ] && round "$input"
done
[ "$traces" -ge 20 ] || bad "$traces inputs with a trace: too few"

# A log and its trace become one.
log=testdata/mmu-trace/refused-pin/boot.log
grep -v 'xenmmu:' "$log" >"$tmp/boot.log"
grep 'xenmmu:' "$log" >"$tmp/trace.log"
"$bin" -q --write-trace="$tmp/both" --trace="$tmp/trace.log" "$tmp/boot.log"
"$bin" -f ndjson "$tmp/both" | jq -es 'any(.[].boot_facts[0]?;
	.kernel and .platform == "Xen PV dom0" and .trace.operations > 50)' >/dev/null &&
	ok || bad "a log and its --trace: not both in what is written"

# Operations alone can only be a PV guest's.
"$bin" -q --write-trace="$tmp/bare" "$tmp/trace.log"
"$bin" -f ndjson "$tmp/bare" | jq -es 'any(.[].boot_facts[0]?;
	.platform == "Xen PV guest")' >/dev/null && ok || bad "a bare mmutrace is not taken for a PV guest's"

# Names stay at home.
sed '1i Linux version 6.1.0 (builder@secret-host) (gcc 12) #1' "$tmp/trace.log" >"$tmp/named.log"
"$bin" -q --redact --write-trace="$tmp/named" "$tmp/named.log"
if grep -q secret-host "$tmp/named" || ! grep -q 'Linux version 6.1.0' "$tmp/named"; then
	bad "--redact: a name is in what is written, or the line is not"
else
	ok
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
