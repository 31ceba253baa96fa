libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/run/guarded.c \
	libklpdep/run/guarded.h \
	libklpdep/run/hooks.c \
	libklpdep/run/job.c \
	libklpdep/run/job.h \
	libklpdep/run/load.c \
	libklpdep/run/mend.c \
	libklpdep/run/mend.h \
	libklpdep/run/retire.c \
	libklpdep/run/retire.h \
	libklpdep/run/sync.c \
	libklpdep/run/target.c \
	libklpdep/run/unload.c \
	libklpdep/run/users.c
