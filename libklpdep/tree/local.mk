libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/tree/due.c \
	libklpdep/tree/due.h \
	libklpdep/tree/index-read.c \
	libklpdep/tree/index-write.c \
	libklpdep/tree/index.c \
	libklpdep/tree/index.h \
	libklpdep/tree/links.c \
	libklpdep/tree/links-circles.c \
	libklpdep/tree/links-order.c \
	libklpdep/tree/links.h \
	libklpdep/tree/scan-cache.c \
	libklpdep/tree/scan.c \
	libklpdep/tree/scan.h
