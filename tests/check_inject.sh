#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every single allocation, read and write fails once. The run ends with status 3 and a
# message, or it could do without and says the same as ever; it never dies, and no
# report is left half written.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C
bin=${PGTCHECK:-$PWD/pgtcheck}
build=$(cd "${BUILD:-build}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
inject=$tmp/inject.so   # LD_PRELOAD takes no path with a blank
cp "$build/tests/inject.so" "$inject"
log=testdata/tail-left-ro/fires/boot.log
gzip -c "$log" >"$tmp/log.gz"
head -c 600000 <(yes 'a line that says nothing') >"$tmp/long.log" 2>/dev/null
cat "$log" >>"$tmp/long.log"

if grep -qa __asan_init "$bin"; then
	echo "skipped: a sanitizer has an allocator of its own"
	"$bin" -q "$log"; [ $? -eq 1 ] && passed=1
	echo "$passed passed, $((1 - passed)) failed"
	exit
fi

run() {   # KIND N OPTION... -> status; $tmp/came is x when the call was made to fail
	local what="$1 $2"
	shift 2
	rm -f "$tmp"/report*
	echo - >"$tmp/came"
	timeout 10 env PGTCHECK_INJECT="$what" PGTCHECK_CAME="$tmp/came" LD_PRELOAD="$inject" \
		"$bin" "$@" >"$tmp/out" 2>"$tmp/err"
}

each() {   # WHAT KIND OPTION...
	local what=$1 kind=$2 n status want
	shift 2
	run none 0 "$@"; want=$?
	cp "$tmp/out" "$tmp/want"
	[ -f "$tmp/report" ] && cp "$tmp/report" "$tmp/want.report"
	for ((n = 1; n < 3000; n += STEP)); do
		run "$kind" $n "$@"
		status=$?
		if [ $status -eq 127 ] && grep -qE 'out of memory|thread-local' "$tmp/err"; then
			passed=$((passed + 1))   # the dynamic linker's own end
		elif [ $status -gt 4 ]; then
			echo "$what: $kind $n: status $status"; head -2 "$tmp/err"; failed=$((failed + 1))
		elif [ $status -eq 3 ] && ! [ -s "$tmp/err" ]; then
			echo "$what: $kind $n: status 3 without a word"; failed=$((failed + 1))
		elif [ $status -eq $want ] && grep -q '(this line cannot be read again)' "$tmp/out"; then
			passed=$((passed + 1))   # judged whole, and it says what is missing
		elif [ $status -ne 3 ] && { [ $status -ne $want ] || ! cmp -s "$tmp/want" "$tmp/out"; }; then
			echo "$what: $kind $n: status $status, other words than ever"
			diff "$tmp/want" "$tmp/out" | head -4; failed=$((failed + 1))
		elif [ -f "$tmp/want.report" ] && [ -f "$tmp/report" ] && [ $status -ne 3 ] &&
		     ! cmp -s "$tmp/report" "$tmp/want.report"; then
			echo "$what: $kind $n: another report"; failed=$((failed + 1))
		elif ls "$tmp"/report.?????? >/dev/null 2>&1; then
			echo "$what: $kind $n: a temporary file is left"; failed=$((failed + 1))
		else
			passed=$((passed + 1))
		fi
		[ "$(<"$tmp/came")" = x ] || break
	done
	[ $n -gt 1 ] || { echo "$what: $kind: nothing was injected"; failed=$((failed + 1)); }
}

STEP=${STEP:-7}
each "a log" malloc -f ndjson "$log"
STEP=1 each "a log" read -f ndjson "$log"
STEP=1 each "a log" write -f ndjson "$log"
STEP=1 each "a long log" read "$tmp/long.log"
each "a packed log" malloc "$tmp/log.gz"
STEP=1 each "a packed log" read "$tmp/log.gz"
STEP=1 each "many inputs" write -j2 -f ndjson "$log" "$tmp/log.gz"
STEP=1 each "many inputs" read -j2 -f ndjson "$log" "$tmp/log.gz"
each "many inputs" malloc -j2 -f ndjson "$log" "$tmp/log.gz"
STEP=1 each "records of pstore" malloc -f ndjson testdata/unpack/pstore/dmesg-efi
STEP=1 each "records in an archive" malloc -f ndjson testdata/unpack/pstore-tar/pstore.tar
STEP=3 each "a sos report" malloc -f gcc testdata/unpack/sos/*.tar*
STEP=1 each "a report" write --report=json:"$tmp/report" "$log"
each "a report" malloc --report=json:"$tmp/report" "$log"
traced=testdata/mmu-trace/refused-pin/boot.log
STEP=1 each "a trace that is written" write -q --write-trace="$tmp/report" "$traced"
STEP=1 each "a trace" malloc -f gcc "$traced"
STEP=1 each "a good boot" read -f ndjson --against="$log" "$log"
STEP=1 each "a packed good boot" malloc -f ndjson --against="$tmp/log.gz" "$log"
if [ -e "$build/modules/pgtcheck-xml.so" ]; then
	STEP=41 each "a page" malloc -f html "$log"
	STEP=41 each "JUnit" malloc -f junit "$log"
	xml=testdata/domain-xml-mismatch/fires-memory
	"$bin" -f junit "$log" >"$tmp/baseline.xml"
	STEP=1 each "a JUnit baseline" malloc -f ndjson --baseline="$tmp/baseline.xml" "$log"
	STEP=3 each "a description" malloc -f gcc --domain-xml=$xml/guest.xml $xml/guest.log
fi
if [ -e "$build/modules/pgtcheck-json.so" ]; then
	"$bin" -f ndjson "$log" >"$tmp/baseline"
	STEP=1 each "a baseline" malloc -f ndjson --baseline="$tmp/baseline" "$log"
	STEP=1 each "a baseline" read -f ndjson --baseline="$tmp/baseline" "$log"
fi
if [ -e "$build/modules/pgtcheck-elf.so" ]; then
	for core in pv-6.1 native-6.1; do
		(cd tests/cores && "$build/tests/mkcore" $core) >"$tmp/$core"
	done
	STEP=3 each "a dump of Xen's" read -f gcc "$tmp/pv-6.1"
	STEP=1 each "a dump of Xen's" malloc -f gcc "$tmp/pv-6.1"
	STEP=199 each "a dump of kdump's" read -f gcc "$tmp/native-6.1"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
