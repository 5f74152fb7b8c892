#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Speed as ratios, all measured in one run on one machine: CPU time (user and
# system) against a plain tool on the same bytes, or instructions counted by
# callgrind. Times themselves mean nothing elsewhere and are not printed.
#
#   BENCH_DIR=DIR    where the corpora are kept (/tmp/pgtcheck-bench)
#   BENCH_QUICK=1    a tenth of everything
#   BENCH_LARGE=1    growth from 200 MB to 2 GB instead of 20 MB to 200 MB, and of
#                    traces from 5 to 50 million operations
#
# Ends with 0 unless something could not be run.
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 3

build=${BUILD:-build}
gen=$(realpath "$build/bench/gen") || exit 3
driver=$(realpath "$build/bench/driver") || exit 3
tool=$(realpath "${PGTCHECK:-./pgtcheck}") || exit 3
here=$PWD
dir=${BENCH_DIR:-/tmp/pgtcheck-bench}
patterns=$here/bench/patterns.txt
real=$here/testdata/boots/healthy-native-6.1/boot.log
seed=7
trouble=0

if [ "${BENCH_QUICK:-}" = 1 ]; then
	boots=190 files=2000 ranges=10000
	megabytes=20
else
	boots=1900 files=20000 ranges=100000
	megabytes=200
fi

name=${megabytes}MB

complain() {
	echo "bench: $*" >&2
	trouble=1
}

# make_log FILE GENERATOR-ARGUMENTS: written in large pieces, and once only.
make_log() {
	file=$1; shift
	if [ ! -s "$dir/$file" ]; then
		"$gen" "$@" | dd bs=4M iflag=fullblock of="$dir/$file.tmp" status=none &&
			mv "$dir/$file.tmp" "$dir/$file" || exit 3
	fi
	cat "$dir/$file" >"$dir/sink"
}

# Corpora of another generator are made again.
mkdir -p "$dir" || exit 3
stamp=$(cksum <bench/gen.c)
if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ]; then
	rm -rf "$dir"/*.log "$dir"/files-*
	echo "$stamp" >"$dir/stamp"
fi

# As it is when it is installed. What a linker has written stands in memory in small
# pieces, which a start maps one by one: 0.07 ms more where this was measured,
# a tenth of what wc takes in all.
rm -rf "$dir/bin"
mkdir "$dir/bin" || exit 3
for modules in modules build/modules; do
	[ ! -d "${tool%/*}/$modules" ] || cp -R "${tool%/*}/$modules" "$dir/bin/" || exit 3
done
cp "$tool" "$dir/bin/pgtcheck" || exit 3
tool=$dir/bin/pgtcheck

echo "bench: corpora in $dir" >&2
main=b$name.log
make_log $main boot $boots 60 150 $seed
make_log tenth-$name.log boot $((boots / 10)) 60 150 $seed
make_log c1.log boot 10 60 150 $seed
make_log c5.log boot 50 60 150 $seed
make_log ranges-$ranges.log ranges $ranges $seed
make_log ranges-${ranges}0.log ranges ${ranges}0 $seed
small=tenth-$name.log large=$main growth="logs, $((megabytes / 10)) to $megabytes MB"
if [ "${BENCH_LARGE:-}" = 1 ]; then
	if [ "$(df -Pk "$dir" | awk 'NR == 2 { print $4 }')" -gt 3000000 ]; then
		make_log large-$name.log boot ${boots}0 60 150 $seed
		small=$main large=large-$name.log growth="logs, $megabytes to ${megabytes}0 MB"
	else
		complain "no room for the large log in $dir"
	fi
fi
if [ ! -f "$dir/files-$files/names" ]; then
	rm -rf "$dir/files-$files"
	mkdir "$dir/files-$files" || exit 3
	"$gen" boot $files 60 150 11 "$dir/files-$files" || exit 3
	(cd "$dir/files-$files" && ls | grep 'log$' >../names && mv ../names names) || exit 3
fi
(cd "$dir/files-$files" && xargs cat <names >"$dir/sink")
rm -f "$dir/sink"

# A verdict of another kind takes another path: all of it must be healthy.
for log in $main c5.log ranges-$ranges.log; do
	"$tool" -q "$dir/$log" >"$dir/out" 2>&1 || complain "$log: exit status $?, see $dir/out"
done
# A boot that is not seen is work that is not done: the ratios would flatter.
seen=$("$tool" -f ndjson "$dir/$main" | sed -n 's/.*"type":"summary".*"boots":\([0-9]*\).*/\1/p')
[ "$seen" = $boots ] || complain "$main: pgtcheck sees ${seen:-no} boots of $boots"

