libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/publish/publish.c \
	libklpdep/publish/publish.h
