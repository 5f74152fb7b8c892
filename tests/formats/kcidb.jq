# SPDX-License-Identifier: GPL-2.0-or-later
#
# What KCIDB 5.3 (kernelci/kcidb-io, v05_03.py) requires of what pgtcheck
# writes. true, or the first breach as an error.
def must(condition; what): if condition then . else error(what) end;
def string: type == "string" and (test("\u0000") | not);

must(keys - ["checkouts", "builds", "tests", "issues", "incidents", "version"] == []; "keys")
| must(.version == {"major": 5, "minor": 3}; "version")
| must([.tests[].id] | length == (unique | length); "ids are unique")
| reduce .tests[] as $test (.; ($test
	| must(keys - ["id", "origin", "build_id", "environment", "path", "comment", "log_url",
		"log_excerpt", "status", "number", "start_time", "duration", "input_files",
		"output_files", "misc", "_timestamp"] == []; "unknown property of a test: \(keys)")
	| must(.origin | test("^[a-z0-9_]+$"); "origin")
	| must(.origin as $o | .id | startswith($o + ":"); "id begins with the origin")
	| must(.build_id | test("^[a-z0-9_]+:.*$"); "build_id")
	| must(.path | test("^([a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*)?$"); "path")
	| must(.status | IN("FAIL", "ERROR", "MISS", "PASS", "DONE", "SKIP"); "status")
	| must(.comment | string and length > 0; "comment")
	| must(.log_excerpt == null or (.log_excerpt | string and length <= 16384); "log_excerpt")
	| must(.misc | type == "object"; "misc")
	| must([.. | nulls] == []; "no property can be null")) as $x | .)
| true
