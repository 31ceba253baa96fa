libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/view/older.c \
	libklpdep/view/older.h \
	libklpdep/view/series.c \
	libklpdep/view/series.h \
	libklpdep/view/status.c \
	libklpdep/view/view.c \
	libklpdep/view/view.h
