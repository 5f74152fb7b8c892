#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Logs come from strangers: whatever the bytes, the status is 0, 1, 3 or 4, the
# report is JSON with one file record, no control byte reaches a terminal, and
# it ends soon. Damage is drawn with a fixed seed. LOOPS=N: N times as much.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C
bin=${PGTCHECK:-$PWD/pgtcheck}
loops=${LOOPS:-1}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
in=$tmp/input.log

bad() {   # WHAT
	echo "$what: $1"
	failed=$((failed + 1))
}

# The status is one we know; $out holds standard output.
run() {   # OPTION...
	# Processor time, not time: what else the machine does is no failure of ours.
	(ulimit -S -t 10; exec timeout 60 "$bin" "$@") >"$tmp/out" 2>"$tmp/err"
	status=$?
	case $status in
	0 | 1 | 3 | 4) ;;
	124 | 152) bad "$*: takes more than 10 s" ; return 1 ;;
	*) bad "$*: status $status"; head -3 "$tmp/err"; return 1 ;;
	esac
	# A sanitizer's own status is 1.
	if grep -q 'Sanitizer\|runtime error' "$tmp/err"; then
		bad "$*: sanitizer"; grep -m1 'ERROR\|runtime error' "$tmp/err"
		return 1
	fi
}

is_json() {
	jq -es '[.[] | select(.type == "file")] | length == 1' "$tmp/out" >/dev/null 2>&1 ||
		{ bad "$*: not JSON with one file record"; return 1; }
}

# Nothing below a blank but line ends, no DEL; UTF-8 whose C1 part is escaped.
is_printable() {
	if tr -d '\n' <"$tmp/out" | grep -q '[[:cntrl:]]' ||
	   grep -q $'\xc2[\x80-\x9f]' "$tmp/out"; then
		bad "$*: control bytes"
		return 1
	fi
}

try() {   # WHAT, of $in, one file and one kind of report in turn
	what=$1
	run -v -f ndjson "$in" && is_json ndjson && is_printable ndjson &&
		run -v --domain=all --context=2 "$in" && is_printable human &&
		passed=$((passed + 1))
}

try_json() {   # WHAT: quicker
	what=$1
	run -f ndjson "$in" && is_json ndjson && passed=$((passed + 1))
}

# --- cut after every so many bytes ---------------------------------------------

small=testdata/tail-left-ro/fires/boot.log
size=$(wc -c <"$small")
# Cheap first: none may die. One run reads all prefixes.
mkdir "$tmp/cut"
for ((i = 0; i <= size; i += 4)); do
	head -c "$i" "$small" >"$tmp/cut/$i"
