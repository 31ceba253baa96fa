# shellcheck shell=bash
#
# The guest: boots a kernel in QEMU, without KVM, and turns what it says into one line
# for each check.

# Set on the command line of every boot.  A guest that panics or oopses must end, and
# not come up again.  On a busy machine, the emulated timer's first ticks may come so late
# that the kernel would take it for broken.
APPEND="console=ttyS0 panic=-1 oops=panic no_timer_check"

# A guest is given up when it has reported nothing for so many seconds: more than the
# guest itself gives a check (LIVE_CHECK_TIMEOUT in guest/init).
SILENCE=600

# What run -a asks for: a check may then take as long as it needs.
try_all() {
	APPEND+=" LIVE_ALL=1 LIVE_CHECK_TIMEOUT=7200"
	SILENCE=7500
}

# How many checks share a boot at most: a boot costs what two or three checks do, and the
# boots of all kernels share the machine's processors.
CHECKS_PER_BOOT=22

# Where all slots are for $1 checks of one kernel: as many in each, but not so few that it is
# boots that take the time.
share_among_slots() {
	local share slots
	slots=$(nproc)
	share=$((($1 + slots - 1) / slots))
	[ $share -ge 8 ] || share=8
	[ $share -ge $CHECKS_PER_BOOT ] || CHECKS_PER_BOOT=$share
}

# qemu_guest NAME APPEND SERIAL...
# thread=single: with several threads QEMU makes a 6.12 kernel oops now and then.
qemu_guest() {
	local initrd=$WORK/$1.initrd append=$2 archives=("$LIVEDIR/userland.cpio") more=()
	shift 2
	if [[ $append == *LIVE_SYSTEMD=* ]]; then
		append+=" rdinit=/live/systemd/init"
		archives=("$DEBIAN_ROOT" "${archives[@]}" "$WORK/systemd.cpio")
		more=(-device 'e1000e,romfile=')
	else
		archives+=("$WORK/modules.cpio")
	fi
	cat "${archives[@]}" >"$initrd"
	exec qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp 2 -m 1G -no-reboot \
		-nodefaults -no-user-config -display none \
		-kernel "$KIMAGE" -initrd "$initrd" \
		-append "$APPEND $append" "${more[@]}" "$@"
}

# Boot as $1 with command line $2, and end when the guest does or has fallen silent.
boot() {
	local name=$1 results=$WORK/$1.results pid
	: >"$results"
	qemu_guest "$name" "$2" -serial "file:$WORK/$name.console" -serial "file:$results" \
		</dev/null >"$WORK/$name.qemu" 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		sleep 1
		if [ $(($(date +%s) - $(stat -c %Y "$results"))) -gt $SILENCE ]; then
			echo "DEAD the guest has been silent for $SILENCE seconds" >>"$results"
			kill $pid
			break
		fi
	done
	wait $pid
	rm -f "$WORK/$name.initrd"
}

# Less of what the kernel says while it boots; guest/prepare has it say more afterwards.
boot_shell() {
	(qemu_guest shell "LIVE_SHELL=1 quiet" -serial stdio)
}

# ---- verdicts

check_title() {
	sed -n '2s/^# //p' "$SRCDIR/guest/checks/$1.sh"
}

# What a check wants on the kernel's command line, beside what all have.
check_append() {
	sed -n '3s/^# append: //p' "$SRCDIR/guest/checks/$1.sh"
}

# verdict WORD CHECK [REASON]: the line for a check, and its end.
verdict() {
	case $1 in
	PASS)	echo "ok $SERIES $2 $(check_title "$2")";;
	SKIP)	echo "skipped $SERIES $2 $(check_title "$2"): ${3:-no reason given}";;
	*)	echo "not ok $SERIES $2 $(check_title "$2")${3:+: $3}";;
	esac
}

# Read a boot's results ($1) into verdicts.  Whatever else there is (what a failed check
# printed, why the guest ended) is passed on behind "#".  Sets DONE, the checks that
# have their verdict.
read_results() {
	local word check reason begun='' ended=no
	DONE=' '
	while read -r word check reason; do
		case $word in
		BEGIN)
			begun=$check;;
		PASS | FAIL | SKIP)
			verdict "$word" "$check" "$reason"
			DONE+="$check "
			begun='';;
		END)
			ended=yes;;
		*)
			echo "#   $word $check $reason";;
		esac
	done < <(tr -d '\r' <"$1.results")
	if [ -n "$begun" ]; then
		verdict FAIL "$begun" "the guest died or hung"
		DONE+="$begun "
	fi
	if [ $ended = no ]; then
		echo "#   the guest did not come to its end; the last of its console:"
		tail -n 40 "$1.console" | tr -d '\r' | sed 's/^/#   /'
	fi
}

# The guests with systemd wait for what they boot; SKIP and the reason where there is none.
without_debian_root() {
	[[ $1 == *LIVE_SYSTEMD=* ]] || return
	shift
	until [ -e "$LIVEDIR/debian.status" ]; do
		sleep 1
	done
	[ "$(cat "$LIVEDIR/debian.status")" != 0 ] || return
	local check why
	why=$(tail -n 1 "$LIVEDIR/debian.log")
	for check in "$@"; do
		verdict SKIP "$check" "no Debian root could be made: $why"
	done
}

# Run the checks $3... in as few boots with command line $2 as it takes: one, called $1,
# unless the guest dies on the way.
run_boots() {
	local first=$1 append=$2 name=$1 again=1 check left
	shift 2
	while [ $# -gt 0 ]; do
		boot "$name" "$append LIVE_CHECKS=$(IFS=,; echo "$*")"
		read_results "$WORK/$name"
		left=()
		for check in "$@"; do
			[[ $DONE == *" $check "* ]] || left+=("$check")
		done
		if [ ${#left[@]} = $# ]; then
			for check in "$@"; do
				verdict FAIL "$check" "not reached"
			done
			return
		fi
		set -- "${left[@]}"
		again=$((again + 1))
		name=$first-$again
	done
}

# As many tokens in a pipe as guests may run at once, which are one thread each.
make_slots() {
	local pipe=$LIVEDIR/slots
	rm -f "$pipe"
	mkfifo "$pipe"
	exec {SLOTS}<>"$pipe"
	printf '%*s' "$(nproc)" '' >&"$SLOTS"
}

# run_boots, when the guests that came before leave room for one more.
run_in_slot() {
	local token
	without_debian_root "$2" "${@:3}" && return
	read -r -N 1 -u "$SLOTS" token
	run_boots "$@" >"$WORK/$1.verdicts"
	printf ' ' >&"$SLOTS"
	cat "$WORK/$1.verdicts"
}

# Run the checks $@, those with the same command line together.
run_checks() {
	local check append appends group boots=0
	appends=$(for check in "$@"; do echo "append:$(check_append "$check")"; done | sort -u)
	while read -r append; do
		append=${append#append:}
		group=()
		for check in "$@"; do
			[ "$(check_append "$check")" = "$append" ] && group+=("$check")
		done
		while [ ${#group[@]} != 0 ]; do
			boots=$((boots + 1))
			run_in_slot boot$boots "$append" "${group[@]:0:CHECKS_PER_BOOT}" &
			group=("${group[@]:CHECKS_PER_BOOT}")
		done
	done <<<"$appends"
	wait
}
