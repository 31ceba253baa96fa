# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a mount namespace of its own, with variables from run: makes the root directory, and
# runs the tests.
set -u
: "${here:?}" "${builddir:?}" "${CACHE:?}" "${KDIR:?}" "${KVER:?}" "${work:?}" "${keep:?}"

# shellcheck disable=SC2034 # for verdicts.sh
kind=initrd
# shellcheck source=../verdicts.sh
. "$here/../verdicts.sh"
# shellcheck source=root.sh
. "$here/root.sh"
# shellcheck source=initramfs-tools.sh
. "$here/initramfs-tools.sh"
# shellcheck source=dracut.sh
. "$here/dracut.sh"
# shellcheck source=mkinitcpio.sh
. "$here/mkinitcpio.sh"
# shellcheck source=copies.sh
. "$here/copies.sh"
# shellcheck source=boot.sh
. "$here/boot.sh"

if ! make_root >"$work/root.log" 2>&1; then
	sed 's/^/#   /' "$work/root.log"
	echo "skipped initrd: no root directory could be made"
	exit
fi
images=$work/layer/images
test_it_unpatched
start_boots
if make_patches; then
	test_initramfs_tools
	test_dracut
	test_mkinitcpio
	test_copies
else
	not_ok "patches can be made"
fi
finish_boots
if [ "$keep" = yes ]; then
	cp -a "$work/layer/images" "$work"
fi
