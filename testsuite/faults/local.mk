# Faults under klpdep; see testsuite/faults/README.md.  Included by the top Makefile.am.
# What stands in front of a sanitizer's malloc() runs before that is ready.
check_LTLIBRARIES += testsuite/faults/liballoc.la
testsuite_faults_liballoc_la_SOURCES = testsuite/faults/alloc.c testsuite/faults/alloc.h
testsuite_faults_liballoc_la_CFLAGS = $(AM_CFLAGS) -fno-sanitize=all

check_PROGRAMS += testsuite/faults/memory
testsuite_faults_memory_SOURCES = \
	testsuite/faults/memory.c \
	$(tool_sources)
# memory.c has a main() of its own, and calls the tool's.
testsuite_faults_memory_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS) -Dmain=klpdep_main \
	-Wno-missing-prototypes
testsuite_faults_memory_LDADD = testsuite/faults/liballoc.la libklpdep/libklpdep-internal.la $(SMARTCOLS_LIBS) -ldl

check_PROGRAMS += testsuite/faults/memory-helper
testsuite_faults_memory_helper_SOURCES = \
	testsuite/faults/memory.c \
	$(tools_klpdep_modprobe_SOURCES)
testsuite_faults_memory_helper_CFLAGS = $(testsuite_faults_memory_CFLAGS)
testsuite_faults_memory_helper_LDADD = testsuite/faults/liballoc.la \
	$(tools_klpdep_modprobe_LDADD) -ldl

# Its functions are the C library's own: neither checked variants nor other names.
check_LTLIBRARIES += testsuite/faults/short.la
testsuite_faults_short_la_SOURCES = testsuite/faults/short.c
testsuite_faults_short_la_CPPFLAGS = -U_FORTIFY_SOURCE -U_FILE_OFFSET_BITS -U_TIME_BITS
testsuite_faults_short_la_CFLAGS = -Wall -Wextra -fvisibility=hidden
testsuite_faults_short_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
testsuite_faults_short_la_LIBADD = -ldl

check_LTLIBRARIES += testsuite/faults/nomem.la
testsuite_faults_nomem_la_SOURCES = testsuite/faults/nomem.c
testsuite_faults_nomem_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
testsuite_faults_nomem_la_LIBADD = testsuite/faults/liballoc.la -ldl

EXTRA_DIST += \
	testsuite/faults/README.md \
	testsuite/faults/crash.sh \
	testsuite/faults/guard.sh \
	testsuite/faults/helper.sh \
	testsuite/faults/lib.sh \
	testsuite/faults/memory.sh \
	testsuite/faults/packages \
	testsuite/faults/run
