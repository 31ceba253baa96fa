# The rootfs tests; see testsuite/rootfs/README.md.  Included by the top Makefile.am.

check_LTLIBRARIES += testsuite/rootfs/fakekernel.la
testsuite_rootfs_fakekernel_la_SOURCES = \
	testsuite/rootfs/fk.h \
	testsuite/rootfs/fk-hooks.c \
	testsuite/rootfs/fk-log.c \
	testsuite/rootfs/fk-meanwhile.c \
	testsuite/rootfs/fk-modinfo.c \
	testsuite/rootfs/fk-module.c \
	testsuite/rootfs/fk-patch.c \
	testsuite/rootfs/fk-sanitizers.c \
	testsuite/rootfs/fk-stack.c \
	testsuite/rootfs/fk-state.c \
	testsuite/rootfs/fk-proc.c \
	testsuite/rootfs/fk-sysfs.c
# It defines the C library's own functions, so neither the checked variants of them nor
# the names for large files may get in the way.
testsuite_rootfs_fakekernel_la_CPPFLAGS = -D_GNU_SOURCE -U_FORTIFY_SOURCE \
	-U_FILE_OFFSET_BITS -U_TIME_BITS
testsuite_rootfs_fakekernel_la_CFLAGS = -Wall -Wextra -fvisibility=hidden
# -rpath makes libtool build a shared object of a library that is not installed
testsuite_rootfs_fakekernel_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
testsuite_rootfs_fakekernel_la_LIBADD = -ldl

TESTS += testsuite/rootfs/run

EXTRA_DIST += \
	testsuite/rootfs/README.md \
	testsuite/rootfs/case.sh \
	testsuite/rootfs/cases \
	testsuite/rootfs/demo \
	testsuite/rootfs/lib.sh \
	testsuite/rootfs/packages \
	testsuite/rootfs/run \
	testsuite/rootfs/stand-ins
