#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A packed log is judged like the log itself: every boot of testdata/boots through
# every packing that the tools here can make. And bombs end: in time, in memory,
# with status 3 and the limit's name.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C
bin=${PGTCHECK:-$PWD/pgtcheck}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

good() { passed=$((passed + 1)); }
bad() { echo "$*"; failed=$((failed + 1)); }
. tests/built.sh
# A tool is here, and this build reads what it makes.
have() {
	command -v "$1" >/dev/null || { echo "skipped: no $1 here"; return 1; }
	case $1 in
	gzip | zip) has zlib ;;
	xz) has liblzma ;;
	zstd) has libzstd ;;
	bzip2) has bzip2 ;;
	esac
}
# The findings, without the name, which a packing changes.
findings() {
	"$bin" -f ndjson "$@" 2>>"$tmp/err" | sed -n '/"type":"finding"/s/"file":"[^"]*",//p'
}
human() {
	"$bin" --context=2 "$1" 2>>"$tmp/err" | tr -s ' \n' ' ' | sed "s|$1[^ :]*|X|g"
}
# Same findings and status as the plain log's.
same() {   # WHAT FILE EXPECTATION
	local got status
	got=$("$bin" -f ndjson "$2" 2>>"$tmp/err")
	status=$?
	[ $status = "$want_status" ] || { bad "$1 of $log: status $status, want $want_status"; return; }
	sed -n '/"type":"finding"/s/"file":"[^"]*",//p' <<<"$got" >"$tmp/got"
	[ "$3" = "$tmp/want" ] || sed -i 's/"offset":[0-9]*,//' "$tmp/got"
	cmp -s "$tmp/got" "$3" || { bad "$1 of $log: other findings"; return; }
	good
}

