# Live tests: not part of "make check", since they fetch kernels and take minutes.
EXTRA_DIST += \
	testsuite/live/.shellcheckrc \
	testsuite/live/README.md \
	testsuite/live/boots \
	testsuite/live/guest \
	testsuite/live/lib \
	testsuite/live/modules \
	testsuite/live/packages \
	testsuite/live/run \
	testsuite/live/samples \
	testsuite/live/samples-6.1.expected \
	testsuite/live/samples-6.12.expected \
	testsuite/live/samples-verify.expected

.PHONY: check-live
check-live: all
	$(srcdir)/testsuite/live/run -b $(abs_builddir)
