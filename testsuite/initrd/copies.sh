# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Programs that copy modules from a system: what they copy with klpdep's rules there.  Their own code
# is run, under the fake kernel of testsuite/rootfs, with two kernels, of which one is running: the
# function of initramfs-tools that kdump-tools has called as well, dracut-install, and rear's script.

# shellcheck source=../rootfs/lib.sh
. "$here/../rootfs/lib.sh"

make_copies_root() {
	local kernel module program
	copies=$work/layer/copies
	fakeroot_base "$builddir" "$copies" && fakeroot_clone "$copies" "$copies.root" || return
	copies=$copies.root
	for program in awk bash readlink realpath stat tee; do
		fakeroot_copy "$copies" "$(type -P $program)" "/usr/bin/$program" || return
	done
	mkdir -p "$copies/programs" "$copies/etc/klpdep.d"
	fakeroot_copy "$copies" "$root/usr/lib/dracut/dracut-install" /programs/dracut-install &&
		cp "$root/usr/share/initramfs-tools"/{hook-functions,conf-hooks.d/klpdep} \
			"$root"/usr/share/rear/{lib/array-functions,build/GNU/Linux/400_copy_modules}.sh \
			"$copies/programs" || return
	for kernel in 6.1.0-1 6.1.0-2; do
		fakeroot_tree "$copies" $kernel
		for module in 'kernel/irqbypass.ko:' 'kernel/crc.ko:' 'kernel/ccp.ko:' \
				'kernel/kvm.ko: needs irqbypass; modinfo softdep=pre: crc' \
				'kernel/kvm-amd.ko: needs kvm ccp; xz' 'updates/klp_kvm.ko: klp kvm' \
				'updates/klp_kvm_amd.ko: klp kvm_amd'; do
			fakeroot_module "$builddir/testsuite/mkmodule" \
				"$copies/lib/modules/$kernel" "$module" || return
		done
	done
	echo 6.1.0-1 >"$copies/fake/release"
	: >"$copies/fake/journal"
	copies_rules
}

copies_rules() {
	fakeroot_sh "$copies" 'for k in 6.1.0-1 6.1.0-2; do depmod $k && klpdep depmod -q $k; done'
}

# copied PROGRAM KERNEL: what is copied for kvm_amd, and what is said, on one line.
copied() {
	rm -rf "$copies/copy"
	mkdir -p "$copies/copy/conf"
	{
		fakeroot_sh "$copies" "kernel=$2; $(copy_by "$1")" 2>&1
		find "$copies/copy" -name '*.ko*' | sed 's|.*/||' | sort
	} | paste -s -d ' '
}

copy_by() {
	case $1 in
	initramfs-tools) echo 'version=$kernel DESTDIR=/copy CONFDIR=/copy/conf verbose=n
		. /programs/klpdep; . /programs/hook-functions; manual_add_modules kvm_amd' ;;
	dracut-install) echo '/programs/dracut-install -D /copy --kerneldir /lib/modules/$kernel \
		--firmwaredirs /lib/firmware -m kvm_amd' ;;
	rear) echo "${rear_options-} exec bash -c '. /programs/array-functions.sh
		LogPrint() { :; }
		Error() { echo \"Error: \$*\"; exit 1; }
		KERNEL_VERSION=\$0 ROOTFS_DIR=/copy MODULES=(kvm_amd) MODULES_LOAD=()
		. /programs/400_copy_modules.sh 2>/said' \$kernel" ;;
	esac
}

# copied_all NAME PROGRAM...: by each of these, for each kernel.
copied_all() {
	local name=$1 program kernel
	shift
	for program; do
		for kernel in 6.1.0-1 6.1.0-2; do
			echo "$program $kernel $(copied "$program" "$kernel")"
		done
	done | expect "$name"
}

# each_copied FILES PROGRAM...
each_copied() {
	local files=$1 program
	shift
	for program; do
		printf '%s\n' "$program 6.1.0-1 $files" "$program 6.1.0-2 $files"
	done
}

test_copies() {
	local programs=(initramfs-tools dracut-install rear)
	local all='ccp.ko crc.ko irqbypass.ko kvm-amd.ko.xz kvm.ko'

	if ! why=$(fakeroot_possible "$builddir" && fakeroot_standard_paths "$builddir"); then
		echo "skipped initrd copies: $why"
		return
	fi
	make_copies_root >"$work/copies.log" 2>&1 || { not_ok "copies: a root can be made"; return; }
	expected=$(each_copied "$all" "${programs[@]}")
	copied_all "copies: with hooks: the module, and all that it takes" "${programs[@]}"

	echo 'policy kvm require' >"$copies/etc/klpdep.d/site.conf"
	copies_rules
	expected=$(each_copied "$all" initramfs-tools
		each_copied 'ccp.ko irqbypass.ko kvm-amd.ko.xz kvm.ko' dracut-install
		each_copied 'ccp.ko irqbypass.ko kvm-amd.ko.xz' rear)
	copied_all "copies: with an install rule on a dependency: what is left out" "${programs[@]}"
	expected=$(each_copied "$all" rear)
	rear_options="MODPROBE_OPTIONS='-C /etc/modprobe.d'" \
		copied_all "copies: rear, without the rules: nothing is left out" rear
}
