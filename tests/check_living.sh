#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Living with findings: fingerprints that stay, options that stand in files,
# findings that are suppressed or known from an earlier run.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
export LC_ALL=C NO_COLOR=1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
. tests/counting.sh

# --- fingerprints: another size of memory, line, time, name: the same fault

# Of the findings, in the order of the log.
prints() {
	"$bin" -f ndjson "$@" | sed -n '/"type":"finding"/s/.*"rule":"\([^"]*\)".*"fingerprint":"\([^"]*\)".*/\1 \2/p'
}
for rule in rw-before-pin tail-left-ro; do
	log=testdata/$rule/fires/boot.log
	prints "$log" >"$tmp/want"
	[ "$(wc -l <"$tmp/want")" -ge 3 ]; check "$log: not all of its findings are told" $?
	prints testdata/$rule/fires-larger/boot.log | cmp -s - "$tmp/want"
	check "$rule: another size of memory gives another fingerprint" $?
	sed 's/\[    0\.000000\]/[   17.204511]/; s/12:00:00 UTC 2011/23:59:59 UTC 2012/' "$log" |
		awk '{ print } NR % 3 == 0 { print "systemd[" NR "]: Started Unrelated Service " NR "." }' \
		>"$tmp/another name.txt"
	prints "$tmp/another name.txt" | cmp -s - "$tmp/want"
	check "$rule: other lines, clocks or names give another fingerprint" $?
done
prints testdata/rw-before-pin/fires/boot.log | grep PGT001 >"$tmp/1"
prints testdata/tail-left-ro/fires/boot.log | grep PGT002 >"$tmp/2"
[ "$(cut -d' ' -f2 "$tmp/1")" != "$(cut -d' ' -f2 "$tmp/2")" ]
check "two faults have one fingerprint" $?

# --- configuration

log=$PWD/testdata/boots/healthy-native-6.1/boot.log bad=$PWD/testdata/rw-before-pin/fires/boot.log
mkdir -p "$tmp/xdg/pgtcheck" "$tmp/home/.config/pgtcheck"
# What an option did shows in the first byte: '[' of json, '{' of ndjson.
form() { "$@" 2>/dev/null | head -c 1; }
bare() { env -u PGTCHECK_OPTS -u XDG_CONFIG_HOME HOME="$tmp/home" "$@"; }
echo 'format = ndjson' >"$tmp/home/.config/pgtcheck/config"
echo 'format = json' >"$tmp/xdg/pgtcheck/config"
echo 'format = gitlab' >"$tmp/file"
[ "$(form bare "$bin" "$log")" = "{" ]; check "\$HOME/.config/pgtcheck/config is not read" $?
[ "$(form bare env XDG_CONFIG_HOME="$tmp/xdg" "$bin" "$log")" = "[" ]
check "\$XDG_CONFIG_HOME/pgtcheck/config does not come before \$HOME" $?
[ "$(form bare "$bin" --config=none "$log")" = "/" ]; check "--config=none reads a file" $?
[ "$(form bare env PGTCHECK_OPTS='--config=none -f json' "$bin" "$log")" = "[" ]
check "PGTCHECK_OPTS does not count" $?
[ "$(form bare env PGTCHECK_OPTS='-f json' "$bin" -f ndjson "$log")" = "{" ]
check "PGTCHECK_OPTS comes after the command line" $?
[ "$(form bare "$bin" --config="$tmp/file" -f ndjson "$log")" = "{" ]
check "the configuration comes after the command line" $?
bare "$bin" --config="$tmp/missing" "$log" >/dev/null 2>&1; check "a missing --config is status $?, not 3" $(($? - 3))
bare "$bin" --config="$tmp" "$log" >/dev/null 2>&1; check "a folder as --config is status $?, not 3" $(($? - 3))
printf '# fine\n\nfail-on = warnin\n' >"$tmp/bad"
bare "$bin" --config="$tmp/bad" "$log" >/dev/null 2>"$tmp/err"
[ $? -eq 2 ] && grep -q "bad:3: .*did you mean 'warning'" "$tmp/err"; check "a bad line is not told with its number" $?
bare "$bin" --config="$tmp/bad" --bisect "$log" >/dev/null 2>&1
[ $? -ge 125 ]; check "git bisect takes a bad configuration for a verdict" $?
head -c 70000 /dev/zero >"$tmp/bad"
bare "$bin" --config="$tmp/bad" "$log" >/dev/null 2>&1; check "an endless configuration is status $?, not 3" $(($? - 3))

