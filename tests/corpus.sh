#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/corpus.sh DIR [FILTER]
#
# Judges every log that DIR/EXPECT.tsv names and compares: exit status, findings
# that must be there, findings that must not. Then the oracle: on every log with
# the full memblock=debug stream, the replayed reservations equal each of the
# kernel's own lists. Last line: "N passed, N failed".
#
# EXPECT.tsv: file, exit (0|4), must (PGT001|PGT020,PGT061), never
# (error,warning,PGT002), args, why; tab-separated, - for nothing.
set -u
corpus=${1:?usage: tests/corpus.sh DIR [FILTER]}
filter=${2:-}
bin=${PGTCHECK:-$(dirname "$0")/../pgtcheck}
out=$(mktemp) input=$(mktemp) oracle=$(mktemp)
trap 'rm -f "$out" "$input" "$oracle"' EXIT
passed=0 failed=0

has() {   # RULE -> is it found?
	grep -q '"type":"finding".*"rule":"'"$1"'"' "$out"
}

trouble_of() {   # STATUS WANT MUST NEVER -> says what is wrong
	local clause alternative word found
	case "|$2|" in *"|$1|"*) ;; *) echo "exit $1, want $2" ;; esac
	[ "$(grep -c '"type":"file"' "$out")" -eq 1 ] || echo "not one file record"
	jq -es 'all(type == "object")' "$out" >/dev/null 2>&1 || echo "not JSON lines"
	if [ "$3" != - ]; then
		for clause in ${3//,/ }; do
			found=
			for alternative in ${clause//|/ }; do
				has "$alternative" && found=yes
			done
			[ -n "$found" ] || echo "$clause is missing"
		done
	fi
	if [ "$4" != - ]; then
		for word in ${4//,/ }; do
			case $word in
			error|warning|note)
				grep -q '"type":"finding".*"severity":"'"$word"'"' "$out" &&
					echo "$word must not be there" ;;
			*)
				has "$word" && echo "$word must not be there" ;;
			esac
		done
	fi
}

while IFS=$'\t' read -r file want must never args _; do
	case $file in ''|'#'*) continue ;; esac
	case $file in *"$filter"*) ;; *) continue ;; esac
	path=$corpus/$file
	case $file in *.xz) xz -dc "$path" >"$input"; path=$input ;; esac
	[ "$args" = - ] && args=
	# shellcheck disable=SC2086
	"$bin" -f ndjson ${args//\{\}/$corpus} "$path" >"$out" 2>/dev/null </dev/null
	trouble=$(trouble_of $? "$want" "$must" "$never")
	if [ -n "$trouble" ]; then
		echo "$file: $(echo "$trouble" | tr '\n' ';')"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
	jq -r --arg f "$file" 'select(.type == "file") | .boot_facts[]?
		| select(.oracle_dumps > 0)
		| "\($f)\t\(.oracle_dumps)\t\(.oracle_agreed)\t\(.oracle_difference // "")"' \
		"$out" >>"$oracle"
done <"$corpus/EXPECT.tsv"

# What is known to break the oracle, with the reason; everything else must agree.
excused() {
	case $1 in
	public-*) return 0 ;;   # excerpts and patched kernels: reported, not required
	*) return 1 ;;
	esac
}
while IFS=$'\t' read -r file dumps agreed difference; do
	if [ "$dumps" -eq "$agreed" ]; then
		passed=$((passed + 1))
	elif excused "$file"; then
		echo "oracle: $file: $agreed of $dumps lists equal ($difference)"
	else
		echo "oracle: $file: $agreed of $dumps lists equal ($difference): FAIL"
		failed=$((failed + 1))
	fi
done <"$oracle"
awk -F'\t' '{ d += $2; a += $3; n++ } END {
	printf "oracle: %d lists of %d boots compared, %d equal\n", d, n, a }' "$oracle"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
