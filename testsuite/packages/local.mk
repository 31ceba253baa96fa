# The packages: not part of "make check", since building them takes half a minute.
EXTRA_DIST += \
	debian \
	testsuite/packages/build.sh \
	testsuite/packages/deb.sh \
	testsuite/packages/packages \
	testsuite/packages/lib.sh \
	testsuite/packages/rpm.sh \
	testsuite/packages/rpmlint.toml \
	testsuite/packages/run \
	testsuite/packages/solver.sh \
	testsuite/packages/scenario-deb \
	testsuite/packages/scenario-deb-document \
	testsuite/packages/scenario-rpm \
	testsuite/packages/scenario-rpm-document

.PHONY: check-packages
check-packages: all
	$(srcdir)/testsuite/packages/run -b $(abs_builddir)
