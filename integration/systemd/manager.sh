# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For the checks that have systemd itself run the units: as a user's manager, in namespaces of
# its own.  make check runs them in the build directory; by hand, the build directory is
# $builddir, or the one where they are run.  Exit status: 0 nothing is wrong, 1 something is,
# 77 not tried.
set -u
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
builddir=$(cd "${builddir:-${top_builddir:-.}}" && pwd) || exit 1
systemd=/lib/systemd/systemd

skip() {
	echo "${0##*/}: skipped: $*"
	exit 77
}

# What follows is done inside, with an empty directory $work.
go_inside() {
	work=${CHECK_INSIDE-}
	[ -z "$work" ] || return 0
	[ "$(id -u)" = 0 ] || skip "only root can mount"
	[ -x $systemd ] || skip "there is no systemd"
	work=$(mktemp -d) || exit 1
	trap 'rm -rf "$work"' EXIT
	CHECK_INSIDE=$work unshare -m --propagation private -p -f --mount-proc --kill-child "$0"
	exit
}

# What a user's manager of a machine that systemd runs finds.
like_systemd() {
	mount -t tmpfs none /sys/fs/cgroup && mkdir /sys/fs/cgroup/systemd &&
		mount -t cgroup -o none,name=systemd none /sys/fs/cgroup/systemd &&
		mount -t tmpfs none /run && mkdir -p /run/systemd/system /run/user &&
		mkdir -m 700 /run/user/0
}

# install_units SED-OPTION... UNIT...: those that are installed, edited: conditions and mounts are
# the machine's.
install_units() {
	local unit options=()
	while [ "$1" = -e ]; do
		options+=("$1" "$2")
		shift 2
	done
	mkdir -p "$work/config/systemd/user" &&
		make -s -C "$builddir" --no-print-directory install-data \
			DESTDIR="$work/installed" systemdsystemunitdir=/units || return
	for unit; do
		sed -e '/^Condition/d; /^RequiresMountsFor/d; /^Protect/d; /^Private/d' \
			"${options[@]}" "$work/installed/units/$unit" \
			>"$work/config/systemd/user/$unit" || return
	done
}

# start UNIT
start() {
	local i
	if ! like_systemd >"$work/mounted" 2>&1; then
		skip "$(tail -n 1 "$work/mounted")"
	fi
	export XDG_RUNTIME_DIR=/run/user/0 XDG_CONFIG_HOME=$work/config
	$systemd --user >"$work/systemd" 2>&1 &
	for ((i = 0; i < 50; i++)); do
		systemctl --user list-units >/dev/null 2>&1 && break
		sleep 0.1
	done
	systemctl --user start "$1" >"$work/started" 2>&1 ||
		skip "$(tail -n 1 "$work/systemd" "$work/started" | tr '\n' ' ')"
}
