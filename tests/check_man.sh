#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The manual against the program: pages without a warning of mandoc, the same
# options as --help, the same formats, every shape of line described, every
# rule in pgtcheck-rules(7), every example of pgtcheck(1) runnable.
set -u
shopt -s lastpipe   # check() counts in this shell
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-./pgtcheck}
rules=${BUILD:-build}/pgtcheck-rules.7
passed=0 failed=0
check() {   # WHAT; lines of trouble on standard input
	local lines
	lines=$(cat)
	if [ -n "$lines" ]; then
		echo "$1:"; echo "$lines"; failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

for page in man/pgtcheck.1 man/pgtcheck-formats.5 man/pgtcheck-capture.7 "$rules"; do
	# Whether other manuals are found depends on what is installed.
	mandoc -T lint "$page" 2>&1 | grep -v -e "mandoc.db" -e "referenced manual not found" |
		check "$page: mandoc warns"
done

# Options: "--name" of --help is ".Fl -name" in the page, and the reverse.
diff <("$bin" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u) \
	<(sed -n '/^\.Ss Input/,/^\.Sh ARCHIVES/p' man/pgtcheck.1 | grep '^\.It ' |
		grep -oE '(Fl|,) -[a-z][a-z-]+' | sed 's/^[^-]*/-/' | sort -u) |
	check "man/pgtcheck.1: < options of --help, > of the page"
"$bin" --help | sed -n '/^Formats/,/^$/p' | awk 'NR > 1 && NF { print $1 }' | while read -r format; do
	grep -q "^\.It Cm $format\$" man/pgtcheck.1 || echo "$format"
done | check "man/pgtcheck.1: formats that are not described"

# Line shapes: every longer word of every pattern stands somewhere in the page.
page=$(mandoc -T ascii -O width=1000 man/pgtcheck-formats.5 | sed 's/.\x08//g')
sed -n 's/^\tLINE("\([^"]*\)".*/\1/p' formats/lines_*.c | sed 's/<[a-z]*>/ /g' |
	grep -oE '[A-Za-z_]{4,}' | sort -u | while read -r word; do
	grep -qF -- "$word" <<<"$page" || echo "$word"
done | check "man/pgtcheck-formats.5: words of line shapes that are not described"

for id in $("$bin" --list-rules | cut -d' ' -f1); do
	grep -q "^\.Ss $id " "$rules" || echo "$id"
done | check "$rules: rules that are missing"

examples=$(tests/man_examples.sh)
grep -v '^[0-9]* passed' <<<"$examples" | check "examples of man/pgtcheck.1"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
