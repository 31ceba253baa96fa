libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/live/caller.c \
	libklpdep/live/caller.h \
	libklpdep/live/coming.c \
	libklpdep/live/coming.h \
	libklpdep/live/kernel-log.c \
	libklpdep/live/kernel-log.h \
	libklpdep/live/late.c \
	libklpdep/live/late.h \
	libklpdep/live/live.c \
	libklpdep/live/live.h \
	libklpdep/live/loader.c \
	libklpdep/live/loader.h \
	libklpdep/live/notes.c \
	libklpdep/live/notes.h \
	libklpdep/live/patience.c \
	libklpdep/live/patience.h \
	libklpdep/live/queue.c \
	libklpdep/live/queue.h \
	libklpdep/live/stack.c \
	libklpdep/live/stack.h \
	libklpdep/live/transition.c \
	libklpdep/live/transition.h \
	libklpdep/live/wait.c \
	libklpdep/live/wait.h \
	libklpdep/live/waited.c \
	libklpdep/live/waited.h
