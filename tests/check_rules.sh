#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every rule is explained and has its cases: a firing one and a quiet one, or,
# where no log can fire it, one that says what it needs.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-./pgtcheck}
passed=0 failed=0
bad() { echo "$1"; failed=$((failed + 1)); }

list=$("$bin" --list-rules=json) || exit 1
for id in $(echo "$list" | jq -r '.[].id // .id' 2>/dev/null); do
	name=$(echo "$list" | jq -r --arg id "$id" '.[] | select(.id == $id) | .name')
	for field in title why fix source needs; do
		value=$(echo "$list" | jq -r --arg id "$id" --arg f "$field" \
			'.[] | select(.id == $id) | .[$f] // ""')
		[ -n "$value" ] || bad "$id: no $field"
	done
	[ -f "core/rules/${name//-/_}.c" ] || bad "$id: core/rules/${name//-/_}.c is missing"
	fires= quiet=
	for case in testdata/"$name"/*/; do
		[ -f "${case}expect.out" ] || continue
		if grep -q "\[$id " "${case}expect.out"; then
			fires=yes
			case $case in */quiet*/) bad "$id: $case is not quiet" ;; esac
		else
			quiet=yes
			case $case in */fires*/) bad "$id: $case does not fire" ;; esac
		fi
		case $case in */not-checked*/) fires=yes ;; esac
	done
	[ -n "$fires" ] || bad "$id: testdata/$name/ has no firing (or not-checked) case"
	[ -n "$quiet" ] || bad "$id: testdata/$name/ has no quiet case"
	for excerpt in 'A log in which it fires' 'A log in which it has nothing to say'; do
		"$bin" --explain="$id" | grep -A1 "^$excerpt" | grep -q '^    .' ||
			bad "$id: --explain lacks: $excerpt"
	done
	"$bin" --explain="$id" | grep -q "$name" || bad "$id: --explain does not explain it"
	passed=$((passed + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 40 ]
