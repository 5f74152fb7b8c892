#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package: built twice in a row it is the same, byte for byte; lintian
# has nothing to say; it is hardened, holds what `make install` installs, and
# runs from where it is unpacked.
set -u
cd "$(dirname "$0")/.."
for program in dpkg-buildpackage dh lintian fakeroot; do
	command -v $program >/dev/null || missing="${missing:-} $program"
done
if [ -n "${missing:-}" ]; then
	echo "skipped: not here:$missing (apt-get install dpkg-dev debhelper lintian fakeroot)"
	exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
. tests/counting.sh
export DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)"
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS
package() {   # NAME: what is built is kept there
	rm -rf "$tmp/build"
	mkdir "$tmp/build"
	tar -c --exclude=./.git --exclude='./build*' --exclude=./pgtcheck . | tar -x -C "$tmp/build" --one-top-level=pgtcheck
	if ! (cd "$tmp/build/pgtcheck" && dpkg-buildpackage -b -us -uc -Pnocheck) >"$tmp/log" 2>&1; then
		tail -n 20 "$tmp/log"; echo "0 passed, 1 failed"; exit 1
	fi
	mkdir "$tmp/$1"
	cp "$tmp"/build/*.deb "$tmp"/build/*.changes "$tmp"/build/*.buildinfo "$tmp/$1"
}
package one
package two
deb=$(ls "$tmp"/one/pgtcheck_*.deb)
for file in "$tmp"/one/*.deb; do
	cmp -s "$file" "$tmp/two/$(basename "$file")"; check "$(basename "$file") differs when built again" $?
done
lintian --allow-root --fail-on error,warning "$tmp"/one/*.changes >"$tmp/lintian" 2>&1
check "lintian: $(cat "$tmp/lintian")" $?
check "lintian says: $(cat "$tmp/lintian")" "$(wc -l <"$tmp/lintian")"

dpkg-deb -x "$deb" "$tmp/root"
make -s install DESTDIR="$tmp/made" PREFIX=/usr LIBDIR=/usr/lib/"$(dpkg-architecture -qDEB_HOST_MULTIARCH)" \
	ZSH_DIR=/usr/share/zsh/vendor-completions BUILD="$tmp/b" -j"$(nproc)" >"$tmp/log" 2>&1
check "make install: $(tail -n 3 "$tmp/log")" $?
diff <(cd "$tmp/root" && find . -type f ! -path './usr/share/doc/*' | sed 's/\.gz$//' | sort) \
	<(cd "$tmp/made" && find . -type f | sort) >"$tmp/diff"
check "< in the package, > by make install: $(cat "$tmp/diff")" $?

for file in "$tmp/root/usr/bin/pgtcheck" "$tmp"/root/usr/lib/*/pgtcheck/*.so; do
	headers=$(readelf -Wldh "$file")
	grep -q GNU_RELRO <<<"$headers" && grep -qE 'BIND_NOW|FLAGS_1.*NOW' <<<"$headers" &&
		grep -qE 'Type: +DYN' <<<"$headers" && ! grep -qE 'GNU_STACK.* RWE' <<<"$headers"
	check "$(basename "$file") is not hardened" $?
done
readelf -Ws --dyn-syms "$tmp/root/usr/bin/pgtcheck" | grep -q __stack_chk_fail; check "no stack protector" $?
readelf -Ws --dyn-syms "$tmp/root/usr/bin/pgtcheck" | grep -q '_chk@'; check "no fortified functions" $?
"$tmp/root/usr/bin/pgtcheck" -f junit testdata/boots/healthy-native-6.1/boot.log >"$tmp/junit" 2>&1
[ $? -eq 0 ] && grep -q '<testsuite ' "$tmp/junit"
check "the unpacked program finds no module: $(head -n 2 "$tmp/junit")" $?
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
