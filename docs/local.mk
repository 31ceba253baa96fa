# Guides, the API reference, and tests of both.  Included by the top Makefile.am.
EXTRA_DIST += \
	docs/Doxyfile.in \
	docs/administrators.md \
	docs/alerts.yml \
	docs/architecture.md \
	docs/doxygen.sed \
	docs/packages \
	docs/patch-authors.md

# make html: docs/html in the build directory, out of klpdep.h
docs/Doxyfile: docs/Doxyfile.in Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)sed -e 's|[@]VERSION@|$(VERSION)|' -e 's|[@]top_srcdir@|$(top_srcdir)|' \
		$(srcdir)/$@.in >$@

html-local: docs/Doxyfile libklpdep/klpdep.h
	doxygen docs/Doxyfile

clean-local:
	rm -rf docs/html docs/Doxyfile

dist_check_SCRIPTS += docs/check-api docs/check-docs
TESTS += docs/check-api docs/check-docs
