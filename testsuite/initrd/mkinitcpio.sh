# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mkinitcpio's install hook.  The functions that it uses are played here: what they are asked
# for is printed, and files that the hook makes by itself are in $BUILDROOT.

# run_hook MODULE...: build() for an image with these modules, and with what the hooks base and
# modconf have brought; $shell: none: not base.
shell=/bin/sh
run_hook() {
	in_root /bin/bash -c '
		KERNELVERSION=$1 BUILDROOT=/tmp/buildroot shell=$2
		shift 2
		rm -rf "$BUILDROOT"
		mkdir -p "$BUILDROOT"/{etc,bin,lib/modprobe.d}
		cp /lib/modprobe.d/*.conf "$BUILDROOT/lib/modprobe.d"
		[[ $shell = none ]] || ln -s busybox "$BUILDROOT$shell"
		declare -A _addedmodules
		for m; do _addedmodules[$m]=1; done
		_hooks=(base modconf klpdep $hooks)
		for f in add_module add_file add_runscript warning; do
			eval "$f() { echo $f \"\$@\"; }"
		done
		add_binary() {
			echo add_binary "$@"
			[[ -e $1 ]]
		}
		add_dir() { mkdir -p "$BUILDROOT$1"; }
		add_symlink() { mkdir -p "$BUILDROOT${1%/*}" && ln -s "$2" "$BUILDROOT$1"; }
		. /usr/lib/initcpio/install/klpdep
		build
		echo "status $?"
		find "$BUILDROOT" -name "*klpdep*.conf" -path "*/lib/modprobe.d/*"
	' bash "$KVER" "$shell" "$@" 2>/dev/null | sed "s|$KVER|VER|g"
}

test_mkinitcpio() {
	expected='add_binary /usr/libexec/klpdep-modprobe
add_file /etc/klpdep.d/site.conf
add_file /lib/modprobe.d/00-klpdep-softdep.conf /lib/modprobe.d/00-klpdep-softdep.conf
add_file /lib/modprobe.d/zz-klpdep.conf /lib/modprobe.d/zz-klpdep.conf
add_file /lib/modules/VER/modules.klpdep /lib/modules/VER/klpdep.index
add_module klp_ext4
add_module klp_jbd2
add_module klp_mbcache
status 0'
	run_hook ext4 af_packet | sort |
		expect "mkinitcpio (played): patches, helper, index, configuration"
	expected='status 0'
	run_hook af_packet unix |
		expect "mkinitcpio (played): no patched module in it: nothing"

	hooks=kdump run_hook ext4 |
		expect "mkinitcpio (played): with kdump: nothing, and no rules"
	IN_KDUMP=1 run_hook ext4 |
		expect "mkinitcpio (played): with IN_KDUMP: nothing, and no rules"

	echo 'initrd-vmlinux yes' >"$root/etc/klpdep.d/vmlinux.conf"
	expected='add_binary /usr/libexec/klpdep-modprobe
add_module klp_vmlinux
add_runscript
add_file /lib/modules/VER/modules.klpdep /lib/modules/VER/klpdep.index
add_file /etc/klpdep.d/site.conf
add_file /etc/klpdep.d/vmlinux.conf
add_file /lib/modprobe.d/00-klpdep-softdep.conf /lib/modprobe.d/00-klpdep-softdep.conf
add_file /lib/modprobe.d/zz-klpdep.conf /lib/modprobe.d/zz-klpdep.conf
status 0'
	run_hook af_packet | expect "mkinitcpio (played): patches of vmlinux where configured"
	rm "$root/etc/klpdep.d/vmlinux.conf"
	expected=$(printf '%s\n' klp_vmlinux "install klp_vmlinux \
/usr/libexec/klpdep-modprobe klp_vmlinux '\$CMDLINE_OPTS'" /etc/klpdep.vmlinux)
	(cd "$root/tmp/buildroot/etc" && cat klpdep.vmlinux modprobe.d/klpdep-vmlinux.conf &&
		readlink modules-load.d/klpdep.conf) |
		expect "mkinitcpio (played): they are loaded, by the helper"

	# The helper finds the index under the name that mkinitcpio does not remove.
	mv "$root$tree/modules.klpdep" "$root$tree/klpdep.index"
	expected=klp_zram
	in_root klpdep plan -k "$KVER" --raw --noheadings -o module zram | grep klp |
		expect "mkinitcpio (played): the index is found under its other name"
	expected='status 0'
	run_hook ext4 | expect "mkinitcpio (played): no index: nothing"
	echo damaged >"$root$tree/modules.klpdep"
	expected="warning klpdep: klpdep plan failed$WITHOUT
status 0"
	run_hook ext4 | expect "mkinitcpio (played): what is broken is said, and no failure"
	mv "$root$tree/klpdep.index" "$root$tree/modules.klpdep"
	break_klpdep
	run_hook ext4 | expect "mkinitcpio (played): klpdep does not start: no rules"
	repair_klpdep
	expected="warning klpdep: there is no /bin/sh$WITHOUT
status 0"
	shell=none run_hook ext4 | expect "mkinitcpio (played): no shell: no rules"
	mv "$root/usr/libexec/klpdep-modprobe" "$work/layer"
	expected="add_binary /usr/libexec/klpdep-modprobe
warning klpdep: the helper could not be added$WITHOUT
status 0"
	run_hook ext4 | expect "mkinitcpio (played): no helper: no rules"
	mv "$work/layer/klpdep-modprobe" "$root/usr/libexec"
}
