#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A short, seeded part of `make check-mutate`: every log of testdata/ that is not
# large, damaged a few times, and the smallest ones cut after every byte; whether
# the time grows with the size alone; and every input of another kind, in all formats.
cd "$(dirname "$0")/.." || exit
mutate=${BUILD:-build}/tests/mutate
"$mutate" -n 0 -t testdata/tail-left-ro/fires/boot.log testdata/mmu-trace/healthy/boot.log \
	testdata/boots/healthy-native-6.1/boot.log || exit
"${mutate}_any" -n 8 -c 300 $(tests/other_inputs.sh) || exit
exec "$mutate" -n 4 -c 450 $(find testdata -name '*.log' -size -40k | LC_ALL=C sort)
