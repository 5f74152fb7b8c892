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
out=$(mktemp) input=$(mktemp) oracle=$(mktemp) traces=$(mktemp)
trap 'rm -f "$out" "$input" "$oracle" "$traces"' EXIT
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
	jq -r --arg f "$file" 'select(.type == "file") | .boot_facts[]? | .trace
		| select(. and .operations > .unanswered)
		| [$f, .operations - .unanswered, .agreed, .disagreed, .unknown,
		   .refused, .agreed_refused, .agreed_presumed, .not_as_presumed,
		   ((.unknown_by.ADDRESS // 0) + (.unknown_by.PAGE // 0)),
		   (.unknown_by | to_entries | map("\(.key) \(.value)") | join(", "))] | @tsv' \
		"$out" >>"$traces"
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

# Traces that carry Xen's answer: the replay never says otherwise, refuses what Xen
# refused by the rules it knows, and knows nearly all.
while IFS=$'\t' read -r file answered agreed disagreed unknown refused both presumed wrong hidden why; do
	trouble=
	[ "$disagreed" -eq 0 ] || trouble="$trouble $disagreed disagree;"
	[ "$wrong" -eq 0 ] || trouble="$trouble $wrong not as presumed;"
	[ "$refused" -eq "$both" ] || trouble="$trouble refuses $both of $refused;"
	# Where the trace hides the addresses, or what is behind them, nothing can be known.
	[ $(((unknown - hidden) * 50)) -le "$answered" ] || trouble="$trouble more than 2 % unknown;"
	case $file in */lab6.1-debug-*bug1*)
		[ "$both" -eq 1 ] || trouble="$trouble the pin that was refused is not;" ;;
	esac
	echo "trace: $file: $answered operations, $agreed agreed ($presumed of them on" \
		"what was presumed), $disagreed disagreed, $wrong not as presumed, $unknown unknown ($why)${trouble:+: FAIL:$trouble}"
	if [ -n "$trouble" ]; then failed=$((failed + 1)); else passed=$((passed + 1)); fi
done <"$traces"

# Whatever form a trace has, what --write-trace makes of it is judged alike.
findings() { jq -c 'select(.type == "finding") | [.rule, .certainty, .first_pfn, .end_pfn]' "$1"; }
for path in "$corpus"/lab-traces/* "$corpus"/lab-era/*trace39* "$corpus"/lab-modern/lab6.1-debug*; do
	[ -f "$path" ] && [[ $path == *"$filter"* ]] || continue
	case $path in *.xz) xz -dc "$path" >"$input" ;; *) cp "$path" "$input" ;; esac
	rm -f "$traces.mmu"
	"$bin" -f ndjson --write-trace="$traces.mmu" "$input" >"$out" 2>/dev/null </dev/null
	[ -f "$traces.mmu" ] || continue
	if cmp -s <(findings "$out") <("$bin" -f ndjson "$traces.mmu" | findings -); then
		passed=$((passed + 1))
	else
		echo "$path: what --write-trace makes of it has other findings"
		failed=$((failed + 1))
	fi
	rm -f "$traces.mmu"
done

# Memory dumps, one after the other: healthy, so nothing is found, and the log of a
# kdump is the one that dmesg printed.
timeline() {
	"$bin" --timeline "$1" 2>/dev/null </dev/null | grep -E '^ +[0-9]+ ' | grep -v ' dump: '
}
judge_dump() {   # NAME FILE
	if "$bin" -f ndjson "$2" 2>/dev/null </dev/null >"$out" &&
	   ! grep '"type":"finding"' "$out" | grep -qv '"severity":"note"' &&
	   "$bin" --timeline "$2" </dev/null | grep -q 'dump: walked'; then
		passed=$((passed + 1))
	else
		echo "$1: a healthy dump must be walked and silent"
		failed=$((failed + 1))
	fi
	case $1 in
	kdump-*)
		if cmp -s <(timeline "$2") <(timeline "$cores/kdump-6.1-320M.dmesg"); then
			passed=$((passed + 1))
		else
			echo "$1: its log is not what dmesg printed"
			failed=$((failed + 1))
		fi ;;
	esac
}
cores=$corpus/lab-cores
if [ -f "$cores/pgtguest.core.xz" ] && [ -z "$filter" ]; then
	xz -dc "$cores/pgtguest.core.xz" >"$input"
	judge_dump pgtguest.core "$input"
	for name in $(tar tJf "$cores/vmcores-6.1-nokaslr.tar.xz"); do
		tar xJOf "$cores/vmcores-6.1-nokaslr.tar.xz" "$name" >"$input"
		judge_dump "$name" "$input"
	done
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
