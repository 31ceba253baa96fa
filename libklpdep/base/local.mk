libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/base/context.c \
	libklpdep/base/context.h \
	libklpdep/base/each.c \
	libklpdep/base/each.h \
	libklpdep/base/list.c \
	libklpdep/base/message.c \
	libklpdep/base/message.h \
	libklpdep/base/text.c \
	libklpdep/base/util.h \
	libklpdep/base/whole-file.c
