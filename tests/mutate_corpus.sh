#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/mutate_corpus.sh MUTATE ROUNDS DIR
#
# Damages every text log and text trace of a corpus folder, in whatever file it stands
# (also unpacked from .xz), with the program MUTATE (tests/mutate.c). The last line:
# "N passed, N failed".
set -u
mutate=$(realpath "${1:?usage: tests/mutate_corpus.sh MUTATE ROUNDS DIR}")
rounds=${2:?} corpus=${3:?}
bin=$(realpath "${PGTCHECK:-$(dirname "$0")/../pgtcheck}")
export PGTCHECK_OPTS=--config=none
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What pgtcheck reads as lines is text; a dump's log is not the file's.
n=0
while IFS= read -r -d '' file; do
	n=$((n + 1))
	case $file in
	*.tar.* | *.core.xz) ;;
	*.xz) xz -dc "$file" >"$work/$n.${file##*/}" ;;
	*) ln -s "$(realpath "$file")" "$work/$n.${file##*/}" ;;
	esac
done < <(find "$corpus" -type f -size -16M -print0 | LC_ALL=C sort -z)
cd "$work" || exit 1
"$bin" -f ndjson ./* 2>/dev/null </dev/null |
	jq -r 'select(.type == "file" and .lines > 0 and .lines_of == null and .packing == null) | .file' >text
[ -s text ] || { echo "$corpus: no text log"; echo "0 passed, 1 failed"; exit 1; }

# One process for each CPU; none may fail.
cpus=$(nproc 2>/dev/null || echo 1)
for part in $(seq "$cpus"); do
	awk -v n="$cpus" -v k="$part" 'NR % n == k % n' text | tr '\n' '\0' |
		xargs -0 -r "$mutate" -s "$part" -n "$rounds" >"out.$part" 2>&1 &
done
wait
passed=0 failed=0
for part in $(seq "$cpus"); do
	[ -s "out.$part" ] || continue
	last=$(tail -n 1 "out.$part")
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
		[ "${BASH_REMATCH[2]}" -eq 0 ] || cat "out.$part"
	else   # it died
		tail -n 30 "out.$part"
		failed=$((failed + 1))
	fi
done
grep -h 'damaged inputs' out.*
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
