# shellcheck shell=sh
#
# What the checks share that are about refusals: the reason, word for word, where it is shown.

# expect_refusal TARGET PATCH CLASS REASON: in status, in JSON and in metrics.
expect_refusal() {
	expect_value "reason of $2" "unpatched $3 $4" state_column state,refusal,reason "$2"
	expect_value "JSON" "\"state\":\"unpatched\",\"refusal\":\"$3\",\"reason\":\"$4\"" sh -c \
		"klpdep status -q --json -o patch,state,refusal,reason | tr -d '\n' |
			sed 's/.*\"patch\": *\"$2\", *//; s/\([:,]\) *\"/\1\"/g; s/ *}.*//'"
	expect_value "metric" "klpdep_refused{target=\"$1\",patch=\"$2\",reason=\"$3\"} 1" sh -c \
		"klpdep status --openmetrics | grep '^klpdep_refused{.*\"$2\"'"
}

# expect_no_refusal PATCH
expect_no_refusal() {
	expect_value "refusal of $1" "" state_column refusal "$1"
	! klpdep status --openmetrics | grep "^klpdep_refused{.*\"$1\"" ||
		fail "there is a metric for $1"
}

# expect_line SUBJECT TEXT: klpdep's line in the log since the mark, as a whole.
expect_line() {
	log_since_mark | sed -n 's/^\[[^]]*\] //; s/^klpdep: patch-failed: //p' >/tmp/log
	expect_value "log" "$1: $2" cat /tmp/log
}

# How often the kernel has begun to enable a patch since the mark.
tries() {
	log_since_mark | grep -c "livepatch: enabling patch '$1'"
}
