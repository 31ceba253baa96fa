# Other platforms: not part of "make check", since each is a build of its own.
EXTRA_DIST += \
	testsuite/platforms/install-wins.sh \
	testsuite/platforms/musl.sh \
	testsuite/platforms/packages \
	testsuite/platforms/run \
	testsuite/platforms/trixie.sh

.PHONY: check-platforms
check-platforms: all
	$(srcdir)/testsuite/platforms/run -b $(abs_builddir)
