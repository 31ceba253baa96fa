# The systemd units and the udev rule.  Included by the top Makefile.am; where they go is
# settled in configure.ac.

systemd_units = \
	integration/systemd/klpdep-depmod.path \
	integration/systemd/klpdep-depmod.service \
	integration/systemd/klpdep-directories-boot.service \
	integration/systemd/klpdep-directories-below.service \
	integration/systemd/klpdep-directories.path \
	integration/systemd/klpdep-directories@.path \
	integration/systemd/klpdep-directories.service \
	integration/systemd/klpdep-guard-boot.service \
	integration/systemd/klpdep-guard.path \
	integration/systemd/klpdep-guard.service \
	integration/systemd/klpdep.service \
	integration/systemd/klpdep-late.path \
	integration/systemd/klpdep-late.service \
	integration/systemd/klpdep-metrics.service \
	integration/systemd/klpdep-metrics.timer \
	integration/systemd/klpdep-rules.path \
	integration/systemd/klpdep-rules.service \
	integration/systemd/klpdep-rules-boot.service

EXTRA_DIST += \
	$(systemd_units:=.in) \
	integration/systemd/klpdep-generator.in \
	integration/systemd/hardening.conf \
	integration/systemd/90-klpdep.rules
CLEANFILES += $(systemd_units) integration/systemd/klpdep-generator

$(systemd_units) integration/systemd/klpdep-generator: %: %.in integration/systemd/hardening.conf Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)sed -e '/^@HARDENING@$$/{' \
		-e 'r $(srcdir)/integration/systemd/hardening.conf' -e 'd' -e '}' \
		-e 's|[@]bindir@|$(bindir)|g' -e 's|[@]modulesdir@|$(modulesdir)|g' \
		-e 's|[@]rulesdir@|$(rulesdir)|g' -e 's|[@]cachedir@|$(cachedir)|g' \
		-e 's|[@]configdir@|$(configdir)|g' -e 's|[@]statedir@|$(statedir)|g' \
		-e 's|[@]unitdir@|$(systemdsystemunitdir)|g' \
		-e 's|[@]rundir@|$(rundir)|g' -e 's|[@]textfiledir@|$(textfiledir)|g' \
		-e 's|[@]refresh@|$(sbindir)/klpdep-refresh|g' \
		$(srcdir)/$@.in >$@.tmp && mv $@.tmp $@

if SYSTEMD_UNITS
systemdsystemunit_DATA = $(systemd_units)
systemdsystemgenerator_SCRIPTS = integration/systemd/klpdep-generator
endif
if UDEV_RULES
dist_udevrules_DATA = integration/systemd/90-klpdep.rules
endif

systemd_checks = \
	integration/systemd/check-directories-path \
	integration/systemd/check-kpatch \
	integration/systemd/check-rules-path \
	integration/systemd/check-units
EXTRA_DIST += integration/systemd/manager.sh
dist_check_SCRIPTS += $(systemd_checks)
TESTS += $(systemd_checks)
