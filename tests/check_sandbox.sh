#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The process that reads an input, while it reads: what it may do and what it holds.
# What a parser that was taken over can try is the matter of unit_sandbox.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
. tests/built.sh
# A report that every build can write, and one for people.
junit=junit page=html
has libxml-2.0 || junit=sarif page=tap
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
log=testdata/boots/tail-left-ro-92bdaef/boot.log

good() { passed=$((passed + 1)); }
bad() { echo "$what: $1"; failed=$((failed + 1)); }
is() { if [ "$2" = "$3" ]; then good; else bad "$1 is '$2', not '$3'"; fi; }

field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
# The last process of name $2 that process $1 has started.
child_of() {
	local pid
	for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] && echo "$pid"
	done | tail -1 | grep .
}
# Those that have not ended; nobody may have asked yet how.
alive() {
	local pid
	for pid; do
		grep -q '^State:[[:space:]]*[A-WY]' "/proc/$pid/status" 2>/dev/null && echo "$pid"
	done
}
# That which reads what pgtcheck, process $1, was given; itself when it has no other for it.
reader_of() {
	local child
	if child=$(child_of "$1" pgtcheck || child_of "$1" pgtcheck-starts); then
		reader_of "$child"
	else
		echo "$1"
	fi
}
# What its descriptors above standard error are, without numbers.
held() {
	local fd
	for fd in /proc/"$1"/fd/*; do
		[ "${fd##*/}" -gt 2 ] && readlink "$fd" | sed 's/:.*//;s/ (deleted)//;s/#.*//;s/[^/]*$//'
	done | sort -u | tr '\n' ' '
}
# Starts pgtcheck with a pipe that stops in the middle of the log; $reader is what
# reads it. The rest comes with finish.
begin() {   # OPTION...
	rm -f "$tmp/pipe"
	mkfifo "$tmp/pipe"
	exec 9>"$tmp/inherited"
	"$bin" "$@" <"$tmp/pipe" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	exec 8>"$tmp/pipe" 9>&-
	head -c 300000 <(yes 'a line that says nothing'; :) >&8 2>/dev/null
	sleep 0.3
	reader=$(reader_of $pid)
}
finish() {
	cat "$log" >&8
	exec 8>&-
	wait $pid
	status=$?
}

if ! "$bin" --no-sandbox -q testdata/boots/healthy-native-6.1/boot.log; then
	echo "--no-sandbox is not taken"; failed=$((failed + 1))
fi

# A sanitizer's build has none: it opens files and traces itself when it ends.
if grep -qa __asan_init "$bin"; then
	echo "skipped: a sanitizer's build has no sandbox"
	begin -
	finish
	what="a sanitizer's build"; is status "$status" 1
	echo "$passed passed, $failed failed"
	exit $((failed > 0))
fi
filter=2
grep -qa 'this build has no filter' "$bin" && filter=0

what="one input"
begin -
is "no new privileges" "$(field "$reader" NoNewPrivs)" 1
is "its filter of system calls" "$(field "$reader" Seccomp)" $filter
is "who reads" "$reader" "$pid"
case $(held "$reader") in
*inherited*) bad "it holds what it was started with" ;;
*) good ;;
esac
[ -n "$(sed -n 's/^Max address space *\([0-9]*\).*/\1/p' "/proc/$reader/limits")" ] && good || bad "memory without bounds"
finish
is "status" "$status" 1
"$bin" --no-sandbox - < <(head -c 300000 <(yes 'a line that says nothing') 2>/dev/null; cat "$log") >"$tmp/plain"
if cmp -s "$tmp/plain" "$tmp/out"; then good; else bad "other words than without"; fi

what="--no-sandbox"
begin --no-sandbox -
is "its filter of system calls" "$(field "$reader" Seccomp)" 0
finish

what="one input with a report"
begin --report=$junit:"$tmp/junit.xml" --report=json:"$tmp/all.json" -
is "its filter of system calls" "$(field "$reader" Seccomp)" $filter
if [ "$reader" != "$pid" ]; then good; else bad "what names the report also reads"; fi
is "the filter of what names the report" "$(field "$pid" Seccomp)" 0
finish
is "status" "$status" 1
if [ -s "$tmp/junit.xml" ] && jq -e . "$tmp/all.json" >/dev/null; then good; else bad "no report"; fi

