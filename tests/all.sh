#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs all tests, installing what they need when it is missing (Debian).
set -e
cd "$(dirname "$0")/.."
. tests/packages.sh
need gcc libc6-dev make libcmocka-dev jq mandoc
exec make -s -j"$(nproc 2>/dev/null || echo 1)" check
