#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --against: the same facts in every format, from whatever GOOD is, and the same
# bytes for every -j.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
. tests/counting.sh
. tests/built.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
good=testdata/boots/healthy-dom0-2.6.39/boot.log
bad=testdata/boots/rw-before-pin-2.6.39-rc5/boot.log

# A boot against itself, each of the real logs.
for log in testdata/boots/*/boot.log; do
	"$bin" -f ndjson --against="$log" "$log" | jq -se 'map(select(.type == "against"))
		| length > 0 and all(.changes == [] and .divergences == [])' >/dev/null
	check "$log against itself: something moved" $?
done

# A log whose addresses, lines and clocks are others tells of places alone.
sed -e 's/^\[ *[0-9.]*\] /[    7.777777] /' "$good" | sed '1i a line more' >"$work/shifted.log"
"$bin" -f ndjson --against="$good" "$work/shifted.log" |
	jq -se 'map(select(.type == "against"))[0] | .changes == [] and .divergences == []' >/dev/null
check "other clocks and line numbers: something moved" $?

"$bin" -f ndjson --against="$good" "$bad" >"$work/records"
jq -se 'map(select(.type == "against")) | length == 1 and (.[0] |
	.good_boot == 1 and .schema == 1 and
	any(.changes[]; .section == "pool" and (.good | test("tail made RW")) and
		(.bad | test("tail made RW") | not)) and
	any(.changes[]; .section == "reserved" and .change == "gone") and
	(.divergences[0] | .speaker == "kernel" and (.good_text | test("PGTABLE")) and
		.good_line == 206 and .bad_line == null) and
	(.divergences[1] | .speaker == "xen" and (.bad_text | test("Bad type")) and .bad_line == 206))' "$work/records" >/dev/null
check "the record of $bad lacks what moved" $?
"$bin" -f json --against="$good" "$bad" | jq -e 'map(select(.type == "against")) | length == 1' >/dev/null
check "json lacks the record" $?
# Merging and resuming know the record, and leave it alone.
"$bin" --merge "$work/records" >/dev/null 2>"$work/err"
[ ! -s "$work/err" ]; check "--merge does not know the record: $(cat "$work/err")" $?

if "$bin" -f html "$good" >/dev/null 2>&1; then
	"$bin" -f html --against="$good" "$bad" >"$work/page.html"
	grep -q 'What moved since the good boot' "$work/page.html" && grep -q 'end-top\|memblock_x86_reserve_range.*PGTABLE' "$work/page.html"
	check "html lacks the section" $?
	if command -v xmllint >/dev/null; then
		xmllint --html --noout "$work/page.html" 2>&1 | grep 'parser error' |
			grep -qv 'Tag .* invalid'
		check "xmllint finds errors in the page" $((! $?))
	fi
fi

# GOOD may be packed, come from a pipe, or be an archive.
"$bin" --against="$good" "$bad" | sed 's/against .*: what/against GOOD: what/' >"$work/plain"
grep -q 'against GOOD: what moved' "$work/plain"; check "the screen lacks the comparison" $?
gzip -c "$good" >"$work/good.gz"
tar -cf "$work/good.tar" -C "$(dirname "$good")" boot.log
has zlib || rm "$work/good.gz"
for packed in "$work"/good.[gt]* -; do
	"$bin" --against="$packed" "$bad" <"$good" |
		sed 's/against .*: what/against GOOD: what/' | cmp -s - "$work/plain"
	check "--against=$packed tells something else" $?
done

for format in human ndjson html; do
	for jobs in 1 2; do
		"$bin" -j $jobs -f $format --against="$good" testdata/boots/*/boot.log "$bad" >"$work/j$jobs" 2>&1
	done
	cmp -s "$work/j1" "$work/j2"; check "-f $format: -j 2 gives other bytes than -j 1" $?
done

cat "$good" | "$bin" -j 2 -f ndjson --against=- testdata/boots/*/boot.log "$bad" |
	sed "s|\"good_file\":\"-\"|\"good_file\":\"$good\"|" >"$work/piped"
"$bin" -f ndjson --against="$good" testdata/boots/*/boot.log "$bad" | cmp -s - "$work/piped"
check "many processes read something else from a pipe" $?

# A format that has no place for it says so; those that have do not.
for format in $("$bin" --help | sed -n '/^Formats/,/^$/p' | awk 'NR > 1 && NF { print $1 }'); do
	"$bin" -f $format --against="$good" "$bad" 2>"$work/err" >"$work/out"
	grep -q 'no module' "$work/err" && continue
	grep -q 'what moved\|"against"\|What moved' "$work/out" || grep -q "not shown by $format;" "$work/err"
	check "-f $format is silent about --against" $?
done
"$bin" --against="$good" "$bad" 2>&1 >/dev/null | grep -q .; check "human: more than the report" $((! $?))
"$bin" --against="$good" --report=tap:"$work/tap" "$bad" 2>&1 >/dev/null | grep -q 'not shown by tap'
check "--report=tap is silent about --against" $?

# Without a boot to compare with nothing is judged, and no report has its name.
for more in "" "$good -j2"; do
	"$bin" -f ndjson --report=json:"$work/none.json" --against=Makefile "$bad" $more >"$work/out" 2>"$work/err"
	check "GOOD without a boot: status is not 3" $(($? - 3))
	[ ! -s "$work/out" ] && [ ! -e "$work/none.json" ] && grep -q 'Makefile: no boot is in it' "$work/err"
	check "GOOD without a boot: a report, or no word" $?
done
# One of which half is missing would show what moved where nothing did.
if has zlib; then
	gzip -c "$good" | head -c 3000 >"$work/half.gz"
	"$bin" -f ndjson --against="$work/half.gz" "$bad" >"$work/out" 2>"$work/err"
	check "GOOD is cut: status is not 3" $(($? - 3))
	[ ! -s "$work/out" ] && grep -q 'half.gz: its boot is not read to the end' "$work/err"
	check "GOOD is cut: a report, or no word" $?
fi
"$bin" --against="$work/none" "$bad" >/dev/null 2>&1; check "no GOOD: status is not 3" $(($? - 3))
sed -e '/PGTABLE/s/memblock/10.20.30.40 &/' -e '/ommand line: /s/\r*$/ nfsroot=10.20.30.40:\/x&/' "$good" >"$work/secret.log"
formats="human ndjson html"
has libxml-2.0 || formats="human ndjson"
for format in $formats; do
	"$bin" -f $format --against="$work/secret.log" "$bad" >"$work/plain"
	grep -qF 10.20.30.40 "$work/plain"; check "-f $format quotes nothing of GOOD" $?
	! "$bin" -f $format --redact --against="$work/secret.log" "$bad" | grep -F 10.20.30.40
	check "-f $format --redact shows what GOOD holds" $?
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
