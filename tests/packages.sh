#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced: need PACKAGE... installs what is missing with apt-get, saying so
# first. Without root it prints the exact command and ends with status 1.

need() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "These packages are missing:$missing" >&2
		echo "Install them with:" >&2
		echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
		exit 1
	fi
	echo "Installing with apt-get:$missing"
	apt-get update -qq || exit 1
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		$missing >/dev/null || exit 1
}
