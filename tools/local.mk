# The tool and the helper.  Included by the top Makefile.am.
#
# The tool uses the shared library as others do.  What is installed is tools/bin/klpdep, of which
# libtool makes a script in the build directory, to find the library by; tools/klpdep is the
# same, and is itself a program there.
tool_sources = \
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
	tools/cmd-report.c \
	tools/cmd-reset-failed.c \
	tools/cmd-status.c \
	tools/cmd-sync.c \
	tools/cmd-unload.c \
	tools/cmd-verify.c \
	tools/log-limit.c tools/log-limit.h \
	tools/log.c tools/log.h \
	tools/report.h tools/report-files.c \
	tools/status.h tools/status-fixes.c tools/status-metrics.c \
	tools/suggest.c tools/suggest.h \
	tools/table.c tools/table.h \
	tools/utf8.c tools/utf8.h
tool_libs = shared/libshared.la libklpdep/libklpdep.la $(SMARTCOLS_LIBS)
noinst_LTLIBRARIES += tools/libcommands.la
tools_libcommands_la_SOURCES = $(tool_sources)
tools_libcommands_la_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS)

bin_PROGRAMS = tools/bin/klpdep
tools_bin_klpdep_SOURCES =
tools_bin_klpdep_LDADD = tools/libcommands.la $(tool_libs)
noinst_PROGRAMS += tools/klpdep
tools_klpdep_SOURCES =
tools_klpdep_LDADD = $(tools_bin_klpdep_LDADD)
tools_klpdep_LDFLAGS = $(AM_LDFLAGS) -no-install

libexec_PROGRAMS = tools/klpdep-modprobe
tools_klpdep_modprobe_SOURCES = \
	tools/klpdep-modprobe.c \
	tools/log-limit.c tools/log-limit.h \
	tools/log.c tools/log.h \
	tools/modprobe-options.c tools/modprobe-options.h
tools_klpdep_modprobe_LDADD = libklpdep/libklpdep-internal.la