boots=(testdata/boots/*/boot.log testdata/tail-left-ro/fires/boot.log)
# Every packing of one log; for the others a file each keeps this quick.
packings=()
for tool in gzip xz zstd bzip2; do have $tool && packings+=($tool); done
have zip && packings+=(zip)
have iconv && packings+=(utf16)
have jq && packings+=(docker)
have gzip && packings+=(targz)
packings+=(tar mail pipe)

pack() {   # PACKING LOG > packed
	case $1 in
	gzip | xz | zstd | bzip2) "$1" -1 -c <"$2" ;;
	zip) (cd "$(dirname "$2")" && zip -q - boot.log) ;;
	tar) tar -cf - -C "$(dirname "$2")" boot.log ;;
	targz) tar -cf - -C "$(dirname "$2")" boot.log | gzip -1 ;;
	utf16) iconv -f latin1 -t UTF-16 "$2" ;;
	docker) jq -cR '{log: (. + "\n"), stream: "stdout"}' "$2" ;;
	mail) printf 'From: a\nTo: b\nMIME-Version: 1.0\nContent-Type: text/plain; name=boot.log\n'
		printf 'Content-Transfer-Encoding: base64\n\n'
		base64 "$2" ;;
	pipe) cat "$2" ;;
	esac
}

for log in "${boots[@]}"; do
	"$bin" -q "$log" 2>>"$tmp/err"
	want_status=$?
	findings "$log" >"$tmp/want"
	sed 's/"offset":[0-9]*,//' "$tmp/want" >"$tmp/want-lines"
	for packing in "${packings[@]}"; do
		pack "$packing" "$log" >"$tmp/packed"
		# Records are longer than their lines, and so are letters in UTF-8.
		case $packing in
		docker | utf16) same $packing "$tmp/packed" "$tmp/want-lines" ;;
		*) same $packing "$tmp/packed" "$tmp/want" ;;
		esac
	done
	case " ${packings[*]} " in *" gzip "*) ;; *) continue ;; esac
	# The page for a person quotes the same lines.
	gzip -c "$log" >"$tmp/packed.gz"
	if [ "$(human "$tmp/packed.gz")" = "$(human "$log")" ]; then good; else bad "the page of $log"; fi
	# A pipe, whose bytes cannot be read again.
	if [ "$(gzip -c "$log" | findings -)" = "$(findings "$log")" ]; then good; else bad "gzip in a pipe: $log"; fi
done

# --- larger than a block: read ahead by a thread, evidence from the temporary file --

log=testdata/tail-left-ro/fires/boot.log
{ yes '[    0.000000] a line that says nothing of interest to anybody at all, ever' | head -c 3000000
  echo; cat $log; } >"$tmp/long.log"
if have gzip; then
	gzip -1c "$tmp/long.log" >"$tmp/long.gz"
	if [ "$(findings "$tmp/long.gz")" = "$(findings "$tmp/long.log")" ]; then good; else bad "a long log in gzip"; fi
	if [ "$(human "$tmp/long.gz")" = "$(human "$tmp/long.log")" ]; then good; else bad "its page"; fi
	# No temporary folder, a full one: judged, but not quoted.
	if [ "$(TMPDIR=$tmp/none findings "$tmp/long.gz")" = "$(findings "$tmp/long.log")" ]; then good; else bad "no temporary folder"; fi
	(ulimit -f 64; trap '' XFSZ; findings "$tmp/long.gz") >"$tmp/got"
	if [ "$(cat "$tmp/got")" = "$(findings "$tmp/long.log")" ]; then good; else bad "a temporary file that cannot grow"; fi
fi
# A zip in a pipe cannot do without.
if have zip; then
	(cd "$tmp" && zip -q long.zip long.log)
	if [ "$(findings - <"$tmp/long.zip")" = "$(findings "$tmp/long.log")" ]; then good; else bad "zip in a pipe"; fi
	TMPDIR=$tmp/none "$bin" - < <(cat "$tmp/long.zip") >"$tmp/out" 2>&1
	status=$?
	if [ $status = 3 ] && grep -q 'temporary folder' "$tmp/out"; then good; else bad "zip in a pipe without room: $status"; fi
fi

# --- bombs ---------------------------------------------------------------------

bomb() {   # WHAT LIMIT FILE OPTION...: status 3 (or $ok), which limit, soon, in 64 MiB
	local what=$1 limit=$2 in=$3 status
	shift 3
	# A sanitizer needs address space of its own.
	(case $bin in *-san/*) ;; *) ulimit -v 400000 ;; esac
	 timeout 60 "$bin" -f ndjson "$@" "$in") >"$tmp/out" 2>"$tmp/err"
	status=$?
	if [ $status != "${ok:-3}" ]; then
		bad "$what: status $status"; head -3 "$tmp/err"
	elif [ -n "$limit" ] && ! grep -q -- "$limit" "$tmp/err"; then
		bad "$what: not for $limit"; head -3 "$tmp/err"
	else
		good
	fi
}
line='[    0.000000] Linux version 2.6.39 and nothing else that would be of interest here'
yes "$line" | head -c 200000 >"$tmp/head.txt"
for tool in gzip xz zstd bzip2; do
	have $tool || continue
	{ cat "$tmp/head.txt"; head -c 20000000 /dev/zero; } | $tool -1 -c >"$tmp/bomb"
	bomb "20 MB of zeros in $tool" --max-bytes "$tmp/bomb" --max-bytes=5M --max-ratio=1000000
	bomb "20 MB of zeros in $tool, by ratio" --max-ratio "$tmp/bomb" --max-ratio=100
	# Zeros alone are no text, and are not unpacked to their end.
	head -c 20000000 /dev/zero | $tool -1 -c >"$tmp/bomb"
	ok=4 bomb "nothing but zeros in $tool" "" "$tmp/bomb"
done
# The limit of a whole archive ends it, and is told once.
once() {   # WHAT FILE OPTION...
	bomb "$1" --max-ratio "${@:2}" --max-ratio=100
	[ "$(wc -l <"$tmp/err")" = 1 ] || { bad "$1: told more than once"; head -3 "$tmp/err"; }
}
mkdir "$tmp/bombs"
for i in 1 2 3 4; do
	{ cat "$tmp/head.txt"; head -c 20000000 /dev/zero; } >"$tmp/bombs/$i.log"
done
if have gzip; then
	(cd "$tmp" && tar -cf - bombs | gzip -1 -c >bombs.tgz)
	once "four bombs in a packed tar" "$tmp/bombs.tgz"
	once "four bombs, none of them wanted" "$tmp/bombs.tgz" --member=none
fi
if have zip; then
	(cd "$tmp" && zip -q -1 bombs.zip bombs/*)
	once "four bombs in a zip" "$tmp/bombs.zip"
	once "four bombs in a zip, the last wanted" "$tmp/bombs.zip" --member=*/[34].log
fi
rm -r "$tmp/bombs"
if have gzip; then
	cp "$tmp/head.txt" "$tmp/nest"
	for i in $(seq 12); do gzip -c "$tmp/nest" >"$tmp/nest.gz"; mv "$tmp/nest.gz" "$tmp/nest"; done
	bomb "gzip twelve times" --max-depth "$tmp/nest"
fi
if have zip; then
	cp $log "$tmp/boot.log"
	for i in $(seq 12); do
		(cd "$tmp" && rm -f n.zip && zip -q -0 n.zip boot.log && mv n.zip boot.log)
	done
	bomb "zip twelve times" --max-depth "$tmp/boot.log"
fi
# A header that declares 8 GiB, and has nothing behind it.
(cd "$tmp" && cp "$OLDPWD/$log" boot.log && tar --format=gnu -cf huge.tar boot.log)
rechecked() {   # TAR: its first header gets the right checksum
	local sum
	sum=$({ head -c 148 "$1"; printf '        '; head -c 512 "$1" | tail -c +157; } |
		od -An -v -tu1 | tr -s ' ' '\n' | awk '{ s += $1 } END { print s }')
	printf '%06o\0 ' "$sum" | dd of="$1" bs=1 seek=148 conv=notrunc status=none
}
printf '\200\0\0\0\0\0\0\2\0\0\0\0' | dd of="$tmp/huge.tar" bs=1 seek=124 conv=notrunc status=none
rechecked "$tmp/huge.tar"
bomb "a tar with a huge declared size" "ends early" "$tmp/huge.tar"
(cd "$tmp" && for i in $(seq 200); do echo "$i" >"m$i"; done && tar -cf many.tar m[0-9]*)
# A member without a name hides no other.
(cd "$tmp" && tar --format=gnu -cf noname.tar m1 boot.log && tar --format=gnu -cf one.tar boot.log)
for file in noname one; do
	head -c 100 /dev/zero | dd of="$tmp/$file.tar" bs=1 conv=notrunc status=none
	rechecked "$tmp/$file.tar"
	"$bin" -f ndjson "$tmp/$file.tar" >"$tmp/out" 2>&1
	if [ $? = 1 ] && ! grep -q damaged "$tmp/out"; then good; else bad "$file.tar: a member without a name"; fi
done
grep -q '"file":"[^"]*one.tar!(no name)"' "$tmp/out" || bad "what a member without a name is called"
bomb "many members" --max-members "$tmp/many.tar" --max-members=100

# --max-bytes is of all that holds a log, whether or not it is packed: a file and a pipe.
cp $log "$tmp/boot.log"
tar -cf "$tmp/plain.tar" -C "$tmp" boot.log
for file in "$tmp/plain.tar" testdata/unpack/utf16le/boot.txt testdata/unpack/journal-export/boot.export \
	testdata/unpack/journal-json/boot.json testdata/unpack/mail/report.eml testdata/unpack/pstore/dmesg-efi; do
	bomb "700 bytes of ${file##*/}" --max-bytes=700 "$file" --max-bytes=700
	cat "$file" | "$bin" -q --max-bytes=700 - 2>/dev/null
	if [ $? = 3 ]; then good; else bad "700 bytes of ${file##*/} through a pipe: not told"; fi
done
# What pzstd writes before each frame: the next one's size.
if have zstd; then
	zstd -q -c $log >"$tmp/frame"
	{
		printf '\120\052\115\030\004\000\000\000size'
		cat "$tmp/frame"
	} >"$tmp/pzstd.zst"
	findings "$tmp/frame" >"$tmp/want"
	if [ -s "$tmp/want" ] && findings "$tmp/pzstd.zst" | cmp -s - "$tmp/want"; then
		good
	else
		bad "a frame that is to be skipped stands before the others: not read"
	fi
fi

# A packed --trace is read as the trace is; of an archive, what tells an operation.
mkdir "$tmp/cap"
grep -v xenmmu: testdata/mmu-trace/refused-pin/boot.log >"$tmp/cap/boot.log"
grep xenmmu: testdata/mmu-trace/refused-pin/boot.log >"$tmp/cap/trace.log"
traced() {   # FILE -> findings, and what was listed and replayed
	"$bin" -f ndjson "--trace=$1" "$tmp/cap/boot.log" 2>>"$tmp/err" | jq -c '
		if .type == "finding" then [.rule, .certainty, .line, .message]
		elif .type == "file" then [.status, (.traces | map(.lines)),
			(.boot_facts[] | .trace.operations, .no_verdict)] else empty end'
}
traced_alike() {   # WHAT FILE
	if cmp -s "$tmp/want" <(traced "$2"); then good; else bad "--trace of $1: judged otherwise"; fi
}
if have jq; then
	traced "$tmp/cap/trace.log" >"$tmp/want"
	for packing in "${packings[@]}"; do
		case $packing in tar | targz | zip | pipe) continue ;; esac
		pack "$packing" "$tmp/cap/trace.log" >"$tmp/packed"
		traced_alike "$packing" "$tmp/packed"
	done
	tar -cf "$tmp/cap.tar" -C "$tmp/cap" boot.log trace.log
	traced_alike "a tar with the log beside it" "$tmp/cap.tar"
fi
if have jq && have gzip; then
	gzip -c "$tmp/cap.tar" >"$tmp/cap.tgz"
	traced_alike "one member" "$tmp/cap.tgz!trace.log"
	traced_alike "members by pattern" "$tmp/cap.tgz!tr*"
	case $(traced "$tmp/cap.tgz!boot.log") in
	*'no page-table operation was read'*) good ;;
	*) bad "--trace of a member without operations passes for one" ;;
	esac
	head -c 700 "$tmp/cap.tgz" >"$tmp/packed"
	"$bin" -q "--trace=$tmp/packed" "$tmp/cap/boot.log" 2>"$tmp/err.trace"
	if [ $? = 3 ] && grep -q 'ends early' "$tmp/err.trace"; then
		good
	else
		bad "--trace of a cut archive: not told"
	fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
