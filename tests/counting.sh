# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by scripts whose last line says how many of their checks passed.
passed=0 failed=0

check() {   # WHAT STATUS-OF-TEST
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		echo "$1"; failed=$((failed + 1))
	fi
}

check_that() {   # WHAT COMMAND...
	"${@:2}"
	check "$1" $?
}
