libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/livepatch/format-klp-build.c \
	libklpdep/livepatch/format-klp-patch.c \
	libklpdep/livepatch/format-klp-rela.c \
	libklpdep/livepatch/format-kpatch.c \
	libklpdep/livepatch/format.c \
	libklpdep/livepatch/format.h \
	libklpdep/livepatch/klp-patch-code.c \
	libklpdep/livepatch/klp-patch-code.h \
	libklpdep/livepatch/klp-patch-layout.c \
	libklpdep/livepatch/klp-patch-layout.h \
	libklpdep/livepatch/klp-patch-replace.c \
	libklpdep/livepatch/patch.c \
	libklpdep/livepatch/patch.h \
	libklpdep/livepatch/pointers.c \
	libklpdep/livepatch/pointers.h \
	libklpdep/livepatch/stores.c \
	libklpdep/livepatch/stores.h