# Never from the folder of a log, nor from the working folder, whatever it is called.
mkdir -p "$tmp/case/pgtcheck" "$tmp/case/.config/pgtcheck"
cp "$bad" "$tmp/case/boot.log"
for name in pgtcheck.conf .pgtcheck .pgtcheckrc pgtcheck/config .config/pgtcheck/config config; do
	echo 'fail-on = never' >"$tmp/case/$name"
done
rm "$tmp/home/.config/pgtcheck/config"
for home in "$tmp/home" . ''; do
	(cd "$tmp/case" && env -u PGTCHECK_OPTS XDG_CONFIG_HOME=. HOME="$home" "$bin" boot.log >/dev/null)
	check "HOME='$home': the folder of the log configures its judge" $(($? - 1))
done
env -u PGTCHECK_OPTS -u XDG_CONFIG_HOME HOME="$tmp/home" "$bin" "$tmp/case/boot.log" >/dev/null
check "the folder of the log configures its judge from elsewhere" $(($? - 1))
(cd "$tmp/case" && tar -cf ../case.tar .)
env -u PGTCHECK_OPTS HOME="$tmp/home" "$bin" "$tmp/case.tar" >/dev/null 2>&1
check "a configuration in an archive counts" $(($? - 1))

# --- suppressions

bad=testdata/rw-before-pin/fires/boot.log other=testdata/tail-left-ro/fires/boot.log
says() {   # WHAT STATUS PATTERN COMMAND...; the pattern is looked for in all output
	local what=$1 want=$2 pattern=$3 got
	shift 3
	"$@" >"$tmp/says" 2>&1; got=$?
	[ $got -eq "$want" ] && grep -q -- "$pattern" "$tmp/says"
	check "$what: status $got, want $want and '$pattern'" $?
}
{ echo 'PGT001 file=fires/*.log # looked at: the board of 2011'; echo 'PGT007 # follows from it'; } >"$tmp/list"
says "a suppressed finding" 0 "2 suppressed" "$bin" --suppressions="$tmp/list" "$bad"
! grep -q '\[PGT\|no error found' "$tmp/says"; check "a suppressed finding is shown, or denied" $?
says "a suppressed finding with -v" 0 "= suppressed: looked at: the board of 2011" "$bin" -v --suppressions="$tmp/list" "$bad"
says "a suppressed finding as ndjson" 0 '"suppressed":"looked at: the board of 2011"' "$bin" -f ndjson --suppressions="$tmp/list" "$bad"
grep -q '"type":"summary".*"errors":0.*"suppressed":2' "$tmp/says"; check "the summary does not count them apart" $?
says "a suppressed finding as sarif" 0 '"suppressions":\[{"kind":"external","justification":"looked' "$bin" -f sarif --suppressions="$tmp/list" "$bad"
says "a suppressed finding as tap" 0 '^ok .*PGT001.*SKIP suppressed: looked' "$bin" -f tap --suppressions="$tmp/list" "$bad"
says "entries of no use" 1 "list:1: fits no finding" "$bin" --suppressions="$tmp/list" "$other"
"$bin" -q --suppressions="$tmp/list" "$other" >"$tmp/says" 2>&1; [ ! -s "$tmp/says" ]
check "-q tells entries of no use" $?
says "the same in a shard" 1 "PGT002" "$bin" --shard=1/1 --suppressions="$tmp/list" "$other"
! grep -q "fits no" "$tmp/says"; check "a shard knows what the others need" $?
echo 'PGT001 until=2027-06-30 # the fix is in the next release' >"$tmp/list"
says "the last day" 0 "1 suppressed" env SOURCE_DATE_EPOCH=1814399999 "$bin" --suppressions="$tmp/list" "$bad"
says "the day after" 1 "list:1: was in force until 2027-06-30" env SOURCE_DATE_EPOCH=1814400000 "$bin" --suppressions="$tmp/list" "$bad"
says "no day" 2 "SOURCE_DATE_EPOCH" env SOURCE_DATE_EPOCH=now "$bin" --suppressions="$tmp/list" "$bad"
printf 'PGT001 # fine\nPGT001 line=40 # not fine\n' >"$tmp/list"
says "a bad line" 2 "list:2: unknown field" "$bin" --suppressions="$tmp/list" "$bad"
says "a missing list" 3 "No such file" "$bin" --suppressions="$tmp/nothing" "$bad"
says "an empty name" 2 "names no file" "$bin" --suppressions= "$bad"
print=$(prints "$bad" | sed -n 's/^PGT001 //p')
echo "fp=$print range=0x3ffe6000-0x3ffe7000 # this page" >"$tmp/list"
says "a fingerprint and a range" 0 "1 suppressed" "$bin" --suppressions="$tmp/list" "$bad"
says "... of another memory" 1 "fits no finding" "$bin" --suppressions="$tmp/list" testdata/rw-before-pin/fires-larger/boot.log

