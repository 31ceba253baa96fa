# The matrix of compiled livepatches; see testsuite/corpus/matrix/README.md.  Included by
# the top Makefile.am.  Not part of "make check": not all have five cross-compilers.

# klp-convert: klp relocations, which no linker makes.
noinst_PROGRAMS += testsuite/corpus/matrix/klp-convert
testsuite_corpus_matrix_klp_convert_SOURCES = testsuite/corpus/matrix/klp-convert.c

EXTRA_DIST += \
	testsuite/corpus/matrix/README.md \
	testsuite/corpus/matrix/contents.h \
	testsuite/corpus/matrix/kernel.h \
	testsuite/corpus/matrix/klp-build-plain.expected \
	testsuite/corpus/matrix/klp-build.c \
	testsuite/corpus/matrix/klp-build.expected \
	testsuite/corpus/matrix/klp-patch-callbacks-only.expected \
	testsuite/corpus/matrix/klp-patch-one-object.expected \
	testsuite/corpus/matrix/klp-patch-plain.expected \
	testsuite/corpus/matrix/klp-patch-replace-init.expected \
	testsuite/corpus/matrix/klp-patch-replace-no.expected \
	testsuite/corpus/matrix/klp-patch.c \
	testsuite/corpus/matrix/klp-patch.expected \
	testsuite/corpus/matrix/klp-rela-plain.expected \
	testsuite/corpus/matrix/klp-rela.c \
	testsuite/corpus/matrix/klp-rela.expected \
	testsuite/corpus/matrix/kpatch-plain.expected \
	testsuite/corpus/matrix/kpatch.c \
	testsuite/corpus/matrix/kpatch.expected \
	testsuite/corpus/matrix/kpatch.lds \
	testsuite/corpus/matrix/mod.c \
	testsuite/corpus/matrix/module.lds \
	testsuite/corpus/matrix/packages \
	testsuite/corpus/matrix/run \
	testsuite/corpus/matrix/toolchains.sh

.PHONY: check-matrix
check-matrix: all
	$(srcdir)/testsuite/corpus/matrix/run -b $(abs_builddir)
