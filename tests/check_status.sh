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
printf '\004\042\115\030\144\100\247\202\001' >"$tmp/random.lz4"
head -c 3000 "$good" >"$tmp/cut"
printf 'Dear list,\n\nplease find attached my holiday pictures.\n' >"$tmp/mail"
expect "a healthy boot" 0 "$bin" "$good"
expect "a failing boot" 1 "$bin" "$bad"
expect "an empty file" 4 "$bin" "$tmp/empty"
expect "a JPEG" 4 "$bin" "$tmp/photo.jpg"
expect "bytes of a compression that is not read" 4 "$bin" "$tmp/random.lz4"
expect "a log cut before the page-table set-up" 4 "$bin" "$tmp/cut"
expect "prose" 4 "$bin" "$tmp/mail"
expect "a missing file" 3 "$bin" "$tmp/nothing"
mkdir "$tmp/folder"
expect "a folder without files" 3 "$bin" "$tmp/folder"
cp "$bad" "$tmp/folder"
expect "a folder stands for its files" 1 "$bin" "$tmp/folder"
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
# A pipe gives the same evidence as a file, but for its name and where lines
# are wrapped because of it.
words() { tr -s ' \n' '\n\n'; }
"$bin" "$bad" | sed 's/^[^ ]*boot\.log:/X:/' | words >"$tmp/one"
"$bin" - <"$bad" | sed 's/^-:/X:/' | words >"$tmp/two"
cat "$bad" | "$bin" | sed 's/^-:/X:/' | words >"$tmp/three"
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

# Standard streams that are closed: nothing else takes their numbers.
without() { local streams=$1; shift; eval "timeout 20 \"\$@\" $streams"; }
for logs in "$good" "$good $bad $good"; do
	"$bin" -f ndjson $logs >"$tmp/one" 2>/dev/null
	without '<&-' "$bin" -f ndjson $logs >"$tmp/two" 2>/dev/null
	same "standard input is closed, $logs" "$tmp/one" "$tmp/two"
	without '2>&-' "$bin" -f ndjson $logs >"$tmp/two"
	same "standard error is closed, $logs" "$tmp/one" "$tmp/two"
	expect "standard output is closed, $logs" 3 without '>&-' "$bin" -f ndjson $logs
done
expect "the log is a closed standard input" 3 without '<&-' "$bin" -

"$bin" --report=junit "$good" 2>&1 | grep -q "'junit' names no file" ||
	{ echo "a format without a file is called unknown"; failed=$((failed + 1)); }

# What is read is not replaced.
cp "$good" "$tmp/evidence.log"
ln -s evidence.log "$tmp/link"
for option in --report=json:"$tmp/evidence.log" --report=json:"$tmp/link" \
	--write-baseline="$tmp/evidence.log" --write-trace="$tmp/evidence.log"; do
	expect "${option%%=*} over an input" 2 "$bin" -q "$option" "$tmp/evidence.log"
	cmp -s "$good" "$tmp/evidence.log" || { echo "${option%%=*}: the input is gone"; failed=$((failed + 1)); }
done

# Of two reports in one file, one would be lost; a device takes both.
for second in --report=html:"$tmp/twice" --report=gcc:"$tmp/./twice" --write-baseline="$tmp/twice" \
	--write-trace="$tmp/twice"; do
	expect "two reports in one file, $second" 2 "$bin" -q --report=json:"$tmp/twice" "$second" "$good"
	grep -q "twice: is to be written twice" "$tmp/err" || { echo "$second: $(cat "$tmp/err")"; failed=$((failed + 1)); }
done
expect "two reports to a device" 0 "$bin" -q --report=json:/dev/null --report=gcc:/dev/null "$good"
expect "a report to a dash" 2 "$bin" -q --report=json:- "$good"

# A report that cannot be written has one message of its own.
for place in "$tmp/folder" "$tmp/none/report" /dev/full; do
	for logs in "$bad" "$good $bad"; do
		expect "a report to $place" 3 "$bin" -q --report=json:"$place" $logs
		[ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q '^pgtcheck: cannot write the report' "$tmp/err" ||
			{ echo "a report to $place: $(cat "$tmp/err")"; failed=$((failed + 1)); }
	done
done

# No descriptor is left for the process that the report needs; where there is no sandbox
# it needs none, and the report is whole.
for n in 4 5; do
	(ulimit -n $n; exec "$bin" -q --report=json:"$tmp/few.json" "$bad") </dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
	if { [ $status = 3 ] && ! grep -q 'list of names is empty' "$tmp/err"; } ||
	   { [ $status = 1 ] && grep -q '"type":"summary"' "$tmp/few.json"; }; then
		passed=$((passed + 1))
	else
		echo "$n descriptors: status $status"; cat "$tmp/err"; failed=$((failed + 1))
	fi
done

# Ended in the middle, a run leaves no file beside the place of its report.
mkdir "$tmp/reports"
cp "$good" "$tmp/long.log"
truncate -s 4G "$tmp/long.log"
for logs in "$tmp/long.log" "$bad $tmp/long.log" "--no-sandbox $tmp/long.log"; do
	"$bin" --report=json:"$tmp/reports/json" --report=gcc:"$tmp/reports/gcc" $logs >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		[ "$(ls "$tmp/reports" | wc -l)" -lt 2 ] || break
		sleep 0.02
	done
	[ "$(ls "$tmp/reports" | wc -l)" -eq 2 ] || { echo "$logs: nothing is being written"; failed=$((failed + 1)); }
	readers=$(cat /proc/$pid/task/$pid/children)
	kill -TERM $pid
	wait $pid
	[ $? -eq 143 ] && [ -z "$(ls "$tmp/reports")" ] ||
		{ echo "$logs: ended by SIGTERM, left behind: $(ls "$tmp/reports")"; failed=$((failed + 1)); rm -f "$tmp/reports"/*; }
	sleep 0.2
	for reader in $readers; do
		case $(sed -n 's/^State:[ \t]*//p' /proc/$reader/status 2>/dev/null) in
		"" | Z*) ;;
		*) echo "$logs: ended by SIGTERM, and its reader goes on"; failed=$((failed + 1)); kill $reader ;;
		esac
	done
	passed=$((passed + 1))
done
rm "$tmp/long.log"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