# judge ID WHAT MEASURED UNIT up|down FLOOR GOAL: one line of the table.
judge() {
	awk -v id="$1" -v what="$2" -v m="$3" -v unit="$4" -v way="$5" -v floor="$6" -v goal="$7" 'BEGIN {
		s = way == "up" ? 1 : -1
		mark = s * m >= s * goal ? "goal" : s * m >= s * floor ? "floor" : "below floor"
		printf "%-4s %-46s %9.2f %-5s %8s %8s  %s\n", id, what, m, unit, floor, goal, mark
	}'
}

skip() {
	printf '%-4s %-46s skipped: %s\n' "$1" "$2" "$3"
}

# field ROW COLUMN: of what the driver printed.
field() {
	awk -F '\t' -v row="$1" -v column="$2" 'NR == row { print $column }' "$dir/rows"
}

# drive ARGUMENTS: false, said once, when a command could not be run.
drive() {
	"$driver" "$@" >"$dir/rows" || { complain "could not run: $*"; return 1; }
}

divide() {
	awk -v a="$1" -v b="$2" -v by="${3:-1}" 'BEGIN { if (b + 0 == 0) b = 1e-6; printf "%.4f", by * a / b }'
}

printf '%-4s %-46s %9s %-5s %8s %8s  %s\n' id what measured '' floor goal mark

set -- "wc -l $dir/$main" "$tool -q $dir/$main" "grep -c '' $dir/$main"
have_rg=1
command -v rg >/dev/null || have_rg=
if drive -r 7 "$1" "$2" -c "exec $3" ${have_rg:+"rg -j1 -c -f $patterns $dir/$main"}; then
	ours=$(field 2 1)
	judge G1 "$name: throughput against wc -l" "$(divide "$(field 1 1)" "$ours" 100)" % up 33 50
	if [ "$have_rg" ]; then
		judge G2 "times as fast as rg -j1, 60 patterns" "$(divide "$(field 4 1)" "$ours")" x up 5 8
	else
		skip G2 "times as fast as rg -j1, 60 patterns" "no rg here"
	fi
	judge G3 "times as fast as grep -c ''" "$(divide "$(field 3 1)" "$ours")" x up 1 1.3
	rss=$(field 2 3)
fi

if drive -r 400 "wc -l $real" "$tool -q $real"; then
	judge G4 "one real log, median wall against wc -l" "$(divide "$(field 2 4)" "$(field 1 4)")" x down 2 1.2
	judge G4 "  the same, minimum" "$(divide "$(field 2 5)" "$(field 1 5)")" x down 2 1.2
fi

# instructions LOG: how many pgtcheck takes for it.
instructions() {
	valgrind --tool=callgrind --callgrind-out-file="$dir/callgrind.out" "$tool" -q "$1" 2>&1 >"$dir/out" |
		awk '/Collected/ { print $NF; found = 1 } END { exit !found }'
}

have_valgrind=1
command -v valgrind >/dev/null || have_valgrind=
if [ ! "$have_valgrind" ]; then
	skip G4i "the same, million instructions" "no valgrind here"
elif count=$(instructions "$real"); then
	judge G4i "the same, million instructions" "$(divide "$count" 1000000)" M down 1.5 0.7
else
	complain "callgrind failed"
fi

# Short names from inside the folder: all fit one argument list, so xargs starts
# one process (and -x makes it fail rather than start two).
each="xargs -x -n $files -s 1000000 -a names"
if drive -r 5 -C "$dir/files-$files" "$each wc -l" "$each $tool -q"; then
	judge G5 "$files files, one process, against wc -l" "$(field 2 2)" x down 1.3 0.8
