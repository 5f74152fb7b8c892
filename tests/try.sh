#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From nothing to a verdict: installs a compiler and make when they are missing
# (Debian), builds, and judges a real boot of 2011 that ships with the tests.
set -e
cd "$(dirname "$0")/.."
. tests/packages.sh
need gcc libc6-dev make
make -s -j"$(nproc 2>/dev/null || echo 1)"
log=testdata/boots/tail-left-ro-92bdaef/boot.log
printf '\n$ ./pgtcheck %s\n' "$log"
status=0
./pgtcheck "$log" || status=$?
# Status 1 is the right answer here: this boot is broken.
[ "$status" -eq 1 ]
