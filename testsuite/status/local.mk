# Whether others can read what klpdep status prints.  Included by the top Makefile.am.

TESTS += testsuite/status/run

EXTRA_DIST += \
	testsuite/status/check-json \
	testsuite/status/packages \
	testsuite/status/read-metrics \
	testsuite/status/run