fi
# Two workers can only halve the time where two processors are free.
if drive -r 5 -C "$dir/files-$files" "$tool -q -j1 --files-from=names" "$tool -q -j2 --files-from=names"; then
	judge G5j "the same, -j2 against -j1, CPU" "$(field 2 2)" x down 1.05 1.05
	judge G5j "  the same, wall, minimum" "$(divide "$(field 2 5)" "$(field 1 5)")" x down 0.8 0.6
fi

[ -z "${rss:-}" ] ||
	judge G8l "max RSS, MiB: $name from a file" "$(divide "$rss" 1024)" MiB down 16 6
if drive -r 1 -c "cat $dir/$main | $tool -q"; then
	judge G8l "max RSS, MiB: $name from a pipe" "$(divide "$(field 1 3)" 1024)" MiB down 16 6
fi

# The large log is not exactly ten times the small one.
if drive -r 5 "$tool -q $dir/$small" "$tool -q $dir/$large"; then
	bytes=$(divide "$(wc -c <"$dir/$large")" "$(wc -c <"$dir/$small")")
	judge G9 "$growth: growth" "$(divide "$(field 2 2)" "$bytes" 10)" x down 12 10.5
fi
if drive -r 5 "$tool -q $dir/ranges-$ranges.log" "$tool -q $dir/ranges-${ranges}0.log"; then
	judge G9 "reserved ranges, $ranges to ${ranges}0: growth" "$(field 2 2)" x down 45 13
fi

if [ ! "$have_valgrind" ]; then
	skip G10 "instructions a line (5 MB less 1 MB)" "no valgrind here"
elif one=$(instructions "$dir/c1.log") && five=$(instructions "$dir/c5.log"); then
	lines=$(($(wc -l <"$dir/c5.log") - $(wc -l <"$dir/c1.log")))
	judge G10 "instructions a line (5 MB less 1 MB)" "$(divide $((five - one)) $lines)" "" down 200 120
else
	complain "callgrind failed"
fi
# Both write or read the same unpacked bytes; wall shows what the second processor
# gives, when it is free.
for pair in gzip:gz zstd:zst xz:xz bzip2:bz2; do
	unpacker=${pair%:*} packed=$dir/tenth-$name.${pair#*:}
	if ! command -v "$unpacker" >/dev/null; then
		skip G11 "log in $unpacker against $unpacker -dc" "no $unpacker here"
		continue
	fi
	[ "$packed" -nt "$dir/tenth-$name.log" ] || "$unpacker" -c "$dir/tenth-$name.log" >"$packed"
	if drive -r 9 "$unpacker -dc $packed" "$tool -q $packed"; then
		judge G11 "log in $unpacker against $unpacker -dc, CPU" "$(field 2 2)" x down 1.3 1.1
		judge G11 "  the same, wall, minimum" "$(divide "$(field 2 5)" "$(field 1 5)")" x down 1.3 1.1
	fi
done

# A dump without a note of VMCOREINFO is looked through for it: all of it is read.
dump=$dir/dump-$megabytes.core
mkcore=$build/tests/mkcore
if [ ! -e "$build/modules/pgtcheck-elf.so" ]; then
	skip G12 "memory dump against cat" "this build has no module elf"
else
	if [ ! -s "$dump" ]; then
		"$mkcore" tests/cores/native-6.1 -e nonote -e "fill $(printf %x $((megabytes * 256)))" \
			-e "log prb ffff888003000000 tests/cores/native-6.1.dmesg" >"$dump" || exit 3
	fi
	"$tool" -q "$dump" || complain "the dump: exit status $?"
	if drive -r 5 "$tool -q $dump" -c "exec cat $dump >/dev/null"; then
		judge G12 "$name dump, scan and walk: throughput against cat" \
			"$(divide "$(field 2 1)" "$(field 1 1)" 100)" % up 25 40
		judge G12 "  max RSS, MiB" "$(divide "$(field 1 3)" 1024)" MiB down 32 16
	fi
fi

. bench/traces.sh
[ $trouble = 0 ] || exit 3
