# What newcomers are told.  Included by the top Makefile.am.
TESTS += testsuite/newcomer/run
EXTRA_DIST += testsuite/newcomer/run
