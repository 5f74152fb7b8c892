#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Healthy boots whose logs were harmed on their way, as serial lines, rings, consoles and
# mail do it: no rule may prove an error, nor infer one.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
export PGTCHECK_OPTS=--config=none
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/logs"
passed=0 failed=0
rounds=${ROUNDS:-6}

# Each is an awk program's END: line[1] to line[n] is the log, seed its number; any(n) is
# below n, and at() the number of a line, mostly of the first third.
lost='from = at(); to = from + any(any(40) + 1)
	for (i = 1; i <= n; i++) if (i < from || i > to) print line[i]'
holes='for (i = 1; i <= n; i++) if (any(25)) print line[i]'
overrun='from = at(); column = any(60); lose = any(any(200) + 1) + 1
	for (i = 1; i <= n; i++) text = text line[i] "\n"
	for (i = 1; i < from; i++) column += length(line[i]) + 1
	printf "%s%s", substr(text, 1, column), substr(text, column + lose + 1)'
digit='from = at(); gsub(/./, "& ", line[from]); m = split(line[from], c, " "); k = any(m) + 1
	for (i = 1; i <= n; i++)
		if (i != from) print line[i]
		else print substr(whole[i], 1, k) substr(whole[i], k + 1 + any(3) + 1)'
order='for (i = 1; i <= n; i++) key[i] = i + rand() * 4
	for (i = 1; i <= n; i++) { for (j = i; j > 1 && key[p[j - 1]] > key[i]; j--) p[j] = p[j - 1]; p[j] = i }
	for (i = 1; i <= n; i++) print line[p[i]]'
block='from = at(); to = from + any(60); gap = any(3)
	for (i = 1; i <= n; i++) {
		print line[i]
		if (i == to + gap) for (j = from; j <= to; j++) print line[j]
	}'
lag='by = any(20) + 1; from = any(2) ? 1 : at()
	for (i = 1; i < from; i++) print line[i]
	for (; i <= n + by; i++) { if (i <= n) print line[i]; if (i - by >= from) print line[i - by] }'
again='from = at()
	for (i = 1; i < from; i++) print line[i]
	printf "%s%s", substr(line[i], 1, any(length(line[i]) + 1)), any(2) ? "\n" : ""
	for (i = 1; i <= n; i++) print line[i]'
paste='from = at(); back = any(40)
	for (i = 1; i <= from; i++) print line[i]
	for (i = from > back ? from - back : 1; i <= n; i++) print line[i]'
columns='for (i = 1; i <= n; i++)
		for (; line[i] != ""; line[i] = substr(line[i], 81)) print substr(line[i], 1, 80)'
mail='for (i = 1; i <= n; i++) {
		for (rest = line[i]; length(rest) > 72 && (k = match(substr(rest, 1, 70), / [^ ]*$/)) > 20;
				rest = substr(rest, k + 1))
			print "> " substr(rest, 1, k - 1)
		print "> " rest
	}'

harm() {   # NAME LOG ROUND STAMPS FILE
	awk -v seed="$3$(cksum <<<"$1 $2" | cut -c 1-6)" -v stamps="$4" '
		function any(below) { return int(rand() * below) }
		function at() { return any(rand() < 0.7 ? n / 3 : n) + 1 }
		BEGIN { srand(seed) }
		{ if (!stamps) sub(/^\[ *[0-9]+[.][0-9]+\] ?/, ""); line[++n] = whole[n] = $0 }
		END { '"${!1}"' }' "$2" >"$tmp/logs/$5"
}
for log in testdata/boots/healthy-*/boot.log; do
	name=${log#testdata/boots/healthy-}; name=${name%%/*}
	for kind in lost holes overrun digit order block lag again paste columns mail; do
		for ((round = 1; round <= rounds; round++)); do
			harm $kind "$log" "$round" $((round % 2)) "$kind-$round-of-$name"
		done
	done
done
count=$(find "$tmp/logs" -type f | wc -l)
(cd "$tmp/logs" && "$bin" -f ndjson ./* 2>/dev/null </dev/null) >"$tmp/report"
files=$(jq -s 'map(select(.type == "file")) | length' "$tmp/report")
if [ "$files" -ne "$count" ]; then
	echo "$files of $count logs were read"
	failed=1
fi
while IFS= read -r blamed; do
	echo "$blamed"
	failed=$((failed + 1))
done < <(jq -r 'select(.type == "finding" and .severity == "error" and .certainty != "suspected")
	| "\(.file):\(.line): \(.rule) \(.certainty): \(.message)"' "$tmp/report")
echo "$((count - failed)) passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
