# Other platforms: not part of "make check", since each is a build of its own.
EXTRA_DIST += \
	testsuite/platforms/packages \
	testsuite/platforms/run

.PHONY: check-platforms
check-platforms: all
	$(srcdir)/testsuite/platforms/run -b $(abs_builddir)
