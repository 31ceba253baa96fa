libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/verify/verify-kernel.c \
	libklpdep/verify/verify-overlap.c \
	libklpdep/verify/verify-releases.c \
	libklpdep/verify/verify-tree.c \
	libklpdep/verify/verify-written.c \
	libklpdep/verify/verify.c \
	libklpdep/verify/verify.h
