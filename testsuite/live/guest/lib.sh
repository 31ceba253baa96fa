# shellcheck shell=sh
#
# What the checks share.  A check sources it, fails with fail() or one of the expect
# functions, and ends with passed().

LIVEPATCH=/sys/kernel/livepatch

fail() {
	echo "FAILED: $*"
	echo "modules:" "$(cut -d ' ' -f 1 /proc/modules)"
	for file in "$LIVEPATCH"/*/enabled "$LIVEPATCH"/*/transition "$LIVEPATCH"/*/*/patched
	do
		[ -e "$file" ] && echo "$file: $(cat "$file")"
	done
	exit 1
}

passed() {
	echo "check complete"
	exit 0
}

# A figure for the reader of the tests' output.
figure() {
	echo "figure: $*"
	echo "figure: $*" >/dev/ttyS1
}

# ---- commands

# expect_status STATUS COMMAND...: run, show, and compare the exit status.
# The output stays in $OUTPUT.
OUTPUT=/tmp/output
expect_status() {
	expected=$1
	shift
	echo "\$ $*"
	"$@" >"$OUTPUT" 2>&1
	status=$?
	cat "$OUTPUT"
	[ $status = "$expected" ] || fail "$*: exit status $status instead of $expected"
}

# expect_value WHAT WANTED COMMAND...: compare what the command prints.
expect_value() {
	what=$1
	wanted=$2
	shift 2
	got=$("$@" 2>&1)
	echo "$what: $got"
	[ "$got" = "$wanted" ] || fail "$what: '$got' instead of '$wanted'"
}

# wait_for SECONDS COMMAND...: until the command succeeds, and no longer than that.
wait_for() {
	tenths=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $tenths -gt 0 ] || return 1
		tenths=$((tenths - 1))
		sleep 0.1
	done
}

# Seconds since boot, in hundredths: the clock that nothing sets.
now() {
	cut -d ' ' -f 1 /proc/uptime | tr -d .
}

# expect_duration START AT_LEAST AT_MOST: in seconds, START being what now() said.
expect_duration() {
	took=$(($(now) - $1))
	echo "took $took hundredths of a second"
	[ $took -ge $(($2 * 100)) ] || fail "took less than $2 s"
	[ $took -le $(($3 * 100)) ] || fail "took more than $3 s"
}

# With one processor a transition is over at once on 6.1, since no other task is running;
# on 6.12 it takes a second at most.  The other one comes back when the check ends.
PROCESSOR=/sys/devices/system/cpu/cpu1/online
one_processor() {
	trap 'echo 1 >"$PROCESSOR"' EXIT
	echo 0 >"$PROCESSOR" || fail "a second processor is still there"
}

# ---- modules and patches

is_loaded() {
	grep -q "^$1 " /proc/modules
}

expect_loaded() {
	for module in "$@"; do
		is_loaded "$module" || fail "$module is not loaded"
	done
}

expect_not_loaded() {
	for module in "$@"; do
		! is_loaded "$module" || fail "$module is loaded"
	done
}

# expect_order FIRST SECOND: /proc/modules has the newest module first.
expect_order() {
	order=$(awk -v a="$1" -v b="$2" '$1 == a || $1 == b { printf "%s%s", s, $1; s = " " }
		' /proc/modules)
	[ "$order" = "$2 $1" ] || fail "not $1 before $2 (newest first: $order)"
}

# expect_patched PATCH TARGET: both loaded, and nothing left to wait for.
expect_patched() {
	expect_loaded "$1" "$2"
	expect_value "$1 enabled" 1 cat "$LIVEPATCH/$1/enabled"
	expect_value "$1 transition" 0 cat "$LIVEPATCH/$1/transition"
	expect_value "$1/$2 patched" 1 cat "$LIVEPATCH/$1/$2/patched"
}

# What klpdep status says of a patch, in one column.
state_column() {
	klpdep status -q --noheadings --raw -o "patch,$1" | sed -n "s/^$2 //p" | sort -u |
		sed 's/\\x20/ /g'
}

# expect_state TARGET PATCH LOADED ENABLED PATCHED TRANSITION STATE: its row.
expect_state() {
	expect_value "status of $2" "$*" sh -c \
		"klpdep status -q --noheadings --raw \
			-o target,patch,loaded,enabled,patched,transition,state |
			grep -x '$1 $2 .*'"
}

# What a test target answers, now and when its init ran.
expect_says() {
	expect_value "$1 says" "$2" cat "/sys/module/$1/parameters/says"
}

expect_init_said() {
	expect_value "$1 said in its init" "$2" cat "/sys/module/$1/parameters/init_says"
}

# Load module $1 by hand from wherever it lies, past modprobe and its rules.
insert() {
	expect_status 0 insmod "$(plain_file "$1")"
}

# The same, where the kernel is to refuse it.
insert_fails() {
	expect_status 1 insmod "$(plain_file "$1")"
	expect_not_loaded "$1"
}

module_file() {
	find /live/outside "/lib/modules/$(uname -r)" -name "$1.ko" -o -name "$1.ko.xz"
}

# insmod of kmod 30 does not decompress.
plain_file() {
	file=$(module_file "$1")
	case $file in
	*.xz)	xzcat "$file" >/tmp/insert.ko; echo /tmp/insert.ko;;
	*)	echo "$file";;
	esac
}

# Take a module's file away, and give all of them back.
hide_module() {
	file=$(module_file "$1")
	mv "$file" "$file.hidden"
}

