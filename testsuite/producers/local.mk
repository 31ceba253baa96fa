# Livepatches by klp-build: not part of "make check", since it fetches a root and a kernel.
EXTRA_DIST += \
	testsuite/producers/cumulative.expected \
	testsuite/producers/info.expected \
	testsuite/producers/klptest.patch \
	testsuite/producers/linux \
	testsuite/producers/packages \
	testsuite/producers/root.sh \
	testsuite/producers/run \
	testsuite/producers/set.expected \
	testsuite/producers/unfinished.expected

.PHONY: check-producers
check-producers: all
	$(srcdir)/testsuite/producers/run -b $(abs_builddir)
