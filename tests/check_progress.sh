#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The progress line: at a terminal only, for long inputs only, and gone in the end.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
log=$PWD/testdata/boots/healthy-native-6.1/boot.log
. tests/counting.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do cat "$log"; done >"$work/block"

# An input of 1.4 seconds at least, and until the one run that must show its
# progress has shown it: a machine under load starts it late. A file of its own
# and no exported function, which dash, the shell of script(1) where SHELL is
# not set, would drop from the environment.
cat >"$work/slowly" <<'EOF'
for beat in {1..150}; do
	cat "$1/block"
	sleep 0.2
	[ "$beat" -lt 7 ] || ! grep -qaF "MB/s" "$1/seen" || break
done
cat "$1/block"
EOF
slowly() { bash "$work/slowly" "$work"; }
erased=$'\r\e[K'
has() { grep -qaF -- "$2" "$1"; }
lacks() { ! has "$@"; }
ends_erased() { [[ $(tr -d '\n' <"$1") == *"$erased" ]]; }

if ! script -qec true /dev/null >/dev/null 2>&1; then
	echo "skipped: no script(1) here, so no terminal"
	echo "MB/s" >"$work/seen"
	slowly | "$bin" -q 2>"$work/file"
else
	# The report goes to a file, standard error to the terminal.
	terminal() { script -qec "$1 >'$work/out'" /dev/null </dev/null; }
	at_terminal() { terminal "bash '$work/slowly' '$work' | '$bin' -q $1"; }
	: >"$work/seen"
	slowly | "$bin" -q 2>"$work/file" &
	at_terminal --progress=never >"$work/never" &
	# Another process reads, which one that opens what is written has started.
	at_terminal "--report=tap:'$work/tap'" >"$work/kept" &
	at_terminal "" >"$work/seen"
	wait
	check_that "no progress line at a terminal" has "$work/seen" "MB/s"
	check_that "the progress line has no events" has "$work/seen" " events, "
	check_that "the progress line is still there in the end" ends_erased "$work/seen"
	[ "$failed" -eq 0 ] || od -c "$work/seen" | head
	check_that "no progress line where a report is written" has "$work/kept" "MB/s"
	check_that "a progress line in spite of --progress=never" lacks "$work/never" "MB/s"
	terminal "'$bin' -q '$log'" >"$work/short"
	check_that "a progress line for a short input" lacks "$work/short" "MB/s"
fi
check_that "a file got a progress line" [ ! -s "$work/file" ]
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
