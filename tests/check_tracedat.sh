#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# trace.dat: cut and damaged files end with a message.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
build=${BUILD:-build}
cases=testdata/tracedat
. tests/counting.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A build without the library says so, and passes nothing.
mkdir "$work/alone"
cp "$bin" "$work/alone/pgtcheck"
"$work/alone/pgtcheck" -q --type=trace.dat "$cases/v7/trace.dat" >"$work/out" 2>&1
status=$?
if [ ! -e "$build/modules/pgtcheck-tracecmd.so" ]; then
	echo "skipped: this build has no module tracecmd (libtracecmd-dev, libtracefs-dev)"
	check_that "without its module a trace.dat gives status $status" [ $status = 3 ]
	echo "$passed passed, $failed failed"
	exit
fi

# ends FILE: with a status of ours, and no more than a line on standard error.
ends() {
	timeout 20 "$bin" -q "$1" >"$work/out" 2>"$work/errors"
	case $? in 0 | 3 | 4) [ "$(wc -l <"$work/errors")" -le 1 ];; *) return 1;; esac
}
RANDOM=7
for version in v6 v7; do
	file=$cases/$version/trace.dat
	size=$(stat -c %s $file)
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		at=$((10 + (RANDOM * 32768 + RANDOM) % (size - 10)))
		head -c $at $file >"$work/cut"
		check_that "$version cut at $at" ends "$work/cut"
		check_that "$version cut at $at is read as whole" [ -s "$work/errors" ]
		cp $file "$work/damaged"
		printf '\377\0\200\177' | dd of="$work/damaged" bs=1 seek=$at conv=notrunc status=none
		check_that "$version damaged at $at" ends "$work/damaged"
	done
done

# What trace-cmd itself makes of it, in words and raw, tells the same operations.
told() { "$bin" --timeline "$1" 2>/dev/null | grep '^ *[0-9]'; }
if command -v trace-cmd >/dev/null; then
	for version in v6 v7; do
		file=$cases/$version/trace.dat
		told $file >"$work/told"
		check_that "$version: nothing is told" [ -s "$work/told" ]
		for raw in "" -R; do
			trace-cmd report $raw -i $file >"$work/report" 2>/dev/null || continue
			told "$work/report" >"$work/reported"
			check_that "$version: trace-cmd report $raw tells something else" \
				cmp -s "$work/told" "$work/reported"
		done
	done
else
	echo "skipped: the comparison with trace-cmd report (no trace-cmd)"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
