#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A tree that was built before its libraries were there: what is found later
# counts, without "make clean".
set -u
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
. tests/counting.sh
built() { make -s BUILD="$tmp/build" PKG_CONFIG="$tmp/pkg-config" "$tmp/build/$1" 2>&1; }

# A pkg-config that knows everything, with flags of the test's choice.
cat >"$tmp/pkg-config" <<EOF
#!/bin/sh
[ "\$1" != --cflags ] || cat "$tmp/flags"
EOF
chmod +x "$tmp/pkg-config"
object=formats/modules/unpack/convert.o
: >"$tmp/flags"
built "$object" >"$tmp/out" && [ -e "$tmp/build/$object" ]
check "a module's object is not built: $(cat "$tmp/out")" $?
before=$(stat -c %Y%i "$tmp/build/$object")
built "$object" >/dev/null
[ "$before" = "$(stat -c %Y%i "$tmp/build/$object")" ]
check "a module is built again although nothing has changed" $?
echo -DHAVE_ANOTHER >"$tmp/flags"
sleep 1.1
built "$object" >/dev/null
[ "$before" != "$(stat -c %Y%i "$tmp/build/$object")" ]
check "a module is not built again when another library was found" $?

# What a build lacks is said at its end, with the package that has it; -n builds nothing.
env -u MAKEFLAGS make -n BUILD="$tmp/build" PKG_CONFIG=false >"$tmp/out" 2>&1
grep -q '^  less: memory dumps, --vmlinux: needs libelf (Debian: libelf-dev)' "$tmp/out"
check "it is not said that libelf was missing" $?
grep -q '^  less: compressed inputs: some of it needs zlib, .*(Debian: zlib1g-dev, ' "$tmp/out"
check "it is not said that zlib was missing" $?
env -u MAKEFLAGS make -n BUILD="$tmp/build" PKG_CONFIG="$tmp/pkg-config" >"$tmp/out" 2>&1 && ! grep '^  less:' "$tmp/out"
check "something is said to be missing where all is there" $?
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
