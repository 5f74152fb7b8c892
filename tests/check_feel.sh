#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion in real shells, --version=json, and --redact in every format.
set -u
cd "$(dirname "$0")/.."
bin=${PGTCHECK:-$PWD/pgtcheck}
build=${BUILD:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
. tests/counting.sh
options=$("$bin" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
formats=$("$bin" --help | sed -n '/^Formats/,/^$/p' | awk 'NR > 1 && NF { print $1 }')

# bash: as readline would call it.
complete_bash() {   # WORDS...: what is offered for the last one
	bash --norc -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pgtcheck
		printf "%s\n" "${COMPREPLY[@]}"' "$build/completion.bash" "$@" 2>&1
}
complete_bash pgtcheck -- | sed 's/=$//' | sort | cmp -s - <(sort <<<"$options")
check "bash offers other options than --help" $?
[ "$(complete_bash pgtcheck --fail-on = wa)" = warning ]; check "bash: --fail-on=wa" $?
[ "$(complete_bash pgtcheck -f nd)" = ndjson ]; check "bash: -f nd" $?
[ "$(complete_bash pgtcheck --explain = tail-l)" = tail-left-ro ]; check "bash: --explain=tail-l" $?
[ "$(complete_bash pgtcheck --summary = "")" = only ]; check "bash: --summary=" $?
types=$("$bin" --help | sed -n '/^Input types/,/^$/p' | awk 'NR > 1 && NF { print $1 }')
complete_bash pgtcheck -t "" | sort | cmp -s - <(sort <<<"auto"$'\n'"$types")
check "bash: other types than --help's" $?
[ "$(complete_bash pgtcheck --enable = PGT001,tail-l)" = PGT001,tail-left-ro ]
check "bash: --enable=PGT001,tail-l" $?
[ "$(complete_bash pgtcheck --enable = tail-l)" = tail-left-ro ]; check "bash: --enable=tail-l" $?
complete_bash pgtcheck Make | grep -qx Makefile; check "bash offers no file" $?
for option in $options; do
	grep -q -- "$option[=\[}]" "$build/completion.zsh" || echo "$option"
	grep -q -- "-l ${option#--} " "$build/completion.fish" || echo "$option"
done >"$tmp/missing"
check "zsh or fish lacks: $(tr '\n' ' ' <"$tmp/missing")" "$(wc -l <"$tmp/missing")"
if command -v zsh >/dev/null; then
	zsh -n "$build/completion.zsh"; check "zsh cannot read its completion" $?
else
	echo "skipped: no zsh here"
fi
if command -v fish >/dev/null; then
	HOME=$tmp fish -c "source $build/completion.fish; complete -C 'pgtcheck --fail-on='" 2>&1 |
		grep -q '^--fail-on=warning'
	check "fish: --fail-on=" $?
	HOME=$tmp fish -c "source $build/completion.fish; complete -C 'pgtcheck --enable=PGT001,tail-l'" 2>&1 |
		grep -q -- '^--enable=PGT001,tail-left-ro'
	check "fish: --enable=PGT001,tail-l" $?
else
	echo "skipped: no fish here"
fi

[ -z "$("$bin" --help | sed -n '/^Input types/,/^$/p' | sort | uniq -d)" ]
check "--help lists an input type twice" $?
"$bin" --version=json >"$tmp/version"
jq -e --arg options "$options" --arg formats "$formats" '.records_schema == 1 and .mmutrace_schema == 1 and (.modules | length > 0)
	and (.options | map("--" + .)) == ($options | split("\n"))
	and .formats == ($formats | split("\n"))' <"$tmp/version" >/dev/null
check "--version=json: $(cat "$tmp/version")" $?

"$bin" --explain=tail 2>&1 | grep -q "did you mean 'tail-left-ro'"; check "a name that was begun is not offered" $?

# Secrets in every line that is evidence, and around it.
log=testdata/boots/tail-left-ro-92bdaef/boot.log
sed -e 's|$| at 10.20.30.40 00:16:3e:5e:c2:e7 fe80::5ec:2e7 root@secrethost /home/secretuser/x serial number: SECRET77|' \
	"$log" >"$tmp/boot.log"
secrets='10\.20\.30\.40|00:16:3e:5e:c2:e7|fe80::5ec|secret|SECRET'
quoted=0
for format in $formats; do
	case $format in svg) continue ;; esac
	"$bin" -v -f "$format" --context=2 "$tmp/boot.log" >"$tmp/plain" 2>&1
	"$bin" -v -f "$format" --context=2 --redact "$tmp/boot.log" >"$tmp/redacted" 2>&1
	grep -qE "$secrets" "$tmp/plain" && quoted=$((quoted + 1))
	! grep -qE "$secrets" "$tmp/redacted"
	check "--redact -f $format: $(grep -oE "$secrets" "$tmp/redacted" | head -n 1)" $?
done
check "no format quoted a secret without --redact" $((quoted == 0))
"$bin" --timeline --redact "$log" >/dev/null 2>&1; check "--timeline --redact" $(($? - 2))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