what="a reader that dies"
rm -f "$tmp"/junit.xml*
begin --report=$junit:"$tmp/junit.xml" -
kill -SEGV "$reader"
exec 8>&-
wait $pid
is "status" $? 3
is "left behind" "$(cd "$tmp" && ls | grep -c '^junit')" 0
grep -q 'ended by signal 11' "$tmp/err" && good || bad "it does not say so"

what="many inputs"
begin -j 2 - "$log" testdata/boots/healthy-native-6.1/boot.log
is "its filter of system calls" "$(field "$reader" Seccomp)" $filter
is "its standard output" "$(readlink "/proc/$reader/fd/1")" /dev/null
case $(held "$reader") in
*inherited* | *"$tmp"*out*) bad "it holds $(held "$reader")" ;;
*) good ;;
esac
finish
is "status" "$status" 1

# So many zeros behind a log take seconds to read.
cp "$log" "$tmp/zeros"
truncate -s 8G "$tmp/zeros"
for more in "" "-j2 testdata/boots/healthy-native-6.1/boot.log"; do
	what="what --against names, read $more"
	"$bin" --against="$tmp/zeros" "$log" $more >/dev/null 2>&1 &
	pid=$!
	sleep 0.5
	reader=$(reader_of $pid)
	is "its filter of system calls" "$(field "$reader" Seccomp)" $filter
	is "its privileges" "$(field "$reader" NoNewPrivs)" 1
	kill "$reader" "$pid" 2>/dev/null
	wait $pid
done
rm "$tmp/zeros"

what="an archive of all kinds"
cp testdata/boots/healthy-native-6.1/boot.log "$tmp/boot.log"
gzip -k "$tmp/boot.log" && tar -cf "$tmp/a.tar" -C "$tmp" boot.log boot.log.gz
"$bin" -f ndjson "$tmp/a.tar" >"$tmp/one" 2>&1
"$bin" --no-sandbox -f ndjson "$tmp/a.tar" >"$tmp/two" 2>&1
if cmp -s "$tmp/one" "$tmp/two"; then good; else bad "other words than without"; fi
for format in human gcc json ndjson sarif junit tap ktap gitlab github kcidb html svg; do
	what="format $format"
	"$bin" -f $format "$log" >"$tmp/one" 2>&1
	"$bin" --no-sandbox -f $format "$log" >"$tmp/two" 2>&1
	if cmp -s "$tmp/one" "$tmp/two"; then good; else bad "other words than without"; fi
done
what="--timeline of two inputs, with a report"
"$bin" --timeline --report=$page:"$tmp/h.html" "$log" "$tmp/boot.log" >"$tmp/one" 2>&1
"$bin" --no-sandbox --timeline --report=$page:"$tmp/h2.html" "$log" "$tmp/boot.log" >"$tmp/two" 2>&1
if cmp -s "$tmp/one" "$tmp/two" && cmp -s "$tmp/h.html" "$tmp/h2.html"; then good; else bad "other words than without"; fi
what="--write-trace"
"$bin" -q --write-trace="$tmp/t1" testdata/mmu-trace/healthy/boot.log 2>&1
"$bin" -q --no-sandbox --write-trace="$tmp/t2" testdata/mmu-trace/healthy/boot.log 2>&1
if cmp -s "$tmp/t1" "$tmp/t2"; then good; else bad "another trace than without"; fi


# The parser that calls FUNCTION is taken over: nothing that it tries is done. What it
# reads is told as ever, by `want`.
export TAKEN_OVER_DIR=$tmp/over
mkdir "$TAKEN_OVER_DIR"
attempts=$TAKEN_OVER_DIR/attempts
if [ $filter = 0 ] || ! ${CC:-cc} -w -shared -fPIC -I. -D_GNU_SOURCE -o "$tmp/taken_over.so" tests/taken_over.c 2>"$tmp/err"; then
	echo "skipped: parsers that are taken over (no filter of system calls, or no compiler)"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
