#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/fuzz_seeds.sh DIR     fills DIR/seeds and DIR/words for the fuzz targets
#
# Seeds: every input of testdata/, the dumps that its cases have made, traces
# written from its logs. Targets take those that reach something new in them.
# Words: the fixed parts of all line shapes, in libFuzzer's form.
set -eu
cd "$(dirname "$0")/.."
dir=${1:?usage: tests/fuzz_seeds.sh DIR}
bin=${PGTCHECK:-$PWD/pgtcheck}
mkcore=$(cd "${BUILD:-build}" && pwd)/tests/mkcore
cores=$PWD/tests/cores
export mkcore cores
mkdir -p "$dir/seeds"

name_of() {   # PATH -> without slashes
	tr / - <<<"${1#testdata/}"
}

find testdata -type f ! -name expect.out ! -name expect.code ! -name cmd ! -name name |
	while read -r file; do
		head -c 65536 "$file" >"$dir/seeds/$(name_of "$file")"
	done
for case in testdata/*/*/cmd; do
	recipe=$(tr -d '\n\\' <"$case" | sed -n 's/.*< <(\(.*\)).*/\1/p')
	case $recipe in
	*mkcore*) (cd "${case%/cmd}" && eval "$recipe") >"$dir/seeds/$(name_of "${case%/cmd}")" || : ;;
	esac
done
for log in testdata/*/fires*/boot.log; do
	"$bin" -q --write-trace="$dir/seeds/$(name_of "${log%/boot.log}").trace" "$log" \
		>/dev/null 2>&1 || :
done
for log in testdata/*/fires/boot.log; do
	for format in ndjson json junit; do
		"$bin" -f $format "$log" >"$dir/seeds/$(name_of "${log%/boot.log}").$format" 2>/dev/null || :
	done
done

# What stands between the captures of LINE("...").
sed -n 's/^.*LINE[A-Z_]*("\(\([^"\\]\|\\.\)*\)".*/\1/p' formats/lines_*.c | sed 's/<[a-z_]*>/\n/g' |
	LC_ALL=C grep -E '.{4,}' | grep -v '\\' | LC_ALL=C sort -u | sed 's/.*/"&"/' >"$dir/words"
