# The corpus of modules; see testsuite/corpus/README.md.  Included by the top Makefile.am.

# poke: damage to modules that mkmodule made.
noinst_PROGRAMS += testsuite/corpus/poke
testsuite_corpus_poke_SOURCES = testsuite/corpus/poke.c $(mkmodule_sources)

TESTS += testsuite/corpus/run

EXTRA_DIST += \
	testsuite/corpus/README.md \
	testsuite/corpus/lib.sh \
	testsuite/corpus/packages \
	testsuite/corpus/recipes \
	testsuite/corpus/run \
	testsuite/corpus/say.sh
