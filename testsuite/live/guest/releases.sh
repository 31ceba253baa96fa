# shellcheck shell=sh
#
# What the checks share that are about releases (modules/release.h): which of them each
# function is of.

RELEASES=/live/releases

# ---- packages

# A small tree, with configuration, rules and cache of its own, until clean unmounts it: depmod
# reads all modules each time, and here it is run for each release.
own_tree() {
	tree=/lib/modules/$(uname -r)
	rules=$(rules | head -n 1)
	mkdir -p /tmp/own/updates /tmp/own/livepatch
	cp "$tree"/modules.builtin* "$tree/modules.order" /tmp/own
	for color in red green blue gray teal; do
		cp "$(plain_file klptest_$color)" "/tmp/own/updates/klptest_$color.ko"
	done
	for dir in "${rules%/*}" /var/cache/klpdep "$CONFIGURATION"; do
		mkdir -p "$dir" "/tmp/own$dir"
		cp -r "$dir/." "/tmp/own$dir"
		mount_own "/tmp/own$dir" "$dir"
	done
	mount_own /tmp/own "$tree"
}

mount_own() {
	mount --bind "$1" "$2" || fail "$2 cannot be covered"
	echo "$2" >>/tmp/own-mounts
}

# packages +PATCH|-PATCH...: installed, and removed.
packages() {
	for change in "$@"; do
		patch=${change#?}
		case $change in
		+*)	install_patch "$RELEASES/$patch.ko";;
		-*)	rm "/lib/modules/$(uname -r)/livepatch/$patch.ko" ||
				fail "$patch is not installed";;
		esac
	done
	refresh_tree
}

# ---- by others

# by_hand PATCH: another loader than klpdep has it, from outside of the tree.
by_hand() {
	expect_status 0 insmod "$RELEASES/$1.ko"
	wait_settled "$1"
}

take_out() {
	echo 0 >"$LIVEPATCH/$1/enabled"
	wait_for 60 test ! -e "$LIVEPATCH/$1" || fail "$1 is still enabled"
	wait_for 10 rmmod "$1" || fail "$1 cannot be removed"
}

# ---- what is in effect

# The answer of a function of vmlinux, whose own one has more than a number.
number_of() {
	read -r answer <"$1"
	case $answer in
	*[!0-9]*)	echo 0;;
	*)		echo "$answer";;
	esac
}

answers() {
	printf 'vmlinux %s %s' "$(number_of /proc/version)" "$(number_of /proc/loadavg)"
	for color in red green blue gray teal; do
		file=/sys/module/klptest_$color/parameters/says
		[ ! -e "$file" ] || printf '; %s %s' "$color" "$(cat "$file")"
	done
}

# expect_answers ANSWERS [STATUS]: which release each function is of, 0 being no patch's, and
# the exit status of klpdep status --check.
expect_answers() {
	expect_value answers "$1" answers
	expect_status "${2:-0}" klpdep status --check -q
}

expect_nothing_to_do() {
	expect_status 0 klpdep sync -n
	expect_value "what is left to do" "nothing to do" cat "$OUTPUT"
}

# expect_plan STEPS: what klpdep sync would do.
expect_plan() {
	expect_status 0 klpdep sync -n --raw --noheadings -o action,module
	expect_value "what is to be done" "$1" sh -c "tr '\n' ' ' <$OUTPUT | sed 's/ $//'"
}

# Nothing that was sampled was ever unpatched: /proc/version, or what targets say.
expect_never_unpatched() {
	[ -s /tmp/samples ] || fail "nothing was sampled"
	expect_value "samples of unpatched functions" "" \
		grep -E '(^[0-9]+|;) (0|Linux)' /tmp/samples
}

# expect_findings STATUS FINDINGS [FILE...]: those of verify, each once, without its notes of
# what it has not checked.
expect_findings() {
	status=$1
	findings=$2
	shift 2
	expect_status "$status" klpdep verify --raw --noheadings -o severity,code "$@"
	expect_value "findings" "$findings" sh -c "grep -v not-checked $OUTPUT | sort -u"
}

# What has been done since the mark: + inserted, - disabled, without what the names share.
transitions() {
	log_since_mark | sed -nE "s/.*livepatch: enabling patch '(klp_)?(.*)'/+\2/p
		s/.*livepatch: '(klp_)?(.*)': starting unpatching transition/-\2/p" |
		tr '\n' ' ' | sed 's/ $//'
}
