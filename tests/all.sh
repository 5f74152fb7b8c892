#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs all tests, installing what they need when it is missing (Debian).
set -e
cd "$(dirname "$0")/.."
. tests/packages.sh
need gcc libc6-dev make libcmocka-dev jq mandoc pkg-config libxml2-dev libxml2-utils libjansson-dev \
	libelf-dev zlib1g-dev liblzma-dev libzstd-dev libbz2-dev xz-utils zstd bzip2 zip \
	libtracecmd-dev libtracefs-dev libtraceevent-dev libseccomp-dev
exec make -s -j"$(nproc 2>/dev/null || echo 1)" check
