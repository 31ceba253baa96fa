# The man pages, and a test that they tell all that there is.  Included by the top
# Makefile.am; HAVE_SCDOC and SCDOC come from configure.ac.

man_pages3 = man/libklpdep.3
man_pages5 = man/klpdep.d.5 man/modules.klpdep.5
man_pages7 = man/klpdep-modinfo.7
man_pages8 = man/klpdep.8 man/klpdep-depmod.8 man/klpdep-modprobe.8 \
	man/klpdep-refresh.8 man/klpdep-status.8 man/klpdep-verify.8

EXTRA_DIST += \
	man/examples.awk \
	man/libklpdep.3.scd \
	man/klpdep.d.5.scd \
	man/modules.klpdep.5.scd \
	man/klpdep-modinfo.7.scd \
	man/klpdep.8.scd \
	man/klpdep-depmod.8.scd \
	man/klpdep-modprobe.8.scd \
	man/klpdep-refresh.8.scd \
	man/klpdep-status.8.scd \
	man/klpdep-verify.8.scd

if HAVE_SCDOC
man3_MANS = $(man_pages3)
man5_MANS = $(man_pages5)
man7_MANS = $(man_pages7)
man8_MANS = $(man_pages8)
CLEANFILES += $(man_pages3) $(man_pages5) $(man_pages7) $(man_pages8)

SUFFIXES = .scd
# A line @FILE@ stands for the file, as an example.  No word is broken at the end of a line, neither
# by syllables (HY) nor at its hyphens (\%), so that code can be copied.  In a build in the source
# directory $@.scd is the source.
.scd:
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)srcdir='$(srcdir)' $(AWK) -f $(srcdir)/man/examples.awk $< > $@.page && \
		$(SCDOC) < $@.page > $@.tmp && \
		sed -e 's/^\.nh$$/.nr HY 0/' -e "/^[.']/!s/\(^\| \)\([^ ]*-[^ ]\)/\1\\\\%\2/g" \
			$@.tmp > $@.page && rm $@.tmp && mv $@.page $@

man/libklpdep.3: examples/effect.c examples/gate.c examples/owners.c examples/plan.c
endif

dist_check_SCRIPTS += man/check-man
TESTS += man/check-man
