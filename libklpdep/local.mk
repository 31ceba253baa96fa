# The library.  Included by the top Makefile.am.

# All of it, with hidden symbols visible: for the tools and the tests.
noinst_LTLIBRARIES += libklpdep/libklpdep-internal.la
libklpdep_libklpdep_internal_la_SOURCES =
libklpdep_libklpdep_internal_la_LIBADD = shared/libshared.la $(KMOD_LIBS) $(ZLIB_LIBS) $(XZ_LIBS) $(ZSTD_LIBS)

lib_LTLIBRARIES = libklpdep/libklpdep.la
libklpdep_libklpdep_la_SOURCES =
libklpdep_libklpdep_la_LIBADD = libklpdep/libklpdep-internal.la
libklpdep_libklpdep_la_LDFLAGS = $(AM_LDFLAGS) \
	-version-info $(LIBKLPDEP_VERSION) \
	-Wl,--version-script=$(top_srcdir)/libklpdep/libklpdep.sym -Wl,--no-undefined
if SANITIZERS
libklpdep_libklpdep_la_LDFLAGS += -Wl,-z,undefs
endif
EXTRA_libklpdep_libklpdep_la_DEPENDENCIES = libklpdep/libklpdep.sym
EXTRA_DIST += libklpdep/libklpdep.sym

pkginclude_HEADERS = libklpdep/klpdep.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = libklpdep/libklpdep.pc

# Its parts: a file includes its own part and those above it in this list, and no other
# (docs/check-docs).
include libklpdep/base/local.mk
include libklpdep/image/local.mk
include libklpdep/livepatch/local.mk
include libklpdep/host/local.mk
include libklpdep/tree/local.mk
include libklpdep/fit/local.mk
include libklpdep/live/local.mk
include libklpdep/view/local.mk
include libklpdep/plan/local.mk
include libklpdep/rules/local.mk
include libklpdep/verify/local.mk
include libklpdep/publish/local.mk
include libklpdep/run/local.mk
