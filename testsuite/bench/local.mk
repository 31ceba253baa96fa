# Benchmarks; see testsuite/bench/README.md.  Included by the top Makefile.am.
check_PROGRAMS += testsuite/bench/mklarge testsuite/bench/readmodule \
	testsuite/bench/searchmodules
testsuite_bench_mklarge_SOURCES = \
	testsuite/bench/mklarge.c \
	testsuite/buf.c testsuite/buf.h \
	testsuite/bench/image.c testsuite/bench/image.h \
	testsuite/bench/large-variants.c testsuite/bench/large.h \
	testsuite/bench/large-formats.c
testsuite_bench_readmodule_SOURCES = testsuite/bench/readmodule.c
testsuite_bench_readmodule_LDADD = libklpdep/libklpdep-internal.la
check_PROGRAMS += testsuite/bench/least
testsuite_bench_least_SOURCES = \
	testsuite/bench/least.c testsuite/bench/least.h \
	testsuite/bench/least-coder.c \
	testsuite/buf.c testsuite/buf.h
testsuite_bench_least_LDADD = $(ZLIB_LIBS) $(XZ_LIBS) $(ZSTD_LIBS)

check_PROGRAMS += testsuite/bench/paths
testsuite_bench_paths_SOURCES = testsuite/bench/paths.c $(mkmodule_sources)
testsuite_bench_paths_LDADD = libklpdep/libklpdep-internal.la
dist_check_SCRIPTS += testsuite/bench/count-paths testsuite/bench/smoke
TESTS += testsuite/bench/count-paths testsuite/bench/smoke

testsuite_bench_searchmodules_SOURCES = testsuite/bench/searchmodules.c
testsuite_bench_searchmodules_LDADD = libklpdep/libklpdep-internal.la

EXTRA_DIST += \
	testsuite/bench/README.md \
	testsuite/bench/copies \
	testsuite/bench/large \
	testsuite/bench/many \
	testsuite/bench/measure.sh \
	testsuite/bench/packages \
	testsuite/bench/part-modprobe.sh \
	testsuite/bench/part-patches.sh \
	testsuite/bench/part-trees.sh \
	testsuite/bench/paths.expected \
	testsuite/bench/run \
	testsuite/bench/search \
	testsuite/bench/trees.sh
