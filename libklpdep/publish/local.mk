libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/publish/lock.c \
	libklpdep/publish/mask.c \
	libklpdep/publish/misfits.c \
	libklpdep/publish/others.c \
	libklpdep/publish/others.h \
	libklpdep/publish/place.c \
	libklpdep/publish/place.h \
	libklpdep/publish/publish.c \
	libklpdep/publish/publish.h
