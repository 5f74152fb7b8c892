#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The inputs of testdata/ that are no plain logs: archives, mails, traces, dumps of
# journals, descriptions.
find testdata -mindepth 3 -type f -size -300k ! -name '*.log' ! -name cmd ! -name name \
	! -name needs ! -name 'expect.*' | LC_ALL=C sort
