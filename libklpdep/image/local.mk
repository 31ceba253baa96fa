libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/image/elf-symbols.c \
	libklpdep/image/elf.c \
	libklpdep/image/elf.h \
	libklpdep/image/file-gzip.c \
	libklpdep/image/file-search.c \
	libklpdep/image/file-xz.c \
	libklpdep/image/file-zstd.c \
	libklpdep/image/file.c \
	libklpdep/image/file.h
