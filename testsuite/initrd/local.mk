# Images by the programs that make initrds: not part of "make check", since a kernel and these
# programs are fetched for it.
EXTRA_DIST += \
	testsuite/initrd/boot.sh \
	testsuite/initrd/copies.sh \
	testsuite/initrd/dracut.sh \
	testsuite/initrd/initramfs-tools.sh \
	testsuite/initrd/inside.sh \
	testsuite/initrd/mkinitcpio.sh \
	testsuite/initrd/packages \
	testsuite/initrd/root.sh \
	testsuite/initrd/run

.PHONY: check-initrd
check-initrd: all testsuite/mkmodule
	$(srcdir)/testsuite/initrd/run -b $(abs_builddir)
