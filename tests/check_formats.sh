#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every report format read by somebody else: XML by xmllint against a schema,
# JSON by jq against what the published schemas require, TAP by prove. Inputs
# are all cases of testdata/ and logs and file names made to break formats.
# What the formats say is compared with the ndjson of the same run.
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C
bin=$(realpath "${PGTCHECK:-pgtcheck}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
here=$PWD

ok() { passed=$((passed + 1)); }
bad() {   # WHAT
	echo "$what: $1"
	failed=$((failed + 1))
}
check() {   # MESSAGE, of a command on the rest of the line
	local message=$1
	shift
	if "$@" >"$tmp/said" 2>&1; then ok; else bad "$message"; head -5 "$tmp/said"; fi
}

log=testdata/tail-left-ro/fires/boot.log
formats="ndjson sarif tap ktap gitlab github kcidb"
xml=
if "$bin" -f junit "$log" 2>&1 | grep -q 'this build has no module'; then
	echo "skipped: the formats of libxml2, which this build has not"
elif ! command -v xmllint >/dev/null; then
	echo "skipped: the formats of libxml2 (no xmllint)"
else
	xml=yes
	formats="$formats junit junit:gitlab html"
fi

# All formats from one run over the operands, in $tmp/FORMAT.
make_reports() {
	local reports=() format
	for format in $formats; do
		reports+=("--report=$format:$tmp/$format")
	done
	"$bin" -q "${reports[@]}" "$@" 2>"$tmp/errors"
	status=$?
	case $status in
	0 | 1 | 3 | 4) ;;
	*) bad "status $status" ;;
	esac
	for format in $formats; do
		[ -s "$tmp/$format" ] || bad "$format: no report"
		iconv -f UTF-8 -t UTF-8 "$tmp/$format" >/dev/null 2>&1 || bad "$format: not UTF-8"
		# Some findings have no fix, as PGT007: then it is left out.
		! grep -Eiq 'fix": ?""|fix: ?("")?$|fix:</b> ?<' "$tmp/$format" ||
			bad "$format: a fix without words"
	done
}

# --- each format by its reader ------------------------------------------------

check_ktap() {
	awk '
	function fail(why) { print NR ": " why ": " $0; bad = 1 }
	NR == 1 { if ($0 != "KTAP version 1") fail("version"); next }
	/^  KTAP version 1$/ { inner = plan = not_ok = 0; next }
	/^  # / { next }
	/^  1\.\.[0-9]+$/ { plan = substr($0, 6) + 0; next }
	/^  (not )?ok [0-9]+ PGT[0-9]+ [a-z0-9-]+( # SKIP .*)?$/ {
		number = $1 == "not" ? $3 : $2; inner++
		if (number != inner) fail("number"); if ($1 == "not") not_ok = 1; next }
	/^(not )?ok [0-9]+ ./ {
		outer++; number = $1 == "not" ? $3 : $2
		if (number != outer) fail("outer number")
		if (inner != plan || !plan) fail("plan")
		if (($1 == "not") != not_ok) fail("verdict"); next }
	{ fail("line") }
	END { exit bad || !outer }' "$tmp/ktap"
}

check_github() {
	awk '
	function fail(why) { print NR ": " why ": " $0; bad = 1 }
	/^::(error|warning|notice) / {
		kind = $1; if (++count[kind] > 10) fail("more than ten of a kind")
		rest = substr($0, 3); at = index(rest, "::")
		if (!at) { fail("no message"); next }
		properties = substr(rest, length(kind), at - length(kind)); message = substr(rest, at + 2)
		if (properties !~ /^file=[^,:]+(,line=[1-9][0-9]*,col=[1-9][0-9]*)?,title=[^,:]+$/) fail("properties")
		if (properties ~ /%[^0-9A-F]/ || message ~ /%[^0-9A-F]/) fail("bare percent sign")
		if (message == "") fail("empty message"); next }
	/^pgtcheck: not shown one by one: / { rest_lines++; next }
	{ fail("line") }
	END { exit bad || rest_lines > 1 }' "$tmp/github" && ! grep -q '[[:cntrl:]]' "$tmp/github"
}

check_readers() {
	check "sarif" jq -e -f tests/formats/sarif.jq "$tmp/sarif"
	check "kcidb" jq -e -f tests/formats/kcidb.jq "$tmp/kcidb"
	check "gitlab" jq -e -f tests/formats/gitlab.jq "$tmp/gitlab"
	check "ktap" check_ktap
	check "github" check_github
	if [ $xml ]; then
		check "junit" xmllint --noout --huge --schema tests/formats/junit.xsd "$tmp/junit"
		check "junit:gitlab" xmllint --noout --huge "$tmp/junit:gitlab"
	fi
	if command -v prove >/dev/null; then
		prove --exec cat "$tmp/tap" >"$tmp/said" 2>&1
		if grep -q 'Parse errors\|No plan\|Bad plan' "$tmp/said" ||
		   ! grep -q '^Files=1, Tests=[1-9]' "$tmp/said"; then
			bad "tap: prove refuses it"; tail -5 "$tmp/said"
		else
			ok
		fi
	fi
}

