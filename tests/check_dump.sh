#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory dumps: the log taken out of each generation of the kernel's log buffer gives
# the same events as the log itself, line by line; a pipe and a packed dump give the
# same report as the file; damaged dumps (fixed seeds) end soon, with a status of
# ours. LOOPS=N: N times as many. The last line: "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C NO_COLOR=1
build=$(cd "${BUILD:-build}" && pwd)
bin=${PGTCHECK:-$PWD/pgtcheck}
loops=${LOOPS:-1}
passed=0 failed=0

if [ ! -e "$build/modules/pgtcheck-elf.so" ]; then
	echo "skipped: this build has no module elf (libelf-dev is missing)"
	echo "1 passed, 0 failed"
	exit
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd tests/cores || exit 1

ok() { passed=$((passed + 1)); }
bad() {   # WHAT
	echo "FAIL: $1"
	failed=$((failed + 1))
}
core() {   # FILE, then mkcore's arguments
	local file=$1
	shift
	"$build/tests/mkcore" "$@" >"$file"
}

# What the replay made of the log: no line of the walk, no file name.
timeline() {
	"$bin" --timeline "$1" 2>&1 </dev/null | grep -E '^ +[0-9]+ ' | grep -v ' dump: '
}
bytes_info="info 5751
|OSRELEASE=2.6.39
|PAGESIZE=4096
|SYMBOL(log_buf)=ffff888003040000
|SYMBOL(log_buf_len)=ffff888003040008
|SYMBOL(log_end)=ffff888003040010
|SYMBOL(logged_chars)=ffff888003040018"
records_info="info 5751
|OSRELEASE=4.19.0
|PAGESIZE=4096
|SYMBOL(log_buf)=ffff888003040000
|SYMBOL(log_buf_len)=ffff888003040008
|SYMBOL(log_first_idx)=ffff888003040010
|SYMBOL(log_next_idx)=ffff888003040018
|SIZE(printk_log)=16
|OFFSET(printk_log.ts_nsec)=0
|OFFSET(printk_log.len)=8
|OFFSET(printk_log.text_len)=10"
timeline pv-6.1.dmesg >"$tmp/want"
[ "$(wc -l <"$tmp/want")" -gt 20 ] || bad "the log alone has events"
for form in prb records bytes; do
	info=${form}_info
	echo "${!info:-#}" >"$tmp/info"
	core "$tmp/$form.core" pv-6.1 "$tmp/info" -e "log $form ffff888003000000 pv-6.1.dmesg"
	if timeline "$tmp/$form.core" | cmp -s - "$tmp/want"; then
		ok
	else
		bad "the $form log is not what the kernel wrote"
	fi
done

# However it comes.
core "$tmp/a.core" pv-6.1 -e "log prb ffff888003000000 pv-6.1.dmesg" \
	-e "flip ffff8880051b1000 1 2"
report() { "$bin" -f ndjson "$@" 2>&1 | sed 's/"file":"[^"]*"/"file":"F"/; s/"bytes":[0-9]*/"bytes":0/'; }
report "$tmp/a.core" </dev/null >"$tmp/file.out"
grep -q PGT021 "$tmp/file.out" || bad "the patched dump has its finding"
report - <"$tmp/a.core" >"$tmp/stdin.out"
cat "$tmp/a.core" | report - >"$tmp/pipe.out"
for way in stdin pipe; do
	if cmp -s "$tmp/file.out" "$tmp/$way.out"; then ok; else bad "$way: another report"; fi
done

# A BUILD-ID is hex digits, and no way out of the folder of --vmlinux: whoever opened
# the pipe outside would wait at it.
mkdir -p "$tmp/debug/.build-id/ab"
mkfifo "$tmp/x.debug"
for id in ab/../../../x abcdef0 "$(printf '%065d' 0)"; do
	sed "s#^|BUILD-ID=.*#|BUILD-ID=$id#" pv-6.1 >"$tmp/recipe"
	core "$tmp/b.core" "$tmp/recipe" -e "log prb ffff888003000000 pv-6.1.dmesg"
	timeout 10 "$bin" -v --no-sandbox "--vmlinux=$tmp/debug" "$tmp/b.core" >"$tmp/out" 2>&1 </dev/null
	if [ $? != 124 ] && grep -q 'BUILD-ID is not 8 to 64 hex digits' "$tmp/out"; then
		ok
	else
		bad "BUILD-ID=$id is taken for one"
	fi
done

# run FILE WHAT: the status is one we know, and it is soon there.
run() {
	timeout 10 "$bin" -v -f ndjson "$1" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	case $status in
	0 | 1 | 3 | 4) ;;
	*) bad "$2: status $status"; head -3 "$tmp/err"; return ;;
	esac
	if grep -q 'Sanitizer\|runtime error' "$tmp/err"; then
		bad "$2: $(grep -m1 'Sanitizer\|runtime error' "$tmp/err")"
		return
	fi
	if [ "$(grep -c '"type":"file"' "$tmp/out")" = 1 ]; then ok; else bad "$2: no file record"; fi
}
for seed in $(seq $((20 * loops))); do
	for kind in pv native; do
		core "$tmp/d.core" $kind-6.1 -e "log prb ffff888003000000 $kind-6.1.dmesg" \
			-e "damage $seed $((seed % 7 * 8 + 1))"
		run "$tmp/d.core" "$kind damaged, seed $seed"
	done
done
size=$(stat -c %s "$tmp/a.core")
for i in $(seq $((10 * loops))); do
	head -c $((size * i / (10 * loops + 1))) "$tmp/a.core" >"$tmp/d.core"
	run "$tmp/d.core" "cut at part $i"
	[ $status = 3 ] || bad "a dump that is cut is not read whole: status $status, part $i"
done

# Tables in circles: every entry of the top names the top, of the next the next.
core "$tmp/d.core" pv-6.1 -e "set 0 4 134170067" -e "set ffff888000000000 4 134170067"
run "$tmp/d.core" "tables in a circle"
# One page is mapped wherever the kernel's log of 2 GiB would be: none of it is
# longer than the dump.
mkdir "$tmp/room"
cat >"$tmp/recipe" <<'END'
kind vmcore
root 10
table 10 4
 0 11067 200 0
table 11 3
 0 12067 200 0
table 12 2
 0 13067 200 0
table 13 1
 0 14067 200 0
info 15
|OSRELEASE=2.6.39
|PAGESIZE=4096
|SYMBOL(init_top_pgt)=ffffffff80010000
|NUMBER(phys_base)=0
|SYMBOL(log_buf)=ffff888000000000
|SYMBOL(log_buf_len)=ffff888000000008
|SYMBOL(log_end)=ffff888000000010
|SYMBOL(logged_chars)=ffff888000000018
u64 ffff888000000000 ffff888000000000
u32 ffff888000000008 80000000
u32 ffff888000000010 0
u32 ffff888000000018 7fffffff
END
core "$tmp/d.core" "$tmp/recipe"
(ulimit -f 2048; TMPDIR=$tmp/room timeout 20 "$bin" -v "$tmp/d.core") >"$tmp/out" 2>&1 </dev/null
if [ $? -eq 4 ] && grep -q 'read from the dump in part only' "$tmp/out" && grep -q PGT062 "$tmp/out"; then
	ok
else
	bad "a log that is longer than its dump"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
