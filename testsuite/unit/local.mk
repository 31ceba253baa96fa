noinst_PROGRAMS += testsuite/mkmodule
testsuite_mkmodule_SOURCES = testsuite/mkmodule.c testsuite/mkmodule.h testsuite/mkmodule-main.c
