# guard of klpdep.d(5), on a machine with a disk: not part of "make check", since it takes minutes.
EXTRA_DIST += \
	testsuite/guard/README.md \
	testsuite/guard/disk.sh \
	testsuite/guard/guest \
	testsuite/guard/modules \
	testsuite/guard/packages \
	testsuite/guard/run

.PHONY: check-guard
check-guard: all
	$(srcdir)/testsuite/guard/run -b $(abs_builddir)
