# A whole Debian system: not part of "make check", since it is made from packages that are
# fetched, and booted some times.
EXTRA_DIST += \
	testsuite/verdicts.sh \
	testsuite/system/README.md \
	testsuite/system/boot.sh \
	testsuite/system/guest \
	testsuite/system/inside.sh \
	testsuite/system/modules \
	testsuite/system/packages \
	testsuite/system/prepare.sh \
	testsuite/system/root.sh \
	testsuite/system/run

.PHONY: check-system
check-system: all testsuite/mkmodule
	$(srcdir)/testsuite/system/run -b $(abs_builddir)
