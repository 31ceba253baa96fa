# Random trees and sequences; see testsuite/property/README.md.  Included by the top
# Makefile.am.

TESTS += testsuite/property/run

EXTRA_DIST += \
	testsuite/property/README.md \
	testsuite/property/generate.py \
	testsuite/property/machine.py \
	testsuite/property/model.py \
	testsuite/property/packages \
	testsuite/property/run \
	testsuite/property/sequence.py \
	testsuite/property/sequences
