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
	# Without the last reservation before the last list.
	awk '{ line[NR] = $0 }
		/memblock_.*reserve(_range)?: \[/ { last = NR }
		/MEMBLOCK configuration|Subtract \(/ { cut = last }
		END { for (i = 1; i <= NR; i++) if (i != cut) print line[i] }' \
		testdata/boots/$log/boot.log |
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
