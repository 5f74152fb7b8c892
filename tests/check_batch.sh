#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many inputs: the same bytes for any number of processes, shards, resumption,
# sums, and a worker that dies.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
. tests/counting.sh
files() { grep '"type":"file"' "$@" | sed 's/.*"file":"\([^"]*\)".*/\1/'; }
records() { grep -hv '"type":"summary"' "$@"; }

# Healthy and broken boots, bytes that are no log, and what cannot be read.
find testdata -name '*.log' | LC_ALL=C sort | awk 'NR % 7 == 1' >"$tmp/list"
{ echo "$tmp/missing"; echo Makefile; echo testdata/boots; } >>"$tmp/list"
count=$(($(wc -l <"$tmp/list") - 1))   # the folder holds no file itself
"$bin" -f ndjson --files-from="$tmp/list" >"$tmp/all" 2>"$tmp/all.err"
check "status of a batch with a missing file is not 3" $(($? - 3))
check "not one record for each input" $(($(files "$tmp/all" | wc -l) - count - 1))

# One after another, in processes of their own. An archive stands for several inputs.
tar -cf "$tmp/three.tar" testdata/boots/healthy-*2.6.39/boot.log testdata/tail-left-ro/fires/boot.log Makefile
sed "2i $tmp/three.tar" "$tmp/list" >"$tmp/mixed"
while read -r name; do "$bin" "$name"; done <"$tmp/mixed" >"$tmp/singly" 2>"$tmp/singly.err"
for format in $("$bin" --help | sed -n '/^Formats/,/^$/p' | awk 'NR > 1 && NF { print $1 }'); do
	"$bin" -f $format testdata/boots/healthy-native-6.1/boot.log 2>&1 | grep -q 'no module' && continue
	"$bin" -f $format --files-from="$tmp/mixed" >"$tmp/1" 2>"$tmp/1.err"
	for jobs in 2 3 9; do
		"$bin" -f $format -j$jobs --files-from="$tmp/mixed" >"$tmp/n" 2>"$tmp/n.err"
		cmp -s "$tmp/1" "$tmp/n" && cmp -s "$tmp/1.err" "$tmp/n.err"
		check "-f $format: -j$jobs prints other bytes than -j1" $?
	done
	[ $format != human ] || { cmp -s "$tmp/1" "$tmp/singly" && cmp -s "$tmp/1.err" "$tmp/singly.err"; }
	check "a batch prints something else than its inputs one by one" $?
done

# Nothing of an input reaches the next one, whichever comes first.
find testdata -name '*.log' | LC_ALL=C sort >"$tmp/logs"
while read -r name; do "$bin" -f gcc "$name"; done <"$tmp/logs" 2>&1 | sort >"$tmp/each"
for order in cat tac; do
	$order "$tmp/logs" | "$bin" -f gcc --files-from=- 2>&1 | sort | cmp -s - "$tmp/each"
	check "what is found in a log depends on the logs before it ($order)" $?
done
# An excerpt is of the domain that Xen names in it; the next one may name another.
echo '(XEN) mm.c:2241:d4 Mfn 1cc37 not pinned' >"$tmp/d4.log"
"$bin" -f gcc "$tmp/d4.log" testdata/rw-before-pin/fires-console-only/boot.log | grep -q PGT001
check "an excerpt's domain is kept for the next input" $?

tr '\n' '\0' <"$tmp/list" | "$bin" -f ndjson -0 --files-from=- 2>/dev/null | cmp -s - "$tmp/all"
check "-0 reads other names" $?
xargs "$bin" -f ndjson <"$tmp/list" 2>/dev/null | cmp -s - "$tmp/all"
check "operands and a list give different records" $?
"$bin" -q -j2 --files-from="$tmp/list" >"$tmp/quiet" 2>/dev/null
[ $? -eq 3 ] && [ ! -s "$tmp/quiet" ]
check "-q with -j is not quiet, or has another status" $?

# What is empty is no pass.
: >"$tmp/nothing"
"$bin" --files-from="$tmp/nothing" >/dev/null 2>&1; check "an empty list is status $?, not 4" $(($? - 4))
mkdir "$tmp/folder"
"$bin" "$tmp/folder" >/dev/null 2>&1; check "an empty folder is status $?, not 3" $(($? - 3))

# --- records read again need the JSON module
if "$bin" --merge "$tmp/all" 2>&1 | grep -q 'no module'; then
	echo "skipped: no JSON module in this build (libjansson-dev)"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
fi

for k in 1 2 3 4; do
	"$bin" -f ndjson --shard=$k/4 --files-from="$tmp/list" >"$tmp/shard$k" 2>/dev/null
done
# Trouble with a folder is every shard's; all else is exactly one's.
records "$tmp"/shard? | sort | uniq >"$tmp/sharded"
records "$tmp/all" | sort | cmp -s - "$tmp/sharded"
check "shards together are not the whole" $?
grep -v testdata/boots\" "$tmp/list" >"$tmp/plain"
sed -i -e '/^testdata\/boots$/d' -e "2i $tmp/three.tar" "$tmp/plain"
"$bin" -f ndjson --files-from="$tmp/plain" >"$tmp/all" 2>/dev/null
for k in 1 2 3 4; do
	"$bin" -f ndjson -j2 --shard=$k/4 --files-from="$tmp/plain" >"$tmp/shard$k" 2>/dev/null
