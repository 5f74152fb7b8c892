#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The html and svg formats: well-formed for xmllint, and as a browser sees them
# (Chromium, where it is installed: tests/formats/page.js) in light and dark,
# wide and narrow: labels that do not overlap at 3 or at 300 ranges, the verdict
# in sight, everything reached by keyboard, nothing loaded, nothing run.
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C
bin=$(realpath "${PGTCHECK:-pgtcheck}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { echo "$1"; failed=$((failed + 1)); }
expect() {   # WHAT COMMAND...
	local what=$1
	shift
	if "$@" >"$tmp/said" 2>&1; then ok; else bad "$what"; head -5 "$tmp/said"; fi
}

log=testdata/boots/rw-before-pin-2.6.39-rc5/boot.log
if "$bin" -f html "$log" 2>&1 | grep -q 'this build has no module' || ! command -v xmllint >/dev/null; then
	echo "skipped: html and svg (no libxml2 in this build, or no xmllint)"
	echo "1 passed, 0 failed"
	exit
fi

# --- inputs -----------------------------------------------------------------------

# ranges COUNT: a map of so many ranges of any size and as many reservations.
ranges() {
	awk -v count="$1" 'BEGIN {
		split("usable reserved usable ACPI_data usable ACPI_NVS", type, " ")
		print "Linux version 2.6.39 (x)\nBIOS-provided physical RAM map:"
		for (i = 0; i < count; i++) {
			size = 4096 * (1 + (i * i * 37) % 5000)
			t = type[i % 6 + 1]; sub("_", " ", t)
			printf " BIOS-e820: %016x - %016x (%s)\n", at, at + size, t
			at += size + (i % 5 ? 0 : 4096 * (i % 7))
		}
		printf "last_pfn = 0x%x max_arch_pfn = 0x400000000\n", at / 4096
		printf "init_memory_mapping: 0000000000000000-%016x\n", at
		printf "kernel direct mapping tables up to %x @ %x-%x\n", at, at / 2, at / 2 + 262144
		for (i = 0; i < count; i++)
			printf "memblock_reserve: [0x%016x-0x%016x] label%d\n", at / 2 + i * 65536, at / 2 + i * 65536 + 8191, i
		print "Memory: 1000k/2000k available"
	}'
}
# even COUNT: a map of so many ranges of 64 KiB, and then a large one.
even() {
	awk -v count="$1" 'BEGIN {
		print "Linux version 2.6.39 (x)\nBIOS-provided physical RAM map:"
		for (; i < count; i++)
			printf " BIOS-e820: %016x - %016x (reserved)\n", i * 131072, i * 131072 + 65536
		printf " BIOS-e820: %016x - 0000000080000000 (usable)\n", i * 131072
		print "last_pfn = 0x80000 max_arch_pfn = 0x400000000\nMemory: 1000k/2000k available"
	}'
}
# failures COUNT: a pool in every second range, most of which are no RAM.
failures() {
	awk -v count="$1" 'BEGIN {
		split("usable reserved ACPI_data ACPI_NVS", type, " ")
		print "Linux version 2.6.38 (x)\nBIOS-provided physical RAM map:"
		for (i = 0; i < count; i++) {
			t = type[i % 4 + 1]; sub("_", " ", t)
			printf " BIOS-e820: %016x - %016x (%s)\n", i * 2097152, i * 2097152 + 1048576, t
		}
		print "init_memory_mapping: 0000000000000000-0000000010000000"
		for (i = 0; i < count && i < 20; i++) {
			at = i * 2097152 + 262144
			printf "kernel direct mapping tables up to 10000000 @ %x-%x\n", at, at + 32768
			printf "memblock_x86_reserve_range: [0x%x-0x%x] PGTABLE\n", at, at + 16383
		}
		print "Memory: 1000k/2000k available"
	}'
}
for count in 1 3 30 300 3000; do
	ranges $count >"$tmp/ranges-$count.log"
done
for count in 3 300; do
	failures $count >"$tmp/failures-$count.log"
done
sed 's|$| <script>document.title="run"</script> ]]> \&amp; "\x27 \x01\xff|' "$log" >"$tmp/hostile.log"
cp "$log" "$tmp/<img src=x onerror=alert(1)> \"'&amp;.log"

cat testdata/boots/healthy-native-6.1/boot.log testdata/boots/tail-left-ro-92bdaef/boot.log >"$tmp/both.log"

# --- well-formed ------------------------------------------------------------------