# --- what they say, against ndjson ---------------------------------------------

same() {   # WHAT A B
	if [ "$2" = "$3" ]; then ok; else bad "$1: $(diff <(echo "$2") <(echo "$3") | head -5)"; fi
}
ask() { jq -c "$@"; }

check_facts() {
	local want
	want=$(ask -s 'map(select(.type == "finding") | [.rule, .line, .severity, .fingerprint])' "$tmp/ndjson")
	same "sarif results" "$want" "$(ask '.runs[0].results | map([.ruleId,
		(.locations[0].physicalLocation.region.startLine // 0), .level, .partialFingerprints["pgtcheck/v1"]])' "$tmp/sarif")"
	same "kcidb findings" "$want" "$(ask '[.tests[].misc.findings[] | [.rule, .line, .severity, .fingerprint]]' "$tmp/kcidb")"
	same "gitlab issues" "$(ask 'map([.[0], ([.[1], 1] | max), .[3]])' <<<"$want")" \
		"$(ask 'map(select(.check_name | startswith("PGT")) | [.check_name, .location.lines.begin, .fingerprint[:16]])' "$tmp/gitlab")"
	# One test, suite, ... for each input, with its verdict.
	same "kcidb statuses" \
		"$(ask -s 'map(select(.type == "file") | {"0": "PASS", "1": "FAIL", "3": "ERROR", "4": "DONE"}[.status | tostring])' "$tmp/ndjson")" \
		"$(ask '[.tests[].status]' "$tmp/kcidb")"
	same "sarif exit code" "$status" "$(ask '.runs[0].invocations[0].exitCode' "$tmp/sarif")"
	# A log without a verdict or unread is told; a judged one is no notification.
	same "sarif notifications" \
		"$(ask -s '[map(select(.type == "file"))[] | select(.status == 3)] | length' "$tmp/ndjson")" \
		"$(ask '[.runs[0].invocations[0].toolExecutionNotifications[] | select(.descriptor.id == "not-read")] | length' "$tmp/sarif")"
	[ $xml ] || return
	same "junit suites with a failure" \
		"$(ask -s '[.[] | select(.type == "file" and .status == 1)] | length' "$tmp/ndjson")" \
		"$(xmllint --huge --xpath 'count(//testsuite[testcase/failure])' "$tmp/junit")"
	same "junit errors" \
		"$(ask -s '[.[] | select(.type == "file" and .status == 3)] | length' "$tmp/ndjson")" \
		"$(xmllint --huge --xpath 'count(//testcase[error])' "$tmp/junit")"
	same "junit counts" 0 "$(xmllint --huge --xpath 'count(//testsuite[@tests != count(testcase) or
		@failures != count(testcase/failure) or @errors != count(testcase/error) or
		@skipped != count(testcase/skipped)])' "$tmp/junit")"
	same "junit passes are judged rules" \
		"$(ask -s '[.[] | select(.type == "file") | .rules_judged] | add' "$tmp/ndjson")" \
		"$(xmllint --huge --xpath 'count(//testcase[not(starts-with(@name, "PGT000")) and not(skipped) and not(error)])' "$tmp/junit")"
	same "tap failures" "$(grep -c '^not ok' "$tmp/tap")" \
		"$(xmllint --huge --xpath 'count(//failure) + count(//error)' "$tmp/junit")"
}

# --- inputs ------------------------------------------------------------------------

what="testdata"
make_reports testdata/*/*/*.log
check_readers
check_facts

# Bytes that end strings, elements, comments, lines and commands in the formats,
# on every line of a log with findings, so that the reports quote them.
hostile=$tmp/hostile
mkdir "$hostile"
tail=$' ]]> <!--&amp;"\'</failure> ::error::x %0A%%25 #SKIP # TODO \\ \001\033[31m\177 \302\233 \377\376 \357\277\277 \355\240\200 \360\237\220\247 \342\200\256'
for file in testdata/tail-left-ro/fires/boot.log testdata/boots/rw-before-pin-2.6.39-rc5/boot.log; do
	name=$(basename "$(dirname "$file")")
	sed "s|\$|$(sed 's/[&\\|]/\\&/g' <<<"$tail")|" "$file" >"$hostile/$name.log"
done
for name in $'new\nline' '"quotes"' "'apostrophe'" '::error file=x::y' '100%25 %zz' '<b>&amp;]]>' \
	$'bytes\377\376' '# SKIP' ' blanks  ' 'a:b,c' '{{x}}' 'back\slash' $'\033[31m' 'ütf'; do
	cp "$log" "$hostile/$name"
