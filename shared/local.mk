# What library and tools have in common, compiled into both.  Included by the top Makefile.am.
noinst_LTLIBRARIES = shared/libshared.la
shared_libshared_la_SOURCES = \
	shared/cleanup.h \
	shared/list.c \
	shared/message.c shared/message.h \
	shared/text.c \
	shared/util.h
