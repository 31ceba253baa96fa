# Small programs that use the library as others do, and a test that runs them.  Included by
# the top Makefile.am.  They are not installed.
examples = examples/edges examples/gate examples/monitor examples/plan examples/postinst \
	examples/rpm-requires
check_PROGRAMS += $(examples)
examples_cppflags = -I$(top_srcdir)/libklpdep

examples_edges_SOURCES = examples/edges.c
examples_edges_CPPFLAGS = $(examples_cppflags)
examples_edges_LDADD = libklpdep/libklpdep.la
examples_gate_SOURCES = examples/gate.c
examples_gate_CPPFLAGS = $(examples_cppflags)
examples_gate_LDADD = libklpdep/libklpdep.la
examples_plan_SOURCES = examples/plan.c
examples_plan_CPPFLAGS = $(examples_cppflags)
examples_plan_LDADD = libklpdep/libklpdep.la
examples_monitor_SOURCES = examples/monitor.c
examples_monitor_CPPFLAGS = $(examples_cppflags)
examples_monitor_LDADD = libklpdep/libklpdep.la
examples_postinst_SOURCES = examples/postinst.c
examples_postinst_CPPFLAGS = $(examples_cppflags)
examples_postinst_LDADD = libklpdep/libklpdep.la
examples_rpm_requires_SOURCES = examples/rpm-requires.c
examples_rpm_requires_CPPFLAGS = $(examples_cppflags)
examples_rpm_requires_LDADD = libklpdep/libklpdep.la

TESTS += testsuite/examples/run
EXTRA_DIST += \
	examples/edges.py \
	testsuite/examples/packages \
	testsuite/examples/run