fi
taken_over() {   # FUNCTION OPTION...
	local function=$1
	shift
	"$bin" "$@" >"$tmp/one" 2>&1 </dev/null
	rm -f "$attempts"
	TAKEN_OVER=$function LD_PRELOAD=$tmp/taken_over.so "$bin" "$@" >"$tmp/two" 2>&1 </dev/null
	if grep -q '^-' "$attempts" && ! grep -q '^[?+]' "$attempts"; then
		good
	else
		bad "$function was taken over, $*: $(grep -m3 '^[?+]' "$attempts" | tr '\n' ' ')"
	fi
	if cmp -s "$tmp/one" "$tmp/two"; then good; else bad "other words than ever"; fi
}
two="$log testdata/boots/healthy-native-6.1/boot.log"
what="a text"
{ head -c 600000 <(yes 'a line that says nothing') 2>/dev/null; cat "$log"; } >"$tmp/long.log"
taken_over read "$tmp/long.log"
what="texts"
taken_over read -j2 "$tmp/long.log" $log
if has zlib; then
	what="what is packed"
	gzip -kc "$log" >"$tmp/log.gz"
	taken_over inflate "$tmp/log.gz"
	taken_over inflate --against="$tmp/log.gz" $log
	taken_over inflate --report=$page:"$tmp/h.html" "$tmp/log.gz"
fi
if has libxml-2.0; then
	what="--domain-xml"
	guest=testdata/domain-xml-mismatch/fires-memory
	taken_over xmlCtxtReadMemory --domain-xml=$guest/guest.xml $guest/guest.log
	grep -q PGT057 "$tmp/two" && good || bad "nothing is told of it"
	taken_over xmlCtxtReadMemory -j2 --domain-xml=$guest/guest.xml $guest/guest.log $log
	taken_over xmlCtxtReadMemory --report=$page:"$tmp/h.html" --domain-xml=$guest/guest.xml $guest/guest.log
	taken_over xmlCtxtReadMemory --against=$log --domain-xml=$guest/guest.xml $guest/guest.log
	taken_over xmlCtxtReadMemory --domain-xml=testdata/domain-xml-mismatch/not-a-domain/guest.xml $two
	is "status of what is none" "$("$bin" --domain-xml=Makefile $two >/dev/null 2>&1; echo $?)" 3
	# Its bytes come once; each process has them.
	"$bin" -j2 --domain-xml=<(cat $guest/guest.xml) $guest/guest.log $log >"$tmp/one" 2>&1
	"$bin" -j2 --domain-xml=$guest/guest.xml $guest/guest.log $log >"$tmp/two" 2>&1
	if cmp -s "$tmp/one" "$tmp/two"; then good; else bad "other words from a pipe"; fi
	what="--domain-xml without a sandbox"
	rm -f "$attempts"
	TAKEN_OVER=xmlCtxtReadMemory LD_PRELOAD=$tmp/taken_over.so "$bin" --no-sandbox \
		--domain-xml=$guest/guest.xml $guest/guest.log >/dev/null 2>&1
	if grep -q '^+ makes a file' "$attempts" && ! grep -q '^-' "$attempts"; then good; else bad "the attempts fail there, too"; fi
fi
what="--baseline"
"$bin" -f ndjson $two >"$tmp/baseline"
"$bin" -f json $two >"$tmp/baseline.json"
if has jansson; then
	for ways in $log "-j2 $two" "--report=$page:$tmp/h.html $log" "--against=$log $two"; do
		taken_over json_loadb --baseline="$tmp/baseline" $ways
	done
	"$bin" -j2 --baseline=<(cat "$tmp/baseline") $two >"$tmp/one" 2>&1
	"$bin" -j2 --baseline="$tmp/baseline" $two >"$tmp/two" 2>&1
	if cmp -s "$tmp/one" "$tmp/two"; then good; else bad "other words from a pipe"; fi
	{ echo; cat "$tmp/baseline"; echo '{'; } >"$tmp/torn"
	is "lines that are no records, told" "$("$bin" -q -j2 --baseline="$tmp/torn" $two 2>&1 | grep -c 'no whole record')" 1