done
tail -n 1 "$tmp/all" >"$tmp/summary"
merge() { "$bin" -f ndjson --merge "$@" 2>/dev/null; }
merge "$tmp"/shard[1234] | cmp -s - "$tmp/summary"; check "merged shards have another summary" $?
merge "$tmp"/shard[42] >"$tmp/m42"; merge "$tmp"/shard[31] >"$tmp/m31"
merge "$tmp/m42" "$tmp/m31" | cmp -s - "$tmp/summary"; check "merging is not associative" $?
merge "$tmp/m31" "$tmp/m42" | cmp -s - "$tmp/summary"; check "merging is not commutative" $?
cat "$tmp"/shard[1234] | "$bin" -f ndjson --merge - | cmp -s - "$tmp/summary"
check "shards in one file have another sum" $?
records "$tmp/all" | "$bin" -f ndjson --merge - | cmp -s - "$tmp/summary"
check "file records alone have another sum" $?
"$bin" -f json --files-from="$tmp/plain" 2>/dev/null | "$bin" -f ndjson --merge - | cmp -s - "$tmp/summary"
check "the json format has another sum" $?
"$bin" -f ndjson --summary=only --files-from="$tmp/plain" 2>/dev/null | cmp -s - "$tmp/summary"
check "--summary=only is not the last record" $?
# jq adds up the file records, and knows nothing of ours.
jq -sc '[.[] | select(.type == "file")] | [length, (map(.bytes) | add, min, max), (map(.errors) | add),
	(map(.warnings) | add), (map(.notes) | add), (map(select(.status == 1)) | length)]' \
	<"$tmp/all" >"$tmp/jq"
jq -c '[.files, .bytes, .bytes_min, .bytes_max, .errors, .warnings, .notes, .files_with_findings]' \
	<"$tmp/summary" | cmp -s - "$tmp/jq"
check "the summary is not what jq counts" $?

# Torn at any byte: done again, nothing lost, nothing twice.
size=$(stat -c %s "$tmp/all")
member=$(grep -abm1 '"archive":' "$tmp/all" | cut -d: -f1)
for cut in 0 1 $member $((member + 3000)) $((size / 3)) $((size / 2)) $((size - 3000)) $((size - 1)); do
	head -c $cut "$tmp/all" >"$tmp/torn"
	"$bin" -f ndjson --skip-done="$tmp/torn" --files-from="$tmp/plain" >"$tmp/rest" 2>"$tmp/rest.err"
	to=$(sed -n 's/.*truncate -s \([0-9]*\).*/\1/p' "$tmp/rest.err")
	[ -z "$to" ] || truncate -s "$to" "$tmp/torn"
	cat "$tmp/torn" "$tmp/rest" | records | sort | cmp -s - <(records "$tmp/all" | sort)
	check "cut at $cut, resumed: records are lost or twice" $?
	# As the manual has it: what was torn stays as it is.
	head -c $cut "$tmp/all" >"$tmp/torn"
	merge "$tmp/torn" "$tmp/rest" | cmp -s - "$tmp/summary"
	check "cut at $cut, resumed and merged: another sum" $?
done
"$bin" -f ndjson --skip-done="$tmp/not-there" --files-from="$tmp/plain" 2>/dev/null | cmp -s - "$tmp/all"
check "--skip-done with no file yet is no first run" $?
"$bin" -f ndjson --skip-done=Makefile --files-from="$tmp/plain" >"$tmp/out" 2>"$tmp/err"
check "--skip-done of another file: status is not 3" $(($? - 3))
! grep -q truncate "$tmp/err"; check "--skip-done advises to empty another file" $?

# Every format is made by as many processes as -j says.
mkfifo "$tmp/fifo"
for format in human tap junit html; do
	"$bin" -f $format -j2 testdata/boots/*/boot.log - testdata/boots/*/boot.log \
		<"$tmp/fifo" >/dev/null 2>&1 &
	first=$!
	exec 8>"$tmp/fifo"
	head -c 300000 <(yes 'a line that says nothing') >&8 2>/dev/null
	set -- $(cat /proc/$first/task/$first/children)
	exec 8>&-
	wait $first
	check "-f $format -j2 has $# processes for two units of inputs" $(($# - 2))
done

# A worker dies on one input: that has its record, and no other is lost. It dies when it
# has read more than the pipe holds. tap: the points after it keep their numbers.
for format in ndjson tap; do
	"$bin" -f $format -j1 testdata/boots/*/boot.log - testdata/boots/*/boot.log \
		<"$tmp/fifo" >"$tmp/crash" 2>"$tmp/crash.err" &
	first=$!
	exec 8>"$tmp/fifo"
	head -c 300000 <(yes 'a line that says nothing') >&8 2>/dev/null
	children=$(cat /proc/$first/task/$first/children)
	for child in $children; do kill -KILL "$child"; done
	# The end of the pipe would let one that is not dead yet finish.
	for child in $children; do while kill -0 "$child" 2>/dev/null; do sleep 0.01; done; done
	exec 8>&-
	wait $first
	check "$format: status after a crash is not 3" $(($? - 3))
	grep -q 'ended by signal 9' "$tmp/crash.err"; check "$format: a crash is not told" $?
	[ $format != ndjson ] || files "$tmp/crash" >"$tmp/crash.names"
	[ $format != tap ] || grep -c '^ok\|^not ok' "$tmp/crash" >"$tmp/crash.points"
done
ls testdata/boots/*/boot.log >"$tmp/boots"
cat "$tmp/boots" <(echo -) "$tmp/boots" | cmp -s - "$tmp/crash.names"
check "a crash loses records" $?
sed -n 's/^\(not \)\?ok \([0-9]*\) .*/\2/p' "$tmp/crash" | cmp -s - <(seq "$(cat "$tmp/crash.points")")
check "a crash disturbs the numbers of tap" $?
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