# Whoever finds it, the entry was of use; and the output is the same for every -j.
find testdata -name boot.log | LC_ALL=C sort | awk 'NR % 5 == 1' >"$tmp/names"
echo "$bad" >>"$tmp/names"
printf 'PGT001 # a\nPGT063 # b\nPGT999-not # c\n' | sed '$d' >"$tmp/list"
if "$bin" -f ndjson "$bad" >"$tmp/base" 2>/dev/null; "$bin" --merge "$tmp/base" 2>&1 | grep -q 'no module'; then
	echo "skipped: no JSON module in this build (libjansson-dev)"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
fi
for format in human ndjson sarif junit tap html; do
	for jobs in 1 3; do
		"$bin" -f $format -j$jobs --suppressions="$tmp/list" --baseline="$tmp/base" \
			--files-from="$tmp/names" >"$tmp/j$jobs" 2>"$tmp/e$jobs"
	done
	cmp -s "$tmp/j1" "$tmp/j3" && cmp -s "$tmp/e1" "$tmp/e3"
	check "-f $format: -j3 with suppressions and a baseline prints other bytes" $?
done
! grep -q 'fits no' "$tmp/e3"; check "an entry that a worker used is told as useless" $?

# Parts add up.
known='"suppressed":[0-9]*\|"new":[0-9]*\|"unchanged":[0-9]*\|"absent":[0-9]*'
both="--suppressions=$tmp/list --baseline=$tmp/base -f ndjson --files-from=$tmp/names"
"$bin" $both 2>/dev/null | tail -1 | grep -o "$known" >"$tmp/want"
for k in 1 2 3; do "$bin" $both --shard=$k/3 >"$tmp/part$k" 2>/dev/null; done
"$bin" --merge -f ndjson "$tmp"/part[123] | tail -1 | grep -o "$known" | cmp -s - "$tmp/want"
check "suppressed, new, unchanged and absent do not add up over shards" $?
[ "$(wc -l <"$tmp/want")" -ge 3 ]; check "the sample has too little to add up" $?

# --- baseline

says "a baseline of the same log" 0 "0 new, 3 unchanged, 0 absent" "$bin" --baseline="$tmp/base" "$bad"
says "a baseline of another size of memory" 0 "0 new, 3 unchanged" "$bin" --baseline="$tmp/base" testdata/rw-before-pin/fires-larger/boot.log
says "a baseline of another fault" 1 "no longer found: PGT001" "$bin" --baseline="$tmp/base" "$other"
grep -q "tail-left-ro, proved, new" "$tmp/says"; check "a new finding is not called new" $?
says "an absent record" 1 '"type":"absent".*"rule":"PGT001".*"state":"absent"' "$bin" -f ndjson --baseline="$tmp/base" "$other"
says "sarif" 1 '"baselineState":"absent"' "$bin" -f sarif --baseline="$tmp/base" "$other"
for format in kcidb tap ktap github; do
	says "$format" 1 "absent" "$bin" -f $format --baseline="$tmp/base" "$other"
	grep -q "tail-left-ro (proved, new)\|(proved, new)\|state: \"new\"\|\"state\":\"new\"" "$tmp/says"
	check "-f $format does not tell what is new" $?
