#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 2,000 logs by GNU parallel: in batches, in shards, and resumed after a kill in
# the middle. Nothing is lost, nothing is there twice. COUNT=N: another number.
set -u
if ! command -v parallel >/dev/null || ! parallel --version 2>/dev/null | grep -q 'GNU parallel'; then
	echo "skipped: no GNU parallel here (apt-get install parallel)"
	exit 0
fi
. "$(dirname "$0")/corpus.sh"
trap 'rm -rf "$tmp"' EXIT
export bin tmp HOME="$tmp"   # parallel keeps files of its own there
make_fleet "${COUNT:-2000}"
silent() { parallel --will-cite "$@" 2>/dev/null; }

tr '\n' '\0' <"$tmp/list" | silent -0 -j 4 -m -n 100 "$bin" -f ndjson >"$tmp/batched"
same "batches of 100" "$tmp/batched"
# Without grouping by parallel, many processes append to one file.
silent -j 8 --ungroup "$bin" -f ndjson --shard={}/16 --files-from="$tmp/list" '>>' "$tmp/appended" ::: $(seq 16)
same "16 shards appending to one file" "$tmp/appended"
silent -j 4 "$bin" -f ndjson -j 2 --shard={}/8 --files-from="$tmp/list" '>' "$tmp/out/{}" ::: $(seq 8)
same "8 shards" "$tmp"/out/*

# Killed in the middle: the first process of each of two shards, then one over
# all. What is torn is cut as the message says, and the rest is appended.
resume() {   # OUT ARGUMENTS...
	local out=$1 to
	shift
	"$bin" -f ndjson --skip-done="$out" "$@" >"$out.rest" 2>"$out.err"
	to=$(sed -n 's/.*truncate -s \([0-9]*\).*/\1/p' "$out.err")
	[ -z "$to" ] || truncate -s "$to" "$out"
	cat "$out.rest" >>"$out"
	rm "$out.rest" "$out.err"
}
kill_at() {   # OUT BYTES ARGUMENTS...: -9 when so much is written
	local out=$1 bytes=$2 pid
	shift 2
	: >"$out"
	"$bin" -f ndjson "$@" >"$out" 2>/dev/null &
	pid=$!
	while kill -0 $pid 2>/dev/null && [ "$(stat -c %s "$out")" -lt "$bytes" ]; do :; done
	kill -9 $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
}
size=$(stat -c %s "$tmp/all") killed=0
rm "$tmp"/out/*
for k in 1 2; do
	kill_at "$tmp/out/$k" $((size / 6)) -j 2 --shard=$k/2 --files-from="$tmp/list"
	resume "$tmp/out/$k" -j 2 --shard=$k/2 --files-from="$tmp/list"
done
same "two shards, killed and resumed" "$tmp/out/1" "$tmp/out/2"
rm "$tmp"/out/*
kill_at "$tmp/out/all" $((size / 4)) -j 3 --files-from="$tmp/list"
kept=$(grep -c '"type":"file"' "$tmp/out/all")
resume "$tmp/out/all" -j 2 --files-from="$tmp/list"
same "one run, killed and resumed" "$tmp/out/all"
check "no run was there to be killed" $((killed == 0))
check "the kill was not in the middle: $kept records" $((kept == 0 || kept >= $(wc -l <"$tmp/list")))
sleep 0.3
check "workers outlive their first process" "$(pgrep -cf "files-from=$tmp/list")"
finish
