libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/host/conf-files.c \
	libklpdep/host/conf-files.h \
	libklpdep/host/configuration.c \
	libklpdep/host/configuration.h \
	libklpdep/host/configuration-lines.h \
	libklpdep/host/configuration-read.c \
	libklpdep/host/depmod-conf.c \
	libklpdep/host/depmod-conf.h \
	libklpdep/host/directories.c \
	libklpdep/host/directories.h \
	libklpdep/host/kmod.c \
	libklpdep/host/kmod.h \
	libklpdep/host/kpatch.c \
	libklpdep/host/kpatch.h \
	libklpdep/host/moddep.c \
	libklpdep/host/moddep.h \
	libklpdep/host/modules.c
