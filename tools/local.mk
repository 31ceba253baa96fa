# The tool and the helper.  Included by the top Makefile.am.
bin_PROGRAMS = tools/klpdep
tools_klpdep_SOURCES = \
	tools/klpdep.c \
	tools/tool.c tools/tool.h \
	tools/cmd-depmod.c \
	tools/cmd-deps.c tools/deps.h tools/deps-children.c \
	tools/cmd-graph.c \
	tools/graph.c tools/graph.h \
	tools/cmd-info.c \
	tools/cmd-list.c \
	tools/cmd-mask.c \
	tools/cmd-plan.c \
	tools/cmd-status.c \
	tools/cmd-sync.c \
	tools/cmd-unload.c \
	tools/cmd-verify.c \
	tools/relations.c tools/relations.h \
	tools/log-limit.c tools/log-limit.h \
	tools/log.c tools/log.h \
	tools/status.h tools/status-metrics.c \
	tools/suggest.c tools/suggest.h \
	tools/table.c tools/table.h
tools_klpdep_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS)
tools_klpdep_LDADD = libklpdep/libklpdep-internal.la $(SMARTCOLS_LIBS)

libexec_PROGRAMS = tools/klpdep-modprobe
tools_klpdep_modprobe_SOURCES = \
	tools/klpdep-modprobe.c \
	tools/log-limit.c tools/log-limit.h \
	tools/log.c tools/log.h \
	tools/modprobe-options.c tools/modprobe-options.h
tools_klpdep_modprobe_LDADD = libklpdep/libklpdep-internal.la