fi
if has libxml-2.0; then
	"$bin" -f junit $two >"$tmp/baseline.xml"
	for ways in $log "-j2 $two" "--report=$page:$tmp/h.html $log"; do
		taken_over xmlReaderForMemory --baseline="$tmp/baseline.xml" $ways
	done
	echo '<testsuites>' >"$tmp/cut.xml"
	"$bin" -j2 --baseline="$tmp/cut.xml" $two >"$tmp/one" 2>&1
	is "status of what is cut" $? 3
	is "what it says" "$(cat "$tmp/one")" "pgtcheck: --baseline: $tmp/cut.xml: line 1: not well-formed XML"
fi
if has libelf; then
	what="--vmlinux"
	printf '%s\n' '.globl linux_banner' '.section .rodata' 'linux_banner: .asciz "Linux version 6.1.0 (x@y) #1"' |
		${CC:-cc} -x assembler -nostdlib -static -no-pie -Wl,-e,0 -o "$tmp/vmlinux-6.1.0" - 2>/dev/null
	for image in "$tmp/vmlinux-6.1.0" "$tmp"; do
		sed 's/Linux version [^ ]*/Linux version 6.1.0/' $log >"$tmp/6.1.0.log"
		taken_over elf_begin -v --vmlinux="$image" "$tmp/6.1.0.log"
		grep -q 'kernel of this boot is' "$tmp/two" && bad "it is not taken for the kernel's"
		taken_over elf_begin -j2 --vmlinux="$image" "$tmp/6.1.0.log" $log
		taken_over elf_begin --report=$page:"$tmp/h.html" --vmlinux="$image" "$tmp/6.1.0.log"
	done
	what="--vmlinux from a pipe"
	"$bin" -v -j2 --vmlinux=<(cat "$tmp/vmlinux-6.1.0") "$tmp/6.1.0.log" $log >"$tmp/one" 2>&1
	"$bin" -v -j2 --vmlinux="$tmp/vmlinux-6.1.0" "$tmp/6.1.0.log" $log >"$tmp/two" 2>&1
	if cmp -s "$tmp/one" "$tmp/two"; then good; else bad "other words than from the file"; fi
	what="--vmlinux that is no kernel, many inputs"
	"$bin" --vmlinux=Makefile $two >"$tmp/one" 2>&1
	is "status" $? 3
	is "what it says" "$(cat "$tmp/one")" "pgtcheck: --vmlinux: Makefile: is no kernel for x86: neither an ELF image nor a bzImage"
fi
if has libtracecmd; then
	what="a trace.dat"
	trace=testdata/tracedat/v7/trace.dat
	tar -cf "$tmp/trace.tar" -C testdata/tracedat v6/trace.dat v7/trace.dat
	for ways in "$trace" "$tmp/trace.tar" "-j2 $trace testdata/tracedat/v6/trace.dat $log" \
		"--trace=$trace $log" "--against=$trace $log" "--report=tap:$tmp/tap $trace"; do
		taken_over tracecmd_open_fd --timeline $ways
		"$bin" --timeline --no-sandbox $ways >"$tmp/two" 2>&1 </dev/null
		if cmp -s "$tmp/one" "$tmp/two"; then good; else bad "$ways: other words than without a sandbox"; fi
	done
	what="what reads a trace.dat and never ends"
	TAKEN_OVER_STAYS=1 LD_PRELOAD=$tmp/taken_over.so "$bin" $trace >/dev/null 2>&1 </dev/null &
	pid=$!
	sleep 0.5
	parser=$(child_of $pid pgtcheck)
	reader=$(child_of $pid pgtcheck-apart)
	is "its filter of system calls" "$(field "$reader" Seccomp)" $filter
	# A socket, and what it was given for the reader.
	is "what the starter holds" "$(ls "/proc/$pid/fd" | grep -cv '^[012]$')" 3
	is "its CPU time" "$(sed -n 's/^Max cpu time *\([0-9]*\) *\([0-9]*\).*/\1 \2/p' "/proc/$reader/limits")" "60 60"
	is "its memory" "$(sed -n 's/^Max data size *\([0-9]*\) *\([0-9]*\).*/\1 \2/p' "/proc/$reader/limits")" "2147483648 2147483648"
	kill -KILL "$parser"
	wait $pid 2>/dev/null
	is "the status when its parser is killed" $? 137
	is "what outlives the parser" "$(alive "$reader")" ""
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