done
says "gitlab" 1 "tail-left-ro, proved, new" "$bin" -f gitlab --baseline="$tmp/base" "$other"
says "github" 0 "::notice.*PGT001.*unchanged" "$bin" -f github --baseline="$tmp/base" "$bad"
! grep -q "::error\|::warning" "$tmp/says"; check "github: what is unchanged takes the places of errors" $?
# What their readers would take for something to be done.
echo 'PGT001 # accepted' >"$tmp/list"
for format in gcc gitlab; do
	! "$bin" -f $format --baseline="$tmp/base" "$other" | grep PGT001
	check "-f $format lists what is absent" $?
done
for format in gcc gitlab github; do
	! "$bin" -f $format --suppressions="$tmp/list" "$bad" | grep PGT001
	check "-f $format lists what is suppressed" $?
done
head -30 "$bad" >"$tmp/cut.log"
says "what was not looked for" 4 "no verdict" "$bin" --baseline="$tmp/base" "$tmp/cut.log"
! grep -q "no longer found" "$tmp/says"; check "a cut log is told to be free of a fault" $?
says "what is not shown" 0 "unchanged, 0 absent" "$bin" --disable=PGT001 --baseline="$tmp/base" "$bad"
"$bin" -q --write-baseline="$tmp/written" "$bad"; [ $? -eq 1 ] && cmp -s "$tmp/written" "$tmp/base"
check "--write-baseline writes something else than -f ndjson" $?
"$bin" -q -j2 --write-baseline="$tmp/written" --files-from="$tmp/names"
"$bin" -f ndjson --baseline="$tmp/written" --files-from="$tmp/names" >"$tmp/again"
grep -q '"type":"summary".*"unchanged"' "$tmp/again" && ! grep -q '"state":"new"\|"type":"absent"' "$tmp/again"
check "what --write-baseline wrote is not what is known then" $?
cp "$tmp/base" "$tmp/kept"
says "a baseline that lacks an input" 3 "not written" "$bin" --write-baseline="$tmp/kept" "$bad" "$tmp/missing"
cmp -s "$tmp/kept" "$tmp/base"; check "a baseline that lacks an input replaces the old one" $?
says "a baseline read and written" 0 "unchanged" "$bin" --baseline="$tmp/kept" --write-baseline="$tmp/kept" "$bad"
says "... and read again" 0 "0 new, 3 unchanged, 0 absent" "$bin" --baseline="$tmp/kept" "$bad"
echo 'PGT001 # a' >"$tmp/list"
"$bin" -q --suppressions="$tmp/list" --write-baseline="$tmp/kept" "$bad"
says "what was suppressed is not known" 1 "PGT001 rw-before-pin, proved, new" "$bin" --baseline="$tmp/kept" "$bad"
"$bin" -f json "$bad" >"$tmp/base.json"
says "a baseline as json" 0 "0 new, 3 unchanged" "$bin" --baseline="$tmp/base.json" "$bad"
says "a missing baseline" 3 "No such file" "$bin" --baseline="$tmp/nothing" "$bad"
says "a folder" 3 "directory" "$bin" --baseline="$tmp" "$bad"
says "no baseline at all" 3 "no record of ours" "$bin" --baseline="$bad" "$bad"
: >"$tmp/empty"; says "an empty baseline" 3 "no record of ours" "$bin" --baseline="$tmp/empty" "$bad"
head -c 100000000 /dev/zero | tr '\0' '[' >"$tmp/huge"
says "100 MB of brackets" 3 "no record of ours" "$bin" --baseline="$tmp/huge" "$bad"
{ cat "$tmp/base"; echo '{"type":"finding","schema":1,"rule":"PGT002","file":7,"fingerprint":[1]}'
	echo '{"type":"finding","schema":1,"rule":"PGT002","file":"x","fingerprint":"not hex at all.."}'
	echo '{"type":'; } >"$tmp/mixed"
says "records that are wrong" 0 "1 line is no whole record" "$bin" --baseline="$tmp/mixed" "$bad"

