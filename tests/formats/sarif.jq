# SPDX-License-Identifier: GPL-2.0-or-later
#
# What SARIF 2.1.0 requires (OASIS sarif-schema-2.1.0.json and the standard's
# text) of what pgtcheck writes. true, or the first breach as an error.
def must(condition; what): if condition then . else error(what) end;
def only($keys): must((keys_unsorted - $keys) == []; "unknown property: \(keys_unsorted - $keys)");
def message: must(type == "object" and (.text | type == "string" and length > 0); "message: \(.)")
	| only(["text", "markdown", "id", "arguments", "properties"]);
# RFC 3986: a reference without blanks, quotes, controls or bare percent signs.
def uri: must(type == "string" and test("^[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$")
		and (test("%(?![0-9A-F]{2})") | not); "uri: \(.)");
def location: only(["id", "physicalLocation", "logicalLocations", "message", "annotations",
		"relationships", "properties"])
	| (.physicalLocation | only(["address", "artifactLocation", "region", "contextRegion", "properties"])
		| (.artifactLocation.uri | uri) as $u
		| must(.region == null or (.region.startLine | type == "number" and . >= 1); "region: \(.region)"))
	| must(.id == null or .id >= 0; "location id");
def level: must(IN("none", "note", "warning", "error"); "level: \(.)");

only(["$schema", "version", "runs", "inlineExternalProperties", "properties"])
| must(.version == "2.1.0"; "version")
| must(.runs | length == 1; "one run for a batch")
| .runs[0]
| only(["tool", "invocations", "results", "artifacts", "columnKind", "properties"])
| .tool.driver as $driver
| ($driver | must(.name | type == "string" and length > 0; "driver.name")
	| must(.semanticVersion | test("^[0-9]+\\.[0-9]+\\.[0-9]+$"); "semanticVersion")) as $w | .
| must(([$driver.rules[].id] | length == (unique | length)); "rule ids are unique")
| (reduce $driver.rules[] as $rule (.; ($rule | only(["id", "name", "shortDescription", "fullDescription", "help",
		"helpUri", "defaultConfiguration", "properties", "messageStrings", "relationships"])
	| (.shortDescription | message) as $a | (.fullDescription | message) as $b
	| (.help | message) as $c | (.defaultConfiguration.level | level) as $d | .) as $y | .)) as $x | .
| (.results | length) as $results
| reduce .results[] as $r (.;
	($r | only(["ruleId", "ruleIndex", "rule", "kind", "level", "message", "locations",
		"relatedLocations", "partialFingerprints", "fingerprints", "rank", "properties",
		"baselineState", "suppressions", "codeFlows", "fixes"])
	| must($driver.rules[.ruleIndex].id == .ruleId; "ruleIndex of \(.ruleId)")
	| (.level | level) as $a | (.message | message) as $b
	| must(.rank >= 0 and .rank <= 100; "rank")
	| must(.locations | length >= 1; "locations") | (.locations | map(location)) as $c
	| (.relatedLocations | map(location)) as $d
	| must([.relatedLocations[].id] | length == (unique | length); "related ids")
	| must(.partialFingerprints | length >= 1 and all(type == "string"); "fingerprints")) as $y
	| .)
| must(.invocations | length == 1; "one invocation")
| .invocations[0]
| must(.executionSuccessful | type == "boolean"; "executionSuccessful is required")
| must(.exitCode | type == "number"; "exitCode")
| reduce .toolExecutionNotifications[] as $n (.;
	($n | only(["descriptor", "level", "message", "locations", "associatedRule", "properties"])
	| (.level | level) as $a | (.message | message) as $b
	| (.locations | map(location)) as $c | must(.descriptor.id | length > 0; "descriptor")) as $y
	| .)
| true
