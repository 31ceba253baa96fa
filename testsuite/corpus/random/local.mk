# Random livepatches: not part of "make check", since they take a compiler for every
# architecture.
noinst_PROGRAMS += testsuite/corpus/random/generate
testsuite_corpus_random_generate_SOURCES = testsuite/corpus/random/generate.c
testsuite_corpus_random_generate_LDADD =

EXTRA_DIST += \
	testsuite/corpus/random/livepatch.h \
	testsuite/corpus/random/module.lds \
	testsuite/corpus/random/packages \
	testsuite/corpus/random/run

.PHONY: check-random
check-random: all
	$(srcdir)/testsuite/corpus/random/run -b $(abs_builddir)
