#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --vmlinux: a small ELF image made here by the compiler stands for the kernel: its
# symbols name a RIP that only Xen printed, and bound the brk; another kernel's are
# not used; a folder is searched; what is no kernel is refused.
# The last line: "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
build=${BUILD:-build}
. tests/built.sh
export LC_ALL=C NO_COLOR=1

. tests/counting.sh
says() {   # WORDS COMMAND...: its output has the words
	local words=$1
	shift
	"$@" 2>&1 </dev/null | tr -s ' \n' ' ' | grep -qF -- "$words"
}
silent_on() {   # WORDS COMMAND...: its output lacks them
	! says "$@"
}

if [ ! -e "$build/modules/pgtcheck-elf.so" ]; then
	echo "skipped: this build has no module elf (libelf-dev is missing)"
	echo "1 passed, 0 failed"
	exit
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Linked as old images are, whose physical addresses in the file are the virtual ones.
paddr_offset=0xffffffff80000000
make_image() {   # VERSION FILE
	cat >"$dir/image.S" <<-S
		.globl _text, _start, extend_brk, linux_banner, __brk_base, __brk_limit, _end
		.text
		_text:
		_start:	.skip 64
		.type extend_brk, @function
		extend_brk: .skip 128
		.size extend_brk, 128
		.type other, @function
		other:	.skip 32
		.size other, 32
		.section .rodata
		linux_banner: .asciz "Linux version $1 (x@y) #1"
		.section .note.Xen, "a", @note
		.long 4, 8, 3; .asciz "Xen"; .quad 0xffffffff80000000
		.long 4, 8, 4; .asciz "Xen"; .quad $paddr_offset
		.long 4, 8, 15; .asciz "Xen"; .quad 0x8000000000
		.long 4, 20, 10; .asciz "Xen"; .asciz "pae_pgdir_above_4gb"
		.bss
		.skip 4096
		.section .brk, "aw", @nobits
		.balign 4096
		__brk_base: .skip 0x4000
		__brk_limit:
		_end:
	S
	${CC:-cc} -nostdlib -static -no-pie -Wl,--build-id=sha1 -Wl,-Ttext=0xffffffff81000000 \
		-Wl,-z,max-page-size=4096 -o "$2" "$dir/image.S"
}
cat >"$dir/xen.log" <<-'L'
	(XEN) Xen version 4.1.0 (root@lab) (gcc version 4.4.5) Thu Apr 14 12:00:00 UTC 2011
	(XEN) *** LOADING DOMAIN 0 ***
	[    0.000000] Linux version 3.9.0 (root@lab) (gcc version 4.4.5) #1 SMP
	[    0.000000] Command line: ignore_loglevel earlyprintk=xen
	[    0.000000] Xen: [mem 0x0000000000000000-0x000000000009efff] usable
	[    0.000000] Xen: [mem 0x0000000000100000-0x000000003fffffff] usable
	(XEN) Domain 0 (vcpu#0) crashed on cpu#0:
	(XEN) RIP:    e033:[<ffffffff8100008b>]
L
cat >"$dir/brk.log" <<-'L'
	[    0.000000] Linux version 3.9.0 (root@lab) (gcc version 4.4.5) #1 SMP
	[    0.000000] Command line: ignore_loglevel
	[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009efff] usable
	[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000003fffffff] usable
	[    0.000000] BRK [0xBASE, 0xLAST] PGTABLE
	[    0.000000] Memory: 1009000k/1048576k available (1900k kernel code, 516k absent)
L
brk_log() {   # FIRST-BYTE
	sed "s/BASE/$(printf %08x "$1")/; s/LAST/$(printf %08x $(($1 + 4095)))/" "$dir/brk.log"
}

make_image 3.9.0 "$dir/vmlinux-3.9.0" || { echo "0 passed, 1 failed"; exit 1; }
make_image 3.9.1 "$dir/vmlinux-3.9.1"
base=$((0x$(nm "$dir/vmlinux-3.9.0" | sed -n 's/^ffffffff\(........\) . __brk_base$/\1/p') - 0x80000000))
brk_log "$base" >"$dir/inside.log"
brk_log $((base + 0x4000)) >"$dir/outside.log"

check_that "without symbols the place is not known" \
	silent_on PGT014 "$bin" "$dir/xen.log"
check_that "a RIP that Xen printed gets its function" \
	says "extend_brk" "$bin" --vmlinux="$dir/vmlinux-3.9.0" "$dir/xen.log"
check_that "... and is PGT014" says PGT014 "$bin" -f gcc --vmlinux="$dir/vmlinux-3.9.0" "$dir/xen.log"
check_that "... which tells how large the brk is" \
	says "16 KiB for its brk" "$bin" --vmlinux="$dir/vmlinux-3.9.0" "$dir/xen.log"
check_that "the image's Xen notes are told" says 'the p2m list at 0x8000000000; for Xen: pae_pgdir' \
	"$bin" --timeline --vmlinux="$dir/vmlinux-3.9.0" "$dir/xen.log"
check_that "another kernel's symbols are not used" \
	silent_on PGT014 "$bin" -f gcc --vmlinux="$dir/vmlinux-3.9.1" "$dir/xen.log"
check_that "... and it is said" \
	says "that of --vmlinux is 3.9.1" "$bin" -v --vmlinux="$dir/vmlinux-3.9.1" "$dir/xen.log"
check_that "a folder is searched by the release" \
	says PGT014 "$bin" -f gcc --vmlinux="$dir" "$dir/xen.log"
mkdir "$dir/pipes"
mkfifo "$dir/pipes/vmlinux-3.9.0" "$dir/pipes/vmlinuz-3.9.0"
check_that "a pipe of that name is not waited at" \
	says "has no image of that name" timeout 20 "$bin" -v --vmlinux="$dir/pipes" "$dir/xen.log"

# 16,384 headers that all name the same 512 KiB, which is read once: symbols, notes.
le() {   # BYTES NUMBER...
	local bytes=$1 number
	for number in "${@:2}"; do
		printf "$(printf "%0$((bytes * 2))x\n" "$number" | fold -w 2 | tac | sed 's/^/\\x/' | tr -d '\n')"
	done
}
many_sections() {   # TYPE
	printf '\x7fELF\x02\x01\x01'
	le 9 0; le 2 2 62; le 4 1; le 8 0 0 64; le 4 0; le 2 64 56 0 64 16384 0
	{ le 4 0 "$1"; le 8 0 0 64 524280; le 4 0 0; le 8 8 24; } >"$dir/section"
	for _ in $(seq 14); do
		cat "$dir/section" "$dir/section" >"$dir/sections" && mv "$dir/sections" "$dir/section"
	done
	cat "$dir/section"
}
for type in 2 7; do
	many_sections $type >"$dir/many"
	check_that "sections of type $type that lie over each other take little memory" \
		silent_on "out of memory" env sh -c 'ulimit -v 1000000; exec "$@"' sh \
		timeout 20 "$bin" --vmlinux="$dir/many" "$dir/xen.log"
	check_that "... and are read" says "PGT" timeout 20 "$bin" -f gcc --vmlinux="$dir/many" "$dir/xen.log"
done
check_that "a page inside the image's brk is in order" \
	silent_on PGT013 "$bin" -f gcc --vmlinux="$dir/vmlinux-3.9.0" "$dir/inside.log"
check_that "a page past the image's brk is not" \
	says PGT013 "$bin" -f gcc --vmlinux="$dir/vmlinux-3.9.0" "$dir/outside.log"
check_that "... and nothing is said against its notes" \
	silent_on "by its notes" "$bin" -v --vmlinux="$dir/vmlinux-3.9.0" "$dir/outside.log"
paddr_offset=0 make_image 3.9.0 "$dir/elsewhere"
check_that "by notes that put it elsewhere it is not judged" \
	silent_on PGT013 "$bin" -f gcc --vmlinux="$dir/elsewhere" "$dir/outside.log"
check_that "... which is said" says "by its notes Xen puts the image of --vmlinux at 0xffffffff01000000" \
	"$bin" -v --vmlinux="$dir/elsewhere" "$dir/outside.log"
# A bzImage has it packed behind the set-up code: of each kind that this build reads.
# Source: Linux Documentation/arch/x86/boot.rst.
le32() { printf "\\$(printf %03o $(($1 & 255)))\\$(printf %03o $(($1 >> 8 & 255)))\\$(printf %03o $(($1 >> 16 & 255)))\\0"; }
bzimage() {   # FILE PACKED
	{
		head -c 497 /dev/zero; printf '\1'; head -c 12 /dev/zero; printf '\125\252\0\0HdrS\17\2'
		head -c 64 /dev/zero; le32 512; le32 $(($(stat -c %s "$2") + 4)); head -c 432 /dev/zero
		head -c 512 /dev/zero; cat "$2"; le32 $(stat -c %s "$dir/vmlinux-3.9.0")
	} >"$1"
}
for packer in "gzip zlib" "xz liblzma --check=crc32" "xz liblzma --format=lzma" "zstd libzstd -q"; do
	set -- $packer
	command -v $1 >/dev/null && has $2 || { echo "skipped: no bzImage of $1"; continue; }
	$1 ${3-} -c <"$dir/vmlinux-3.9.0" >"$dir/packed"
	bzimage "$dir/bzImage" "$dir/packed"
	check_that "a bzImage ($1 ${3-})" says '--vmlinux kernel 0x1000000-' "$bin" --timeline --vmlinux="$dir/bzImage" "$dir/xen.log"
	head -c $(($(stat -c %s "$dir/bzImage") - 200)) "$dir/bzImage" >"$dir/cut"
	check_that "... that is cut" says "the kernel inside the bzImage is damaged or cut" \
		"$bin" --vmlinux="$dir/cut" "$dir/xen.log"
done
bzimage "$dir/bzImage" "$dir/vmlinux-3.9.0"
check_that "a bzImage that is not packed" says '--vmlinux kernel 0x1000000-' "$bin" --timeline --vmlinux="$dir/bzImage" "$dir/xen.log"
head -c 3000 "$dir/bzImage" >"$dir/cut"
check_that "... that is cut" says "the kernel inside the bzImage is damaged or cut" \
	"$bin" --vmlinux="$dir/cut" "$dir/xen.log"
printf '\2\41\114\30 and so on' >"$dir/packed"
bzimage "$dir/bzImage" "$dir/packed"
check_that "a bzImage of lz4" says "packed with lz4, which cannot be read" "$bin" --vmlinux="$dir/bzImage" "$dir/xen.log"
# Without notes the file's own physical addresses count: of this one, 16 MiB higher.
make_image 3.9.0 "$dir/unused"
sed '/section .note.Xen/,/pae_pgdir/d' "$dir/image.S" >"$dir/plain.S"
cat >"$dir/plain.ld" <<-'L'
	ENTRY(_start)
	SECTIONS {
		. = 0xffffffff81000000;
		.text : AT(ADDR(.text) - 0xffffffff7f000000) { *(.text) *(.rodata) }
		.bss : { *(.bss) } .brk : { *(.brk) }
	}
L
${CC:-cc} -nostdlib -static -no-pie -Wl,-T,"$dir/plain.ld" -Wl,--build-id=none -o "$dir/plain" "$dir/plain.S" 2>/dev/null
plain=$((0x$(nm "$dir/plain" | sed -n 's/^ffffffff\(........\) . __brk_base$/\1/p') - 0x7f000000))
brk_log "$plain" >"$dir/plain-inside.log"
brk_log $((plain + 0x4000)) >"$dir/plain-outside.log"
check_that "a page inside the brk of an image without notes is in order" \
	silent_on PGT013 "$bin" -f gcc --vmlinux="$dir/plain" "$dir/plain-inside.log"
check_that "... and one past it is not" \
	says PGT013 "$bin" -f gcc --vmlinux="$dir/plain" "$dir/plain-outside.log"
sed 's/ignore_loglevel/& nokaslr elfcorehdr=0x2f000000/' "$dir/outside.log" >"$dir/kdump.log"
check_that "a crash kernel lies elsewhere" \
	silent_on PGT013 "$bin" -f gcc --vmlinux="$dir/vmlinux-3.9.0" "$dir/kdump.log"
check_that "without the image it is not judged" silent_on PGT013 "$bin" -f gcc "$dir/outside.log"
check_that "a log is no kernel" \
	says "is no kernel for x86" "$bin" --vmlinux="$dir/xen.log" "$dir/xen.log"
check_that "a missing file is said" \
	says "No such file" "$bin" --vmlinux="$dir/none" "$dir/xen.log"

# A kernel without kallsyms that was moved, which it tells when it gives up.
moved_log() {   # OFFSET-LINE
	cat <<-L
	[    0.000000] Linux version 3.16.0 (root@lab) (gcc version 4.4.5) #1 SMP
	[    0.000000] Command line: ignore_loglevel
	[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009efff] usable
	[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000003fffffff] usable
	[    0.000000] BUG: unable to handle kernel paging request at ffff880000001000
	[    0.000000] IP: [<ffffffff9240008b>] 0xffffffff9240008b
	[    0.000000] Oops: 0003 [#1] SMP
	[    0.000000] Kernel panic - not syncing: Attempted to kill the idle task!
	[    0.000000] $1
	L
}
make_image 3.16.0 "$dir/vmlinux-3.16.0"
moved_log "Kernel Offset: 0x11400000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)" >"$dir/moved.log"
moved_log "Kernel Offset: disabled" >"$dir/unmoved.log"
moved_log "---[ end Kernel panic" >"$dir/untold.log"
check_that "a moved kernel's RIP gets its function" \
	says "extend_brk" "$bin" --timeline --vmlinux="$dir/vmlinux-3.16.0" "$dir/moved.log"
check_that "the offset is told" says "0x11400000 above" "$bin" --timeline "$dir/moved.log"
check_that "without symbols there is no function" silent_on "extend_brk" "$bin" --timeline "$dir/moved.log"
check_that "nor where the offset is another" \
	silent_on "extend_brk" "$bin" --timeline --vmlinux="$dir/vmlinux-3.16.0" "$dir/unmoved.log"
check_that "nor where none is told" \
	silent_on "extend_brk" "$bin" --timeline --vmlinux="$dir/vmlinux-3.16.0" "$dir/untold.log"
sed 's/ffffffff9240008b/ffffffff8100008b/g' "$dir/unmoved.log" >"$dir/linked.log"
check_that "of a kernel that was not moved it is the link address" \
	says "extend_brk" "$bin" --timeline --vmlinux="$dir/vmlinux-3.16.0" "$dir/linked.log"

# A kernel without kallsyms prints its callers as addresses; the image names them, and
# the rules see who they are.
callers=(setup_arch init_mem_mapping alloc_low_pages memblock_alloc_range_nid efi_memmap_reserve)
{
	printf '.globl _text\n.text\n_text:\n'
	for caller in "${callers[@]}"; do
		printf '.type %s, @function\n%s: .skip 1024\n.size %s, 1024\n' "$caller" "$caller" "$caller"
	done
	printf '.section .rodata\n.globl linux_banner\nlinux_banner: .asciz "Linux version 6.1.0 (x@y) #1"\n'
} >"$dir/callers.S"
${CC:-cc} -nostdlib -static -no-pie -Wl,-Ttext=0xffffffff81000000 -Wl,-e,_text \
	-o "$dir/vmlinux-6.1.0" "$dir/callers.S"
sed 's/ignore_loglevel/& nokaslr/' testdata/double-reservation/fires/boot.log >"$dir/callers.log"
for i in "${!callers[@]}"; do
	address=$(printf 0x%x $((0xffffffff81000000 + i * 1024 + 16)))
	sed -i "s/${callers[i]}+[x0-9a-f]*\\/[x0-9a-f]*/$address/" "$dir/callers.log"
done
sed 's/nokaslr//' "$dir/callers.log" >"$dir/callers-moved.log"
check_that "callers by their addresses have no names" \
	says "0xffffffff81000010" "$bin" --timeline "$dir/callers.log"
check_that "... but with the image" \
	says "reserve 0x2600000-0x2610000 setup_arch" "$bin" --timeline --vmlinux="$dir/vmlinux-6.1.0" "$dir/callers.log"
check_that "... and rules know them" says "two owners, alloc_low_pages and efi_memmap_reserve" \
	"$bin" --vmlinux="$dir/vmlinux-6.1.0" "$dir/callers.log"
check_that "not where it is not known how far the kernel was moved" \
	says "0xffffffff81000010" "$bin" --timeline --vmlinux="$dir/vmlinux-6.1.0" "$dir/callers-moved.log"

# The early variables of a kernel that died before it freed its init memory, and of
# one that did not. They stand in memory that the dump's tables map.
vars=ffffffff82c10000 lists=ffffffff82c11000
${CC:-cc} -nostdlib -static -no-pie -Wl,-Ttext=0xffffffff81000000 -o "$dir/vmlinux-early" \
	-Wl,--defsym=pgt_buf_start=0x$vars,--defsym=pgt_buf_end=0x${vars%0}8 \
	-Wl,--defsym=pgt_buf_top=0x${vars%00}10,--defsym=memblock=0x$lists \
	-Wl,--defsym=memblock_memory_init_regions=0xffffffff82c11100 "$dir/image.S"
cat >"$dir/early" <<-C
	info 5751
	|OSRELEASE=2.6.39
	|PAGESIZE=4096
	|SYMBOL(log_buf)=ffff888003040000
	|SYMBOL(log_buf_len)=ffff888003040008
	|SYMBOL(log_end)=ffff888003040010
	|SYMBOL(logged_chars)=ffff888003040018
	u64 $vars 5000
	u64 ${vars%0}8 5010
	u64 ${vars%00}10 5100
	u64 $lists 6000000
	u64 ${lists%0}8 5fff000
	u64 ${lists%00}10 1
	u64 ${lists%00}18 80
	u64 ${lists%00}20 ffffffff82c11100
	u64 ${lists%00}28 2
	u64 ${lists%00}30 80
	u64 ${lists%00}38 ffffffff82c11200
	u64 ffffffff82c11100 1000
	u64 ffffffff82c11108 5fff000
	u64 ffffffff82c11200 1000000
	u64 ffffffff82c11208 3410000
	u64 ffffffff82c11210 5000000
	u64 ffffffff82c11218 10000
C
cores=tests/cores
"$build/tests/mkcore" $cores/pv-6.1 "$dir/early" \
	-e "log bytes ffff888003000000 $cores/pv-6.1-early.dmesg" >"$dir/early.core"
"$build/tests/mkcore" $cores/pv-6.1 "$dir/early" \
	-e "log bytes ffff888003000000 $cores/pv-6.1.dmesg" >"$dir/late.core"
read_early() { "$bin" --timeline --vmlinux="$dir/vmlinux-early" "$1" 2>&1 </dev/null; }
check_that "the pool's variables are read" says "0x5000-0x5100" read_early "$dir/early.core"
check_that "... and how far it is used" says "0x5010" read_early "$dir/early.core"
check_that "memblock's lists are read" says "reserved 0x5000000-0x5010000" read_early "$dir/early.core"
check_that "not when init memory was freed" silent_on "0x5010" read_early "$dir/late.core"
check_that "nor without the symbols" silent_on "0x5010" "$bin" --timeline "$dir/early.core"

# Found by its build-id, which its own note must have.
sed 's/^|OSRELEASE.*/&\n|BUILD-ID=abcdef0123456789/' "$dir/early" >"$dir/named"
"$build/tests/mkcore" $cores/pv-6.1 "$dir/named" \
	-e "log bytes ffff888003000000 $cores/pv-6.1-early.dmesg" >"$dir/named.core"
in_tree() {   # BUILD-ID: of the image that has another's place
	rm -rf "$dir/tree"
	mkdir -p "$dir/tree/.build-id/ab"
	${CC:-cc} -nostdlib -static -no-pie -Wl,-Ttext=0xffffffff81000000 -Wl,--build-id="$1" \
		-o "$dir/tree/.build-id/ab/cdef0123456789.debug" \
		-Wl,--defsym=pgt_buf_start=0x$vars,--defsym=pgt_buf_end=0x${vars%0}8 \
		-Wl,--defsym=pgt_buf_top=0x${vars%00}10 "$dir/image.S"
}
sed -i "s/Linux version [^ ]*/$(grep -o 'Linux version [^ ]*' $cores/pv-6.1-early.dmesg)/" "$dir/image.S"
in_tree 0xabcdef0123456789
check_that "a debug file is found by its build-id" \
	says "0x5010" "$bin" --timeline --vmlinux="$dir/tree" "$dir/named.core"
check_that "... and is the image of its log" says '--vmlinux kernel' "$bin" --timeline --vmlinux="$dir/tree" "$dir/named.core"
check_that "... in the sandbox, and nothing is said of it" \
	silent_on "named by" "$bin" -v --vmlinux="$dir/tree" "$dir/named.core"
check_that "... not that no image has its name" \
	silent_on "no image of that name" "$bin" -v --vmlinux="$dir/tree" "$dir/named.core"
for id in 0xabcdef0123456788 none; do
	in_tree $id
	check_that "a debug file with the build-id $id in its place is not used" \
		silent_on "0x5010" "$bin" --timeline --vmlinux="$dir/tree" "$dir/named.core"
	check_that "... which is said" \
		says "does not have the build-id that it is named by" "$bin" -v --vmlinux="$dir/tree" "$dir/named.core"
done
in_tree 0xabcdef0123456788
${CC:-cc} -nostdlib -static -no-pie -Wl,-Ttext=0xffffffff81000000 -Wl,--build-id=0xabcdef0123456789 \
	-o "$dir/tree/vmlinux-a" -Wl,--defsym=pgt_buf_start=0x$vars,--defsym=pgt_buf_end=0x${vars%0}8 \
	-Wl,--defsym=pgt_buf_top=0x${vars%00}10 "$dir/image.S"
check_that "... but the folder's own image with the build-id is" \
	says "0x5010" "$bin" --timeline --vmlinux="$dir/tree" "$dir/named.core"

# Cut anywhere, an image is refused or used in part: never a signal.
size=$(stat -c %s "$dir/vmlinux-3.9.0")
bad=0
for i in $(seq 1 40); do
	head -c $((size * i / 41)) "$dir/vmlinux-3.9.0" >"$dir/cut"
	"$bin" -q --vmlinux="$dir/cut" "$dir/xen.log" >/dev/null 2>&1 </dev/null
	[ $? -ge 125 ] && bad=1
done
check_that "a cut image never kills" [ $bad -eq 0 ]
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
