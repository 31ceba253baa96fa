# Guides, the API reference, and tests of both.  Included by the top Makefile.am.
EXTRA_DIST += \
	docs/Doxyfile \
	docs/administrators.md \
	docs/alerts.yml \
	docs/architecture.md \
	docs/fleet.md docs/fleet.yml \
	docs/from-kpatch.md \
	docs/packages \
	docs/packaging-patches.md \
	docs/patch-authors.md

schemadir = $(pkgdatadir)/schemas
dist_schema_DATA = \
	docs/schemas/deps.json \
	docs/schemas/info.json \
	docs/schemas/list.json \
	docs/schemas/plan.json \
	docs/schemas/status.json \
	docs/schemas/sync.json \
	docs/schemas/verify.json

# make html: docs/html in the build directory, out of klpdep.h
html-local: libklpdep/klpdep.h
	VERSION='$(VERSION)' top_srcdir='$(top_srcdir)' doxygen '$(srcdir)/docs/Doxyfile'

clean-local:
	rm -rf docs/html

dist_check_SCRIPTS += docs/check-api docs/check-docs
TESTS += docs/check-api docs/check-docs
