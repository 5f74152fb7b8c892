# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced, with $bin: $built holds, in quotes, the modules that this build has and the
# libraries in them, $known those that it lacks too; has NAME asks, and says "skipped"
# where there is none.
known=$("$bin" --version=json)
built=$(tr '{' '\n' <<<"$known" |
	sed -n '/"installed":true/s/"missing":[^]]*\]//p')
export built known

has() {   # NAME...
	local name
	for name; do
		case $built in
		*"\"$name\""*) ;;
		*) echo "skipped: this build has no $name"; return 1 ;;
		esac
	done
}
