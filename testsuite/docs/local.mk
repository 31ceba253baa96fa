# Whether the documents are true.  Included by the top Makefile.am.
TESTS += testsuite/docs/run
EXTRA_DIST += testsuite/docs/run
