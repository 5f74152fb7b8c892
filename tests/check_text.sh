#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Logs as people send them. Each real log of testdata/boots is written in each form
# as the tool of that name writes it, and judged: the same findings (rule, frames,
# certainty, fingerprint) and the same status as before, and of a healthy boot no
# more than before.
#
#   console logs: a serial line's whole text; the forms are those of captures,
#                 containers, CI, mail and paste
#   kernel logs:  the kernel's own lines; the forms are those of dmesg, journal,
#                 pstore and of a guest on Xen's console
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C
bin=$(realpath "${PGTCHECK:-pgtcheck}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# --- what is transformed --------------------------------------------------------

consoles="rw-before-pin-2.6.39-rc5 tail-left-ro-92bdaef unreserved-native left-ro-reused-6.1
	healthy-dom0-2.6.39 healthy-native-6.1"
kernels="tail-left-ro-92bdaef unreserved-native left-ro-reused-6.1 healthy-native-3.8 healthy-native-6.1
	healthy-native-7.2"
mkdir "$work/console" "$work/kernel"
for log in $consoles; do
	sed 's/\r$//' "testdata/boots/$log/boot.log" >"$work/console/$log"
done
for log in $kernels; do
	sed -n 's/\r$//; /^\[ *[0-9]*\.[0-9]\{6\}\]/p' "testdata/boots/$log/boot.log" >"$work/kernel/$log"
done

# --- the forms: each reads a log and writes it as the tool does --------------------

plain() { cat; }
crlf() { sed 's/$/\r/'; }
crcrlf() { sed 's/$/\r\r/'; }                    # a serial line through a terminal program
lfcr_overwrites() { awk '{ print "\rloading 100%\r" $0 }'; }
lfcr() { sed 's/^/\r/'; }                        # minicom
utf8_mark() { printf '\357\273\277'; cat; }
utf16le() { printf '\377\376'; iconv -f LATIN1 -t UTF-16LE; }   # PowerShell's >
utf16be() { printf '\376\377'; iconv -f LATIN1 -t UTF-16BE; }
latin1() { awk 'NR % 5 == 1 { print "Z\374rich \251 \265s" } { print }'; }
mail() { sed 's/^/> /'; }
mail_nested() { sed 's/^/> > /'; }
mail_stacked() { sed 's/^/>>> /'; }
mail_tight() { sed 's/^/>/'; }
mail_wrapped() { fold -s -w 74 | sed 's/ *$//; s/^/> /'; }   # and then quoted
html() { sed "s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/\"/\\&quot;/g; s/'/\\&#39;/g"; }
html_page() {   # Bugzilla
	echo '<html><body><div class="bz_comment"><pre class="bz_comment_text">'
	html
	echo '</pre></div></body></html>'
}
stray_entity() { echo 'a &amp; b<br>'; cat; }
stray_mark() { printf '\377\376\n'; cat; }      # a serial line's noise
palette() { awk 'NR % 3 == 1 { print "\033]R" $0; next } NR % 3 == 2 { print "\033]P0a1b2c3" $0; next } { print }'; }
html_lines() { html | sed 's/  /\&nbsp; /g; s/$/<br>/'; }
docker_logs() { awk '{ printf "2026-11-23T12:00:%02d.%09dZ %s\n", NR / 1000 % 60, NR * 1000, $0 }'; }
docker_compose() { sed 's/^/guest-1  | /'; }
docker_json() {
	sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g; s/\x1b/\\u001b/g; s/</\\u003c/g; s/>/\\u003e/g; s/&/\\u0026/g' |
		awk '{ printf "{\"log\":\"%s\\r\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T12:00:00.%09dZ\"}\n", $0, NR }'
}
cri() { awk '{ printf "2026-11-23T12:00:00.%09dZ stdout F %s\n", NR, $0 }'; }
github() { printf "\357\273\277"; awk "{ printf \"2026-11-23T12:00:00.%07dZ %s\\n\", NR, \$0 }"; }
github_cli() {   # gh run view --log
	awk '{ printf "boot (x86_64)\tRun tests\t2026-11-23T12:00:00.%07dZ %s\n", NR, $0 }'
}
gitlab() { awk '{ printf "2026-11-23T12:00:00.%06dZ 01O %s\n", NR, $0 }'; }
jenkins() { awk '{ printf "[2026-11-23T12:00:00.%03dZ] %s\n", NR % 1000, $0 }'; }
systemd_unit() { sed 's/^/Nov 23 12:00:00 ci-7 qemu-run[812]: /'; }
systemd_unit_iso() { sed 's/^/2026-11-23T12:00:00+0100 ci-7 qemu-run[812]: /'; }
lava() {   # the YAML log of LAVA, of which KernelCI keeps many
	sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g; s/\x1b/\\e/g' |
		awk '{ printf "- {\"dt\": \"2026-11-23T12:00:00.%06d\", \"lvl\": \"target\", \"msg\": \"%s\"}\n", NR, $0 }'
}
xenconsoled() { sed 's/^/[2026-11-23 12:00:00] /'; }
conserver() { awk 'NR % 40 == 0 { print "[-- MARK -- Mon Nov 23 12:00:00 2026]" } { print "[Mon Nov 23 12:00:00 2026]" $0 }'; }
rsyslog_tabs() { sed "s/\t/#011/g; s/^/Nov 23 12:00:00 lab-7 kernel: /"; }
moreutils_ts() { sed 's/^/Nov 23 12:00:00 /'; }
script() { echo 'Script started on 2026-11-23 12:00:00+01:00 [TERM="xterm"]'; sed 's/^/\x1b[0m\x1b[?25h/; s/$/\x1b[K\r/'; }
overwrites() {   # a boot loader's progress before a line, with no line end
	awk 'NR % 3 == 0 { printf "loading 10%%\rloading 100%%\r           \r" } { print }'
}
backspaces() { awk 'NR % 3 == 0 { printf "|\b/\b-\b" } { print }'; }
nuls() { awk 'NR % 3 == 0 { printf "\000\000\000" } { print }'; }
nuls_first() { head -c 30000 /dev/zero; cat; }
doubled() { awk '{ print; print }'; }
lagging() {   # the second console is N lines behind
	awk -v n="$1" '{ line[NR] = $0; print } NR > n { print line[NR - n] }
		END { for (i = NR - n + 1; i <= NR; i++) print line[i] }'
}
lagging_3() { lagging 3; }
lagging_16() { lagging 16; }
lagging_blocks() {   # it writes what it has got when there is time
	awk '{ print; line[++n] = $0 } NR % 7 == 0 { for (i = 1; i <= n; i++) print line[i]; n = 0 }
		END { for (i = 1; i <= n; i++) print line[i] }'
}
doubled_late() { awk '/console \[/ && !on { on = 1; print } { print } on { print }'; }   # the second begins later
doubled_stamps() { awk '{ print "[2026-11-23 12:00:00] " $0; print "[2026-11-23 12:00:01] " $0 }'; }
# Source files and debugfs: no line of them is an event.
listings() {
	cat <<-'END'
	arch/x86/mm/init.c:455 [init]init_memory_mapping =_ "init_memory_mapping: [mem %#010lx-%#010lx]\012"
	init_memory_mapping: [mem %#010lx-%#010lx]
	kernel direct mapping tables up to %#lx @ [mem %#010lx-%#010lx]
	kernel direct mapping tables up to %lx @ %lx-%lx
	memblock_reserve: [%#016llx-%#016llx] %pF
	Linux version %s
	BIOS-e820: [mem %#018Lx-%#018Lx]
	END
	cat
	cat <<-'END'
	[    9.000000] init_memory_mapping: [mem %#010lx-%#010lx]
	mm/memblock.c:822 [memblock]memblock_reserve =p "memblock_reserve: [%pa-%pa] %pS\012"
	Bad type (saw %" PRtype_info " != exp %" PRtype_info ") for mfn %lx (pfn %lx)
	(XEN) Error while pinning mfn %lx
	END
}
# hvc0 writes 16 bytes at a time, and Xen speaks in between.
interleaved() {
	awk '/^\(XEN\)/ && held != "" { print substr(held, 1, cut) $0; print substr(held, cut + 1); held = ""; next }
		held != "" { print held; held = "" }
		/^\[ / && length($0) > 40 { held = $0; cut = 32; next }
		{ print }
		END { if (held != "") print held }'
}

# dmesg of util-linux, from a log with the kernel's clock.
body='match($0, /^\[ *[0-9]+\.[0-9]+\] ?/) { clock = substr($0, 2, RLENGTH - 2); sub(/\].*/, "", clock); text = substr($0, RLENGTH + 1) }'
dmesg_T() { awk "$body"'{ print "[Mon Nov 23 12:00:" sprintf("%02d", int(clock) % 60) " 2026] " text }'; }
dmesg_t() { awk "$body"'{ print text }'; }
dmesg_x() { awk "$body"'{ print "kern  :" (NR % 3 ? "info  " : "debug ") ": " $0 }'; }
dmesg_xT() { dmesg_T | sed 's/^/kern  :warn  : /'; }
dmesg_r() { sed 's/^/<6>/'; }
dmesg_d() { awk "$body"'{ printf "[%s <%12.6f>] %s\n", clock, 0.000123, text }'; }
dmesg_dT() { awk "$body"'{ printf "[Mon Nov 23 12:00:00 2026 <%12.6f>] %s\n", 0.000123, text }'; }
dmesg_e() { awk "$body"'{ print (NR == 1 ? "[Nov23 12:00] " : "[  +0.000012] ") text }'; }
dmesg_iso() { awk "$body"'{ printf "2026-11-23T12:00:00,%06d+01:00 %s\n", NR, text }'; }
dmesg_color() {
	awk "$body"'{ at = index(text, ": "); printf "\033[32m[%s] \033[0m", clock
		if (at) printf "\033[33m%s: \033[0m", substr(text, 1, at - 1); else at = -1
		printf NR % 4 ? "%s\n" : "\033[1m%s\033[0m\n", substr(text, at + 2) }'
}
dmesg_H() { dmesg_color | sed 's/\[ *[0-9.]*\] /[  +0,000012] /'; }
dmesg_json() {
	awk "$body"'BEGIN { print "{\n   \"dmesg\": [" }
		{ gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); gsub(/\t/, "\\u0009", text)
		printf "%s      {\n         \"pri\": %d,\n         \"time\": %12s,\n         \"msg\": \"%s\"\n      }", (NR > 1 ? "," : ""), 6, clock, text }
		END { print "\n   ]\n}" }' | sed 's/^,      {/,{/'
}
dmesg_json_line() { dmesg_json | tr -d '\n'; }
kmsg() {   # cat /dev/kmsg: what is not printable stands as \xNN
	awk "$body"'{ gsub(/\\/, "\\x5c", text); gsub(/\t/, "\\x09", text); printf "6,%d,%d,-;%s\n", NR, clock * 1000000, text }'
}
kmsg_caller() { kmsg | sed 's/,-;/,-,caller=T0;/'; }

# journalctl -k: its messages have no clock of the kernel's.
journal_short() { awk "$body"'{ print "Nov 23 12:00:00 lab-7 kernel: " text }'; }
journal_host() { awk "$body"'{ print "Nov 23 12:00:00 LAB-7 kernel: " text }'; }
journal_precise() { awk "$body"'{ printf "Nov 23 12:00:00.%06d lab-7 kernel: %s\n", NR, text }'; }
journal_iso() { awk "$body"'{ print "2026-11-23T12:00:00+0100 lab-7 kernel: " text }'; }
journal_iso_precise() { awk "$body"'{ printf "2026-11-23T12:00:00.%06d+01:00 lab-7 kernel: %s\n", NR, text }'; }
journal_full() { awk "$body"'{ print "Mon 2026-11-23 12:00:00 CET lab-7 kernel: " text }'; }
journal_unix() { awk "$body"'{ printf "1795431600.%06d lab-7 kernel: %s\n", NR, text }'; }
journal_monotonic() { awk "$body"'{ print "[" clock "] lab-7 kernel: " text }'; }
journal_delta() { awk "$body"'{ print "[" clock (NR > 1 ? " <    0.000012 >" : "                ") "] lab-7 kernel: " text }'; }
journal_cat() { dmesg_t; }
journal_unit() { awk "$body"'{ print "Mon 2026-11-23 12:00:00 CET kernel: " text }'; }
journal_json() {
	awk "$body"'{ gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); gsub(/\t/, "\\t", text)
		printf "{\"__CURSOR\":\"s=1;i=%x\",\"__REALTIME_TIMESTAMP\":\"1795431600000000\",\"PRIORITY\":\"6\",\"_TRANSPORT\":\"kernel\",\"SYSLOG_IDENTIFIER\":\"kernel\",\"MESSAGE\":\"%s\",\"_HOSTNAME\":\"lab-7\"}\n", NR, text }'
}
journal_pretty() { journal_json | sed 's/^{/{\n\t/; s/","/",\n\t"/g; s/":"/" : "/g; s/}$/\n}/'; }
journal_sse() { journal_json | sed 's/^/data: /; s/$/\n/'; }
journal_seq() { journal_json | sed 's/^/\x1e/'; }
journal_export() {
	awk "$body"'{ printf "__CURSOR=s=1;i=%x\n__REALTIME_TIMESTAMP=1795431600000000\nPRIORITY=6\n_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=%s\n_HOSTNAME=lab-7\n\n", NR, text }'
}
journal_verbose() {
	awk "$body"'{ printf "Mon 2026-11-23 12:00:00.%06d CET [s=1;i=%x;b=2;m=3;t=4;x=5]\n    PRIORITY=6\n    _TRANSPORT=kernel\n    MESSAGE=%s\n    _HOSTNAME=lab-7\n", NR, NR, text }'
}

# pstore: the newest lines are part 1. One file after the other, as cat and a glob
# give them.
pieces() {   # BYTES of a piece, Oops#1 -> parts in $work/pieces, named as the EFI store does
	mkdir -p "$work/pieces"
	sed 's/^/<6>/' | tac | awk -v room="$1" -v why="$2" -v to="$work/pieces/" '
		function flush(  i) {
			file = sprintf("%sdmesg-efi-179543160%s%02d001", to, substr(why, length(why)), ++part)
			print why " Part" part >file
			for (i = n; i; i--) print line[i] >file
			close(file); n = size = 0
		}
		size + length($0) + 1 > room { flush() }
		{ line[++n] = $0; size += length($0) + 1 }
		END { flush() }'
}
pstore() { rm -rf "$work/pieces"; pieces 1700 Oops#1; cat "$work"/pieces/*; }
pstore_panic() { rm -rf "$work/pieces"; pieces 1000 Panic#1; cat "$work"/pieces/*; }
pstore_in_order() { pstore >/dev/null; ls -r "$work"/pieces/* | xargs cat; }
pstore_tar() { pstore >/dev/null; tar -cf - -C "$work" pieces; }
pstore_twice() {   # the panic after the oops leaves the last lines once more
	cat >"$work/whole"
	lines=$(wc -l <"$work/whole")
	rm -rf "$work/pieces"
	head -n $((lines - 4)) "$work/whole" | pieces 1700 Oops#1
	tail -n $((lines / 2)) "$work/whole" | pieces 1700 Panic#2
	cat "$work"/pieces/*
}

# A guest's console that Xen prints; long lines are chopped.
guest() { sed 's/^/(d7) /'; }
chop() {   # WIDTH PREFIX
	awk -v width="$1" -v lead="$2" '{ for (at = 1; at == 1 || at <= length($0); at += width) print lead substr($0, at, width) }'
}
guest_hvm() { chop 78 "(XEN) HVM7: "; }          # Xen up to 4.2
guest_d() { chop 199 "(d7) "; }                  # later: DOMAIN_PBUF_SIZE
guest_pv() { chop 254 "(d7) "; }                 # console_io in steps of 127
guest_busy() { chop 199 "(d7) " | awk '{ print } NR % 5 == 0 { print "(XEN) grant_table.c:1234:d3 Bad flags" }'; }

# --- judging ---------------------------------------------------------------------

make_forms() {   # KIND FORM...
	local kind=$1 form log
	shift
	for form; do
		mkdir -p "$work/$kind.$form"
		for log in "$work/$kind"/*; do
			"$form" <"$log" >"$work/$kind.$form/${log##*/}"
		done
	done
}
# What the same log says in any form.
facts() {   # KIND -> FORM LOG rule certainty severity frames fingerprint
	(cd "$work" && "$bin" -f ndjson "$1".*/* 2>/dev/null </dev/null) | jq -r '
		def place: .file | sub("!.*"; "") | sub("^[^.]*[.]"; "") | sub("/"; "\t");
		select(.file) | place as $place |
		if .type == "finding" then
			[$place, "\(.rule) \(.certainty) \(.severity) \(.first_pfn // "-") \(.end_pfn // "-") \(.fingerprint)"]
		elif .type == "file" and ((.members // 0) == 0) then
			[$place, "status \(.status)"], [$place, "used \(.lines_used) lines"],
			(.boot_facts[] | [$place, "boot \(.kernel) \(.platform | sub("domain 7"; "guest")) \(.xen) \(.ended // "-" | gsub("line [0-9]+"; "line N")) \(.evidence) start \(.has_start) end \(.has_end) judged \(.rules_judged) lists \(.oracle_dumps) \(.oracle_agreed)"])
		else empty end | @tsv' | sed 's/\\t/\t/' | sort
}
facts_of() {   # KIND FORM LOG
	awk -F'\t' -v f="$2" -v l="$3" '$1 == f && $2 == l { print $3 }' "$work/facts.$1"
}
# Forms and logs whose facts are not the plain log's, and how many are. Where Xen speaks
# in the middle of a line two facts stand on one.
unlike_plain() {   # KIND FORM...
	awk -F'\t' -v kind="$1" -v forms="${*:2}" -v logs="$(ls "$work/$1" | tr '\n' ' ')" '
		$3 ~ /^used/ && ($1 == "interleaved") { next }
		$3 ~ /^used/ { used[$1, $2] = $3; next }
		{ facts[$1, $2] = facts[$1, $2] "\n" $3 }
		END {
			n = split(forms, form, " "); m = split(logs, log_name, " ")
			for (i = 1; i <= n; i++)
				for (j = 1; j <= m; j++) {
					l = log_name[j]; f = form[i]
					if (facts["plain", l] != "" && facts[f, l] == facts["plain", l] &&
					    (f == "interleaved" || used[f, l] == used["plain", l]))
						alike++
					else
						print f, l
				}
			print "alike", alike + 0
		}' "$work/facts.$1"
}
compare() {   # KIND FORM...
	local kind=$1 form log
	while read -r form log; do
		if [ "$form" = alike ]; then
			passed=$((passed + log))
			continue
		fi
		failed=$((failed + 1))
		echo "$kind.$form of $log:"
		diff <(facts_of "$kind" plain "$log") <(facts_of "$kind" "$form" "$log") |
			sed -n 's/^[<>]/  &/p' | head -6
	done < <(unlike_plain "$@")
}
check_forms() {   # KIND FORM...
	local kind=$1
	make_forms "$kind" plain "${@:2}"
	facts "$kind" >"$work/facts.$kind"
	compare "$@"
}

check_forms console crlf crcrlf lfcr lfcr_overwrites utf8_mark utf16le utf16be latin1 mail mail_nested mail_stacked \
	mail_tight mail_wrapped html html_page html_lines stray_entity stray_mark \
	palette docker_logs docker_compose docker_json cri github \
	github_cli gitlab jenkins systemd_unit systemd_unit_iso lava xenconsoled conserver \
	moreutils_ts script overwrites backspaces nuls nuls_first doubled doubled_late doubled_stamps \
	lagging_3 lagging_16 lagging_blocks listings \
	interleaved
check_forms kernel dmesg_T dmesg_t dmesg_x dmesg_xT dmesg_r dmesg_d dmesg_dT dmesg_e dmesg_iso \
	dmesg_color dmesg_H dmesg_json dmesg_json_line kmsg kmsg_caller journal_short journal_host journal_precise \
	journal_iso journal_iso_precise journal_full journal_unix journal_monotonic journal_delta \
	journal_cat journal_unit journal_json journal_pretty journal_sse journal_seq journal_export \
	journal_verbose rsyslog_tabs pstore pstore_panic pstore_in_order pstore_tar pstore_twice guest guest_hvm guest_d guest_pv \
	guest_busy

# A part that is missing is told, one that is there is not; also in an archive.
rm -rf "$work/pieces"
pieces 1700 Oops#1 <"$work/kernel/unreserved-native"
(cd "$work" && cat pieces/* >all && tar -cf all.tar pieces &&
	rm -f pieces/*03001 && cat pieces/* >some && tar -cf some.tar pieces)
for file in all all.tar some some.tar; do
	told=$("$bin" -f ndjson "$work/$file" 2>/dev/null | grep -c '"rule":"PGT062".*dropped')
	if [ "$told" -eq "$([ "${file%.tar}" = some ] && echo 1 || echo 0)" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$file of pstore: $told findings of missing parts"
	fi
done

# A ring that has wrapped, or a piece of a log: whatever is missing at the start, also
# half a line, a healthy boot stays silent, and of another nothing is blamed that the
# whole log does not blame.
cut_log() {   # KIND LOG -> $work/cut/LOG.n
	local size at
	size=$(wc -c <"$work/$1/$2")
	for at in 1 2 3 5 8 13 21 34 45 55 66 79 87 92 95 97 98 99; do
		tail -c +$((size * at / 100 + 1)) "$work/$1/$2" >"$work/cut/$1.$2.$at"
	done
}
blamed() {   # FILES -> NAME TAB RULE FRAME, errors and warnings
	(cd "$work" && "$bin" -f ndjson "$@" 2>/dev/null </dev/null) | jq -r '
		select(.type == "finding" and .severity != "note")
		| [.file, "\(.rule) \(.first_pfn)"] | @tsv'
}
mkdir "$work/cut"
for kind in console kernel; do
	for log in "$work/$kind"/*; do
		cut_log "$kind" "${log##*/}"
	done
	blamed "$kind"/* >"$work/blamed.$kind"
done
blamed cut/* >"$work/blamed.cut"
while read -r what count; do
	if [ "$what" = innocent ]; then
		passed=$((passed + count))
	else
		failed=$((failed + 1))
		echo "$what, without its beginning: blames $count"
	fi
done < <(cd "$work" && ls cut | awk -F'\t' '
	function whole(cut) { sub(/^cut./, "", cut); sub(/[.][0-9]+$/, "", cut); sub(/[.]/, "/", cut); return cut }
	FILENAME != "-" && $1 !~ /^cut/ { all[$1, $2]; next }
	FILENAME != "-" { if (!((whole($1), $2) in all)) more[$1] = more[$1] " " $2; next }
	(("cut/" $1) in more) { print $1, more["cut/" $1]; next }
	{ innocent++ }
	END { print "innocent", innocent + 0 }' blamed.console blamed.kernel blamed.cut -)

# Where one block of the reader ends and the next begins, a broken line is whole again.
# The log is longer than one block by what comes before it.
block=262144
log=testdata/boots/healthy-domU-6.1/boot.log
seen() { "$bin" --timeline "$1" | sed '1d; s/^ *[0-9]* //; /^[^ ].*boot.log/,$d' | head -n 200; }
lead_of() { awk -v size="$1" 'BEGIN {
	line = "(XEN) HVM7: [    0.000000] nothing of interest, in as many bytes as fill the buffer ab"
	for (; size > 2 * length(line); size -= length(line) + 1) print line
	printf "%*s\n", size - 1, "x" }'; }
# The same is seen of it wherever the first block ends in its first BYTES.
same_at_borders() {   # WHAT FILE FIRST BYTES STEP
	local at
	(lead_of 1000; cat "$2") >"$work/boot.log"
	seen "$work/boot.log" >"$work/want"
	for ((at = $3; at < $4; at += $5)); do
		(lead_of $((block - at)); cat "$2") >"$work/boot.log"
		if [ -s "$work/want" ] && seen "$work/boot.log" | cmp -s "$work/want"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "$1 where a block ends, $at bytes from their beginning:"
			seen "$work/boot.log" | diff "$work/want" - | head -6
		fi
	done
}
head -n 100 "$log" | guest_hvm >"$work/chopped"
same_at_borders "broken lines" "$work/chopped" 40 6000 61

# How far away the rest of a broken line may stand does not depend on where blocks end
# either: Xen's lines between the two are long here, and all of them more than is held.
far() { awk 'BEGIN { x = sprintf("%600s", ""); gsub(/ /, "x", x) }
	/^\[/ && length($0) > 60 && ++n % 7 == 0 {
		print substr($0, 1, 48) "(XEN) d0"
		for (i = 0; i < n / 3; i++) print "(XEN) " x
		print substr($0, 49); next }
	{ print }'; }
{ echo '(XEN) Xen version 4.17 (x) debug=y'; head -n 100 "$log" | sed "s/^(early) //" | far; } >"$work/far"
same_at_borders "rests that stand far away" "$work/far" 500 "$(wc -c <"$work/far")" 997

# What --write-trace keeps of such a log is judged as the log is: nothing of the form is
# left in it.
said() { "$bin" -f ndjson "$@" 2>/dev/null </dev/null | jq -c 'select(.type == "finding")
	| [.rule, .certainty, .severity, .first_pfn, .line, .message]'; }
for log in tail-left-ro/trace/input.log mmu-trace/refused-pin/boot.log; do
	for form in html github_cli script overwrites doubled interleaved docker_compose rsyslog_tabs; do
		sed 's/\r$//' "testdata/$log" | "$form" >"$work/log"
		"$bin" -q --write-trace="$work/trace" "$work/log" >/dev/null 2>&1
		want=$(said "$work/log")
		if [ -n "$want" ] && [ "$want" = "$(said "$work/trace")" ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "$form of $log: the trace that is written of it is judged otherwise"
			diff <(echo "$want") <(said "$work/trace") | head -6
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
