# Small programs that use the library as others do, and a test that runs them.  Included by
# the top Makefile.am.  They are not installed; libklpdep(3) shows the text of some.
examples = examples/effect examples/gate examples/monitor examples/owners examples/plan \
	examples/postinst
check_PROGRAMS += $(examples)
examples_cppflags = -I$(top_srcdir)/libklpdep

examples_effect_SOURCES = examples/effect.c
examples_effect_CPPFLAGS = $(examples_cppflags)
examples_effect_LDADD = libklpdep/libklpdep.la
examples_gate_SOURCES = examples/gate.c
examples_gate_CPPFLAGS = $(examples_cppflags)
examples_gate_LDADD = libklpdep/libklpdep.la
examples_monitor_SOURCES = examples/monitor.c
examples_monitor_CPPFLAGS = $(examples_cppflags)
examples_monitor_LDADD = libklpdep/libklpdep.la
examples_owners_SOURCES = examples/owners.c
examples_owners_CPPFLAGS = $(examples_cppflags)
examples_owners_LDADD = libklpdep/libklpdep.la
examples_plan_SOURCES = examples/plan.c
examples_plan_CPPFLAGS = $(examples_cppflags)
examples_plan_LDADD = libklpdep/libklpdep.la
examples_postinst_SOURCES = examples/postinst.c
examples_postinst_CPPFLAGS = $(examples_cppflags)
examples_postinst_LDADD = libklpdep/libklpdep.la

TESTS += testsuite/examples/run
EXTRA_DIST += \
	examples/effect.py \
	examples/gate.py \
	examples/klpdep.py \
	examples/owners.py \
	examples/plan.py \
	testsuite/examples/packages \
	testsuite/examples/run
