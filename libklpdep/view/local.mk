libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/view/blocked.c \
	libklpdep/view/claims.c \
	libklpdep/view/coverage.c \
	libklpdep/view/coverage.h \
	libklpdep/view/fixes.c \
	libklpdep/view/masks.c \
	libklpdep/view/older.c \
	libklpdep/view/older.h \
	libklpdep/view/relations.c \
	libklpdep/view/row.c \
	libklpdep/view/row.h \
	libklpdep/view/series.c \
	libklpdep/view/series.h \
	libklpdep/view/states.c \
	libklpdep/view/status.c \
	libklpdep/view/view.c \
	libklpdep/view/view.h \
	libklpdep/view/view-internal.h