done
{ cat "$log"; head -c 70000 /dev/zero | tr '\0' '<'; } >"$hostile/long"
sed "s|\$|$(head -c 60000 /dev/zero | tr '\0' 'x')|" "$log" >"$hostile/longer"
: >"$hostile/empty"
head -c 5000 /dev/urandom >"$hostile/noise"
what="hostile"
cd "$hostile" && set -- ./* && cd "$here" || exit 1
(cd "$hostile" && make_reports ./* missing; echo $status >"$tmp/status")
status=$(cat "$tmp/status")
check_readers
check_facts
[ ! $xml ] || same "junit findings are quoted" 1 "$(xmllint --xpath 'number(count(//failure) > 10)' "$tmp/junit")"
same "sarif names decode to the files" "$(cd "$hostile" && printf '%s\0' * | sort -z | tr '\0\n' '\n_')" \
	"$(jq -r '[.runs[0] | .results[].locations[0], .invocations[0].toolExecutionNotifications[].locations[0] |
		.physicalLocation.artifactLocation.uri] | unique | .[]' "$tmp/sarif" | grep -v '^missing$' |
		while IFS= read -r uri; do printf '%b\0' "$(sed 's/\\/\\\\/g; s/%/\\x/g' <<<"$uri")"; done |
		sort -zu | tr '\0\n' '\n_')"

what="github, twelve logs"
set --
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do set -- "$@" "$log"; done
"$bin" -f github "$@" >"$tmp/github"
check "ten of a kind" check_github
same "the rest is counted" "$("$bin" -f ndjson "$@" | jq -s '[.[] | select(.severity == "error")] | length - 10')" \
	"$(sed -n 's/^pgtcheck: not shown one by one: \([0-9]*\) more error.*/\1/p' "$tmp/github")"

# --- the files of --report ---------------------------------------------------------

what="a file that may not grow"
echo old >"$tmp/kept"
(ulimit -f 1; "$bin" -q --report="sarif:$tmp/kept" "$log" 2>"$tmp/errors")
same "status" 3 $?
same "the old file is kept" old "$(cat "$tmp/kept")"
same "no temporary file is left" "kept.*" "$(cd "$tmp" && echo kept.*)"
check "told" grep -q 'cannot write the report' "$tmp/errors"

what="a full disk"
for format in $formats ${xml:+svg}; do
	"$bin" -q --report="$format:/dev/full" "$log" 2>"$tmp/errors"
	same "$format: status" 3 $?
	"$bin" -f "$format" "$log" >/dev/full 2>"$tmp/errors"
	same "$format: status of standard output" 3 $?
	check "$format: told" grep -q 'No space left' "$tmp/errors"
	same "$format: lines of trouble" 1 "$(wc -l <"$tmp/errors")"
done

what="a folder that is not there"
"$bin" -q --report="sarif:$tmp/none/x" "$log" 2>"$tmp/errors"
same "status" 3 $?

what="no folder for temporary files"
for format in $formats; do
	"$bin" -f "$format" "$log" >"$tmp/some" 2>&1
	TMPDIR=$tmp/none "$bin" -f "$format" "$log" >"$tmp/none.out" 2>&1
	check "$format: another report" cmp -s "$tmp/some" "$tmp/none.out"
done

what="a closed pipe"
set --
for _ in {1..200}; do set -- "$@" "$log"; done
{ "$bin" -f sarif --report="kcidb:$tmp/whole" "$@" 2>"$tmp/errors"; echo $? >"$tmp/status"; } |
	true
same "status" 3 "$(cat "$tmp/status")"
check "the file is whole all the same" jq -e '.tests | length == 200' "$tmp/whole"

what="a rename that fails"
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	# The leak detector cannot work under a tracer.
	ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -e inject=rename:error=EIO "$bin" -q --report="tap:$tmp/kept" "$log" 2>"$tmp/errors"
	same "status" 3 $?
	same "the old file is kept" old "$(cat "$tmp/kept")"
	same "no temporary file is left" "kept.*" "$(cd "$tmp" && echo kept.*)"
else
	echo "skipped: $what (no strace)"
fi

what="rights and links"
umask 022
"$bin" -q --report="tap:$tmp/fresh" "$log"
same "of a new file" 644 "$(stat -c %a "$tmp/fresh")"
chmod 600 "$tmp/fresh"; ln -s fresh "$tmp/link"
"$bin" -q --report="tap:$tmp/link" "$log"
same "of an old one" 600 "$(stat -c %a "$tmp/fresh")"
check "a link stays a link" test -L "$tmp/link"

what="usage"
for arguments in --report=sarif --report=sarif: --report=sarff:x --report=:x; do
	"$bin" $arguments "$log" >/dev/null 2>&1
	same "$arguments" 2 $?
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