# JUnit XML, which comes back through CI systems.
if "$bin" -f junit "$bad" 2>&1 >"$tmp/base.xml" | grep -q 'no module'; then
	echo "skipped: no XML module in this build (libxml2-dev)"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
fi
says "a baseline as JUnit" 0 "0 new, 3 unchanged, 0 absent" "$bin" --baseline="$tmp/base.xml" "$bad"
says "JUnit, to JUnit" 1 'name="absent" value="PGT001 rw-before-pin' "$bin" -f junit --baseline="$tmp/base.xml" "$other"
says "JUnit of another fault" 1 "no longer found: PGT001" "$bin" --baseline="$tmp/base.xml" "$other"
"$bin" -f junit:gitlab "$bad" >"$tmp/gitlab.xml"
says "a baseline as junit:gitlab" 0 "0 new, 3 unchanged" "$bin" --baseline="$tmp/gitlab.xml" "$bad"
head -c 3000 "$tmp/base.xml" >"$tmp/cut.xml"
says "JUnit that is cut" 3 "not well-formed" "$bin" --baseline="$tmp/cut.xml" "$bad"
echo '<html><p>x</p></html>' >"$tmp/html.xml"
says "other XML" 3 "not our JUnit" "$bin" --baseline="$tmp/html.xml" "$bad"
{ echo '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "<!ENTITY a$i \"&a${i%1};&a;&a;&a;&a;&a;&a;&a;&a;&a;\">" | sed "s/&a$i;/\&a$((i - 1));/; s/&a0;/\&a;/"
	done; echo ']><testsuites>&a9;</testsuites>'; } >"$tmp/laughs.xml"
says "a billion laughs" 3 "has a DTD" "$bin" --baseline="$tmp/laughs.xml" "$bad"
printf '<!DOCTYPE t [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuites><testsuite name="&e;"/></testsuites>' >"$tmp/entity.xml"
says "an external entity" 3 "has a DTD" "$bin" --baseline="$tmp/entity.xml" "$bad"
for code in UTF-16 UTF-16BE UTF-32 UTF-7; do
	{ [ $code = UTF-7 ] && printf '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE t><testsuites/>' ||
		iconv -t $code "$tmp/entity.xml"; } >"$tmp/coded.xml" 2>/dev/null
	"$bin" --baseline="$tmp/coded.xml" "$bad" >"$tmp/says" 2>&1
	[ $? -eq 3 ] && ! grep -q root: "$tmp/says"; check "an entity in $code" $?
done
echo '<testsuites><testsuite name="&nothing;"/></testsuites>' >"$tmp/entity.xml"
says "an entity that is not there" 3 "not well-formed" "$bin" --baseline="$tmp/entity.xml" "$bad"
{ printf '<testsuites><testsuite name="x"><testcase name="PGT001 x"><failure>'; cat "$tmp/huge"; } >"$tmp/huge.xml"
says "100 MB of JUnit" 3 "larger than" "$bin" --baseline="$tmp/huge.xml" "$bad"
{ printf '<testsuites><testsuite name="x"><testcase name="PGT001 x"><failure>'; head -c 60000000 "$tmp/huge"; } >"$tmp/huge.xml"
says "60 MB of one text" 3 "not well-formed" "$bin" --baseline="$tmp/huge.xml" "$bad"
{ printf '<testsuites>'; head -c 3000000 "$tmp/huge" | sed 's/\[/<a>/g'; } >"$tmp/deep.xml"
says "a million elements inside each other" 3 "not well-formed" "$bin" --baseline="$tmp/deep.xml" "$bad"
cat >"$tmp/odd.xml" <<-'END'
	<testsuites><testsuite name="x"><testcase name="PGT001 x"><failure> fingerprint: 0123456789abcdef
	fingerprint: 0123456789ABCDEF
	fingerprint: 0123456789abcdef0
	fingerprint: 0123456789abcde
	</failure></testcase><testcase name="PGT99999999999 x"><failure>fingerprint: 0123456789abcdef</failure></testcase>
	<testcase><failure>fingerprint: 0123456789abcdef</failure></testcase></testsuite></testsuites>
END
says "JUnit with nothing of ours in it" 1 "3 new, 0 unchanged" "$bin" --baseline="$tmp/odd.xml" "$bad"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
