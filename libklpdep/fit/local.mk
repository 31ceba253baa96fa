libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/fit/fit-build.c \
	libklpdep/fit/fit-cache.c \
	libklpdep/fit/fit-cache.h \
	libklpdep/fit/fit-functions.c \
	libklpdep/fit/fit-index.c \
	libklpdep/fit/fit-objects.c \
	libklpdep/fit/fit.c \
	libklpdep/fit/fit.h \
	libklpdep/fit/object-file-ftrace.c \
	libklpdep/fit/object-file-module.c \
	libklpdep/fit/object-file-vmlinux.c \
	libklpdep/fit/object-file.c \
	libklpdep/fit/object-file.h \
	libklpdep/fit/target.c
