#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --bisect: its exit statuses, and the example of pgtcheck(1), run as it stands
# there on a repository whose commits boot well, badly, or say too little.
set -u
cd "$(dirname "$0")/.."
root=$PWD
bin=${PGTCHECK:-$PWD/pgtcheck}
case $bin in /*) ;; *) bin=$root/$bin ;; esac
passed=0 failed=0
good=$root/testdata/boots/healthy-dom0-2.6.39/boot.log
bad=$root/testdata/boots/rw-before-pin-2.6.39-rc5/boot.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

status() {   # WANT WHAT ARGUMENTS...
	"$bin" --bisect "${@:3}" >"$work/out" 2>"$work/err" </dev/null
	local got=$?
	if [ "$got" -eq "$1" ]; then
		passed=$((passed + 1))
	else
		echo "$2: status $got, want $1"; cat "$work/err"; failed=$((failed + 1))
	fi
}
head -n 40 "$bad" >"$work/short.log"
status 0 'a healthy boot' "$good"
status 1 'a broken boot' "$bad"
status 125 'a log that ends too early' "$work/short.log"
status 125 'no log at all' "$root/Makefile"
status 125 'an empty input' -
status 125 'a file that is not there' "$work/none.log"
status 125 'a good one and one that is not there' "$good" "$work/none.log"
status 125 'a report that cannot be written' --report=json:/dev/full "$good"
status 125 'a kernel image that cannot be read' --vmlinux="$work/none" "$good"
status 128 'an unknown option' --nonsense "$good"
status 1 'no verdict, which is to count as a failure' --inconclusive=fail "$work/short.log"
if "$bin" --nonsense --bisect "$good" 2>/dev/null; [ $? -eq 128 ]; then
	passed=$((passed + 1))
else
	echo 'a mistake before --bisect: status is not 128'; failed=$((failed + 1))
fi

finish() { echo "$passed passed, $failed failed"; [ "$failed" -eq 0 ]; exit; }
if ! command -v git >/dev/null; then
	echo 'git is not installed: the example is skipped'
	finish
fi

# Fifteen commits. Commit 11 breaks the boot; 5 does not build, of 8 too little is
# captured.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_TERMINAL_PROMPT=0
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
repository=$work/linux
git init -q "$repository" && cd "$repository" || exit 1
for n in $(seq 15); do
	log=$good
	[ "$n" -lt 11 ] || log=$bad
	[ "$n" -ne 8 ] || log=$work/short.log
	[ "$n" -ne 5 ] || log=$work/does-not-build.log
	printf '#!/bin/sh\n# build %s\ncat "%s" 2>/dev/null\n' "$n" "$log" >boot-it
	chmod +x boot-it
	git add boot-it && git commit -q -m "commit $n"
done
mkdir "$work/bin"
ln -s "$bin" "$work/bin/pgtcheck"
PATH=$work/bin:$PATH
sed -n '/check_bisect.sh runs this one/,/^\.Ed/p' "$root/man/pgtcheck.1" | grep '^git ' |
	sed "s/BAD GOOD/HEAD $(git rev-list --max-parents=0 HEAD)/" >"$work/example"
sh -e "$work/example" >"$work/out" 2>&1
found=$(git log -1 --format=%s refs/bisect/bad)
if [ "$found" = 'commit 11' ] && grep -q 'is the first bad commit' "$work/out"; then
	passed=$((passed + 1))
else
	echo "git bisect run found '$found', not 'commit 11':"; cat "$work/out"
	failed=$((failed + 1))
fi
finish
