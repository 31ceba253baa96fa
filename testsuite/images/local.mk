# klpdep on hosts whose /usr is an image.  Included by the top Makefile.am.
TESTS += testsuite/images/run

EXTRA_DIST += \
	testsuite/images/packages \
	testsuite/images/run
