# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a mount namespace of its own, with variables from run: what happens to the system.
# While it boots from a disk that was made of one state, the next one is prepared.
set -u
: "${here:?}" "${work:?}" "${root:?}" "${first:?}" "${second:?}"
# shellcheck disable=SC2034 # for verdicts.sh
kind=system
# shellcheck source=../verdicts.sh
. "$here/../verdicts.sh"
# shellcheck source=root.sh
. "$here/root.sh"
# shellcheck source=boot.sh
. "$here/boot.sh"

# step WHAT COMMAND...
step() {
	local what=$1
	shift
	if "$@"; then
		echo "$SECONDS s: $what" >>"$work/times"
	else
		not_ok "$what: $*"
		tail -n 20 "$work/apt.log" | sed 's/^/#   /'
	fi
}

# The initrd that comes with livepatches is Debian's own.
install_first() {
	apt install "$(deb klpdep)" "$(deb "linux-image-$first")" &&
		set_modules most &&
		apt install "/packages/livepatch-${first}_1_amd64.deb" &&
		set_modules list
}

# Somebody deletes the helper, and the initrd made next has none.
delete_helper() {
	mv "$root/usr/libexec/klpdep-modprobe" "$work" &&
		in_root update-initramfs -u -k "$first" >>"$work/apt.log" 2>&1
}

# A second kernel, with livepatches.  Then dracut takes the place of initramfs-tools, and
# the first kernel goes.
install_second() {
	local dracut
	mapfile -t dracut < <(cd "$root" && compgen -G 'dracut/*.deb' | sed 's|^|/|')
	mv "$work/klpdep-modprobe" "$root/usr/libexec" &&
		apt install "$(deb "linux-image-$second")" "$(deb "livepatch-$second")" &&
		apt install "${dracut[@]}" "linux-image-$first-" "livepatch-$first-"
}

PATCHED_1='e1000e klp_e1000e_1 yes patched
ext4 klp_ext4_1 yes patched
scsi_mod klp_scsi_mod_1 yes patched
virtio_blk klp_virtio_blk_1 yes patched
check: 0
ext4: klptest 1
scsi_mod: klptest 1
virtio_blk: klptest 1
e1000e: 4711'
PATCHED_2=$(echo "$PATCHED_1" | sed 's/_1/_2/; s/t 1/t 2/; s/4711/4712/')
IN_ORDER='ext4 mounts: after its patch
scsi_mod finds a host: after its patch
virtio_blk finds a disk: after its patch
e1000e begins: after its patch
patched before the root is there: ext4
patched before the root is there: scsi_mod
patched before the root is there: virtio_blk'

# What kernels make that no package has.
KERNELS_OWN='^/(boot/)?(vmlinuz|initrd\.img)'
KERNELS_OWN+='|/modules\.(alias|builtin|dep|devname|softdep|symbols)'

expect_boots() {
	expected="kernel $first
$PATCHED_1
$IN_ORDER
depmod by hand: 1
runs for it: 1
upgraded: 0
$PATCHED_2
removed: 0
index: 
rules: *klpdep*
failed units: 
end"
	expect_boot initramfs-tools "patched, upgraded, and the livepatches removed"
	expected="kernel $first
$PATCHED_1
failed units: 
end"
	expect_boot helper "without the helper it boots, and is patched afterwards"
	expected="kernel $second
$PATCHED_2
$IN_ORDER
failed units: 
end"
	expect_boot dracut "a second kernel, patched"
	expected="kernel $second
patches: 
ext4: supported
scsi_mod: QEMU HARDDISK
virtio_blk: original
e1000e: other
failed units: 
end"
	expect_boot purge "klpdep purged, it boots unpatched"
}

: >"$work/apt.log"
step "root" mount_root
step "setting up" set_up
unowned >"$work/before"
step "the first kernel and its livepatches are installed" install_first
step "a disk" make_disk initramfs-tools "$first"
start_boot initramfs-tools
step "the helper is deleted" delete_helper
step "a disk" make_disk helper "$first"
start_boot helper
step "the second kernel is installed, and dracut" install_second
step "a disk" make_disk dracut "$second"
start_boot dracut
step "klpdep is purged" apt purge klpdep "linux-image-$first"
step "a disk" make_disk purge "$second"
start_boot purge
unowned >"$work/after"
wait
expect_boots
expected=
comm -13 "$work/before" "$work/after" | grep -vE "$KERNELS_OWN" |
	expect "purge: nothing is left behind"
