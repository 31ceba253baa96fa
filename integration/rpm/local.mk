# What rpmbuild uses for packages with livepatches: a dependency generator, how it is called, and
# macros.  Where they go is settled in configure.ac.
if RPM
rpmconfig_PROGRAMS = integration/rpm/klpdep-deps
rpmattrdir = $(rpmconfigdir)/fileattrs
dist_rpmattr_DATA = integration/rpm/klpdep.attr
rpmmacrosdir = $(rpmconfigdir)/macros.d
dist_rpmmacros_DATA = integration/rpm/macros.klpdep
else
check_PROGRAMS += integration/rpm/klpdep-deps
EXTRA_DIST += \
	integration/rpm/klpdep.attr \
	integration/rpm/macros.klpdep
endif
integration_rpm_klpdep_deps_SOURCES = integration/rpm/klpdep-deps.c
integration_rpm_klpdep_deps_CPPFLAGS = -I$(top_srcdir)/libklpdep
integration_rpm_klpdep_deps_LDADD = libklpdep/libklpdep.la

# With the version in it, for rpmbuild -ta.
EXTRA_DIST += integration/rpm/klpdep.spec