done
what="prefixes of $small"
run -f ndjson "$tmp"/cut/* &&
	if [ "$(jq -s '[.[] | select(.type == "file")] | length' "$tmp/out")" -eq "$(ls "$tmp/cut" | wc -l)" ]; then
		passed=$((passed + 1))
	else
		bad "not one record for each"
	fi

# --- damage ----------------------------------------------------------------

# mutate SEED HOW <log: one kind of damage.
mutate() {
	awk -v seed="$1" -v how="$2" '
	function any(n) { return int(rand() * n) + 1 }
	BEGIN {
		srand(seed)
		for (step = "x"; length(step) < 8192; ) step = step step
		n = split("0xffffffffffffffff 0 ffffffffffffffff 18446744073709551615 -1 " \
			"99999999999999999999 8000000000000000 1 ffffffff fffffffffffff", number, " ")
		k = split("(XEN) |\033[31m|\302\233|\342\200\256|\377\376|[    0.000000] |(d3) |\"\\\001|%n%s", odd, "|")
	}
	{ line[NR] = told[NR] = $0 }
	END {
		if (how == "shuffle")
			for (i = NR; i > 1; i--) { j = any(i); t = line[i]; line[i] = line[j]; line[j] = t }
		for (r = 0; r < 30 && NR; r++) {
			i = any(NR)
			c = any(length(line[i]) + 1)
			head = substr(line[i], 1, c - 1); tail = substr(line[i], c)
			if (how == "numbers" && match(tail, /[0-9a-f][0-9a-f][0-9a-f]+/))
				line[i] = head substr(tail, 1, RSTART - 1) number[any(n)] substr(tail, RSTART + RLENGTH)
			else if (how == "odd")
				line[i] = head odd[any(k)] tail
			else if (how == "join")
				line[i] = line[i] " " told[any(NR)] " " told[any(NR)]
			else if (how == "cut")
				line[i] = head
			else if (how == "repeat")
				for (c = 0; c < 40; c++) line[i] = line[i] "\n" told[any(NR)]
			else if (how == "long")
				{ for (c = any(9); c > 0; c--) line[i] = line[i] step; r += 10 }
		}
		for (i = 1; i <= NR; i++) print line[i]
	}'
}

seed=0
for ((loop = 0; loop < loops; loop++)); do
	for log in testdata/*/*/*.log; do
		[ "$(wc -c <"$log")" -lt 60000 ] || continue
		seed=$((seed + 1))
		# Two kinds of damage a log; over the logs, all of them.
		kinds=(shuffle numbers odd join cut repeat long)
		how=${kinds[seed % 7]} more=${kinds[seed / 7 % 7]}
		mutate $seed "$how" <"$log" | mutate $((seed + 1000)) "$more" >"$in"
		if [ $((seed % 4)) -eq 0 ]; then
			try "$log, seed $seed, $how and $more"
		else
			try_json "$log, seed $seed, $how and $more"
		fi
	done
done

# --- made to hurt ------------------------------------------------------------

# repeat LINE COUNT: "%i" is the number.
repeat() {
	awk -v line="$1" -v count="$2" 'BEGIN { for (i = 0; i < count; i++) {
		l = line; while (match(l, /%[ix]/)) {
			v = substr(l, RSTART + 1, 1) == "i" ? i : sprintf("%010x", i * 4096)
			l = substr(l, 1, RSTART - 1) v substr(l, RSTART + 2) }
		print l } }'
}

{ yes "CR2: 0" | head -9000 | tr '\n' ' '; echo; } >"$in"
try "9000 messages on one line"
head -c 3000000 /dev/zero >"$in"
try "NULs alone"
{ echo 'Linux version 5.10.0 (x)'; head -c 3000000 /dev/zero | tr '\0' x; } >"$in"
try "one long line, no line end"
{ head -c 70000 /dev/zero | tr '\0' x; echo; } >"$in"
what="a line above the bound in one block"
run -v "$in" && if grep -q 'longer than' "$tmp/out"; then
	passed=$((passed + 1)); else bad "cut in silence"; fi
{ head -c 600000 /dev/zero | tr '\0' '['; echo; } >"$in"
try "brackets"
repeat 'memblock_reserve: [0x000000%x-0x000000%x] label%i+0x1/0x2' 20000 >"$in"
try "many labels"
repeat '(d%i) Linux version 5.10.0 (x)' 20000 >"$in"
try "many domains"
repeat '[    0.000000] Linux version 5.10.0 (x)' 5000 >"$in"
try "many boots"
for ((i = 0; i < 3000; i++)); do
	echo '[    0.000000] Linux version 6.1.0 (x)'
	echo '[    0.000000] xenmmu: update_va_mapping va=0xffffffff821c3000 val=0x8000000000000061 flags=0x0 ret=0'
	echo '[    0.000000] xenmmu: update_va_mapping va=0xffffffff81a0a000 val=0x80003fffffff0061 flags=0x0 ret=0'
done >"$in"
try "many boots with operations on frames far apart"
yes $'(d1) Linux version 5.10.0 (x)\n(d2) Linux version 5.10.0 (x)\n(d2) Linux version 5.10.0 (x)' |
	head -60000 >"$in"
what="boots that end in another order than they begin"
run -q "$in" && passed=$((passed + 1))
{ repeat 'memblock_add: [0x000000%x-0x000001%x] foo+0x1/0x2' 20000
  yes $'MEMBLOCK configuration:\n memory[0x0]\t[0x0000000000000000-0x00000fffffffffff], 0x1 bytes\nBRK [0x01ff1000, 0x01ff1fff] PGTABLE' |
	head -60000; } >"$in"
try "many dumps of a large map"
{ repeat 'BIOS-e820: [mem 0x000000%x-0x000000%x] reserved' 20000
  yes 'e820: update [mem 0x0000000000000000-0x000fffffffffffff] usable ==> reserved' | head -20000; } >"$in"
try "many edits of a large map"
{ printf '(XEN) Xen version 4.4.1 (x) debug=y\n(XEN) Xen-e820 RAM map:\n'
  repeat '(XEN)  [00000%x0, 00000%x1] (usable)' 20000
  yes '(d1) Linux version 5.10.0 (x)' | head -5000; } >"$in"
try "many guests under a large host map"
repeat '(XEN) mm.c:2466:d0 Bad type (saw 7400000000000001 != exp 1000000000000000) for mfn %x (pfn %x)' 30000 >"$in"
try "many complaints"

# --- block borders: the verdict does not depend on where a block ends ----------

log=testdata/tail-left-ro/fires/boot.log
want=$("$bin" -f gcc "$log" | grep -o 'PGT[0-9]*' | sort | uniq -c)
for border in 4096 8192 65536 262144; do
	for off in -70 -33 -1 0 1 31 63; do
		what="a block border at $border, $off"
		fill=$((border + off - 200))
		{ head -c "$fill" /dev/zero | tr '\0' x | fold -w 60; echo; cat "$log"; } >"$in"
		got=$("$bin" -f gcc "$in" | grep -o 'PGT[0-9]*' | sort | uniq -c)
		if [ "$got" = "$want" ]; then passed=$((passed + 1)); else bad "another verdict"; fi
	done
done

# --- how bytes come ----------------------------------------------------------

what="a slow pipe"
want=$("$bin" -f ndjson - <"$log" | jq -c 'select(.type == "finding") | .id')
got=$({ head -c 1000 "$log"; sleep 0.1; tail -c +1001 "$log"; } | "$bin" -f ndjson - | jq -c 'select(.type == "finding") | .id')
if [ "$got" = "$want" ]; then passed=$((passed + 1)); else bad "another verdict"; fi
what="TMPDIR that does not exist"
got=$(TMPDIR=$tmp/none "$bin" -f ndjson - < <(cat "$log") | jq -c 'select(.type == "finding") | .id')
if [ "$got" = "$want" ]; then passed=$((passed + 1)); else bad "another verdict"; fi
# A file of /proc tells no size and is short at every read.
if [ -r /proc/kallsyms ] && [ "$(wc -c </proc/kallsyms)" -gt 100000 ]; then
	what="/proc/kallsyms"
	run -f ndjson /proc/kallsyms
	if jq -es 'any(.[]; .type == "file" and .bytes > 100000)' "$tmp/out" >/dev/null; then
		passed=$((passed + 1)); else bad "not read whole"; fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
