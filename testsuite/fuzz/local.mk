# The fuzzers; see testsuite/fuzz/README.md.  Included by the top Makefile.am.
#
# Without --enable-fuzzers they are linked with a main() that runs the files it is given.
check_PROGRAMS += \
	testsuite/fuzz/fuzz-configuration \
	testsuite/fuzz/fuzz-decompress \
	testsuite/fuzz/fuzz-index \
	testsuite/fuzz/fuzz-kernel-log \
	testsuite/fuzz/fuzz-module

testsuite_fuzz_fuzz_configuration_SOURCES = testsuite/fuzz/fuzz-configuration.c
testsuite_fuzz_fuzz_decompress_SOURCES = testsuite/fuzz/fuzz-decompress.c
testsuite_fuzz_fuzz_index_SOURCES = testsuite/fuzz/fuzz-index.c
testsuite_fuzz_fuzz_kernel_log_SOURCES = testsuite/fuzz/fuzz-kernel-log.c
testsuite_fuzz_fuzz_module_SOURCES = testsuite/fuzz/fuzz-module.c

testsuite_fuzz_fuzz_configuration_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
testsuite_fuzz_fuzz_decompress_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
testsuite_fuzz_fuzz_index_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
testsuite_fuzz_fuzz_kernel_log_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
testsuite_fuzz_fuzz_module_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

testsuite_fuzz_fuzz_configuration_LDADD = libklpdep/libklpdep-internal.la
testsuite_fuzz_fuzz_decompress_LDADD = libklpdep/libklpdep-internal.la
testsuite_fuzz_fuzz_index_LDADD = libklpdep/libklpdep-internal.la
testsuite_fuzz_fuzz_kernel_log_LDADD = libklpdep/libklpdep-internal.la
testsuite_fuzz_fuzz_module_LDADD = libklpdep/libklpdep-internal.la

if FUZZERS
testsuite_fuzz_fuzz_module_SOURCES += testsuite/fuzz/mutate-module.c
else
testsuite_fuzz_fuzz_configuration_SOURCES += testsuite/fuzz/main.c
testsuite_fuzz_fuzz_decompress_SOURCES += testsuite/fuzz/main.c
testsuite_fuzz_fuzz_index_SOURCES += testsuite/fuzz/main.c
testsuite_fuzz_fuzz_kernel_log_SOURCES += testsuite/fuzz/main.c
testsuite_fuzz_fuzz_module_SOURCES += testsuite/fuzz/main.c
TESTS += testsuite/fuzz/run-seeds
endif

dist_check_SCRIPTS += testsuite/fuzz/run-seeds
EXTRA_DIST += \
	testsuite/fuzz/README.md \
	testsuite/fuzz/fuzz.h \
	testsuite/fuzz/make-seeds \
	testsuite/fuzz/packages \
	testsuite/fuzz/regressions \
	testsuite/fuzz/seeds
