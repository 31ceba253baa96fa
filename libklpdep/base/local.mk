libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/base/circles.c \
	libklpdep/base/circles.h \
	libklpdep/base/context.c \
	libklpdep/base/context.h \
	libklpdep/base/each.c \
	libklpdep/base/each.h \
	libklpdep/base/finding.c \
	libklpdep/base/finding.h \
	libklpdep/base/whole-file.c \
	libklpdep/base/whole-file.h
