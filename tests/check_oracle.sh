#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own word against our replay: at every MEMBLOCK configuration dump
# (and Subtract list) of the shipped real boots, both are equal. A line taken out
# of such a boot must break it, or the comparison compares nothing.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
passed=0 failed=0 lists=0
facts() { jq -r 'select(.type == "file") | .boot_facts[]? | "\(.oracle_dumps) \(.oracle_agreed)"'; }
for log in testdata/boots/*/boot.log; do
	while read -r dumps agreed; do
		[ "$dumps" -gt 0 ] || continue
		lists=$((lists + dumps))
		if [ "$dumps" -eq "$agreed" ]; then
			passed=$((passed + 1))
		else
			echo "$log: $agreed of $dumps lists equal"
			failed=$((failed + 1))
		fi
	done < <("$bin" -f ndjson "$log" | facts)
done
for log in healthy-native-6.1 healthy-dom0-2.6.39 healthy-dom0-3.6 healthy-native-7.2; do
	# Without the node data's reservation, which lies between the dumps.
	grep -av 'NODE_DATA$\|NODE_DATA.$' testdata/boots/$log/boot.log |
		awk '/MEMBLOCK configuration/ { dumps++ } dumps == 1 && /memblock_.*reserve.*: \[/ && !cut { cut = 1; next } { print }' |
		"$bin" -f ndjson - | facts >"${TMPDIR:-/tmp}/pgtcheck-oracle.$$"
	read -r dumps agreed <"${TMPDIR:-/tmp}/pgtcheck-oracle.$$"
	rm -f "${TMPDIR:-/tmp}/pgtcheck-oracle.$$"
	if [ "${dumps:-0}" -gt "${agreed:-0}" ]; then
		passed=$((passed + 1))
	else
		echo "$log: a line was taken out, and the lists still agree"
		failed=$((failed + 1))
	fi
done
[ "$lists" -ge 20 ] || { echo "only $lists lists compared"; failed=$((failed + 1)); }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
