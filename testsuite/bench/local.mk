# Benchmarks; see testsuite/bench/README.md.  Included by the top Makefile.am.
check_PROGRAMS += testsuite/bench/mklarge testsuite/bench/readmodule
testsuite_bench_mklarge_SOURCES = \
	testsuite/bench/mklarge.c \
	testsuite/buf.c testsuite/buf.h \
	testsuite/bench/image.c testsuite/bench/image.h \
	testsuite/bench/large-variants.c testsuite/bench/large.h \
	testsuite/bench/large-formats.c
testsuite_bench_readmodule_SOURCES = testsuite/bench/readmodule.c
testsuite_bench_readmodule_LDADD = libklpdep/libklpdep-internal.la

EXTRA_DIST += \
	testsuite/bench/README.md \
	testsuite/bench/large \
	testsuite/bench/many
