# SPDX-License-Identifier: GPL-2.0-or-later
#
# What GitLab's code-quality report requires. true, or an error.
def must(condition; what): if condition then . else error(what) end;

must([.[].fingerprint] | length == (unique | length); "fingerprints are unique")
| reduce .[] as $issue (.; ($issue
	| must(keys == ["check_name", "description", "fingerprint", "location", "severity"]; "keys")
	| must([.description, .check_name, .fingerprint, .location.path]
		| all(type == "string" and length > 0); "strings")
	| must(.severity | IN("info", "minor", "major", "critical", "blocker"); "severity")
	| must(.location.path | startswith("./") | not; "path")
	| must(.location.lines.begin | type == "number" and . >= 1; "line")) as $x | .)
| true