restore_modules() {
	find "/lib/modules/$(uname -r)" -name '*.hidden' | while read -r file; do
		mv "$file" "${file%.hidden}"
	done
}

# As a package's installation does, but for refresh_tree; clean takes it away again.
install_patch() {
	cp "$1" "/lib/modules/$(uname -r)/livepatch" || fail "$1 cannot be installed"
	echo "/lib/modules/$(uname -r)/livepatch/${1##*/}" >>/tmp/installed
}

# add_to_tree PATCH: one that is outside of the tree into it.
add_to_tree() {
	install_patch "$(find /live/outside /live/predict -name "$1.ko*")"
	refresh_tree
}

# After modules have come or gone, as a package manager does.
refresh_tree() {
	: >/tmp/tree-changed
	expect_status 0 depmod -a
	expect_status 0 klpdep depmod
}

# ---- the task that holds up transitions (modules/klptest_task.c)

# Have a patch in transition that klpdep knows nothing of, until release_task.
stall_other_patch() {
	insert klptest_task
	insert klp_task
	expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
}

release_task() {
	echo N >/sys/module/klptest_task/parameters/hold
}

# ---- a patch and its successor (modules/klp_upgrade_*.c), both in the tree

# What a package's upgrade finds: the older patch at work, and the patch of another module.
start_upgrade() {
	insert klp_upgrade_1
	wait_settled klp_upgrade_1
	insert klptest_upgrade
	expect_says klptest_upgrade "release 1"
	expect_status 0 modprobe klptest_init
	expect_patched klp_init klptest_init
}

wait_settled() {
	wait_for 60 grep -q 0 "$LIVEPATCH/$1/transition" || fail "$1 is still in transition"
}

# start_sampling [FILE...]: from here to stop_sampling a task asks klptest_upgrade, or reads
# these files, again and again.
start_sampling() {
	[ $# != 0 ] || set -- /sys/module/klptest_upgrade/parameters/says
	/live/sample "$@" >/tmp/samples &
	sampler=$!
}

# Its samples are in /tmp/samples then: COUNT ANSWER.
stop_sampling() {
	kill -TERM "$sampler"
	wait "$sampler" || fail "the sampler failed"
	cat /tmp/samples
}

# expect_samples AT_LEAST ANSWER
expect_samples() {
	count=$(awk -v answer="$2" '{ n = $1; sub("^[0-9]+ ", "") }
		$0 == answer { print n }' /tmp/samples)
	[ "${count:-0}" -ge "$1" ] || fail "'$2' was sampled ${count:-0} times only"
}

# The newer patch is in, the older one is gone, and the other module's was not touched.
expect_upgraded() {
	expect_patched klp_upgrade_2 klptest_upgrade
	expect_says klptest_upgrade "release 2"
	expect_not_loaded klp_upgrade_1
	expect_value "patches" "klp_init klp_upgrade_2 " \
		sh -c "ls $LIVEPATCH | tr '\n' ' '"
	expect_patched klp_init klptest_init
}

# ---- klpdep's configuration, and the tree

# configure LINE...: from now on, this is klpdep's configuration.
configure() {
	printf '%s\n' "$@" >"$CONFIGURATION/live.conf"
	expect_status 0 klpdep depmod
}

# The files with klpdep's rules.
rules() {
	find /etc /run /usr/lib /usr/local -path '*/modprobe.d/*' -name '*klpdep*' \
		2>/dev/null
}

# The helper's path, as the rules have it.
helper() {
	rules | xargs sed -n 's/^install .* \[ -x \([^ ]*\) \].*/\1/p' | head -n 1
}

# That of releases.sh, and all that was done to it.
unmount_own_tree() {
	[ -e /tmp/own-mounts ] || return 0
	while read -r dir; do
		umount "$dir" || return
	done </tmp/own-mounts
	rm -rf /tmp/own /tmp/own-mounts /tmp/installed /tmp/tree-changed
}

restore_tree() {
	restore_modules
	if [ -e /tmp/installed ]; then
		xargs rm -f </tmp/installed
		rm /tmp/installed
	fi
	set -- "$CONFIGURATION"/*.conf
	[ -e "$1" ] || [ -e /tmp/tree-changed ] || return 0
	rm -f "$CONFIGURATION"/*.conf
	if [ -e /tmp/tree-changed ]; then
		depmod -a
		rm /tmp/tree-changed
	fi
	klpdep depmod
}

# ---- the log

# The kernel's log since the mark; klpdep logs there where no syslog runs.
mark_log() {
	MARK="live: mark $(now)"
	echo "$MARK" >/dev/kmsg
}

log_since_mark() {
	dmesg | sed "1,/$MARK\$/d"
}

# When the first line since the mark was logged that matches a regular expression, in
# tenths of a second.
log_time() {
	log_since_mark | sed -nE "s/^\[ *([0-9]+)\.([0-9])[0-9]*\].*$1.*/\1\2/p" | head -n 1
}

# expect_not_logged REGEX...: none matches a line of klpdep's since the mark.
expect_not_logged() {
	log_since_mark >/tmp/log
	for regex in "$@"; do
		! grep klpdep /tmp/log | grep -E "$regex" ||
			fail "a line of klpdep's matches '$regex'"
	done
}

# expect_logged REGEX...: each matches a line of klpdep's since the mark.
expect_logged() {
	log_since_mark >/tmp/log
	for regex in "$@"; do
		grep klpdep /tmp/log | grep -qE "$regex" ||
			{ cat /tmp/log; fail "no line of klpdep's matches '$regex'"; }
	done
}
