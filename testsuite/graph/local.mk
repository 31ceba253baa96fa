# Whether Graphviz can read what klpdep graph prints.  Included by the top Makefile.am.

TESTS += testsuite/graph/run

EXTRA_DIST += \
	docs/graph.dot docs/graph.svg \
	testsuite/graph/hostile.expected \
	testsuite/graph/hostile.index \
	testsuite/graph/packages \
	testsuite/graph/run