"$bin" -q --report="html:$tmp/all.html" testdata/*/*/*.log "$tmp"/*.log
expect "html: not well-formed" xmllint --noout --huge "$tmp/all.html"
expect "html: ids are not unique" test -z "$(grep -o ' id="[^"]*"' "$tmp/all.html" | sort | uniq -d)"
for input in "$log" testdata/boots/healthy-native-6.1/boot.log "$tmp"/*.log README.md; do
	"$bin" -f svg "$input" >"$tmp/one.svg"
	expect "svg of $input: not well-formed" xmllint --noout --huge "$tmp/one.svg"
done
"$bin" -f svg "$log" "$log" >/dev/null 2>"$tmp/errors"
if [ $? -eq 3 ] && grep -q 'one input only' "$tmp/errors"; then ok; else bad "svg of two inputs"; fi
tar -cf "$tmp/one.tar" -C "$(dirname "$log")" "$(basename "$log")"
"$bin" -f svg "$tmp/one.tar" >"$tmp/tar.svg" 2>"$tmp/errors"
expect "svg of an archive with one log: $(cat "$tmp/errors")" xmllint --noout --huge "$tmp/tar.svg"
expect "svg of an archive with one log: messages" test ! -s "$tmp/errors"
if grep -qi '<script\|onerror=[^a]\|src=\|href="[^#]' <(sed 's/&[a-z]*;//g' "$tmp/all.html" | grep -v 'onerror=alert'); then
	bad "html: scripts or references"
else
	ok
fi
# The same facts as ndjson: every finding's message, in every section.
"$bin" -f html "$log" >"$tmp/one.html"
"$bin" -f ndjson "$log" | jq -r 'select(.type == "finding") | .message' | while IFS= read -r message; do
	grep -qF "$message" <(sed 's/&quot;/"/g; s/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g' "$tmp/one.html") || echo "$message"
done >"$tmp/missing"
expect "html: a finding is missing" test ! -s "$tmp/missing"

# --- in a browser -----------------------------------------------------------------

if ! command -v chromium >/dev/null; then
	echo "skipped: the page in a browser (no chromium)"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
fi

browse() {   # FILE OPTION...: the page as the browser has it in the end
	local file=$1 profile
	shift
	profile=$(mktemp -d "$tmp/profile.XXXXXX")
	timeout 60 chromium --headless --no-sandbox --disable-gpu --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$profile" --dump-dom "$@" "file://$file" 2>/dev/null
}

# The page without its policy, with our questions.
questioned() {   # FILE
	if [[ $1 == *.svg ]]; then
		echo '<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">'
		sed '/^<?xml/d' "$1"
	else
		sed '/http-equiv="Content-Security-Policy"/d; s|</body>||; s|</html>||' "$1"
	fi
	echo '<script>'
	cat tests/formats/page.js
	echo '</script>'
}
view() {   # NAME FILE OPTION...: the answer in $tmp/NAME.view
	local name=$1 file=$2
	shift 2
	questioned "$file" >"$tmp/$name.html"
	browse "$tmp/$name.html" "$@" | sed -n '/<pre id="result">/,/<\/pre>/p' | sed 's/<[^>]*>//g' \
		>"$tmp/$name.view"
}
judge() {   # NAME
	if [ "$(cat "$tmp/$1.view")" = good ]; then
		ok
	else
		bad "$1: $(cat "$tmp/$1.view")"
	fi
}

"$bin" -f html "$log" "$tmp/hostile.log" "$tmp"/\<*.log testdata/boots/healthy-native-6.1/boot.log \
	testdata/boots/tail-left-ro-92bdaef/boot.log testdata/boots/left-ro-reused-6.1/boot.log README.md \
	/nonexistent >"$tmp/many.html" 2>/dev/null
for name in ranges-1 ranges-3 ranges-30 ranges-300 ranges-3000 failures-3 failures-300; do
	"$bin" -f svg "$tmp/$name.log"
done >"$tmp/ranges.svg"
for count in 3 250 900; do
	even $count >"$tmp/even.log"
	"$bin" -f svg "$tmp/even.log" >"$tmp/even-$count.svg"
done
for count in 3 250; do
	expect "$count ranges are not all drawn" grep -q 'so that every range is seen' "$tmp/even-$count.svg"
done
expect "900 ranges are said to be seen each" \
	grep -q '; 900 small ranges of the memory map are drawn together;' "$tmp/even-900.svg"
"$bin" -f html --against=testdata/boots/healthy-dom0-2.6.39/boot.log \
	testdata/boots/tail-left-ro-92bdaef/boot.log "$tmp/failures-300.log" README.md \
	"$tmp/both.log" >"$tmp/moved.html"
expect "html: no list of the boots in one input" grep -q 'input-4-boot-2">Boot 2</a>, Linux 2.6.39-rc6: <span class="b-error">node data' "$tmp/moved.html"
view light "$tmp/one.html" --window-size=1300,900
if [ ! -s "$tmp/light.view" ]; then
	echo "skipped: the page in a browser (chromium does not start here)"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
fi
view narrow "$tmp/one.html" --window-size=600,900 &
view phone "$tmp/moved.html" --window-size=390,900 &
view dark "$tmp/many.html" --window-size=1300,900 --blink-settings=preferredColorScheme=0 &
wait
view ranges "$tmp/ranges.svg" --window-size=1300,900 &
# The page as it is: what a log says is never run.
browse "$tmp/many.html" >"$tmp/dom"
wait
for name in light narrow phone dark ranges; do
	judge $name
done
expect "the title is ours" grep -q '<title>pgtcheck report</title>' "$tmp/dom"
expect "no element of a log's making" test -z "$(grep -o '<script[^>]*>\|<img[^>]*>' "$tmp/dom")"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
